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

function wrongMember(name: string, wanted: string, value: unknown): RecordingError {
  return new RecordingError(
    `Cannot read the recording: "${name}" must be ${wanted}, it is ${describe(value)}`,
  );
}

/** A member that is a text. */
export function textMember(file: JsonObject, name: string): string {
  const value = file[name];
  if (typeof value !== "string") throw wrongMember(name, "a string", value);
  return value;
}

/** A member that is a number. */
export function numberMember(file: JsonObject, name: string): number {
  const value = file[name];
  if (typeof value !== "number") throw wrongMember(name, "a number", value);
  return value;
}

/** A member that is a list. */
export function listMember(file: JsonObject, name: string): readonly unknown[] {
  const value = file[name];
  if (!Array.isArray(value)) throw wrongMember(name, "a list", value);
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
  const steps = listMember(file, "steps");
  return {
    edition: textMember(file, "edition"),
    layout: textMember(file, "arch"),
    pageShift: numberMember(file, "pageShift"),
    wordBits: numberMember(file, "bitsPerLong"),
    steps: steps.map(readStep),
  };
}
