/**
 * Taking blocks out of areas.
 *
 * @module
 */

// bits: states are bytes, orders are below 64, nodes below 2^31.

import { noteMoves } from "./moves.ts";
import { enterUnit, levelOfNode, linkBehind, unlinkFront, unlinkNode } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { maxOrderOf } from "./state.ts";
import { wipeInside } from "./wipe.ts";
import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const { ALLOCATED, FIRST_NODE, FRESH, HEAD, LEAVE, MARK_WIPES, NONE, SLAB_BITS } = constants;

/**
 * Takes the front block of a list, of an order below that of a slab.
 *
 * @param state the engine
 * @param area the area
 * @param order the order
 * @returns the block's node, or {@linkcode NONE} if there is more to do
 */
export function takeFront(state: FastState, area: FastArea, order: number): number {
  const { pool } = state;
  const head = area.heads + order;
  const node = pool.links[head << 1] ?? 0;
  if (node < FIRST_NODE || order >= SLAB_BITS || order > maxOrderOf(state, area)) return NONE;
  unlinkFront(pool, head, node);
  if (order > 0 && pool.slabMarks[node >> SLAB_BITS] === MARK_WIPES) wipeInside(state, node);
  pool.states[node] = ALLOCATED | order;
  return node;
}

/**
 * Takes a block out of an area: the front one of the first list that serves, split down to size.
 *
 * @param state the engine
 * @param area the area
 * @param alignOrder the order of the alignment
 * @param sizeOrder the order of the size
 * @returns the block's node, or {@linkcode NONE}
 */
export function takeFromArea(
  state: FastState,
  area: FastArea,
  alignOrder: number,
  sizeOrder: number,
): number {
  const { pool } = state;
  const { heads } = area;
  const maxOrder = maxOrderOf(state, area);
  for (let order = alignOrder > sizeOrder ? alignOrder : sizeOrder; order <= maxOrder; order++) {
    const head = heads + order;
    let node = pool.links[head << 1] ?? 0;
    if (node < FIRST_NODE) continue;
    unlinkFront(pool, head, node);
    if (order > sizeOrder) node = splitDown(state, area, node, order, sizeOrder);
    if (sizeOrder >= SLAB_BITS) return handOutLarge(state, node, sizeOrder);
    if (sizeOrder > 0 && pool.slabMarks[node >> SLAB_BITS] === MARK_WIPES) wipeInside(state, node);
    pool.states[node] = ALLOCATED | sizeOrder;
    return node;
  }
  return NONE;
}

function handOutLarge(state: FastState, node: number, order: number): number {
  wipeInside(state, node);
  state.pool.states[node] = ALLOCATED | (order - levelOfNode(state.pool, node) * SLAB_BITS);
  return node;
}

/**
 * Splits a block that is off its list down to an order, always its lower half; only the remainders get
 * a state.
 *
 * @param state the engine
 * @param area the area
 * @param block the block's node
 * @param order the block's order
 * @param target the order of the piece wanted; lower
 * @returns the piece's node, with a head state, off any list
 */
function splitDown(
  state: FastState,
  area: FastArea,
  block: number,
  order: number,
  target: number,
): number {
  const { pool, rules } = state;
  const { heads } = area;
  const status = (pool.states[block] ?? 0) & ~(HEAD - 1);
  const toBack = rules.freshToBack === 1 && status === FRESH;
  lowerMaxOrder(state, area, order);
  noteMoves(state.moves.splits, order, target);
  let node = block;
  let size = order - levelOfNode(pool, node) * SLAB_BITS;
  let list = heads + order;
  const last = heads + target;
  while (true) {
    const levels = list - last < size ? list - last : size;
    if (toBack) linkUppersToBack(pool, node, size, levels, list, status);
    else linkUppersToFront(pool, node, size, levels, list, status);
    size -= levels;
    list -= levels;
    if (list === last) break;
    node = enterUnit(pool, node);
    size = SLAB_BITS;
  }
  pool.states[node] = status | size;
  return node;
}

/** Lowers an area's highest order if the last block of it was taken off its list to be split. */
export function lowerMaxOrder(state: FastState, area: FastArea, order: number): void {
  if (state.rules.keepsMaxOrder === 0 || order !== maxOrderOf(state, area)) return;
  const list = area.heads + order;
  if (state.pool.links[list << 1] === list) state.pool.maxOrders[area.slot] = order - 1;
}

/** Splits a block a number of times inside of its slab; the upper halves go to the front of their lists. */
function linkUppersToFront(
  pool: Pool,
  node: number,
  blockSize: number,
  levels: number,
  blockList: number,
  status: number,
): void {
  const { links, states } = pool;
  for (let done = 1; done <= levels; done++) {
    const size = blockSize - done;
    const upper = node + (1 << size);
    const list = blockList - done;
    const second = links[list << 1] ?? 0;
    states[upper] = status | size;
    links[upper << 1 | 1] = list;
    links[upper << 1] = second;
    links[second << 1 | 1] = upper;
    links[list << 1] = upper;
  }
}

/** The same, to the back of their lists. */
function linkUppersToBack(
  pool: Pool,
  node: number,
  blockSize: number,
  levels: number,
  blockList: number,
  status: number,
): void {
  const { links, states } = pool;
  for (let done = 1; done <= levels; done++) {
    const size = blockSize - done;
    const upper = node + (1 << size);
    const list = blockList - done;
    const before = links[list << 1 | 1] ?? 0;
    states[upper] = status | size;
    links[upper << 1 | 1] = before;
    links[upper << 1] = list;
    links[before << 1] = upper;
    links[list << 1 | 1] = upper;
  }
}

/** A piece of a block while it is cut: its node, and the order of the piece. */
interface Piece {
  node: number;
  order: number;
}

/**
 * Takes frames out of an area that were never touched: the upper half of a block from the back of a
 * list.
 *
 * @param state the engine
 * @param area the area
 * @param alignOrder the order of the alignment
 * @param sizeOrder the order of the size
 * @returns the block's node, {@linkcode NONE}, or {@linkcode LEAVE} where half of a single frame
 * is to be taken
 */
export function takeFreshFromArea(
  state: FastState,
  area: FastArea,
  alignOrder: number,
  sizeOrder: number,
): number {
  const { pool, rules } = state;
  const lowest = Math.max(alignOrder, sizeOrder) + 1;
  for (let order = lowest; order <= maxOrderOf(state, area); order++) {
    let node = pool.links[(area.heads + order) << 1 | 1] ?? 0;
    if (node < FIRST_NODE || ((pool.states[node] ?? 0) & ~(HEAD - 1)) !== FRESH) continue;
    if (sizeOrder === 0 && rules.freshIsWhole === 0) return LEAVE;
    unlinkNode(pool, node);
    const stop = rules.freshIsWhole === 1 ? lowest : sizeOrder;
    if (order > stop) node = splitDown(state, area, node, order, stop);
    const piece = { node, order: stop };
    giveHalf(state, area, piece, "lower");
    while (piece.order > sizeOrder && stop > sizeOrder) giveHalf(state, area, piece, "upper");
    const size = piece.order - levelOfNode(pool, piece.node) * SLAB_BITS;
    pool.states[piece.node] = ALLOCATED | size;
    return piece.node;
  }
  return NONE;
}

/** Halves a piece: one half goes to the back of its list, fresh; the other is the piece from then on. */
function giveHalf(
  state: FastState,
  area: FastArea,
  piece: Piece,
  given: "lower" | "upper",
): void {
  const { pool } = state;
  let size = piece.order - levelOfNode(pool, piece.node) * SLAB_BITS;
  let lower = piece.node;
  if (size === 0) {
    lower = enterUnit(pool, lower);
    size = SLAB_BITS;
  }
  size--;
  const upper = lower + (1 << size);
  const list = area.heads + piece.order - 1;
  const back = given === "lower" ? lower : upper;
  pool.states[back] = FRESH | size;
  linkBehind(pool, pool.links[list << 1 | 1] ?? 0, back);
  piece.node = given === "lower" ? upper : lower;
  piece.order--;
}
