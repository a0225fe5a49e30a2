/**
 * What walks of page tables found, remembered as long as it holds.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { virtAddr } from "../units.ts";
import { type PageTables, type Step, walkAsHardware } from "./page_table/mod.ts";

/** A page of 4 KiB whose translation is known. */
export interface KnownPage {
  /** The number of the physical page. */
  readonly physicalPage: number;
  /** Whether it can be written. */
  readonly isWritable: boolean;
  /** Whether a write needs no further marks in the tables. */
  readonly isMarkedDirty: boolean;
}

/** Whether walks mark the entries that they used. */
export type UsageBits = "left-alone" | "marked";

/** More translations than this are not remembered. */
const LIMIT = 65_536;

/**
 * Translations of pages of 4 KiB, whatever the page size is.
 *
 * They are forgotten when the tables are edited by the functions of the model, and when
 * {@linkcode noteWritten} hears of a page that holds a table.
 */
export class TranslationCache {
  readonly #tables: PageTables;
  readonly #usageBits: UsageBits;
  readonly #known: Map<number, KnownPage> = new Map();
  /** The physical pages that hold the entries through which the known pages were found. */
  readonly #tablePages: Set<number> = new Set();
  #edits: number;

  /** Makes a cache that knows nothing. */
  constructor(tables: PageTables, usageBits: UsageBits) {
    this.#tables = tables;
    this.#usageBits = usageBits;
    this.#edits = tables.edits;
  }

  /** Forgets everything. */
  flush(): void {
    this.#known.clear();
    this.#tablePages.clear();
    this.#edits = this.#tables.edits;
  }

  /** Forgets everything if physical pages `[first, last]`, which were written, hold a table. */
  noteWritten(first: number, last: number): void {
    if (first === last) {
      if (this.#tablePages.has(first)) this.flush();
      return;
    }
    for (const page of this.#tablePages) {
      if (page >= first && page <= last) return this.flush();
    }
  }

  /**
   * Finds where a virtual page leads.
   *
   * @param kind what the access wants
   * @param page the number of the virtual page of 4 KiB
   * @returns where it leads, or why the hardware refuses
   */
  find(kind: "read" | "write", page: number): KnownPage | "unmapped" | "read-only" {
    if (this.#tables.edits !== this.#edits) this.flush();
    const known = this.#known.get(page);
    if (known !== undefined && (kind === "read" || (known.isWritable && known.isMarkedDirty))) {
      return known;
    }
    return this.#learn(kind, page);
  }

  #learn(kind: "read" | "write", page: number): KnownPage | "unmapped" | "read-only" {
    const { steps, translation } = walkAsHardware(this.#tables, virtAddr(BigInt(page) << 12n));
    if (translation === null) return "unmapped";
    const { physical, isWritable } = translation;
    if (kind === "write" && !isWritable) return "read-only";
    if (this.#usageBits === "marked") this.#mark(kind, steps);
    if (this.#known.size >= LIMIT) this.flush();
    for (const { slot } of steps) this.#tablePages.add(slot.page);
    const isMarkedDirty = kind === "write" || this.#usageBits === "left-alone";
    const known = { physicalPage: Number(physical >> 12n), isWritable, isMarkedDirty };
    this.#known.set(page, known);
    return known;
  }

  /** Sets the bits that the hardware sets: accessed in all entries, dirty in the last for a write. */
  #mark(kind: "read" | "write", steps: readonly Step[]): void {
    const { format: { entryBytes, entryByteOrder, usage }, physical } = this.#tables;
    for (const [index, { slot: { page, offset }, entry }] of steps.entries()) {
      const isWritten = kind === "write" && index === steps.length - 1;
      const marked = entry | usage.accessed | (isWritten ? usage.dirty : 0n);
      if (marked === entry) continue;
      physical.writeEntry(page, offset, entryBytes, marked, entryByteOrder, "the page walk");
    }
  }
}
