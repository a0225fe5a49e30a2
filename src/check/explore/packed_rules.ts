/**
 * The rules, on packed states: which are broken, as a set of bits. What exactly is the case, the literal
 * engine says when the calls are replayed.
 *
 * @module
 */

import type { RuleName } from "../invariants/mod.ts";
import type { PackedArea } from "./geometry.ts";
import { ALLOCATED, FREE, FRESH, sizeOfOrder, SPECIAL } from "./model.ts";
import { arePackedEqual, isUsableByte } from "./packed.ts";
import type { Packed } from "./packed.ts";
import type { PackedCall, PackedRequest } from "./packed_call.ts";
import { REFUSED, STOPPED } from "./step.ts";

/**
 * The rules that an exploration checks. Rules about several areas at once and about what memory holds
 * are not among them: areas do not move, and nobody writes to what he has.
 */
export const EXPLORED_RULES = [
  "blocks tile the area",
  "blocks are aligned",
  "blocks end inside the area",
  "states agree",
  "usable blocks are listed",
  "listed blocks are usable",
  "links are mutual",
  "max order is a bound",
  "no mergeable buddies are both usable",
  "a fresh frame was never touched",
  "a valid call returns",
  "a valid request is refused only for want of room",
  "a refused request changes nothing",
  "a block handed out has the size and alignment asked for",
  "a block handed out lies in a zone asked for",
  "a block asked for as fresh was never touched",
  "special pages are never handed out",
  "no two live allocations overlap",
  "nothing outside the block is written",
  "frames are conserved",
] as const satisfies readonly RuleName[];

/** One of {@linkcode EXPLORED_RULES}. */
export type ExploredRule = typeof EXPLORED_RULES[number];

/** The bit of a rule. */
function bitOf(rule: ExploredRule): number {
  return 2 ** EXPLORED_RULES.indexOf(rule);
}

/** The bits of some rules. */
export function bitsOfRules(rules: readonly ExploredRule[]): number {
  return [...new Set(rules)].reduce((bits, rule) => bits + bitOf(rule), 0);
}

const TILE = bitOf("blocks tile the area");
const ALIGNED = bitOf("blocks are aligned");
const ENDS_INSIDE = bitOf("blocks end inside the area");
const AGREE = bitOf("states agree");
const ALL_LISTED = bitOf("usable blocks are listed");
const LISTED_USABLE = bitOf("listed blocks are usable");
const MUTUAL = bitOf("links are mutual");
const BOUND = bitOf("max order is a bound");
const BUDDIES = bitOf("no mergeable buddies are both usable");
const FRESH_UNTOUCHED = bitOf("a fresh frame was never touched");
const RETURNS = bitOf("a valid call returns");
const WANT_OF_ROOM = bitOf("a valid request is refused only for want of room");
const UNCHANGED = bitOf("a refused request changes nothing");
const SIZE = bitOf("a block handed out has the size and alignment asked for");
const ZONE = bitOf("a block handed out lies in a zone asked for");
const GIVEN_UNTOUCHED = bitOf("a block asked for as fresh was never touched");
const NOT_SPECIAL = bitOf("special pages are never handed out");
const NO_OVERLAP = bitOf("no two live allocations overlap");
const NOT_WRITTEN = bitOf("nothing outside the block is written");
const CONSERVED = bitOf("frames are conserved");

/** What is found out about a state on the way. */
interface Count {
  broken: number;
  usable: number;
  /** Usable blocks that stand on their own list. */
  listed: number;
  /** The frames that were met on lists, as bits. */
  met: number;
}

/** Checks the rules about a state. */
function checkState(count: Count, packed: Packed): void {
  for (const area of packed.model.geometry.areas) {
    count.usable = 0;
    count.listed = 0;
    count.met = 0;
    countBlocks(count, packed, area);
    walkLists(count, packed, area);
    if (count.listed !== count.usable) breaks(count, ALL_LISTED);
  }
}

function breaks(count: Count, rule: number): void {
  count.broken |= rule; // bits: a set of at most 20 rules
}

/** Goes through the blocks of an area. */
function countBlocks(count: Count, { cells, model }: Packed, { first, end }: PackedArea): void {
  const { blockStatuses, orderBits, geometry: { alignments, touchedAt } } = model;
  let before = -1;
  for (let frame = first; frame < end;) {
    const byte = cells[frame] ?? 0;
    const status = blockStatuses[byte] ?? 0;
    const order = orderBits[byte] ?? 0;
    const alignment = alignments[frame] ?? 0;
    const size = alignment < order ? 1 : sizeOfOrder(order);
    if (status === 0 || alignment < order || frame + size > end) {
      breaks(count, status === 0 ? TILE : alignment < order ? ALIGNED : ENDS_INSIDE);
      before = -1;
      frame++;
      continue;
    }
    for (let index = frame + 1; index < frame + size; index++) {
      if (cells[index] !== byte) breaks(count, AGREE);
      if (status === FRESH && cells[touchedAt + index] !== 0) breaks(count, FRESH_UNTOUCHED);
    }
    const isUsable = status <= FREE;
    if (isUsable) {
      count.usable++;
      if (before === order && alignment === order) breaks(count, BUDDIES);
    }
    before = isUsable ? order : -1;
    frame += size;
  }
}

/** Walks the lists of an area. */
function walkLists(count: Count, packed: Packed, area: PackedArea): void {
  const { cells, model: { geometry } } = packed;
  const { nextAt, previousAt, orders, frames } = geometry;
  const isBounded = packed.model.maxOrder === "kept";
  const maxOrder = isBounded ? cells[area.maxOrderAt] ?? 0 : orders;
  for (let order = 0; order < orders; order++) {
    const head = area.heads + order;
    let previous = head;
    let node = cells[nextAt + head] ?? 0;
    if (node !== head && order > maxOrder) breaks(count, BOUND);
    let here = 0;
    while (node !== head) {
      const bit = 1 << (node - 1); // bits: at most 32 frames
      if (node === 0 || node > frames || (here & bit) !== 0) break; // bits: at most 32 frames
      here |= bit; // bits: at most 32 frames
      if (cells[previousAt + node] !== previous) breaks(count, MUTUAL);
      checkListed(count, packed, area, order, node - 1);
      previous = node;
      node = cells[nextAt + node] ?? 0;
    }
    if (node !== head || cells[previousAt + head] !== previous) breaks(count, MUTUAL);
  }
}

/** Checks what stands on a list: the first frame of a usable block of that area and order. */
function checkListed(
  count: Count,
  { cells, model }: Packed,
  area: PackedArea,
  order: number,
  frame: number,
): void {
  const byte = cells[frame] ?? 0;
  const found = model.orderBits[byte] ?? 0;
  const isHead = (model.geometry.alignments[frame] ?? 0) >= found;
  if (!isUsableByte(model, byte) || !isHead) {
    breaks(count, LISTED_USABLE);
    return;
  }
  const bit = 1 << frame; // bits: at most 32 frames
  const isMet = (count.met & bit) !== 0; // bits: at most 32 frames
  count.met |= bit; // bits: at most 32 frames
  const isOwn = found === order && frame >= area.first && frame < area.end;
  if (isMet || !isOwn) breaks(count, ALL_LISTED);
  else count.listed++;
}

/** Checks the rules about a call that returned. */
function checkCall(
  count: Count,
  before: Packed,
  after: Packed,
  call: PackedCall,
  result: number,
): void {
  if (call.kind === "alloc" && result !== REFUSED) {
    checkHandedOut(count, before, after, call, result);
  }
  if (result === REFUSED) {
    if (hadRoom(before, call)) breaks(count, WANT_OF_ROOM);
    if (!arePackedEqual(before, after)) breaks(count, UNCHANGED);
  }
  checkConserved(count, before, after, call, result);
}

/** Checks a block that was handed out. */
function checkHandedOut(
  count: Count,
  before: Packed,
  after: Packed,
  request: PackedRequest,
  frame: number,
): void {
  const { alignOrder, sizeOrder, only, fresh } = request;
  const { geometry, statuses, orderBits, encodings } = after.model;
  const alignment = geometry.alignments[frame] ?? 0;
  const byte = after.cells[frame] ?? 0;
  const isThatBlock = byte === (encodings[ALLOCATED] ?? 0) + sizeOrder &&
    alignment >= (orderBits[byte] ?? 0);
  if (!isThatBlock || alignment < alignOrder) breaks(count, SIZE);
  const area = geometry.areaOf[frame] ?? 0;
  if (only !== null && only !== area) breaks(count, ZONE);
  if (fresh === "yes" && after.touchedBefore >= 0) breaks(count, GIVEN_UNTOUCHED);
  const end = Math.min(frame + sizeOfOrder(sizeOrder), geometry.areas[area]?.end ?? 0);
  for (let index = frame; index < end; index++) {
    const status = statuses[before.cells[index] ?? 0] ?? 0;
    if (status === ALLOCATED) breaks(count, NO_OVERLAP);
    if (status === SPECIAL) breaks(count, NOT_SPECIAL);
  }
}

/** Whether a refused call could have been served. */
function hadRoom(before: Packed, call: PackedCall): boolean {
  const { cells, model } = before;
  if (call.kind === "reserve") {
    for (let index = call.frame; index < call.frame + call.count; index++) {
      if (!isUsableByte(model, cells[index] ?? 0)) return false;
    }
    return true;
  }
  // Frames that were never touched may have run out although there is room.
  if (call.kind !== "alloc" || call.fresh === "yes") return false;
  const order = Math.max(call.alignOrder, call.sizeOrder);
  const { areas, alignments } = model.geometry;
  for (let place = 0; place < areas.length; place++) {
    const area = areas[place];
    if (area === undefined || (call.only !== null && call.only !== place)) continue;
    let run = 0;
    for (let frame = area.first; frame < area.end; frame++) {
      const isUsable = isUsableByte(model, cells[frame] ?? 0);
      if (!isUsable) run = 0;
      else if (run > 0 || (alignments[frame] ?? 0) >= order) run++;
      if (run === sizeOfOrder(order)) return true;
    }
  }
  return false;
}

/** Checks that each frame is whose it must be after a call, and that no call writes to others' frames. */
function checkConserved(
  count: Count,
  before: Packed,
  after: Packed,
  call: PackedCall,
  result: number,
): void {
  const { geometry: { nextAt, previousAt, frames }, statuses } = after.model;
  let from = 0;
  let end = 0;
  if (result !== REFUSED) {
    from = call.kind === "alloc" ? result : call.frame;
    end = from + sizeOfCall(before, call);
  }
  const expected = call.kind === "alloc" ? ALLOCATED : call.kind === "reserve" ? SPECIAL : FREE;
  for (let frame = 0; frame < frames; frame++) {
    const byte = after.cells[frame] ?? 0;
    const status = statuses[byte] ?? 0;
    if (frame >= from && frame < end) {
      if (Math.max(status, FREE) !== expected) breaks(count, CONSERVED);
      continue;
    }
    const earlier = before.cells[frame] ?? 0;
    if (status <= FREE) {
      if (byte !== earlier && (statuses[earlier] ?? 0) > FREE) breaks(count, CONSERVED);
    } else if (byte !== earlier) {
      breaks(count, CONSERVED);
    } else if (
      after.cells[nextAt + frame + 1] !== before.cells[nextAt + frame + 1] ||
      after.cells[previousAt + frame + 1] !== before.cells[previousAt + frame + 1]
    ) {
      breaks(count, NOT_WRITTEN);
    }
  }
}

/** How many frames change hands in a call that returned. */
function sizeOfCall({ cells, model }: Packed, call: PackedCall): number {
  if (call.kind === "alloc") return sizeOfOrder(call.sizeOrder);
  if (call.kind === "free") return sizeOfOrder(model.orderBits[cells[call.frame] ?? 0] ?? 0);
  return call.count;
}

/**
 * The rules that a call broke, or that the state after it breaks.
 *
 * @param before the state before the call, in which no rule was broken that says who owns what
 * @param after the state after it
 * @param call the call
 * @param result what it gave
 * @returns a bit for each rule, by its place in {@linkcode EXPLORED_RULES}
 */
export function brokenRules(
  before: Packed,
  after: Packed,
  call: PackedCall,
  result: number,
): number {
  if (result === STOPPED) return RETURNS;
  const count: Count = { broken: 0, usable: 0, listed: 0, met: 0 };
  checkCall(count, before, after, call, result);
  checkState(count, after);
  return count.broken;
}
