/**
 * FNV-1a hashes, as the recordings use them.
 *
 * @module
 */

const TWO_32 = 2 ** 32;
/** The 64-bit FNV prime is 2^40 plus this. */
const PRIME_LOW = 0x1b3;

/**
 * FNV-1a with 64 bits over bytes.
 *
 * @param bytes the bytes
 * @returns the hash as 0x and 16 hex digits
 *
 * @example Usage
 * ```ts
 * import { fnv1a64 } from "@buddyscope/sim/check";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fnv1a64(new TextEncoder().encode("a")), "0xaf63dc4c8601ec8c");
 * ```
 */
export function fnv1a64(bytes: Uint8Array): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    const last = low % 256;
    low += (last ^ byte) - last; // bits: both are bytes.
    // (high, low) times 2^40 + 0x1b3: the first moves low into high, the second carries.
    const product = low * PRIME_LOW;
    const carried = high * PRIME_LOW + Math.floor(product / TWO_32) + (low % 2 ** 24) * 256;
    low = product % TWO_32;
    high = carried % TWO_32;
  }
  const hex = (half: number): string => half.toString(16).padStart(8, "0");
  return `0x${hex(high)}${hex(low)}`;
}

/**
 * FNV-1a with 32 bits over bytes.
 *
 * @param bytes the bytes
 * @returns the hash, 0 to 2^32 - 1
 */
export function fnv1a32(bytes: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) {
    const last = hash % 256;
    hash += (last ^ byte) - last; // bits: both are bytes.
    hash = (hash * 0x193 + (hash % 256) * 2 ** 24) % TWO_32;
  }
  return hash;
}
