/**
 * Copies of the fast engine's state, for going back to it.
 *
 * @module
 */

import { FIRST_NODE, newPool, SLAB_NODES } from "../alloc_page_fast/pool.ts";
import type { Pool } from "../alloc_page_fast/pool.ts";
import type { FastArea, FastState } from "../alloc_page_fast/mod.ts";

/** A copy: what is in use, without the backward links, which follow from the forward ones. */
export interface StateCopy {
  /** The areas as they were. */
  readonly areas: readonly FastArea[];
  /** The arrays, cut to what is in use, and the counts. */
  readonly pool: Omit<Pool, "prev">;
}

/**
 * Copies a state.
 *
 * @param state the engine
 * @returns the copy; 5 bytes for each frame of a slab in use
 */
export function copyState({ areas, pool }: FastState): StateCopy {
  const slabs = pool.slabCount;
  const nodes = slabs * SLAB_NODES;
  return {
    areas: areas.map((area) => ({ ...area })),
    pool: {
      ...pool,
      next: pool.next.slice(0, nodes),
      states: pool.states.slice(0, nodes),
      slabPfn: pool.slabPfn.slice(0, slabs),
      slabLevel: pool.slabLevel.slice(0, slabs),
      slabParent: pool.slabParent.slice(0, slabs),
      slabChildren: pool.slabChildren.slice(0, slabs),
      slabMarks: pool.slabMarks.slice(0, slabs),
      children: pool.children.slice(0, pool.childCount),
      freeChildren: [...pool.freeChildren],
    },
  };
}

/** The memory that a copy holds, in bytes. */
export function bytesOfCopy({ pool }: StateCopy): number {
  return pool.states.length * 5 + pool.slabMarks.length * 18 + pool.children.length * 4;
}

/**
 * Makes a state what it was when it was copied. The copy can be used again.
 *
 * @param state an engine of the same rules, whatever it holds; its arrays are used again where they suffice
 * @param copy the copy
 */
export function restoreState(state: FastState, copy: StateCopy): void {
  const { pool } = state;
  const from = copy.pool;
  const before = { nodes: pool.slabCount * SLAB_NODES, slabs: pool.slabCount };
  if (pool.states.length < from.states.length) makeRoom(pool, from);
  else {
    pool.states.fill(0, Math.min(from.states.length, before.nodes), before.nodes);
    pool.slabMarks.fill(0, Math.min(from.slabMarks.length, before.slabs), before.slabs);
  }
  if (pool.children.length < from.children.length) {
    pool.children = new Int32Array(from.children.length);
  }
  pool.children.fill(0, from.children.length);
  pool.next.set(from.next);
  pool.states.set(from.states);
  pool.slabPfn.set(from.slabPfn);
  pool.slabLevel.set(from.slabLevel);
  pool.slabParent.set(from.slabParent);
  pool.slabChildren.set(from.slabChildren);
  pool.slabMarks.set(from.slabMarks);
  pool.children.set(from.children);
  pool.slabCount = from.slabCount;
  pool.freeSlab = from.freeSlab;
  pool.childCount = from.childCount;
  pool.freeChildren.splice(0, pool.freeChildren.length, ...from.freeChildren);
  pool.usedSlabs = from.usedSlabs;
  pool.parked = from.parked;
  state.areas = copy.areas.map((area) => ({ ...area }));
  state.near = null;
  linkBackwards(pool);
}

function makeRoom(pool: Pool, from: Omit<Pool, "prev">): void {
  const fresh = newPool();
  const nodes = Math.max(fresh.states.length, from.states.length);
  const slabs = nodes / SLAB_NODES;
  pool.next = new Int32Array(nodes);
  pool.prev = new Int32Array(nodes);
  pool.states = new Uint8Array(nodes);
  pool.slabPfn = new Float64Array(slabs);
  pool.slabLevel = new Uint8Array(slabs);
  pool.slabParent = new Int32Array(slabs);
  pool.slabChildren = new Int32Array(slabs).fill(-1);
  pool.slabMarks = new Uint8Array(slabs);
}

/** Follows each list from its head. */
function linkBackwards({ next, prev }: Pool): void {
  for (let head = 0; head < FIRST_NODE; head++) {
    let node = head;
    do {
      const after = next[node] ?? 0;
      prev[after] = node;
      node = after;
    } while (node !== head);
  }
}
