/**
 * What the tests of memory share.
 *
 * @module
 */

import {
  type MemoryKind,
  memoryMap,
  type MemoryRange,
  type PowerOn,
  Ram,
} from "../src/memory/mod.ts";
import { formatStopped, outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr } from "../src/units.ts";
import type { ByteOrder, WordBits } from "../src/word.ts";

/** Who makes the accesses of the tests. */
export const BY = "the test";
/** 1 TiB in bytes. */
export const TIB = 1n << 40n;

/** The range `[first, end)`. */
export function range(first: bigint, end: bigint, kind: MemoryKind = "ram"): MemoryRange {
  return { first: physAddr(first), size: byteCount(end - first), kind };
}

/** What a test's memory is like, where that matters. */
export interface Options {
  readonly ranges?: readonly MemoryRange[];
  readonly wordBits?: WordBits;
  readonly byteOrder?: ByteOrder;
  readonly powerOn?: PowerOn;
}

/** Memory of 1 MiB, 64-bit and little endian, unless said otherwise. */
export function ramOf(options: Options = {}): Ram {
  const { ranges = [range(0n, 0x100000n)], wordBits = 64, byteOrder = "little" } = options;
  const powerOn = options.powerOn ?? { kind: "zero" };
  return new Ram({ map: memoryMap(ranges), wordBits, byteOrder, powerOn });
}

/** Bytes as an observer sees them. */
export function bytesAt(ram: Ram, first: bigint, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, index) => ram.peekByte(physAddr(first + BigInt(index))));
}

/** The touched pages as text, such as `0x1000+2 touched`. */
export function touched(ram: Ram): string[] {
  return [...ram.touchedPages()]
    .map(({ first, count, backing }) => `0x${first.toString(16)}+${count} ${backing}`);
}

/** How an access ends, as a line. */
export function endOf(action: () => unknown): string {
  const outcome = outcomeOf(action);
  return outcome.kind === "returned" ? "returned" : formatStopped(outcome);
}

/** A generator of numbers below a limit, the same for the same seed. */
export function dice(seed: number): (limit: number) => number {
  let state = BigInt(seed);
  return (limit) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) % limit;
  };
}
