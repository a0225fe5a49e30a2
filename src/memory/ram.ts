/**
 * The memory of a machine: what lies at physical addresses, and what the host has behind it.
 *
 * @module
 */

import type { FaultAccess } from "../outcome.ts";
import type { ByteCount, PhysAddr, VirtAddr } from "../units.ts";
import { type ByteOrder, type WordBits, wordBytes } from "../word.ts";
import type { AccessSize, AddressSpace, ByteRun } from "./address_space.ts";
import type { Backing } from "./extents.ts";
import { type MemoryMap, memoryMap, type MemoryRange, type MemoryStretch } from "./memory_map.ts";
import { PageStore, type Window } from "./page_store.ts";
import { HOST_PAGE_BYTES, type PowerOn } from "./power_on.ts";
import { Reach } from "./reach.ts";
import {
  differenceIn,
  firstDifferentAddress,
  type PeekRun,
  peekRunsOf,
  runsOf,
  type TouchedRun,
  touchedRunsOf,
} from "./scan.ts";

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

function load(view: DataView, at: number, size: AccessSize, isLittle: boolean): bigint {
  switch (size) {
    case 8:
      return view.getBigUint64(at, isLittle);
    case 4:
      return BigInt(view.getUint32(at, isLittle));
    case 2:
      return BigInt(view.getUint16(at, isLittle));
    case 1:
      return BigInt(view.getUint8(at));
  }
}

function save(view: DataView, at: number, size: AccessSize, value: bigint, isLittle: boolean): void {
  switch (size) {
    case 8:
      return view.setBigUint64(at, value, isLittle);
    case 4:
      return view.setUint32(at, Number(BigInt.asUintN(32, value)), isLittle);
    case 2:
      return view.setUint16(at, Number(BigInt.asUintN(16, value)), isLittle);
    case 1:
      return view.setUint8(at, Number(BigInt.asUintN(8, value)));
  }
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
  readonly #powerOn: PowerOn;
  readonly #wordBytes: 4 | 8;
  readonly #isLittle: boolean;
  /** Below it a virtual address needs no wrap and is exact as a number. */
  readonly #plainLimit: number;
  #reach: Reach;
  #store: PageStore;
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
    this.#reach = new Reach(memoryMap(options.map.ranges));
    this.#store = new PageStore(options.powerOn);
    this.#window = this.#store.window;
  }

  /** Where there is memory. */
  get map(): MemoryMap {
    return this.#reach.map;
  }

  /** How often a page that the host had taken away was accessed again. */
  get refaults(): number {
    return this.#store.refaults;
  }

  /**
   * Adds memory or a device where there was a hole.
   *
   * @throws {RangeError} if the range is empty, ends beyond 2^64 or overlaps another
   */
  addRange(range: MemoryRange): void {
    this.#reach = new Reach(memoryMap([...this.map.ranges, range]));
  }

  /** An independent copy, made fast: what is stored is shared until one side writes to it. */
  clone(): Ram {
    const { map, wordBits, byteOrder } = this;
    const copy = new Ram({ map, wordBits, byteOrder, powerOn: this.#powerOn });
    copy.#store = this.#store.clone();
    copy.#window = copy.#store.window;
    return copy;
  }

  /** About how much memory this object holds itself, in bytes; what copies share counts in each. */
  residentBytes(): number {
    return this.#store.residentBytes;
  }

  /** Reads 1, 2, 4 or 8 bytes in the machine's byte order. */
  read(address: VirtAddr, sizeBytes: AccessSize, by: string): bigint {
    const bits = this.wordBits;
    const { page, offset } = this.#placeOf(address);
    return this.#read(page, offset, sizeBytes, this.#isLittle, bits, by);
  }

  /** Writes 1, 2, 4 or 8 bytes in the machine's byte order; excess bits of the value are dropped. */
  write(address: VirtAddr, sizeBytes: AccessSize, value: bigint, by: string): void {
    const bits = this.wordBits;
    const { page, offset } = this.#placeOf(address);
    this.#write(page, offset, sizeBytes, value, this.#isLittle, bits, by);
  }

  /** Reads one byte. */
  readByte(address: VirtAddr, by: string): number {
    const at = Number(address);
    const page = Math.floor(at / HOST_PAGE_BYTES);
    const offset = at - page * HOST_PAGE_BYTES;
    const window = this.#window;
    if (at < this.#plainLimit && page === window.page && offset < window.readEnd) {
      return window.view.getUint8(window.base + offset);
    }
    return Number(this.read(address, 1, by));
  }

  /** Writes one byte; excess bits of the value are dropped. */
  writeByte(address: VirtAddr, value: number, by: string): void {
    const at = Number(address);
    const page = Math.floor(at / HOST_PAGE_BYTES);
    const offset = at - page * HOST_PAGE_BYTES;
    const window = this.#window;
    if (at < this.#plainLimit && page === window.page && offset < window.writeEnd) {
      window.view.setUint8(window.base + offset, value);
    } else this.write(address, 1, BigInt(value), by);
  }

  /** Reads a word: 4 or 8 bytes. */
  readWord(address: VirtAddr, by: string): bigint {
    const at = Number(address);
    const page = Math.floor(at / HOST_PAGE_BYTES);
    const offset = at - page * HOST_PAGE_BYTES;
    const window = this.#window;
    if (
      at < this.#plainLimit && page === window.page && offset + this.#wordBytes <= window.readEnd
    ) {
      const place = window.base + offset;
      return this.#wordBytes === 8
        ? window.view.getBigUint64(place, this.#isLittle)
        : BigInt(window.view.getUint32(place, this.#isLittle));
    }
    return this.read(address, this.#wordBytes, by);
  }

  /** Writes a word: 4 or 8 bytes; excess bits of the value are dropped. */
  writeWord(address: VirtAddr, value: bigint, by: string): void {
    const at = Number(address);
    const page = Math.floor(at / HOST_PAGE_BYTES);
    const offset = at - page * HOST_PAGE_BYTES;
    const window = this.#window;
    if (
      at < this.#plainLimit && page === window.page && offset + this.#wordBytes <= window.writeEnd
    ) {
      save(window.view, window.base + offset, this.#wordBytes, value, this.#isLittle);
    } else this.write(address, this.#wordBytes, value, by);
  }

  /** Reads 8 bytes at a physical address in the byte order given, whatever the machine's is. */
  read64(address: PhysAddr, byteOrder: ByteOrder, by: string): bigint {
    const page = Number(address >> 12n);
    return this.#read(page, Number(address & 0xfffn), 8, byteOrder === "little", 64, by);
  }

  /** Writes 8 bytes at a physical address in the byte order given. */
  write64(address: PhysAddr, value: bigint, byteOrder: ByteOrder, by: string): void {
    const page = Number(address >> 12n);
    this.#write(page, Number(address & 0xfffn), 8, value, byteOrder === "little", 64, by);
  }

  /**
   * Reads an entry of a table at a place in a host page, in the byte order given.
   *
   * @param page the physical address divided by 4096
   * @param offset in the page, 0 to 4095
   * @param sizeBytes 1, 2, 4 or 8
   * @param byteOrder the entry's byte order
   * @param by who reads
   * @returns the entry
   */
  readEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint {
    return this.#read(page, offset, sizeBytes, byteOrder === "little", 64, by);
  }

  /** Writes an entry of a table at a place in a host page; the counterpart of `readEntry`. */
  writeEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void {
    this.#write(page, offset, sizeBytes, value, byteOrder === "little", 64, by);
  }

  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void {
    const value = byte & 0xff; // bits: C converts to unsigned char.
    const { page, offset } = this.#placeOf(address);
    const end = offset + Number(length);
    if (end <= HOST_PAGE_BYTES && this.#reach.isWholePage(page)) {
      if (end > offset) this.#fillInPage(page, offset, end, value);
      return;
    }
    const access: FaultAccess = { kind: "fill", address, sizeBytes: length, byte: value };
    for (const range of this.#wrapped(address, length)) {
      const memoryEnd = this.#reach.endFrom(range.first);
      this.#fillRange(range.first, memoryEnd < range.end ? memoryEnd : range.end, value);
      if (memoryEnd < range.end) this.#reach.fault(memoryEnd, access, by);
    }
  }

  #fillInPage(page: number, offset: number, end: number, byte: number): void {
    const { page: open, writeEnd, slab, base } = this.#window;
    if (page === open && end <= writeEnd && end - offset < HOST_PAGE_BYTES) {
      slab.bytes.fill(byte, base + offset, base + end);
    } else this.#store.fillPart(page, offset, end, byte);
  }

  #fillRange(first: bigint, end: bigint, byte: number): void {
    if (first >= end) return;
    const [firstPage, from] = [Number(first >> 12n), Number(first & 0xfffn)];
    const [lastPage, to] = [Number(end >> 12n), Number(end & 0xfffn)];
    if (firstPage === lastPage) this.#store.fillPart(firstPage, from, to, byte);
    else {
      const wholeFirst = from === 0 ? firstPage : firstPage + 1;
      if (from > 0) this.#store.fillPart(firstPage, from, HOST_PAGE_BYTES, byte);
      if (lastPage > wholeFirst) this.#store.fillPages(wholeFirst, lastPage, byte);
      if (to > 0) this.#store.fillPart(lastPage, 0, to, byte);
    }
    this.#window.close();
  }

  /** Finds the first byte that differs from the one given: its offset, or null if all are equal. */
  firstDifferent(address: VirtAddr, length: ByteCount, byte: number, by: string): bigint | null {
    const { page, offset } = this.#placeOf(address);
    const end = offset + Number(length);
    if (end <= HOST_PAGE_BYTES && this.#isOpenForRead(page, end)) {
      const { slab, base } = this.#window;
      const found = differenceIn(slab, base + offset, base + end, byte) - base;
      return found < end ? BigInt(found - offset) : null;
    }
    const access: FaultAccess = { kind: "read", address, sizeBytes: length, byte: null };
    let passed = 0n;
    for (const range of this.#wrapped(address, length)) {
      const memoryEnd = this.#reach.endFrom(range.first);
      const stop = memoryEnd < range.end ? memoryEnd : range.end;
      const found = firstDifferentAddress(this.#store, { first: range.first, end: stop }, byte);
      if (found !== null) return passed + found - range.first;
      if (stop < range.end) this.#reach.fault(stop, access, by);
      passed += range.end - range.first;
    }
    return null;
  }

  /** Reads a range as runs of equal bytes; the cost follows the runs and the touched pages. */
  runs(address: VirtAddr, length: ByteCount, by: string): ByteRun[] {
    const access: FaultAccess = { kind: "read", address, sizeBytes: length, byte: null };
    const ranges = this.#wrapped(address, length);
    this.#check(ranges, access, by);
    return runsOf(this.#store, ranges);
  }

  /**
   * What the host has behind the page of an address.
   *
   * @param address in bytes
   * @returns the state of the host page of 4 KiB; "untouched" also where there is no memory
   */
  backing(address: PhysAddr): Backing {
    const page = Number(address >> 12n);
    return this.#store.pieceAt(page, page + 1).backing;
  }

  /** The host pages that are not untouched, as runs by ascending address. */
  touchedPages(): Iterable<TouchedRun> {
    return touchedRunsOf(this.#store);
  }

  /**
   * Takes whole pages away, as the host does for a balloon: they read as 0 when touched again.
   *
   * @param first the address of the first page, a multiple of 0x1000
   * @param size in bytes, a multiple of 0x1000
   * @throws {RangeError} if address or size is no multiple of 0x1000, or not all of it is memory
   */
  discard(first: PhysAddr, size: ByteCount): void {
    const what = `Cannot discard ${size} bytes at 0x${first.toString(16)}`;
    if (first % 0x1000n !== 0n) {
      throw new RangeError(`${what}: the address must be a multiple of 0x1000`);
    }
    if (size % 0x1000n !== 0n) {
      throw new RangeError(`${what}: the size must be a multiple of 0x1000`);
    }
    if (size > 0n && this.#reach.endFrom(first) < first + size) {
      throw new RangeError(`${what}: all of it must be memory`);
    }
    this.#store.discardPages(Number(first >> 12n), Number((first + size) >> 12n));
  }

  /** One byte, without touching anything; null where there is no memory. */
  peekByte(address: PhysAddr): number | null {
    if (this.#reach.endFrom(address) === address) return null;
    return this.#store.byteAt(Number(address >> 12n), Number(address & 0xfffn));
  }

  /** 1, 2, 4 or 8 bytes in the machine's byte order, without touching; null if one is missing. */
  peek(address: PhysAddr, sizeBytes: AccessSize): bigint | null {
    const bytes: number[] = [];
    for (let index = 0; index < sizeBytes; index++) {
      const byte = this.peekByte(this.#after(address, index, 64));
      if (byte === null) return null;
      bytes.push(byte);
    }
    return this.#assemble(bytes, this.#isLittle);
  }

  /**
   * A range as runs of equal bytes, without touching anything.
   *
   * @param first the address of the first byte
   * @param size in bytes
   * @returns the runs, in order: null where there is no memory, "garbage" where it is as at power-on
   * @throws {RangeError} if the range ends beyond 2^64 or has more than 2^53 bytes
   */
  peekRuns(first: PhysAddr, size: ByteCount): PeekRun[] {
    return peekRunsOf(this.#store, this.#reach, first, size);
  }
}
