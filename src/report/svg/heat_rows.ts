/**
 * The rows of a heat map: the frames that ever change, with a margin, and what most of a row is.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { countFrames, framesOf, type Piece, piecesOf } from "../block_runs.ts";
import { STATUS_KEYS } from "./area_cells.ts";
import { type FrameRange, united } from "./heat_columns.ts";
import { markOf } from "./marks.ts";

/** Rows in a row: frames `[first, end)` of an area. */
export interface Band extends FrameRange {
  /** The area's slot. */
  readonly area: number;
  /** Where its rows begin, and where the last one ends. */
  readonly limits: readonly number[];
}

/** The rows of a heat map. */
export interface HeatRows {
  /** The frames of a row: a power of two. */
  readonly rowFrames: number;
  /** The rows, by ascending frame. */
  readonly bands: readonly Band[];
}

/** What lies between two bands is at least so many rows. */
const LEAST_GAP = 4;
/** Where there would be so many times too many rows, nobody tries. */
const MOST_TRIED = 16;
/** The most bands. */
const MOST_BANDS = 12;

/** Where the rows of frames begin; they are aligned, and end where the area does. */
function limitsOf({ first, end }: FrameRange, rowFrames: number): number[] {
  const limits: number[] = [first];
  for (let at = first - first % rowFrames + rowFrames; at < end; at += rowFrames) limits.push(at);
  return [...limits, end];
}

function bandsOf(
  changed: readonly FrameRange[],
  areas: readonly AreaView[],
  rowFrames: number,
): Band[] {
  return areas.flatMap(({ area, base, top }) => {
    const inside = changed.filter(({ first, end }) => first < top && end > base)
      .map(({ first, end }) => ({
        first: Math.max(base, first - first % rowFrames - rowFrames),
        end: Math.min(top, Math.ceil(end / rowFrames) * rowFrames + rowFrames),
      }));
    return united(inside, LEAST_GAP * rowFrames)
      .map((range) => ({ ...range, area, limits: limitsOf(range, rowFrames) }));
  });
}

/**
 * Finds the rows of a heat map: the frames that ever change and one row on each side. The rows are as
 * fine as their number allows. If no frame changes, all are shown.
 *
 * @param changed the frames that change
 * @param areas the areas
 * @param most the most rows
 * @returns the rows; none if there are no areas
 */
export function rowsOf(
  changed: readonly FrameRange[],
  areas: readonly AreaView[],
  most: number,
): HeatRows {
  const sorted = areas.filter(({ base, top }) => base < top).toSorted((one, other) =>
    one.base - other.base
  );
  const shown = changed.length > 0
    ? changed
    : sorted.map(({ base, top }) => ({ first: base, end: top }));
  const mostBands = Math.max(MOST_BANDS, sorted.length);
  const frames = shown.reduce((sum, { first, end }) => sum + end - first, 0);
  let rowFrames = 1;
  // Rows that are far too fine are not even counted: there may be billions.
  while (frames / rowFrames > MOST_TRIED * most) rowFrames *= 2;
  for (;; rowFrames *= 2) {
    const bands = bandsOf(shown, sorted, rowFrames);
    const rows = bands.reduce((sum, { limits }) => sum + limits.length - 1, 0);
    const isEnough = rows <= most && bands.length <= mostBands;
    if (isEnough || bands.every(({ limits }) => limits.length <= 2)) return { rowFrames, bands };
  }
}

/** The key with the largest share; null where there is none. */
function largest<T>(shares: ReadonlyMap<T, number>): T | null {
  let best: T | null = null;
  let most = 0;
  for (const [key, share] of shares) if (share > most) [best, most] = [key, share];
  return best;
}

/**
 * The status that most frames of each row have, as the class of its mark.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param limits where the rows begin, and where the last one ends
 * @returns the class of each row; null where nothing is known
 */
export function marksOfRows(
  view: AreaView,
  format: PageStateFormat,
  limits: readonly number[],
): (string | null)[] {
  return countFrames(piecesOf(view, format), limits).map((counts) => {
    const key = largest(new Map(STATUS_KEYS.map((status) => [status, counts[status]])));
    return key === null ? null : markOf(key);
  });
}

/**
 * The order of the blocks in which most frames of each row lie.
 *
 * @param pieces the area's pieces, by ascending frame
 * @param limits where the rows begin, and where the last one ends
 * @returns the order for each row; null where frames that are no block prevail
 */
export function ordersOfRows(
  pieces: Iterable<Piece>,
  limits: readonly number[],
): (number | null)[] {
  const shares = limits.slice(1).map(() => new Map<number | null, number>());
  let current = 0;
  for (const piece of pieces) {
    const end = piece.first + framesOf(piece);
    while ((limits[current + 1] ?? Infinity) <= piece.first) current++;
    for (let row = current; row < shares.length && (limits[row] ?? Infinity) < end; row++) {
      const frames = Math.min(end, limits[row + 1] ?? end) -
        Math.max(piece.first, limits[row] ?? piece.first);
      const order = piece.kind === "strays" ? null : piece.order;
      const counts = shares[row];
      if (frames > 0) counts?.set(order, (counts.get(order) ?? 0) + frames);
    }
  }
  return shares.map(largest);
}
