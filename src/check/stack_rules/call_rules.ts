/**
 * The rules about what malloc, calloc and vmap gave.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { wordBytes } from "../../word.ts";
import { hexFrame } from "../invariants/findings.ts";
import type { Findings } from "../invariants/findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import { ramFrames } from "../invariants/handed_out.ts";
import { firstNonZero } from "../invariants/memory_compare.ts";
import { areaFramesOf, mappedIn } from "./stack_view.ts";
import type { MappedPages, PageRange, TableSurvey } from "./table_survey.ts";

/** Memory in a row, by its physical address. */
export interface PhysicalSpan {
  /** The address of the first byte. */
  readonly first: bigint;
  /** How many bytes. */
  readonly size: bigint;
}

/** Virtual bytes `[first, end)`. */
export interface ByteSpan {
  /** The address of the first byte. */
  readonly first: bigint;
  /** The address after the last. */
  readonly end: bigint;
}

/** The machine's page size. */
export function pageBytesOf(machine: Machine): bigint {
  return 1n << BigInt(machine.pageShift);
}

/** The pages that bytes touch. */
export function pagesOfBytes(machine: Machine, { first, end }: ByteSpan): PageRange {
  const bytes = pageBytesOf(machine);
  return { first: Number(first / bytes), top: Number((end + bytes - 1n) / bytes) };
}

/**
 * What is mapped at some bytes; without page tables in use every frame of RAM is, at its own address.
 *
 * @param machine the machine
 * @param tables what its page tables hold
 * @param bytes the bytes
 * @returns the pages, ascending
 */
export function mappedAt(
  machine: Machine,
  tables: TableSurvey | null,
  bytes: ByteSpan,
): MappedPages[] {
  const range = pagesOfBytes(machine, bytes);
  if (machine.mmu.state === "on") return mappedIn(tables?.mapped ?? [], range);
  const pages = ramFrames(machine).ranges.map(({ first, top }): MappedPages => {
    return { virtual: first, frame: first, count: top - first, access: "writable" };
  });
  return mappedIn(pages, range);
}

/**
 * The memory behind some bytes, without those that are not mapped.
 *
 * @param machine the machine
 * @param tables what its page tables hold
 * @param bytes the bytes
 * @returns the memory, by ascending virtual address
 */
export function memoryBehind(
  machine: Machine,
  tables: TableSurvey | null,
  bytes: ByteSpan,
): PhysicalSpan[] {
  const size = pageBytesOf(machine);
  return mappedAt(machine, tables, bytes).map((pages) => {
    const virtual = BigInt(pages.virtual) * size;
    const first = virtual < bytes.first ? bytes.first : virtual;
    const last = virtual + BigInt(pages.count) * size;
    const end = last < bytes.end ? last : bytes.end;
    return { first: BigInt(pages.frame) * size + (first - virtual), size: end - first };
  });
}

/** A block that malloc gave, as it was asked for. */
export interface GivenBlock {
  /** Its address. */
  readonly address: bigint;
  /** The size asked for, in bytes, 1 or more. */
  readonly size: bigint;
  /** The alignment asked for, in bytes. */
  readonly alignment: bigint;
  /** Whether it is to be zero. */
  readonly contents: "zero" | "anything";
}

/** The first page of a range that is not mapped, or cannot be written; null if there is none. */
function firstUnusable(mapped: readonly MappedPages[], range: PageRange): number | null {
  const usable = new FrameSet();
  for (const { virtual, count, access } of mapped) {
    if (access === "writable") usable.add({ first: virtual, top: virtual + count });
  }
  return usable.firstMissing(range);
}

/**
 * *a block from malloc is as large and aligned as asked for* and *memory from calloc is zero*.
 *
 * @param machine the machine, after the call
 * @param tables what its page tables hold
 * @param block the block
 * @param findings where to report
 */
export function checkBlock(
  machine: Machine,
  tables: TableSurvey | null,
  block: GivenBlock,
  findings: Findings,
): void {
  const rule = "a block from malloc is as large and aligned as asked for";
  const { address, size, alignment, contents } = block;
  const word = BigInt(wordBytes(machine.arch.wordBits));
  const wanted = alignment < word ? word : alignment;
  const at = `0x${address.toString(16)}`;
  const bytes = { first: address, end: address + size };
  const report = (sentence: string): void =>
    findings.add({ rule, area: null, frames: null, sentence });
  if (address % wanted !== 0n) report(`${at} is no multiple of ${wanted}`);
  const mapped = mappedAt(machine, tables, bytes);
  const page = firstUnusable(mapped, pagesOfBytes(machine, bytes));
  if (page !== null) {
    report(`of the ${size} bytes at ${at}, those in page ${hexFrame(page)} cannot be written`);
  }
  if (contents !== "zero") return;
  for (const { first, size: length } of memoryBehind(machine, tables, bytes)) {
    const dirty = firstNonZero(machine.ram, first, length);
    if (dirty === null) continue;
    const sentence = `of the block at ${at}, the byte at physical 0x${dirty.toString(16)} is not 0`;
    findings.add({ rule: "memory from calloc is zero", area: null, frames: null, sentence });
    return;
  }
}

/** The pages that a range of memory touches. */
export function pageCountOf(machine: Machine, { first, size }: PhysicalSpan): bigint {
  const bytes = pageBytesOf(machine);
  return size === 0n ? 0n : (first + size - 1n) / bytes - first / bytes + 1n;
}

/**
 * *vmap covers its whole range*.
 *
 * @param machine the machine, after the call
 * @param tables what its page tables hold
 * @param memory the range
 * @param address what vmap gave: an address in the first page
 * @param findings where to report
 * @returns whether it does
 */
export function checkVmap(
  machine: Machine,
  tables: TableSurvey | null,
  memory: PhysicalSpan,
  address: bigint,
  findings: Findings,
): "covered" | "not-covered" {
  const bytes = pageBytesOf(machine);
  const firstPage = Number(address / bytes);
  const firstFrame = Number(memory.first / bytes);
  const count = Number(pageCountOf(machine, memory));
  const right = new FrameSet();
  const range = { first: firstPage, top: firstPage + count };
  for (const pages of mappedIn(tables?.mapped ?? [], range)) {
    if (pages.frame - firstFrame !== pages.virtual - firstPage) continue;
    right.add({ first: pages.virtual, top: pages.virtual + pages.count });
  }
  const missing = right.firstMissing(range);
  if (missing === null) return "covered";
  const frame = firstFrame + missing - firstPage;
  const sentence = `frame ${hexFrame(frame)} of the ${memory.size} bytes at 0x${
    memory.first.toString(16)
  } cannot be reached in page ${hexFrame(missing)}`;
  const frames = { first: frame, top: frame + 1 };
  findings.add({ rule: "vmap covers its whole range", area: null, frames, sentence });
  return "not-covered";
}

/** Frames of a set. */
function countIn(frames: FrameSet): number {
  return frames.ranges.reduce((sum, { first, top }) => sum + top - first, 0);
}

/**
 * The most bytes that a request could get if nobody else had any.
 *
 * @param machine the machine
 * @returns the size in bytes
 */
export function mostBytesOf(machine: Machine): bigint {
  const frames = machine.ops.current === "early" ? ramFrames(machine) : areaFramesOf(machine).all;
  return BigInt(countIn(frames)) * pageBytesOf(machine);
}

/**
 * Tells whether a call of vmalloc's that needs pages fails for want of frames or of virtual pages.
 *
 * @param machine the machine, after the call
 * @param tables what its page tables hold
 * @param pages how many pages it needs, without page tables
 * @returns whether it does; true where another allocator serves malloc, whose blocks have rules of their own
 */
export function isWantOfMemory(
  machine: Machine,
  tables: TableSurvey | null,
  pages: bigint,
): boolean {
  if (machine.ops.current !== "vmalloc" || tables === null) return true;
  const levels = tables.tables.levels.length;
  const usable = countIn(areaFramesOf(machine).usable);
  // Each table maps 128 pages at least.
  if (BigInt(usable) < pages + pages / 128n + BigInt(2 * levels)) return true;
  return roomOf(machine, tables) < pages;
}

/** The most virtual pages in a row that vmalloc can still give out. */
function roomOf(machine: Machine, tables: TableSurvey): bigint {
  const { vfreeTop, holes, bottom } = machine.vmalloc;
  const bytes = pageBytesOf(machine);
  const top = vfreeTop === 0n ? 2n ** BigInt(machine.arch.wordBits) : vfreeTop;
  const below = mappedIn(tables.mapped, { first: 0, top: Number(top / bytes) }).at(-1);
  const mappedTop = below === undefined ? 0n : BigInt(below.virtual + below.count) * bytes;
  let room = top - (mappedTop > bottom ? mappedTop : bottom);
  for (const { first, end } of holes) room = end - first > room ? end - first : room;
  return room / bytes;
}
