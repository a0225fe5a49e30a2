/**
 * Designs of a page allocator's metadata, compared: what each costs, and what the host sees of it.
 *
 * A design is a value. One buddy algorithm runs on each of them and reports which bytes of which memory it
 * reads and writes; what it gives depends on its policy only.
 *
 * @module
 */

// Order: design, designs, ranges, layout, line_set, backing, account, free_set, free_lists, bit_trees,
// buddy, trace, built_in, design_run, figures, comparison, mod

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
export { REPORTING_ORDERS } from "./backing.ts";
export type { Account, OperationCost } from "./account.ts";
export type { TakePolicy } from "./free_set.ts";
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
export { builtInTraces, compareOn, StreamedComparison } from "./comparison.ts";
export type { Comparison } from "./comparison.ts";
