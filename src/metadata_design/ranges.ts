/**
 * The frames that the compared designs manage: the same ones in each, wherever their metadata lie.
 *
 * @module
 */

import { zoneOf } from "../page_allocator.ts";
import type { AreaView } from "../page_allocator.ts";

/** Frames in a row, in one zone. */
export interface ManagedRange {
  /** The zone; bit 2^zone of a request's flags stands for it. */
  readonly zone: number;
  /** The first frame. */
  readonly base: number;
  /** The first frame after. */
  readonly top: number;
}

/** A range with a place in the model's arrays. */
export interface PlacedRange extends ManagedRange {
  /** What is taken off a frame's number to get its position. */
  readonly shift: number;
  /** The number of the range; its lists begin at that many times the lists of a range. */
  readonly index: number;
  /** Orders from here on are larger than the range. */
  readonly orders: number;
}

/** The most frames that are compared: 128 TiB in pages of 4 KiB. */
export const MOST_FRAMES: number = 2 ** 35;

/**
 * The frames that areas have for use.
 *
 * @param areas the areas
 * @returns a range for each
 */
export function rangesOfAreas(areas: readonly AreaView[]): ManagedRange[] {
  return areas.map((view) => ({ zone: zoneOf(view), base: view.base, top: view.top }));
}

/**
 * Counts the frames of ranges.
 *
 * @param ranges the ranges
 * @returns how many frames there are
 */
export function framesOf(ranges: readonly ManagedRange[]): number {
  return ranges.reduce((sum, { base, top }) => sum + top - base, 0);
}

/**
 * Gives each range a place in arrays, such that a block is aligned there as it is in memory.
 *
 * @param ranges the ranges
 * @returns the ranges with their places, and the length that arrays need
 * @throws {RangeError} if there are too many frames
 */
export function placeRanges(
  ranges: readonly ManagedRange[],
): { readonly placed: readonly PlacedRange[]; readonly length: number } {
  const frames = framesOf(ranges);
  if (frames > MOST_FRAMES) {
    throw new RangeError(
      `Cannot compare designs on ${frames} frames: there must be at most ${MOST_FRAMES}, ` +
        "128 TiB in frames of 4 KiB, give less memory",
    );
  }
  let length = 0;
  const placed = ranges.map(({ zone, base, top }, index) => {
    const orders = Math.floor(Math.log2(top - base)) + 1;
    const alignment = 2 ** orders;
    const start = Math.ceil(length / alignment) * alignment + base % alignment;
    length = start + top - base;
    return { zone, base, top, shift: base - start, index, orders };
  });
  return { placed, length };
}
