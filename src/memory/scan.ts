/**
 * Looking through ranges of memory without going through every byte.
 *
 * @module
 */

// bits: offsets and counts inside a page are at most 4096.

import { type PageCount, pageCount, type PhysAddr, physAddr } from "../units.ts";
import type { ByteRun } from "./address_space.ts";
import type { Backing } from "./extents.ts";
import type { MemoryStretch } from "./memory_map.ts";
import { GARBAGE, HOST_PAGE_BYTES } from "./power_on.ts";
import type { PageStore } from "./page_store.ts";
import type { Reach } from "./reach.ts";
import type { Slab } from "./slabs.ts";

/** The largest size whose runs a number counts exactly. */
const MOST_COUNTED = 1n << 53n;

/** A part of a range that is uniform or stored in one place. */
interface Segment {
  /** Where it begins: the page and the offset there. */
  readonly page: number;
  readonly offset: number;
  /** Its size in bytes. */
  readonly count: number;
  /** The page after its last byte's. */
  readonly endPage: number;
  /** What it holds: a byte, 0 to 255; garbage; or null if the bytes stand in the slab. */
  readonly content: number | null;
  readonly slab: Slab;
  /** The position of its first byte in the slab. */
  readonly base: number;
}

/** Cuts a range into segments, ascending. */
function* segmentsOf(store: PageStore, range: MemoryStretch): Generator<Segment> {
  const lastPage = Number(range.end >> 12n);
  const lastCount = Number(range.end & 0xfffn);
  const endPage = lastCount === 0 ? lastPage : lastPage + 1;
  let offset = Number(range.first & 0xfffn);
  for (let page = Number(range.first >> 12n); page < endPage; offset = 0) {
    const { end, background, stored, slab, base } = store.pieceAt(page, endPage);
    const cut = end === endPage && lastCount !== 0 ? HOST_PAGE_BYTES - lastCount : 0;
    const count = (end - page) * HOST_PAGE_BYTES - offset - cut;
    const inSlab = Math.max(0, Math.min(stored - offset, count));
    if (inSlab > 0) {
      yield { page, offset, count: inSlab, endPage: end, content: null, slab, base: base + offset };
    }
    if (count > inSlab) {
      const from = offset + inSlab;
      const rest = count - inSlab;
      yield { page, offset: from, count: rest, endPage: end, content: background, slab, base };
    }
    page = end;
  }
}

/** Cuts segments of garbage into pages whose bytes stand in a slab. */
function* withGarbageMade(
  store: PageStore,
  segments: Iterable<Segment>,
): Generator<Segment> {
  for (const segment of segments) {
    if (segment.content !== GARBAGE) {
      yield segment;
      continue;
    }
    let { page, offset, count } = segment;
    for (; count > 0; page++, offset = 0) {
      const here = Math.min(count, HOST_PAGE_BYTES - offset);
      const slab = store.garbageOf(page);
      yield { page, offset, count: here, endPage: page + 1, content: null, slab, base: offset };
      count -= here;
    }
  }
}

/**
 * Finds the first byte in a slab that differs from one.
 *
 * @param slab where to look
 * @param first the first position
 * @param end the position after the last
 * @param byte 0 to 255
 * @returns the position, or `end` if all are equal
 */
export function differenceIn(slab: Slab, first: number, end: number, byte: number): number {
  const { bytes, words } = slab;
  const pattern = Math.imul(byte, 0x01010101) >>> 0;
  let at = first;
  while (at < end && (at & 3) !== 0 && bytes[at] === byte) at++;
  if ((at & 3) === 0) {
    let word = at >>> 2;
    const lastWord = end >>> 2;
    while (word < lastWord && words[word] === pattern) word++;
    at = Math.max(at, word * 4);
  }
  while (at < end && bytes[at] === byte) at++;
  return at;
}

/**
 * Finds the first byte of a range that differs from one. What is read counts as accessed.
 *
 * @param store the memory
 * @param range where to look
 * @param byte 0 to 255
 * @returns its address, or null if all bytes are equal
 */
export function firstDifferentAddress(
  store: PageStore,
  range: MemoryStretch,
  byte: number,
): bigint | null {
  for (const segment of withGarbageMade(store, segmentsOf(store, range))) {
    const { page, offset, count, content, slab, base } = segment;
    if (content === byte) {
      store.refault(page, segment.endPage);
      continue;
    }
    store.refault(page, page + 1);
    const equal = content === null ? differenceIn(slab, base, base + count, byte) - base : 0;
    if (equal < count) return (BigInt(page) << 12n) + BigInt(offset + equal);
  }
  return null;
}

/** A run of bytes as it grows. */
type GrowingRun<T> = { byte: T; count: number };

function append<T>(runs: GrowingRun<T>[], byte: T, count: number): void {
  if (count === 0) return;
  const last = runs.at(-1);
  if (last !== undefined && last.byte === byte) last.count += count;
  else runs.push({ byte, count });
}

function appendStored(runs: GrowingRun<unknown>[], segment: Segment): void {
  const { slab, base, count } = segment;
  for (let at = base; at < base + count;) {
    const byte = slab.bytes[at] ?? 0;
    const end = differenceIn(slab, at, base + count, byte);
    append(runs, byte, end - at);
    at = end;
  }
}

function checkCountable(size: bigint): void {
  if (size > MOST_COUNTED) {
    throw new RangeError(`Cannot count the runs of ${size} bytes: the size must be at most 2^53`);
  }
}

/**
 * Reads ranges as runs of equal bytes. What is read counts as accessed.
 *
 * @param store the memory
 * @param ranges what to read, in this order
 * @returns the runs, in order; neighbours differ
 * @throws {RangeError} if the ranges have more than 2^53 bytes
 */
export function runsOf(store: PageStore, ranges: readonly MemoryStretch[]): ByteRun[] {
  checkCountable(ranges.reduce((sum, { first, end }) => sum + end - first, 0n));
  const runs: GrowingRun<number>[] = [];
  for (const range of ranges) {
    for (const segment of withGarbageMade(store, segmentsOf(store, range))) {
      store.refault(segment.page, segment.endPage);
      if (segment.content === null) appendStored(runs, segment);
      else append(runs, segment.content, segment.count);
    }
  }
  return runs;
}

/** A run of host pages that are alike, as a report shows it. */
export interface TouchedRun {
  /** The address of the first page's first byte. */
  readonly first: PhysAddr;
  /** How many host pages of 4 KiB. */
  readonly count: PageCount;
  /** What the host has behind them. */
  readonly backing: "touched" | "discarded";
}

/**
 * The host pages that were touched or taken away.
 *
 * @param store the memory, which must not change meanwhile
 * @param from the first page to look at
 * @param to the page after the last
 * @returns runs, by ascending address; neighbours differ or do not adjoin
 */
export function* touchedRunsOf(store: PageStore, from: number, to: number): Generator<TouchedRun> {
  let first = from;
  let last: Backing = "untouched";
  for (let page = from; page <= to;) {
    const piece = page < to ? store.pieceAt(page, to) : null;
    const backing = piece?.backing ?? "untouched";
    if (backing !== last) {
      if (last !== "untouched") {
        const count = pageCount(page - first);
        yield { first: physAddr(BigInt(first) << 12n), count, backing: last };
      }
      first = page;
      last = backing;
    }
    page = piece?.end ?? Infinity;
  }
}

/** A run of bytes as an observer sees it. */
export interface PeekRun {
  /** The byte; `garbage` for what memory holds since power-on; null where there is no memory. */
  readonly byte: number | "garbage" | null;
  /** How many bytes. */
  readonly count: number;
}

/**
 * Looks at a range as runs of equal bytes. Touches nothing.
 *
 * @param store the memory
 * @param reach what of it is there
 * @param first the address of the first byte
 * @param size in bytes
 * @returns the runs, in order; garbage that was never written to is one run
 * @throws {RangeError} if the range ends beyond 2^64 or has more than 2^53 bytes
 */
export function peekRunsOf(
  store: PageStore,
  reach: Reach,
  first: bigint,
  size: bigint,
): PeekRun[] {
  checkCountable(size);
  const end = first + size;
  if (end > 1n << 64n) {
    throw new RangeError(
      `Cannot look at ${size} bytes at 0x${first.toString(16)}: ` +
        "the range must end at or below 2^64",
    );
  }
  const runs: GrowingRun<PeekRun["byte"]>[] = [];
  let at = first;
  for (const range of reach.memoryIn(first, end)) {
    append(runs, null, Number(range.first - at));
    for (const segment of segmentsOf(store, range)) {
      const { content, count } = segment;
      if (content === null) appendStored(runs, segment);
      else append(runs, content === GARBAGE ? "garbage" : content, count);
    }
    at = range.end;
  }
  append(runs, null, Number(end - at));
  return runs;
}

/**
 * Reads some bytes without touching anything.
 *
 * @param store the memory
 * @param reach what is memory
 * @param first the address of the first byte
 * @param size in bytes
 * @returns the bytes, as long as nothing is written; null if one of them is no memory
 */
export function peekBytesOf(
  store: PageStore,
  reach: Reach,
  first: bigint,
  size: number,
): Uint8Array<ArrayBuffer> | null {
  const end = first + BigInt(size);
  if (reach.endFrom(first) < end) return null;
  const [page, offset] = [Number(first >> 12n), Number(first & 0xfffn)];
  const { stored, slab, base } = store.pieceAt(page, page + 1);
  if (offset + size <= stored) return slab.bytes.subarray(base + offset, base + offset + size);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const segment of withGarbageMade(store, segmentsOf(store, { first, end }))) {
    const { content, count, slab, base } = segment;
    if (content === null) bytes.set(slab.bytes.subarray(base, base + count), at);
    else bytes.fill(content, at, at + count);
    at += count;
  }
  return bytes;
}
