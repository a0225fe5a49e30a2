/**
 * Page tables: where they are, how their entries are read and written, how a table comes to be.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import type {
  EntryTest,
  LookupMiss,
  PageTableFormat,
  TableAllocation,
  TableLevel,
} from "../../arch.ts";
import { cAssert, unreachable } from "../../outcome.ts";
import { byteCount, type PhysAddr, physAddr, type VirtAddr, virtAddr } from "../../units.ts";
import type { ByteOrder } from "../../word.ts";
import type { AccessSize, AddressSpace } from "../address_space.ts";
import type { Ram } from "../ram.ts";

/** Memory that holds page tables: it reads and writes entries in the byte order of entries. */
export interface TableMemory extends AddressSpace {
  /** Reads an entry at an offset in a page of 4 KiB. */
  readEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    byteOrder: ByteOrder,
    by: string,
  ): bigint;
  /** Writes an entry at an offset in a page of 4 KiB. */
  writeEntry(
    page: number,
    offset: number,
    sizeBytes: AccessSize,
    value: bigint,
    byteOrder: ByteOrder,
    by: string,
  ): void;
}

/**
 * Gives the memory of a table of a level; null if there is none, which most architectures do not notice.
 */
export type TableAllocator = (request: TableAllocation, level: TableLevel) => VirtAddr | null;

/**
 * What becomes of a table for which there is no memory: the code takes address 0 for it, fills what lies
 * there and links it; or the walk ends without it.
 */
export type MissingTable = "taken-to-be-at-0" | "refused";

/**
 * What a lookup gives: entry and offset cut by upstream's masks, or the address that the hardware finds.
 */
export type LookupAddresses = "as-masked" | "as-translated";

/** What page tables are made of. What is left out has the architecture's default. */
export interface PageTablesOptions {
  /** The geometry and the entry bits. */
  readonly format: PageTableFormat;
  /** Memory as the hardware reaches it when it walks the tables. */
  readonly physical: Ram;
  /** Gives the memory of a table. */
  readonly allocate: TableAllocator;
  /** Takes back the memory of a table; only s390x does so, under a large page. */
  readonly free: (table: VirtAddr) => void;
  /** Bits to be set in every entry, such as 4 for "user" on x86, or an encryption bit. */
  readonly optionBits?: bigint;
  /** What a lookup does for an address that is not mapped; arm was different until 2023. */
  readonly lookupMiss?: LookupMiss;
  /** What a lookup gives; by default what upstream's masks leave of entry and offset. */
  readonly lookupAddresses?: LookupAddresses;
  /** What becomes of a table for which there is no memory; by default the code goes on at address 0. */
  readonly missingTable?: MissingTable;
}

/** A level, prepared for walks. */
export interface WalkLevel extends TableLevel {
  /** The shift, as a bigint. */
  readonly indexShift: bigint;
  /** The largest index. */
  readonly indexMask: bigint;
}

/** Page tables in modelled memory. All their state is in that memory, but for the root's address. */
export interface PageTables {
  /** The geometry and the entry bits. */
  readonly format: PageTableFormat;
  /** The levels, the root's first. */
  readonly levels: readonly WalkLevel[];
  /** Memory as the hardware reaches it. */
  readonly physical: Ram;
  /** Gives the memory of a table. */
  readonly allocate: TableAllocator;
  /** Takes back the memory of a table. */
  readonly free: (table: VirtAddr) => void;
  /** Bits that are set in every entry. */
  readonly optionBits: bigint;
  /** What a lookup does for an address that is not mapped. */
  readonly lookupMiss: LookupMiss;
  /** What a lookup gives. */
  readonly lookupAddresses: LookupAddresses;
  /** What becomes of a table for which there is no memory. */
  readonly missingTable: MissingTable;
  /** The address of the root. */
  readonly root: PhysAddr;
  /**
   * Memory as the code that edits the tables reaches it: physical memory until the tables are in use,
   * then the space that they translate.
   */
  memory: TableMemory;
  /** How many entries were written; a cache of translations is stale when it changes. */
  edits: number;
}

/** Where an entry lies: a page of 4 KiB and an offset in it. */
export interface Slot {
  /** The number of the page. */
  readonly page: number;
  /** The offset in bytes, 0 to 4095. */
  readonly offset: number;
}

/**
 * Tells whether a test holds for an entry.
 *
 * @param test the test; null never holds
 * @param entry the entry
 * @returns whether it holds
 */
export function holds(test: EntryTest | null, entry: bigint): boolean {
  return test !== null && (entry & test.mask) === test.value;
}

/** An address bit that serves as an option, such as an encryption bit, is no address bit. */
function prepareLevel(level: TableLevel, optionBits: bigint): WalkLevel {
  const { table, leaf } = level;
  return {
    ...level,
    table: table && { ...table, address: table.address & ~optionBits },
    leaf: leaf && {
      ...leaf,
      address: leaf.address & ~optionBits,
      lookup: { ...leaf.lookup, entry: leaf.lookup.entry & ~optionBits },
    },
    indexShift: BigInt(level.shift),
    indexMask: BigInt(level.entries - 1),
  };
}

/**
 * Takes up page tables that are in memory already.
 *
 * Source: the roots that boot code leaves: `lib/x86/vm.c`, `setup_mmu()`; `lib/<arch>/mmu.c`, 4a54e8a3.
 *
 * @param options what they are made of
 * @param root the address of the root
 * @returns the tables
 */
export function openPageTables(options: PageTablesOptions, root: PhysAddr): PageTables {
  const { format, physical, allocate, free } = options;
  const optionBits = options.optionBits ?? format.optionBits;
  const lookupMiss = options.lookupMiss ?? format.lookupMiss;
  const levels = format.levels.map((level) => prepareLevel(level, optionBits));
  const memory = physical;
  return {
    format,
    levels,
    physical,
    allocate,
    free,
    optionBits,
    lookupMiss,
    lookupAddresses: options.lookupAddresses ?? "as-masked",
    missingTable: options.missingTable ?? "taken-to-be-at-0",
    root,
    memory,
    edits: 0,
  };
}

/**
 * Makes page tables: allocates and fills a root. Without memory for it the root is at address 0, as
 * nobody looks.
 *
 * Ends in a failed assertion without memory for the root, if a missing table is refused.
 *
 * Source: `setup_mmu()`, `pgd_alloc_one()`, 1da1819e.
 *
 * @param options what they are made of
 * @returns the tables, which map nothing
 */
export function createPageTables(options: PageTablesOptions): PageTables {
  const unrooted = openPageTables(options, physAddr(0n));
  const root = assertTable(unrooted, makeTable(unrooted, 0, "setup_mmu()"), "setup_mmu");
  return { ...unrooted, root: physAddr(root) };
}

/**
 * What code asserts that maps page after page and cannot go on without a table; upstream's own code
 * asserts so where it splits a large page, and nowhere else.
 */
export function assertTable<T>(tables: PageTables, found: T | null, name: string): T {
  cAssert(found !== null, { file: tables.format.file, function: name, line: null }, "table");
  return found;
}

/** The memory for a table: at 0 if there is none and nobody looks, null if somebody does. */
export function tableMemory(
  tables: PageTables,
  request: TableAllocation,
  level: TableLevel,
): bigint | null {
  const table = tables.allocate(request, level);
  return table === null && tables.missingTable === "taken-to-be-at-0" ? 0n : table;
}

/**
 * Allocates and fills a table; upstream does so without a look at whether there was memory for it.
 *
 * @param tables the tables that it is for
 * @param depth its level; 0 for the root
 * @param by who makes it
 * @returns its address; 0 if there was no memory, or null where that is refused
 */
export function makeTable(tables: PageTables, depth: number, by: string): bigint | null {
  const level = levelAt(tables, depth);
  const { allocation, fill } = level;
  const table = tableMemory(tables, allocation, level);
  if (table === null || fill === null) return table;
  if (fill.entry === 0n) {
    const size = byteCount(BigInt(fill.count * tables.format.entryBytes));
    tables.memory.fill(virtAddr(table), size, 0, by);
    tables.edits++;
  } else {
    writeEntries(tables, slotAt(tables, table, 0), fill.count, { first: fill.entry, step: 0n }, by);
  }
  return table;
}

/** The level at a depth; 0 is the root's. */
export function levelAt(tables: PageTables, depth: number): WalkLevel {
  return tables.levels[depth] ?? unreachable(`page tables have no level ${depth}`);
}

/** The entry of a table for an address. */
export function slotFor(
  tables: PageTables,
  level: WalkLevel,
  table: bigint,
  address: bigint,
): Slot {
  return slotAt(tables, table, Number((address >> level.indexShift) & level.indexMask));
}

/** The entry of a table at an index. */
export function slotAt(tables: PageTables, table: bigint, index: number): Slot {
  const offset = Number(table & 0xfffn) + index * tables.format.entryBytes;
  return { page: Number(table >> 12n) + Math.floor(offset / 4096), offset: offset % 4096 };
}

/** Reads an entry as the code that edits the tables does. */
export function readEntry(tables: PageTables, slot: Slot, by: string): bigint {
  const { entryBytes, entryByteOrder } = tables.format;
  return tables.memory.readEntry(slot.page, slot.offset, entryBytes, entryByteOrder, by);
}

/** Writes an entry as the code that edits the tables does; bits beyond its width are dropped. */
export function writeEntry(tables: PageTables, slot: Slot, entry: bigint, by: string): void {
  const { entryBytes, entryByteOrder } = tables.format;
  tables.memory.writeEntry(slot.page, slot.offset, entryBytes, entry, entryByteOrder, by);
  tables.edits++;
}

/** Entries that follow each other: the first, and how much each differs from the one before. */
export interface EntrySeries {
  /** The first. */
  readonly first: bigint;
  /** The difference. */
  readonly step: bigint;
}

/** Writes a number of entries from a slot on, in ascending order. */
export function writeEntries(
  tables: PageTables,
  slot: Slot,
  count: number,
  series: EntrySeries,
  by: string,
): void {
  const { memory, format: { entryBytes, entryByteOrder } } = tables;
  let { page, offset } = slot;
  let entry = series.first;
  for (let index = 0; index < count; index++) {
    memory.writeEntry(page, offset, entryBytes, entry, entryByteOrder, by);
    entry += series.step;
    offset += entryBytes;
    if (offset === 4096) {
      offset = 0;
      page++;
    }
  }
  tables.edits++;
}

/**
 * An address as an entry holds it.
 *
 * @param tables the tables
 * @param address the address
 * @param mask the bits of the entry that hold it; used only where the address is shifted
 * @returns the bits
 */
export function encodeAddress(tables: PageTables, address: bigint, mask: bigint): bigint {
  const { addressShift } = tables.format;
  return addressShift === 0 ? address : (address >> BigInt(addressShift)) & mask;
}

/**
 * The address that an entry holds.
 *
 * @param tables the tables
 * @param entry the entry
 * @param mask the bits that hold it
 * @returns the address
 */
export function decodeAddress(
  tables: Pick<PageTables, "format">,
  entry: bigint,
  mask: bigint,
): bigint {
  const { addressShift } = tables.format;
  return addressShift === 0 ? entry & mask : (entry & mask) << BigInt(addressShift);
}
