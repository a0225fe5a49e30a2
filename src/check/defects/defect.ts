/**
 * A known defect of the modelled code: which editions have it, how it shows, and where to look for it.
 *
 * @module
 */

import type { Edition } from "../../edition.ts";
import type { ExploreOperation, TolerableRule } from "../explore/mod.ts";
import type { RuleName } from "../invariants/mod.ts";

/** How a defect shows: a rule that a call breaks. Each part that is given must fit. */
export interface Signature {
  /** The rules; one of them is broken. */
  readonly rules: readonly RuleName[];
  /** The kinds of calls; one of them breaks the rule. All by default. */
  readonly calls?: readonly string[];
  /** Where the modelled code stops; it does not matter by default. */
  readonly stop?: RegExp;
}

/**
 * Where to look for a defect: a machine, what is done to it first, and the calls that may follow in any
 * number and order.
 *
 * A call is a statement of a scenario. One that begins with `=` binds a name of its own; `$` stands for
 * each name that was bound before.
 */
export interface Hunt {
  /** The machine statement, without an edition. */
  readonly machine: string;
  /** The text of the memory map that the machine statement names, by that name. */
  readonly map?: { readonly name: string; readonly text: string };
  /** The statements before the first call that counts. */
  readonly setUp: readonly string[];
  /** The calls to choose from. */
  readonly calls: readonly string[];
  /** More calls than this are not tried. */
  readonly mostCalls: number;
}

/** How the exhaustive exploration of a small area meets a defect. */
export interface Explored {
  /** The number of usable frames. */
  readonly frames: number;
  /** The operations that are needed. */
  readonly operations: readonly ExploreOperation[];
  /** Rules that are broken on the way; the order of lists counts then. */
  readonly tolerated?: readonly TolerableRule[];
}

/** What random calls meet a defect. */
export interface Fuzzed {
  /** The name of the architecture. */
  readonly arch: string;
  /** Whether the page allocator is called, or all layers of a machine that booted. */
  readonly layer: "pages" | "stack";
}

/** A known defect. */
export interface Defect {
  /** The number of its description, such as `D1`, a part such as `D4a`, or a short name. */
  readonly id: string;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What is wrong and why, in a sentence or two. */
  readonly cause: string;
  /** Where in upstream's code: file, function, and the commit since which. */
  readonly source: string;
  /** Tells whether an edition has it. */
  readonly isIn: (edition: Edition) => boolean;
  /** Tells whether it is looked for in an edition; in all by default. */
  readonly isSoughtIn?: (edition: Edition) => boolean;
  /** How it shows. */
  readonly signature: Signature;
  /** Where to look for it. */
  readonly hunt: Hunt;
  /** How the exploration of a small area meets it; null if such an area cannot have it. */
  readonly explored: Explored | null;
  /** By what random calls it is met; null if by none. */
  readonly fuzzed: Fuzzed | null;
}
