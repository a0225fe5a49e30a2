/**
 * An area as cells: one for each frame, or for as many as have to share one.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { countFrames, type FrameCounts, piecesOf } from "../block_runs.ts";

/** A block that is at least as large as a cell. */
export interface WholeBlock {
  /** The first frame. */
  readonly first: number;
  /** How many frames. */
  readonly frames: number;
  /** The page state of its first frame. */
  readonly state: number;
}

/** Frames of smaller blocks, or of none, in a cell or several that are alike. */
export interface FoldedCell {
  /** The first frame. */
  readonly first: number;
  /** How many frames. */
  readonly frames: number;
  /** What they are. */
  readonly counts: FrameCounts;
}

/** An area as cells, in rows that are aligned to their length. */
export interface AreaCells {
  /** The frames of a cell: a power of two. */
  readonly cellFrames: number;
  /** The frames of a row: a power of two. */
  readonly rowFrames: number;
  /** The first frame of the first row. */
  readonly first: number;
  /** How many rows. */
  readonly rows: number;
  /** The blocks that are drawn by themselves. */
  readonly blocks: readonly WholeBlock[];
  /** The rest. */
  readonly folded: readonly FoldedCell[];
  /** The first frames of cells in which a block's states disagree with its head. */
  readonly disagreeing: readonly number[];
}

/** How many cells there can be. */
export interface CellLimits {
  /** The cells of a row: a power of two. */
  readonly rowCells: number;
  /** The most rows, at least 2. */
  readonly mostRows: number;
}

/** The scale of an area: the smallest cells with which it has no more rows than it may. */
function scaleOf(view: AreaView, { rowCells, mostRows }: CellLimits): AreaCells {
  const start = Math.min(view.metadata, view.base);
  const end = Math.max(view.top, view.base, start + 1);
  for (let cellFrames = 1;; cellFrames *= 2) {
    const rowFrames = cellFrames * rowCells;
    const firstRow = Math.floor(start / rowFrames);
    const rows = Math.ceil(end / rowFrames) - firstRow;
    if (rows > mostRows) continue;
    const first = firstRow * rowFrames;
    return { cellFrames, rowFrames, first, rows, blocks: [], folded: [], disagreeing: [] };
  }
}

/** Where cells begin, and where the last one ends. */
function limitsOf({ base, top }: AreaView, cellFrames: number): number[] {
  const limits: number[] = [base];
  for (let at = base - base % cellFrames + cellFrames; at < top; at += cellFrames) limits.push(at);
  return [...limits, top];
}

/** The one status that all counted frames have; null if there are several. */
export function onlyStatusOf(counts: FrameCounts): keyof FrameCounts | null {
  const present = STATUS_KEYS.filter((status) => counts[status] > 0);
  return present.length === 1 ? present[0] ?? null : null;
}

/** What frames are counted by, in the order in which they are drawn. */
export const STATUS_KEYS = ["fresh", "free", "allocated", "special", "disagreeing"] as const;

/** Puts neighbouring cells of a row together where all frames of both have one status. */
function joinedCells(cells: readonly FoldedCell[], rowFrames: number): FoldedCell[] {
  const found: FoldedCell[] = [];
  for (const cell of cells) {
    const last = found.at(-1);
    const status = onlyStatusOf(cell.counts);
    const isNext = last !== undefined && last.first + last.frames === cell.first &&
      cell.first % rowFrames !== 0 && status !== null && status === onlyStatusOf(last.counts);
    if (!isNext) {
      found.push(cell);
      continue;
    }
    const counts = { ...last.counts };
    counts[status] += cell.counts[status];
    found[found.length - 1] = { ...last, frames: last.frames + cell.frames, counts };
  }
  return found;
}

/**
 * Lays an area out in cells. The number of cells is bounded, whatever the area holds; a block that is
 * larger than a cell is one piece.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param limits how many cells there can be
 * @returns the cells, by ascending frame
 */
export function cellsOf(
  view: AreaView,
  format: PageStateFormat,
  limits: CellLimits,
): AreaCells {
  const scale = scaleOf(view, limits);
  const { cellFrames, rowFrames } = scale;
  if (view.states.length === 0 || view.top <= view.base) return scale;
  const blocks: WholeBlock[] = [];
  const disagreeing = new Set<number>();
  for (const piece of piecesOf(view, format)) {
    if (piece.kind === "strays" || 2 ** piece.order < cellFrames) continue;
    const frames = 2 ** piece.order;
    for (let index = 0; index < piece.count; index++) {
      blocks.push({ first: piece.first + index * frames, frames, state: piece.state });
    }
    for (const { first, count } of piece.deviations) {
      const start = first - first % cellFrames;
      for (let at = start; at < first + count; at += cellFrames) disagreeing.add(at);
    }
  }
  const folded = foldedBetween(view, format, blocks, limitsOf(view, cellFrames));
  return {
    ...scale,
    blocks,
    folded: joinedCells(folded, rowFrames),
    disagreeing: [...disagreeing],
  };
}

/** The cells that no block fills. */
function foldedBetween(
  view: AreaView,
  format: PageStateFormat,
  blocks: readonly WholeBlock[],
  limits: readonly number[],
): FoldedCell[] {
  const counts = countFrames(piecesOf(view, format), limits);
  let next = 0;
  return counts.flatMap((count, index): FoldedCell[] => {
    const [first, end] = [limits[index] ?? 0, limits[index + 1] ?? 0];
    while (endOf(blocks[next]) <= first) next++;
    const isWhole = (blocks[next]?.first ?? Infinity) <= first;
    const isKnown = STATUS_KEYS.some((status) => count[status] > 0);
    return isWhole || !isKnown ? [] : [{ first, frames: end - first, counts: count }];
  });
}

function endOf(block: WholeBlock | undefined): number {
  return block === undefined ? Infinity : block.first + block.frames;
}
