/**
 * What the buddy algorithm wants of the place where free blocks are noted.
 *
 * @module
 */

/** Free blocks by list: one for each order of each range of frames. */
export interface FreeSet {
  /** Notes a block. */
  add(list: number, frame: number): void;
  /** Forgets a block. */
  remove(list: number, frame: number): void;
  /** The block to be taken next, which stays; -1 if there is none. */
  next(list: number): number;
}

/** There is no block. */
export const NO_BLOCK = -1;

/** Orders are below this: so many lists has a range. */
export const LISTS_PER_RANGE = 32;

/** Which block of an order is taken: the one freed last, or the one at the lowest address. */
export type TakePolicy = "front" | "lowest";
