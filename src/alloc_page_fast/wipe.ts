/**
 * List nodes inside of larger blocks: frames that were linked before they were joined with others.
 *
 * In memory the first words of such a frame are 0 and its page is touched. The fast engine only marks the
 * frame, and does the rest when the block is handed out, or when too much memory is held for marks.
 *
 * @module
 */

// bits: states and marks are bytes, nodes are below 2^31.

import { childPosition, levelOfNode, pfnOfNode, releaseSlab } from "./pool.ts";
import type { FastState } from "./state.ts";
import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const { HEAD, INTERIOR, MARKED, MARK_PARKED, MARK_WIPES, SLAB_BITS, SLAB_NODES } = constants;

/** How many slabs may be held for marks alone. */
const PARKED_SLABS = 64;

/** Wipes what is marked inside of a block, its first frame excepted. */
export function wipeInside(state: FastState, head: number): void {
  const { pool } = state;
  const nodes = 2 ** ((pool.states[head] ?? 0) & (HEAD - 1));
  const level = levelOfNode(pool, head);
  if (level > 0) wipeBelow(state, head);
  for (let node = head + 1; node < head + nodes; node++) {
    const marks = pool.slabMarks[node >> SLAB_BITS] ?? 0;
    if ((marks & MARK_WIPES) === 0) {
      node += SLAB_NODES - node % SLAB_NODES - 1;
      continue;
    }
    if (pool.states[node] === MARKED) wipeNode(state, node);
    if (level > 0) wipeBelow(state, node);
  }
}

function wipeNode(state: FastState, node: number): void {
  state.pool.states[node] = INTERIOR;
  state.wiper?.wipe(pfnOfNode(state.pool, node));
}

/** Wipes what is marked in the parked slab of a node, and gives the slab back. */
function wipeBelow(state: FastState, node: number): void {
  const { pool } = state;
  const slab = pool.children[childPosition(pool, node)] ?? 0;
  if (slab === 0) return;
  wipeParked(state, slab);
}

/** Wipes what is marked in a parked slab, and gives it back with all below it. */
function wipeParked(state: FastState, slab: number): void {
  const { pool } = state;
  const isUpper = (pool.slabLevel[slab] ?? 0) > 0;
  const first = slab * SLAB_NODES;
  for (let node = first; node < first + SLAB_NODES; node++) {
    if (pool.states[node] === MARKED) wipeNode(state, node);
    if (isUpper) wipeBelow(state, node);
  }
  pool.parked--;
  releaseSlab(pool, slab);
}

/** Puts a slab that became part of one block aside, or gives it back if nothing in it is marked. */
export function parkSlab(state: FastState, slab: number): void {
  const { pool } = state;
  if (((pool.slabMarks[slab] ?? 0) & MARK_WIPES) === 0) return releaseSlab(pool, slab);
  pool.slabMarks[slab] = MARK_WIPES | MARK_PARKED;
  const parent = (pool.slabParent[slab] ?? 0) >> SLAB_BITS;
  pool.slabMarks[parent] = (pool.slabMarks[parent] ?? 0) | MARK_WIPES;
  pool.parked++;
}

/** Gives parked slabs back, once there are many of them. Not to be called inside of a step. */
export function trimParked(state: FastState): void {
  const { pool } = state;
  if (pool.parked <= PARKED_SLABS || pool.parked * 4 < pool.usedSlabs) return;
  releaseParked(state);
}

/** Wipes what is marked in parked slabs, and gives them back. */
export function releaseParked(state: FastState): void {
  const { pool } = state;
  for (let slab = 0; slab < pool.slabCount; slab++) {
    if (((pool.slabMarks[slab] ?? 0) & MARK_PARKED) !== 0) wipeParked(state, slab);
  }
}

/** Wipes everything that is marked, so that memory holds what the literal engine would have left there. */
export function wipeAll(state: FastState): void {
  const { pool } = state;
  releaseParked(state);
  for (let slab = 0; slab < pool.slabCount; slab++) {
    if (((pool.slabMarks[slab] ?? 0) & MARK_WIPES) === 0) continue;
    const first = slab * SLAB_NODES;
    for (let node = first; node < first + SLAB_NODES; node++) {
      if (pool.states[node] === MARKED) wipeNode(state, node);
    }
    pool.slabMarks[slab] = 0;
  }
}
