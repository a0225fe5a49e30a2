/**
 * The editions side by side: one line each, and a table that shows where each fact changes.
 *
 * @module
 */

import { EDITIONS } from "../edition.ts";
import type { Edition, Facts } from "../edition.ts";
import { COLUMNS, counted, padRight, textOf, widthOf, wrapProse, wrapWords } from "./columns.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";

/** What an edition has besides facts. */
const NO_FACTS: ReadonlySet<string> = new Set(["name", "aliases", "commit", "summary"]);

/** The letters that stand for the values of a fact. */
const VALUE_LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** What stands between the values of a fact. */
const GAP = "   ";

/** A fact: what it is in each edition. */
interface FactRow {
  readonly name: string;
  /** The different values, in the order in which they first appear. */
  readonly values: readonly string[];
  /** For each edition the number of its value. */
  readonly indices: readonly number[];
}

/**
 * Writes all editions, oldest first: name, commit and what each changed; then the facts.
 *
 * In the table of facts a letter says which value holds from that edition on, a point that it is the
 * one of the edition before.
 *
 * @param editions the editions, oldest first; all if left out
 * @param options colours
 * @returns the text
 */
export function printEditionTable(
  editions: readonly Edition[] = EDITIONS,
  options: PaintOptions = {},
): string {
  const { paint = PLAIN_PAINT } = options;
  const facts = factNames(editions).map((name) => factRow(name, editions));
  const width = Math.max(...facts.map(({ name }) => name.length), 4);
  const numbers = editions.map((_, index) => String(index + 1).padStart(3)).join("");
  return textOf([
    "editions  oldest first",
    "",
    ...editionLines(editions, paint),
    "",
    "facts  by number of the edition; a point: as in the edition before",
    "",
    paint.dim(`${padRight("", width)}${numbers}`),
    ...facts.flatMap((fact) => factLines(fact, width, paint)),
  ]);
}

function editionLines(editions: readonly Edition[], paint: Paint): string[] {
  const names = Math.max(...editions.map(({ name }) => name.length));
  const commits = Math.max(...editions.map(({ commit }) => (commit ?? "-").length));
  return editions.flatMap(({ name, aliases, commit, summary }, index) => {
    const also = aliases.length === 0 ? "" : ` (also: ${aliases.join(", ")})`;
    const number = String(index + 1).padStart(2);
    const head = `${number}  ${padRight(name, names)}  ${padRight(commit ?? "-", commits)}  `;
    const [first = "", ...rest] = wrapProse(summary + also, head);
    return [first.replace(name, paint.bold(name)), ...rest];
  });
}

function factNames(editions: readonly Edition[]): (keyof Facts)[] {
  const isFact = (name: string): name is keyof Facts => !NO_FACTS.has(name);
  return [...new Set(editions.flatMap((edition) => Object.keys(edition)))].filter(isFact);
}

function factRow(name: keyof Facts, editions: readonly Edition[]): FactRow {
  const values: string[] = [];
  const indices = editions.map((edition) => {
    const value = valueText(edition[name]);
    if (!values.includes(value)) values.push(value);
    return values.indexOf(value);
  });
  return { name, values, indices };
}

function factLines({ name, values, indices }: FactRow, width: number, paint: Paint): string[] {
  const cells = indices.map((value, index) => {
    const cell = value === indices[index - 1] ? "." : VALUE_LETTERS[value] ?? "?";
    return cell.padStart(3);
  });
  const row = padRight(name, width) + cells.join("");
  const legend = values.map((value, index) => `${VALUE_LETTERS[index] ?? "?"} ${value}`);
  const beside = legend.join(GAP);
  return widthOf(row) + GAP.length + widthOf(beside) <= COLUMNS
    ? [row + GAP + paint.dim(beside)]
    : [row, ...wrapWords(legend, "    ", GAP).map(paint.dim)];
}

/** The value of a fact in words: its name if it has one, else its members. */
function valueText(value: unknown): string {
  if (typeof value === "number") return value < 10 ? String(value) : `0x${value.toString(16)}`;
  if (typeof value !== "object" || value === null) return String(value);
  const members: [string, unknown][] = Object.entries(value);
  const name = members.find(([key, member]) => key === "name" && typeof member === "string");
  if (name !== undefined) return String(name[1]);
  const lines = members.map(([, member]) => assertionLine(member));
  if (lines.length > 0 && !lines.includes(undefined)) return assertionsText(lines);
  return members.map(([key, member]) => `${key} ${valueText(member)}`).join(", ");
}

/** The line of an assertion; null if it is not known, undefined for what is no assertion. */
function assertionLine(value: unknown): number | null | undefined {
  if (typeof value !== "object" || value === null || !("source" in value)) return undefined;
  const { source } = value;
  if (typeof source !== "object" || source === null || !("line" in source)) return undefined;
  return typeof source.line === "number" ? source.line : null;
}

/** Assertions are too many for a table: their number, and the lines at which the known ones stand. */
function assertionsText(found: ReadonlyArray<number | null | undefined>): string {
  const lines = found.filter((line) => typeof line === "number");
  if (lines.length === 0) return "lines not known";
  const sum = lines.reduce((total, line) => total + line, 0);
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  return `${counted(lines.length, "assertion")} at lines ${first} to ${last}, sum ${sum}`;
}
