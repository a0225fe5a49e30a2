/**
 * FNV-1a with 32 bits over long runs of equal bytes, without a step for each byte.
 *
 * @module
 */

import type { StateRun } from "../../page_allocator.ts";

const TWO_32 = 2 ** 32;
const PRIME = 0x1000193;
/** Shorter runs are hashed byte by byte. */
const LONG_RUN = 2048;

/** The hash of no bytes. */
export const FNV32_START = 0x811c9dc5;

/**
 * Takes one byte into a hash.
 *
 * @param hash the hash so far, 0 to 2^32 - 1
 * @param byte 0 to 255
 * @returns the hash with it
 */
export function fnv32Byte(hash: number, byte: number): number {
  const last = hash % 256;
  const mixed = hash + (last ^ byte) - last; // bits: both are bytes.
  return (mixed * 0x193 + (mixed % 256) * 2 ** 24) % TWO_32;
}

/** A map `hash -> factor * hash + addend` modulo 2^32. */
interface Affine {
  readonly factor: bigint;
  readonly addend: bigint;
}

const IDENTITY: Affine = { factor: 1n, addend: 0n };

function cut(value: bigint): bigint {
  return BigInt.asUintN(32, value);
}

/** First one map, then the other. */
function then(first: Affine, second: Affine): Affine {
  return {
    factor: cut(first.factor * second.factor),
    addend: cut(first.addend * second.factor + second.addend),
  };
}

function repeated(map: Affine, times: number): Affine {
  let result = IDENTITY;
  let power = map;
  for (let left = BigInt(times); left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = then(result, power);
    power = then(power, power);
  }
  return result;
}

/**
 * Takes a byte that stands many times in a row into a hash.
 *
 * What a step does to the hash depends on its last byte only, and the last byte runs through a cycle of at
 * most 256 values; one round of the cycle is an affine map, which can be repeated at once.
 */
function fnv32Run(hash: number, byte: number, count: number): number {
  let result = hash;
  let left = count;
  if (count >= LONG_RUN) {
    const start = hash % 256;
    let last = start;
    let length = 0;
    let round = IDENTITY;
    do {
      const difference = (last ^ byte) - last; // bits: both are bytes.
      round = then(round, { factor: BigInt(PRIME), addend: cut(BigInt(difference * PRIME)) });
      last = ((last ^ byte) * (PRIME % 256)) % 256; // bits: both are bytes.
      length++;
    } while (last !== start);
    const rounds = repeated(round, Math.floor(count / length));
    result = Number(cut(rounds.factor * BigInt(hash) + rounds.addend));
    left = count % length;
  }
  for (; left > 0; left--) result = fnv32Byte(result, byte);
  return result;
}

/**
 * FNV-1a with 32 bits over page states.
 *
 * @param runs the states
 * @returns the hash, 0 to 2^32 - 1
 */
export function fnv32OfRuns(runs: readonly StateRun[]): number {
  return runs.reduce((hash, { state, count }) => fnv32Run(hash, state, count), FNV32_START);
}
