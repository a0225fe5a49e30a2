/**
 * Conformance: recordings of the real code, replayed on the model.
 *
 * @module
 */

// Order: types, members, fnv, fnv_runs, dump, vector_file, replay_vector, guest_file, guest_inputs,
// guest_state, guest_events, guest_calls, replay_guest, mod

import { isGuestFile, readGuestFile } from "./guest_file.ts";
import { isJsonObject } from "./members.ts";
import { replayGuest } from "./replay_guest.ts";
import { replayVector } from "./replay_vector.ts";
import { RecordingError } from "./types.ts";
import type { ConformEnvironment, ConformResult } from "./types.ts";
import { readVectorFile } from "./vector_file.ts";

export { dumpArea, hashAreas, summarizeArea } from "./dump.ts";
export type { AreaSummary, DumpedArea } from "./dump.ts";
export { fnv1a32, fnv1a64 } from "./fnv.ts";
export { RecordingError } from "./types.ts";
export type { ConformEnvironment, ConformResult, Mismatch } from "./types.ts";

function parseRecording(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecordingError(`Cannot read the recording: it is no JSON, or cut off: ${reason}`);
  }
}

/**
 * Replays a recording up to the first difference. Its kind is told by its content.
 *
 * @param text the recording, JSON
 * @param environment the architectures
 * @returns the number of steps compared, and the difference if there is one
 * @throws {RecordingError} if it cannot be read, is of no known kind, or has an unknown operation
 */
export function replayRecording(text: string, environment: ConformEnvironment): ConformResult {
  const file = parseRecording(text);
  if (isJsonObject(file)) {
    if (isGuestFile(file)) return replayGuest(readGuestFile(file), environment);
    if ("steps" in file && "pageShift" in file) {
      return replayVector(readVectorFile(file), environment);
    }
  }
  throw new RecordingError(
    "Cannot read the recording: it must be an object with pageShift and steps (the page allocator), " +
      "or with guest and scenarios (a whole guest)",
  );
}
