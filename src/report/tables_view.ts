/**
 * Page tables: the entries of the root as bytes, the tables of each level, what is mapped.
 *
 * @module
 */

import { pageTableFormatOf } from "../arch.ts";
import type { Machine } from "../machine.ts";
import { describeTables, formatTables } from "../memory/mod.ts";
import type { TableSummary } from "../memory/mod.ts";
import { physAddr } from "../units.ts";
import { counted, hexAddress, padRight, textOf } from "./columns.ts";
import { bytesText } from "./memory_bytes.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";

/** Of the root, at most so many lines are shown. */
const MOST_ROOT_LINES = 12;

/** At most so many runs of pages are shown. */
const MOST_RUNS = 48;

/** Where the root lies. */
interface Root {
  readonly root: bigint;
  /** Its size. */
  readonly bytes: number;
}

/** Entries in a row, each so much more than the one before. */
interface EntryRun {
  readonly first: number;
  readonly last: number;
  readonly value: bigint;
  readonly step: bigint;
}

/**
 * Writes the page tables: where the root lies and the bytes of its entries, how many tables each level
 * has, and what is mapped. Equal or evenly rising entries are one line, and so are pages that follow each
 * other in both address spaces.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text; "no page tables" if there is no root
 */
export function printTables(machine: Machine, options: PaintOptions = {}): string {
  const { paint = PLAIN_PAINT } = options;
  const { tables, state } = machine.mmu;
  if (tables === null) return "no page tables\n";
  const summary = describeTables(tables);
  const [heading = "", header = "", ...runs] = formatTables(summary).trimEnd().split("\n");
  const [root = "", levels = ""] = heading.split(", tables: ");
  const shown = runs.slice(0, MOST_RUNS);
  const left = runs.length - shown.length;
  return textOf([
    `${root}${state === "on" ? "" : ", not in use yet"}; tables: ${levels}`,
    ...rootLines(machine, { root: summary.root, bytes: sizeOf(summary) }).map(paint.dim),
    header,
    ...shown,
    ...(left > 0 ? [paint.dim(`… ${counted(left, "run")} not shown`)] : []),
  ]);
}

function sizeOf({ rootBytes }: TableSummary): number {
  return rootBytes.reduce((sum, { count }) => sum + count, 0);
}

function rootLines(machine: Machine, place: Root): string[] {
  const { entryBytes } = pageTableFormatOf(machine.arch, machine.pageShift);
  const runs = runsOf(rootEntries(machine, place));
  const shown = runs.slice(0, MOST_ROOT_LINES);
  const places = shown.map(({ first, last }) => first === last ? `${first}` : `${first}..${last}`);
  const width = Math.max(...places.map((place) => place.length));
  const lines = shown.map(({ first, last, value, step }, index) => {
    const bytes = bytesText(machine, place.root + BigInt(first * entryBytes), entryBytes);
    const more = step === 0n || first === last ? "" : `, each ${hexAddress(step)} more`;
    const text = value === 0n ? "" : `  ${hexAddress(value)}${more}`;
    return `  entry ${padRight(places[index] ?? "", width)}  ${bytes}${text}`;
  });
  const left = runs.slice(MOST_ROOT_LINES);
  return left.length === 0 ? lines : [...lines, `  … ${counted(left.length, "line")} not shown`];
}

/** The entries of the root as numbers, in the byte order of the hardware. */
function rootEntries(machine: Machine, { root, bytes }: Root): bigint[] {
  const { entryBytes, entryByteOrder } = pageTableFormatOf(machine.arch, machine.pageShift);
  return Array.from({ length: bytes / entryBytes }, (_, index) => {
    let value = 0n;
    for (let at = 0; at < entryBytes; at++) {
      const place = entryByteOrder === "big" ? at : entryBytes - 1 - at;
      const address = root + BigInt(index * entryBytes + place);
      value = value << 8n | BigInt(machine.ram.peekByte(physAddr(address)) ?? 0);
    }
    return value;
  });
}

/** Folds entries: equal ones, and at least three that rise evenly. */
function runsOf(entries: readonly bigint[]): EntryRun[] {
  const runs: EntryRun[] = [];
  for (let first = 0; first < entries.length;) {
    const value = entries[first] ?? 0n;
    const step = (entries[first + 1] ?? value) - value;
    let last = first;
    while (last + 1 < entries.length && entries[last + 1] === (entries[last] ?? 0n) + step) last++;
    if (step !== 0n && last - first < 2) last = first;
    runs.push({ first, last, value, step: last === first ? 0n : step });
    first = last + 1;
  }
  return runs;
}
