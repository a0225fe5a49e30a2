/**
 * Random search for broken rules, and for what sets two editions apart.
 *
 * @module
 */

// Order: plan, ranges, decode, stack_plan, trial, fuzz, against, mod

export { fuzz } from "./fuzz.ts";
export type { FuzzControl, FuzzOptions, FuzzProgress, FuzzReport } from "./fuzz.ts";
export { fuzzEditions } from "./against.ts";
export type { CompareOptions, CompareReport, EditionDifference } from "./against.ts";
