/**
 * Memory behind page tables: virtual addresses as the running code uses them.
 *
 * @module
 */

import { type FaultAccess, type FaultReason, outcomeOf, stop } from "../outcome.ts";
import { type ByteCount, physAddr, type VirtAddr, virtAddr } from "../units.ts";
import { type ByteOrder, type WordBits, wordBytes } from "../word.ts";
import type { AccessSize, ByteRun } from "./address_space.ts";
import { appendRun, fillExtent, firstDifferentInExtent, runsOfExtent } from "./extent_access.ts";
import {
  type Extent,
  extentAt,
  type PageTables,
  type Step,
  type TableMemory,
  walkAsHardware,
} from "./page_table/mod.ts";
import type { Ram } from "./ram.ts";

/** How a translated space behaves. */
export interface TranslatedSpaceOptions {
  /**
   * Whether a walk marks the entries that it used as accessed and, for a write, as dirty. Left alone
   * by default: recordings do not compare these bits, and no architecture but x86 has its hardware
   * set them here.
   */
  readonly usageBits?: "left-alone" | "marked";
}

/** A page of 4 KiB whose translation is known. */
interface KnownPage {
  /** The number of the physical page. */
  readonly physicalPage: number;
  /** Whether it can be written. */
  readonly isWritable: boolean;
  /** Whether a write needs no further marks. */
  readonly isMarkedDirty: boolean;
}

/** More translations than this are not remembered. */
const CACHE_LIMIT = 65_536;

/** The size of the pages by which translations are remembered, whatever the page size is. */
const PAGE_BYTES = 4096;

/**
 * An address space behind page tables. Each access walks them; an address that is not mapped, or a
 * write where that is not allowed, is a fault that names the virtual address.
 *
 * Walks are remembered. What is remembered is dropped when the tables are edited by the functions of
 * this model, or when something is written through this space to a page that holds a table. Whoever
 * changes tables in physical memory by another way has to {@linkcode flush}.
 */
export class TranslatedSpace implements TableMemory {
  /** The width of a word and of a pointer. */
  readonly wordBits: WordBits;
  /** The byte order of everything wider than a byte. */
  readonly byteOrder: ByteOrder;
  readonly #tables: PageTables;
  readonly #physical: Ram;
  readonly #marksUsage: boolean;
  readonly #wordBytes: 4 | 8;
  readonly #known: Map<number, KnownPage> = new Map();
  /** The physical pages that hold the entries through which the known pages were found. */
  readonly #tablePages: Set<number> = new Set();
  #edits: number;

  /** Puts physical memory behind tables. */
  constructor(tables: PageTables, options: TranslatedSpaceOptions = {}) {
    this.#tables = tables;
    this.#physical = tables.physical;
    this.wordBits = tables.physical.wordBits;
    this.byteOrder = tables.physical.byteOrder;
    this.#wordBytes = wordBytes(this.wordBits);
    this.#marksUsage = options.usageBits === "marked";
    this.#edits = tables.edits;
  }

  /** Forgets all translations. */
  flush(): void {
    this.#known.clear();
    this.#tablePages.clear();
    this.#edits = this.#tables.edits;
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
      return this.#readAcross(page, offset, sizeBytes, byteOrder, by);
    }
    const { physicalPage } = this.#pageFor("read", page, offset, sizeBytes, by);
    if (physicalPage === page) {
      return this.#physical.readEntry(page, offset, sizeBytes, byteOrder, by);
    }
    return withVirtualFault(
      accessOf("read", page, offset, sizeBytes),
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
      return this.#writeAcross(page, offset, sizeBytes, value, byteOrder, by);
    }
    const { physicalPage } = this.#pageFor("write", page, offset, sizeBytes, by);
    if (physicalPage === page) {
      this.#physical.writeEntry(page, offset, sizeBytes, value, byteOrder, by);
    } else {
      withVirtualFault(
        accessOf("write", page, offset, sizeBytes),
        BigInt(page - physicalPage) << 12n,
        () => this.#physical.writeEntry(physicalPage, offset, sizeBytes, value, byteOrder, by),
      );
    }
    if (this.#tablePages.has(physicalPage)) this.flush();
  }

  /** The page that follows a virtual page; after the last comes the first. */
  #pageAfter(page: number): number {
    return (page + 1) % 2 ** (this.wordBits - 12);
  }

  #readAcross(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint {
    const next = this.#pageAfter(page);
    this.#pageFor("read", page, offset, sizeBytes, by);
    this.#pageFor("read", next, 0, sizeBytes, by, accessOf("read", page, offset, sizeBytes));
    const bytes = new DataView(new ArrayBuffer(8));
    for (let index = 0; index < sizeBytes; index++) {
      const isHere = offset + index < PAGE_BYTES;
      const at = (offset + index) % PAGE_BYTES;
      const byte = this.readEntry(isHere ? page : next, at, 1, byteOrder, by);
      bytes.setUint8(byteOrder === "little" ? index : 8 - sizeBytes + index, Number(byte));
    }
    return bytes.getBigUint64(0, byteOrder === "little");
  }

  #writeAcross(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void {
    const next = this.#pageAfter(page);
    this.#pageFor("write", page, offset, sizeBytes, by);
    this.#pageFor("write", next, 0, sizeBytes, by, accessOf("write", page, offset, sizeBytes));
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, BigInt.asUintN(64, value), byteOrder === "little");
    for (let index = 0; index < sizeBytes; index++) {
      const isHere = offset + index < PAGE_BYTES;
      const at = (offset + index) % PAGE_BYTES;
      const byte = bytes.getUint8(byteOrder === "little" ? index : 8 - sizeBytes + index);
      this.writeEntry(isHere ? page : next, at, 1, BigInt(byte), byteOrder, by);
    }
  }

  /** Finds where a virtual page of 4 KiB leads, or ends the access in a fault. */
  #pageFor(
    kind: "read" | "write",
    page: number,
    offset: number,
    sizeBytes: number,
    by: string,
    whole?: FaultAccess,
  ): KnownPage {
    if (this.#tables.edits !== this.#edits) this.flush();
    const known = this.#known.get(page);
    if (known !== undefined && (kind === "read" || (known.isWritable && known.isMarkedDirty))) {
      return known;
    }
    const address = (BigInt(page) << 12n) + BigInt(offset);
    const access = whole ?? accessOf(kind, page, offset, sizeBytes);
    return this.#learn(
      kind,
      page,
      (reason) => stop({ kind: "fault", address, reason, by, access }),
    );
  }

  #learn(
    kind: "read" | "write",
    page: number,
    fault: (reason: FaultReason) => never,
  ): KnownPage {
    const { steps, translation } = walkAsHardware(this.#tables, virtAddr(BigInt(page) << 12n));
    if (translation === null) return fault("unmapped");
    const { physical, isWritable } = translation;
    if (kind === "write" && !isWritable) return fault("read-only");
    if (this.#marksUsage) this.#mark(kind, steps);
    if (this.#known.size >= CACHE_LIMIT) this.flush();
    for (const { slot } of steps) this.#tablePages.add(slot.page);
    const isMarkedDirty = kind === "write" || !this.#marksUsage;
    const known = { physicalPage: Number(physical >> 12n), isWritable, isMarkedDirty };
    this.#known.set(page, known);
    return known;
  }

  /** Sets the bits that the hardware sets: accessed in all entries, dirty in the last for a write. */
  #mark(kind: "read" | "write", steps: readonly Step[]): void {
    const { entryBytes, entryByteOrder, usage } = this.#tables.format;
    for (const [index, { slot: { page, offset }, entry }] of steps.entries()) {
      const isWritten = kind === "write" && index === steps.length - 1;
      const marked = entry | usage.accessed | (isWritten ? usage.dirty : 0n);
      if (marked === entry) continue;
      this.#physical.writeEntry(page, offset, entryBytes, marked, entryByteOrder, "the page walk");
    }
  }

  /** Fills bytes, as `memset` does, in ascending order up to a fault. */
  fill(address: VirtAddr, length: ByteCount, byte: number, by: string): void {
    const value = byte & 0xff; // bits: memset converts to a byte.
    const access: FaultAccess = { kind: "fill", address, sizeBytes: length, byte: value };
    this.#forExtents(access, by, (extent) => {
      fillExtent(this.#physical, extent, value, by);
      this.#noteWritten(extent);
      return "go on";
    });
  }

  /** Forgets the translations if bytes were written to a table. */
  #noteWritten({ physical, sizeBytes }: Extent): void {
    const first = Number(physical >> 12n);
    const last = Number((physical + sizeBytes - 1n) >> 12n);
    for (const page of this.#tablePages) {
      if (page >= first && page <= last) return this.flush();
    }
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
      const wanted = left < limit - at ? left : limit - at;
      const extent = this.#extentAt(access, at, wanted, by);
      const distance = at - extent.physical;
      if (withVirtualFault(access, distance, () => use(extent)) === "enough") return;
      done += extent.sizeBytes;
    }
  }

  #extentAt(access: FaultAccess, at: VirtAddr, wanted: bigint, by: string): Extent {
    const kind = access.kind === "fill" ? "write" : "read";
    const offset = at % 0x1000n;
    if (this.#marksUsage || offset + wanted <= 0x1000n) {
      const page = Number(at >> 12n);
      const known = this.#pageFor(kind, page, Number(offset), 1, by, access);
      const physical = physAddr((BigInt(known.physicalPage) << 12n) + offset);
      const room = 0x1000n - offset;
      const sizeBytes = wanted < room ? wanted : room;
      return { physical, sizeBytes, isWritable: known.isWritable };
    }
    const extent = extentAt(this.#tables, at, wanted);
    if (extent === null) {
      return stop({ kind: "fault", address: at, reason: "unmapped", by, access });
    }
    if (kind === "write" && !extent.isWritable) {
      return stop({ kind: "fault", address: at, reason: "read-only", by, access });
    }
    return extent;
  }
}

function accessOf(
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
 */
function withVirtualFault<T>(access: FaultAccess, distance: bigint, action: () => T): T {
  const outcome = outcomeOf(action);
  if (outcome.kind === "returned") return outcome.value;
  if (outcome.kind !== "fault") return stop(outcome);
  return stop({ ...outcome, address: outcome.address + distance, access });
}
