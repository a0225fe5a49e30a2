/**
 * Counterexamples in words.
 *
 * @module
 */

import { decodePageState, pageStateFormatOf } from "../../alloc_page/mod.ts";
import { editionNamed, EDITIONS } from "../../edition.ts";
import { formatStopped } from "../../outcome.ts";
import { CALL_RULES, STATE_RULES } from "../invariants/mod.ts";
import type { RuleName } from "../invariants/mod.ts";
import { STACK_CALL_RULES, STACK_STATE_RULES } from "../stack_rules/mod.ts";
import type { MemoryChange } from "./changes.ts";
import type { Counterexample } from "./counterexample.ts";
import { symptomText } from "./symptom.ts";

/** The width of a line of prose. */
const WIDTH = 96;
/** The most changes that are told one by one. */
const MOST_CHANGES = 16;

const MEANINGS: Readonly<Partial<Record<RuleName, string>>> = {
  ...STATE_RULES,
  ...CALL_RULES,
  ...STACK_STATE_RULES,
  ...STACK_CALL_RULES,
};

/**
 * Breaks a text into lines at spaces.
 *
 * @param text the text
 * @returns lines of at most 96 columns, where no word is longer
 */
export function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function nameWithCommit(name: string): string {
  const commit = editionNamed(name)?.commit ?? null;
  return commit === null ? name : `${name} (${commit})`;
}

/** The oldest of the editions in a row, up to the one that was run, that break the rule. */
function firstInARow({ edition, editions }: Counterexample): string {
  const names = EDITIONS.map(({ name }) => name);
  let at = names.indexOf(edition);
  while (at > 0 && editions.includes(names[at - 1] ?? "")) at--;
  return names[at] ?? edition;
}

/** Since when the rule is broken, and whether the edition that keeps all promises keeps it. */
function history(counterexample: Counterexample): string {
  const { editions } = counterexample;
  const names = EDITIONS.map(({ name }) => name);
  const since = firstInARow(counterexample);
  const others = editions.filter((name) => names.indexOf(name) < names.indexOf(since));
  const before = others.length === 0 ? "" : `, and before in ${others.join(", ")}`;
  const last = EDITIONS.at(-1);
  const isKept = last !== undefined && !editions.includes(last.name);
  const kept = isKept ? ` Edition ${last.name} keeps the rule.` : "";
  return `The scenario breaks the rule since ${nameWithCommit(since)}${before}.${kept}`;
}

function howItEnds({ statement, stopped, violation }: Counterexample): string {
  if (statement.startsWith("expect ")) return `It does not hold: ${violation.sentence}.`;
  return stopped === null
    ? `The call returns, and then ${violation.sentence}.`
    : `It ends in ${formatStopped(stopped)}.`;
}

/** A value of a unit, in hex. */
function valueText(value: bigint | null, unitBytes: number): string {
  if (value === null) return "garbage";
  return unitBytes === 1 ? value.toString(16).padStart(2, "0") : `0x${value.toString(16)}`;
}

function stateText(edition: string, value: bigint | null): string {
  const found = editionNamed(edition);
  if (found === null || value === null) return "unknown";
  const { status, order } = decodePageState(pageStateFormatOf(found), Number(value));
  return `${status}, order ${order}`;
}

function meaningOf(edition: string, change: MemoryChange): string {
  const { place, frame, count, before, after } = change;
  if (frame === null) return "area descriptors";
  const hex = `0x${frame.toString(16)}`;
  if (place === "frames") return `in frame ${hex}`;
  const frames = count === 1 ? hex : `${hex} to 0x${(frame + count - 1).toString(16)}`;
  return `page state of ${frames}: ${stateText(edition, before)} → ${stateText(edition, after)}`;
}

function changeLine(edition: string, change: MemoryChange): string {
  const { address, unitBytes, count, before, after } = change;
  const values = `${valueText(before, unitBytes)} → ${valueText(after, unitBytes)}`;
  const times = count === 1 ? "" : ` (${count} bytes)`;
  return `  0x${address.toString(16)}  ${values}${times}  ${meaningOf(edition, change)}`;
}

function changeLines({ edition, changes }: Counterexample): string[] {
  if (changes.length === 0) return ["The step changes no byte of memory."];
  const left = changes.length - MOST_CHANGES;
  return [
    "What the step changes in memory:",
    ...changes.slice(0, MOST_CHANGES).map((change) => changeLine(edition, change)),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/**
 * Tells a counterexample in words: the rule and its meaning, the step, the code that stopped, what was
 * broken before, since which edition, and the bytes that the step changed.
 *
 * @param counterexample the counterexample
 * @returns the lines, of at most 100 columns where no word is longer
 */
export function explainCounterexample(counterexample: Counterexample): string[] {
  const { symptom: { rule }, step, statement, earlier } = counterexample;
  const follows = earlier.length === 0
    ? []
    : wrapped(`It probably follows from: ${earlier.map(symptomText).join("; ")}.`);
  return [
    ...wrapped(`The rule "${rule}" is broken. ${MEANINGS[rule] ?? ""}`.trim()),
    ...wrapped(`Step ${step} is ${statement}. ${howItEnds(counterexample)}`),
    ...follows,
    ...wrapped(history(counterexample)),
    ...changeLines(counterexample),
  ];
}
