/**
 * Giving blocks back.
 *
 * @module
 */

// bits: states are bytes, sizes are below 18, a root has fewer than 2^17 nodes, nodes are below 2^31.

import { noteMoves } from "./moves.ts";
import { levelOfNode, linkBehind, pfnOfNode } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { areaOfFrame, nodeAt, raiseMaxOrder } from "./state.ts";
import { parkSlab, trimParked } from "./wipe.ts";
import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const {
  ALLOCATED,
  DONE,
  FREE,
  FRESH,
  HEAD,
  INTERIOR,
  JOINS_NONE,
  JOINS_USABLE,
  LEAVE,
  MARKED,
  MARK_WIPES,
  SLAB_BITS,
} = constants;

/**
 * Frees the block that begins at a frame: to the front of its list, or joined with its buddies.
 *
 * @param state the engine
 * @param pfn the frame
 * @returns {@linkcode DONE}, or {@linkcode LEAVE} if no block in use begins there
 */
export function freeFrame(state: FastState, pfn: number): number {
  const area = areaOfFrame(state, pfn);
  return area === null ? LEAVE : freeInArea(state, area, nodeAt(state, area, pfn));
}

/**
 * Frees the block that begins at a frame, without a look for its node if the block still has it.
 *
 * @param state the engine
 * @param pfn the frame
 * @param node the node that the block had when it was taken: areas may have been read anew since
 * @returns {@linkcode DONE}, or {@linkcode LEAVE} if no block in use begins there
 */
export function freeBlock(state: FastState, pfn: number, node: number): number {
  const { near } = state;
  return near !== null && isStillAt(state, near, pfn, node)
    ? freeInArea(state, near, node)
    : freeFrame(state, pfn);
}

/**
 * Frees the block of a node.
 *
 * @param state the engine
 * @param node a node that {@linkcode takeNode} gave
 * @returns {@linkcode DONE}, or {@linkcode LEAVE} if no block in use begins there
 */
export function freeNode(state: FastState, node: number): number {
  const area = areaOfNode(state, node);
  return area === null ? LEAVE : freeInArea(state, area, node);
}

function areaOfNode({ areas, pool }: FastState, node: number): FastArea | null {
  const heads = pool.slabHeads[node >> SLAB_BITS] ?? 0;
  const ofArea = heads < 0 ? -1 - heads : heads;
  for (const area of areas) {
    if (area.heads === ofArea) return area;
  }
  return null;
}

/** Tells whether a block in use is in an area and has a node. */
function isStillAt(state: FastState, area: FastArea, pfn: number, node: number): boolean {
  const { pool } = state;
  return pfn >= area.base && pfn < area.top && node < pool.states.length &&
    pfnOfNode(pool, node) === pfn && (pool.states[node] ?? 0) >= ALLOCATED;
}

/** Frees the block of a node, unless none that is in use begins there. */
function freeInArea(state: FastState, area: FastArea, node: number): number {
  const { pool, rules } = state;
  const size = (pool.states[node] ?? 0) - ALLOCATED;
  if (size < 0 || size >= HEAD) return LEAVE;
  const level = levelOfNode(pool, node);
  if (rules.joins !== JOINS_NONE) return freeAndJoin(state, area, node, level, size);
  const order = level * SLAB_BITS + size;
  pool.states[node] = FREE | size;
  linkBehind(pool, area.heads + order, node);
  if (rules.linksRaiseMaxOrder === 1) raiseMaxOrder(state, area, order);
  return DONE;
}

/**
 * Ends a release that was begun in the slab of the block: what is free there is joined with what is above,
 * and linked.
 *
 * @param state the engine
 * @param node the node of the block that came of the release so far, in a slab of level 0; its state says
 * that it is free, it is on no list
 * @param freedOrder the order of the block that was released
 */
export function finishRelease(state: FastState, node: number, freedOrder: number): void {
  const { pool, rules } = state;
  const area = areaOfNode(state, node);
  const size = (pool.states[node] ?? 0) - FREE;
  if (area === null) return;
  if (rules.joins !== JOINS_NONE) freeAndJoin(state, area, node, 0, size, freedOrder);
  else linkFreed(state, area, node, size, freedOrder);
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
function freeAndJoin(
  state: FastState,
  area: FastArea,
  freed: number,
  freedLevel: number,
  freedSize: number,
  freedOrder = freedLevel * SLAB_BITS + freedSize,
): number {
  const { pool, rules } = state;
  const { links, states } = pool;
  const inside = state.wiper === null ? INTERIOR : MARKED;
  let node = freed;
  let size = freedSize;
  let level = freedLevel;
  while (level < area.level) {
    const sizeBefore = size;
    while (size < SLAB_BITS) {
      const buddy = node ^ (1 << size);
      if (!isMergeable(rules.joins, states[buddy] ?? 0, size)) break;
      const after = links[buddy << 1] ?? 0;
      const before = links[buddy << 1 | 1] ?? 0;
      links[before << 1] = after;
      links[after << 1 | 1] = before;
      const upper = buddy > node ? buddy : node;
      states[upper] = inside;
      node = upper ^ (1 << size);
      size++;
    }
    const slab = node >> SLAB_BITS;
    if (size > sizeBefore && inside === MARKED) pool.slabMarks[slab] = MARK_WIPES;
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
  const { links, states } = pool;
  const inside = state.wiper === null ? INTERIOR : MARKED;
  const { root, phase, rootNodes } = area;
  let index = first - root;
  let size = firstSize;
  while (true) {
    const buddy = ((phase + index) ^ (1 << size)) - phase;
    if (buddy < 0 || buddy >= rootNodes) break;
    const node = root + buddy;
    if (!isMergeable(rules.joins, states[node] ?? 0, size)) break;
    const after = links[node << 1] ?? 0;
    const before = links[node << 1 | 1] ?? 0;
    links[before << 1] = after;
    links[after << 1 | 1] = before;
    const upper = root + (index > buddy ? index : buddy);
    states[upper] = inside;
    if (inside === MARKED) pool.slabMarks[upper >> SLAB_BITS] = MARK_WIPES;
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
  if (order > freedOrder) noteMoves(state.moves.joins, order, freedOrder);
  if (order > freedOrder || rules.linksRaiseMaxOrder === 1) raiseMaxOrder(state, area, order);
  if (pool.parked > 0) trimParked(state);
}
