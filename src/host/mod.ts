/**
 * What the other side does to memory, and what a guest's drivers do for it: balloon, free page reporting,
 * page states of s390x, poison, clearing.
 *
 * The modelled code knows nothing of it: upstream has no such drivers. What they do is done from outside
 * of the allocator, by its own calls and by hooks around them.
 *
 * @module
 */

// Order: policy, state, blocks, report, balloon, hooks, mod

export { NO_POLICIES } from "./policy.ts";
export type { HookPlace, HostPolicies, RepeatedAct, ReportForm } from "./policy.ts";
export { newHost } from "./state.ts";
export type { BlockBook, FreeBlock, HostedMachine, HostedPages, HostState } from "./state.ts";
export { reportFreePages } from "./report.ts";
export { setBalloon } from "./balloon.ts";
export { afterStep, copyHost, perform, setPolicies } from "./hooks.ts";
