/**
 * Memory as running code sees it: physical until page tables are in use, then behind them.
 *
 * @module
 */

import { type FaultAccess, stop } from "../outcome.ts";
import { type ByteCount, byteCount, type VirtAddr } from "../units.ts";
import { type ByteOrder, type WordBits, wordBytes } from "../word.ts";
import type { AccessSize, ByteRun } from "./address_space.ts";
import type { TableMemory } from "./page_table/mod.ts";

/**
 * An address space whose memory can be exchanged while others hold on to it, as turning the MMU on does.
 *
 * Before, it may have a reach: what lies at or above it is a fault, as with the small tables that a
 * loader makes.
 */
export class SwitchableSpace implements TableMemory {
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  readonly #wordBytes: bigint;
  #target: TableMemory;
  #reach: ByteCount | null = null;

  /** Begins with memory, all of it within reach. */
  constructor(target: TableMemory) {
    this.wordBits = target.wordBits;
    this.byteOrder = target.byteOrder;
    this.#wordBytes = BigInt(wordBytes(target.wordBits));
    this.#target = target;
  }

  /** The memory that is seen now. */
  get target(): TableMemory {
    return this.#target;
  }

  /** How far it can be reached, in bytes; null for all of it. */
  get reach(): ByteCount | null {
    return this.#reach;
  }

  /**
   * Exchanges the memory.
   *
   * @param target the memory from now on
   * @param reach how far it can be reached, in bytes; null for all of it
   */
  switchTo(target: TableMemory, reach: ByteCount | null): void {
    this.#target = target;
    this.#reach = reach;
  }

  #check(
    kind: FaultAccess["kind"],
    address: bigint,
    sizeBytes: bigint,
    by: string,
    byte: number | null = null,
  ): void {
    const reach = this.#reach;
    if (reach === null || sizeBytes === 0n || address + sizeBytes <= reach) return;
    const first = address < reach ? reach : address;
    const access: FaultAccess = { kind, address, sizeBytes, byte };
    stop({ kind: "fault", address: first, reason: "unmapped", by, access });
  }

  /** Reads 1 to 8 bytes in the machine's byte order; the address need not be aligned. */
  read(address: VirtAddr, sizeBytes: AccessSize, by: string): bigint {
    if (this.#reach !== null) this.#check("read", address, BigInt(sizeBytes), by);
    return this.#target.read(address, sizeBytes, by);
  }

  /** Writes 1 to 8 bytes in the machine's byte order; excess bits of the value are dropped. */
  write(address: VirtAddr, sizeBytes: AccessSize, value: bigint, by: string): void {
    if (this.#reach !== null) this.#check("write", address, BigInt(sizeBytes), by);
    this.#target.write(address, sizeBytes, value, by);
  }

  /** Reads one byte. */
  readByte(address: VirtAddr, by: string): number {
    if (this.#reach !== null) this.#check("read", address, 1n, by);
    return this.#target.readByte(address, by);
  }

  /** Writes one byte; excess bits of the value are dropped. */
  writeByte(address: VirtAddr, value: number, by: string): void {
    if (this.#reach !== null) this.#check("write", address, 1n, by);
    this.#target.writeByte(address, value, by);
  }

  /** Reads a word: 4 or 8 bytes. */
  readWord(address: VirtAddr, by: string): bigint {
    if (this.#reach !== null) this.#check("read", address, this.#wordBytes, by);
    return this.#target.readWord(address, by);
  }

  /** Writes a word: 4 or 8 bytes; excess bits of the value are dropped. */
  writeWord(address: VirtAddr, value: bigint, by: string): void {
    if (this.#reach !== null) this.#check("write", address, this.#wordBytes, by);
    this.#target.writeWord(address, value, by);
  }

  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void {
    const reach = this.#reach;
    if (reach !== null && address < reach && address + length > reach) {
      this.#target.fill(address, byteCount(reach - address), byte, by);
    }
    this.#check("fill", address, length, by, byte & 0xff); // bits: memset converts to a byte.
    this.#target.fill(address, length, byte, by);
  }

  /** Finds the first byte that differs from the one given: its offset, or null if all are equal. */
  firstDifferent(address: VirtAddr, length: ByteCount, byte: number, by: string): bigint | null {
    this.#check("read", address, length, by);
    return this.#target.firstDifferent(address, length, byte, by);
  }

  /** Reads a range as runs of equal bytes. */
  runs(address: VirtAddr, length: ByteCount, by: string): ByteRun[] {
    this.#check("read", address, length, by);
    return this.#target.runs(address, length, by);
  }

  /** Reads an entry at an offset in a page of 4 KiB, in the byte order given. */
  readEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint {
    if (this.#reach !== null) {
      this.#check("read", (BigInt(page) << 12n) + BigInt(offset), BigInt(sizeBytes), by);
    }
    return this.#target.readEntry(page, offset, sizeBytes, byteOrder, by);
  }

  /** Writes an entry at an offset in a page of 4 KiB, in the byte order given. */
  writeEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void {
    if (this.#reach !== null) {
      this.#check("write", (BigInt(page) << 12n) + BigInt(offset), BigInt(sizeBytes), by);
    }
    this.#target.writeEntry(page, offset, sizeBytes, value, byteOrder, by);
  }
}
