/**
 * A promise of the authors of the modelled code: what they say that it does, and how it does not.
 *
 * @module
 */

import type { Facts } from "../../edition.ts";

/** A promise that the repaired edition keeps and the edition before it breaks. */
export interface KeptPromise {
  /** The fact of an edition that says whether it is kept. */
  readonly fact: keyof Facts;
  /** What is promised, as a clause. */
  readonly promise: string;
  /** Who promised it: a commit or a comment, and what it says. */
  readonly madeBy: string;
  /** How and where the code breaks it. */
  readonly broken: string;
  /** The known defect that breaks it, such as `D1`; null if none is known by a number. */
  readonly defect: string | null;
  /**
   * The scenario that shows it, without an edition: all that it expects holds where the promise is
   * kept; where it is broken, something does not hold, or the scenario stops. Null if it would take
   * more than a few lines.
   */
  readonly scenario: string | null;
  /** The memory maps that the scenario names: their texts. */
  readonly maps?: Readonly<Record<string, string>>;
}

/** Promises about one part of the code. */
export interface PromiseGroup {
  /** The part. */
  readonly title: string;
  /** Its promises. */
  readonly promises: readonly KeptPromise[];
}
