/**
 * Checks: the model against recordings of the real code, machines against the rules of a sound
 * allocator.
 *
 * @example The hash of a state
 * ```ts
 * import { hashAreas } from "@buddyscope/sim/check";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hashAreas([]), "0x09612b07b5ecb5a5");
 * ```
 *
 * @module
 */

// Order: conform, invariants, mod

export {
  dumpArea,
  fnv1a32,
  fnv1a64,
  hashAreas,
  RecordingError,
  replayRecording,
  summarizeArea,
} from "./conform/mod.ts";
export type {
  AreaSummary,
  ConformEnvironment,
  ConformResult,
  DumpedArea,
  Mismatch,
} from "./conform/mod.ts";
export {
  askedFor,
  CALL_RULES,
  findViolations,
  formatViolation,
  Ledger,
  performCall,
  STATE_RULES,
} from "./invariants/mod.ts";
export type {
  AskedFor,
  BlockRequest,
  CallRuleName,
  CallValue,
  CheckOptions,
  FrameRange,
  Judged,
  PageCall,
  RuleName,
  StateRuleName,
  Violation,
} from "./invariants/mod.ts";
