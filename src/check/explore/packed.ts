/**
 * A packed state, and the steps of its lists.
 *
 * @module
 */

import { ALLOCATED, FREE, FRESH } from "./model.ts";
import type { Model } from "./model.ts";

/** A state of the allocator in a few cells, on which the packed steps work. */
export interface Packed {
  /** What they follow. */
  readonly model: Model;
  /** The cells, as the geometry says. */
  readonly cells: Uint8Array;
  /** The same, four cells a number. */
  readonly words: Int32Array;
  /** The first touched frame among those that the last request for fresh frames got; -1 for none. */
  touchedBefore: number;
}

/** How a packed step ends that does not return. */
export class PackedStop {
  /** What the literal engine ends in. */
  readonly kind: "assertion-failed" | "fault";

  /** Makes the end. */
  constructor(kind: "assertion-failed" | "fault") {
    this.kind = kind;
  }
}

/** A failed assertion. It has no text: the literal engine tells it when the calls are replayed. */
export const ASSERTION_FAILED: PackedStop = new PackedStop("assertion-failed");
/** An access to a null pointer or beyond memory. */
export const FAULT: PackedStop = new PackedStop("fault");

/**
 * Makes an empty state: all cells 0.
 *
 * @param model what its steps follow
 * @returns the state
 */
export function newPacked(model: Model): Packed {
  const cells = new Uint8Array(model.geometry.cells);
  return { model, cells, words: new Int32Array(cells.buffer), touchedBefore: -1 };
}

/** Makes one state the same as another of the same model. */
export function copyPacked(from: Packed, to: Packed): void {
  const [source, target] = [from.words, to.words];
  for (let index = 0; index < source.length; index++) target[index] = source[index] ?? 0;
}

/** Tells whether two states are the same, bytes, links, orders. */
export function arePackedEqual(one: Packed, other: Packed): boolean {
  const [left, right] = [one.words, other.words];
  for (let index = 0; index < left.length; index++) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

/** Reads a node's next link. */
export function nextOf({ cells, model }: Packed, node: number): number {
  if (node === 0) throw FAULT;
  return cells[model.geometry.nextAt + node] ?? 0;
}

/** Reads a node's previous link. */
export function previousOf({ cells, model }: Packed, node: number): number {
  if (node === 0) throw FAULT;
  return cells[model.geometry.previousAt + node] ?? 0;
}

/** `is_list_empty`: of a head or of an element. */
export function isEmpty(packed: Packed, node: number): boolean {
  const next = nextOf(packed, node);
  if (next === 0) return true;
  const previous = previousOf(packed, node);
  return previous === 0 || next === node || previous === node;
}

/** `list_remove`. */
export function removeNode(packed: Packed, node: number): "removed" | "nothing" {
  if (isEmpty(packed, node)) return "nothing";
  const { cells, model: { geometry: { nextAt, previousAt } } } = packed;
  const previous = cells[previousAt + node] ?? 0;
  cells[nextAt + previous] = cells[nextAt + node] ?? 0;
  const next = cells[nextAt + node] ?? 0;
  cells[previousAt + next] = cells[previousAt + node] ?? 0;
  cells[nextAt + node] = 0;
  cells[previousAt + node] = 0;
  return "removed";
}

/** `list_add`: the stores in upstream's order, which matters for a node that is linked already. */
function insertAfter(packed: Packed, head: number, node: number): void {
  if (head === 0) throw ASSERTION_FAILED;
  const { cells, model: { geometry: { nextAt, previousAt } } } = packed;
  cells[previousAt + node] = head;
  cells[nextAt + node] = cells[nextAt + head] ?? 0;
  const next = nextOf(packed, head);
  if (next === 0) throw FAULT;
  cells[previousAt + next] = node;
  cells[nextAt + head] = node;
}

/** Puts a frame's node on the list of an order of its area, and nothing else. */
export function insertFrame(
  packed: Packed,
  frame: number,
  order: number,
  end: "front" | "back",
): void {
  const { areas, areaOf } = packed.model.geometry;
  const head = (areas[areaOf[frame] ?? 0]?.heads ?? 0) + order;
  insertAfter(packed, end === "front" ? head : previousOf(packed, head), frame + 1);
}

/** Links a block: {@linkcode insertFrame}, its frame touched, `max_order` raised where that is done. */
export function linkFrame(
  packed: Packed,
  frame: number,
  order: number,
  end: "front" | "back",
): void {
  insertFrame(packed, frame, order, end);
  const { cells, model: { geometry, behaviour } } = packed;
  cells[geometry.touchedAt + frame] = 1;
  if (behaviour.maxOrderRaisedBy === "every-link") raiseMaxOrder(packed, frame, order);
}

/** Raises the `max_order` of a frame's area, where there is one. */
export function raiseMaxOrder({ cells, model }: Packed, frame: number, order: number): void {
  const { areas, areaOf } = model.geometry;
  const at = areas[areaOf[frame] ?? 0]?.maxOrderAt ?? 0;
  if (model.maxOrder === "kept" && order > (cells[at] ?? 0)) cells[at] = order;
}

/** Makes all lists of a state empty. */
export function clearLists({ cells, model: { geometry } }: Packed): void {
  const { nextAt, previousAt, nodes, frames } = geometry;
  cells.fill(0, nextAt, previousAt + nodes);
  for (let head = frames + 1; head < nodes; head++) {
    cells[nextAt + head] = head;
    cells[previousAt + head] = head;
  }
}

/**
 * Says which frames count as touched: all but those inside a fresh block, behind its first. What was
 * handed out may have been written to.
 */
export function markTouched({ cells, model }: Packed): void {
  const { geometry: { touchedAt, frames, alignments }, statuses, orderBits } = model;
  for (let frame = 0; frame < frames; frame++) {
    const byte = cells[frame] ?? 0;
    const isInside = statuses[byte] === FRESH &&
      (alignments[frame] ?? 0) < (orderBits[byte] ?? 0);
    cells[touchedAt + frame] = isInside ? 0 : 1;
  }
}

/** Tells whether a byte is that of a frame that may be handed out. */
export function isUsableByte({ statuses }: Model, byte: number): boolean {
  const status = statuses[byte] ?? ALLOCATED;
  return status <= FREE;
}

/** Fills page states. */
export function fillStates({ cells }: Packed, frame: number, count: number, byte: number): void {
  for (let index = frame; index < frame + count; index++) cells[index] = byte;
}

/** Rewrites page states one by one, asserting of each that it is as expected. */
export function rewriteStates(
  { cells }: Packed,
  frame: number,
  count: number,
  expected: number,
  byte: number,
): void {
  for (let index = frame; index < frame + count; index++) {
    if (cells[index] !== expected) throw ASSERTION_FAILED;
    cells[index] = byte;
  }
}
