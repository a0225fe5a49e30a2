/**
 * Which pages of memory hold bytes of the allocator's own.
 *
 * @module
 */

import { areaOfFrame, blockOver } from "./state.ts";
import type { FastState } from "./state.ts";
import { ALLOCATED } from "./constants.ts";

/** More pages than this are taken to hold something of the allocator's. */
const PAGES_LOOKED_AT = 64;

/**
 * Tells whether page states or a list node may lie in one of some host pages.
 *
 * @param state the engine
 * @param places where the metadata of the areas lie: from `metadata` to `base`
 * @param pageShift the base-2 logarithm of the page size
 * @param first the first host page
 * @param end the host page after the last
 * @returns whether one of the pages is metadata or in a block that is not in use
 */
export function isOwnPage(
  state: FastState,
  places: ReadonlyArray<{ readonly metadata: number; readonly base: number; readonly top: number }>,
  pageShift: number,
  first: number,
  end: number,
): boolean {
  const pagesPerFrame = 2 ** (pageShift - 12);
  const from = Math.floor(first / pagesPerFrame);
  const to = Math.ceil(end / pagesPerFrame);
  const near = places.filter(({ metadata, top }) => from < top && to > metadata);
  if (near.length === 0) return false;
  if (to - from > PAGES_LOOKED_AT || near.some(({ base }) => from < base)) return true;
  for (let pfn = from; pfn < to; pfn++) {
    const area = areaOfFrame(state, pfn);
    if (area === null) continue;
    if ((state.pool.states[blockOver(state, area, pfn)] ?? 0) < ALLOCATED) return true;
  }
  return false;
}
