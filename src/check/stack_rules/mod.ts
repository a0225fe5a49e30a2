/**
 * The rules about what lies above the page allocator: page tables, vmalloc, malloc, boot.
 *
 * {@linkcode findStackViolations} checks the rules about a state; a {@linkcode StackWatch} checks those
 * about calls, because it knows who owns what; {@linkcode checkEndState} compares a machine on which
 * everything was freed with a fresh one.
 *
 * @module
 */

// Order: rules, stack_call, table_survey, stack_view, table_rules, live_rules, find_stack_violations,
// call_rules, requests, free_null, holdings, misuse, watch, end_state, mod

export { checkEndSince, checkEndState, lossOf, zeroPointOf } from "./end_state.ts";
export type { Loss, ZeroPoint } from "./end_state.ts";
export { findStackViolations } from "./find_stack_violations.ts";
export type { StackCheckOptions } from "./find_stack_violations.ts";
export { STACK_CALL_RULES, STACK_STATE_RULES } from "./rules.ts";
export type { LiveBlock, StackCall, StackValue } from "./stack_call.ts";
export type { StackKnowledge } from "./stack_view.ts";
export type { MappedPages, PageRange, Subtree, TablePlace, TableSurvey } from "./table_survey.ts";
export { StackWatch } from "./watch.ts";
