/**
 * The fast engine's areas as an observer sees them: page states and lists, derived.
 *
 * @module
 */

// bits: states are bytes, sizes are below 18, nodes are below 2^31.

import { unreachable } from "../outcome.ts";
import type { AreaView, FreeListView, StateRun } from "../page_allocator.ts";
import { areaNumber, order, pfn } from "../units.ts";
import type { Pfn } from "../units.ts";
import { levelOfNode, nextOf, pfnOfNode } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { holderOf, maxOrderOf } from "./state.ts";
import { FIRST_NODE, HEAD, SLAB_BITS, SLAB_MASK, UNIT_FRAMES } from "./constants.ts";

/** The bits of a head state below its status: 2 to this is {@linkcode HEAD}. */
const SIZE_BITS = 5;

/** Runs of fewer frames than this are shared between views. */
const SHARED_COUNTS = 64;
/**
 * Runs that views share, by state and count: a view of a million frames after churn has tens of thousands,
 * and making them anew each time would keep the garbage collector busy. Nobody changes a run.
 */
const SHARED_RUNS: (StateRun | undefined)[] = new Array(256 * SHARED_COUNTS).fill(undefined);

function runOf(state: number, count: number): StateRun {
  if (count >= SHARED_COUNTS) return { state, count };
  return SHARED_RUNS[state * SHARED_COUNTS + count] ??= { state, count };
}

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
        if (count > 0) runs.push(runOf(byte, count));
        byte = here;
        count = 0;
      }
      count += nodes * unit;
      first += nodes * unit;
      node += nodes;
    }
  }
  if (count > 0) runs.push(runOf(byte, count));
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
 * Counts the blocks on the lists of all areas, without a look at where they lie.
 *
 * @param state the engine
 * @returns the counts by order, of all orders that have a list
 */
export function listedBlocks({ areas, pool, rules }: FastState): number[] {
  const { links } = pool;
  const counts: number[] = new Array(rules.listCount).fill(0);
  for (const { heads } of areas) {
    for (let listed = 0; listed < rules.listCount; listed++) {
      const head = heads + listed;
      let count = 0;
      for (let node = links[head << 1] ?? head; node !== head; node = links[node << 1] ?? head) {
        count++;
      }
      counts[listed] = (counts[listed] ?? 0) + count;
    }
  }
  return counts;
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
    maxOrder: state.rules.keepsMaxOrder === 1 ? order(maxOrderOf(state, area)) : null,
    states: stateRunsOf(state, area),
    freeLists,
  };
  return area.zone === area.slot ? view : { ...view, zone: areaNumber(area.zone) };
}
