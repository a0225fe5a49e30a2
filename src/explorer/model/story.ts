/**
 * A step in words: what was decided, what was done, and where upstream does it.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import { formatStopped } from "../../outcome.ts";
import type { AllocatorEvent } from "../../page_allocator.ts";
import { bareHex, counted } from "../../report/columns.ts";
import { eventText } from "../../report/events.ts";
import type { Step } from "../../scenario/mod.ts";
import type { StoryLine } from "./state_view.ts";

/** Of one step, so many events are told. */
const MOST_EVENTS = 200;

/** Where upstream does what an event tells. Page states are marked in several places. */
const SOURCES: Readonly<Record<AllocatorEvent["kind"], string>> = {
  "area": "_page_alloc_init_area(), lib/alloc_page.c",
  "left-out": "_page_alloc_init_area(), lib/alloc_page.c",
  "link": "",
  "unlink": "list_remove(), lib/list.h",
  "split": "split(), lib/alloc_page.c",
  "coalesce": "coalesce(), lib/alloc_page.c",
  "state": "lib/alloc_page.c",
  "zero": "memset()",
  "undefined": "",
};

function sourceOf(event: AllocatorEvent): string {
  if (event.kind !== "link") return SOURCES[event.kind];
  return event.end === "front" ? "list_add(), lib/list.h" : "list_add_tail(), lib/list.h";
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** What a request decided: which block it took, and how far it was split. */
function requestDecision(events: readonly AllocatorEvent[]): string | null {
  const taken = events.find(({ kind }) => kind === "unlink");
  if (taken?.kind !== "unlink") return null;
  const splits = events.filter(({ kind }) => kind === "split").length;
  const what = `takes ${bareHex(taken.pfn)} off the list of order ${taken.order}`;
  return splits === 0
    ? `${what}: it fits as it is`
    : `${what}, and splits ${timesText(splits)} on the way to the size asked for`;
}

/** What giving back decided: where the block went, and whether it joined others. */
function releaseDecision(events: readonly AllocatorEvent[]): string | null {
  const joins = events.filter(({ kind }) => kind === "coalesce").length;
  const last = events.findLast(({ kind }) => kind === "link");
  if (last?.kind !== "link") return null;
  const where = `it stands at the ${last.end} of the list of order ${last.order} now`;
  return joins === 0
    ? `joins ${bareHex(last.pfn)} with no buddy: ${where}`
    : `joins buddies ${timesText(joins)}, up to ${bareHex(last.pfn)}: ${where}`;
}

/** The decision behind a step, read off its events; null where there was none to take. */
function decisionOf({ statement, outcome, events }: Step): string | null {
  if (statement.kind !== "call") return null;
  const { call } = statement;
  if (/^(?:alloc_page|memalign_page)/.test(call)) {
    const isRefused = outcome.kind === "returned" && outcome.value.kind === "null";
    if (isRefused) return "finds no block that is large and aligned enough in the areas asked for";
    return requestDecision(events);
  }
  return /^(?:free_page|unreserve_page)/.test(call) ? releaseDecision(events) : null;
}

/** Why the machine was stopped, with the place. */
function endingOf({ outcome }: Step): StoryLine[] {
  if (outcome.kind === "returned" || outcome.kind === "not-run") return [];
  if (outcome.kind === "fault") return [{ text: formatStopped(outcome), source: outcome.by }];
  const { file, line, function: name } = outcome.source;
  const place = `${name}(), ${file}${line === null ? "" : `:${line}`}`;
  return [{ text: formatStopped(outcome), source: place }];
}

/**
 * Tells what a step did.
 *
 * @param step the step
 * @param format the encoding of page states
 * @returns the decision first, then each thing done, then why the machine was stopped, if it was
 */
export function storyOf(step: Step, format: PageStateFormat): StoryLine[] {
  const decision = decisionOf(step);
  const events = step.events.slice(0, MOST_EVENTS);
  const more = step.events.length - events.length;
  return [
    ...(decision === null ? [] : [{ text: decision, source: "" }]),
    ...events.map((event) => ({ text: eventText(event, format), source: sourceOf(event) })),
    ...(more > 0 ? [{ text: `… ${counted(more, "event")} not told`, source: "" }] : []),
    ...endingOf(step),
  ];
}
