/**
 * States as keys: as few numbers as tell apart what must be told apart.
 *
 * @module
 */

import { FREE, FRESH, sizeOfOrder } from "./model.ts";
import type { Model } from "./model.ts";
import { clearLists, fillStates, insertFrame, markTouched } from "./packed.ts";
import type { Packed } from "./packed.ts";

/** What is left out of a key. */
export interface Folding {
  /** The order of lists: kept, or folded, which stands for every order. */
  readonly lists: "exact" | "folded";
  /** Whether fresh blocks are told from free ones. */
  readonly fresh: "told-apart" | "folded";
  /** Whether `max_order` is kept; folded, it is the largest order that is listed. */
  readonly maxOrder: "kept" | "folded";
}

/** How states of a model become keys. */
export interface KeyFormat {
  /** The model. */
  readonly model: Model;
  /** What is left out. */
  readonly folding: Folding;
  /** The numbers of a key, 32 bits each. */
  readonly words: number;
}

/** Frames in a number: 4 bits each, 0 inside a block, otherwise the status of the block. */
const FRAMES_A_WORD = 8;

/**
 * Lays keys out.
 *
 * @param model the model
 * @param folding what is left out
 * @returns the format
 */
export function keyFormat(model: Model, folding: Folding): KeyFormat {
  const { frames, areas, orders } = model.geometry;
  const states = Math.ceil(frames / FRAMES_A_WORD);
  const maxOrders = folding.maxOrder === "kept" ? 1 : 0;
  const links = folding.lists === "exact" ? Math.ceil((frames + areas.length * orders) / 4) : 0;
  return { model, folding, words: states + maxOrders + links };
}

/**
 * Writes the key of a state in which blocks tile the areas and lists are sound.
 *
 * @param format the format
 * @param packed the state
 * @param key where to write
 */
export function writeKey(format: KeyFormat, packed: Packed, key: Int32Array): void {
  const { model: { geometry, statuses, orderBits }, folding } = format;
  const { frames, nextAt, nodes, areas } = geometry;
  const { cells } = packed;
  let at = 0;
  let head = 0;
  for (let first = 0; first < frames; first += FRAMES_A_WORD) {
    let word = 0;
    for (; head < first + FRAMES_A_WORD && head < frames;) {
      const byte = cells[head] ?? 0;
      let status = statuses[byte] ?? 0;
      if (status === FRESH && folding.fresh === "folded") status = FREE;
      word |= status << (4 * (head - first)); // bits: 8 fields of 4
      head += 1 << (orderBits[byte] ?? 0); // bits: orders below 6
    }
    key[at++] = word;
  }
  if (folding.maxOrder === "kept") {
    let word = 0;
    for (const area of areas) word = word * 8 + (cells[area.maxOrderAt] ?? 0);
    key[at++] = word;
  }
  if (folding.lists === "folded") return;
  for (let node = 1; node < nodes; node += 4) {
    const low = (cells[nextAt + node] ?? 0) + (fieldAt(cells, node + 1, packed) << 8); // bits: bytes
    const high = fieldAt(cells, node + 2, packed) + (fieldAt(cells, node + 3, packed) << 8); // bits: bytes
    key[at++] = low | (high << 16); // bits: 4 bytes
  }
}

/** The next link of a node, 0 behind the last. */
function fieldAt(cells: Uint8Array, node: number, { model }: Packed): number {
  const { nextAt, nodes } = model.geometry;
  return node < nodes ? cells[nextAt + node] ?? 0 : 0;
}

/**
 * Makes the state of a key. Folded lists come in one order: free blocks behind fresh ones, ascending.
 *
 * @param format the format
 * @param keys where keys stand
 * @param start where the key begins
 * @param packed the state to be made
 */
export function readKey(
  format: KeyFormat,
  keys: Int32Array,
  start: number,
  packed: Packed,
): void {
  const { model, folding } = format;
  const { frames } = model.geometry;
  const at = start + Math.ceil(frames / FRAMES_A_WORD);
  readStates(model, keys, start, packed);
  clearLists(packed);
  if (folding.lists === "exact") {
    readLinks(model, keys, at + (folding.maxOrder === "kept" ? 1 : 0), packed);
  } else {
    listBlocks(packed, FRESH);
    listBlocks(packed, FREE);
  }
  readMaxOrders(format, keys[at] ?? 0, packed);
  markTouched(packed);
}

/** The status of a frame in a key; 0 inside a block. */
function statusAt(keys: Int32Array, start: number, frame: number): number {
  const word = keys[start + Math.floor(frame / FRAMES_A_WORD)] ?? 0;
  return (word >>> (4 * (frame % FRAMES_A_WORD))) & 15; // bits: 8 fields of 4
}

function readStates(model: Model, keys: Int32Array, start: number, packed: Packed): void {
  const { areas } = model.geometry;
  for (const { first, end } of areas) {
    for (let frame = first; frame < end;) {
      const status = statusAt(keys, start, frame);
      let next = frame + 1;
      let order = 0;
      while (next < end && statusAt(keys, start, next) === 0) next++;
      while (sizeOfOrder(order) < next - frame) order++;
      fillStates(packed, frame, next - frame, (model.encodings[status] ?? 0) + order);
      frame = next;
    }
  }
}

/** Lists all blocks of a status. Where fresh and free are the same byte, they all count as free. */
function listBlocks(packed: Packed, status: typeof FRESH | typeof FREE): void {
  const { cells, model: { statuses, orderBits, geometry: { frames } } } = packed;
  for (let frame = 0; frame < frames;) {
    const byte = cells[frame] ?? 0;
    const order = orderBits[byte] ?? 0;
    if (statuses[byte] === status) insertFrame(packed, frame, order, "back");
    frame += sizeOfOrder(order);
  }
}

function readLinks(model: Model, keys: Int32Array, start: number, { cells }: Packed): void {
  const { nextAt, previousAt, nodes } = model.geometry;
  for (let node = 1; node < nodes; node++) {
    const word = keys[start + Math.floor((node - 1) / 4)] ?? 0;
    const next = (word >>> (8 * ((node - 1) % 4))) & 255; // bits: 4 bytes
    cells[nextAt + node] = next;
    if (next !== 0) cells[previousAt + next] = node;
  }
}

function readMaxOrders({ model, folding }: KeyFormat, word: number, { cells }: Packed): void {
  if (model.maxOrder === "none") return;
  const { areas, orders, nextAt } = model.geometry;
  let rest = word;
  for (let place = areas.length - 1; place >= 0; place--) {
    const area = areas[place];
    if (area === undefined) return;
    let highest = rest % 8;
    rest = Math.floor(rest / 8);
    if (folding.maxOrder === "folded") {
      highest = orders - 1;
      while (highest > 0 && cells[nextAt + area.heads + highest] === area.heads + highest) {
        highest--;
      }
    }
    cells[area.maxOrderAt] = highest;
  }
}

/**
 * Says what can be left out without a loss.
 *
 * With lists folded, fresh and free need not be told apart where nothing looks at the difference; and
 * `max_order` need not be kept where every link raises it: then it is a bound in every state, nothing is
 * found above it, and the smallest bound breaks the rule first.
 *
 * @param model the edition
 * @param lists whether the order of lists is kept
 * @param uses which operations look at page states: requests for fresh frames, reservations
 * @returns what is left out
 */
export function foldingOf(
  model: Model,
  lists: "exact" | "folded",
  uses: ReadonlySet<"fresh" | "reserve">,
): Folding {
  const { behaviour, freshStatus } = model;
  const isAsked = uses.has("fresh") && model.freshRequests === "served";
  const isJoinedAlike = behaviour.mergeableBuddies === "usable";
  const isReservedAlike = behaviour.reservedBlockOrder === "order-bits" || !uses.has("reserve");
  const isAlike = freshStatus === "same-as-free" || (isJoinedAlike && isReservedAlike && !isAsked);
  const isBound = model.maxOrder === "none" || behaviour.maxOrderRaisedBy === "every-link";
  return {
    lists,
    fresh: lists === "folded" && isAlike ? "folded" : "told-apart",
    maxOrder: model.maxOrder === "none" || (lists === "folded" && isBound) ? "folded" : "kept",
  };
}
