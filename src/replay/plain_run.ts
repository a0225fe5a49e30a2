/**
 * The loop that runs plain operations on the fast engine, and nothing else.
 *
 * Plain are requests that the first area serves within a slab, and releases of blocks that stay
 * within their slab: nearly all. What they do to the engine is what `takeNode` and `freeFrame` do; it
 * is told once more here, in functions that are small enough to be compiled into the loop. A loop that
 * calls nothing but on its way out has the places and lengths of all arrays at hand, in place of
 * reading them again after each call: that is worth half of the time.
 *
 * @module
 */

// bits: words are unsigned and their fields below 2^29, states are bytes, nodes are below 2^31.

import { finishRelease, noteMoves } from "../alloc_page_fast/mod.ts";
import type { FastState } from "../alloc_page_fast/mod.ts";
import * as constants from "../alloc_page_fast/constants.ts";
import type { Pool } from "../alloc_page_fast/pool.ts";
import type { Handles } from "./handles.ts";
import * as uses from "./handles.ts";
import * as operations from "./operations.ts";

/** Imported constants are slow; these are compiled in. */
const { ALLOCATED, FIRST_NODE, FREE, FRESH, HEAD, HEADS_PER_AREA, INTERIOR } = constants;
const { JOINS_NONE, JOINS_USABLE, NONE, SLAB_BITS, SLAB_MASK, SLAB_NODES } = constants;
const { LIVE, PAGE_BITS, PAGE_HANDLES, PAGE_MASK, UNUSED } = uses;
const { FLAGS_SHIFT, KIND_BITS, KIND_MASK, OP_ALLOC, OP_FREE, ORDER_LIMIT } = operations;

/** The heads of a slot's lists begin at its number times 2 to this. */
const SLOT_BITS = 6;
/** The largest order of a block within a slab. */
const LARGEST = SLAB_BITS - 1;

/** What the loop works on. */
export interface PlainRun {
  /** The engine, without memory to be kept. */
  readonly state: FastState;
  /** The handles. */
  readonly handles: Handles;
  /** The status that is joined beside free ones, perhaps free itself; 0 where nothing is joined. */
  readonly joined: number;
  /** The status of the blocks whose upper halves go to the back of their list; 0 for none. */
  readonly toBack: number;
  /** The flags of the requests that are plain. */
  flags: number;
  /** The slot of the area that they ask first; -1 if they are not to be served here. */
  slot: number;
}

/**
 * Gets the loop ready.
 *
 * @param state the engine, without memory to be kept
 * @param handles the handles
 * @returns what the loop works on, without a kind of requests that is plain
 */
export function plainRunOn(state: FastState, handles: Handles): PlainRun {
  const { joins, freshToBack } = state.rules;
  const joinedOrNone = joins === JOINS_USABLE ? FRESH : FREE;
  return {
    state,
    handles,
    joined: joins === JOINS_NONE ? 0 : joinedOrNone,
    toBack: freshToBack === 1 ? FRESH : 0,
    flags: 0,
    slot: -1,
  };
}

/**
 * Runs operations up to the first that is not plain; sometimes it stops before one that is.
 *
 * @param run what the loop works on
 * @param words whole operations
 * @param from where the first of them begins
 * @param end the number of words
 * @returns the position of the first operation that was not run
 */
export function runPlain(run: PlainRun, words: Uint32Array, from: number, end: number): number {
  const { flags, handles, joined, slot, state, toBack } = run;
  const { moves, pool, rules } = state;
  const { links, maxOrders, slabHeads, states } = pool;
  const { dropped, nodes, offset, places, uses } = handles;
  const maxOrder = slot < 0 ? -1 : maxOrders[slot] ?? 0;
  // The last block of the highest order may not be split here: that lowers it.
  const split = maxOrder > LARGEST ? LARGEST : maxOrder - rules.keepsMaxOrder;
  const byFrame = handles.knows === "frames";
  let given = handles.count;
  let at = from;
  while (at < end) {
    const word = words[at] ?? 0;
    if ((word & KIND_MASK) === OP_ALLOC) {
      const order = (word >>> KIND_BITS) & (ORDER_LIMIT - 1);
      if (word >>> FLAGS_SHIFT !== flags || order > LARGEST || order > maxOrder) break;
      const head = (slot << SLOT_BITS) + order;
      const front = links[head << 1] ?? 0;
      const node = front >= FIRST_NODE ? front : frontOfLarger(links, head, split - order);
      if (node === NONE) break;
      if (node === front) unlinkFront(links, head, node);
      else splitDown(links, states, moves.splits, head, node, toBack);
      states[node] = ALLOCATED | order;
      const position = given + offset;
      uses[position] = LIVE;
      nodes[position] = node;
      if (byFrame) handles.pfns[position] = frameOf(pool, node);
      at++;
      if ((++given & PAGE_MASK) !== 0) continue;
      handles.count = given;
      handles.beginPage();
      break;
    }
    const handle = word >>> KIND_BITS;
    const place = places[handle >> PAGE_BITS] ?? 0;
    if ((word & KIND_MASK) !== OP_FREE || handle >= given || place < 0) break;
    const position = (place << PAGE_BITS) + (handle & PAGE_MASK);
    const freed = nodes[position] ?? 0;
    const order = (states[freed] ?? 0) - ALLOCATED;
    const heads = slabHeads[freed >> SLAB_BITS] ?? 0;
    if (uses[position] !== LIVE || order < 0 || order > LARGEST || heads < 0) break;
    if (byFrame && handles.pfns[position] !== frameOf(pool, freed)) break;
    states[freed] = FREE | order;
    const node = joined === 0 ? freed : join(links, states, freed, order, joined);
    const size = (states[node] ?? 0) - FREE;
    uses[position] = UNUSED;
    const gone = dropped[place] = (dropped[place] ?? 0) + 1;
    at++;
    if (gone < PAGE_HANDLES && size <= LARGEST && size <= (maxOrders[heads >> SLOT_BITS] ?? 0)) {
      linkFront(links, heads + size, node);
      if (size > order) noteMoves(moves.joins, size, order);
      continue;
    }
    finishRelease(state, node, order);
    if (gone === PAGE_HANDLES) handles.forget(handle >> PAGE_BITS, place);
    break;
  }
  handles.count = given;
  return at;
}

/** The first frame of a block in a slab of level 0. */
function frameOf({ slabStart }: Pool, node: number): number {
  return (slabStart[node >> SLAB_BITS] ?? 0) * SLAB_NODES + (node & SLAB_MASK);
}

/** Puts a node to the front of a list. */
function linkFront(links: Int32Array, head: number, node: number): void {
  const second = links[head << 1] ?? 0;
  links[node << 1 | 1] = head;
  links[node << 1] = second;
  links[second << 1 | 1] = node;
  links[head << 1] = node;
}

/** Takes the first node off a list. */
function unlinkFront(links: Int32Array, head: number, node: number): void {
  const after = links[node << 1] ?? 0;
  links[head << 1] = after;
  links[after << 1 | 1] = head;
}

/** The front block of the nearest list above one, up to so many lists; or {@linkcode NONE}. */
function frontOfLarger(links: Int32Array, head: number, levels: number): number {
  for (let list = head + 1; list <= head + levels; list++) {
    const node = links[list << 1] ?? 0;
    if (node >= FIRST_NODE) return node;
  }
  return NONE;
}

/**
 * Takes a block off its list, of which it is the front, and splits it down to its first piece.
 *
 * @param links the links of the nodes
 * @param states the states of the nodes
 * @param splits the books of splits
 * @param head the list of the order wanted
 * @param node the block's node
 * @param toBack the status of the blocks whose upper halves go to the back of their list
 */
function splitDown(
  links: Int32Array,
  states: Uint8Array,
  splits: Float64Array,
  head: number,
  node: number,
  toBack: number,
): void {
  const state = states[node] ?? 0;
  let size = state & (HEAD - 1);
  const status = state - size;
  const order = head & (HEADS_PER_AREA - 1);
  unlinkFront(links, head - order + size, node);
  noteMoves(splits, size, order);
  for (let list = head - order + size - 1; list >= head; list--) {
    size--;
    const upper = node + (1 << size);
    const before = status === toBack ? links[list << 1 | 1] ?? 0 : list;
    const after = status === toBack ? list : links[list << 1] ?? 0;
    states[upper] = status | size;
    links[upper << 1 | 1] = before;
    links[upper << 1] = after;
    links[before << 1] = upper;
    links[after << 1 | 1] = upper;
  }
}

/**
 * Joins a freed block with its buddies, as long as they lie in its slab.
 *
 * @param links the links of the nodes
 * @param states the states of the nodes
 * @param freed the block's node
 * @param freedSize its order
 * @param other the status beside {@linkcode FREE} that is joined
 * @returns the node of the block that came of it; its state tells its size
 */
function join(
  links: Int32Array,
  states: Uint8Array,
  freed: number,
  freedSize: number,
  other: number,
): number {
  let node = freed;
  let size = freedSize;
  while (size <= LARGEST) {
    const buddy = node ^ (1 << size);
    const state = states[buddy] ?? 0;
    if (state !== FREE + size && state !== other + size) break;
    const after = links[buddy << 1] ?? 0;
    const before = links[buddy << 1 | 1] ?? 0;
    links[before << 1] = after;
    links[after << 1 | 1] = before;
    states[node | buddy] = INTERIOR;
    node &= buddy;
    size++;
  }
  states[node] = FREE | size;
  return node;
}
