/**
 * Designs of a page allocator's metadata, compared: what each costs, and what the host sees of it.
 *
 * A design is a value. One buddy algorithm runs on each of them and reports which bytes of which memory it
 * reads and writes; what it gives depends on its policy only. A design of one's own can note free blocks in
 * a way of its own: see {@linkcode FreeSet}.
 *
 * @example A design without a map, on the built-in churn
 * ```ts
 * import { churnTrace, compareOn, DESIGNS } from "@buddyscope/sim/designs";
 * import { assert } from "@std/assert";
 *
 * const mine = DESIGNS.filter(({ name }) => name === "c3-")
 *   .map((design) => ({ ...design, name: "mine", entry: { words: 1 } }));
 * const [a, own] = compareOn(churnTrace(2000), [...DESIGNS.slice(0, 1), ...mine]).designs;
 * assert((own?.metadataBytes ?? 0) > (a?.metadataBytes ?? 0));
 * ```
 *
 * @module
 */

// Order: free_set, design, designs, ranges, cells, layout, line_set, page_set, backing, account,
// free_lists, bit_trees, buddy, ram_lists, trace, built_in, live_blocks, design_run, figures, sizes,
// hosted, host_policies, hazards, comparison, mod

export { LISTS_PER_RANGE, NO_BLOCK } from "./free_set.ts";
export type { Access, FreeRange, FreeSet, FreeSetRoom, TakePolicy } from "./free_set.ts";
export {
  designBytesOf,
  entryBytesOf,
  EXTERNAL_NODE_WORDS,
  LINE_BYTES,
  treeBytesOf,
} from "./design.ts";
export type { DesignBytes, Encoding, LinkPlace, MetadataDesign } from "./design.ts";
export { DESIGNS } from "./designs.ts";
export { framesOf, MOST_FRAMES, rangesOfAreas } from "./ranges.ts";
export type { ManagedRange } from "./ranges.ts";
export { Backing, REPORTING_ORDERS } from "./backing.ts";
export type { Account, OperationCost } from "./account.ts";
export { REFUSED } from "./buddy.ts";
export type { BlockView, Buddy } from "./buddy.ts";
export { designTraceOf, machineOfHeader, rangesOfTrace, recordCalls } from "./trace.ts";
export type { DesignMachine, DesignTrace, TraceMachine, TracePart } from "./trace.ts";
export { bootTrace, churnTrace, seedsTrace } from "./built_in.ts";
export type { DesignBoot } from "./built_in.ts";
export { DesignRun, runTrace } from "./design_run.ts";
export type { DesignRunOptions, RunCounts } from "./design_run.ts";
export { figuresOf } from "./figures.ts";
export type { DesignFigures } from "./figures.ts";
export { HAZARD_POLICIES } from "./host_policies.ts";
export type { HazardPolicy } from "./host_policies.ts";
export { HAZARD_OPERATIONS, HAZARD_RELEASES, hazardOf, hazardsOf } from "./hazards.ts";
export type { HazardOutcome } from "./hazards.ts";
export { RAM_SIZES, sizesOf } from "./sizes.ts";
export type { SizeFigures } from "./sizes.ts";
export { builtInTraces, compareOn, StreamedComparison } from "./comparison.ts";
export type { Comparison } from "./comparison.ts";
export type { BlockBook, FreeBlock, HostedPages } from "../host/mod.ts";
