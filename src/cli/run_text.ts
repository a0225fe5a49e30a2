/**
 * A run as text.
 *
 * @module
 */

import { escapeText, printShow } from "../report/mod.ts";
import type { ExpectationResult, Run, ShowRequest, View } from "../scenario/mod.ts";
import type { Paint } from "./paint.ts";
import { changesOf, traceBody, viewText } from "./views.ts";

/** What is shown of a run. */
export interface RunTextOptions {
  /** The colours. */
  readonly paint: Paint;
  /** What is shown in place of the trace and the maps; empty for these. */
  readonly views: readonly View[];
  /** The step whose state is shown in place of the first and the last; null for these. */
  readonly step: number | null;
  /** Whether upstream's places stand beside what a step did. */
  readonly sources: "shown" | "left-out";
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

/** The first and the last page map; one where they are the same, none where there are no areas. */
function mapsOf(run: Run): ShowRequest[] {
  const end: ShowRequest = { step: run.steps.length - 1, view: "map" };
  if (run.machineAfter(end.step).pages.areas().length === 0) return [];
  const start: ShowRequest = { step: lastOfSetup(run), view: "map" };
  const isSame = start.step < 0 || printShow(run, start) === printShow(run, end);
  return isSame ? [end] : [start, end];
}

/** By step, each once: a scenario may show what is shown anyway. */
function inOrder(requests: readonly ShowRequest[]): ShowRequest[] {
  const once = new Map(requests.map((request) => [`${request.step} ${request.view}`, request]));
  return [...once.values()].toSorted((a, b) => a.step - b.step);
}

function expectationLines(result: ExpectationResult, options: RunTextOptions): string[] {
  const { paint, placeOf } = options;
  const expected = escapeText(result.expected);
  if (result.held === "yes") return [`${paint.held}  ${expected}`];
  const place = paint.dim(placeOf(result.step));
  return [`${paint.failed}  ${expected}`, `        ${escapeText(result.actual)}  ${place}`];
}

/** More expectations than this are not all shown: only those that failed, up to so many. */
const MOST_EXPECTATIONS = 60;

function expectationsOf(run: Run, options: RunTextOptions): string[] {
  const results = run.expectations;
  if (results.length === 0) return [];
  const failed = results.filter(({ held }) => held === "no");
  const isLong = results.length > MOST_EXPECTATIONS;
  const shown = isLong ? failed.slice(0, MOST_EXPECTATIONS) : results;
  const lines = shown.flatMap((result) => expectationLines(result, options));
  const left = results.length - shown.length;
  if (left > 0) {
    const more = `${left} more, of which ${failed.length - shown.length} failed`;
    lines.push(options.paint.dim(`… ${more}`));
  }
  return [`${[options.paint.bold("expectations"), "", ...lines].join("\n")}\n`];
}

function stepParts(run: Run, step: number, options: RunTextOptions): string[] {
  const { paint, views, sources } = options;
  const shown: readonly View[] = views.length > 0 ? views : ["map", "lists"];
  const only = { ...run, steps: run.steps.slice(step, step + 1) };
  return [
    traceBody(only, { paint, events: "shown", sources }),
    changesOf(run, step, paint),
    ...shown.map((view) => viewText(run, { step, view }, paint)),
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
  const chosen = views.map((view): ShowRequest => ({ step: last, view }));
  const requests = inOrder([...(views.length > 0 ? chosen : mapsOf(run)), ...run.shows]);
  return [
    ...(views.length > 0 ? [] : [traceBody(run, { paint })]),
    ...requests.map((request) => viewText(run, request, paint)),
    ...expectationsOf(run, options),
  ].join("\n");
}
