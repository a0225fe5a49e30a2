/**
 * What the buddy algorithm wants of the place where free blocks are noted.
 *
 * @module
 */

/** What is done to bytes. */
export type Access = "read" | "write";

/**
 * Free blocks by list. Each range of frames has {@linkcode LISTS_PER_RANGE} lists, one for each order: the
 * list of an order of a range is the range's number times that, plus the order.
 */
export interface FreeSet {
  /** The bytes that it takes, where they are not those of lists. */
  readonly bytes?: number;
  /** Notes a block. */
  add(list: number, frame: number): void;
  /** Forgets a block. */
  remove(list: number, frame: number): void;
  /** The block to be taken next, which stays; {@linkcode NO_BLOCK} if there is none. */
  next(list: number): number;
  /** Tells whether a block is noted. Where it is left out, the block's entry says whether it is free. */
  holds?(list: number, frame: number): boolean;
}

/** There is no block. */
export const NO_BLOCK: number = -1;

/** Orders are below this: so many lists has a range. */
export const LISTS_PER_RANGE: number = 64;

/** Which block of an order is taken: the one freed last, or the one at the lowest address. */
export type TakePolicy = "front" | "lowest";

/** A range of frames, as a free set sees it. */
export interface FreeRange {
  /** Its first frame; frames are counted such that blocks are aligned as they are in memory. */
  readonly start: number;
  /** How many frames it has. */
  readonly frames: number;
}

/** What a free set of a design's own is made of. */
export interface FreeSetRoom {
  /** The ranges, in the order of their lists. */
  readonly ranges: readonly FreeRange[];
  /** 4 or 8. */
  readonly wordBytes: number;
  /**
   * Tells that bytes of the set's own memory are read or written; they are counted from 0. Nothing is
   * stored: the set keeps what it knows as it likes.
   */
  touch(first: number, bytes: number, access: Access): void;
}
