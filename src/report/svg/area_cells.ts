/**
 * An area as cells: one for each frame, or for as many as have to share one.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { countFrames, type FrameCounts, framesOf, piecesOf } from "../block_runs.ts";

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

/** A row, or several that hold one block or nothing but page states: they are drawn as one. */
export interface CellRow {
  /** The first frame of the row: a multiple of its length. */
  readonly first: number;
  /** How many rows of the area it stands for. */
  readonly rows: number;
}

/** An area as cells, in rows that are aligned to their length. */
export interface AreaCells {
  /** The frames of a cell: a power of two. */
  readonly cellFrames: number;
  /** The frames of a row: a power of two. */
  readonly rowFrames: number;
  /** The rows, by ascending frame. */
  readonly rows: readonly CellRow[];
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
  /** The most rows where cells are larger than a frame; as many by default. */
  readonly mostFoldedRows?: number;
}

/** Frames in a row that are cut in equal blocks, or in none. */
interface Stretch {
  readonly first: number;
  readonly frames: number;
  /** The frames of a block; those of the stretch where nothing cuts it. */
  readonly size: number;
}

/** An area from its page states to its top. */
function* stretchesOf(view: AreaView, format: PageStateFormat): Generator<Stretch> {
  const { metadata, base, top } = view;
  if (metadata < base) yield { first: metadata, frames: base - metadata, size: base - metadata };
  if (top <= base) return;
  if (view.states.length === 0) yield { first: base, frames: top - base, size: top - base };
  for (const piece of piecesOf(view, format)) {
    const frames = framesOf(piece);
    yield { first: piece.first, frames, size: piece.kind === "strays" ? 1 : frames / piece.count };
  }
}

/** The rows that a stretch needs: whole rows that nothing cuts are one. */
function* rowsOf({ first, frames, size }: Stretch, rowFrames: number): Generator<CellRow> {
  const end = first + frames;
  for (let at = first - first % rowFrames; at < end;) {
    const whole = at < first ? 0 : Math.floor((Math.min(end, at + size) - at) / rowFrames);
    const rows = Math.max(1, whole);
    yield { first: at, rows };
    at += rows * rowFrames;
  }
}

/** How many rows an area needs, for rows of several lengths. */
function rowCounts(
  stretches: Iterable<Stretch>,
  lengths: readonly number[],
): readonly number[] {
  const counts = lengths.map(() => 0);
  const lasts = lengths.map(() => -1);
  for (const stretch of stretches) {
    const { first, frames, size } = stretch;
    for (const [index, length] of lengths.entries()) {
      const last = Math.floor((first + frames - 1) / length);
      const from = Math.max((lasts[index] ?? -1) + 1, Math.floor(first / length));
      lasts[index] = last;
      const isCut = size < length;
      const needed = isCut
        ? Math.max(0, last - from + 1)
        : countOf(rowsOf(stretch, length), from * length);
      counts[index] = (counts[index] ?? 0) + needed;
    }
  }
  return counts;
}

/** How many rows there are from a frame on. */
function countOf(rows: Iterable<CellRow>, from: number): number {
  let count = 0;
  for (const { first } of rows) if (first >= from) count++;
  return count;
}

/** The scale of an area: the smallest cells with which it has no more rows than it may. */
function scaleOf(view: AreaView, format: PageStateFormat, limits: CellLimits): AreaCells {
  const { rowCells, mostRows, mostFoldedRows = mostRows } = limits;
  const start = Math.min(view.metadata, view.base);
  const end = Math.max(view.top, view.base, start + 1);
  const lengths: number[] = [rowCells];
  const most = Math.min(mostRows, mostFoldedRows);
  for (let length = rowCells; Math.ceil(end / length) - Math.floor(start / length) > most;) {
    length *= 2;
    lengths.push(length);
  }
  const counts = rowCounts(stretchesOf(view, format), lengths);
  const chosen = counts.findIndex((count, index) => {
    return count <= (index === 0 ? mostRows : mostFoldedRows);
  });
  const rowFrames = lengths[chosen] ?? rowCells;
  const rows = new Map<number, CellRow>();
  for (const stretch of stretchesOf(view, format)) {
    for (const row of rowsOf(stretch, rowFrames)) {
      if (!rows.has(row.first)) rows.set(row.first, row);
    }
  }
  return {
    cellFrames: rowFrames / rowCells,
    rowFrames,
    rows: [...rows.values()],
    blocks: [],
    folded: [],
    disagreeing: [],
  };
}

/** Where the cells of an area's rows begin and end; what lies between two rows is longer than a cell. */
function limitsOf({ base, top }: AreaView, { rows, rowFrames, cellFrames }: AreaCells): number[] {
  const limits = new Set<number>();
  for (const { first } of rows) {
    for (let at = first; at <= first + rowFrames; at += cellFrames) {
      limits.add(Math.min(top, Math.max(base, at)));
    }
  }
  return [...limits].sort((one, other) => one - other);
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
  const scale = scaleOf(view, format, limits);
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
      addCells(disagreeing, scale, { first, end: first + count });
    }
  }
  const folded = foldedBetween(view, format, blocks, scale);
  return {
    ...scale,
    blocks,
    folded: joinedCells(folded, rowFrames),
    disagreeing: [...disagreeing],
  };
}

/** Adds the first frames of the cells that frames lie in; inside of rows drawn as one, those of the first. */
function addCells(
  cells: Set<number>,
  { rows, rowFrames, cellFrames }: AreaCells,
  { first, end }: { readonly first: number; readonly end: number },
): void {
  for (const row of rows) {
    const rowEnd = row.first + row.rows * rowFrames;
    if (row.first >= end || rowEnd <= first) continue;
    if (row.rows > 1) {
      cells.add(row.first + rowFrames - cellFrames);
      continue;
    }
    const start = Math.max(row.first, first - first % cellFrames);
    for (let at = start; at < Math.min(end, rowEnd); at += cellFrames) cells.add(at);
  }
}

/** The cells that no block fills. */
function foldedBetween(
  view: AreaView,
  format: PageStateFormat,
  blocks: readonly WholeBlock[],
  scale: AreaCells,
): FoldedCell[] {
  const limits = limitsOf(view, scale);
  const counts = countFrames(piecesOf(view, format), limits);
  let next = 0;
  return counts.flatMap((count, index): FoldedCell[] => {
    const [first, end] = [limits[index] ?? 0, limits[index + 1] ?? 0];
    while (endOf(blocks[next]) <= first) next++;
    const isWhole = (blocks[next]?.first ?? Infinity) <= first;
    const isKnown = STATUS_KEYS.some((status) => count[status] > 0);
    const isGap = end - first > scale.cellFrames;
    return isWhole || isGap || !isKnown ? [] : [{ first, frames: end - first, counts: count }];
  });
}

function endOf(block: WholeBlock | undefined): number {
  return block === undefined ? Infinity : block.first + block.frames;
}
