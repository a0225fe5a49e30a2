/**
 * The packed steps that take blocks apart and put them together. Each follows the literal engine's
 * function of the same name, which is the specification, and is held to it by tests.
 *
 * @module
 */

import { ALLOCATED, FREE, FRESH, sizeOfOrder } from "./model.ts";
import {
  ASSERTION_FAILED,
  FAULT,
  fillStates,
  isEmpty,
  isUsableByte,
  linkFrame,
  nextOf,
  previousOf,
  raiseMaxOrder,
  removeNode,
  rewriteStates,
} from "./packed.ts";
import type { Packed } from "./packed.ts";

/** `split`. */
export function splitBlock(packed: Packed, frame: number): void {
  const { cells, model } = packed;
  const { geometry: { areas, areaOf, alignments }, behaviour } = model;
  const area = areas[areaOf[frame] ?? 0];
  if (frame < 0 || area === undefined) throw ASSERTION_FAILED;
  const byte = cells[frame] ?? 0;
  const order = behaviour.splitOrderIs === "whole-byte" ? byte : model.orderBits[byte] ?? 0;
  const isSplittable = isUsableByte(model, byte) && order !== 0 && order < model.listCount;
  if (!isSplittable || (alignments[frame] ?? 0) < order) throw ASSERTION_FAILED;
  const count = sizeOfOrder(order);
  if (frame + count > area.end) throw ASSERTION_FAILED;

  const removed = removeNode(packed, frame + 1);
  if (behaviour.listRemovals === "asserted" && removed === "nothing") throw ASSERTION_FAILED;
  rewriteStates(packed, frame, count, byte, byte - 1);
  const isLargest = model.maxOrder === "kept" && cells[area.maxOrderAt] === order;
  if (isLargest && isEmpty(packed, area.heads + order)) cells[area.maxOrderAt] = order - 1;
  const isFresh = model.statuses[byte] === FRESH;
  const end = isFresh && behaviour.freshHalvesGo === "to-back" ? "back" : "front";
  linkFrame(packed, frame, order - 1, end);
  linkFrame(packed, frame + count / 2, order - 1, end);
}

/** The byte of a block that may be joined with its buddy of an order; -1 if it may not. */
function mergeableByte({ cells, model }: Packed, frame: number, order: number): number {
  const byte = cells[frame] ?? 0;
  const isMergeable = model.behaviour.mergeableBuddies === "usable"
    ? isUsableByte(model, byte) && model.orderBits[byte] === order
    : byte === order;
  return isMergeable ? byte : -1;
}

/** `coalesce`, of frames in the area of a third. */
function joinBuddies(
  packed: Packed,
  freed: number,
  order: number,
  lower: number,
): "joined" | "left" {
  const { geometry: { areas, areaOf }, behaviour, statuses, encodings } = packed.model;
  const area = areas[areaOf[freed] ?? 0];
  const count = sizeOfOrder(order);
  const upper = lower + count;
  if (area === undefined || lower < area.first || upper + count > area.end) return "left";
  const lowerByte = mergeableByte(packed, lower, order);
  if (lowerByte < 0) return "left";
  const upperByte = mergeableByte(packed, upper, order);
  if (upperByte < 0) return "left";

  const asserted = behaviour.listRemovals === "asserted";
  if (removeNode(packed, upper + 1) === "nothing" && asserted) throw ASSERTION_FAILED;
  if (removeNode(packed, lower + 1) === "nothing" && asserted) throw ASSERTION_FAILED;
  const areFresh = statuses[lowerByte] === FRESH && statuses[upperByte] === FRESH;
  const byte = (encodings[areFresh ? FRESH : FREE] ?? 0) + order + 1;
  rewriteStates(packed, lower, count, lowerByte, byte);
  rewriteStates(packed, upper, count, upperByte, byte);
  linkFrame(packed, lower, order + 1, "front");
  raiseMaxOrder(packed, lower, order + 1);
  return "joined";
}

/** `_free_pages`. */
export function freeBlock(packed: Packed, frame: number): void {
  const { cells, model } = packed;
  const { geometry: { areas, areaOf, alignments }, encodings, orderBits } = model;
  const byte = cells[frame] ?? 0;
  const order = orderBits[byte] ?? 0;
  const allocated = (encodings[ALLOCATED] ?? 0) + order;
  if (byte !== allocated || order >= model.listCount) throw ASSERTION_FAILED;
  if ((alignments[frame] ?? 0) < order) throw ASSERTION_FAILED;
  const end = areas[areaOf[frame] ?? 0]?.end ?? 0;
  if (frame + sizeOfOrder(order) > end) throw ASSERTION_FAILED;
  rewriteStates(packed, frame, sizeOfOrder(order), allocated, (encodings[FREE] ?? 0) + order);
  linkFrame(packed, frame, order, "front");

  let lower = frame;
  let result: "joined" | "left";
  do {
    const grown = orderBits[cells[frame] ?? 0] ?? 0;
    // Not aligned to the order above: it is the upper buddy.
    if ((alignments[lower] ?? 0) <= grown) lower -= sizeOfOrder(grown);
    result = joinBuddies(packed, frame, grown, lower);
  } while (result === "joined");
}

/** What was found is a frame plus this many times the order of the list that it stands on. */
const FRAMES_AN_ORDER = 64;

/** Looks for a block as `page_memalign_order` does; -1 if there is none. */
function findFrame(packed: Packed, areaNumber: number, lowest: number, fresh: boolean): number {
  const { cells, model } = packed;
  const { geometry: { areas, orders, frames } } = model;
  const area = areas[areaNumber];
  if (area === undefined) return -1;
  const highest = model.maxOrder === "kept" ? cells[area.maxOrderAt] ?? 0 : orders - 1;
  for (let order = lowest; order <= highest && order < orders; order++) {
    const head = area.heads + order;
    const node = fresh ? previousOf(packed, head) : nextOf(packed, head);
    if (isEmpty(packed, node)) continue;
    if (node > frames) throw FAULT;
    if (fresh && model.statuses[cells[node - 1] ?? 0] !== FRESH) continue;
    return order * FRAMES_AN_ORDER + node - 1;
  }
  return -1;
}

/** `page_memalign_order`: takes a block out of an area; -1 if it has none. */
export function takeFrame(
  packed: Packed,
  areaNumber: number,
  alignOrder: number,
  sizeOrder: number,
  fresh: boolean,
): number {
  const { model } = packed;
  const lowest = Math.max(alignOrder, sizeOrder) + (fresh ? 1 : 0);
  const found = findFrame(packed, areaNumber, lowest, fresh);
  if (found < 0) return -1;
  const frame = found % FRAMES_AN_ORDER;
  const wholeSize = model.behaviour.freshRequestsGet === "the-whole-size";
  const stopAt = fresh && wholeSize ? lowest : sizeOrder;
  for (let order = Math.floor(found / FRAMES_AN_ORDER); order > stopAt; order--) {
    splitBlock(packed, frame);
  }
  removeNode(packed, frame + 1);
  if (fresh) return takeFreshPart(packed, frame, stopAt, sizeOrder);
  markAllocated(packed, frame, stopAt);
  return frame;
}

function markAllocated(packed: Packed, frame: number, order: number): void {
  const byte = (packed.model.encodings[ALLOCATED] ?? 0) + order;
  fillStates(packed, frame, sizeOfOrder(order), byte);
}

/** Gives the lower half of a block back as fresh, and of the upper half what exceeds the size. */
function takeFreshPart(packed: Packed, frame: number, whole: number, sizeOrder: number): number {
  // Order 0 halved is order 255: 2^255 page states or a list head far behind the descriptor.
  if (whole === 0) throw packed.model.wideShift === "gives-zero" ? ASSERTION_FAILED : FAULT;
  linkFresh(packed, frame, whole - 1);
  const part = frame + sizeOfOrder(whole - 1);
  let order = whole - 1;
  while (order > sizeOrder && whole > sizeOrder) {
    order--;
    linkFresh(packed, part + sizeOfOrder(order), order);
  }
  markAllocated(packed, part, order);
  return part;
}

function linkFresh(packed: Packed, frame: number, order: number): void {
  const byte = (packed.model.encodings[FRESH] ?? 0) + order;
  fillStates(packed, frame, sizeOfOrder(order), byte);
  linkFrame(packed, frame, order, "back");
}
