/**
 * All rules about the state of page tables and vmalloc, over a machine.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { Findings } from "../invariants/findings.ts";
import type { CheckOptions, Violation } from "../invariants/mod.ts";
import { checkFrame0, checkGivenBack, checkLiveBlocks, checkOverlaps } from "./live_rules.ts";
import { viewOf } from "./stack_view.ts";
import type { StackKnowledge } from "./stack_view.ts";
import {
  checkGivenIsNoMemory,
  checkHandedOverIsMapped,
  checkMappedIsMemory,
  checkTablePlaces,
} from "./table_rules.ts";

/** What to check, and what is known besides the machine's state. */
export interface StackCheckOptions extends CheckOptions, StackKnowledge {}

/**
 * Checks the rules about the state of page tables and vmalloc. Nothing is touched, and nothing here fails.
 *
 * The rules about live blocks need to know them; without that knowledge the others are checked alone.
 *
 * The cost follows the page tables, the runs of equal page states and the live blocks.
 *
 * @param machine the machine, stopped or not
 * @param options the rules to check, the frames to leave out, how many violations are enough; what is known
 * @returns the violations; empty if all is well
 *
 * @example A pointer that was freed and still works
 * ```ts
 * import { boot, editionNamed, free, malloc } from "@buddyscope/sim";
 * import { findStackViolations, formatViolation } from "@buddyscope/sim/check";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const { machine } = boot({ arch: X86_64, edition });
 * assertEquals(findStackViolations(machine), []);
 *
 * free(machine, malloc(machine, 8n));
 * assertEquals(findStackViolations(machine).map(formatViolation), [
 *   "what was given back is not mapped: " +
 *     "the page 0xffffffffffffe still leads to frame 0x106b, which is free",
 * ]);
 * ```
 */
export function findStackViolations(
  machine: Machine,
  options: StackCheckOptions = {},
): Violation[] {
  const findings = new Findings(options);
  const view = viewOf(machine, options);
  checkMappedIsMemory(view, findings);
  checkHandedOverIsMapped(view, findings);
  checkGivenIsNoMemory(view, findings);
  checkTablePlaces(view, findings);
  checkLiveBlocks(view, findings);
  checkOverlaps(view, findings);
  checkGivenBack(view, findings);
  checkFrame0(view, findings);
  return findings.violations;
}
