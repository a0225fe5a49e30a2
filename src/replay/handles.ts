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

/** The base-2 logarithm of the number of handles in a page. */
export const PAGE_BITS = 9;
/** The number of handles in a page. */
export const PAGE_HANDLES = 512;
/** The position of a handle in its page. */
export const PAGE_MASK = 511;

/**
 * The room for pages that a table has once it needs more than one: 5 or 13 MB, of which the system
 * gives what is touched. To move what is touched takes longer than all that is done with it.
 */
const MORE_PLACES = 2048;

/**
 * Handles 0, 1, 2 and so on, in pages of 512. A bounded table forgets a page once nothing in it is in
 * use; one that is kept remembers the blocks of all handles, so that only what is in use is copied.
 *
 * A table knows blocks by their frames; or by the fast engine's nodes, for as long as only that engine
 * runs and blocks are given back by handle alone: then nothing has to be computed for a handle.
 *
 * The fields are open to the loop that works on them.
 */
export class Handles {
  /** The first frame of each handle's block, by position, once blocks are known by frames. */
  pfns: Float64Array;
  /** {@linkcode UNUSED}, {@linkcode LIVE} or {@linkcode FAILED}, by position. */
  uses: Uint8Array = new Uint8Array(PAGE_HANDLES);
  /**
   * The fast engine's node of each block when it was taken, by position. Where blocks are known by
   * frames, they may have other nodes now.
   */
  nodes: Int32Array = new Int32Array(PAGE_HANDLES);
  /** How many handles came back, by place. */
  dropped: Uint16Array = new Uint16Array(1);
  /** The place of each page of handles; -1 for one that is forgotten. */
  places: Int32Array = new Int32Array(1);
  /** The number of handles given out. */
  count = 0;
  /** The position of handle 0 of the page that is being filled, less that handle. */
  offset = 0;
  readonly #keeps: "bounded" | "kept";
  #knows: "frames" | "nodes";
  readonly #freePlaces: number[] = [];
  #placeCount = 1;

  /**
   * Makes a table without handles.
   *
   * @param keeps whether pages that are given back are forgotten
   * @param knows how blocks are known
   */
  constructor(keeps: "bounded" | "kept", knows: "frames" | "nodes" = "frames") {
    this.#keeps = keeps;
    this.#knows = knows;
    this.pfns = new Float64Array(knows === "frames" ? PAGE_HANDLES : 0);
  }

  /** How blocks are known. */
  get knows(): "frames" | "nodes" {
    return this.#knows;
  }

  /** The memory that the table takes, in bytes, without places that were never used. */
  get residentBytes(): number {
    const each = this.#knows === "frames" ? 13 : 5;
    return this.#placeCount * (each * PAGE_HANDLES + 2) + this.places.byteLength;
  }

  /** Gives the next handle out, for a block or for nothing; with the fast engine's node, if any. */
  add(pfn: number, use: number, node = 0): void {
    const position = this.count + this.offset;
    if (this.#knows === "frames") this.pfns[position] = pfn;
    this.uses[position] = use;
    this.nodes[position] = node;
    this.count++;
    if ((this.count & PAGE_MASK) === 0) this.beginPage();
  }

  /** Makes room for the next page of handles, after the last handle of a page was given out. */
  beginPage(): void {
    if (this.count >= HANDLE_LIMIT) {
      throw new RangeError(`Cannot replay the trace: it must have fewer than 2^29 requests`);
    }
    const page = this.count >> PAGE_BITS;
    const place = this.#keeps === "kept" ? page : this.#freePlaces.pop() ?? this.#placeCount;
    this.#placeCount = Math.max(this.#placeCount, place + 1);
    if (page >= this.places.length) {
      this.places = moved(new Int32Array(Math.max(MORE_PLACES, 2 * page)), this.places);
    }
    if (place >= this.dropped.length) this.#makePlaces(Math.max(MORE_PLACES, 2 * place));
    this.places[page] = place;
    this.offset = (place - page) * PAGE_HANDLES;
  }

  #makePlaces(places: number): void {
    this.dropped = moved(new Uint16Array(places), this.dropped);
    this.uses = moved(new Uint8Array(places * PAGE_HANDLES), this.uses);
    this.nodes = moved(new Int32Array(places * PAGE_HANDLES), this.nodes);
    if (this.#knows === "frames") {
      this.pfns = moved(new Float64Array(places * PAGE_HANDLES), this.pfns);
    }
  }

  /**
   * Forgets a page of which all handles came back.
   *
   * @param page its number
   * @param place its place
   */
  forget(page: number, place: number): void {
    this.dropped[place] = 0;
    if (this.#keeps === "kept") return;
    this.#freePlaces.push(place);
    this.places[page] = -1;
  }

  /** The position of a handle; -1 if it was never given out, or nobody remembers it. */
  positionOf(handle: number): number {
    if (handle >= this.count) return -1;
    const place = this.places[handle >> PAGE_BITS] ?? 0;
    return place < 0 ? -1 : (place << PAGE_BITS) + (handle & PAGE_MASK);
  }

  /** Takes a handle back that is in use. */
  drop(handle: number, position: number): void {
    this.uses[position] = UNUSED;
    const place = position >> PAGE_BITS;
    const dropped = (this.dropped[place] ?? 0) + 1;
    this.dropped[place] = dropped;
    if (dropped === PAGE_HANDLES) this.forget(handle >> PAGE_BITS, place);
  }

  /**
   * Knows blocks by their frames from now on.
   *
   * @param pfnOf gives the first frame of the block of a node
   */
  knowFrames(pfnOf: (node: number) => number): void {
    if (this.#knows === "frames") return;
    this.#knows = "frames";
    this.pfns = new Float64Array(this.uses.length);
    const end = this.#placeCount * PAGE_HANDLES;
    for (let position = 0; position < end; position++) {
      if (this.uses[position] === LIVE) this.pfns[position] = pfnOf(this.nodes[position] ?? 0);
    }
  }

  /** What is in use, of a table that is kept. */
  copyUses(): Uint8Array {
    return this.uses.slice(0, this.count);
  }

  /**
   * Becomes what another table was when its uses were copied; both are tables that are kept.
   *
   * @param other a table with the blocks of all handles, which are shared from then on
   * @param uses what was in use
   * @param knows how blocks were known
   */
  restore(other: Handles, uses: Uint8Array, knows: "frames" | "nodes"): void {
    if (this.uses.length !== other.uses.length) this.uses = new Uint8Array(other.uses.length);
    else this.uses.fill(UNUSED, uses.length, Math.max(this.count, uses.length));
    this.uses.set(uses);
    this.#knows = knows;
    this.pfns = knows === "frames" ? other.pfns : new Float64Array(0);
    this.nodes = other.nodes;
    this.places = other.places;
    this.dropped = new Uint16Array(other.dropped.length);
    this.count = uses.length;
    this.offset = 0;
  }
}

/** Copies an array into a larger one. */
function moved<T extends Int32Array | Uint16Array | Uint8Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
