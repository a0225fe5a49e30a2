/**
 * Free blocks by order, counted on the free lists of areas.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import type { FreeCounts } from "./indices.ts";
import { USUAL_ORDERS } from "./indices.ts";

/**
 * Counts the blocks that areas have on their free lists.
 *
 * @param areas the areas
 * @returns the counts, of the orders 0 to 10 at least
 */
export function freeCountsOf(areas: readonly Pick<AreaView, "freeLists">[]): FreeCounts {
  const counts: number[] = new Array(USUAL_ORDERS).fill(0);
  for (const { order, forward } of areas.flatMap(({ freeLists }) => freeLists)) {
    while (counts.length <= order) counts.push(0);
    counts[order] = (counts[order] ?? 0) + forward.pfns.length;
  }
  return counts;
}
