/**
 * Reading an area of the literal engine into the fast one, if all of it is sound.
 *
 * @module
 */

// bits: states are bytes.

import { pageStateFormatOf } from "../alloc_page/mod.ts";
import type { Edition } from "../edition.ts";
import type { AreaView, FreeListView } from "../page_allocator.ts";
import { linkBehind, pfnOfNode } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { addArea, holderOf, newFastState, orderOfHead, placeBlock } from "./state.ts";
import { ALLOCATED, FREE, FRESH, HEAD, SPECIAL } from "./constants.ts";

/**
 * Reads areas into an engine without areas.
 *
 * Sound means that blocks tile each area, aligned and with one state each; that exactly the usable ones are
 * listed, once, on the list of their order; and that all links are mutual.
 *
 * @param empty an engine whose rules, wiper and books of moves are to be used
 * @param edition the edition, for the encoding of page states
 * @param views the areas
 * @returns an engine that holds the areas, or null if one of them is not sound
 */
export function adoptAreas(
  empty: Pick<FastState, "rules" | "wiper"> & Partial<Pick<FastState, "moves">>,
  edition: Edition,
  views: readonly AreaView[],
): FastState | null {
  const state = newFastState(empty.rules, empty.wiper, empty.moves);
  for (const view of views) {
    const { area: slot, zone, base, top } = view;
    if (top <= base) return null;
    const area = addArea(state, { slot, zone: zone ?? slot, base, top });
    if (!placeBlocks(state, area, view, edition)) return null;
    const listed = linkBlocks(state, area, view.freeLists);
    if (listed !== usableBlocks(state, area)) return null;
    if (view.maxOrder !== null) {
      if (view.maxOrder >= state.rules.listCount) return null;
      state.pool.maxOrders[area.slot] = view.maxOrder;
    }
  }
  return state;
}

/** The statuses of an encoding: by their bits, as states of the smallest block. */
function statusesOf(edition: Edition): ReadonlyMap<number, number> {
  const { fresh, free, allocated, special } = pageStateFormatOf(edition);
  const statuses = new Map([[fresh, FRESH], [free, FREE], [allocated, ALLOCATED]]);
  if (special !== null) statuses.set(special, SPECIAL);
  return statuses;
}

function placeBlocks(state: FastState, area: FastArea, view: AreaView, edition: Edition): boolean {
  const { orderMask } = pageStateFormatOf(edition);
  const statuses = statusesOf(edition);
  let first: number = area.base;
  for (const { state: byte, count } of view.states) {
    const order = byte & orderMask;
    const status = statuses.get(byte & ~orderMask & 0xff);
    const frames = 2 ** order;
    if (status === undefined || count % frames !== 0 || first % frames !== 0) return false;
    if (order >= state.rules.listCount || (status === SPECIAL && order !== 0)) return false;
    for (const end = first + count; first < end; first += frames) {
      placeBlock(state, area, first, order, status);
    }
  }
  return first === area.top;
}

function isUsable(nodeState: number): boolean {
  return nodeState >= FRESH && nodeState < ALLOCATED;
}

/** Links the listed blocks; the number of them, or -1 if a list is not sound. */
function linkBlocks(state: FastState, area: FastArea, lists: readonly FreeListView[]): number {
  const { pool } = state;
  const linked = new Set<number>();
  for (const { order, forward, backward } of lists) {
    if (backward !== null || forward.end.kind !== "own-head") return -1;
    for (const frame of forward.pfns.toReversed()) {
      if (frame < area.base || frame >= area.top) return -1;
      const node = holderOf(state, area, frame);
      const isWhole = pfnOfNode(pool, node) === frame && orderOfHead(pool, node) === order;
      if (!isWhole || !isUsable(pool.states[node] ?? 0) || linked.has(node)) return -1;
      linked.add(node);
      linkBehind(pool, area.heads + order, node);
    }
  }
  return linked.size;
}

/** The number of blocks that have to be listed. */
function usableBlocks(state: FastState, area: FastArea): number {
  let count = 0;
  for (let first = area.base; first < area.top;) {
    const node = holderOf(state, area, first);
    const nodeState = state.pool.states[node] ?? 0;
    if (nodeState < HEAD) return NaN;
    if (isUsable(nodeState)) count++;
    first += 2 ** orderOfHead(state.pool, node);
  }
  return count;
}
