/**
 * The memory of the fast engine: nodes in flat typed arrays, handed out in slabs.
 *
 * ```text
 *   level 1 (an area's root)   one node for each 512 frames
 *   level 0                    one node for each frame, only where a block below order 9 is
 * ```
 *
 * A node stands for the frame at which its unit begins. A unit is 512^level frames; a slab holds the 512
 * nodes of one unit of the level above. So a block of order 9 or more costs as much as a single frame, and
 * the buddies of a block lie in the same slab.
 *
 * @module
 */

// bits: handles of nodes and numbers of slabs are below 2^31, states and marks are bytes.

import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const {
  FIRST_NODE,
  HEADS_PER_AREA,
  INTERIOR,
  MARK_PARKED,
  MARK_WIPES,
  SLAB_BITS,
  SLAB_MASK,
  SLAB_NODES,
  UNIT_FRAMES,
  UNIT_SLABS,
} = constants;

/** What a pool holds of each node and slab: views of one buffer, which is made in the least time. */
export interface PoolArrays {
  /** The next node of each node on its list, and the previous one: two places for each node. */
  links: Int32Array;
  /** What is at the node's frame: the state of a block, or the inside of one. */
  states: Uint8Array;
  /** Where each slab begins, in units of 512 frames: a whole number. */
  slabStart: Float64Array;
  /** The level of each slab. */
  slabLevel: Uint8Array;
  /** The node whose unit each slab divides; for a free slab the next free one. */
  slabParent: Int32Array;
  /** Where the slabs below a slab's nodes are noted: a position in `children`; 0 where there are none. */
  slabChildren: Int32Array;
  /** The list of single frames of the area of each slab, at level 0; above it, -1 less that list. */
  slabHeads: Int16Array;
  /** Marks of each slab. */
  slabMarks: Uint8Array;
}

/** Nodes and slabs. The arrays are replaced by larger ones when they are full. */
export interface Pool extends PoolArrays {
  /** The slab that divides the unit of a node above level 0; 0 for none, as all of the first 512 are. */
  children: Int32Array;
  /** The largest order worth searching, by slot; the largest of all where the edition keeps none. */
  readonly maxOrders: Uint8Array;
  /** The number of slabs that were ever in use. */
  slabCount: number;
  /** The first slab that is free again; 0 for none. */
  freeSlab: number;
  /** The number of `children` in use. */
  childCount: number;
  /** Positions of 512 `children` that are free again. */
  readonly freeChildren: number[];
  /** The number of slabs in use. */
  usedSlabs: number;
  /** The number of slabs without a block that are kept for their marks. */
  parked: number;
}

const FIRST_SLABS = 8;
/**
 * The room for slabs that a pool has once these are too few: 9 MB, of which the system gives what is
 * touched. To move what is touched takes longer than all that is done with it.
 */
const MORE_SLABS = 2048;
/** A pool of this many slabs is never too large. */
const UNUSED_SLABS = 256;
const HEAD_SLABS = FIRST_NODE / SLAB_NODES;
/** The bytes of all arrays for a slab: of its nodes, and its own. */
const NODE_BYTES = 9;
const SLAB_BYTES = 20;

/** Makes a pool that holds empty lists only. */
export function newPool(): Pool {
  const pool: Pool = {
    ...newPoolArrays(FIRST_SLABS),
    children: new Int32Array(SLAB_NODES),
    maxOrders: new Uint8Array(FIRST_NODE / HEADS_PER_AREA),
    slabCount: HEAD_SLABS,
    freeSlab: 0,
    childCount: SLAB_NODES,
    freeChildren: [],
    usedSlabs: 0,
    parked: 0,
  };
  for (let head = 0; head < FIRST_NODE; head++) {
    pool.links[head << 1] = pool.links[head << 1 | 1] = head;
  }
  return pool;
}

/** Makes arrays with room for a number of slabs. */
export function newPoolArrays(slabs: number): PoolArrays {
  const nodes = slabs * SLAB_NODES;
  const buffer = new ArrayBuffer(nodes * NODE_BYTES + slabs * SLAB_BYTES);
  // The widest come first, so that each begins at a multiple of its width.
  let at = 0;
  const next = (bytes: number): number => (at += bytes) - bytes;
  return {
    links: new Int32Array(buffer, next(8 * nodes), 2 * nodes),
    slabStart: new Float64Array(buffer, next(8 * slabs), slabs),
    slabParent: new Int32Array(buffer, next(4 * slabs), slabs),
    slabChildren: new Int32Array(buffer, next(4 * slabs), slabs),
    slabHeads: new Int16Array(buffer, next(2 * slabs), slabs),
    slabLevel: new Uint8Array(buffer, next(slabs), slabs),
    slabMarks: new Uint8Array(buffer, next(slabs), slabs),
    states: new Uint8Array(buffer, next(nodes), nodes),
  };
}

/** Tells whether a pool holds much more memory than it uses. */
export function isMostlyUnused(pool: Pool): boolean {
  return pool.slabCount > UNUSED_SLABS && pool.usedSlabs * 4 < pool.slabCount;
}

/** The memory that a pool takes, in bytes, without room that was never used. */
export function residentBytesOf(pool: Pool): number {
  return pool.slabCount * (SLAB_NODES * NODE_BYTES + SLAB_BYTES) + pool.childCount * 4;
}

/** Moves a pool to arrays with room for more slabs. */
function moveTo(pool: Pool, slabs: number): void {
  const arrays = newPoolArrays(slabs);
  arrays.links.set(pool.links);
  arrays.states.set(pool.states);
  arrays.slabStart.set(pool.slabStart);
  arrays.slabLevel.set(pool.slabLevel);
  arrays.slabParent.set(pool.slabParent);
  arrays.slabChildren.set(pool.slabChildren);
  arrays.slabHeads.set(pool.slabHeads);
  arrays.slabMarks.set(pool.slabMarks);
  Object.assign(pool, arrays);
}

function takeChildren(pool: Pool, count: number): number {
  const free = count === SLAB_NODES ? pool.freeChildren.pop() : undefined;
  if (free !== undefined) return free;
  const first = pool.childCount;
  pool.childCount += count;
  if (pool.childCount > pool.children.length) {
    const larger = new Int32Array(Math.max(pool.childCount, 2 * pool.children.length));
    larger.set(pool.children);
    pool.children = larger;
  }
  return first;
}

/**
 * Takes slabs in a row, for the root of an area.
 *
 * @param pool the pool
 * @param count how many
 * @param level their level, 1 or more
 * @param pfn the first frame of the first one
 * @param heads the list of single frames of the area
 * @returns the number of the first
 */
export function takeRootSlabs(
  pool: Pool,
  count: number,
  level: number,
  pfn: number,
  heads: number,
): number {
  const first = pool.slabCount;
  if (first + count > pool.slabMarks.length) moveTo(pool, first + count + FIRST_SLABS);
  pool.slabCount += count;
  pool.usedSlabs += count;
  const children = takeChildren(pool, count * SLAB_NODES);
  for (let index = 0; index < count; index++) {
    pool.slabStart[first + index] = pfn / SLAB_NODES + index * (UNIT_FRAMES[level] ?? 0);
    pool.slabLevel[first + index] = level;
    pool.slabParent[first + index] = 0;
    pool.slabHeads[first + index] = -1 - heads;
    pool.slabChildren[first + index] = children + index * SLAB_NODES;
  }
  return first;
}

/** The position in `children` of a node above level 0. */
export function childPosition(pool: Pool, node: number): number {
  return (pool.slabChildren[node >> SLAB_BITS] ?? 0) + (node & SLAB_MASK);
}

/** The level of a node: its unit is 512^level frames. */
export function levelOfNode(pool: Pool, node: number): number {
  return pool.slabLevel[node >> SLAB_BITS] ?? 0;
}

/**
 * The frame of a node.
 *
 * The sum is one of fractions: it is made for each block that is handed out, and a sum of whole numbers
 * would be taken for one of integers, converted and checked.
 */
export function pfnOfNode(pool: Pool, node: number): number {
  const slab = node >> SLAB_BITS;
  const unit = UNIT_SLABS[pool.slabLevel[slab] ?? 0] ?? 0;
  return ((pool.slabStart[slab] ?? 0) + (node & SLAB_MASK) * unit) * SLAB_NODES;
}

/**
 * Goes down into the unit of a node, dividing it if it was not: the node itself becomes interior.
 *
 * @param pool the pool
 * @param node a node above level 0
 * @returns the first node of its slab, which stands for the same frame
 */
export function enterUnit(pool: Pool, node: number): number {
  pool.states[node] = INTERIOR;
  const parked = pool.children[childPosition(pool, node)] ?? 0;
  if (parked !== 0) {
    if (((pool.slabMarks[parked] ?? 0) & MARK_PARKED) !== 0) {
      pool.slabMarks[parked] = MARK_WIPES;
      pool.parked--;
    }
    return parked * SLAB_NODES;
  }
  const start = pfnOfNode(pool, node) / SLAB_NODES;
  const level = levelOfNode(pool, node) - 1;
  let slab = pool.freeSlab;
  if (slab !== 0) pool.freeSlab = pool.slabParent[slab] ?? 0;
  else {
    slab = pool.slabCount++;
    const have = pool.slabMarks.length;
    if (slab >= have) moveTo(pool, Math.max(MORE_SLABS, 2 * have));
  }
  pool.usedSlabs++;
  pool.slabStart[slab] = start;
  pool.slabLevel[slab] = level;
  pool.slabParent[slab] = node;
  pool.slabChildren[slab] = 0;
  const above = node >> SLAB_BITS;
  const heads = pool.slabHeads[above] ?? 0;
  pool.slabHeads[slab] = level === 0 ? -1 - heads : heads;
  if (pool.slabChildren[above] === 0) pool.slabChildren[above] = takeChildren(pool, SLAB_NODES);
  pool.children[childPosition(pool, node)] = slab;
  return slab * SLAB_NODES;
}

/** Gives a slab back that holds neither a block nor a mark, and no slab below it. */
export function releaseSlab(pool: Pool, slab: number): void {
  const children = pool.slabChildren[slab] ?? 0;
  if (children > 0) pool.freeChildren.push(children);
  pool.children[childPosition(pool, pool.slabParent[slab] ?? 0)] = 0;
  pool.slabChildren[slab] = 0;
  pool.slabMarks[slab] = 0;
  pool.slabParent[slab] = pool.freeSlab;
  pool.freeSlab = slab;
  pool.usedSlabs--;
}

/** The node behind another one, or behind a list's head. */
export function nextOf(pool: Pool, node: number): number {
  return pool.links[node << 1] ?? 0;
}

/** Puts a node behind another one: at the front of a list if that is its head. */
export function linkBehind(pool: Pool, head: number, node: number): void {
  const { links } = pool;
  const second = links[head << 1] ?? 0;
  links[node << 1 | 1] = head;
  links[node << 1] = second;
  links[second << 1 | 1] = node;
  links[head << 1] = node;
}

/** Takes a node off its list. */
export function unlinkNode(pool: Pool, node: number): void {
  const { links } = pool;
  const after = links[node << 1] ?? 0;
  const before = links[node << 1 | 1] ?? 0;
  links[before << 1] = after;
  links[after << 1 | 1] = before;
}

/** Takes the first node off a list. */
export function unlinkFront(pool: Pool, head: number, node: number): void {
  const { links } = pool;
  const after = links[node << 1] ?? 0;
  links[head << 1] = after;
  links[after << 1 | 1] = head;
}
