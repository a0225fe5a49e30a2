/**
 * Reading a recording of the page allocator.
 *
 * @module
 */

import { describe, listMember, numberMember, stringMember } from "./members.ts";
import type { JsonObject } from "./members.ts";
import { RecordingError } from "./types.ts";

/** A step: an operation, and what the real code gave. */
export type VectorStep = readonly [operation: string, result: unknown];

/** A recording of the page allocator: one run of one edition with one layout of areas. */
export interface VectorFile {
  /** The commit that introduced the behaviour. */
  readonly edition: string;
  /** The layout of areas. */
  readonly layout: string;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** The width of a word. */
  readonly wordBits: number;
  /** The steps. */
  readonly steps: readonly VectorStep[];
}

function readStep(step: unknown, index: number): VectorStep {
  if (!Array.isArray(step) || step.length !== 2 || typeof step[0] !== "string") {
    throw new RecordingError(
      `Cannot read the recording: step ${index} must be a pair of an operation and a result, it is ${
        describe(step)
      }`,
    );
  }
  return [step[0], step[1]];
}

/**
 * Reads a recording of the page allocator.
 *
 * @param file the parsed JSON
 * @returns the recording
 * @throws {RecordingError} if a member is missing or of the wrong type
 */
export function readVectorFile(file: JsonObject): VectorFile {
  const steps = listMember(file, "steps");
  return {
    edition: stringMember(file, "edition"),
    layout: stringMember(file, "arch"),
    pageShift: numberMember(file, "pageShift"),
    wordBits: numberMember(file, "bitsPerLong"),
    steps: steps.map(readStep),
  };
}
