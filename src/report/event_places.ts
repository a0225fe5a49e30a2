/**
 * Where upstream does what an event tells.
 *
 * An event does not say which function it comes from; what stands before and behind it does, because each
 * function reports in one order:
 *
 * ```text
 *   split()               unlink, split, link lower, link upper
 *   page_memalign_order() unlink, [link back …,] state
 *   _free_pages()         link front
 *   coalesce()            unlink upper, unlink lower, link front, coalesce
 *   reserve one page      state; the repaired code: unlink, state
 * ```
 *
 * @module
 */

import { pageStateFormatOf } from "../alloc_page/mod.ts";
import type { Edition } from "../edition.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import { placeText, statementPlace } from "../sources.ts";
import type { SourcePlace, SourceStatement } from "../sources.ts";

/** Where something is done, and what an edition without a text of its own does otherwise there. */
export interface EventPlace {
  /** The place upstream. */
  readonly place: SourcePlace;
  /** What is done otherwise than there, as a verb phrase; empty for nothing. */
  readonly departs: string;
}

/** What the events of a step are read with. */
export interface PlaceContext {
  /** The edition that ran. */
  readonly edition: Edition;
  /** The call that the scenario made, such as `free_pages`; empty if that is not known. */
  readonly call: string;
}

/** What the edition that keeps upstream's promises does otherwise at a statement. */
const DEPARTURES: { readonly [Name in SourceStatement]?: string } = {
  takeLinksFresh: "gives back all that the size and the alignment leave over",
  takeFreshStates: "gives back all that the size and the alignment leave over",
  mergeStates: "joins any two usable buddies",
  mergeCompares: "joins any two usable buddies",
  initChecksSize: "leaves a small range out, and goes on",
  initChecksSlot: "a zone can have several ranges",
};

/** What becomes of a reserved frame. */
const TAKES_OFF = "takes the frame off its list";

/**
 * The place of a statement in the text of an edition.
 *
 * Editions: `sourceLines`.
 *
 * @param edition the edition
 * @param name the statement
 * @param departs what is done otherwise there; what is known of the statement by default
 * @returns the place
 */
export function placeIn(edition: Edition, name: SourceStatement, departs?: string): EventPlace {
  const text = edition.sourceLines;
  const isOurs = text === "departs-from-4a54e8a3";
  return {
    place: statementPlace(text, name),
    departs: isOurs ? departs ?? DEPARTURES[name] ?? "" : "",
  };
}

/**
 * A place in words, with what departs from it.
 *
 * @param place the place
 * @returns such as `coalesce(), lib/alloc_page.c, line 243 at head, but joins any two usable buddies`
 */
export function eventPlaceText({ place, departs }: EventPlace): string {
  return placeText(place) + (departs === "" ? "" : `, but ${departs}`);
}

/** The events of a step, and the one that is looked at. */
interface Position {
  readonly events: readonly AllocatorEvent[];
  readonly at: number;
  readonly context: PlaceContext;
}

type UnlinkEvent = Extract<AllocatorEvent, { kind: "unlink" }>;
type LinkEvent = Extract<AllocatorEvent, { kind: "link" }>;

/** The join that a block is taken off its list for: the event behind it, over links of the same join. */
function joinBehind({ events, at }: Position, { order }: UnlinkEvent): AllocatorEvent | null {
  for (const event of events.slice(at + 1, at + 4)) {
    if (event.kind === "coalesce") return event.order === order + 1 ? event : null;
    if (event.kind !== "unlink" && event.kind !== "link") return null;
  }
  return null;
}

function unlinkStatement(position: Position, event: UnlinkEvent): SourceStatement {
  const next = position.events[position.at + 1];
  if (next?.kind === "split" && next.pfn === event.pfn) return "splitUnlinks";
  const join = joinBehind(position, event);
  if (join?.kind === "coalesce") {
    return join.pfn === event.pfn ? "mergeUnlinksLower" : "mergeUnlinksUpper";
  }
  const special = pageStateFormatOf(position.context.edition).special;
  if (next?.kind === "state" && next.state === special) return "reserveStates";
  // Nothing is taken off a list to be given back but to be joined, even if an assertion ended the join.
  return /^(?:free|unreserve)/.test(position.context.call) ? "mergeUnlinksUpper" : "takeUnlinks";
}

/** The split that a half is linked by: right before it, or before its other half. */
function splitBefore({ events, at }: Position, link: LinkEvent): "lower" | "upper" | null {
  const [earlier, before] = [events[at - 2], events[at - 1]];
  if (before?.kind === "split") return before.order === link.order + 1 ? "lower" : null;
  if (before?.kind !== "link" || earlier?.kind !== "split") return null;
  const isUpper = earlier.order === link.order + 1 && before.order === link.order;
  return isUpper && before.pfn === earlier.pfn ? "upper" : null;
}

function linkStatement(position: Position, event: LinkEvent): SourceStatement {
  const isFresh = event.end === "back";
  const half = splitBefore(position, event);
  if (half === "lower") return isFresh ? "splitLinksFreshLower" : "splitLinksLower";
  if (half === "upper") return isFresh ? "splitLinksFreshUpper" : "splitLinksUpper";
  const next = position.events[position.at + 1];
  if (next?.kind === "coalesce" && next.pfn === event.pfn) return "mergeLinks";
  return isFresh ? "takeLinksFresh" : "freeLinks";
}

function statementOf(position: Position, event: AllocatorEvent): SourceStatement {
  const { context } = position;
  switch (event.kind) {
    case "area":
      return "initDescribes";
    case "left-out":
      return event.reason === "too-small" ? "initChecksSize" : "initChecksSlot";
    case "link":
      return linkStatement(position, event);
    case "unlink":
      return unlinkStatement(position, event);
    case "split":
      return "splitStates";
    case "coalesce":
      return "mergeStates";
    case "state":
      return event.state === pageStateFormatOf(context.edition).special
        ? "reserveStates"
        : "takeStates";
    case "zero":
      return "requestZeroes";
    case "undefined":
      return context.call.startsWith("reserve") || context.call.endsWith("special")
        ? "reserveMasks"
        : "takeFreshStates";
  }
}

/**
 * Finds where upstream does what the events of a step tell.
 *
 * @param events the events of one step, all of them, in order
 * @param context the edition that ran, and the call
 * @returns a place for each event, in the same order
 */
export function placesOfEvents(
  events: readonly AllocatorEvent[],
  context: PlaceContext,
): EventPlace[] {
  const { edition } = context;
  return events.map((event, at) => {
    const statement = statementOf({ events, at, context }, event);
    const isTakenOff = event.kind === "unlink" && statement === "reserveStates";
    return isTakenOff ? placeIn(edition, statement, TAKES_OFF) : placeIn(edition, statement);
  });
}
