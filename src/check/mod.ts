/**
 * Checks: the model against recordings of the real code.
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

// Order: conform, mod

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
