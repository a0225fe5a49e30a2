/**
 * What modelled code sees of memory: bytes and words at virtual addresses.
 *
 * @module
 */

import type { ByteCount, VirtAddr } from "../units.ts";
import type { ByteOrder, WordBits } from "../word.ts";

/** The size of an access in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

/** A run of equal bytes. */
export interface ByteRun {
  /** The byte, 0 to 255. */
  readonly byte: number;
  /** How many times it stands in a row. */
  readonly count: number;
}

/**
 * Memory as the modelled code addresses it. Words have the machine's width and byte order.
 *
 * Every access ends in a fault if a byte of it is not there; `by` says who made it, such as
 * `split()`. Addresses wrap round at the width of a word, as pointers do.
 */
export interface AddressSpace {
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  /** Reads 1 to 8 bytes in the machine's byte order; the address need not be aligned. */
  read(address: VirtAddr, sizeBytes: AccessSize, by: string): bigint;
  /** Writes 1 to 8 bytes in the machine's byte order; excess bits of the value are dropped. */
  write(address: VirtAddr, sizeBytes: AccessSize, value: bigint, by: string): void;
  /** Reads one byte. */
  readByte(address: VirtAddr, by: string): number;
  /** Writes one byte. */
  writeByte(address: VirtAddr, value: number, by: string): void;
  /** Reads a word: 4 or 8 bytes. */
  readWord(address: VirtAddr, by: string): bigint;
  /** Writes a word: 4 or 8 bytes. */
  writeWord(address: VirtAddr, value: bigint, by: string): void;
  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void;
  /** Finds the first byte that differs from the one given: its offset, or null if all are equal. */
  firstDifferent(address: VirtAddr, length: ByteCount, byte: number, by: string): bigint | null;
  /** Reads a range as runs of equal bytes; the cost follows the runs and the touched pages. */
  runs(address: VirtAddr, length: ByteCount, by: string): ByteRun[];
}
