/**
 * What walks of page tables found, remembered as long as it holds.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { unreachable } from "../outcome.ts";
import { virtAddr } from "../units.ts";
import { type PageTables, type Step, type TableMemory, walkAsHardware } from "./page_table/mod.ts";

/** A page of 4 KiB whose translation is known. */
export interface KnownPage {
  /** The number of the physical page. */
  readonly physicalPage: number;
  /** Whether it can be written. */
  readonly isWritable: boolean;
  /** Whether a write needs no further marks in the tables. */
  readonly isMarkedDirty: boolean;
}

/** Whether what was found through a table still holds. */
interface TableNote {
  state: "as-it-was" | "written";
}

/** A page with the table that holds the last entry on the way to it. */
interface Known extends KnownPage {
  readonly table: TableNote;
}

/** Whether walks mark the entries that they used. */
export type UsageBits = "left-alone" | "marked";

/** More translations than this are not remembered. */
const LIMIT = 65_536;

/**
 * Translations of pages of 4 KiB, whatever the page size is.
 *
 * They are forgotten as soon as a table through which they were found may have changed: when
 * {@linkcode noteWritten} hears of its page, when the host took memory away, and when the functions of the
 * model edit the tables from outside of the space that hears of writes.
 */
export class TranslationCache {
  readonly #tables: PageTables;
  readonly #owner: TableMemory;
  readonly #usageBits: UsageBits;
  readonly #known: Map<number, Known> = new Map();
  /** The tables that hold the last entries on the way to known pages, by the physical page of each. */
  readonly #lastTables: Map<number, TableNote> = new Map();
  /** The physical pages that hold the entries before the last on the way to known pages. */
  readonly #upperTables: Set<number> = new Set();
  #edits: number;
  #discards: number;
  /** Whether edits are written through the owner, which says where: since it was last looked. */
  #edited: "through-the-owner" | "elsewhere";

  /**
   * Makes a cache that knows nothing.
   *
   * @param tables the tables
   * @param owner the space that tells of what is written through it
   * @param usageBits whether walks mark the entries that they used
   */
  constructor(tables: PageTables, owner: TableMemory, usageBits: UsageBits) {
    this.#tables = tables;
    this.#owner = owner;
    this.#usageBits = usageBits;
    this.#edits = tables.edits;
    this.#discards = tables.physical.discards;
    this.#edited = "elsewhere";
  }

  /** Forgets everything. */
  flush(): void {
    this.#known.clear();
    this.#lastTables.clear();
    this.#upperTables.clear();
  }

  /** Forgets what was found through physical pages `[first, last]`, which were written. */
  noteWritten(first: number, last: number): void {
    if (first === last) {
      if (this.#upperTables.has(first)) return this.flush();
      const note = this.#lastTables.get(first);
      if (note !== undefined) note.state = "written";
      return;
    }
    for (const page of this.#upperTables) {
      if (page >= first && page <= last) return this.flush();
    }
    for (const [page, note] of this.#lastTables) {
      if (page >= first && page <= last) note.state = "written";
    }
  }

  /** Forgets everything if tables may have changed without a word of where. */
  #catchUp(): void {
    const { edits, memory, physical: { discards } } = this.#tables;
    const edited = memory === this.#owner ? "through-the-owner" : "elsewhere";
    const wasTold = edited === "through-the-owner" && edited === this.#edited;
    if (discards !== this.#discards || (edits !== this.#edits && !wasTold)) this.flush();
    this.#edits = edits;
    this.#discards = discards;
    this.#edited = edited;
  }

  /**
   * Finds where a virtual page leads.
   *
   * @param kind what the access wants
   * @param page the number of the virtual page of 4 KiB
   * @returns where it leads, or why the hardware refuses
   */
  find(kind: "read" | "write", page: number): KnownPage | "unmapped" | "read-only" {
    const { edits, physical } = this.#tables;
    if (edits !== this.#edits || physical.discards !== this.#discards) this.#catchUp();
    const known = this.#known.get(page);
    if (known === undefined || known.table.state === "written") return this.#learn(kind, page);
    if (kind === "read" || (known.isWritable && known.isMarkedDirty)) return known;
    return this.#learn(kind, page);
  }

  #learn(kind: "read" | "write", page: number): KnownPage | "unmapped" | "read-only" {
    const { steps, translation } = walkAsHardware(this.#tables, virtAddr(BigInt(page) << 12n));
    if (translation === null) return "unmapped";
    const { physical, isWritable } = translation;
    if (kind === "write" && !isWritable) return "read-only";
    if (this.#usageBits === "marked") this.#mark(kind, steps);
    if (this.#known.size >= LIMIT) this.flush();
    const table = this.#noteTables(steps);
    const isMarkedDirty = kind === "write" || this.#usageBits === "left-alone";
    const known = { physicalPage: Number(physical >> 12n), isWritable, isMarkedDirty, table };
    this.#known.set(page, known);
    return known;
  }

  /** Notes through which tables a page was found. */
  #noteTables(steps: readonly Step[]): TableNote {
    const last = steps.length - 1;
    for (let index = 0; index < last; index++) this.#upperTables.add(pageOfStep(steps, index));
    const page = pageOfStep(steps, last);
    const known = this.#lastTables.get(page);
    if (known?.state === "as-it-was") return known;
    const note: TableNote = { state: "as-it-was" };
    this.#lastTables.set(page, note);
    return note;
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

/** The physical page that holds the entry of a step. */
function pageOfStep(steps: readonly Step[], index: number): number {
  return steps[index]?.slot.page ?? unreachable("a page was found without a table");
}
