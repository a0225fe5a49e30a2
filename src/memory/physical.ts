/**
 * Physical memory: a store of pages behind a map, with faults where there is no memory.
 *
 * @module
 */

import type { FaultAccess } from "../outcome.ts";
import type { AccessSize } from "./address_space.ts";
import { load, save } from "./byte_order.ts";
import { passGuard } from "./guard.ts";
import type { AccessGuard } from "./guard.ts";
import type { Keeper } from "./keeper.ts";
import type { MemoryStretch } from "./memory_map.ts";
import type { PageStore, Window } from "./page_store.ts";
import { HOST_PAGE_BYTES } from "./power_on.ts";
import type { Reach } from "./reach.ts";
import { differenceIn, firstDifferentAddress } from "./scan.ts";

/** Where an access begins: a host page and an offset in it. */
export interface Place {
  /** The number of the host page. */
  readonly page: number;
  /** The offset in it, 0 to 4095. */
  readonly offset: number;
}

/** The place of a physical address, 0 to 2^64 - 1. */
export function placeOf(address: bigint): Place {
  const page = Number(address >> 12n);
  return { page, offset: Number(address & 0xfffn) };
}

function addressOf(page: number, offset: number): bigint {
  return BigInt(page) * 0x1000n + BigInt(offset);
}

/**
 * Accesses to physical memory, by place or by ranges of addresses.
 *
 * Where an access crosses the end of its address space it goes on at 0; `bits` says how wide that
 * space is.
 */
export class PhysicalMemory {
  /** What is memory. */
  reach: Reach;
  /** The page accessed last. */
  readonly window: Window;
  /** How many times pages were taken away. */
  discards = 0;
  readonly #store: PageStore;
  #keeper: Keeper | null = null;
  #guard: AccessGuard | null = null;

  /** Puts a store behind a map. */
  constructor(reach: Reach, store: PageStore) {
    this.reach = reach;
    this.#store = store;
    this.window = store.window;
  }

  /** What it holds, for whoever looks at more than an address. */
  get store(): PageStore {
    this.#keeper?.beforeAll();
    return this.#store;
  }

  /** Has somebody told of accesses from now on; tells whether the host ever took a page away. */
  keepWith(keeper: Keeper | null): boolean {
    this.#keeper = keeper;
    this.window.close();
    return this.#store.hasDiscards;
  }

  /** Has somebody asked about accesses from now on; null for nobody. */
  guardWith(guard: AccessGuard | null): void {
    this.#guard = guard;
    this.window.close();
  }

  #ask(
    kind: "read" | "write",
    page: number,
    offset: number,
    size: AccessSize,
    by: string,
  ): void {
    if (this.#guard === null) return;
    const end = page + Math.ceil((offset + size) / HOST_PAGE_BYTES);
    const address = addressOf(page, offset);
    const access: FaultAccess = { kind, address, sizeBytes: BigInt(size), byte: null };
    passGuard(this.#guard, page, end, access, by);
  }

  #askRange(first: bigint, end: bigint, access: FaultAccess, by: string): void {
    if (this.#guard === null || first >= end) return;
    passGuard(this.#guard, placeOf(first).page, placeOf(end - 1n).page + 1, access, by);
  }

  #tell(page: number, offset: number, count: number): void {
    this.#keeper?.beforeAccess(page, page + Math.ceil((offset + count) / HOST_PAGE_BYTES));
  }

  #tellRange(first: bigint, end: bigint): void {
    if (first < end) this.#keeper?.beforeAccess(placeOf(first).page, placeOf(end - 1n).page + 1);
  }

  #isOpenForRead(page: number, offset: number, end: number): boolean {
    const { window } = this;
    if (page === window.page && end <= window.readEnd) return true;
    return end <= HOST_PAGE_BYTES && offset < end && this.reach.isWholePage(page) &&
      this.#store.openForRead(page, end);
  }

  /** Reads 1 to 8 bytes. */
  read(
    page: number,
    offset: number,
    size: AccessSize,
    isLittle: boolean,
    bits: number,
    by: string,
  ): bigint {
    const { window } = this;
    if (page !== window.page || offset + size > HOST_PAGE_BYTES) {
      this.#ask("read", page, offset, size, by);
      this.#tell(page, offset, size);
    }
    if (this.#isOpenForRead(page, offset, offset + size)) {
      return load(window.view, window.base + offset, size, isLittle);
    }
    const places = this.#places("read", page, offset, size, bits, by);
    const bytes = new DataView(new ArrayBuffer(size));
    for (const [index, place] of places.entries()) {
      this.#store.refault(place.page, place.page + 1);
      bytes.setUint8(index, this.#store.byteAt(place.page, place.offset));
    }
    return load(bytes, 0, size, isLittle);
  }

  /** Writes 1 to 8 bytes, or none if one of them is no memory. */
  write(
    page: number,
    offset: number,
    size: AccessSize,
    value: bigint,
    isLittle: boolean,
    bits: number,
    by: string,
  ): void {
    const { window } = this;
    const store = this.#store;
    const end = offset + size;
    if (page !== window.page || end > window.writeEnd) {
      this.#ask("write", page, offset, size, by);
      this.#tell(page, offset, size);
      if (end > HOST_PAGE_BYTES || !this.reach.isWholePage(page)) {
        return this.#writeBytes(page, offset, size, value, isLittle, bits, by);
      }
      store.openForWrite(page, end);
    }
    save(window.view, window.base + offset, size, value, isLittle);
  }

  #writeBytes(
    page: number,
    offset: number,
    size: AccessSize,
    value: bigint,
    isLittle: boolean,
    bits: number,
    by: string,
  ): void {
    const places = this.#places("write", page, offset, size, bits, by);
    const bytes = new DataView(new ArrayBuffer(size));
    save(bytes, 0, size, value, isLittle);
    for (const [index, place] of places.entries()) {
      this.#store.fillPart(place.page, place.offset, place.offset + 1, bytes.getUint8(index));
    }
    // A page that is memory in part must not be reached by the window.
    this.window.close();
  }

  /** The place of each byte of an access, all of them memory. */
  #places(
    kind: "read" | "write",
    page: number,
    offset: number,
    size: AccessSize,
    bits: number,
    by: string,
  ): Place[] {
    const first = addressOf(page, offset);
    const places: Place[] = [];
    for (let index = 0n; index < size; index++) {
      const address = BigInt.asUintN(bits, first + index);
      if (this.reach.endFrom(address) === address) {
        const access = { kind, address: first, sizeBytes: BigInt(size), byte: null };
        this.reach.fault(address, access, by);
      }
      places.push(placeOf(address));
    }
    return places;
  }

  /** Fills `[offset, offset + count)` of a page if that is memory and can be done in one go. */
  fillInPage(page: number, offset: number, count: number, byte: number): boolean {
    const { window } = this;
    const end = offset + count;
    if (end > HOST_PAGE_BYTES || !this.reach.isWholePage(page)) return false;
    if (this.#guard !== null) return false;
    if (page !== window.page) this.#tell(page, offset, count);
    if (page === window.page && end <= window.writeEnd && count < HOST_PAGE_BYTES) {
      window.slab.bytes.fill(byte, window.base + offset, window.base + end);
    } else if (count > 0) this.#store.fillPart(page, offset, end, byte);
    return true;
  }

  /** Fills ranges in order, up to a fault. */
  fill(ranges: readonly MemoryStretch[], byte: number, access: FaultAccess, by: string): void {
    for (const { first, end } of ranges) {
      this.#askRange(first, end, access, by);
      this.#tellRange(first, end);
      const memoryEnd = this.#memoryEnd(first, end);
      this.#fillRange(first, memoryEnd, byte);
      if (memoryEnd < end) this.reach.fault(memoryEnd, access, by);
    }
  }

  #memoryEnd(first: bigint, end: bigint): bigint {
    const memoryEnd = this.reach.endFrom(first);
    return memoryEnd < end ? memoryEnd : end;
  }

  #fillRange(first: bigint, end: bigint, byte: number): void {
    if (first === end) return;
    const from = placeOf(first);
    const to = placeOf(end);
    if (from.page === to.page) this.#store.fillPart(from.page, from.offset, to.offset, byte);
    else {
      const wholeFirst = from.offset === 0 ? from.page : from.page + 1;
      if (from.offset > 0) this.#store.fillPart(from.page, from.offset, HOST_PAGE_BYTES, byte);
      if (to.page > wholeFirst) this.#store.fillPages(wholeFirst, to.page, byte);
      if (to.offset > 0) this.#store.fillPart(to.page, 0, to.offset, byte);
    }
    this.window.close();
  }

  /** Finds the first byte of ranges that differs: the number of bytes before it, or null. */
  firstDifferent(
    ranges: readonly MemoryStretch[],
    byte: number,
    access: FaultAccess,
    by: string,
  ): bigint | null {
    let passed = 0n;
    for (const { first, end } of ranges) {
      this.#askRange(first, end, access, by);
      this.#tellRange(first, end);
      const memoryEnd = this.#memoryEnd(first, end);
      const found = firstDifferentAddress(this.#store, { first, end: memoryEnd }, byte);
      if (found !== null) return passed + found - first;
      if (memoryEnd < end) this.reach.fault(memoryEnd, access, by);
      passed += end - first;
    }
    return null;
  }

  /** The same in `[offset, offset + count)` of a page; undefined if that takes more than one go. */
  firstDifferentInPage(
    page: number,
    offset: number,
    count: number,
    byte: number,
  ): bigint | null | undefined {
    if (this.#guard !== null) return undefined;
    if (page !== this.window.page) this.#tell(page, offset, count);
    if (!this.#isOpenForRead(page, offset, offset + count)) return undefined;
    const { slab, base } = this.window;
    const found = differenceIn(slab, base + offset, base + offset + count, byte);
    return found === base + offset + count ? null : BigInt(found - base - offset);
  }

  /** Ends in a fault unless all of some ranges is memory. */
  check(ranges: readonly MemoryStretch[], access: FaultAccess, by: string): void {
    for (const { first, end } of ranges) {
      this.#askRange(first, end, access, by);
      this.#tellRange(first, end);
      const memoryEnd = this.#memoryEnd(first, end);
      if (memoryEnd < end) this.reach.fault(memoryEnd, access, by);
    }
  }

  /** One byte, without touching anything; null where there is no memory. */
  peekByte(address: bigint): number | null {
    if (this.reach.endFrom(address) === address) return null;
    const { page, offset } = placeOf(address);
    this.#tell(page, offset, 1);
    return this.#store.byteAt(page, offset);
  }

  /** 1 to 8 bytes, without touching anything; null if one of them is no memory. */
  peek(address: bigint, size: AccessSize, isLittle: boolean): bigint | null {
    const { page, offset } = placeOf(address);
    this.#tell(page, offset, size);
    if (offset + size <= HOST_PAGE_BYTES && this.reach.isWholePage(page)) {
      const { stored, slab, base } = this.#store.pieceAt(page, page + 1);
      if (offset + size <= stored) return load(slab.view, base + offset, size, isLittle);
    }
    const bytes = new DataView(new ArrayBuffer(size));
    for (let index = 0; index < size; index++) {
      const byte = this.peekByte(BigInt.asUintN(64, address + BigInt(index)));
      if (byte === null) return null;
      bytes.setUint8(index, byte);
    }
    return load(bytes, 0, size, isLittle);
  }

  /** Takes pages away. */
  discard(first: bigint, size: bigint): void {
    const what = `Cannot discard ${size} bytes at 0x${first.toString(16)}`;
    if (first % 0x1000n !== 0n) {
      throw new RangeError(`${what}: the address must be a multiple of 0x1000`);
    }
    if (size % 0x1000n !== 0n) {
      throw new RangeError(`${what}: the size must be a multiple of 0x1000`);
    }
    if (size === 0n) return;
    if (this.reach.endFrom(first) < first + size) {
      throw new RangeError(`${what}: all of it must be memory`);
    }
    this.#tellRange(first, first + size);
    this.discards++;
    this.#store.discardPages(placeOf(first).page, placeOf(first + size).page);
  }
}
