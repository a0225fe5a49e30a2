/**
 * The memory of a machine: what lies at physical addresses, and what the host has behind it.
 *
 * @module
 */

import type { FaultAccess } from "../outcome.ts";
import { type ByteCount, PFN_LIMIT, type PhysAddr, type VirtAddr } from "../units.ts";
import { type ByteOrder, type WordBits, wordBytes } from "../word.ts";
import type { AccessSize, AddressSpace, ByteRun } from "./address_space.ts";
import { save } from "./byte_order.ts";
import type { Backing } from "./extents.ts";
import type { AccessGuard } from "./guard.ts";
import type { Keeper } from "./keeper.ts";
import { type MemoryMap, memoryMap, type MemoryRange } from "./memory_map.ts";
import { PageStore, type Window } from "./page_store.ts";
import { PhysicalMemory, type Place, placeOf } from "./physical.ts";
import { HOST_PAGE_BYTES, type PowerOn } from "./power_on.ts";
import { Reach, stretchesOf } from "./reach.ts";
import { peekBytesOf, peekRunsOf, runsOf, touchedRunsOf } from "./scan.ts";
import type { PeekRun, TouchedRun } from "./scan.ts";
import type { WriteWitness } from "./witness.ts";
import type { WriteJournal } from "./write_journal.ts";
import type { WriteLog } from "./write_log.ts";

/** What a machine's memory is like. */
export interface RamOptions {
  /** Where there is memory; more can be added later. */
  readonly map: MemoryMap;
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  /** What memory holds before anything was written. */
  readonly powerOn: PowerOn;
}

/**
 * The memory of a machine, as an address space in which virtual addresses equal physical ones.
 *
 * Memory costs what was written to it: a machine of 64 TiB is as cheap as one of 64 MiB. RAM and
 * reserved ranges can be accessed; a device or a hole is a fault. Virtual addresses wrap round at the
 * width of a word; those that are called physical have 64 bits always.
 *
 * The host keeps account of pages of 4 KiB on every architecture. A write or a fill touches a page; a
 * read does so only if the host had taken the page away, because a page never touched is served from a
 * page of zeroes that all share. What is called *peek* touches nothing and never faults.
 *
 * @example A 64 TiB machine
 * ```ts
 * import { byteCount, memoryMap, physAddr, Ram, virtAddr } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const all = { first: physAddr(0n), size: byteCount(1n << 46n), kind: "ram" } as const;
 * const ram = new Ram({
 *   map: memoryMap([all]),
 *   wordBits: 64,
 *   byteOrder: "big",
 *   powerOn: { kind: "zero" },
 * });
 * ram.writeWord(virtAddr(0x3f_ffff_ffff_f8n), 0x1234n, "an example");
 * assertEquals(ram.peekByte(physAddr(0x3f_ffff_ffff_ffn)), 0x34);
 * assertEquals(ram.backing(physAddr(0x3f_ffff_ffff_f8n)), "touched");
 * ```
 */
export class Ram implements AddressSpace {
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  /** Who is told of each write; null for nobody. A copy has nobody. */
  witness: WriteWitness | null = null;
  readonly #powerOn: PowerOn;
  readonly #wordBytes: 4 | 8;
  readonly #isLittle: boolean;
  /** Below it an address needs no wrap and is exact as a number. */
  readonly #plainLimit: number;
  #memory: PhysicalMemory;
  #window: Window;

  /**
   * Makes memory that nobody has touched.
   *
   * @throws {RangeError} if ranges of the map overlap, or the seed is no 32-bit integer
   */
  constructor(options: RamOptions) {
    this.wordBits = options.wordBits;
    this.byteOrder = options.byteOrder;
    this.#powerOn = options.powerOn;
    this.#wordBytes = wordBytes(options.wordBits);
    this.#isLittle = options.byteOrder === "little";
    this.#plainLimit = options.wordBits === 32 ? 2 ** 32 : 2 ** 53;
    const reach = new Reach(memoryMap(options.map.ranges));
    this.#memory = new PhysicalMemory(reach, new PageStore(options.powerOn));
    this.#window = this.#memory.window;
  }

  /** Where there is memory. */
  get map(): MemoryMap {
    return this.#memory.reach.map;
  }

  /** How many times a page that the host had taken away was accessed again. */
  get refaults(): number {
    return this.#memory.store.refaults;
  }

  /** How many times the host took pages away. */
  get discards(): number {
    return this.#memory.discards;
  }

  /**
   * Adds memory or a device where there was a hole.
   *
   * @throws {RangeError} if the range is empty, ends beyond 2^64 or overlaps another
   */
  addRange(range: MemoryRange): void {
    this.#memory.reach = new Reach(memoryMap([...this.map.ranges, range]));
  }

  /** Has somebody told of accesses from now on; tells whether the host ever took a page away. */
  keepWith(keeper: Keeper | null): boolean {
    return this.#memory.keepWith(keeper);
  }

  /** Has somebody asked about accesses from now on, who may refuse them; a copy has nobody. */
  guardWith(guard: AccessGuard | null): void {
    this.#memory.guardWith(guard);
  }

  /** Which host pages were written lately; the count stays the same as long as nothing is written. */
  get writes(): WriteLog {
    return this.#memory.store.writes;
  }

  /** Begins to keep what pages hold before they are written; what an earlier journal kept is lost. */
  beginJournal(): WriteJournal {
    return this.#memory.store.beginJournal();
  }

  /** Keeps nothing more: the journal that was begun last stays as it is. */
  endJournal(): void {
    this.#memory.store.endJournal();
  }

  /** Writes back what a journal of this memory, or of that which it is a copy of, has kept. */
  restore(journal: WriteJournal): void {
    journal.restoreIn(this.#memory.store);
  }

  /** An independent copy, made fast: what is stored is shared until one side writes to it. */
  clone(): Ram {
    const { map, wordBits, byteOrder } = this;
    const copy = new Ram({ map, wordBits, byteOrder, powerOn: this.#powerOn });
    copy.#memory = new PhysicalMemory(this.#memory.reach, this.#memory.store.clone());
    copy.#window = copy.#memory.window;
    return copy;
  }

  /** About how much memory this object holds itself, in bytes; what copies share counts in each. */
  residentBytes(): number {
    return this.#memory.store.residentBytes;
  }

  /** Reads 1 to 8 bytes in the machine's byte order; the address need not be aligned. */
  read(address: VirtAddr, sizeBytes: AccessSize, by: string): bigint {
    const { page, offset } = this.#placeOf(address);
    return this.#memory.read(page, offset, sizeBytes, this.#isLittle, this.wordBits, by);
  }

  /** Writes 1 to 8 bytes in the machine's byte order; excess bits of the value are dropped. */
  write(address: VirtAddr, sizeBytes: AccessSize, value: bigint, by: string): void {
    this.witness?.(address, BigInt(sizeBytes), by);
    const { page, offset } = this.#placeOf(address);
    this.#memory.write(page, offset, sizeBytes, value, this.#isLittle, this.wordBits, by);
  }

  /** The place of a virtual address, by numbers where they are exact. */
  #placeOf(address: VirtAddr): Place {
    const at = Number(address);
    if (at >= this.#plainLimit) return placeOf(BigInt.asUintN(this.wordBits, address));
    const page = Math.floor(at / HOST_PAGE_BYTES);
    return { page, offset: at - page * HOST_PAGE_BYTES };
  }

  /** Reads one byte. */
  readByte(address: VirtAddr, by: string): number {
    const { page, offset } = this.#placeOf(address);
    const window = this.#window;
    if (page === window.page && offset < window.readEnd) {
      return window.view.getUint8(window.base + offset);
    }
    return Number(this.#memory.read(page, offset, 1, this.#isLittle, this.wordBits, by));
  }

  /** Writes one byte; excess bits of the value are dropped. */
  writeByte(address: VirtAddr, value: number, by: string): void {
    this.witness?.(address, 1n, by);
    const { page, offset } = this.#placeOf(address);
    const window = this.#window;
    if (page === window.page && offset < window.writeEnd) {
      window.view.setUint8(window.base + offset, value);
    } else {
      const bits = this.wordBits;
      this.#memory.write(page, offset, 1, BigInt(value), this.#isLittle, bits, by);
    }
  }

  /** Reads a word: 4 or 8 bytes. */
  readWord(address: VirtAddr, by: string): bigint {
    const { page, offset } = this.#placeOf(address);
    const window = this.#window;
    const size = this.#wordBytes;
    if (page === window.page && offset + size <= window.readEnd) {
      const { view, base } = window;
      if (size === 8) return view.getBigUint64(base + offset, this.#isLittle);
      return BigInt(view.getUint32(base + offset, this.#isLittle));
    }
    return this.#memory.read(page, offset, size, this.#isLittle, this.wordBits, by);
  }

  /** Writes a word: 4 or 8 bytes; excess bits of the value are dropped. */
  writeWord(address: VirtAddr, value: bigint, by: string): void {
    this.witness?.(address, BigInt(this.#wordBytes), by);
    const { page, offset } = this.#placeOf(address);
    const window = this.#window;
    const size = this.#wordBytes;
    if (page === window.page && offset + size <= window.writeEnd) {
      save(window.view, window.base + offset, size, value, this.#isLittle);
    } else {
      this.#memory.write(page, offset, size, value, this.#isLittle, this.wordBits, by);
    }
  }

  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void {
    this.witness?.(address, length, by);
    const value = byte & 0xff; // bits: memset converts to a byte.
    const { page, offset } = this.#placeOf(address);
    if (this.#memory.fillInPage(page, offset, Number(length), value)) return;
    const ranges = stretchesOf(address, length, this.wordBits);
    this.#memory.fill(ranges, value, this.#access("fill", address, length, value), by);
  }

  /** Finds the first byte that differs from the one given: its offset, or null if all are equal. */
  firstDifferent(address: VirtAddr, length: ByteCount, byte: number, by: string): bigint | null {
    const { page, offset } = this.#placeOf(address);
    const found = this.#memory.firstDifferentInPage(page, offset, Number(length), byte);
    if (found !== undefined) return found;
    const ranges = stretchesOf(address, length, this.wordBits);
    const access = this.#access("read", address, length, null);
    return this.#memory.firstDifferent(ranges, byte, access, by);
  }

  /**
   * Reads a range as runs of equal bytes; the cost follows the runs and the touched pages.
   *
   * @throws {RangeError} if the range has more than 2^53 bytes
   */
  runs(address: VirtAddr, length: ByteCount, by: string): ByteRun[] {
    const ranges = stretchesOf(address, length, this.wordBits);
    this.#memory.check(ranges, this.#access("read", address, length, null), by);
    return runsOf(this.#memory.store, ranges);
  }

  #access(
    kind: FaultAccess["kind"],
    address: VirtAddr,
    sizeBytes: ByteCount,
    byte: number | null,
  ): FaultAccess {
    return { kind, address: BigInt.asUintN(this.wordBits, address), sizeBytes, byte };
  }

  /**
   * Reads an entry of a table at an offset in a host page, in the byte order given; the fast way for a
   * walk, as no address is made.
   */
  readEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint {
    return this.#memory.read(page, offset, sizeBytes, byteOrder === "little", 64, by);
  }

  /** Writes an entry of a table; the counterpart of `readEntry`. */
  writeEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void {
    this.witness?.(BigInt(page) * 0x1000n + BigInt(offset), BigInt(sizeBytes), by);
    this.#memory.write(page, offset, sizeBytes, value, byteOrder === "little", 64, by);
  }

  /** What the host has behind the page of an address; "untouched" also where there is no memory. */
  backing(address: PhysAddr): Backing {
    const { page } = placeOf(address);
    return this.#memory.store.pieceAt(page, page + 1).backing;
  }

  /** The host pages that are not untouched, of `[from, to)` or all, as runs by ascending address. */
  touchedPages(from = 0, to: number = PFN_LIMIT): Iterable<TouchedRun> {
    return touchedRunsOf(this.#memory.store, from, Math.min(to, PFN_LIMIT));
  }

  /**
   * Takes whole host pages away, as a balloon does: they read as 0 from then on.
   *
   * @param first the address of the first page
   * @param size in bytes
   * @throws {RangeError} if either is no multiple of 0x1000, or not all of the range is memory
   */
  discard(first: PhysAddr, size: ByteCount): void {
    this.witness?.(first, size, "the host");
    this.#memory.discard(first, size);
  }

  /** One byte, without touching anything; null where there is no memory. */
  peekByte(address: PhysAddr): number | null {
    return this.#memory.peekByte(address);
  }

  /** 1 to 8 bytes in the machine's byte order, without touching; null if one is no memory. */
  peek(address: PhysAddr, sizeBytes: AccessSize): bigint | null {
    return this.#memory.peek(address, sizeBytes, this.#isLittle);
  }

  /** Some bytes as they are until the next write, untouched; null if one of them is no memory. */
  peekBytes(first: PhysAddr, size: number): Uint8Array<ArrayBuffer> | null {
    return peekBytesOf(this.#memory.store, this.#memory.reach, first, size);
  }

  /**
   * A range as runs of equal bytes, without touching anything.
   *
   * @returns the runs, in order; a hole or a device is a run of null
   * @throws {RangeError} if the range ends beyond 2^64 or has more than 2^53 bytes
   */
  peekRuns(first: PhysAddr, size: ByteCount): PeekRun[] {
    return peekRunsOf(this.#memory.store, this.#memory.reach, first, size);
  }
}
