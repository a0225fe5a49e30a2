/**
 * Page tables as the rules need them: what is mapped, in pages, and where the tables lie. The cost
 * follows the tables; a second look reads again only those that may have changed.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import type { EntryTest } from "../../arch.ts";
import type { Machine } from "../../machine.ts";
import { decodeAddress, holds, levelAt, slotAt } from "../../memory/page_table/tables.ts";
import type { PageTables, Slot } from "../../memory/page_table/tables.ts";
import { countFollowing, readHardwareEntry } from "../../memory/page_table/translate.ts";
import { physAddr } from "../../units.ts";
import { wrapToWord } from "../../word.ts";

/** Virtual pages in a row that lead to frames in a row. */
export interface MappedPages {
  /** The number of the first virtual page: its address divided by the page size. */
  readonly virtual: number;
  /** The first frame. */
  readonly frame: number;
  /** How many. */
  readonly count: number;
  /** Whether they can be written. */
  readonly access: "writable" | "read-only";
}

/** Where a table lies. */
export interface TablePlace {
  /** Its physical address; exact below 2^53. */
  readonly address: number;
  /** The first frame. */
  readonly first: number;
  /** The first frame after. */
  readonly top: number;
}

/** A table and what lies below it, as it was read. */
export interface Subtree {
  /** The number of the first virtual page below it. */
  readonly virtual: number;
  /** Whether the entries above allow writing. */
  readonly access: MappedPages["access"];
  /** What it maps, by ascending virtual page. */
  readonly mapped: readonly MappedPages[];
  /** Where its tables lie, itself first; one that is linked twice stands there twice. */
  readonly places: readonly TablePlace[];
  /** The tables right below it, by physical address. */
  readonly below: ReadonlyMap<number, Subtree>;
}

/** What page tables hold: the root and what lies below it. */
export interface TableSurvey extends Subtree {
  /** The tables that were read. */
  readonly tables: PageTables;
  /** How often they had been edited then. */
  readonly edits: number;
}

/** Virtual pages whose tables are read in any case: a range `[first, top)`. */
export interface PageRange {
  /** The first page. */
  readonly first: number;
  /** The first page after. */
  readonly top: number;
}

/** What an earlier look is good for: everything outside some ranges. */
export interface Earlier {
  /** The earlier look. */
  readonly survey: TableSurvey;
  /** What has to be read again. */
  readonly changed: readonly PageRange[];
}

/** Damaged tables are not followed further than this many tables. */
const MAX_TABLES = 2 ** 20;

/** The pages that an entry above allows to be written. */
type Access = MappedPages["access"];

/** A table on the way down. */
interface Place {
  readonly depth: number;
  readonly table: bigint;
  /** The first virtual address below it, not extended to the width of a word. */
  readonly address: bigint;
  readonly access: Access;
}

/** Adds pages to a list, joined to the last ones if they go on with them. */
function joinTo(list: MappedPages[], pages: MappedPages): void {
  const last = list.at(-1);
  const goesOn = last !== undefined && last.access === pages.access &&
    last.virtual + last.count === pages.virtual && last.frame + last.count === pages.frame;
  if (goesOn) list[list.length - 1] = { ...last, count: last.count + pages.count };
  else list.push(pages);
}

/** A subtree while it is read. */
interface Growing extends Subtree {
  readonly mapped: MappedPages[];
  readonly places: TablePlace[];
  readonly below: Map<number, Subtree>;
}

class Walk {
  readonly #tables: PageTables;
  readonly #machine: Machine;
  readonly #changed: readonly PageRange[];
  #count = 0;

  constructor(machine: Machine, tables: PageTables, changed: readonly PageRange[]) {
    this.#machine = machine;
    this.#tables = tables;
    this.#changed = changed;
  }

  /** Reads a table and what lies below; spares what an earlier look has and that did not change. */
  read(place: Place, earlier: Subtree | null): Subtree {
    const { depth, table, address, access } = place;
    const tables = this.#tables;
    const { entryBytes } = tables.format;
    const { entries } = levelAt(tables, depth);
    const { virtual } = this.#pagesOf({ address, physical: 0n, size: 0n, access });
    const own = this.#placeOf(table, entries * entryBytes);
    const grown: Growing = { virtual, access, mapped: [], places: [own], below: new Map() };
    if (this.#count++ >= MAX_TABLES) return grown;
    for (let index = 0; index < entries;) {
      const slot = slotAt(tables, table, index);
      const left = Math.min(entries - index, Math.ceil((4096 - slot.offset) / entryBytes));
      if (this.#isStored(slot)) {
        for (const end = index + left; index < end;) {
          index += this.#entry(place, index, end - index, { grown, earlier });
        }
      } else index += left;
    }
    return grown;
  }

  #placeOf(table: bigint, sizeBytes: number): TablePlace {
    const [address, pageBytes] = [Number(table), 2 ** this.#machine.pageShift];
    const top = Math.ceil((address + sizeBytes) / pageBytes);
    return { address, first: Math.floor(address / pageBytes), top };
  }

  /** Reads an entry, and those behind it that go on with it; gives their number. */
  #entry(
    place: Place,
    index: number,
    left: number,
    { grown, earlier }: { readonly grown: Growing; readonly earlier: Subtree | null },
  ): number {
    const tables = this.#tables;
    const { depth } = place;
    const { leaf, table, indexShift } = levelAt(tables, depth);
    const slot = slotAt(tables, place.table, index);
    const entry = readHardwareEntry(tables, slot);
    const address = place.address + (BigInt(index) << indexShift);
    const accessBy = (test: EntryTest | null): Access =>
      holds(test, entry) ? "read-only" : place.access;
    if (leaf !== null && holds(leaf.is, entry)) {
      const count = 1n + countFollowing(tables, { depth, slot, entry }, left - 1);
      const physical = decodeAddress(tables, entry, leaf.address);
      const [size, access] = [count << indexShift, accessBy(leaf.readOnly)];
      joinTo(grown.mapped, this.#pagesOf({ address, physical, size, access }));
      return Number(count);
    }
    if (table === null || !holds(table.is, entry)) return this.#countEqual(slot, entry, left);
    const below = decodeAddress(tables, entry, table.address);
    const access = accessBy(table.readOnly);
    this.#grow(grown, { depth: depth + 1, table: below, address, access }, earlier);
    return 1;
  }

  /** How many entries from one on are equal to it. */
  #countEqual(slot: Slot, entry: bigint, limit: number): number {
    const { entryBytes } = this.#tables.format;
    let { offset } = slot;
    for (let count = 1; count < limit; count++) {
      offset += entryBytes;
      if (readHardwareEntry(this.#tables, { page: slot.page, offset }) !== entry) return count;
    }
    return limit;
  }

  /** Adds the table below an entry. */
  #grow(grown: Growing, place: Place, earlier: Subtree | null): void {
    const key = Number(place.table);
    const old = earlier?.below.get(key) ?? null;
    const { virtual } = this.#pagesOf({ ...place, physical: 0n, size: 0n });
    const isSame = old !== null && old.virtual === virtual && old.access === place.access;
    const found = isSame && this.#isOld(place.depth, virtual)
      ? old
      : this.read(place, isSame ? old : null);
    for (const pages of found.mapped) joinTo(grown.mapped, pages);
    for (const one of found.places) grown.places.push(one);
    grown.below.set(key, found);
  }

  /** Whether nothing changed below a table. */
  #isOld(depth: number, virtual: number): boolean {
    const { entries, indexShift } = levelAt(this.#tables, depth);
    const top = virtual + entries * 2 ** (Number(indexShift) - this.#machine.pageShift);
    return this.#changed.every((range) => top <= range.first || range.top <= virtual);
  }

  #pagesOf({ address, physical, size, access }: Span): MappedPages {
    const { arch, pageShift } = this.#machine;
    const { upperBits, virtualBits } = this.#tables.format;
    const full = upperBits === "zero" ? address : BigInt.asIntN(virtualBits, address);
    const shift = BigInt(pageShift);
    return {
      virtual: Number(wrapToWord(arch.wordBits, full) >> shift),
      frame: Number(physical >> shift),
      count: Number(size >> shift),
      access,
    };
  }

  /** Whether a host page holds anything; one that was taken away reads as 0 and is not touched. */
  #isStored({ page, offset }: Slot): boolean {
    const { physical } = this.#tables;
    const address = (BigInt(page) << 12n) + BigInt(offset);
    if (address >= 1n << 64n || physical.peekByte(physAddr(address)) === null) return false;
    return physical.backing(physAddr(address)) !== "discarded";
  }
}

/** Virtual memory in a row that leads to memory in a row, in bytes. */
interface Span {
  readonly address: bigint;
  readonly physical: bigint;
  readonly size: bigint;
  readonly access: Access;
}

/**
 * Looks at all page tables of a machine, without touching memory.
 *
 * @param machine the machine
 * @param earlier an earlier look at the same tables, which spares most of the work; null to read all
 * @returns what they hold; null if there are none
 */
export function surveyTables(machine: Machine, earlier: Earlier | null = null): TableSurvey | null {
  const { tables } = machine.mmu;
  if (tables === null) return null;
  const walk = new Walk(machine, tables, earlier?.changed ?? []);
  const root: Place = { depth: 0, table: tables.root, address: 0n, access: "writable" };
  return { ...walk.read(root, earlier?.survey ?? null), tables, edits: tables.edits };
}
