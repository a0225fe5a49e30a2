/**
 * Runs as traces that Perfetto and Chrome's `about:tracing` show.
 *
 * @module
 */

import { formatViolation } from "../check/invariants/mod.ts";
import type { Violation } from "../check/invariants/mod.ts";
import { formatStopped } from "../outcome.ts";
import type { AreaView } from "../page_allocator.ts";
import { describeValue, printStatement } from "../scenario/mod.ts";
import type { Run, Step, StepEnd } from "../scenario/mod.ts";
import { differencesOfAreas } from "./area_difference.ts";
import type { JsonObject } from "./json.ts";
import { areaTitle, formatOf } from "./subject.ts";

/** The only process: the run. */
const PROCESS = 1;

/** The track of all steps; the track of an area is its slot more. */
const STEPS_TRACK = 1;
const FIRST_AREA_TRACK = 2;

/** An event of the format. */
type TraceEvent = JsonObject;

/** What a step left behind. */
interface After {
  readonly areas: readonly AreaView[];
  /** Those of them that it changed. */
  readonly changed: readonly AreaView[];
}

/**
 * A run as a trace in Chrome's Trace Event Format: plain data for `JSON.stringify`, which Perfetto
 * opens. A microsecond of the trace is a step: step 3 is the slice from 3 to 4.
 *
 * ```text
 * track "steps"  a slice ("X") for each step, named by its call, with statement and result
 * track "area …" a slice for each step that changed the area; one for each area that there ever is
 * counters       ("C") for each area the free pages of each order, as its free lists have them after
 *                the step; told when they change
 * instants       ("i") for each rule that a step broke, on the track of its area where it has one, and
 *                for the step that stopped the machine
 * ```
 *
 * @param run the run; only a watched one has violations
 * @returns the data: `traceEvents` and `displayTimeUnit`
 *
 * @example Usage
 * ```ts
 * import { parseScenario, runScenario } from "@buddyscope/sim";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { chromeTrace } from "@buddyscope/sim/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { scenario } = parseScenario("area any 0x100 0x110\nalloc_page\n");
 * const trace = JSON.stringify(chromeTrace(runScenario(scenario, { archs: ARCHS })));
 * assertStringIncludes(trace, '"ph":"X","name":"alloc_page"');
 * ```
 */
export function chromeTrace(run: Run): JsonObject {
  const tracks = new Map([[STEPS_TRACK, "steps"]]);
  const told = new Map<number, readonly number[]>();
  const events: TraceEvent[] = [];
  let areas: readonly AreaView[] = run.machineAfter(-1).pages.areas();
  for (const step of run.steps) {
    const after = stateAfter(run, step, areas);
    areas = after.areas;
    for (const view of areas) tracks.set(trackOf(view.area), areaTitle(run, view));
    events.push(
      ...[STEPS_TRACK, ...after.changed.map(({ area }) => trackOf(area))].map((track) =>
        sliceOf(step, track)
      ),
      ...after.changed.flatMap((view) => counterOf(run, step, view, told)),
      ...step.violations.map((violation) => violationOf(step, violation)),
      ...(run.stoppedAt?.step === step.index ? [stopOf(step)] : []),
    );
  }
  return {
    traceEvents: [...namesOf(run, tracks), ...events],
    displayTimeUnit: "ms",
  };
}

function trackOf(area: number): number {
  return FIRST_AREA_TRACK + area;
}

/** Only a call whose effect was kept changes areas: no other step is gone back to. */
function stateAfter(run: Run, { index, effect }: Step, before: readonly AreaView[]): After {
  if (effect !== "kept") return { areas: before, changed: [] };
  const areas = run.machineAfter(index).pages.areas();
  const format = formatOf(run);
  const differences = differencesOfAreas(before, areas, { left: format, right: format });
  const slots = new Set(differences.map(({ area }) => area));
  return { areas, changed: areas.filter(({ area }) => slots.has(area)) };
}

/** What the tracks are called, and in which order they stand. */
function namesOf({ arch, edition }: Run, tracks: ReadonlyMap<number, string>): TraceEvent[] {
  const args = { name: `${arch.name} ${edition.name}` };
  return [
    { ph: "M", name: "process_name", pid: PROCESS, args },
    ...[...tracks].toSorted(([one], [other]) => one - other).flatMap(([tid, name]) => [
      { ph: "M", name: "thread_name", pid: PROCESS, tid, args: { name } },
      { ph: "M", name: "thread_sort_index", pid: PROCESS, tid, args: { sort_index: tid } },
    ]),
  ];
}

function sliceOf({ index, statement, outcome }: Step, tid: number): TraceEvent {
  const name = statement.kind === "call" ? statement.call : statement.kind;
  const args = { step: index, statement: printStatement(statement), result: resultOf(outcome) };
  return { ph: "X", name, cat: statement.kind, ts: index, dur: 1, pid: PROCESS, tid, args };
}

function resultOf(outcome: StepEnd): string {
  if (outcome.kind === "returned") return describeValue(outcome.value);
  return outcome.kind === "not-run" ? outcome.why : formatStopped(outcome);
}

/** The free pages of each order, if they are others than those that were told last. */
function counterOf(
  run: Run,
  { index }: Step,
  view: AreaView,
  told: Map<number, readonly number[]>,
): TraceEvent[] {
  const before = told.get(view.area) ?? [];
  const pages = freePagesOf(view, before.length);
  if (pages.length === before.length && pages.every((count, at) => count === before[at])) return [];
  told.set(view.area, pages);
  const args = Object.fromEntries(pages.map((count, order) => [`order ${order}`, count]));
  const name = `${areaTitle(run, view)}  free pages`;
  return [{ ph: "C", name, ts: index, pid: PROCESS, args }];
}

/** By order; 0 for an empty list, because a counter that is not told keeps its value. */
function freePagesOf({ freeLists }: AreaView, least: number): number[] {
  const orders = Math.max(least, ...freeLists.map(({ order }) => order + 1));
  const pages = Array.from({ length: orders }, () => 0);
  for (const { order, forward } of freeLists) pages[order] = forward.pfns.length * 2 ** order;
  return pages;
}

function violationOf({ index }: Step, violation: Violation): TraceEvent {
  const { rule, area, pfn } = violation;
  const tid = area === null ? STEPS_TRACK : trackOf(area);
  const args = { step: index, area, pfn, violation: formatViolation(violation) };
  const place = { ts: index, pid: PROCESS, tid, s: "t" };
  return { ph: "i", name: rule, cat: "violation", ...place, args };
}

function stopOf({ index, outcome }: Step): TraceEvent {
  const place = { ts: index, pid: PROCESS, tid: STEPS_TRACK, s: "p" };
  const args = { step: index, why: resultOf(outcome) };
  return { ph: "i", name: "the machine stops", cat: "stop", ...place, args };
}
