/**
 * Bytes of modelled memory in the order in which they lie there.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { physAddr } from "../units.ts";
import { bareHex } from "./columns.ts";

/**
 * The bytes of a word as they lie in memory.
 *
 * @param machine the machine
 * @param physical the physical address of the first
 * @param size how many
 * @returns such as `de c0 57 7e`; `??` where there is no memory
 */
export function bytesText({ ram }: Pick<Machine, "ram">, physical: bigint, size: number): string {
  return Array.from({ length: size }, (_, index) => {
    const byte = ram.peekByte(physAddr(physical + BigInt(index)));
    return byte === null ? "??" : bareHex(byte).padStart(2, "0");
  }).join(" ");
}
