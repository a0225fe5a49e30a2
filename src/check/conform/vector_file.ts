/**
 * Reading a recording of the page allocator.
 *
 * @module
 */

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

/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells whether a JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member<T extends "string" | "number">(
  file: JsonObject,
  name: string,
  type: T,
): T extends "string" ? string : number;
function member(file: JsonObject, name: string, type: string): unknown {
  const value = file[name];
  if (typeof value !== type) {
    throw new RecordingError(
      `Cannot read the recording: "${name}" must be a ${type}, it is ${describe(value)}`,
    );
  }
  return value;
}

/** A short name of a JSON value for an error message. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
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
  const steps = file["steps"];
  if (!Array.isArray(steps)) {
    throw new RecordingError(
      `Cannot read the recording: "steps" must be a list, it is ${describe(steps)}`,
    );
  }
  return {
    edition: member(file, "edition", "string"),
    layout: member(file, "arch", "string"),
    pageShift: member(file, "pageShift", "number"),
    wordBits: member(file, "bitsPerLong", "number"),
    steps: steps.map(readStep),
  };
}
