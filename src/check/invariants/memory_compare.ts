/**
 * Looking at memory and comparing it, without touching it.
 *
 * @module
 */

import type { Ram } from "../../memory/mod.ts";
import { byteCount, physAddr } from "../../units.ts";

/** Runs of bytes as they are used up. */
class Runs {
  readonly #runs: ReturnType<Ram["peekRuns"]>;
  #index = 0;
  #used = 0;

  constructor(ram: Ram, first: bigint, size: bigint) {
    this.#runs = ram.peekRuns(physAddr(first), byteCount(size));
  }

  /** What the next bytes are, and how many in a row are so. */
  get next(): { byte: number | "garbage" | null; left: number } | null {
    const run = this.#runs[this.#index];
    return run === undefined ? null : { byte: run.byte, left: run.count - this.#used };
  }

  skip(count: number): void {
    this.#used += count;
    if (this.#used < (this.#runs[this.#index]?.count ?? Infinity)) return;
    this.#index++;
    this.#used = 0;
  }
}

/**
 * The first byte of a range that two states of a memory do not have in common.
 *
 * @param before the one state
 * @param after the other
 * @param first the address of the first byte
 * @param size in bytes
 * @returns the address, or null if all are equal
 */
export function firstChange(before: Ram, after: Ram, first: bigint, size: bigint): bigint | null {
  const [one, two] = [new Runs(before, first, size), new Runs(after, first, size)];
  for (let at = first; at < first + size;) {
    const [left, right] = [one.next, two.next];
    if (left === null || right === null) return null;
    const count = Math.min(left.left, right.left);
    if (left.byte !== right.byte) {
      const isKnown = left.byte !== "garbage" && right.byte !== "garbage";
      const change = isKnown ? at : firstByteChange(before, after, at, count);
      if (change !== null) return change;
    }
    one.skip(count);
    two.skip(count);
    at += BigInt(count);
  }
  return null;
}

/** The same, byte by byte: for what was garbage and may have been overwritten by the same bytes. */
function firstByteChange(before: Ram, after: Ram, first: bigint, count: number): bigint | null {
  for (let index = 0; index < count; index++) {
    const address = physAddr(first + BigInt(index));
    if (before.peekByte(address) !== after.peekByte(address)) return address;
  }
  return null;
}

/**
 * The first byte of a range that is not 0. Where there is no memory, nothing is wrong.
 *
 * @param ram the memory
 * @param first the address of the first byte
 * @param size in bytes
 * @returns the address, or null if all are 0
 */
export function firstNonZero(ram: Ram, first: bigint, size: bigint): bigint | null {
  let at = first;
  for (const { byte, count } of ram.peekRuns(physAddr(first), byteCount(size))) {
    if (byte === "garbage") {
      for (let index = 0; index < count; index++) {
        const address = physAddr(at + BigInt(index));
        if (ram.peekByte(address) !== 0) return address;
      }
    } else if (byte !== null && byte !== 0) return at;
    at += BigInt(count);
  }
  return null;
}
