/**
 * What is left of the areas after a replay.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";

/** Free blocks of an order. */
export interface BlocksOfOrder {
  /** The order. */
  readonly order: number;
  /** How many are listed. */
  readonly blocks: number;
}

/** The free blocks of all areas. */
export interface FreeSummary {
  /** Frames in listed blocks. */
  readonly freeFrames: number;
  /** The order of the largest listed block; null if there is none. */
  readonly largestOrder: number | null;
  /** The orders that have blocks, ascending. */
  readonly blocks: readonly BlocksOfOrder[];
}

/**
 * Counts what the free lists hold.
 *
 * @param areas the areas
 * @returns the counts
 */
export function freeSummaryOf(areas: readonly AreaView[]): FreeSummary {
  const counts = new Map<number, number>();
  for (const { order, forward } of areas.flatMap(({ freeLists }) => freeLists)) {
    counts.set(order, (counts.get(order) ?? 0) + forward.pfns.length);
  }
  const blocks = [...counts].map(([order, count]) => ({ order, blocks: count }))
    .toSorted((one, other) => one.order - other.order);
  return {
    freeFrames: blocks.reduce((sum, one) => sum + one.blocks * 2 ** one.order, 0),
    largestOrder: blocks.at(-1)?.order ?? null,
    blocks,
  };
}
