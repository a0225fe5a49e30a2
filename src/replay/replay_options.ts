/**
 * How a replay is run, and what a copy of one holds.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { FailurePolicy, ReplayCounts } from "./ledger.ts";
import type { ReplayMachine } from "./literal_side.ts";
import type { StateCopy } from "./state_copy.ts";

/** How a replay is run. */
export interface ReplayOptions extends ReplayMachine {
  /**
   * The fast engine, which leaves what it cannot do to the literal one; or the literal one only. Fast by
   * default.
   */
  readonly engine?: "fast" | "literal";
  /** What happens at a request that fails, and at a release of what is not in use; stop by default. */
  readonly failures?: FailurePolicy;
}

/** A replay after some of its operations. */
export interface ReplayCopy {
  /** What was counted up to there. */
  readonly counts: Readonly<ReplayCounts>;
  /** Which handles were in use. */
  readonly uses: Uint8Array;
  /** How the table of handles knew blocks. */
  readonly knows: "frames" | "nodes";
  /** The engine that ran. */
  readonly engine:
    | { readonly kind: "fast"; readonly state: StateCopy }
    | { readonly kind: "literal"; readonly machine: Machine };
}
