/**
 * What a block table says of each block: its place on free lists, and what is wrong with it.
 *
 * @module
 */

import type { PageStateFormat, PageStatus } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import { type BlockRun, type FrameRun, type Piece, piecesOf } from "./block_runs.ts";
import { bareHex } from "./columns.ts";
import { stateMeaning, stateText } from "./state_text.ts";

/** A place on a free list. */
export interface Listing {
  /** The area whose list it is. */
  readonly area: number;
  /** The order whose list it is. */
  readonly order: number;
  /** The number of blocks in front of it. */
  readonly position: number;
}

/** The places of each frame that a list leads to. */
export type Listings = ReadonlyMap<number, readonly Listing[]>;

/** What a block table says of a block, or of frames that are none. */
export interface BlockLine {
  /** The first frame. */
  readonly first: number;
  /** How many frames. */
  readonly frames: number;
  /** The order; null for frames that are no block. */
  readonly order: number | null;
  /** The status; null for frames that are no block. */
  readonly status: PageStatus | null;
  /** Its places on free lists, such as `2[0]`. */
  readonly listed: readonly string[];
  /** What is wrong with it. */
  readonly remarks: readonly string[];
}

/**
 * Finds where frames stand on free lists, by a walk along each list of each area.
 *
 * @param areas all areas, as lists can be linked across
 * @returns the places of each frame
 */
export function listingsOf(areas: readonly AreaView[]): Listings {
  const listings = new Map<number, Listing[]>();
  for (const { area, freeLists } of areas) {
    for (const { order, forward } of freeLists) {
      for (const [position, frame] of forward.pfns.entries()) {
        const listing = { area, order, position };
        const known = listings.get(frame);
        if (known === undefined) listings.set(frame, [listing]);
        else known.push(listing);
      }
    }
  }
  return listings;
}

const NOT_LISTED: readonly Listing[] = [];
const NOTHING: readonly string[] = [];

/**
 * What a block table says of an area, block by block.
 *
 * Frames that a list leads to although no block begins there come last.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param listings the places of frames on free lists
 * @returns the lines
 */
export function* blockLinesOf(
  view: AreaView,
  format: PageStateFormat,
  listings: Listings,
): Generator<BlockLine> {
  const seen = new Set<number>();
  for (const piece of piecesOf(view, format)) {
    if (piece.kind === "strays") {
      yield strayLine(piece, format);
      continue;
    }
    for (let block = 0; block < piece.count; block++) {
      const first = piece.first + block * 2 ** piece.order;
      const places = listings.get(first) ?? NOT_LISTED;
      if (places.length > 0) seen.add(first);
      yield blockLine(view, piece, first, places, format);
    }
  }
  for (const [first, places] of listings) {
    if (seen.has(first) || first < Math.min(view.metadata, view.base) || first >= view.top) {
      continue;
    }
    yield {
      first,
      frames: 1,
      order: null,
      status: null,
      listed: places.map((place) => placeText(view, place)),
      remarks: [first < view.base ? "listed, but metadata" : "listed, but no block begins there"],
    };
  }
}

function strayLine(stray: Extract<Piece, { kind: "strays" }>, format: PageStateFormat): BlockLine {
  const text = stateText(format, stray.state);
  const remark = stateMeaning(format, stray.state) === null
    ? `${text} is no page state of this edition`
    : `${text} where no block of that order fits`;
  const { first, count } = stray;
  return { first, frames: count, order: null, status: null, listed: NOTHING, remarks: [remark] };
}

function blockLine(
  view: AreaView,
  block: BlockRun,
  first: number,
  places: readonly Listing[],
  format: PageStateFormat,
): BlockLine {
  const { order, status } = block;
  const listed = places.length === 0 ? NOTHING : places.map((place) => placeText(view, place));
  const remarks = [
    ...listingRemarks(view, block, places),
    ...(block.deviations.length === 0 ? [] : [deviationRemark(block.deviations, format)]),
  ];
  return { first, frames: 2 ** order, order, status, listed, remarks };
}

function placeText(view: AreaView, { area, order, position }: Listing): string {
  return `${area === view.area ? "" : `area ${area} `}${order}[${position}]`;
}

function listingRemarks(
  view: AreaView,
  { order, status }: BlockRun,
  places: readonly Listing[],
): string[] {
  const usable = status === "fresh" || status === "free";
  if (places.length === 0) return usable ? ["not listed"] : [];
  const orders = [...new Set(places.map((place) => place.order))].filter((one) => one !== order);
  const areas = [...new Set(places.map((place) => place.area))].filter((one) => one !== view.area);
  return [
    ...(places.length === 1
      ? []
      : [places.length === 2 ? "listed twice" : `listed ${places.length} times`]),
    ...(usable ? [] : [`listed but ${status}`]),
    ...orders.map((one) => `listed on order ${one}`),
    ...areas.map((one) => `listed in area ${one}`),
  ];
}

/** Of a block that disagrees in many places, so many are named. */
const MOST_PLACES = 4;

function deviationRemark(deviations: readonly FrameRun[], format: PageStateFormat): string {
  const named = deviations.slice(0, MOST_PLACES).map(({ first, count, state }) => {
    const frames = count === 1
      ? bareHex(first)
      : `${bareHex(first)}..${bareHex(first + count - 1)}`;
    return `${frames} (${stateText(format, state)})`;
  });
  const more = deviations.length - named.length;
  return `state disagrees at ${named.join(", ")}${more > 0 ? ` and in ${more} more places` : ""}`;
}
