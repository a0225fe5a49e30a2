/**
 * Blocks of vmalloc in a dump: its marks in memory, and where the page tables map them.
 *
 * @module
 */

import { blocksAt } from "../check/invariants/mod.ts";
import type { Survey } from "../check/invariants/mod.ts";
import type { DumpMemory } from "./memory.ts";
import { findTables, TableReader } from "./page_tables.ts";
import type { DumpTables, TablesRoot } from "./page_tables.ts";
import type { Shape } from "./shapes.ts";
import { findVmallocMarks } from "./vmalloc_marks.ts";
import type { VmallocMark } from "./vmalloc_marks.ts";

// bits: addresses are bigints.

/** Frames that follow each other: the first, and how many. */
export type FrameRun = readonly [first: number, count: number];

/** A block of vmalloc. */
export interface VmallocBlock extends VmallocMark {
  /** The address that vmalloc handed out; null if no page table tells it. */
  readonly virtual: bigint | null;
  /** The frames of its pages, as runs; empty if no page table tells them. */
  readonly frames: readonly FrameRun[];
}

/** What vmalloc left in a dump. */
export interface VmallocFindings {
  /** The blocks by ascending virtual address, or by frame if no page tables were found. */
  readonly blocks: readonly VmallocBlock[];
  /** The root of the page tables, and how it was come by; null if they were not found. */
  readonly tables: TablesRoot | null;
}

/** No more pages of a block are followed: 4 GiB, of 4 KiB each. */
const MOST_PAGES = 2 ** 20;

/** The frames of some virtual pages, as far as they lead to one. */
function framesFrom(
  follow: (virtual: bigint) => bigint | null,
  first: bigint,
  pages: bigint,
  shift: bigint,
): { runs: FrameRun[]; count: number } {
  const runs: [number, number][] = [];
  let count = 0;
  while (count < pages && count < MOST_PAGES) {
    const physical = follow(first + (BigInt(count) << shift));
    if (physical === null) break;
    const frame = Number(physical >> shift);
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === frame) last[1]++;
    else runs.push([frame, 1]);
    count++;
  }
  return { runs, count };
}

/** Where a mark's page is mapped: of several addresses the lowest, since they are handed out downwards. */
function pageOf({ virtuals }: DumpTables, { frame }: VmallocMark): bigint | null {
  return virtuals.get(frame)?.[0] ?? null;
}

/** The blocks behind marks, mapped by tables. */
function mapBlocks(
  marks: readonly VmallocMark[],
  tables: DumpTables,
  reader: TableReader,
  pageShift: number,
  surveys: readonly Survey[],
): VmallocBlock[] {
  const shift = BigInt(pageShift);
  const isInUse = (frame: number): boolean =>
    surveys.some((survey) => blocksAt(survey, frame)?.use === "in-use");
  const marked = new Set(marks.map((mark) => pageOf(tables, mark)));
  return marks.map((mark) => {
    const page = pageOf(tables, mark);
    if (page === null) return { ...mark, virtual: null, frames: [] };
    if (mark.pages === null) {
      return { ...mark, virtual: page + BigInt(mark.offset), frames: [[mark.frame, 1]] };
    }
    const virtual = page + (1n << shift);
    // Pages of other blocks are none of it, nor those that were freed: they stay mapped.
    const follow = (address: bigint): bigint | null => {
      const physical = marked.has(address) ? null : reader.translate(tables.root, address);
      return physical !== null && isInUse(Number(physical >> shift)) ? physical : null;
    };
    const { runs, count } = framesFrom(follow, virtual, mark.pages, shift);
    const isWhole = BigInt(count) === mark.pages || count === MOST_PAGES;
    return { ...mark, virtual, frames: runs, size: isWhole ? mark.size : "too many pages" };
  });
}

/**
 * Finds the blocks of vmalloc, and where they are mapped.
 *
 * @param memory the dump
 * @param shape the shape
 * @param surveys the areas
 * @param registers roots of page tables that CPUs had
 * @returns the blocks
 */
export function findVmallocBlocks(
  memory: DumpMemory,
  shape: Shape,
  surveys: readonly Survey[],
  registers: readonly bigint[],
): VmallocFindings {
  const marks = findVmallocMarks(memory, shape, surveys);
  const reader = new TableReader(memory, shape);
  const frames = new Set(marks.map(({ frame }) => frame));
  const tables = findTables(reader, shape, surveys, registers, frames);
  if (tables === null) {
    return { blocks: marks.map((mark) => ({ ...mark, virtual: null, frames: [] })), tables };
  }
  const { root, by } = tables;
  const blocks = mapBlocks(marks, tables, reader, shape.pageShift, surveys)
    .toSorted((one, other) => (one.virtual ?? -1n) < (other.virtual ?? -1n) ? -1 : 1);
  return { blocks, tables: { root, by } };
}
