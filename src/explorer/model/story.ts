/**
 * A step in words: what was decided, what was done, and where upstream does it.
 *
 * @module
 */

import { pageStateFormatOf } from "../../alloc_page/mod.ts";
import type { Edition } from "../../edition.ts";
import { formatStopped } from "../../outcome.ts";
import type { AllocatorEvent } from "../../page_allocator.ts";
import { bareHex, counted } from "../../report/columns.ts";
import { eventPlaceText, placeIn, placesOfEvents } from "../../report/event_places.ts";
import { eventText } from "../../report/events.ts";
import { mallocStory } from "./malloc_story.ts";
import type { StepBetween } from "./malloc_story.ts";
import type { StoryLine } from "./state_view.ts";
import { functionPlace } from "./writers.ts";

/** Of one step, so many events are told. */
const MOST_EVENTS = 200;

const NO_BLOCK = "finds no block that is large and aligned enough in the areas asked for";

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** What was decided, and the statement that decides it. */
interface Decision {
  readonly text: string;
  readonly statement: "takeSearches" | "takeFindsNone" | "mergeCompares" | "reserveMasks";
}

/** What a request decided: which block it took, and how far it was split. */
function requestDecision(events: readonly AllocatorEvent[]): Decision | null {
  const taken = events.find(({ kind }) => kind === "unlink");
  if (taken?.kind !== "unlink") return null;
  const splits = events.filter(({ kind }) => kind === "split").length;
  const what = `takes ${bareHex(taken.pfn)} off the list of order ${taken.order}`;
  const text = splits === 0
    ? `${what}: it fits as it is`
    : `${what}, and splits ${timesText(splits)} on the way to the size asked for`;
  return { text, statement: "takeSearches" };
}

/** What giving back decided: where the block went, and whether it joined others. */
function releaseDecision(events: readonly AllocatorEvent[]): Decision | null {
  const joins = events.filter(({ kind }) => kind === "coalesce").length;
  const last = events.findLast(({ kind }) => kind === "link");
  if (last?.kind !== "link") return null;
  const where = `it stands at the ${last.end} of the list of order ${last.order} now`;
  const text = joins === 0
    ? `joins ${bareHex(last.pfn)} with no buddy: ${where}`
    : `joins buddies ${timesText(joins)}, up to ${bareHex(last.pfn)}: ${where}`;
  return { text, statement: "mergeCompares" };
}

/** What a reservation decided: how often blocks were split until the frames stood alone. */
function reservationDecision(events: readonly AllocatorEvent[]): Decision | null {
  const splits = events.filter(({ kind }) => kind === "split").length;
  if (splits === 0) return null;
  const text = `splits ${timesText(splits)}, until each frame to be reserved is a block of its own`;
  return { text, statement: "reserveMasks" };
}

/** The decision behind a step, read off its events; null where there was none to take. */
function decisionOf(
  { step: { statement, outcome, events }, before }: StepBetween,
): Decision | null {
  if (statement.kind !== "call") return null;
  const { call } = statement;
  if (before.ops.current === "page") {
    if (/^(?:malloc|calloc|memalign)$/.test(call)) return requestDecision(events);
    if (call === "free") return releaseDecision(events);
  }
  if (/^(?:alloc_page|memalign_page)/.test(call)) {
    const isRefused = outcome.kind === "returned" && outcome.value.kind === "null";
    if (isRefused) return { text: NO_BLOCK, statement: "takeFindsNone" };
    return requestDecision(events);
  }
  if (call === "reserve_pages") return reservationDecision(events);
  return /^(?:free_page|unreserve_page)/.test(call) ? releaseDecision(events) : null;
}

/** Why the machine was stopped, with the place. */
function endingOf({ step: { outcome }, before }: StepBetween): StoryLine[] {
  if (outcome.kind === "returned" || outcome.kind === "not-run") return [];
  if (outcome.kind === "fault") {
    const { by, access } = outcome;
    const source = functionPlace(before, by, access.kind === "read" ? "read" : "write");
    return [{ text: formatStopped(outcome), source }];
  }
  const { file, line, function: name } = outcome.source;
  const place = `${name}(), ${file}${line === null ? "" : `:${line}`}`;
  return [{ text: formatStopped(outcome), source: place }];
}

function lineOfDecision({ text, statement }: Decision, edition: Edition): StoryLine {
  return { text, source: eventPlaceText(placeIn(edition, statement)) };
}

/**
 * Tells what a step did.
 *
 * @param between the step, and the machines before and after
 * @returns the decisions first, then each thing done, then why the machine was stopped, if it was
 */
export function storyOf(between: StepBetween): StoryLine[] {
  const { step, before: { edition } } = between;
  const decision = decisionOf(between);
  const call = step.statement.kind === "call" ? step.statement.call : "";
  const places = placesOfEvents(step.events, { edition, call });
  const format = pageStateFormatOf(edition);
  const lines = step.events.slice(0, MOST_EVENTS).map((event, index) => {
    const place = places[index];
    const source = place === undefined ? "" : eventPlaceText(place);
    return { text: eventText(event, format), source };
  });
  const more = step.events.length - lines.length;
  return [
    ...mallocStory(between),
    ...(decision === null ? [] : [lineOfDecision(decision, edition)]),
    ...lines,
    ...(more > 0 ? [{ text: `… ${counted(more, "event")} not told`, source: "" }] : []),
    ...endingOf(between),
  ];
}
