/**
 * Which addresses of a memory map can be accessed, answered fast, and the fault of those that cannot.
 *
 * @module
 */

import { type FaultAccess, stop } from "../outcome.ts";
import { physAddr } from "../units.ts";
import { type MemoryMap, type MemoryStretch, memoryStretches, rangeAt } from "./memory_map.ts";

/** A stretch of host pages `[first, end)`, all of whose bytes are memory. */
interface PageSpan {
  readonly first: number;
  readonly end: number;
}

/** A memory map, prepared for the question that every access asks. */
export class Reach {
  /** The map. */
  readonly map: MemoryMap;
  readonly #stretches: readonly MemoryStretch[];
  readonly #spans: readonly PageSpan[];
  /** The span that answered last. */
  #near: PageSpan = { first: 0, end: 0 };

  /** Prepares a map. */
  constructor(map: MemoryMap) {
    this.map = map;
    this.#stretches = memoryStretches(map);
    this.#spans = this.#stretches.map(({ first, end }) => ({
      first: Number((first + 0xfffn) >> 12n),
      end: Number(end >> 12n),
    }));
  }

  /** Tells whether all bytes of a host page are memory. */
  isWholePage(page: number): boolean {
    if (page >= this.#near.first && page < this.#near.end) return true;
    const span = this.#spans.find(({ first, end }) => page >= first && page < end);
    if (span === undefined) return false;
    this.#near = span;
    return true;
  }

  /** The end of the memory that begins at an address; the address itself if there is none. */
  endFrom(address: bigint): bigint {
    for (const { first, end } of this.#stretches) {
      if (address < end) return address < first ? address : end;
    }
    return address;
  }

  /** The parts of `[first, end)` that are memory, by ascending address. */
  memoryIn(first: bigint, end: bigint): MemoryStretch[] {
    return this.#stretches.filter((one) => one.first < end && first < one.end).map((one) => ({
      first: one.first < first ? first : one.first,
      end: one.end > end ? end : one.end,
    }));
  }

  /** Ends an access in a fault at an address that is no memory. */
  fault(address: bigint, access: FaultAccess, by: string): never {
    const range = rangeAt(this.map, physAddr(address));
    stop({ kind: "fault", address, reason: range === null ? "hole" : "mmio", by, access });
  }
}

/**
 * A range of virtual addresses as one or two ranges that do not wrap round.
 *
 * @param address of the first byte, any integer
 * @param length in bytes
 * @param wordBits the width of an address
 * @returns the ranges, in the order in which they are accessed
 * @throws {RangeError} if the range is larger than the address space
 */
export function stretchesOf(address: bigint, length: bigint, wordBits: number): MemoryStretch[] {
  const limit = 1n << BigInt(wordBits);
  if (length > limit) {
    throw new RangeError(
      `Cannot access ${length} bytes: the length must be at most 2^${wordBits}`,
    );
  }
  const first = BigInt.asUintN(wordBits, address);
  const end = first + length;
  return end <= limit ? [{ first, end }] : [{ first, end: limit }, { first: 0n, end: end - limit }];
}
