/**
 * A run as text.
 *
 * @module
 */

import { escapeText } from "../report/mod.ts";
import type { ExpectationResult, Run, View } from "../scenario/mod.ts";
import type { Paint } from "./paint.ts";
import { changesOf, traceBody, viewAfter } from "./views.ts";

/** What is shown of a run. */
export interface RunTextOptions {
  /** The colours. */
  readonly paint: Paint;
  /** What is shown in place of the trace and the maps; empty for these. */
  readonly views: readonly View[];
  /** The step whose state is shown in place of the first and the last; null for these. */
  readonly step: number | null;
  /** Where a statement stands: the file and the line. */
  readonly placeOf: (step: number) => string;
}

const AREA_CALLS: readonly string[] = ["area", "page_alloc_init_area"];

/** The step after which the first map is shown: the last of the areas that are set up first. */
function lastOfSetup(run: Run): number {
  const calls = run.steps.filter(({ statement }) => statement.kind === "call");
  const behind = calls.findIndex(({ statement, outcome }) => {
    const isArea = statement.kind === "call" && AREA_CALLS.includes(statement.call);
    return !isArea || outcome.kind !== "returned";
  });
  const setup = behind < 0 ? calls : calls.slice(0, behind);
  return setup.at(-1)?.index ?? -1;
}

/** The first and the last page map; one where they are the same or there are no areas. */
function mapsOf(run: Run, paint: Paint): string[] {
  const [first, last] = [lastOfSetup(run), run.steps.length - 1];
  if (run.machineAfter(last).pages.areas().length === 0) return [];
  const callsBehind = run.steps.slice(first + 1).some(({ effect }) => effect === "kept");
  const steps = first < 0 || !callsBehind ? [last] : [first, last];
  return steps.map((step) => viewAfter(run, step, "map", paint));
}

function expectationLines(result: ExpectationResult, options: RunTextOptions): string[] {
  const { paint, placeOf } = options;
  const expected = escapeText(result.expected);
  if (result.held === "yes") return [`${paint.held}  ${expected}`];
  const place = paint.dim(placeOf(result.step));
  return [`${paint.failed}  ${expected}`, `        ${escapeText(result.actual)}  ${place}`];
}

function expectationsOf(run: Run, options: RunTextOptions): string[] {
  if (run.expectations.length === 0) return [];
  const lines = run.expectations.flatMap((result) => expectationLines(result, options));
  return [`${[options.paint.bold("expectations"), "", ...lines].join("\n")}\n`];
}

function stepParts(run: Run, step: number, options: RunTextOptions): string[] {
  const { paint, views } = options;
  const shown: readonly View[] = views.length > 0 ? views : ["map", "lists"];
  const only = { ...run, steps: run.steps.slice(step, step + 1) };
  return [
    traceBody(only, { paint, events: "shown" }),
    changesOf(run, step, paint),
    ...shown.map((view) => viewAfter(run, step, view, paint)),
  ];
}

/**
 * Writes what is to be seen of a run: the trace, the first and the last page map, what became of the
 * expectations, and what the scenario shows; or the state after one step.
 *
 * @param run the run
 * @param options colours, views, step
 * @returns the text; it does not name the edition, so that equal runs have equal texts
 */
export function runText(run: Run, options: RunTextOptions): string {
  const { paint, views, step } = options;
  if (step !== null) return stepParts(run, step, options).join("\n");
  const last = run.steps.length - 1;
  const parts = views.length > 0
    ? views.map((view) => viewAfter(run, last, view, paint))
    : [traceBody(run, { paint }), ...mapsOf(run, paint)];
  const shows = run.shows.map((show) => viewAfter(run, show.step, show.view, paint));
  return [...parts, ...shows, ...expectationsOf(run, options)].join("\n");
}
