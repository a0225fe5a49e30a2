/**
 * The rules that a sound allocator keeps, as named predicates over a machine.
 *
 * {@linkcode findViolations} checks the rules about a state; a {@linkcode Ledger} checks those about
 * calls, because it knows who owns what.
 *
 * @module
 */

// Order: rules, findings, survey, block_rules, list_rules, fresh_rule, find_violations,
// memory_compare, calls, ownership, handed_out, custody, ledger, mod

export { askedFor, pageCallOf, performCall } from "./calls.ts";
export type { AskedFor, BlockRequest, CallValue, PageCall } from "./calls.ts";
export { findAreaViolations, findViolations, surveyViews } from "./find_violations.ts";
export type { StatesSubject } from "./find_violations.ts";
export { blocksAt } from "./survey.ts";
export type { Blocks, Deviation, Stray, Survey } from "./survey.ts";
export type { CheckOptions } from "./findings.ts";
export type { FrameRange } from "../../frame_ranges.ts";
export { Ledger, NOBODY_KNOWS } from "./ledger.ts";
export type { Judged } from "./ledger.ts";
export { CALL_RULES, formatViolation, STATE_RULES } from "./rules.ts";
export type {
  CallRuleName,
  RuleName,
  StackCallRuleName,
  StackRuleName,
  StackStateRuleName,
  StateRuleName,
  Violation,
} from "./rules.ts";
