/**
 * Copies of the fast engine's state, for going back to it.
 *
 * @module
 */

// bits: nodes are below 2^30.

import { FIRST_NODE, SLAB_NODES } from "../alloc_page_fast/constants.ts";
import { newPoolArrays } from "../alloc_page_fast/pool.ts";
import type { Pool } from "../alloc_page_fast/pool.ts";
import type { FastArea, FastState } from "../alloc_page_fast/mod.ts";

/** A copy: what is in use, and the blocks that are listed in place of the links of all nodes. */
export interface StateCopy {
  /** The areas as they were. */
  readonly areas: readonly FastArea[];
  /** The lists that are not empty: each head, which is below all blocks, and its blocks in order. */
  readonly lists: Int32Array;
  /** The arrays, cut to what is in use, and the counts. */
  readonly pool: Omit<Pool, "links">;
}

/**
 * Copies a state.
 *
 * @param state the engine
 * @returns the copy: a byte for each node of a slab in use, and 4 for each free block
 */
export function copyState({ areas, pool }: FastState): StateCopy {
  const slabs = pool.slabCount;
  const nodes = slabs * SLAB_NODES;
  const { links: _, ...rest } = pool;
  return {
    areas: areas.map((area) => ({ ...area })),
    lists: listsOf(pool),
    pool: {
      ...rest,
      states: pool.states.slice(0, nodes),
      slabStart: pool.slabStart.slice(0, slabs),
      slabLevel: pool.slabLevel.slice(0, slabs),
      slabParent: pool.slabParent.slice(0, slabs),
      slabChildren: pool.slabChildren.slice(0, slabs),
      slabHeads: pool.slabHeads.slice(0, slabs),
      slabMarks: pool.slabMarks.slice(0, slabs),
      maxOrders: pool.maxOrders.slice(),
      children: pool.children.slice(0, pool.childCount),
      freeChildren: [...pool.freeChildren],
    },
  };
}

/** Follows each list from its head. */
function listsOf({ links }: Pool): Int32Array {
  let lists = new Int32Array(4096);
  let length = 0;
  for (let head = 0; head < FIRST_NODE; head++) {
    if (links[head << 1] === head) continue;
    let node = head;
    do {
      if (length === lists.length) {
        const larger = new Int32Array(2 * length);
        larger.set(lists);
        lists = larger;
      }
      lists[length++] = node;
      node = links[node << 1] ?? 0;
    } while (node !== head);
  }
  return lists.slice(0, length);
}

/** The memory that a copy holds, in bytes. */
export function bytesOfCopy({ lists, pool }: StateCopy): number {
  const arrays = pool.states.length + pool.slabMarks.length * 20 + pool.children.length * 4;
  return arrays + lists.byteLength;
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
  pool.children.fill(0, from.children.length, Math.max(from.children.length, pool.childCount));
  pool.states.set(from.states);
  pool.slabStart.set(from.slabStart);
  pool.slabLevel.set(from.slabLevel);
  pool.slabParent.set(from.slabParent);
  pool.slabChildren.set(from.slabChildren);
  pool.slabHeads.set(from.slabHeads);
  pool.slabMarks.set(from.slabMarks);
  pool.maxOrders.set(from.maxOrders);
  pool.children.set(from.children);
  pool.slabCount = from.slabCount;
  pool.freeSlab = from.freeSlab;
  pool.childCount = from.childCount;
  pool.freeChildren.splice(0, pool.freeChildren.length, ...from.freeChildren);
  pool.usedSlabs = from.usedSlabs;
  pool.parked = from.parked;
  state.areas = copy.areas.map((area) => ({ ...area }));
  state.near = null;
  linkLists(pool, copy.lists);
}

/** Gives a pool new arrays with room for a copy. */
function makeRoom(pool: Pool, from: StateCopy["pool"]): void {
  Object.assign(pool, newPoolArrays(from.slabCount));
}

/** Links the blocks of each list; all other lists are empty. */
function linkLists({ links }: Pool, lists: Int32Array): void {
  for (let head = 0; head < FIRST_NODE; head++) links[head << 1] = links[head << 1 | 1] = head;
  let head = 0;
  let last = 0;
  for (let index = 0; index < lists.length; index++) {
    const node = lists[index] ?? 0;
    if (node < FIRST_NODE) head = node;
    else {
      links[last << 1] = node;
      links[node << 1 | 1] = last;
      links[node << 1] = head;
      links[head << 1 | 1] = node;
    }
    last = node;
  }
}
