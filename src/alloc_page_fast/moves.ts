/**
 * How often blocks were split and joined, by order.
 *
 * A block that is split down over many orders, or joined up over many, costs two additions: what is kept are
 * the differences between one order and the next.
 *
 * @module
 */

import { HEADS_PER_AREA } from "./constants.ts";

/** The books, as differences: how many more there are of an order than of the one above. */
export interface Moves {
  /** Splits. */
  readonly splits: Float64Array;
  /** Joins. */
  readonly joins: Float64Array;
}

/** How often blocks of an order were split and made by joining, by order. */
export interface MoveCounts {
  /** How many blocks of each order were split into two of the order below. */
  readonly splits: readonly number[];
  /** How many blocks of each order were made of two of the order below. */
  readonly joins: readonly number[];
}

/** Opens empty books. */
export function newMoves(): Moves {
  return {
    splits: new Float64Array(HEADS_PER_AREA),
    joins: new Float64Array(HEADS_PER_AREA),
  };
}

/**
 * Notes one split or join of each order between two.
 *
 * @param differences the splits, or the joins
 * @param upper the highest order
 * @param lower the order below the lowest
 */
export function noteMoves(differences: Float64Array, upper: number, lower: number): void {
  differences[upper] = (differences[upper] ?? 0) + 1;
  differences[lower] = (differences[lower] ?? 0) - 1;
}

/** Adds the differences up from the highest order. */
function countsOf(differences: Float64Array): number[] {
  const counts: number[] = new Array(differences.length).fill(0);
  let sum = 0;
  for (let order = differences.length - 1; order >= 0; order--) {
    sum += differences[order] ?? 0;
    counts[order] = sum;
  }
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}

/**
 * What the books say.
 *
 * @param moves the books
 * @returns the counts by order, up to the highest order that has any
 */
export function moveCountsOf({ splits, joins }: Moves): MoveCounts {
  return { splits: countsOf(splits), joins: countsOf(joins) };
}
