/**
 * Random work for a page allocator: plain numbers, which mean something only together with the state that
 * they meet, so that any of them can be left out.
 *
 * @module
 */

import fc from "fast-check";
import type { Arbitrary } from "fast-check";

/** What is done to a new machine. */
export interface Plan {
  /** The page size, as a choice. */
  readonly pages: number;
  /** What RAM holds at first, as a choice. */
  readonly powerOn: number;
  /** The kinds of calls that it goes without, as a choice. */
  readonly without: number;
  /** The ranges that are handed over first. */
  readonly ranges: readonly number[];
  /** The calls. */
  readonly calls: readonly number[];
}

/** The most calls of a plan: enough to use up a small area and to give all of it back. */
const MOST_CALLS = 96;

/** Numbers large enough for a dozen choices, and exact as a product of them. */
const CODE_LIMIT = 2 ** 48;

/** Plans of random length. They become shorter by leaving calls out. */
function plans(): Arbitrary<Plan> {
  // A smaller number is no simpler call: what is found is made simpler as a scenario.
  const code = fc.noShrink(fc.noBias(fc.integer({ min: 0, max: CODE_LIMIT })));
  return fc.record({
    pages: fc.noBias(fc.nat({ max: 15 })),
    powerOn: fc.noBias(fc.nat({ max: 3 })),
    without: fc.noBias(fc.nat({ max: 63 })),
    ranges: fc.array(code, { minLength: 1, maxLength: 3, size: "max" }),
    calls: fc.array(code, { minLength: 1, maxLength: MOST_CALLS, size: "max" }),
  });
}

/** Some plans of a search. */
export interface Batch {
  /** The seed of the search. */
  readonly seed: number;
  /** Which batch it is, from 0: it does not depend on what the one before found. */
  readonly number: number;
  /** The most plans. */
  readonly plans: number;
  /** What becomes of a plan in which something is found: it is tried in shorter forms, or left as it is. */
  readonly found: "shortened" | "left";
}

/**
 * Tries plans one after the other until something is found, and then shorter forms of that plan.
 *
 * @param batch which plans
 * @param findsIn tries a plan, and tells whether something was found
 * @returns how many plans were tried, shorter forms left out
 * @throws whatever the attempt throws, unchanged
 */
export function tryPlans(batch: Batch, findsIn: (plan: Plan) => boolean): number {
  const { seed, number, plans: numRuns, found } = batch;
  // What is thrown is no find, but fast-check would take it for one.
  const thrown: unknown[] = [];
  const property = fc.property(plans(), (plan) => {
    try {
      return thrown.length > 0 || !findsIn(plan);
    } catch (error) {
      thrown.push(error);
      return false;
    }
  });
  const details = fc.check(property, {
    seed: (seed + number * 2_654_435_761) % 2 ** 32,
    numRuns,
    endOnFailure: found === "left",
  });
  if (thrown.length > 0) throw thrown[0];
  return details.numRuns;
}

/** A number as a row of choices. */
export class Choices {
  #left: number;

  /**
   * Begins with a number.
   *
   * @param code the number
   */
  constructor(code: number) {
    this.#left = code;
  }

  /** The next choice: 0 up to, not including, a bound. */
  below(bound: number): number {
    const choice = this.#left % bound;
    this.#left = Math.floor(this.#left / bound);
    return choice;
  }

  /** One of a list. */
  of<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}
