/**
 * Which areas there are, and which of them holds a frame.
 *
 * @module
 */

import type { Pfn } from "../units.ts";
import { areaInSlot, isInitialised, readPageStates, readPfn, readZone } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/**
 * The initialised areas.
 *
 * @param state the allocator
 * @returns the areas, by ascending slot
 */
export function initialisedAreas(state: LiteralState): readonly Area[] {
  const mask = state.areasMask;
  if (state.initialised.mask === mask) return state.initialised.areas;
  const areas: Area[] = [];
  for (let slot = 0; slot < state.layout.slots; slot++) {
    if (isInitialised(state, slot)) areas.push(areaInSlot(state, slot));
  }
  state.initialised = { mask, areas };
  return areas;
}

/** Tells whether a frame lies in `[base, top)`. */
export function usableAreaContains(state: LiteralState, area: Area, frame: number): boolean {
  return frame >= readPfn(state, area, "base") && frame < readPfn(state, area, "top");
}

/** Tells whether a frame lies in the area, its metadata included. */
export function areaContains(state: LiteralState, area: Area, frame: number): boolean {
  const metadata = state.conversions.virtToPfn(readPageStates(state, area));
  return frame >= metadata && frame < readPfn(state, area, "top");
}

/**
 * Finds the initialised area whose usable range holds a frame.
 *
 * Source: `lib/alloc_page.c`, `get_area()`, 4a54e8a3.
 *
 * @param state the allocator
 * @param frame the frame
 * @returns the area of the lowest slot, or null
 */
export function areaOf(state: LiteralState, frame: Pfn): Area | null {
  return initialisedAreas(state).find((area) => usableAreaContains(state, area, frame)) ?? null;
}

/**
 * The areas whose zones a mask allows: zone by zone, each zone's by ascending slot.
 *
 * @param state the allocator
 * @param mask a bit for each zone
 * @returns the areas, in the order in which they are searched
 */
export function areasOfZones(state: LiteralState, mask: number): Area[] {
  const areas = initialisedAreas(state);
  const zones = areas.map((area) => readZone(state, area));
  const found: Area[] = [];
  for (let zone = 0; zone < state.areaTable.maxAreas; zone++) {
    if (Math.floor(mask / 2 ** zone) % 2 === 0) continue;
    for (const [index, area] of areas.entries()) if (zones[index] === zone) found.push(area);
  }
  return found;
}

/** The zones that have an area, as a mask. */
export function zonesMask(state: LiteralState): number {
  let mask = 0;
  for (const area of initialisedAreas(state)) {
    const bit = 2 ** readZone(state, area);
    if (Math.floor(mask / bit) % 2 === 0) mask += bit;
  }
  return mask;
}
