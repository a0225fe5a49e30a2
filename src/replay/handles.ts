/**
 * Which block a handle stands for.
 *
 * @module
 */

// bits: handles are below 2^29, positions below 2^31.

import { HANDLE_LIMIT } from "./operations.ts";

/** The handle is not in use: it was given back, or never given out. */
export const UNUSED = 0;
/** The handle stands for a block. */
export const LIVE = 1;
/** The handle stands for a request that failed. */
export const FAILED = 2;

const PAGE_BITS = 9;
const PAGE_HANDLES = 512;
const PAGE_MASK = 511;

/**
 * Handles 0, 1, 2 and so on, in pages of 512. A bounded table forgets a page once nothing in it is in use;
 * one that is kept remembers the frames of all handles, so that only what is in use has to be copied.
 */
export class Handles {
  readonly #keeps: "bounded" | "kept";
  /** The first frame of each handle's block, by position. */
  pfns: Float64Array = new Float64Array(PAGE_HANDLES);
  /** {@linkcode UNUSED}, {@linkcode LIVE} or {@linkcode FAILED}, by position. */
  uses: Uint8Array = new Uint8Array(PAGE_HANDLES);
  /** The fast engine's node of each block when it was taken, by position; it may have another one now. */
  hints: Int32Array = new Int32Array(PAGE_HANDLES);
  /** The place of each page of handles; -1 for one that is forgotten. */
  #places = new Int32Array(1);
  /** How many handles came back, by place. */
  #dropped = new Uint16Array(1);
  readonly #freePlaces: number[] = [];
  #placeCount = 1;
  /** The number of handles given out. */
  #count = 0;
  /** The position of handle 0 of the page that is being filled, less that handle. */
  #offset = 0;

  /** Makes a table without handles. */
  constructor(keeps: "bounded" | "kept") {
    this.#keeps = keeps;
  }

  /** The number of handles given out. */
  get count(): number {
    return this.#count;
  }

  /** The memory that the table holds, in bytes. */
  get residentBytes(): number {
    const { pfns, uses, hints } = this;
    return pfns.byteLength + uses.byteLength + hints.byteLength + this.#places.byteLength;
  }

  /** Gives the next handle out, for a block or for nothing, with the fast engine's node if it is known. */
  add(pfn: number, use: number, hint = 0): void {
    const handle = this.#count;
    const position = handle + this.#offset;
    this.pfns[position] = pfn;
    this.uses[position] = use;
    this.hints[position] = hint;
    this.#count = handle + 1;
    if ((this.#count & PAGE_MASK) === 0) this.#beginPage();
  }

  #beginPage(): void {
    if (this.#count >= HANDLE_LIMIT) {
      throw new RangeError(`Cannot replay the trace: it must have fewer than 2^29 requests`);
    }
    const page = this.#count >> PAGE_BITS;
    const place = this.#keeps === "kept" ? page : this.#freePlaces.pop() ?? this.#placeCount++;
    if (page >= this.#places.length) {
      this.#places = moved(new Int32Array(Math.ceil((page + 1) * 1.5)), this.#places);
    }
    if (place >= this.#dropped.length) this.#makePlaces(Math.ceil((place + 1) * 1.5));
    this.#places[page] = place;
    this.#offset = (place - page) * PAGE_HANDLES;
  }

  #makePlaces(places: number): void {
    this.#dropped = moved(new Uint16Array(places), this.#dropped);
    this.pfns = moved(new Float64Array(places * PAGE_HANDLES), this.pfns);
    this.uses = moved(new Uint8Array(places * PAGE_HANDLES), this.uses);
    this.hints = moved(new Int32Array(places * PAGE_HANDLES), this.hints);
  }

  #forget(page: number, place: number): void {
    this.#dropped[place] = 0;
    if (this.#keeps === "kept") return;
    this.#freePlaces.push(place);
    this.#places[page] = -1;
  }

  /** The position of a handle; -1 if it was never given out, or nobody remembers it. */
  positionOf(handle: number): number {
    if (handle >= this.#count) return -1;
    const place = this.#places[handle >> PAGE_BITS] ?? 0;
    return place < 0 ? -1 : (place << PAGE_BITS) + (handle & PAGE_MASK);
  }

  /** Takes a handle back that is in use. */
  drop(handle: number, position: number): void {
    this.uses[position] = UNUSED;
    const place = position >> PAGE_BITS;
    const dropped = (this.#dropped[place] ?? 0) + 1;
    this.#dropped[place] = dropped;
    if (dropped === PAGE_HANDLES) this.#forget(handle >> PAGE_BITS, place);
  }

  /** What is in use, of a table that is kept. */
  copyUses(): Uint8Array {
    return this.uses.slice(0, this.#count);
  }

  /**
   * Becomes what another table was when its uses were copied; both are tables that are kept.
   *
   * @param other a table with the frames of all handles, which are shared from then on
   * @param uses what was in use
   */
  restore(other: Handles, uses: Uint8Array): void {
    if (this.uses.length !== other.uses.length) this.uses = new Uint8Array(other.uses.length);
    else this.uses.fill(UNUSED, uses.length);
    this.uses.set(uses);
    this.pfns = other.pfns;
    this.hints = other.hints;
    this.#places = other.#places;
    this.#dropped = new Uint16Array(other.#dropped.length);
    this.#count = uses.length;
    this.#offset = 0;
  }
}

/** Copies an array into a larger one. */
function moved<T extends Int32Array | Uint16Array | Uint8Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
