/**
 * Reading a recording of a real guest.
 *
 * @module
 */

import { RecordingError } from "./types.ts";
import { describe, isJsonObject } from "./vector_file.ts";
import type { JsonObject } from "./vector_file.ts";

/** A part of boot: its events, and the state at its end. */
export interface GuestBootPart {
  /** The point, such as `main_entry`. */
  readonly at: string;
  /** The calls. */
  readonly events: readonly JsonObject[];
  /** The state. */
  readonly state: JsonObject;
}

/** A step of a scenario. */
export interface GuestStep {
  /** The call with its arguments; "-" for none. */
  readonly call: string;
  /** What it returned, as 64-bit hex; null if nothing was called. */
  readonly returns: string | null;
  /** The state after it. */
  readonly state: JsonObject | null;
  /** The upper end of vmalloc's free addresses after it, where there is no state. */
  readonly vfreeTop: string | null;
  /** Hashes of the areas after it, where there is no state. */
  readonly hash: JsonObject | null;
  /** What else was looked at. */
  readonly note: JsonObject | null;
}

/** How a scenario ended. */
export type GuestEnd =
  | { readonly kind: "completed" }
  | {
    readonly kind: "assert";
    readonly call: string;
    readonly file: string;
    readonly line: number;
    readonly text: string;
  }
  | { readonly kind: "exception" | "hang"; readonly call: string | null };

/** A sequence of operations on a freshly booted guest. */
export interface GuestScenario {
  /** Its name. */
  readonly name: string;
  /** A boot of its own, where it acts before boot is over. */
  readonly boot: readonly GuestBootPart[] | null;
  /** The steps. */
  readonly steps: readonly GuestStep[];
  /** How it ended. */
  readonly end: GuestEnd;
}

/** A recording of a real guest. */
export interface GuestFile {
  /** The guest's name. */
  readonly guest: string;
  /** The architecture. */
  readonly arch: string;
  /** What was built: the architecture with its page size or byte order, such as `ppc64be-64k`. */
  readonly build: string;
  /** The commit that introduced the behaviour. */
  readonly edition: string;
  /** The size of memory, such as `128M`. */
  readonly memory: string;
  /** The page size in bytes. */
  readonly pageSize: number;
  /** The command line of QEMU. */
  readonly qemu: readonly string[];
  /** What a model cannot know from the source. */
  readonly inputs: JsonObject;
  /** Boot. */
  readonly boot: readonly GuestBootPart[];
  /** The scenarios. */
  readonly scenarios: readonly GuestScenario[];
}

function wrong(name: string, wanted: string, value: unknown): never {
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

function objects(object: JsonObject, name: string): JsonObject[] {
  return listMember(object, name).map((item, index) =>
    isJsonObject(item) ? item : wrong(`${name}[${index}]`, "an object", item)
  );
}

/** A member that is an integer written as hex text; a recording has no other form of addresses. */
export function hexMember(object: JsonObject, name: string): bigint {
  const text = stringMember(object, name);
  return /^0x[0-9a-f]+$/i.test(text) ? BigInt(text) : wrong(name, "an address in hex", text);
}

function optional<T>(
  object: JsonObject,
  name: string,
  read: (object: JsonObject, name: string) => T,
): T | null {
  return object[name] === undefined ? null : read(object, name);
}

function readBoot(parts: readonly JsonObject[]): GuestBootPart[] {
  return parts.map((part) => ({
    at: stringMember(part, "at"),
    events: objects(part, "events"),
    state: objectMember(part, "state"),
  }));
}

function readStep(step: JsonObject): GuestStep {
  return {
    call: stringMember(step, "call"),
    returns: optional(step, "returns", stringMember),
    state: optional(step, "state", objectMember),
    vfreeTop: optional(step, "vfreeTop", stringMember),
    hash: optional(step, "hash", objectMember),
    note: optional(step, "note", objectMember),
  };
}

function readEnd(end: JsonObject): GuestEnd {
  if (end["completed"] === true) return { kind: "completed" };
  const call = end["call"] === null ? null : stringMember(end, "call");
  const stopped = stringMember(end, "stopped");
  switch (stopped) {
    case "assert":
      return {
        kind: "assert",
        call: call ?? wrong("call", "a string", call),
        file: stringMember(end, "file"),
        line: numberMember(end, "line"),
        text: stringMember(end, "assert"),
      };
    case "exception":
    case "hang":
      return { kind: stopped, call };
    default:
      return wrong("stopped", `"assert", "exception" or "hang"`, stopped);
  }
}

function readScenario(name: string, scenario: unknown): GuestScenario {
  if (!isJsonObject(scenario)) return wrong(`scenarios.${name}`, "an object", scenario);
  return {
    name,
    boot: scenario["boot"] === undefined ? null : readBoot(objects(scenario, "boot")),
    steps: objects(scenario, "steps").map(readStep),
    end: readEnd(objectMember(scenario, "end")),
  };
}

/**
 * Tells whether a parsed JSON file is a recording of a guest.
 *
 * @param file the parsed JSON
 * @returns true if it has a guest's name and scenarios
 */
export function isGuestFile(file: JsonObject): boolean {
  return "guest" in file && "scenarios" in file;
}

/**
 * Reads a recording of a real guest.
 *
 * @param file the parsed JSON
 * @returns the recording
 * @throws {RecordingError} if a member is missing or of the wrong type
 */
export function readGuestFile(file: JsonObject): GuestFile {
  return {
    guest: stringMember(file, "guest"),
    arch: stringMember(file, "arch"),
    build: optional(file, "build", stringMember) ?? stringMember(file, "guest"),
    edition: stringMember(file, "edition"),
    memory: stringMember(file, "memory"),
    pageSize: numberMember(file, "pageSize"),
    qemu: listMember(file, "qemu").map(String),
    inputs: objectMember(file, "inputs"),
    boot: readBoot(objects(file, "boot")),
    scenarios: Object.entries(objectMember(file, "scenarios"))
      .map(([name, scenario]) => readScenario(name, scenario)),
  };
}
