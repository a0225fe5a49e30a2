/**
 * Whether the allocator's own bytes lie where its addresses say, once page tables are in use.
 *
 * @module
 */

import type { Ram } from "../memory/mod.ts";
import type { IdentityWatch, PageRange } from "../memory/identity.ts";
import type { SwitchableSpace } from "../memory/switchable_space.ts";
import { TranslatedSpace } from "../memory/translated_space.ts";
import type { FastState } from "./state.ts";
import { areaOfFrame, blockOver, nodeAt, orderOfHead } from "./state.ts";
import { ALLOCATED } from "./constants.ts";

/** Where an area lies, in frames. */
interface Place {
  readonly metadata: number;
  readonly base: number;
  readonly top: number;
}

/** For each call that the literal engine made, so many entries of tables may be read. */
const ENTRIES_A_CALL = 16;

/**
 * Tells the fast engine whether it may leave the allocator's accesses out.
 *
 * Without page tables it may. Behind them it may as long as they map the descriptors and all areas onto
 * themselves, so that no access could fault or go elsewhere, and as long as no table on the way to them
 * lies in memory that the allocator writes to. Other tables may be freed by mistake: their frames are the
 * allocator's then, and a walk that reads them stops the fast engine as any reader does. Where conversions of pointers walk the tables, it may not:
 * a walk can end in an assertion, or make tables.
 */
export class Mapping {
  readonly #space: SwitchableSpace;
  readonly #ram: Ram;
  readonly #room: PageRange;
  readonly #pagesPerFrame: number;
  /** How pointers are converted to frames behind page tables. */
  pointers: "cast" | "walked" = "cast";
  /** Calls of the literal engine behind page tables. */
  #calls = 0;
  /** The frames with tables in them, ascending, of what is mapped onto itself. */
  #tableFrames: readonly number[] = [];

  /**
   * Begins with knowing nothing of page tables.
   *
   * @param space memory as the modelled code addresses it
   * @param ram the memory below
   * @param room the pages of the descriptors
   * @param pageShift the base-2 logarithm of the page size
   */
  constructor(space: SwitchableSpace, ram: Ram, room: PageRange, pageShift: number) {
    this.#space = space;
    this.#ram = ram;
    this.#room = room;
    this.#pagesPerFrame = 2 ** (pageShift - 12);
  }

  /** Whether there are no page tables, and all memory is in reach. */
  get isPlain(): boolean {
    return this.#space.target === this.#ram && this.#space.reach === null;
  }

  /** Whether a fast engine that runs may go on. */
  get isOpen(): boolean {
    return this.isPlain || (this.#watch()?.holds ?? false);
  }

  /** What watches the tables that are in use; null where there is none that could tell. */
  #watch(): IdentityWatch | null {
    const { target, reach } = this.#space;
    if (this.pointers === "walked" || reach !== null) return null;
    return target instanceof TranslatedSpace ? target.identity : null;
  }

  /** Whether a fast engine could start, if what is mapped turns out to be mapped onto itself. */
  get canOpen(): boolean {
    return this.isPlain || this.#watch() !== null;
  }

  /** Notes a call that the literal engine makes. */
  noteLiteral(): void {
    this.#calls++;
  }

  /**
   * Looks whether a fast engine may start. That costs a look at the entries which map the areas, so they
   * must not be too many for the calls up to now.
   *
   * @param places where the areas lie
   * @returns whether it may, as far as the mapping goes
   */
  open(places: readonly Place[]): boolean {
    this.#tableFrames = [];
    if (this.isPlain) return true;
    const { target } = this.#space;
    const watch = this.#watch();
    if (watch === null || !(target instanceof TranslatedSpace)) return false;
    const areas = places.map(({ metadata, top }) => ({
      first: metadata * this.#pagesPerFrame,
      end: top * this.#pagesPerFrame,
    }));
    const ranges = [this.#room, ...areas];
    if (!watch.look(ranges, this.#calls * ENTRIES_A_CALL)) return false;
    const frames = [...watch.tablePages].map((page) => Math.floor(page / this.#pagesPerFrame));
    this.#tableFrames = frames.toSorted((one, other) => one - other);
    // While the fast engine runs, walks go through tables in use only; others would stop it.
    target.flush();
    const { first, end } = this.#room;
    return ![...watch.tablePages].some((page) => page >= first && page < end) &&
      !frames.some((pfn) => places.some(({ metadata, base }) => pfn >= metadata && pfn < base));
  }

  /**
   * Tells whether tables lie in blocks that are not in use, whose list nodes the allocator writes.
   *
   * @param state an engine that is about to start
   * @returns whether one does
   */
  hasTableInFree(state: FastState): boolean {
    return this.#tableFrames.some((pfn) => {
      const area = areaOfFrame(state, pfn);
      return area !== null && (state.pool.states[blockOver(state, area, pfn)] ?? 0) < ALLOCATED;
    });
  }

  /**
   * Prepares for frames to be given back, which belong to the allocator from then on: what was found
   * through tables in them is forgotten, so that whoever needs them reads them anew.
   *
   * @param first the first frame
   * @param count how many
   * @returns whether the fast engine may do it: not where a table lies in them that maps the allocator's own
   */
  givesBack(first: number, count: number): boolean {
    if (this.isPlain) return true;
    if (this.#tablesBefore(first) < this.#tablesBefore(first + count)) return false;
    const { target } = this.#space;
    if (target instanceof TranslatedSpace) {
      target.forget(first * this.#pagesPerFrame, (first + count) * this.#pagesPerFrame - 1);
    }
    return true;
  }

  /**
   * The same for the block that begins at a frame.
   *
   * @param state the engine
   * @param pfn the frame
   * @returns whether the fast engine may do it: not either where no block begins
   */
  givesBackBlock(state: FastState, pfn: number): boolean {
    if (this.isPlain) return true;
    const area = areaOfFrame(state, pfn);
    const node = area === null ? 0 : nodeAt(state, area, pfn);
    return node !== 0 && this.givesBack(pfn, 2 ** orderOfHead(state.pool, node));
  }

  /** How many of the frames with tables in them lie before a frame. */
  #tablesBefore(pfn: number): number {
    let [low, high] = [0, this.#tableFrames.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#tableFrames[middle] ?? Infinity) < pfn) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
