/**
 * Reading a recording of a real guest.
 *
 * @module
 */

import {
  isJsonObject,
  listMember,
  numberMember,
  objectMember,
  objects,
  optional,
  stringMember,
  wrong,
} from "./members.ts";
import type { JsonObject } from "./members.ts";

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
