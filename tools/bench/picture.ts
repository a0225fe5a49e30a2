/**
 * The picture of cost against the size of the machine.
 *
 * @module
 */

import { timeOf } from "./measure.ts";
import type { Measurement, Pick } from "./measure.ts";

/** The cost that the first column of the bars stands for, in nanoseconds; each further one is a factor. */
const FIRST_NS = 5;
const COLUMNS_FOR_TEN = 9;
/** A run is repeated for this time, in milliseconds. */
const TIME = 1000;

function bar(ns: number): string {
  return "#".repeat(Math.max(1, Math.round(Math.log10(ns / FIRST_NS) * COLUMNS_FOR_TEN)));
}

function costText(ns: number): string {
  return ns < 1000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(1)} µs`;
}

/**
 * Draws the cost of an operation on both engines, one size of an area after the other.
 *
 * @param sizes the measurement of each size, by its name
 * @param pick which of the times counts
 * @returns the lines
 */
export function pictureOf(
  sizes: ReadonlyArray<readonly [string, Measurement]>,
  pick: Pick,
): string[] {
  const lines = sizes.flatMap(([size, { operations, prepare, literal }]) => {
    const costs = [["fast", timeOf(prepare, TIME, pick) / operations]] as [string, number][];
    if (literal !== undefined) {
      costs.push(["literal", timeOf(literal.prepare, TIME, pick) / literal.operations]);
    }
    return costs.map(([engine, ns], index) => {
      const name = index === 0 ? size.padStart(7) : " ".repeat(7);
      return `${name}  ${engine.padEnd(7)} ${costText(ns).padStart(7)}  ${bar(ns)}`;
    });
  });
  return [...lines, "", "The bars are logarithmic: a tenfold cost is nine columns more."];
}
