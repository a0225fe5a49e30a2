/**
 * The numbers that the files of the fast engine share.
 *
 * An imported constant is read from its module each time; a constant of a file's own is compiled in. So
 * the files on the hot path make these constants their own: that is worth a tenth to a quarter of the time.
 *
 * @module
 */

/** What a release gives that was done. */
export const DONE = 0;
/** What a request gives if there is no block. */
export const NONE = -1;
/** What a call gives where only the literal engine knows what happens: nothing was changed. */
export const LEAVE = -2;

/** The base-2 logarithm of the number of nodes in a slab. */
export const SLAB_BITS = 9;
/** The number of nodes in a slab. */
export const SLAB_NODES = 512;
/** The position of a node in its slab. */
export const SLAB_MASK = 511;
/** The number of frames of a unit, by level. */
export const UNIT_FRAMES: readonly number[] = [0, 1, 2, 3, 4, 5].map((level) => 512 ** level);
/** The same, in units of 512 frames: 1/512 for a frame. */
export const UNIT_SLABS: readonly number[] = UNIT_FRAMES.map((frames) => frames / 512);
/** The number of list heads of an area. */
export const HEADS_PER_AREA = 64;
/** The nodes below this one are list heads: 64 for each of 16 areas. */
export const FIRST_NODE = 1024;

/** A slab with frames in it that were linked and are inside a block now. */
export const MARK_WIPES = 1;
/** A slab without a block, kept for its marks. */
export const MARK_PARKED = 2;

/** The page state of a frame inside a block: only a block's first frame has a state of its own. */
export const INTERIOR = 0;
/** The same, of a frame that was linked once: its list node is still to be wiped in memory. */
export const MARKED = 1;
/** What is this or more is the state of a block's first frame: status and size. */
export const HEAD = 32;
/** The status of a block that was never handed out, as the head state of the smallest such block. */
export const FRESH: number = 1 * HEAD;
/** The status of a block that came back. */
export const FREE: number = 2 * HEAD;
/** The status of a block in use. */
export const ALLOCATED: number = 3 * HEAD;
/** The status of a reserved frame. */
export const SPECIAL: number = 4 * HEAD;

/** Which buddies of a freed block are joined with it. */
export const JOINS_NONE = 0;
/** Those that are free, where the encoding does not tell fresh from free. */
export const JOINS_FREE = 1;
/** Those that are fresh or free. */
export const JOINS_USABLE = 2;
