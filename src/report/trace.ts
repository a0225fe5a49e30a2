/**
 * Traces: how a state came about. One line for each call, and below it only what is noteworthy.
 *
 * @module
 */

import { formatViolation } from "../check/invariants/mod.ts";
import { formatStopped } from "../outcome.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import { describeValue, printStatement } from "../scenario/mod.ts";
import type { ExpectationResult, Run, Step } from "../scenario/mod.ts";
import { COLUMNS, counted, textOf, wrapProse } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { eventPlaceText, placesOfEvents } from "./event_places.ts";
import { eventText } from "./events.ts";
import { hostEventText } from "./host_view.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { formatOf } from "./subject.ts";
import { DETAIL_INDENT, listedBlocksOf, traceLines, type TraceRow } from "./trace_table.ts";

/** How a trace is written. */
export interface TraceOptions extends PaintOptions {
  /**
   * Whether what the allocator did inside each call stands below it; left out by default, but for what C
   * leaves undefined and for memory that was left out.
   */
  readonly events?: "shown" | "left-out";
  /** Whether upstream's function, file and line stand beside each event; left out by default. */
  readonly sources?: "shown" | "left-out";
  /** What else is noteworthy of a step. */
  readonly notesOf?: (step: Step) => readonly string[];
  /** A longer run is shown by its beginning and its end; 400 steps by default. */
  readonly mostSteps?: number;
  /** Of a call, at most so many events are shown; 24 by default. */
  readonly mostEvents?: number;
  /** Of a step, at most so many violations are shown; 8 by default. */
  readonly mostViolations?: number;
}

const MOST_STEPS = 400;

const MOST_EVENTS = 24;

const MOST_VIOLATIONS = 8;

/** Of a step, at most so many acts of the host are shown. */
const MOST_HOST_EVENTS = 6;

/**
 * Writes the trace of a run.
 *
 * ```text
 *       call                          result       listed blocks by order 0 1 2 3 4
 *  1    area 0 0x100000 0x100021      -                                   2 1 1 1 1
 *  2    p = alloc_page                0x100020000                         1 1 1 1 1
 * ```
 *
 * The blocks of each order are counted after the call, over all areas. Below a call stands how it was
 * stopped, if it was; `not run` are the calls behind it. An `expect` says whether it held. In a watched
 * run, the rules that a call broke stand below it.
 *
 * @param run the run
 * @param options colours, events, further notes
 * @returns the text; its first line names the architecture and the edition
 */
export function printTrace(run: Run, options: TraceOptions = {}): string {
  const { paint = PLAIN_PAINT, mostSteps = MOST_STEPS } = options;
  const steps = run.steps.filter(({ statement }) => {
    return statement.kind === "call" || statement.kind === "expect";
  });
  const title = paint.bold(`trace  ${run.arch.name}  ${run.edition.name}`);
  if (steps.length === 0) return textOf([title, "no calls"]);
  const expectations = new Map(run.expectations.map((result) => [result.step, result]));
  const rowsOf = (some: readonly Step[]): TraceRow[] =>
    some.map((step) => rowOf(run, step, expectations.get(step.index) ?? null, options));
  if (steps.length <= mostSteps) return textOf([title, "", ...traceLines(rowsOf(steps), paint)]);
  const half = Math.floor(mostSteps / 2);
  const entries = [
    ...rowsOf(steps.slice(0, half)),
    `… ${counted(steps.length - 2 * half, "step")} not shown`,
    ...rowsOf(steps.slice(steps.length - half)),
  ];
  return textOf([title, "", ...traceLines(entries, paint)]);
}

function rowOf(
  run: Run,
  step: Step,
  expectation: ExpectationResult | null,
  options: TraceOptions,
): TraceRow {
  const paint = options.paint ?? PLAIN_PAINT;
  const { index, statement, outcome } = step;
  const ran = statement.kind === "call" && outcome.kind !== "not-run";
  const notes = (options.notesOf?.(step) ?? []).map(escapeText);
  return {
    index,
    call: escapeText(printStatement(statement)),
    ...(expectation === null ? resultOf(step, paint) : judged(expectation, paint)),
    listed: ran ? listedBlocksOf(run.machineAfter(index).pages.areas()) : null,
    details: [
      ...step.printed.map((line) => escapeText(`| ${line}`)),
      ...eventLines(run, step, options),
      ...hostLines(step, options),
      ...stopLines(step, paint),
      ...violationLines(step, options),
      ...(expectation?.held === "no" ? detailLines(`found: ${expectation.actual}`, paint.bad) : []),
      ...notes.flatMap((note) => detailLines(note, paint.bad)),
    ],
  };
}

type Result = Pick<TraceRow, "result" | "resultPaint">;

function resultOf({ outcome, effect }: Step, paint: Paint): Result {
  if (outcome.kind === "not-run") {
    const result = outcome.why === "no-such-call" ? "no such call" : "not run";
    return { result, resultPaint: paint.dim };
  }
  if (outcome.kind === "returned") {
    const { value } = outcome;
    const result = value.kind === "nothing" ? "-" : describeValue(value);
    return { result, resultPaint: (text) => text };
  }
  return { result: effect === "undone" ? "undone" : "stopped", resultPaint: paint.bad };
}

function judged({ held }: ExpectationResult, paint: Paint): Result {
  return held === "yes"
    ? { result: "held", resultPaint: paint.dim }
    : { result: "FAILED", resultPaint: paint.bad };
}

/** A text below a call, broken to fit. */
function detailLines(text: string, color: (text: string) => string): string[] {
  return wrapProse(text, DETAIL_INDENT).map((line) => color(line.slice(DETAIL_INDENT.length)));
}

function stopLines({ outcome }: Step, paint: Paint): string[] {
  if (outcome.kind === "returned" || outcome.kind === "not-run") return [];
  return detailLines(escapeText(formatStopped(outcome)), paint.bad);
}

/** The rules that a step broke. */
function violationLines({ violations }: Step, options: TraceOptions): string[] {
  const { paint = PLAIN_PAINT, mostViolations = MOST_VIOLATIONS } = options;
  const lines = violations.slice(0, mostViolations).map((violation) =>
    escapeText(`violates ${formatViolation(violation)}`)
  );
  const more = violations.length - lines.length;
  return [...lines, ...(more > 0 ? [`… ${counted(more, "violation")} not shown`] : [])]
    .flatMap((line) => detailLines(line, paint.bad));
}

/** Events that nobody would expect: they are shown though others are left out. */
function isNoteworthy({ kind }: AllocatorEvent): boolean {
  return kind === "undefined" || kind === "left-out";
}

/** What the host did in a step. */
function hostLines({ host }: Step, options: TraceOptions): string[] {
  const { paint = PLAIN_PAINT } = options;
  const lines = host.slice(0, MOST_HOST_EVENTS).map((event) => {
    const color = event.kind === "broken-poison" ? paint.bad : paint.dim;
    return detailLines(hostEventText(event), color);
  });
  const more = host.length - lines.length;
  return [
    ...lines.flat(),
    ...(more > 0 ? [paint.dim(`… ${counted(more, "act")} of the host not shown`)] : []),
  ];
}

function eventLines(run: Run, step: Step, options: TraceOptions): string[] {
  const { paint = PLAIN_PAINT, mostEvents = MOST_EVENTS } = options;
  const format = formatOf(run);
  const places = options.sources === "shown" ? placesOf(run, step) : [];
  const events = step.events.map((event, index) => ({ event, place: places[index] ?? "" }))
    .filter(({ event }) => options.events === "shown" || isNoteworthy(event));
  const shown = events.slice(0, mostEvents);
  const texts = shown.map(({ event }) => eventText(event, format));
  const width = Math.max(0, ...texts.map((text) => text.length));
  const lines = shown.flatMap(({ place }, index) => {
    const text = texts[index] ?? "";
    return place === "" ? [text] : placedLines(text.padEnd(width), place);
  });
  const more = events.length - shown.length;
  return [...lines, ...(more > 0 ? [`… ${counted(more, "event")} not shown`] : [])].map(paint.dim);
}

/** Upstream's place for each event of a step. */
function placesOf({ edition }: Run, { events, statement }: Step): string[] {
  const call = statement.kind === "call" ? statement.call : "";
  return placesOfEvents(events, { edition, call }).map(eventPlaceText);
}

/** An event with its place, below it where both do not fit a line. */
function placedLines(text: string, place: string): string[] {
  const line = `${text}  ${place}`;
  if (DETAIL_INDENT.length + line.length <= COLUMNS) return [line];
  const below = wrapProse(place, `${DETAIL_INDENT}    `);
  return [text.trimEnd(), ...below.map((one) => one.slice(DETAIL_INDENT.length))];
}
