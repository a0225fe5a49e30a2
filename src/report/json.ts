/**
 * Runs as JSON, for machines.
 *
 * @module
 */

import { areaNameOf } from "../arch.ts";
import type { Violation } from "../check/invariants/mod.ts";
import { areaTableOf } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { zoneOf } from "../page_allocator.ts";
import type { AreaView, ListWalk, PageAllocator } from "../page_allocator.ts";
import { printStatement } from "../scenario/mod.ts";
import type { ExpectationResult, Run, Step, Value } from "../scenario/mod.ts";
import type { HostEvent } from "../memory/mod.ts";
import type { Stopped } from "../outcome.ts";
import { placesOfEvents } from "./event_places.ts";
import type { Subject } from "./subject.ts";

/** A value of JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  /** Its members. */
  readonly [name: string]: JsonValue;
}

/** How a run becomes JSON. */
export interface RunJsonOptions {
  /** After which steps the areas are told; at the end only by default. */
  readonly areas?: "left-out" | "at-the-end" | "after-each-call";
}

/** The name and version of the format. Members may be added without a new version. */
export const RUN_JSON_FORMAT = "buddyscope-run-1";

/**
 * A run as plain data for `JSON.stringify`.
 *
 * Addresses, sizes in bytes and values are strings in base 16, such as `"0x1000"` or `"-0x1"`; pfns,
 * counts and orders are numbers. The members are always there, in this order:
 *
 * ```text
 * format         "buddyscope-run-1"
 * machine        arch, wordBits, byteOrder, pageSize, powerOn ("zero", or "garbage" with a seed),
 *                areasAddress
 * edition        name, commit (null where there is none)
 * steps[]        index, statement (its text), args[], flags, effect ("none", "kept", "undone"),
 *                outcome, events[], host[] (what the host did; only if anything), printed[] (lines; only
 *                if there are any), violations[] (only if the run is watched), areas[] (only if
 *                asked for; else the member is not there)
 * expectations[] step, held (true or false), expected, actual
 * stoppedAt      the index of the step that stopped the machine, or null
 * firstViolation step, violation: the first rule that was broken, or null (only if the run is watched)
 * unjudgedFrom   step, why: from where on calls are not judged, or null (only if the run is watched)
 * areas[]        the areas at the end (only if asked for; else the member is not there)
 *
 * outcome        {kind: "returned", value}            value: {kind: "address" or "integer", value},
 *                                                     {kind: "null"}, {kind: "nothing"}
 *                {kind: "assertion-failed", file, function, line, expression, message}
 *                {kind: "fault", address, reason, by, access: {kind, address, sizeBytes, byte}}
 *                {kind: "undefined-behaviour", file, function, line, what, seen}
 *                {kind: "not-run", why}
 * violation      rule (its name), area and pfn (each null where it is no matter of one), sentence
 * event          {kind: "link", pfn, order, end} and so on: the members of `AllocatorEvent`; and source
 * source         file, function, line (null where upstream has none), lineOf ("this-edition"; "head" for
 *                an edition whose text is not known, or that has none; "nobody" without a line), departs
 *                (only if the edition does otherwise than the line: what it does)
 * area           area, name (an empty string where no zone has it), zone, metadata, base, top,
 *                maxOrder (null where the edition keeps none), states: [[byte, count], …],
 *                freeLists: [{order, forward, backward (null for a mirror of forward)}, …]
 * walk           pfns[], end: {kind: "own-head"}, {kind: "null"}, {kind: "cycle", pfn},
 *                {kind: "other-head", area, order} or {kind: "wild", address}
 * ```
 *
 * @param run the run
 * @param options after which steps the areas are told
 * @returns the data
 *
 * @example Usage
 * ```ts
 * import { parseScenario, runScenario } from "@buddyscope/sim";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { runToJson } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario } = parseScenario("area any 0x100 0x110\nalloc_page\n");
 * const json = runToJson(runScenario(scenario, { archs: ARCHS }), { areas: "left-out" });
 * assertEquals(Object.keys(json), [
 *   "format",
 *   "machine",
 *   "edition",
 *   "steps",
 *   "expectations",
 *   "stoppedAt",
 * ]);
 * ```
 */
export function runToJson(run: Run, options: RunJsonOptions = {}): JsonObject {
  const { areas = "at-the-end" } = options;
  const last = run.steps.length - 1;
  return {
    format: RUN_JSON_FORMAT,
    machine: machineJson(run.machineAfter(-1)),
    edition: { name: run.edition.name, commit: run.edition.commit },
    steps: run.steps.map((step) => stepJson(run, step, areas === "after-each-call")),
    expectations: run.expectations.map(expectationJson),
    stoppedAt: run.stoppedAt?.step ?? null,
    ...(run.watched === "off" ? {} : {
      firstViolation: firstViolationJson(run),
      unjudgedFrom: run.unjudgedFrom === null ? null : { ...run.unjudgedFrom },
    }),
    ...(areas === "left-out" ? {} : { areas: areasToJson(run.machineAfter(last)) }),
  };
}

function hex(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function machineJson({ arch, pageShift, options }: Machine): JsonObject {
  const { byteOrder, powerOn, areasAddress } = options;
  return {
    arch: arch.name,
    wordBits: arch.wordBits,
    byteOrder,
    pageSize: hex(1n << BigInt(pageShift)),
    powerOn: { ...powerOn },
    areasAddress: hex(areasAddress),
  };
}

function stepJson(run: Run, step: Step, withAreas: boolean): JsonObject {
  const { index, statement, args, flags, effect, host, printed } = step;
  const isCall = statement.kind === "call";
  return {
    index,
    statement: printStatement(statement),
    args: args.map(hex),
    flags,
    effect,
    outcome: outcomeJson(step),
    events: eventsJson(run, step),
    ...(host.length === 0 ? {} : { host: host.map(hostEventJson) }),
    ...(printed.length === 0 ? {} : { printed }),
    ...(run.watched === "off" ? {} : { violations: step.violations.map(violationJson) }),
    ...(withAreas && isCall ? { areas: areasToJson(run.machineAfter(index)) } : {}),
  };
}

function hostEventJson(event: HostEvent): JsonObject {
  const entries = Object.entries(event).map(([key, value]: [string, string | number | bigint]) => {
    return [key, typeof value === "bigint" ? hex(value) : value];
  });
  return Object.fromEntries(entries);
}

function outcomeJson({ outcome }: Step): JsonObject {
  switch (outcome.kind) {
    case "returned":
      return { kind: "returned", value: valueJson(outcome.value) };
    case "not-run":
      return { ...outcome };
    default:
      return stoppedJson(outcome);
  }
}

function valueJson(value: Value): JsonObject {
  return value.kind === "address" || value.kind === "integer"
    ? { kind: value.kind, value: hex(value.value) }
    : { kind: value.kind };
}

/** How the modelled code was stopped, as plain data. */
export function stoppedJson(outcome: Stopped): JsonObject {
  switch (outcome.kind) {
    case "assertion-failed": {
      const { kind, source, expression, message } = outcome;
      return { kind, ...source, expression, message };
    }
    case "fault": {
      const { kind, address, reason, by, access } = outcome;
      const { sizeBytes, byte } = access;
      const wanted = { address: hex(access.address), sizeBytes: hex(sizeBytes), byte };
      return { kind, address: hex(address), reason, by, access: { kind: access.kind, ...wanted } };
    }
    case "undefined-behaviour": {
      const { kind, source, what, seen } = outcome;
      return { kind, ...source, what, seen };
    }
  }
}

function violationJson({ rule, area, pfn, sentence }: Violation): JsonObject {
  return { rule, area, pfn, sentence };
}

function firstViolationJson({ firstViolation }: Run): JsonObject | null {
  if (firstViolation === null) return null;
  const { step, violation } = firstViolation;
  return { step, violation: violationJson(violation) };
}

function eventsJson({ edition }: Run, { events, statement }: Step): JsonObject[] {
  const call = statement.kind === "call" ? statement.call : "";
  const places = placesOfEvents(events, { edition, call });
  return events.map((event, index) => {
    const found = places[index];
    if (found === undefined) return { ...event };
    const departs = found.departs === "" ? {} : { departs: found.departs };
    return { ...event, source: { ...found.place, ...departs } };
  });
}

function expectationJson({ step, held, expected, actual }: ExpectationResult): JsonObject {
  return { step, held: held === "yes", expected, actual };
}

/**
 * The areas of a machine as plain data, in the form that {@linkcode runToJson} documents.
 *
 * @param machine the machine, or what has its architecture, its edition and its areas
 * @returns an object for each area, by ascending slot
 */
export function areasToJson(
  machine: Subject & { readonly pages: Pick<PageAllocator, "areas"> },
): JsonObject[] {
  const table = areaTableOf(machine.arch, machine.edition);
  return machine.pages.areas().map((view) => areaJson(view, areaNameOf(table, zoneOf(view))));
}

function areaJson(view: AreaView, name: string): JsonObject {
  const { area, metadata, base, top, maxOrder, states, freeLists } = view;
  return {
    area,
    name,
    zone: zoneOf(view),
    metadata,
    base,
    top,
    maxOrder,
    states: states.map(({ state, count }) => [state, count]),
    freeLists: freeLists.map(({ order, forward, backward }) => ({
      order,
      forward: walkJson(forward),
      backward: backward === null ? null : walkJson(backward),
    })),
  };
}

function walkJson({ pfns, end }: ListWalk): JsonObject {
  const told: JsonObject = end.kind === "wild"
    ? { kind: end.kind, address: hex(end.address) }
    : { ...end };
  return { pfns: [...pfns], end: told };
}
