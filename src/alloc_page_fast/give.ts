/**
 * Giving blocks back.
 *
 * @module
 */

// bits: states are bytes, sizes are below 18, a root has fewer than 2^17 nodes, nodes are below 2^31.

import { levelOfNode, linkBehind, MARK_WIPES, SLAB_BITS } from "./pool.ts";
import {
  ALLOCATED,
  FREE,
  FRESH,
  HEAD,
  INTERIOR,
  JOINS_NONE,
  JOINS_USABLE,
  MARKED,
} from "./rules.ts";
import type { FastArea, FastState } from "./state.ts";
import { areaOfFrame, LEAVE, nodeAt, raiseMaxOrder } from "./state.ts";
import { parkSlab, trimParked } from "./wipe.ts";

/** What a release gives that was done. */
export const DONE = 0;

/**
 * Frees the block that begins at a frame: to the front of its list, or joined with its buddies.
 *
 * @param state the engine
 * @param pfn the frame
 * @returns {@linkcode DONE}, or {@linkcode LEAVE} if no block in use begins there
 */
export function freeFrame(state: FastState, pfn: number): number {
  const { pool, rules } = state;
  const area = areaOfFrame(state, pfn);
  if (area === null) return LEAVE;
  const node = nodeAt(state, area, pfn);
  const size = (pool.states[node] ?? 0) - ALLOCATED;
  if (size < 0 || size >= HEAD) return LEAVE;
  if (rules.joins !== JOINS_NONE) return freeAndJoin(state, area, node, size);
  const order = (pool.slabLevel[node >> SLAB_BITS] ?? 0) * SLAB_BITS + size;
  pool.states[node] = FREE | size;
  linkBehind(pool, area.heads + order, node);
  if (rules.linksRaiseMaxOrder === 1) raiseMaxOrder(state, area, order);
  return DONE;
}

/** Tells whether a block of a state is one that is joined with a freed buddy of a size. */
function isMergeable(joins: number, nodeState: number, size: number): boolean {
  return nodeState === FREE + size || (joins === JOINS_USABLE && nodeState === FRESH + size);
}

/**
 * Joins a freed block upwards: within its slab, where a buddy is one bit away, then in the slabs above.
 *
 * What upstream links on the way it takes off again: only the last block is linked, the upper buddies are
 * marked.
 */
function freeAndJoin(state: FastState, area: FastArea, freed: number, freedSize: number): number {
  const { pool, rules } = state;
  const { next, prev, states } = pool;
  let node = freed;
  let size = freedSize;
  let level = levelOfNode(pool, node);
  const freedOrder = level * SLAB_BITS + size;
  while (level < area.level) {
    const sizeBefore = size;
    while (size < SLAB_BITS) {
      const buddy = node ^ (1 << size);
      if (!isMergeable(rules.joins, states[buddy] ?? 0, size)) break;
      const after = next[buddy] ?? 0;
      const before = prev[buddy] ?? 0;
      next[before] = after;
      prev[after] = before;
      const upper = buddy > node ? buddy : node;
      states[upper] = MARKED;
      node = upper ^ (1 << size);
      size++;
    }
    const slab = node >> SLAB_BITS;
    if (size > sizeBefore) pool.slabMarks[slab] = MARK_WIPES;
    if (size < SLAB_BITS) {
      linkFreed(state, area, node, size, freedOrder);
      return DONE;
    }
    // The slab is one free block now: its parent stands for it.
    states[node] = INTERIOR;
    node = pool.slabParent[slab] ?? 0;
    parkSlab(state, slab);
    size = 0;
    level++;
  }
  joinInRoot(state, area, node, size, freedOrder);
  return DONE;
}

/** Joins nodes of an area's root, whose buddies may lie outside. */
function joinInRoot(
  state: FastState,
  area: FastArea,
  first: number,
  firstSize: number,
  freedOrder: number,
): void {
  const { pool, rules } = state;
  const { next, prev, states } = pool;
  const { root, phase, rootNodes } = area;
  let index = first - root;
  let size = firstSize;
  while (true) {
    const buddy = ((phase + index) ^ (1 << size)) - phase;
    if (buddy < 0 || buddy >= rootNodes) break;
    const node = root + buddy;
    if (!isMergeable(rules.joins, states[node] ?? 0, size)) break;
    const after = next[node] ?? 0;
    const before = prev[node] ?? 0;
    next[before] = after;
    prev[after] = before;
    const upper = root + (index > buddy ? index : buddy);
    states[upper] = MARKED;
    pool.slabMarks[upper >> SLAB_BITS] = MARK_WIPES;
    if (buddy < index) index = buddy;
    size++;
  }
  linkFreed(state, area, area.root + index, size, freedOrder);
}

/** Puts the block that came of a release to the front of its list. */
function linkFreed(
  state: FastState,
  area: FastArea,
  node: number,
  size: number,
  freedOrder: number,
): void {
  const { pool, rules } = state;
  const order = levelOfNode(pool, node) * SLAB_BITS + size;
  pool.states[node] = FREE | size;
  linkBehind(pool, area.heads + order, node);
  if (order > freedOrder || rules.linksRaiseMaxOrder === 1) raiseMaxOrder(state, area, order);
  if (pool.parked > 0) trimParked(state);
}
