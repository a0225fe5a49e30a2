/**
 * The page tables of a guest, found in its dump. A register tells where they begin, if the dump keeps it.
 * Otherwise each table in use that could be the root is tried: one maps itself to where it lies, as every
 * root does in a guest that maps its RAM one to one, and leads to the frames that are asked for.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { pageTableFormatOf } from "../arch.ts";
import type { PageTableFormat, TableLevel } from "../arch.ts";
import type { Survey } from "../check/invariants/mod.ts";
import { decodeAddress, holds } from "../memory/page_table/mod.ts";
import type { DumpMemory } from "./memory.ts";
import type { Shape } from "./shapes.ts";

/** The root of page tables. */
export interface TablesRoot {
  /** Its physical address. */
  readonly root: bigint;
  /** How it was come by. */
  readonly by: "a register" | "its contents";
}

/** Page tables whose root is known. */
export interface DumpTables extends TablesRoot {
  /** The virtual addresses of the frames that were asked for, ascending; one to one is left out. */
  readonly virtuals: ReadonlyMap<number, readonly bigint[]>;
}

/** No more entries of one root are read: what memory of 64 GiB takes in pages of 4 KiB. */
const MOST_ENTRIES = 2 ** 24;
/** Nor more of all that are tried. */
const MOST_OF_ALL = 2 ** 26;
/** No more frames are tried as a root: 512 MiB in use, of 4 KiB each. */
const MOST_CANDIDATES = 2 ** 17;
/** Tables lie in blocks up to this size. */
const TABLE_BLOCK_BYTES = 2 ** 16;

/** A table to be read: its address, its level, and the first virtual address that it maps. */
interface Table {
  readonly address: bigint;
  readonly depth: number;
  readonly first: bigint;
}

/** Reads page tables of a guest. */
export class TableReader {
  readonly #memory: DumpMemory;
  readonly #format: PageTableFormat;
  readonly #wordBits: number;
  /** How many entries may still be read. */
  #left = MOST_OF_ALL;

  /** Makes a reader. */
  constructor(memory: DumpMemory, { arch, pageShift }: Shape) {
    this.#memory = memory;
    this.#format = pageTableFormatOf(arch, pageShift);
    this.#wordBits = arch.wordBits;
  }

  /** The size of a root in bytes, and so what it is aligned to. */
  get rootBytes(): number {
    return (this.#format.levels[0]?.entries ?? 1) * this.#format.entryBytes;
  }

  /** The address that an entry holds, as wide as a physical address. */
  #addressIn(entry: bigint, mask: bigint): bigint {
    return decodeAddress(this, entry, mask);
  }

  /** The format, for what decodes entries by it. */
  get format(): PageTableFormat {
    return this.#format;
  }

  /** Where a virtual address leads; null if it is not mapped, or a table is not in the dump. */
  translate(root: bigint, virtual: bigint): bigint | null {
    const { levels, entryBytes, entryByteOrder, virtualBits } = this.#format;
    const address = BigInt.asUintN(Math.min(virtualBits, this.#wordBits), virtual);
    let table = root;
    for (const { shift, entries, leaf, table: below } of levels) {
      const index = (address >> BigInt(shift)) & BigInt(entries - 1);
      const at = table + index * BigInt(entryBytes);
      const entry = this.#memory.peek(at, entryBytes, entryByteOrder);
      if (entry === null) return null;
      if (leaf !== null && holds(leaf.is, entry)) {
        return this.#addressIn(entry, leaf.address) | (address & ((1n << BigInt(shift)) - 1n));
      }
      if (below === null || !holds(below.is, entry)) return null;
      table = this.#addressIn(entry, below.address);
    }
    return null;
  }

  /**
   * Looks at all small pages that tables map.
   *
   * @param root the root
   * @param visit told of each page: its virtual and physical address
   * @returns whether all were looked at; "cut off" if they are too many
   */
  forEachPage(
    root: bigint,
    visit: (virtual: bigint, physical: bigint) => void,
  ): "complete" | "cut off" {
    const tables: Table[] = [{ address: root, depth: 0, first: 0n }];
    const least = Math.max(0, this.#left - MOST_ENTRIES);
    for (let table = tables.pop(); table !== undefined; table = tables.pop()) {
      const level = this.#format.levels[table.depth];
      if (level === undefined) continue;
      this.#left -= level.entries;
      if (this.#left < least) return "cut off";
      this.#readTable(table, level, tables, visit);
    }
    return "complete";
  }

  #readTable(
    { address, depth, first }: Table,
    { shift, entries, leaf, table }: TableLevel,
    tables: Table[],
    visit: (virtual: bigint, physical: bigint) => void,
  ): void {
    const { entryBytes, entryByteOrder, levels } = this.#format;
    const bytes = this.#memory.peekBytes(address, entries * entryBytes);
    if (bytes === null) return;
    const view = new DataView(bytes.buffer);
    const isLittle = entryByteOrder === "little";
    const isLast = depth === levels.length - 1;
    for (let index = 0; index < entries; index++) {
      const at = index * entryBytes;
      const entry = entryBytes === 8
        ? view.getBigUint64(at, isLittle)
        : BigInt(view.getUint32(at, isLittle));
      const virtual = first + (BigInt(index) << BigInt(shift));
      if (leaf !== null && holds(leaf.is, entry)) {
        if (isLast) visit(this.#canonical(virtual), this.#addressIn(entry, leaf.address));
      } else if (table !== null && holds(table.is, entry)) {
        tables.push({
          address: this.#addressIn(entry, table.address),
          depth: depth + 1,
          first: virtual,
        });
      }
    }
  }

  #canonical(virtual: bigint): bigint {
    const { upperBits, virtualBits } = this.#format;
    const wide = upperBits === "zero" ? virtual : BigInt.asIntN(virtualBits, virtual);
    return BigInt.asUintN(this.#wordBits, wide);
  }
}

/** The addresses in use at which a root can lie. */
function* candidatesOf(
  surveys: readonly Survey[],
  reader: TableReader,
  { pageShift }: Shape,
): Generator<bigint> {
  const pageBytes = 2 ** pageShift;
  const step = Math.max(1, reader.rootBytes / pageBytes);
  const largest = Math.max(TABLE_BLOCK_BYTES, reader.rootBytes, pageBytes) / pageBytes;
  let left = MOST_CANDIDATES;
  for (const { first, count, size, use } of surveys.flatMap(({ blocks }) => blocks)) {
    if (use !== "in-use" || size > largest) continue;
    const end = first + count * size;
    for (let frame = Math.ceil(first / step) * step; frame < end; frame += step) {
      if (left-- === 0) return;
      yield BigInt(frame) << BigInt(pageShift);
    }
  }
}

/** What the tables at a root map frames to; null if nothing, or if they have no end. */
function virtualsOf(
  reader: TableReader,
  root: bigint,
  frames: ReadonlySet<number>,
  pageShift: number,
): Map<number, bigint[]> | null {
  const virtuals = new Map<number, bigint[]>();
  const end = reader.forEachPage(root, (virtual, physical) => {
    const frame = Number(physical >> BigInt(pageShift));
    if (virtual === physical || !frames.has(frame)) return;
    const known = virtuals.get(frame);
    if (known === undefined) virtuals.set(frame, [virtual]);
    else known.push(virtual);
  });
  if (end === "cut off" || virtuals.size === 0) return null;
  for (const known of virtuals.values()) known.sort((one, other) => one < other ? -1 : 1);
  return virtuals;
}

function textOf(virtuals: ReadonlyMap<number, readonly bigint[]>): string {
  return [...virtuals].map(([frame, known]) => `${frame}: ${known}`).toSorted().join("; ");
}

/**
 * Finds the page tables that map some frames elsewhere than one to one.
 *
 * @param reader reads tables
 * @param shape the shape
 * @param surveys the areas: tables lie in frames in use
 * @param registers roots that CPUs had
 * @param frames the frames
 * @returns the tables; null if none leads to them, or several do and differ
 */
export function findTables(
  reader: TableReader,
  shape: Shape,
  surveys: readonly Survey[],
  registers: readonly bigint[],
  frames: ReadonlySet<number>,
): DumpTables | null {
  if (frames.size === 0) return null;
  const { pageShift } = shape;
  for (const root of registers) {
    const virtuals = virtualsOf(reader, root, frames, pageShift);
    if (virtuals !== null) return { root, by: "a register", virtuals };
  }
  let best: DumpTables | null = null;
  let isUnclear = false;
  for (const root of candidatesOf(surveys, reader, shape)) {
    if (reader.translate(root, root) !== root) continue;
    const virtuals = virtualsOf(reader, root, frames, pageShift);
    if (virtuals === null || virtuals.size < (best?.virtuals.size ?? 0)) continue;
    const isMore = virtuals.size > (best?.virtuals.size ?? 0);
    isUnclear = !isMore &&
      (isUnclear || best === null || textOf(virtuals) !== textOf(best.virtuals));
    if (isMore) best = { root, by: "its contents", virtuals };
  }
  return isUnclear ? null : best;
}
