/**
 * Taking given frames out of use, and giving them back, where the edition does that without damage.
 *
 * @module
 */

// bits: states are bytes, sizes are below 10, nodes below 2^31.

import { freeFrame } from "./give.ts";
import { enterUnit, levelOfNode, linkBehind, pfnOfNode, unlinkNode } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { areaOfFrame, blockOver, nodeAt, orderOfHead } from "./state.ts";
import { lowerMaxOrder } from "./take.ts";
import { ALLOCATED, DONE, FRESH, HEAD, LEAVE, NONE, SLAB_BITS, SPECIAL } from "./constants.ts";

/** The block that holds a frame, if it is usable; 0 if not. */
function usableBlockOver(state: FastState, pfn: number): number {
  const area = areaOfFrame(state, pfn);
  const node = area === null ? 0 : blockOver(state, area, pfn);
  return (state.pool.states[node] ?? 0) < ALLOCATED ? node : 0;
}

/**
 * Reserves frames, all or none.
 *
 * @param state the engine
 * @param first the first frame
 * @param count in frames
 * @returns {@linkcode DONE}; {@linkcode NONE} if one of them cannot be had; or {@linkcode LEAVE} where the
 * edition leaves reserved frames on their lists, or splits blocks before it knows
 */
export function reserveFrames(state: FastState, first: number, count: number): number {
  if (state.rules.reservesWhole === 0 || count === 0) return LEAVE;
  for (let pfn = first; pfn < first + count; pfn++) {
    if (usableBlockOver(state, pfn) === 0) return NONE;
  }
  for (let pfn = first; pfn < first + count; pfn++) {
    const area = areaOfFrame(state, pfn);
    if (area !== null) reserveFrame(state, area, pfn);
  }
  return DONE;
}

/** Splits the block of a frame down to it; the halves without the frame go to their lists. */
function reserveFrame(state: FastState, area: FastArea, pfn: number): void {
  const { pool, rules } = state;
  let node = blockOver(state, area, pfn);
  let order = orderOfHead(pool, node);
  let size = order - levelOfNode(pool, node) * SLAB_BITS;
  const status = (pool.states[node] ?? 0) & ~(HEAD - 1);
  const toBack = rules.freshToBack === 1 && status === FRESH;
  unlinkNode(pool, node);
  if (order > 0) lowerMaxOrder(state, area, order);
  while (order > 0) {
    if (size === 0) {
      node = enterUnit(pool, node);
      size = SLAB_BITS;
    }
    size--;
    order--;
    const upper = node + (1 << size);
    const isInUpper = pfn >= pfnOfNode(pool, upper);
    const other = isInUpper ? node : upper;
    const list = area.heads + order;
    pool.states[other] = status | size;
    linkBehind(pool, toBack ? pool.links[list << 1 | 1] ?? 0 : list, other);
    if (isInUpper) node = upper;
  }
  pool.states[node] = SPECIAL;
  state.wiper?.wipe(pfn);
}

/**
 * Gives reserved frames back, one after the other.
 *
 * @param state the engine
 * @param first the first frame
 * @param count in frames
 * @returns {@linkcode DONE}, or {@linkcode LEAVE} if one of them is not reserved
 */
export function unreserveFrames(state: FastState, first: number, count: number): number {
  if (state.rules.reservesWhole === 0) return LEAVE;
  for (let pfn = first; pfn < first + count; pfn++) {
    const area = areaOfFrame(state, pfn);
    if (area === null || state.pool.states[nodeAt(state, area, pfn)] !== SPECIAL) return LEAVE;
  }
  for (let pfn = first; pfn < first + count; pfn++) {
    const area = areaOfFrame(state, pfn);
    if (area !== null) state.pool.states[nodeAt(state, area, pfn)] = ALLOCATED;
    freeFrame(state, pfn);
  }
  return DONE;
}
