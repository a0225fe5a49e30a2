/**
 * What memory held before somebody wrote to it, kept for the pages that were written.
 *
 * @module
 */

import type { Backing } from "./extents.ts";
import { GARBAGE, HOST_PAGE_BYTES } from "./power_on.ts";

/** A stretch of host pages `[first, end)` as it was. */
export interface OldPages {
  /** The first page. */
  readonly first: number;
  /** The page after the last. */
  readonly end: number;
  /** What the host had behind them. */
  readonly backing: Backing;
  /** What the bytes held that were not stored: a byte, or 256 for garbage. */
  readonly background: number;
  /** The bytes that were stored, from the start of the page; only of a single page. */
  readonly stored: Uint8Array;
}

/** A stretch of pages as it is, up to `end`. */
export interface PresentPages extends Omit<OldPages, "first" | "stored"> {
  /** How many bytes are stored, from the start of the page. */
  readonly stored: number;
  /** Where they are stored. */
  readonly slab: { readonly bytes: Uint8Array };
  /** The position of the page's first byte there. */
  readonly base: number;
}

/** What a journal looks at: a store of pages. */
export interface JournalledStore {
  /** The page as it is kept, with as many like it as follow, up to `end`. */
  pieceAt(page: number, end: number): PresentPages;
  /** A slab with the garbage that a page held at power-on. */
  garbageOf(page: number): { readonly bytes: Uint8Array };
}

/** A store to which pages can be written back. */
export interface WritableStore {
  /** Fills pages `[first, end)`. */
  fillPages(first: number, end: number, byte: number): void;
  /** Stores all bytes of a page. */
  storePage(page: number, bytes: Uint8Array): void;
}

const NO_BYTES = new Uint8Array(0);

/** Bytes that a journal keeps without making an array for each page. */
const ARENA_BYTES = 16_384;

/**
 * The pages that were written since the journal was begun, as they were then. It costs what is written,
 * not what there is.
 */
export class WriteJournal {
  readonly #store: JournalledStore;
  readonly #old: OldPages[] = [];
  /** The single pages that are in it. */
  readonly #pages = new Map<number, OldPages>();
  /** The stretches of several pages that are in it. */
  readonly #stretches: OldPages[] = [];
  readonly #arena = new Uint8Array(ARENA_BYTES);
  #arenaUsed = 0;

  /** Begins an empty journal. */
  constructor(store: JournalledStore) {
    this.#store = store;
  }

  /** Forgets everything: the journal begins anew. */
  clear(): void {
    this.#old.length = 0;
    this.#pages.clear();
    this.#stretches.length = 0;
    this.#arenaUsed = 0;
  }

  /** The pages, in the order in which they were first written; none occurs twice. */
  get old(): readonly OldPages[] {
    return this.#old;
  }

  /** Tells whether a page is in it. */
  has(page: number): boolean {
    return this.#find(page) !== undefined;
  }

  #find(page: number): OldPages | undefined {
    return this.#pages.get(page) ??
      this.#stretches.find(({ first, end }) => page >= first && page < end);
  }

  /** Keeps pages `[first, end)`, which are about to change. */
  note(first: number, end: number): void {
    for (let page = first; page < end;) {
      const known = this.#find(page);
      if (known === undefined) {
        const piece = this.#store.pieceAt(page, end);
        page = this.#keep(page, this.#nextKnown(page, piece.end), piece);
      } else page = known.end;
    }
  }

  /** The first page after one, below an end, that is in the journal; the end if there is none. */
  #nextKnown(page: number, end: number): number {
    if (end === page + 1) return end;
    let next = end;
    for (const { first } of this.#stretches) if (first > page && first < next) next = first;
    for (const known of this.#pages.keys()) if (known > page && known < next) next = known;
    return next;
  }

  #keep(first: number, end: number, piece: PresentPages): number {
    const { backing, background } = piece;
    const old = { first, end, backing, background, stored: this.#copyOf(piece) };
    this.#old.push(old);
    if (end === first + 1) this.#pages.set(first, old);
    else this.#stretches.push(old);
    return end;
  }

  #copyOf({ stored, slab, base }: PresentPages): Uint8Array {
    if (stored === 0) return NO_BYTES;
    const bytes = slab.bytes.subarray(base, base + stored);
    const end = this.#arenaUsed + stored;
    if (end > ARENA_BYTES) return bytes.slice();
    const copy = this.#arena.subarray(this.#arenaUsed, end);
    copy.set(bytes);
    this.#arenaUsed = end;
    return copy;
  }

  /**
   * Finds the first byte of pages `[first, end)` that is not what it was.
   *
   * @param first the first page
   * @param end the page after the last
   * @returns its address, or null if all are equal
   */
  firstChange(first: number, end: number): bigint | null {
    let found: bigint | null = null;
    for (const old of this.#old) {
      const change = this.#changeIn(old, Math.max(first, old.first), Math.min(end, old.end));
      if (change !== null && (found === null || change < found)) found = change;
    }
    return found;
  }

  #changeIn(old: OldPages, first: number, end: number): bigint | null {
    for (let page = first; page < end;) {
      const now = this.#store.pieceAt(page, end);
      const isSame = now.background === old.background && now.stored === 0 &&
        old.stored.length === 0;
      const offset = isSame ? null : this.#changeOf(page, old, now);
      if (offset !== null) return BigInt(page) * BigInt(HOST_PAGE_BYTES) + BigInt(offset);
      page = isSame ? now.end : page + 1;
    }
    return null;
  }

  /** The offset of the first byte of a page that is not what it was; null if there is none. */
  #changeOf(page: number, old: OldPages, now: PresentPages): number | null {
    const stored = now.slab.bytes.subarray(now.base, now.base + now.stored);
    // What is stored of neither side need not be made.
    const isBeyondEqual = now.background === old.background && now.stored === old.stored.length;
    const before = isBeyondEqual ? old.stored : this.#bytesOf(page, old.background, old.stored);
    const after = isBeyondEqual ? stored : this.#bytesOf(page, now.background, stored);
    for (let offset = 0; offset < before.length; offset++) {
      if (before[offset] !== after[offset]) return offset;
    }
    return null;
  }

  #bytesOf(page: number, background: number, stored: Uint8Array): Uint8Array {
    const bytes = background === GARBAGE
      ? this.#store.garbageOf(page).bytes
      : new Uint8Array(HOST_PAGE_BYTES).fill(background);
    bytes.set(stored);
    return bytes;
  }

  /**
   * Finds the first of pages `[first, end)` that was touched when the journal was begun.
   *
   * @param first the first page
   * @param end the page after the last
   * @returns the page, or null if none was
   */
  firstTouchedBefore(first: number, end: number): number | null {
    for (let page = first; page < end;) {
      const known = this.#find(page) ?? this.#store.pieceAt(page, end);
      if (known.backing === "touched") return page;
      page = this.#nextKnown(page, Math.min(known.end, end));
    }
    return null;
  }

  /**
   * Writes back what pages held.
   *
   * @param store the store that was written, or a copy
   */
  restoreIn(store: WritableStore): void {
    for (const { first, end, background, stored } of this.#old) {
      if (background !== GARBAGE && stored.length === 0) store.fillPages(first, end, background);
      else {
        for (let page = first; page < end; page++) {
          store.storePage(page, this.#bytesOf(page, background, stored));
        }
      }
    }
  }
}
