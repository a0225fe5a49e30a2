/**
 * Runs as traces that Perfetto and Chrome's `about:tracing` show.
 *
 * @module
 */

import { formatViolation } from "../check/invariants/mod.ts";
import type { Violation } from "../check/invariants/mod.ts";
import { formatStopped } from "../outcome.ts";
import type { AreaView } from "../page_allocator.ts";
import { isHostCall } from "../scenario/call_row.ts";
import { describeValue, printStatement } from "../scenario/mod.ts";
import type { Run, Step, StepEnd } from "../scenario/mod.ts";
import { differencesOfAreas } from "./area_difference.ts";
import type { JsonObject } from "./json.ts";
import { ListTracker } from "./list_tracker.ts";
import { areaTitle, formatOf } from "./subject.ts";
import { AreaCounters, namesOf, pagesOf, PROCESS, STEPS_TRACK, trackOf } from "./trace_events.ts";
import type { TracedArea, TraceEvent } from "./trace_events.ts";

/** The calls by which a scenario itself writes to memory. */
const WRITERS: ReadonlySet<string> = new Set(["write", "fill"]);

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
  const areas = new Areas(run);
  const counters = new AreaCounters();
  const events: TraceEvent[] = [];
  for (const step of run.steps) {
    const changed = areas.changedBy(step);
    events.push(
      sliceOf(step, STEPS_TRACK),
      ...changed.map(({ area }) => sliceOf(step, trackOf(area))),
      ...changed.flatMap((area) => counters.tell(step.index, area)),
      ...step.violations.map((violation) => violationOf(step, violation)),
      ...(run.stoppedAt?.step === step.index ? [stopOf(step)] : []),
    );
  }
  const tracks = new Map([[STEPS_TRACK, "steps"], ...areas.titles]);
  return {
    traceEvents: [...namesOf(`${run.arch.name} ${run.edition.name}`, tracks), ...events],
    displayTimeUnit: "ms",
  };
}

/**
 * The areas of a run, step by step: followed by what the allocator reports where that says it all, and
 * looked at where it does not.
 */
class Areas {
  readonly #run: Run;
  readonly #tracker = new ListTracker();
  readonly #titles = new Map<number, string>();
  /** The areas as they are; null while they are followed only. */
  #views: readonly AreaView[] | null;

  constructor(run: Run) {
    this.#run = run;
    this.#views = this.#look(-1);
  }

  /** The names of the areas' tracks. */
  get titles(): Map<number, string> {
    return new Map([...this.#titles].map(([area, title]) => [trackOf(area), title]));
  }

  /** The areas that a step changed. Only a call whose effect was kept can: no other is gone back to. */
  changedBy(step: Step): TracedArea[] {
    if (step.effect !== "kept") return [];
    if (saysAll(step)) {
      const changed = this.#tracker.follow(step.events);
      if (changed !== "lost") {
        if (changed.size > 0) this.#views = null;
        return [...changed].toSorted((one, other) => one - other).map((area) => {
          return {
            area,
            title: this.#titles.get(area) ?? "",
            pages: pagesOf(this.#tracker.countsOf(area)),
          };
        });
      }
    }
    return this.#seenChanges(step.index);
  }

  /** Looks at the areas before and after a step. */
  #seenChanges(index: number): TracedArea[] {
    const before = this.#views ?? this.#look(index - 1);
    const after = this.#look(index);
    this.#views = after;
    const format = formatOf(this.#run);
    const differences = differencesOfAreas(before, after, { left: format, right: format });
    const slots = new Set(differences.map(({ area }) => area));
    return after.filter(({ area }) => slots.has(area)).map(({ area, freeLists }) => {
      const counts: number[] = [];
      for (const { order, forward } of freeLists) counts[order] = forward.pfns.length;
      return { area, title: this.#titles.get(area) ?? "", pages: pagesOf(counts) };
    });
  }

  /** The areas after a step; from here on they are followed, if that can be done. */
  #look(index: number): readonly AreaView[] {
    const views = this.#run.machineAfter(index).pages.areas();
    for (const view of views) this.#titles.set(view.area, areaTitle(this.#run, view));
    this.#tracker.see(views);
    return views;
  }
}

/**
 * Tells whether the events of a step say all that it did to the areas: not if somebody else wrote to
 * memory, an area was made, the machine was stopped; nor if blocks were both taken and given back, which
 * may come to nothing.
 */
function saysAll({ statement, outcome, events, host }: Step): boolean {
  if (statement.kind !== "call" || outcome.kind !== "returned" || host.length > 0) return false;
  if (WRITERS.has(statement.call) || isHostCall(statement.call)) return false;
  const kinds = new Set(events.map(({ kind }) => kind));
  if (kinds.has("area") || kinds.has("undefined")) return false;
  if (!kinds.has("state")) return !kinds.has("split");
  return outcome.value.kind === "address" && !kinds.has("coalesce");
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
