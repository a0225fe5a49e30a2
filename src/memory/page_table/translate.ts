/**
 * The hardware's walk: how an access finds its memory.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { type ByteCount, byteCount, type PhysAddr, physAddr, type VirtAddr } from "../../units.ts";
import {
  decodeAddress,
  holds,
  levelAt,
  type PageTables,
  type Slot,
  slotFor,
  type WalkLevel,
} from "./tables.ts";

/** Where an address leads. */
export interface Translation {
  /** The physical address. */
  readonly physical: PhysAddr;
  /** Whether it can be written. */
  readonly isWritable: boolean;
  /** The size of the page, large or small, in bytes. */
  readonly pageBytes: ByteCount;
  /** The entry that maps it. */
  readonly entry: bigint;
}

/** An entry that the hardware went through, with its level. */
export interface Step {
  /** The level's depth; 0 is the root's. */
  readonly depth: number;
  /** Where the entry lies. */
  readonly slot: Slot;
  /** The entry. */
  readonly entry: bigint;
}

/** A walk of the hardware. */
export interface HardwareWalk {
  /** The entries on the way, the root's first; the last of them maps memory or is a miss. */
  readonly steps: readonly Step[];
  /** Where the address leads; null if it is not mapped. */
  readonly translation: Translation | null;
}

const BY = "the page walk";

/** Tells whether the bits above those that are translated are as the hardware wants them. */
function isCanonical(tables: PageTables, address: bigint): boolean {
  const { virtualBits, upperBits } = tables.format;
  if (upperBits === "zero") return address >> BigInt(virtualBits) === 0n;
  return BigInt.asIntN(64, address) === BigInt.asIntN(virtualBits, address);
}

/** Reads an entry as the hardware does, from physical memory. */
export function readHardwareEntry(tables: PageTables, slot: Slot): bigint {
  const { entryBytes, entryByteOrder } = tables.format;
  return tables.physical.readEntry(slot.page, slot.offset, entryBytes, entryByteOrder, BY);
}

/**
 * Walks the tables as the hardware does for an access.
 *
 * Changes nothing; used and changed pages are marked by the space that makes the access.
 *
 * @param tables the tables
 * @param virtual the virtual address
 * @returns the entries on the way, and where they lead
 */
export function walkAsHardware(tables: PageTables, virtual: VirtAddr): HardwareWalk {
  const steps: Step[] = [];
  if (!isCanonical(tables, virtual)) return { steps, translation: null };
  let isWritable = true;
  let table: bigint = tables.root;
  for (let depth = 0; depth < tables.levels.length; depth++) {
    const level = levelAt(tables, depth);
    const slot = slotFor(tables, level, table, virtual);
    const entry = readHardwareEntry(tables, slot);
    steps.push({ depth, slot, entry });
    const { leaf } = level;
    if (leaf !== null && holds(leaf.is, entry)) {
      isWritable &&= !holds(leaf.readOnly, entry);
      return { steps, translation: translationOf(tables, level, entry, virtual, isWritable) };
    }
    if (level.table === null || !holds(level.table.is, entry)) break;
    isWritable &&= !holds(level.table.readOnly, entry);
    table = decodeAddress(tables, entry, level.table.address);
  }
  return { steps, translation: null };
}

function translationOf(
  tables: PageTables,
  level: WalkLevel,
  entry: bigint,
  virtual: bigint,
  isWritable: boolean,
): Translation {
  const pageBytes = 1n << level.indexShift;
  const frame = decodeAddress(tables, entry, level.leaf?.address ?? 0n);
  const physical = physAddr(frame | (virtual & (pageBytes - 1n)));
  return { physical, isWritable, pageBytes: byteCount(pageBytes), entry };
}

/** Memory that is contiguous in both address spaces. */
export interface Extent {
  /** The physical address of its first byte. */
  readonly physical: PhysAddr;
  /** How many bytes it has. */
  readonly sizeBytes: bigint;
  /** Whether it can be written. */
  readonly isWritable: boolean;
}

/**
 * The longest extent that begins at an address and that one table maps, up to a size.
 *
 * It ends behind a page that holds one of the tables on the way, because a write there may change
 * where the rest leads.
 *
 * @param tables the tables
 * @param virtual the virtual address
 * @param limitBytes the size, 1 or more
 * @returns the extent; null if the address is not mapped
 */
export function extentAt(
  tables: PageTables,
  virtual: VirtAddr,
  limitBytes: bigint,
): Extent | null {
  const { steps, translation } = walkAsHardware(tables, virtual);
  const last = steps.at(-1);
  if (translation === null || last === undefined) return null;
  const { physical, isWritable, pageBytes } = translation;
  const level = levelAt(tables, last.depth);
  const inTable = (virtual >> level.indexShift) & level.indexMask;
  const left = Number(level.indexMask - inTable);
  const wanted = limitBytes + virtual % pageBytes;
  const pages = Math.min(left, Number((wanted - 1n) / pageBytes));
  const size = (1n + countFollowing(tables, last, pages)) * pageBytes - virtual % pageBytes;
  let end = physical + (size < limitBytes ? size : limitBytes);
  for (const { slot } of steps) {
    const tableEnd = BigInt(slot.page + 1) << 12n;
    if (tableEnd > physical && tableEnd < end) end = tableEnd;
  }
  return { physical, sizeBytes: end - physical, isWritable };
}

/** How many of the entries after one map the memory after, with the same flags; up to a limit. */
export function countFollowing(tables: PageTables, step: Step, limit: number): bigint {
  const { entryBytes, addressShift } = tables.format;
  const difference = 1n << (levelAt(tables, step.depth).indexShift - BigInt(addressShift));
  let { page, offset } = step.slot;
  let expected = step.entry;
  for (let count = 0; count < limit; count++) {
    offset += entryBytes;
    if (offset === 4096) {
      offset = 0;
      page++;
    }
    expected += difference;
    if (readHardwareEntry(tables, { page, offset }) !== expected) return BigInt(count);
  }
  return BigInt(limit);
}

/**
 * Where a virtual address leads, as the hardware sees it.
 *
 * @param tables the tables
 * @param virtual the virtual address
 * @returns the translation; null if an access would fault
 */
export function translate(tables: PageTables, virtual: VirtAddr): Translation | null {
  return walkAsHardware(tables, virtual).translation;
}
