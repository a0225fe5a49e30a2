/**
 * The packed step: one call of the allocator.
 *
 * @module
 */

import { ALLOCATED, sizeOfOrder, SPECIAL } from "./model.ts";
import { ASSERTION_FAILED, FAULT, isUsableByte, PackedStop, removeNode } from "./packed.ts";
import type { Packed } from "./packed.ts";
import type { PackedCall, PackedRequest } from "./packed_call.ts";
import { freeBlock, splitBlock, takeFrame } from "./step_blocks.ts";

/** What a refused call gives: NULL, or -1. */
export const REFUSED = -1;
/** What a call gives that did not return. */
export const STOPPED = -2;

/**
 * Tells whether a call is used rightly in a state: what is freed is a live block, what is unreserved was
 * reserved.
 *
 * @param packed the state
 * @param call the call
 * @returns true if it may be made
 */
export function isCallable({ cells, model }: Packed, call: PackedCall): boolean {
  if (call.kind === "alloc" || call.kind === "reserve") return true;
  const { frame, count } = call;
  const byte = cells[frame] ?? 0;
  if (call.kind === "free") {
    const alignment = model.geometry.alignments[frame] ?? 0;
    return model.statuses[byte] === ALLOCATED && alignment >= (model.orderBits[byte] ?? 0);
  }
  for (let index = frame; index < frame + count; index++) {
    if (model.statuses[cells[index] ?? 0] !== SPECIAL) return false;
  }
  return true;
}

/**
 * Makes a call.
 *
 * @param packed the state, which changes
 * @param call the call
 * @returns the frame handed out, or 0; {@linkcode REFUSED} or {@linkcode STOPPED}
 */
export function performPacked(packed: Packed, call: PackedCall): number {
  try {
    return perform(packed, call);
  } catch (error) {
    if (error instanceof PackedStop) return STOPPED;
    throw error;
  }
}

/**
 * Makes a call; an end that is no return is thrown.
 *
 * @param packed the state, which changes
 * @param call the call
 * @returns the frame handed out, or 0; {@linkcode REFUSED}
 * @throws {PackedStop} if the modelled code does not return
 */
export function perform(packed: Packed, call: PackedCall): number {
  switch (call.kind) {
    case "alloc":
      return request(packed, call);
    case "free":
      freeBlock(packed, call.frame);
      return 0;
    case "reserve":
      return reserve(packed, call.frame, call.count);
    case "unreserve":
      for (let done = 0; done < call.count; done++) unreserveOne(packed, call.frame + done);
      return 0;
  }
}

/** `page_memalign_order_flags`. */
function request(packed: Packed, call: PackedRequest): number {
  const { geometry: { areas }, behaviour } = packed.model;
  const { alignOrder, sizeOrder, only } = call;
  const isSwapped = behaviour.memalignArguments === "swapped";
  const isFresh = call.fresh === "yes";
  let frame = -1;
  for (let area = only ?? 0; area < (only === null ? areas.length : only + 1); area++) {
    const [first, second] = isSwapped ? [sizeOrder, alignOrder] : [alignOrder, sizeOrder];
    frame = takeFrame(packed, area, first, second, isFresh);
    if (frame >= 0) break;
  }
  if (frame < 0) return REFUSED;
  if (isFresh) packed.touchedBefore = firstTouched(packed, frame, sizeOfOrder(sizeOrder));
  if (behaviour.zeroesByDefault === "yes" && call.dontZero === "no") {
    zeroFrames(packed, frame, sizeOfOrder(sizeOrder));
  }
  return frame;
}

/** The first touched frame of those asked for, up to the top of the area; -1 for none. */
function firstTouched({ cells, model }: Packed, frame: number, count: number): number {
  const { areas, areaOf, touchedAt } = model.geometry;
  const end = Math.min(frame + count, areas[areaOf[frame] ?? 0]?.end ?? 0);
  for (let index = frame; index < end; index++) {
    if (cells[touchedAt + index] !== 0) return index;
  }
  return -1;
}

/** Writes zeroes, which are null links. Behind an area there is no memory. */
function zeroFrames({ cells, model }: Packed, frame: number, count: number): void {
  const { areas, areaOf, nextAt, previousAt, touchedAt } = model.geometry;
  if (frame + count > (areas[areaOf[frame] ?? 0]?.end ?? 0)) throw FAULT;
  for (let index = frame; index < frame + count; index++) {
    cells[nextAt + index + 1] = 0;
    cells[previousAt + index + 1] = 0;
    cells[touchedAt + index] = 1;
  }
}

/** `reserve_pages`. */
function reserve(packed: Packed, frame: number, count: number): number {
  const { model, cells } = packed;
  const { failedReservation, reservationOfNothing, reservationForm } = model.behaviour;
  if (failedReservation === "changes-nothing") {
    for (let index = frame; index < frame + count; index++) {
      if (!isUsableByte(model, cells[index] ?? 0)) return REFUSED;
    }
  }
  let reserved = 0;
  while (reserved < count && reserveOne(packed, frame + reserved)) reserved++;
  if (reserved < count) {
    for (let done = 0; done < reserved; done++) unreserveOne(packed, frame + done);
    return REFUSED;
  }
  const fails = reservationForm === "reserve-pages" && reservationOfNothing === "fails";
  return count === 0 && fails ? REFUSED : 0;
}

/** `_reserve_one_page`. */
function reserveOne(packed: Packed, frame: number): boolean {
  const { cells, model } = packed;
  if (!isUsableByte(model, cells[frame] ?? 0)) return false;
  const isWhole = model.behaviour.reservedBlockOrder === "whole-byte";
  while (true) {
    const byte = cells[frame] ?? 0;
    const order = isWhole ? byte : model.orderBits[byte] ?? 0;
    if (order === 0) break;
    splitBlock(packed, firstOfBlock(packed, frame, order));
  }
  if (model.behaviour.reservedFrames === "leave-their-list") removeNode(packed, frame + 1);
  cells[frame] = model.encodings[SPECIAL] ?? 0;
  return true;
}

/** The first frame of a frame's block, by as many low bits of its pfn as are said; -1 if in no area. */
function firstOfBlock({ model }: Packed, frame: number, bits: number): number {
  const { areas, areaOf } = model.geometry;
  const shift = bits >= 64 && model.wideShift === "gives-zero" ? 63 : bits % 64;
  const area = areas[areaOf[frame] ?? 0];
  if (area === undefined) return -1;
  const pfn = area.base + frame - area.first;
  const first = frame - pfn % 2 ** shift;
  return first < area.first ? -1 : first;
}

/** `_unreserve_one_page`. */
function unreserveOne(packed: Packed, frame: number): void {
  const { cells, model: { encodings } } = packed;
  if (cells[frame] !== encodings[SPECIAL]) throw ASSERTION_FAILED;
  cells[frame] = encodings[ALLOCATED] ?? 0;
  freeBlock(packed, frame);
}
