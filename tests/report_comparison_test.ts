/**
 * Runs compared step by step: what a step wrote says the same as all of both machines.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { EDITIONS } from "../src/edition.ts";
import { differencesOfAreas } from "../src/report/area_difference.ts";
import { diffRuns, RunComparison, stepEndText } from "../src/report/difference.ts";
import type { RunDifference } from "../src/report/difference.ts";
import { differencesOfBytes, differencesOfTouched } from "../src/report/memory_difference.ts";
import { formatOf } from "../src/report/subject.ts";
import { parseScenario, runScenario } from "../src/scenario/mod.ts";
import type { Run, Step } from "../src/scenario/mod.ts";
import { randomNumbers } from "./random_calls.ts";

function runOf(text: string, name: string): Run {
  const edition = EDITIONS.find((one) => one.name === name);
  assert(edition !== undefined, name);
  const { scenario } = parseScenario(text, { archs: ARCHS });
  return runScenario(scenario, { archs: ARCHS, edition });
}

/** The difference after a step, found by comparing all of both machines. */
type Whole = Pick<RunDifference, "areas" | "bytes" | "touched">;

function wholeDifference(left: Run, right: Run, step: number): Whole | null {
  const [one, other] = [left, right].map((run) => run.machineAfter(step));
  assert(one !== undefined && other !== undefined);
  const [areas, others] = [one.pages.areas(), other.pages.areas()];
  const found = {
    areas: differencesOfAreas(areas, others, { left: formatOf(left), right: formatOf(right) }),
    bytes: differencesOfBytes({ machine: one, areas }, { machine: other, areas: others }),
    touched: differencesOfTouched(one, other),
  };
  return found.areas.length + found.bytes.length + found.touched.length === 0 ? null : found;
}

/**
 * Compares two runs after every step in both ways, those behind the first difference too.
 *
 * @returns how many steps were told apart by what they wrote alone
 */
function compareAll(left: Run, right: Run, told: string): number {
  const comparison = new RunComparison(left, right);
  let written = 0;
  for (const step of left.steps) {
    const other = right.steps[step.index];
    if (other === undefined || step.statement.kind !== "call") continue;
    const { found, looked } = comparison.next(step, other);
    const whole = wholeDifference(left, right, step.index);
    if (looked === "written") written++;
    const message = `${told}\nstep ${step.index}`;
    if (whole === null) {
      assertEquals(found === null, endWords(step) === endWords(other), message);
    } else {
      assertEquals({ areas: found?.areas, bytes: found?.bytes, touched: found?.touched }, {
        ...whole,
      }, message);
    }
  }
  return written;
}

/** How a step ended, without the place of an assertion in its file. */
function endWords(step: Step): string {
  const { outcome } = step;
  if (outcome.kind !== "assertion-failed") return stepEndText(step);
  return [outcome.source.function, outcome.expression, outcome.message].join();
}

/** The first step at which two runs differ, found by comparing all after each. */
function slowFirst(left: Run, right: Run): number | null {
  const found = left.steps.find((step) => {
    const other = right.steps[step.index];
    return step.statement.kind === "call" && other !== undefined &&
      (endWords(step) !== endWords(other) ||
        wholeDifference(left, right, step.index) !== null);
  });
  return found?.index ?? null;
}

/** A step of two runs: a line for each. */
type Lines = readonly [left: string, right: string];

function both(line: string): Lines {
  return [line, line];
}

/** Random requests and releases that are right. */
function soundLines(calls: number, below: (bound: number) => number): Lines[] {
  const live: string[] = [];
  return Array.from({ length: calls }, (_, index): Lines => {
    if (live.length > 0 && below(5) < 2) {
      return both(`free_pages ${live.splice(below(live.length), 1)[0]}`);
    }
    live.push(`p${index}`);
    return both(`p${index} = alloc_pages ${below(3)}`);
  });
}

/** Random calls that damage things; where the two sides may have other ones, a few differ. */
function wildLines(
  calls: number,
  below: (bound: number) => number,
  sides: "same" | "other",
  room: bigint,
): Lines[] {
  /** The address of a list head on one of the two sides, or of none. */
  const head = (): string => `0x${(room + 8n * BigInt(below(330))).toString(16)}`;
  const page = (): string => `0x${(0x1000 + below(0x100)).toString(16)}`;
  return Array.from({ length: calls }, (): Lines => {
    const what = below(16);
    if (what < 4) return both(`try alloc_pages ${below(4)}`);
    if (what < 6) return both(`try free_pages ${page()}000`);
    if (what === 6) {
      return both(`fill ${page()}000 0x${(16 << below(9)).toString(16)} ${below(256)}`);
    }
    if (what === 7) return both(`write ${page()}${below(2)}00 ${page()}000 4`);
    if (what === 8) return both(`write ${0x1000000 + below(256)} ${below(256)} 1`);
    if (what === 9) return both(`host discard ${page()}000 ${1 + below(3)}`);
    if (what === 11) return both(`write ${page()}00${8 * below(2)} ${head()}`);
    if (what === 12) return both(`write ${head()} ${page()}000`);
    const line = `write ${page()}000 ${below(3)} 1`;
    return sides === "other" && what === 10 ? [line, `read ${page()}000 1`] : both(line);
  });
}

const HEADS = [
  "machine x86_64\narea any 0x1000 0x1100",
  "machine i386\narea any 0x1000 0x1100",
  "machine s390x\narea any 0x1000 0x1100",
  "machine x86_64 power-on=garbage:3\narea any 0x1000 0x1100",
  "machine x86_64 ram=32M\nboot",
] as const;

const PAIRS = [
  ["buddy-2020-10", "reserve-2020-10"],
  ["malloc-2020-10", "max-order-2021-01"],
  ["areas-2021-01", "pfn-2021-01"],
  ["status-2021-01", "flags-2021-01"],
  ["zero-2021-01", "fresh-2021-01"],
  ["fresh-2021-01", "repaired"],
  ["list-2020", "list-2020"],
] as const;

/** A scenario in two forms that have the same steps, but for some. */
function scenarios(head: string, seed: number, sides: "same" | "other"): Lines {
  const below = randomNumbers(seed);
  const room = head.includes("i386") ? 0xfffff000n : 0xfffffffffffe0000n;
  const steps = [...soundLines(24, below), ...wildLines(24, below, sides, room)];
  const [left, right] = [0, 1].map((side) => {
    return `${[head, ...steps.map((step) => step[side])].join("\n")}\n`;
  });
  return [left ?? "", right ?? ""];
}

Deno.test("RunComparison says what comparing all of both machines says, on pairs of editions", () => {
  let written = 0;
  for (const [index, [one, other]] of PAIRS.entries()) {
    for (const [at, head] of HEADS.entries()) {
      // Behind boot editions differ at once, and in thousands of places.
      if (head === HEADS.at(-1) && one !== "status-2021-01") continue;
      const [text] = scenarios(head, 7 + 10 * index + at, "same");
      const [left, right] = [runOf(text, one), runOf(text, other)];
      written += compareAll(left, right, `${one} ${other}\n${text}`);
      const first = diffRuns(left, right)?.step ?? null;
      assertEquals(first, slowFirst(left, right), `${one} ${other}\n${text}`);
    }
  }
  assert(written > 500, `only ${written} steps were judged by what they wrote`);
});

Deno.test("RunComparison follows runs that differ and become alike again", () => {
  let written = 0;
  for (const [at, head] of HEADS.entries()) {
    for (const seed of [3, 4, 5]) {
      const [text, changed] = scenarios(head, seed + 100 * at, "other");
      const [left, right] = [text, changed].map((one) => runOf(one, "fresh-2021-01"));
      assert(left !== undefined && right !== undefined);
      written += compareAll(left, right, `${text}\n\n${changed}`);
    }
  }
  assert(written > 300, `only ${written} steps were judged by what they wrote`);
});

Deno.test("RunComparison sees through links that are other bytes, until lists are damaged", () => {
  for (let seed = 0; seed < 24; seed++) {
    const below = randomNumbers(seed);
    const head = "machine x86_64\narea any 0x1000 0x1020";
    const link = `0x${(0xfffffffffffe0000n + 8n * BigInt(214 + below(24))).toString(16)}`;
    const frame = `0x10${(below(32) + 256).toString(16).slice(1)}000`;
    const damage =
      [`write ${link} ${frame}`, `write ${frame} ${link}`, `write ${frame} 0`][seed % 3];
    const after = Array.from({ length: 12 }, () => `try alloc_pages ${below(3)}`);
    const sound = soundLines(10, below).map(([line]) => line);
    const text = `${[head, ...sound, damage, ...after].join("\n")}\n`;
    const [left, right] = [runOf(text, "malloc-2020-10"), runOf(text, "max-order-2021-01")];
    assert(compareAll(left, right, text) >= 9, text);
  }
});
