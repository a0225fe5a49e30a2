/**
 * A buddy allocator that a design of metadata is plugged into. What it gives depends on its policy only;
 * which bytes it reads and writes, on the design.
 *
 * The block at the front of the smallest list that serves is split, its lower part is used, the upper
 * halves go to the front of their lists; a block that comes back is joined with its buddies as far as they
 * are free, and goes to the front. This is the policy of kvm-unit-tests where no frame is fresh. The other
 * policy takes the block at the lowest address.
 *
 * @module
 */

// bits: states are bytes.

import type { Account } from "./account.ts";
import { BitTrees } from "./bit_trees.ts";
import type { Cells } from "./cells.ts";
import { FreeLists } from "./free_lists.ts";
import { LISTS_PER_RANGE, NO_BLOCK } from "./free_set.ts";
import type { FreeSet, TakePolicy } from "./free_set.ts";
import type { Layout } from "./layout.ts";
import type { PlacedRange } from "./ranges.ts";

/** A state is a status and an order, as in kvm-unit-tests; 0 is inside of a block, or nowhere. */
const FREE = 0x40;
const ALLOCATED = 0x80;
const SPECIAL = 0xc0;
const ORDER_MASK = 0x3f;

/** What a call gives that finds no block, or refuses. */
export const REFUSED: number = -1;

/** A block, as an observer sees it. */
export interface BlockView {
  /** Its first frame. */
  readonly first: number;
  /** Its order. */
  readonly order: number;
  /** What became of it. */
  readonly status: "free" | "allocated" | "special";
}

/** How an allocator is made. */
export interface BuddyOptions {
  /** All ranges that will be handed over. */
  readonly ranges: readonly PlacedRange[];
  /** The memory of the design, in which no frame is in a block. */
  readonly layout: Layout;
  /** The account; null for none. */
  readonly account: Account | null;
  /** Which block is taken. Trees of bits give the lowest only. */
  readonly policy: TakePolicy;
  /** 4 or 8. */
  readonly wordBytes: number;
  /** What free blocks are noted in; by default what the design says. */
  readonly freeSet?: FreeSet;
}

/**
 * Makes what a design notes free blocks in.
 *
 * @param options what it is made of
 * @returns the set, empty
 * @throws {TypeError} if the design says that it brings its own, and does not
 */
export function freeSetOf({ ranges, layout, account, policy, wordBytes }: BuddyOptions): FreeSet {
  const { design } = layout;
  const places = ranges.map(({ base, top, shift }) => ({
    start: base - shift,
    frames: top - base,
  }));
  if (design.links === "none") {
    return new BitTrees({ ranges: places, wordBytes, account, makeWords: layout.makeWords });
  }
  if (design.links !== "own") {
    return new FreeLists(ranges.length * LISTS_PER_RANGE, policy, layout, account);
  }
  if (design.freeSet === undefined) {
    throw new TypeError(
      `Cannot run the design ${design.name}: its links are its own, so it must have a freeSet`,
    );
  }
  return design.freeSet({
    ranges: places,
    wordBytes,
    touch: (first, bytes, access) => account?.touchOwn(first, bytes, access),
  });
}

/** The allocator. */
export class Buddy {
  /** The account; null where nobody counts. */
  readonly account: Account | null;
  readonly #ranges: readonly PlacedRange[];
  readonly #open: PlacedRange[] = [];
  readonly #states: Cells;
  readonly #fillStates: Layout["fillStates"];
  readonly #free: FreeSet;
  readonly #counts = new Float64Array(LISTS_PER_RANGE);

  /**
   * Makes an allocator to which nothing is handed over yet.
   *
   * @param options what it is made of
   */
  constructor(options: BuddyOptions) {
    const { ranges, layout, account } = options;
    this.#ranges = ranges;
    this.account = account;
    this.#states = layout.states;
    this.#fillStates = layout.fillStates;
    this.#free = options.freeSet ?? freeSetOf(options);
  }

  /** How many blocks of each order are free. */
  get freeBlocks(): Readonly<Float64Array> {
    return this.#counts;
  }

  /** The bytes of what free blocks are noted in; null where that is lists. */
  get freeSetBytes(): number | null {
    return this.#free.bytes ?? null;
  }

  /**
   * Hands the next range over: the largest aligned blocks, each to the front of its list.
   *
   * @param index the number of the range
   */
  handOver(index: number): void {
    const range = this.#ranges[index];
    if (range === undefined) return;
    this.#open.push(range);
    this.#open.sort((one, other) => one.zone - other.zone || one.index - other.index);
    const end = range.top - range.shift;
    for (let first = range.base - range.shift; first < end;) {
      let order = range.orders - 1;
      while (first % 2 ** order !== 0 || first + 2 ** order > end) order--;
      this.#addFree(range, first, order);
      first += 2 ** order;
    }
  }

  /**
   * Takes a block.
   *
   * @param alignOrder the order of its alignment
   * @param sizeOrder the order of its size
   * @param zones a bit for each zone allowed; 0 for any
   * @returns its first frame; {@linkcode REFUSED} if there is none
   */
  take(alignOrder: number, sizeOrder: number, zones: number): number {
    for (const range of this.#open) {
      if (zones !== 0 && Math.floor(zones / 2 ** range.zone) % 2 === 0) continue;
      const lists = range.index * LISTS_PER_RANGE;
      for (let order = Math.max(alignOrder, sizeOrder); order < range.orders; order++) {
        const first = this.#free.next(lists + order);
        if (first === NO_BLOCK) continue;
        this.#removeFree(range, first, order);
        for (let size = order - 1; size >= sizeOrder; size--) {
          this.#addFree(range, first + 2 ** size, size);
        }
        this.#write(first, sizeOrder, ALLOCATED);
        this.account?.backing?.handOut(first, 2 ** sizeOrder);
        return first + range.shift;
      }
    }
    return REFUSED;
  }

  /**
   * Gives a block back.
   *
   * @param frame its first frame
   * @returns its order; {@linkcode REFUSED} if no block in use begins there
   */
  give(frame: number): number {
    const range = this.#rangeOf(frame);
    if (range === null) return REFUSED;
    const first = frame - range.shift;
    const state = this.#read(first);
    const order = state & ORDER_MASK;
    if (state - order !== ALLOCATED || first % 2 ** order !== 0) return REFUSED;
    this.account?.readEntry(first);
    this.#giveBlock(range, first, order);
    return order;
  }

  #giveBlock(range: PlacedRange, first: number, order: number): void {
    const [low, high] = [range.base - range.shift, range.top - range.shift];
    let whole = first;
    let size = order;
    while (size < range.orders - 1) {
      const buddy = Math.floor(whole / 2 ** size) % 2 === 0 ? whole + 2 ** size : whole - 2 ** size;
      if (buddy < low || buddy + 2 ** size > high || !this.#isFree(range, buddy, size)) break;
      this.#removeFree(range, buddy, size);
      this.#clear(Math.max(whole, buddy));
      whole = Math.min(whole, buddy);
      size++;
    }
    this.account?.backing?.giveBack(first, order, size);
    this.#addFree(range, whole, size);
  }

  /**
   * Takes a frame out of use, whatever its free block.
   *
   * @param frame the frame
   * @returns the frame; {@linkcode REFUSED} if it is in no free block
   */
  reserve(frame: number): number {
    const range = this.#rangeOf(frame);
    const block = range === null ? null : this.#blockOver(range, frame - range.shift);
    if (range === null || block === null || block.status !== FREE) return REFUSED;
    const wanted = frame - range.shift;
    this.#removeFree(range, block.first, block.order);
    let { first } = block;
    for (let order = block.order - 1; order >= 0; order--) {
      const middle = first + 2 ** order;
      this.#addFree(range, wanted < middle ? middle : first, order);
      if (wanted >= middle) first = middle;
    }
    this.#write(wanted, 0, SPECIAL);
    this.account?.backing?.handOut(wanted, 1);
    return frame;
  }

  /**
   * Gives a reserved frame back.
   *
   * @param frame the frame
   * @returns the frame; {@linkcode REFUSED} if it is not reserved
   */
  unreserve(frame: number): number {
    const range = this.#rangeOf(frame);
    if (range === null || this.#read(frame - range.shift) !== SPECIAL) return REFUSED;
    this.account?.readEntry(frame - range.shift);
    this.#giveBlock(range, frame - range.shift, 0);
    return frame;
  }

  /**
   * The order of the block that begins at a frame.
   *
   * @param frame the frame
   * @returns the order; null if no block begins there
   */
  orderAt(frame: number): number | null {
    const range = this.#rangeOf(frame);
    const state = range === null ? 0 : this.#read(frame - range.shift);
    return state === 0 ? null : state & ORDER_MASK;
  }

  /** All blocks, by range and address; for tests, and nothing is counted. */
  *blocks(): Generator<BlockView> {
    for (const range of this.#open) {
      for (let first = range.base - range.shift; first < range.top - range.shift;) {
        const block = this.#blockOver(range, first);
        if (block === null) return;
        const { order, status } = block;
        const word = status === FREE ? "free" : status === ALLOCATED ? "allocated" : "special";
        yield { first: first + range.shift, order, status: word };
        first += 2 ** order;
      }
    }
  }

  #rangeOf(frame: number): PlacedRange | null {
    for (const range of this.#open) {
      if (frame >= range.base && frame < range.top) return range;
    }
    return null;
  }

  /** The block that holds a frame: only the first frame of a block need have a state. */
  #blockOver(
    range: PlacedRange,
    frame: number,
  ): { readonly first: number; readonly order: number; readonly status: number } | null {
    for (let order = 0; order < range.orders; order++) {
      const first = Math.floor(frame / 2 ** order) * 2 ** order;
      if (first < range.base - range.shift) return null;
      const state = this.#read(first);
      if (state === 0 || (state & ORDER_MASK) !== order) continue;
      return { first, order, status: state - order };
    }
    return null;
  }

  #isFree(range: PlacedRange, first: number, order: number): boolean {
    if (this.#free.holds !== undefined) {
      return this.#free.holds(range.index * LISTS_PER_RANGE + order, first);
    }
    this.account?.readEntry(first);
    return this.#read(first) === FREE + order;
  }

  #addFree(range: PlacedRange, first: number, order: number): void {
    this.#counts[order] = (this.#counts[order] ?? 0) + 1;
    this.#write(first, order, FREE);
    this.#free.add(range.index * LISTS_PER_RANGE + order, first);
  }

  #removeFree(range: PlacedRange, first: number, order: number): void {
    this.#counts[order] = (this.#counts[order] ?? 0) - 1;
    this.#free.remove(range.index * LISTS_PER_RANGE + order, first);
  }

  #read(first: number): number {
    return this.#states.get(first);
  }

  /** Writes a block's state: at its first frame, or at all of its frames. */
  #write(first: number, order: number, status: number): void {
    if (this.#fillStates === null) this.#states.set(first, status + order);
    else this.#fillStates(status + order, first, first + 2 ** order);
    // Where a bit says that a block is free, the map has nothing to say.
    if (this.#free.holds === undefined || status !== FREE) this.account?.writeEntries(first, order);
  }

  /** A block begins here no longer. */
  #clear(first: number): void {
    if (this.#fillStates !== null) return; // The state of the joined block is written over it.
    this.#states.set(first, 0);
    if (this.#free.holds === undefined) this.account?.writeEntries(first, 0);
  }
}
