/**
 * What is left of the areas after a replay.
 *
 * @module
 */

// bits: a page state is a byte, repeated in a word.

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

/** A run of at least so many page states is filled at once; a shorter one is written by words. */
const LONG_RUN = 256;
/** Eight page states are written at once, so that up to seven behind a run are overwritten. */
const WRITTEN_AT_ONCE = 8;

/**
 * Writes the page states of areas one behind the other, a byte for each frame, as the metadata of the
 * areas holds them.
 *
 * @param areas the areas
 * @param into where to; what is behind the last page state is not touched
 * @returns how many bytes were written
 * @throws {RangeError} if there is no room for them
 */
export function writePageStates(areas: readonly AreaView[], into: Uint8Array): number {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const wanted = areas.reduce((sum, { base, top }) => sum + (top - base), 0);
  if (wanted > into.length) {
    throw new RangeError(
      `Cannot write ${wanted} page states: there must be room for them, there is for ${into.length}`,
    );
  }
  let at = 0;
  for (const { states } of areas) {
    for (const { state, count } of states) {
      const end = at + count;
      if (count >= LONG_RUN || end + WRITTEN_AT_ONCE > wanted) into.fill(state, at, end);
      else {
        const four = Math.imul(state, 0x01010101);
        for (; at < end; at += WRITTEN_AT_ONCE) {
          view.setInt32(at, four);
          view.setInt32(at + 4, four);
        }
      }
      at = end;
    }
  }
  return at;
}
