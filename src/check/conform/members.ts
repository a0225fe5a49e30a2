/**
 * Members of parsed JSON, each of the type that a recording must give it.
 *
 * @module
 */

import { RecordingError } from "./types.ts";

/** A JSON object of unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells whether a JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A short name of a JSON value for an error message. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Ends reading: a member is missing or of the wrong type. */
export function wrong(name: string, wanted: string, value: unknown): never {
  throw new RecordingError(
    `Cannot read the recording: "${name}" must be ${wanted}, it is ${describe(value)}`,
  );
}

/** A member that must be a string. */
export function stringMember(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : wrong(name, "a string", value);
}

/** A member that must be a number. */
export function numberMember(object: JsonObject, name: string): number {
  const value = object[name];
  return typeof value === "number" ? value : wrong(name, "a number", value);
}

/** A member that must be an object. */
export function objectMember(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : wrong(name, "an object", value);
}

/** A member that must be a list. */
export function listMember(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name];
  return Array.isArray(value) ? value : wrong(name, "a list", value);
}

/** A member that must be a list of objects. */
export function objects(object: JsonObject, name: string): JsonObject[] {
  return listMember(object, name).map((item, index) =>
    isJsonObject(item) ? item : wrong(`${name}[${index}]`, "an object", item)
  );
}

/** A member that is an integer written as hex text; a recording has no other form of addresses. */
export function hexMember(object: JsonObject, name: string): bigint {
  const text = stringMember(object, name);
  return /^0x[0-9a-f]+$/i.test(text) ? BigInt(text) : wrong(name, "an address in hex", text);
}

/** A member that may be missing: null if it is. */
export function optional<T>(
  object: JsonObject,
  name: string,
  read: (object: JsonObject, name: string) => T,
): T | null {
  return object[name] === undefined ? null : read(object, name);
}
