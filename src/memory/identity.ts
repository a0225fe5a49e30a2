/**
 * Whether page tables map some memory onto itself, known as long as it holds.
 *
 * @module
 */

// bits: addresses are bigints.

import { outcomeOf } from "../outcome.ts";
import { virtAddr } from "../units.ts";
import { extentAt, type PageTables, type TableMemory, walkAsHardware } from "./page_table/mod.ts";

/** Pages `[first, end)` of 4 KiB. */
export interface PageRange {
  /** The first page. */
  readonly first: number;
  /** The first page after. */
  readonly end: number;
}

/** The base-2 logarithm of the size of the pages in which ranges are given. */
const PAGE_SHIFT = 12n;

function addressOf(page: number): bigint {
  return BigInt(page) << PAGE_SHIFT;
}

/**
 * Looks whether some pages can be written at their own addresses, and hears whether that may have changed.
 *
 * It hears of what is written through the space behind the tables; edits from elsewhere it does not trust.
 */
export class IdentityWatch {
  readonly #tables: PageTables;
  readonly #owner: TableMemory;
  /** The physical pages of the tables on the way; null if nothing is known. */
  #tablePages: ReadonlySet<number> | null = null;
  /** How often the host had taken memory away at that time. */
  #discards = 0;

  /**
   * Begins with knowing nothing.
   *
   * @param tables the tables
   * @param owner the space that tells of what is written through it
   */
  constructor(tables: PageTables, owner: TableMemory) {
    this.#tables = tables;
    this.#owner = owner;
  }

  /** Whether what was looked at last is as it was: mapped onto itself. */
  get holds(): boolean {
    const { memory, physical } = this.#tables;
    return this.#tablePages !== null && memory === this.#owner &&
      physical.discards === this.#discards;
  }

  /** The physical pages of 4 KiB that hold the tables on the way; none if nothing is known. */
  get tablePages(): ReadonlySet<number> {
    return this.#tablePages ?? new Set();
  }

  /** Pages `[first, last]` of physical memory were written. */
  noteWritten(first: number, last: number): void {
    const pages = this.#tablePages;
    if (pages === null) return;
    if (first === last) {
      if (pages.has(first)) this.#tablePages = null;
      return;
    }
    for (const page of pages) if (page >= first && page <= last) this.#tablePages = null;
  }

  /**
   * Looks whether all of some pages are mapped onto themselves and can be written. A table that is no
   * memory maps nothing.
   *
   * @param ranges the pages
   * @param mostEntries about how many entries may be read; where there are more, nobody looks
   * @returns whether they are, which is known from then on
   */
  look(ranges: readonly PageRange[], mostEntries: number): boolean {
    const found = new Set<number>();
    const outcome = outcomeOf(() =>
      this.#entriesFor(ranges) <= mostEntries &&
      ranges.every((range) => this.#isIdentity(range, found))
    );
    const areSo = outcome.kind === "returned" && outcome.value;
    this.#tablePages = areSo ? found : null;
    this.#discards = this.#tables.physical.discards;
    return this.holds;
  }

  /** About how many entries map some pages: as if all of a range were mapped as its first page is. */
  #entriesFor(ranges: readonly PageRange[]): number {
    let entries = 0;
    for (const { first, end } of ranges) {
      const { translation } = walkAsHardware(this.#tables, virtAddr(addressOf(first)));
      if (translation === null) return Infinity;
      entries += Math.ceil(Number(addressOf(end - first)) / Number(translation.pageBytes));
    }
    return entries;
  }

  #isIdentity({ first, end }: PageRange, found: Set<number>): boolean {
    const endAddress = addressOf(end);
    for (let at = addressOf(first); at < endAddress;) {
      const extent = extentAt(this.#tables, virtAddr(at), endAddress - at);
      if (extent === null || extent.physical !== at || !extent.isWritable) return false;
      // One table maps all of an extent.
      const { steps } = walkAsHardware(this.#tables, virtAddr(at));
      for (const { slot } of steps) found.add(slot.page);
      at += extent.sizeBytes;
    }
    return true;
  }
}
