/**
 * Exhaustive exploration of small areas.
 *
 * The steps of the allocator are here once more, on a few cells instead of modelled memory, because a
 * state must be copied, changed and looked up in less than a microsecond. The literal engine stays the
 * specification: tests compare every transition, and what is found is replayed on it.
 *
 * @module
 */

// Order: geometry, model, packed, initial, packed_call, step_blocks, step, packed_rules, key, state_set,
// search, closed_form, replay, explore, mod

export { closedForm } from "./closed_form.ts";
export type { ExpectedStates, FrameStates } from "./closed_form.ts";
export { explore, TOLERABLE_RULES } from "./explore.ts";
export type { ExploreOptions, ExploreResult, FoundViolation, TolerableRule } from "./explore.ts";
export type { ExploredArea } from "./geometry.ts";
export { EXPLORE_OPERATIONS } from "./packed_call.ts";
export type { ExploreOperation } from "./packed_call.ts";
export { EXPLORED_RULES } from "./packed_rules.ts";
export type { ExploredRule } from "./packed_rules.ts";
export type { ExploreProgress } from "./search.ts";
