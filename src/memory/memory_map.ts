/**
 * Memory maps: which physical addresses are memory, which are devices, which are nothing.
 *
 * @module
 */

import { type ByteCount, byteCount, type PhysAddr, physAddr } from "../units.ts";

/**
 * What answers at an address: memory to be handed out, memory that somebody keeps (firmware, say), or
 * a device.
 */
export type MemoryKind = "ram" | "reserved" | "mmio";

/** A range of physical addresses, `[first, first + size)`, in bytes; it need not be page aligned. */
export interface MemoryRange {
  /** The first byte. */
  readonly first: PhysAddr;
  /** The size in bytes, at least 1. */
  readonly size: ByteCount;
  /** What answers there. */
  readonly kind: MemoryKind;
}

/**
 * The ranges of a machine by ascending address, disjoint; everything between them is a hole.
 *
 * RAM and reserved ranges can be read and written; to touch a device or a hole is a fault. Make one
 * with {@linkcode memoryMap}.
 */
export interface MemoryMap {
  /** The ranges, by ascending address. */
  readonly ranges: readonly MemoryRange[];
}

const ADDRESS_LIMIT = 1n << 64n;

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/**
 * The first address after a range.
 *
 * @param range the range
 * @returns the address in bytes, up to 2^64
 */
export function endOfRange(range: MemoryRange): bigint {
  return range.first + range.size;
}

/**
 * A range as text: `0x100000-0x8000000 ram`, half-open.
 *
 * @param range the range
 * @returns the text
 */
export function formatMemoryRange(range: MemoryRange): string {
  return `${hex(range.first)}-${hex(endOfRange(range))} ${range.kind}`;
}

function checkedRange(range: MemoryRange): MemoryRange {
  if (range.first < 0n || range.size <= 0n) {
    throw new RangeError(
      `Cannot map ${formatMemoryRange(range)}: the range must have at least one byte`,
    );
  }
  if (endOfRange(range) > ADDRESS_LIMIT) {
    throw new RangeError(
      `Cannot map ${formatMemoryRange(range)}: the range must end at or below 2^64`,
    );
  }
  return range;
}

/**
 * Makes a memory map of ranges in any order.
 *
 * @param ranges the ranges; disjoint, not empty, and inside 64 bits
 * @returns the map
 * @throws {RangeError} if a range is empty or ends beyond 2^64, or if two overlap
 *
 * @example A small machine with a hole below its device
 * ```ts
 * import { byteCount, formatMemoryRange, memoryMap, physAddr } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const map = memoryMap([
 *   { first: physAddr(0xfee00000n), size: byteCount(0x1000n), kind: "mmio" },
 *   { first: physAddr(0n), size: byteCount(0x9fc00n), kind: "ram" },
 * ]);
 * assertEquals(map.ranges.map(formatMemoryRange), ["0x0-0x9fc00 ram", "0xfee00000-0xfee01000 mmio"]);
 * ```
 */
export function memoryMap(ranges: readonly MemoryRange[]): MemoryMap {
  const sorted = ranges.map(checkedRange).sort((one, other) => one.first < other.first ? -1 : 1);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && endOfRange(range) > next.first) {
      throw new RangeError(
        `Cannot map ${formatMemoryRange(next)}: the range must not overlap ` +
          formatMemoryRange(range),
      );
    }
  }
  return { ranges: sorted };
}

/**
 * The range that holds an address.
 *
 * @param map the map
 * @param address in bytes
 * @returns the range, or null if the address lies in a hole
 */
export function rangeAt(map: MemoryMap, address: PhysAddr): MemoryRange | null {
  return map.ranges.find((range) => range.first <= address && address < endOfRange(range)) ?? null;
}

/**
 * Tells whether a range can be read and written.
 *
 * @param range the range
 * @returns true for RAM and reserved memory, false for a device
 */
export function isMemory(range: MemoryRange): boolean {
  return range.kind !== "mmio";
}

/**
 * The amount of memory to be handed out.
 *
 * @param map the map
 * @returns the sum of the RAM ranges, in bytes
 */
export function usableRamBytes(map: MemoryMap): ByteCount {
  let sum = 0n;
  for (const range of map.ranges) {
    if (range.kind === "ram") sum += range.size;
  }
  return byteCount(sum);
}

/** A stretch of readable and writable addresses, `[first, end)`, in bytes. */
export interface MemoryStretch {
  /** The first byte. */
  readonly first: bigint;
  /** The first address after, up to 2^64. */
  readonly end: bigint;
}

/**
 * The stretches of a map that can be read and written; neighbouring ranges are joined.
 *
 * @param map the map
 * @returns the stretches, by ascending address
 */
export function memoryStretches(map: MemoryMap): MemoryStretch[] {
  const stretches: MemoryStretch[] = [];
  for (const range of map.ranges.filter(isMemory)) {
    const last = stretches.at(-1);
    const end = endOfRange(range);
    if (last?.end === range.first) stretches[stretches.length - 1] = { first: last.first, end };
    else stretches.push({ first: range.first, end });
  }
  return stretches;
}

/**
 * The parts of a range in which a map has nothing.
 *
 * @param map the map
 * @param first the first byte
 * @param size in bytes
 * @returns the gaps, by ascending address
 */
export function gapsIn(
  map: MemoryMap,
  first: PhysAddr,
  size: ByteCount,
): { first: PhysAddr; size: ByteCount }[] {
  const gaps: { first: PhysAddr; size: ByteCount }[] = [];
  let at: bigint = first;
  const add = (end: bigint): void => {
    if (end > at) gaps.push({ first: physAddr(at), size: byteCount(end - at) });
  };
  for (const range of map.ranges) {
    if (endOfRange(range) <= at || range.first >= first + size) continue;
    add(range.first);
    at = endOfRange(range);
  }
  add(first + size);
  return gaps;
}
