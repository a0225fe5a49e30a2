/**
 * Handing ranges of frames over to the allocator.
 *
 * @module
 */

import type { CarvingStep, Zone } from "../arch.ts";
import { addToFront, makeEmptyList } from "../linked_list.ts";
import { isAlignedToOrder, order, pagesOfOrder, pfn } from "../units.ts";
import type { ByteCount, Pfn } from "../units.ts";
import { areaContains, initialisedAreas } from "./areas.ts";
import { assertThat } from "./blocks.ts";
import { encodePageState } from "./page_state.ts";
import {
  areaInSlot,
  dropLock,
  emit,
  freeListHead,
  isInitialised,
  pageStateAddress,
  raiseMaxOrder,
  readPageStates,
  readPfn,
  takeLock,
  writeMaxOrder,
  writePageStates,
  writePfn,
  writeZone,
} from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** `AREA_ANY_NUMBER`: the range is to be split over the areas by their cutoffs. */
export const ANY_AREA = 0xff;

const BY = "_page_alloc_init_area()";
const STEPS: readonly CarvingStep[] = ["high", "normal", "low", "lowest"];

/**
 * Hands frames `[start, top)` over to one zone, or splits them over all zones by their cutoffs.
 *
 * Upstream fills the zones in a fixed order, whatever their cutoffs are: high, normal, low, lowest. A
 * range with top 0 is ignored.
 *
 * Ends in a failed assertion where {@linkcode initOne} does.
 *
 * Editions: `zonesFilled`.
 *
 * Source: `lib/alloc_page.c`, `page_alloc_init_area()`, 8131e91a to 4a54e8a3.
 *
 * @param state the allocator
 * @param slot the area's number, or 255 for any; a `u8`
 * @param start the first frame
 * @param top the first frame after
 */
export function initArea(state: LiteralState, slot: number, start: Pfn, top: Pfn): void {
  if (slot !== ANY_AREA) {
    initAbove(state, slot, 0, start, top);
    return;
  }
  let rest: Pfn = top;
  for (const zone of zonesToFill(state)) {
    rest = initAbove(state, zone.area, zone.cutoff, start, rest);
  }
}

/** The zones in the order in which they take their frames. */
function zonesToFill(state: LiteralState): Zone[] {
  const zones = STEPS.flatMap((step) => state.areaTable.zones.filter((zone) => zone.step === step));
  return state.edition.zonesFilled === "in-fixed-steps"
    ? zones
    : zones.toSorted((one, other) => other.cutoff - one.cutoff);
}

/** Gives a zone the part of a range above its cutoff; returns the top of what is left. */
function initAbove(
  state: LiteralState,
  slot: number,
  cutoff: number,
  start: Pfn,
  top: Pfn,
): Pfn {
  if (top <= cutoff) return top;
  takeLock(state, "page_alloc_init_area");
  if (start >= cutoff) {
    initOne(state, slot, start, top);
    dropLock(state);
    return pfn(0);
  }
  initOne(state, slot, pfn(cutoff), top);
  dropLock(state);
  return pfn(cutoff);
}

/**
 * Makes an area of frames `[start, top)`: page states first, the rest carved into the largest naturally
 * aligned blocks, each pushed to the front of its list.
 *
 * ```text
 *   start    base                                     top
 *   ## .. ## .2 -- -- -- .3 -- -- -- -- -- -- -- .1 -- .0
 * ```
 *
 * Assumes that
 * - the zone's slot exists, and is not taken if there can be but one range;
 * - the range has more than 4 frames, and its top fits a pointer's pfns;
 * - it overlaps no other area, metadata included.
 *
 * The repaired code leaves a range out that is too small or finds no free slot, and reports it.
 *
 * Changes the descriptor, the page states, the first words of each block, and `areas_mask`.
 *
 * Ends in a failed assertion if an assumption does not hold; the descriptor's base, top, pointer and
 * `max_order` are written by then.
 *
 * Editions: `smallRanges`; `rangesPerZone` (through the descriptor).
 *
 * Source: `lib/alloc_page.c`, `_page_alloc_init_area()`, 8131e91a to 4a54e8a3.
 */
function initOne(state: LiteralState, zone: number, start: Pfn, top: Pfn): void {
  assertThat(state, zone < state.areaTable.maxAreas, "initSlot");
  const slot = slotFor(state, zone);
  assertThat(state, top > start, "initTopAbove");
  const reason = slot === null ? "no-slot" : "too-small";
  const isSmall = top - start <= 4 && state.edition.smallRanges === "left-out";
  if (slot === null || isSmall) {
    emit(state, { kind: "left-out", start, top, reason });
    return;
  }
  assertThat(state, top - start > 4, "initEnough");
  assertThat(state, top < 2 ** (state.arch.wordBits - state.pageShift), "initTopInWord");

  const area = areaInSlot(state, slot);
  const pageBytes = 2 ** state.pageShift;
  const base = pfn(start + Math.floor((top - start + pageBytes) / (pageBytes + 1)));
  writePageStates(state, area, state.conversions.pfnToVirt(start));
  writePfn(state, area, "base", base);
  writePfn(state, area, "top", top);
  writeMaxOrder(state, area, 0);
  writeZone(state, area, zone);
  assertThat(state, (base - start) * pageBytes >= top - base, "initMetadataFits");
  assertNoOverlap(state, area, start, top);

  for (let listed = 0; listed < state.layout.listCount; listed++) {
    makeEmptyList(state.space, freeListHead(state, area, listed), BY);
  }
  emit(state, { kind: "area", area: area.number, metadata: start, base, top });
  carve(state, area, base, top);
  state.areasMask += 2 ** slot;
}

/**
 * The slot for one more range of a zone: the zone's own, or, where there can be several, the first free
 * one that is no zone's. Null if there is none.
 */
function slotFor(state: LiteralState, zone: number): number | null {
  if (!isInitialised(state, zone)) return zone;
  assertThat(state, state.layout.zone !== null, "initSlotFree");
  for (let slot = state.areaTable.maxAreas; slot < state.layout.slots; slot++) {
    if (!isInitialised(state, slot)) return slot;
  }
  return null;
}

function assertNoOverlap(state: LiteralState, area: Area, start: Pfn, top: Pfn): void {
  for (const other of initialisedAreas(state)) {
    const otherStart = state.conversions.virtToPfn(readPageStates(state, other));
    const otherLast = readPfn(state, other, "top") - 1;
    assertThat(state, !areaContains(state, other, start), "initOverlapStart");
    assertThat(state, !areaContains(state, other, top - 1), "initOverlapTop");
    assertThat(state, !areaContains(state, area, otherStart), "initOverlapOldStart");
    assertThat(state, !areaContains(state, area, otherLast), "initOverlapOldTop");
  }
}

function carve(state: LiteralState, area: Area, base: Pfn, top: Pfn): void {
  let blockOrder = order(0);
  for (let first: Pfn = base; first < top; first = pfn(first + pagesOfOrder(blockOrder))) {
    while (first + pagesOfOrder(blockOrder) > top) {
      assertThat(state, blockOrder !== 0, "initOrderAboveZero");
      blockOrder = order(blockOrder - 1);
    }
    let larger = order(blockOrder + 1);
    while (isAlignedToOrder(first, larger) && first + pagesOfOrder(larger) <= top) {
      blockOrder = larger;
      larger = order(blockOrder + 1);
    }
    assertThat(state, blockOrder < state.layout.listCount, "initOrderInLists");
    const states = pageStateAddress(state, area, first - base);
    const count = BigInt(pagesOfOrder(blockOrder)) as ByteCount;
    state.space.fill(states, count, encodePageState(state.format, "fresh", blockOrder), BY);
    const head = freeListHead(state, area, blockOrder);
    addToFront(state.space, head, state.conversions.pfnToVirt(first));
    raiseMaxOrder(state, area, blockOrder);
  }
}
