/**
 * Mutants that no test can tell from the original, and why.
 *
 * @module
 */

import type { Mutant } from "./mutants.ts";

/** Changes that change nothing that anybody can see. */
export interface Equivalent {
  /** The file. */
  readonly path: string;
  /** What the mutant's `before` begins with. */
  readonly before: string;
  /** The kinds of change. */
  readonly operators: readonly string[];
  /** Why nothing changes. */
  readonly reason: string;
}

/** All of them. A row that fits no survivor is reported, so that the list stays true. */
export const EQUIVALENTS: readonly Equivalent[] = [];

/**
 * The reason why a mutant cannot be caught, if it is known.
 *
 * @param mutant the mutant
 * @returns the row, or null
 */
export function equivalentOf(mutant: Mutant): Equivalent | null {
  return EQUIVALENTS.find(({ path, before, operators }) =>
    mutant.path === path && mutant.before.startsWith(before) && operators.includes(mutant.operator)
  ) ?? null;
}
