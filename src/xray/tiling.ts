/**
 * Metadata read without knowing which frames it is about: bytes that tile a range, 2^k of order k at a
 * time, tell where the range can begin.
 *
 * @module
 */

// bits: page states are bytes.

import type { StateRun } from "../page_allocator.ts";

/** What some first bytes of metadata say. */
export interface Tiling {
  /** How many frames they are about. */
  readonly count: number;
  /** The number of the first of these frames is `residue` modulo `modulus`. */
  readonly modulus: number;
  /** See `modulus`. */
  readonly residue: number;
  /** The blocks: offset of the first frame, order, status bits; no more than {@linkcode MOST_BLOCKS}. */
  readonly blocks: readonly TiledBlock[];
}

/** A block by its place from the first frame. */
export interface TiledBlock {
  /** The offset from the first frame. */
  readonly offset: number;
  /** The order. */
  readonly order: number;
  /** The page state. */
  readonly state: number;
}

/** Of so many blocks a tiling keeps the places: enough to judge by. */
const MOST_BLOCKS = 4096;

const ORDER_BITS = 0x3f;

/** A tiling on its way. */
class Tiler {
  readonly #orders: number;
  readonly blocks: TiledBlock[] = [];
  count = 0;
  modulus = 1;
  residue = 0;
  #before: TiledBlock | null = null;

  constructor(orders: number) {
    this.#orders = orders;
  }

  /** Demands that the first frame is `residue` modulo `modulus`; whether that can be. */
  #demand(modulus: number, residue: number): boolean {
    const wanted = ((residue % modulus) + modulus) % modulus;
    if (modulus <= this.modulus) return this.residue % modulus === wanted;
    if (wanted % this.modulus !== this.residue) return false;
    [this.modulus, this.residue] = [modulus, wanted];
    return true;
  }

  /** Takes a run of equal states: as many whole blocks as it holds; whether nothing was left. */
  take({ state, count }: StateRun): boolean {
    const order = state & ORDER_BITS;
    const size = 2 ** order;
    let left = count;
    while (left >= size && this.#takeBlock(state, order, size)) left -= size;
    return left === 0;
  }

  #takeBlock(state: number, order: number, size: number): boolean {
    const before = this.#before;
    if (order >= this.#orders || !this.#demand(size, -this.count)) return false;
    // Two fresh halves of one block do not stand beside each other, because a split takes one at once:
    // of two equal blocks the second is the lower half of another one.
    const isTwin = before !== null && before.state === state && state <= ORDER_BITS;
    if (isTwin && !this.#demand(2 * size, -this.count)) return false;
    const block = { offset: this.count, order, state };
    if (this.blocks.length < MOST_BLOCKS) this.blocks.push(block);
    this.#before = block;
    this.count += size;
    return true;
  }
}

/**
 * Reads page states from the first one on, as far as they tile a range.
 *
 * @param runs the bytes, as runs of equal ones
 * @param orders the number of orders that there are
 * @returns how far they do, and what they say of the first frame
 */
export function tile(runs: Iterable<StateRun>, orders: number): Tiling {
  const tiler = new Tiler(orders);
  for (const run of runs) if (!tiler.take(run)) break;
  const { count, modulus, residue, blocks } = tiler;
  return { count, modulus, residue, blocks };
}
