/**
 * The fast engine's areas as an observer sees them: page states and lists, derived.
 *
 * @module
 */

// bits: states are bytes.

import type { AreaView, FreeListView, StateRun } from "../page_allocator.ts";
import { areaNumber, order, pfn } from "../units.ts";
import type { Pfn } from "../units.ts";
import { FIRST_NODE, pfnOfNode } from "./pool.ts";
import type { Pool } from "./pool.ts";
import { HEAD } from "./rules.ts";
import type { FastArea, FastState } from "./state.ts";
import { holderOf, orderOfHead } from "./state.ts";

/**
 * The page states of an area, as runs from `base` on.
 *
 * @param state the engine
 * @param area the area
 * @returns the runs, none of them like the one before
 */
export function stateRunsOf(state: FastState, area: FastArea): StateRun[] {
  const runs: { state: number; count: number }[] = [];
  let last: { state: number; count: number } | null = null;
  for (let first = area.base; first < area.top;) {
    const node = holderOf(state, area, first);
    const blockOrder = orderOfHead(state.pool, node);
    const status = Math.floor((state.pool.states[node] ?? 0) / HEAD);
    const byte = (state.rules.statusBits[status] ?? 0) | blockOrder;
    const count = 2 ** blockOrder;
    if (last !== null && last.state === byte) last.count += count;
    else runs.push(last = { state: byte, count });
    first += count;
  }
  return runs;
}

/** The first frames of the blocks on a list, from the front. */
export function listOf(pool: Pool, head: number): Pfn[] {
  const frames: Pfn[] = [];
  for (let node = pool.next[head] ?? 0; node >= FIRST_NODE; node = pool.next[node] ?? 0) {
    frames.push(pfn(pfnOfNode(pool, node)));
  }
  return frames;
}

/**
 * An area as an observer sees it.
 *
 * @param state the engine
 * @param area the area
 * @param metadata the frame at which its metadata begins
 * @returns the view
 */
export function viewOf(state: FastState, area: FastArea, metadata: Pfn): AreaView {
  const freeLists: FreeListView[] = [];
  for (let listed = 0; listed < state.rules.listCount; listed++) {
    const frames = listOf(state.pool, area.heads + listed);
    if (frames.length === 0) continue;
    const forward = { pfns: frames, end: { kind: "own-head" } } as const;
    freeLists.push({ order: order(listed), forward, backward: null });
  }
  const view = {
    area: areaNumber(area.slot),
    metadata,
    base: pfn(area.base),
    top: pfn(area.top),
    maxOrder: state.rules.keepsMaxOrder === 1 ? order(area.maxOrder) : null,
    states: stateRunsOf(state, area),
    freeLists,
  };
  return area.zone === area.slot ? view : { ...view, zone: areaNumber(area.zone) };
}
