/**
 * The fast engine's areas as an observer sees them: page states and lists, derived.
 *
 * @module
 */

// bits: states are bytes, sizes are below 18.

import { unreachable } from "../outcome.ts";
import type { AreaView, FreeListView, StateRun } from "../page_allocator.ts";
import { areaNumber, order, pfn } from "../units.ts";
import type { Pfn } from "../units.ts";
import { levelOfNode, nextOf, pfnOfNode } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { holderOf } from "./state.ts";
import { FIRST_NODE, HEAD, SLAB_BITS, SLAB_MASK, UNIT_FRAMES } from "./constants.ts";

/** The bits of a head state below its status: 2 to this is {@linkcode HEAD}. */
const SIZE_BITS = 5;

/**
 * The page states of an area, as runs from `base` on.
 *
 * @param state the engine
 * @param area the area
 * @returns the runs, none of them like the one before
 */
export function stateRunsOf(state: FastState, area: FastArea): StateRun[] {
  const { pool, rules } = state;
  const { states } = pool;
  const { statusBits } = rules;
  const runs: StateRun[] = [];
  let byte = -1;
  let count = 0;
  for (let first = area.base; first < area.top;) {
    const holder = holderOf(state, area, first);
    const level = levelOfNode(pool, holder);
    const unit = UNIT_FRAMES[level] ?? 1;
    const end = (holder | SLAB_MASK) + 1;
    if ((states[holder] ?? 0) < HEAD) unreachable(`no block begins at frame ${first}`);
    // From here on block follows block in the same slab, as long as none is divided.
    for (let node = holder; node < end && first < area.top;) {
      const head = states[node] ?? 0;
      if (head < HEAD) break;
      const sizeBits = head & (HEAD - 1);
      const here = (statusBits[head >> SIZE_BITS] ?? 0) |
        (sizeBits + level * SLAB_BITS);
      const nodes = 1 << sizeBits;
      if (here !== byte) {
        if (count > 0) runs.push({ state: byte, count });
        byte = here;
        count = 0;
      }
      count += nodes * unit;
      first += nodes * unit;
      node += nodes;
    }
  }
  if (count > 0) runs.push({ state: byte, count });
  return runs;
}

/** The first frames of the blocks on a list, from the front. */
export function listOf(pool: Pool, head: number): Pfn[] {
  const frames: Pfn[] = [];
  for (
    let node = nextOf(pool, head);
    node >= FIRST_NODE;
    node = nextOf(pool, node)
  ) {
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
