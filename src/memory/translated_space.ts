/**
 * Memory behind page tables: virtual addresses as the running code uses them.
 *
 * @module
 */

// bits: addresses are bigints; a byte is below 256 after the cut.

import { type FaultAccess, outcomeOf, stop } from "../outcome.ts";
import { type ByteCount, physAddr, type VirtAddr, virtAddr } from "../units.ts";
import { type ByteOrder, type WordBits, wordBytes } from "../word.ts";
import type { AccessSize, ByteRun } from "./address_space.ts";
import { appendRun, fillExtent, firstDifferentInExtent, runsOfExtent } from "./extent_access.ts";
import { IdentityWatch } from "./identity.ts";
import { type Extent, extentAt, type PageTables, type TableMemory } from "./page_table/mod.ts";
import type { Ram } from "./ram.ts";
import { TranslationCache, type UsageBits } from "./translation_cache.ts";

/** How a translated space behaves. */
export interface TranslatedSpaceOptions {
  /**
   * Whether an access marks the entries that it used as accessed and, for a write, as dirty, as x86
   * does. Left alone by default, because recordings do not compare these bits.
   */
  readonly usageBits?: UsageBits;
}

/** The size of the pages in which accesses are made, whatever the page size is. */
const PAGE_BYTES = 4096;

/** An access of 1 to 8 bytes: what, where, how, by whom. */
interface WordAccess {
  readonly kind: "read" | "write";
  readonly page: number;
  readonly offset: number;
  readonly sizeBytes: AccessSize;
  readonly byteOrder: ByteOrder;
  readonly by: string;
}

/**
 * An address space behind page tables. Each access walks them; an address that is not mapped, or a
 * write where that is not allowed, is a fault that names the virtual address.
 *
 * Walks are remembered. What is remembered is dropped when the tables on the way are edited by the
 * functions of this model or written to through this space, and when the host takes memory away. Whoever
 * changes tables in physical memory by another way has to {@linkcode TranslatedSpace.flush} it.
 */
export class TranslatedSpace implements TableMemory {
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  readonly #tables: PageTables;
  readonly #physical: Ram;
  readonly #usageBits: UsageBits;
  readonly #wordBytes: 4 | 8;
  readonly #cache: TranslationCache;
  readonly #identity: IdentityWatch;

  /** Puts the physical memory of page tables behind them. */
  constructor(tables: PageTables, options: TranslatedSpaceOptions = {}) {
    this.#tables = tables;
    this.#physical = tables.physical;
    this.wordBits = tables.physical.wordBits;
    this.byteOrder = tables.physical.byteOrder;
    this.#wordBytes = wordBytes(this.wordBits);
    this.#usageBits = options.usageBits ?? "left-alone";
    this.#cache = new TranslationCache(tables, this, this.#usageBits);
    this.#identity = new IdentityWatch(tables, this);
  }

  /**
   * Who knows whether memory is mapped onto itself; null where each access leaves marks in the tables, so
   * that none can be left out.
   *
   * @internal
   */
  get identity(): IdentityWatch | null {
    return this.#usageBits === "left-alone" ? this.#identity : null;
  }

  /**
   * Forgets what was found through tables in physical pages `[first, last]` of 4 KiB: somebody may write
   * there, now or later, without a word to this space.
   */
  forget(first: number, last: number): void {
    this.#noteWritten(first, last);
  }

  #noteWritten(first: number, last: number): void {
    this.#cache.noteWritten(first, last);
    this.#identity.noteWritten(first, last);
  }

  /** Forgets all translations. */
  flush(): void {
    this.#cache.flush();
  }

  /** Reads 1 to 8 bytes in the machine's byte order; the address need not be aligned. */
  read(address: VirtAddr, sizeBytes: AccessSize, by: string): bigint {
    const at = BigInt.asUintN(this.wordBits, address);
    return this.readEntry(Number(at >> 12n), Number(at & 0xfffn), sizeBytes, this.byteOrder, by);
  }

  /** Writes 1 to 8 bytes in the machine's byte order; excess bits of the value are dropped. */
  write(address: VirtAddr, sizeBytes: AccessSize, value: bigint, by: string): void {
    const at = BigInt.asUintN(this.wordBits, address);
    const page = Number(at >> 12n);
    this.writeEntry(page, Number(at & 0xfffn), sizeBytes, value, this.byteOrder, by);
  }

  /** Reads one byte. */
  readByte(address: VirtAddr, by: string): number {
    return Number(this.read(address, 1, by));
  }

  /** Writes one byte; excess bits of the value are dropped. */
  writeByte(address: VirtAddr, value: number, by: string): void {
    this.write(address, 1, BigInt(value), by);
  }

  /** Reads a word: 4 or 8 bytes. */
  readWord(address: VirtAddr, by: string): bigint {
    return this.read(address, this.#wordBytes, by);
  }

  /** Writes a word: 4 or 8 bytes; excess bits of the value are dropped. */
  writeWord(address: VirtAddr, value: bigint, by: string): void {
    this.write(address, this.#wordBytes, value, by);
  }

  /** Reads 1 to 8 bytes at an offset in a virtual page of 4 KiB, in the byte order given. */
  readEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint {
    if (offset + sizeBytes > PAGE_BYTES) {
      return this.#readAcross({ kind: "read", page, offset, sizeBytes, byteOrder, by });
    }
    const found = this.#cache.find("read", page);
    if (typeof found === "string") {
      const access = faultAccess("read", page, offset, sizeBytes);
      return stop({ kind: "fault", address: access.address, reason: found, by, access });
    }
    const { physicalPage } = found;
    if (physicalPage === page) {
      return this.#physical.readEntry(page, offset, sizeBytes, byteOrder, by);
    }
    return withVirtualFault(
      () => faultAccess("read", page, offset, sizeBytes),
      BigInt(page - physicalPage) << 12n,
      () => this.#physical.readEntry(physicalPage, offset, sizeBytes, byteOrder, by),
    );
  }

  /** Writes 1 to 8 bytes at an offset in a virtual page of 4 KiB, in the byte order given. */
  writeEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void {
    if (offset + sizeBytes > PAGE_BYTES) {
      return this.#writeAcross({ kind: "write", page, offset, sizeBytes, byteOrder, by }, value);
    }
    const found = this.#cache.find("write", page);
    if (typeof found === "string") {
      const access = faultAccess("write", page, offset, sizeBytes);
      return stop({ kind: "fault", address: access.address, reason: found, by, access });
    }
    const { physicalPage } = found;
    if (physicalPage === page) {
      this.#physical.writeEntry(page, offset, sizeBytes, value, byteOrder, by);
    } else {
      withVirtualFault(
        () => faultAccess("write", page, offset, sizeBytes),
        BigInt(page - physicalPage) << 12n,
        () => this.#physical.writeEntry(physicalPage, offset, sizeBytes, value, byteOrder, by),
      );
    }
    this.#noteWritten(physicalPage, physicalPage);
  }

  /** The place of each byte of an access, all of them mapped; behind the last page comes the first. */
  #placesAcross(access: WordAccess): { page: number; offset: number }[] {
    const { kind, page, offset, sizeBytes, by } = access;
    const next = (page + 1) % 2 ** (this.wordBits - 12);
    for (const [at, first] of [[page, offset], [next, 0]] as const) {
      const found = this.#cache.find(kind, at);
      if (typeof found !== "string") continue;
      const address = (BigInt(at) << 12n) + BigInt(first);
      const whole = faultAccess(kind, page, offset, sizeBytes);
      return stop({ kind: "fault", address, reason: found, by, access: whole });
    }
    return Array.from({ length: sizeBytes }, (_, index) => ({
      page: offset + index < PAGE_BYTES ? page : next,
      offset: (offset + index) % PAGE_BYTES,
    }));
  }

  #readAcross(access: WordAccess): bigint {
    const isLittle = access.byteOrder === "little";
    const bytes = this.#placesAcross(access).map(({ page, offset }) =>
      this.readEntry(page, offset, 1, access.byteOrder, access.by)
    );
    const highFirst = isLittle ? bytes.toReversed() : bytes;
    return highFirst.reduce((value, byte) => value << 8n | byte, 0n);
  }

  #writeAcross(access: WordAccess, value: bigint): void {
    const { byteOrder, by } = access;
    const places = this.#placesAcross(access);
    for (const [index, { page, offset }] of places.entries()) {
      const shift = 8 * (byteOrder === "little" ? index : places.length - 1 - index);
      this.writeEntry(page, offset, 1, value >> BigInt(shift), byteOrder, by);
    }
  }

  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void {
    const value = byte & 0xff; // memset converts to a byte.
    const access: FaultAccess = { kind: "fill", address, sizeBytes: length, byte: value };
    this.#forExtents(access, by, (extent) => {
      fillExtent(this.#physical, extent, value, by);
      const { physical, sizeBytes } = extent;
      this.#noteWritten(
        Number(physical >> 12n),
        Number((physical + sizeBytes - 1n) >> 12n),
      );
      return "go on";
    });
  }

  /** Finds the first byte that differs from the one given: its offset, or null if all are equal. */
  firstDifferent(address: VirtAddr, length: ByteCount, byte: number, by: string): bigint | null {
    const access: FaultAccess = { kind: "read", address, sizeBytes: length, byte: null };
    let passed = 0n;
    let found: bigint | null = null;
    this.#forExtents(access, by, (extent) => {
      const different = firstDifferentInExtent(this.#physical, extent, byte, by);
      if (different !== null) found = passed + different;
      passed += extent.sizeBytes;
      return different === null ? "go on" : "enough";
    });
    return found;
  }

  /** Reads a range as runs of equal bytes; the cost follows the runs and the pages. */
  runs(address: VirtAddr, length: ByteCount, by: string): ByteRun[] {
    const access: FaultAccess = { kind: "read", address, sizeBytes: length, byte: null };
    const runs: ByteRun[] = [];
    this.#forExtents(access, by, (extent) => {
      for (const run of runsOfExtent(this.#physical, extent, by)) appendRun(runs, run);
      return "go on";
    });
    return runs;
  }

  /** Goes through the physical extents of a range in ascending order, up to a fault. */
  #forExtents(
    access: FaultAccess,
    by: string,
    use: (extent: Extent) => "go on" | "enough",
  ): void {
    const limit = 1n << BigInt(this.wordBits);
    for (let done = 0n; done < access.sizeBytes;) {
      const at = virtAddr(BigInt.asUintN(this.wordBits, access.address + done));
      const left = access.sizeBytes - done;
      const extent = this.#extentAt(access, at, left < limit - at ? left : limit - at, by);
      const distance = at - extent.physical;
      if (withVirtualFault(() => access, distance, () => use(extent)) === "enough") return;
      done += extent.sizeBytes;
    }
  }

  #extentAt(access: FaultAccess, at: VirtAddr, wanted: bigint, by: string): Extent {
    const kind = access.kind === "fill" ? "write" : "read";
    const found = this.#usageBits === "marked" || at % 0x1000n + wanted <= 0x1000n
      ? this.#extentInPage(kind, at, wanted)
      : extentAt(this.#tables, at, wanted) ?? "unmapped";
    if (typeof found === "string") {
      return stop({ kind: "fault", address: at, reason: found, by, access });
    }
    if (kind === "write" && !found.isWritable) {
      return stop({ kind: "fault", address: at, reason: "read-only", by, access });
    }
    return found;
  }

  #extentInPage(
    kind: "read" | "write",
    at: VirtAddr,
    wanted: bigint,
  ): Extent | "unmapped" | "read-only" {
    const offset = at % 0x1000n;
    const room = 0x1000n - offset;
    const found = this.#cache.find(kind, Number(at >> 12n));
    if (typeof found === "string") return found;
    const physical = physAddr((BigInt(found.physicalPage) << 12n) + offset);
    return { physical, sizeBytes: wanted < room ? wanted : room, isWritable: found.isWritable };
  }
}

function faultAccess(
  kind: "read" | "write",
  page: number,
  offset: number,
  sizeBytes: number,
): FaultAccess {
  const address = (BigInt(page) << 12n) + BigInt(offset);
  return { kind, address, sizeBytes: BigInt(sizeBytes), byte: null };
}

/**
 * Runs an access to physical memory; a fault of it names the virtual address.
 *
 * @param access the access as the code made it
 * @param distance what to add to a physical address to have the virtual one
 * @param action the access to physical memory
 * @returns what the action returns
 */
function withVirtualFault<T>(
  access: () => FaultAccess,
  distance: bigint,
  action: () => T,
): T {
  const outcome = outcomeOf(action);
  if (outcome.kind === "returned") return outcome.value;
  if (outcome.kind !== "fault") return stop(outcome);
  return stop({ ...outcome, address: outcome.address + distance, access: access() });
}
