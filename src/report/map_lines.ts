/**
 * The lines of one area's page map: rows, what stands for rows that are left out, and notes.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import {
  type BlockRun,
  countFrames,
  type FrameCounts,
  type FrameRun,
  piecesOf,
  type StrayRun,
} from "./block_runs.ts";
import { bareHex, counted } from "./columns.ts";
import {
  DISAGREES,
  type Folding,
  type InnerRows,
  type MapRows,
  mapRowsOf,
  OUTSIDE,
  ROW_FRAMES,
} from "./map_rows.ts";
import { type Paint, paintOfStatus } from "./paint.ts";
import { stateMeaning, stateText, STATUSES, statusOfCell } from "./state_text.ts";

/** Areas with no more rows are not folded. */
const SMALL_AREA_ROWS = 40;
/** Of a folded area: the lines from its bottom. */
const HEAD_LINES = 28;
/** Of a folded area: the rows, or runs of equal rows, at its top. */
const TAIL_ROWS = 5;
/** Of a folded area: the lines for what lies between. */
const SHARES = 8;
/** If no more rows follow those from the bottom, nothing is left out. */
const MOST_ROWS_AFTER = 8;
/** Of a folded area: the notes. */
const FOLDED_NOTES = 6;

/** The width of the pfns in front of rows, at least. */
const LABEL_WIDTH = 6;

/** The spaces between the pfn of a row and its first cell. */
export const LABEL_GAP = 3;

/** What the lines of an area are made of. */
interface MapContext {
  readonly view: AreaView;
  readonly format: PageStateFormat;
  readonly paint: Paint;
  readonly labelWidth: number;
}

/** The lines of an area's page map, below its heading. */
export interface MapLines {
  /** The rows and notes, coloured. */
  readonly lines: readonly string[];
  /** The width of the pfns in front of rows. */
  readonly labelWidth: number;
  /** Whether there are cells that disagree. */
  readonly hasNotes: boolean;
}

/**
 * The lines of an area's page map, below its heading and the digits.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param folding whether a large area is folded
 * @param paint the colours
 * @returns the lines
 */
export function mapLinesOf(
  view: AreaView,
  format: PageStateFormat,
  folding: Folding,
  paint: Paint,
): MapLines {
  const labelWidth = Math.max(LABEL_WIDTH, bareHex(Math.max(view.top, view.base) - 1).length);
  const context = { view, format, paint, labelWidth };
  const first = Math.floor(Math.min(view.metadata, view.base) / ROW_FRAMES);
  const rows = Math.ceil(Math.max(view.top, view.base) / ROW_FRAMES) - first;
  const isFolded = folding === "folded" && rows > SMALL_AREA_ROWS;
  const notes = noteLines(context, isFolded ? FOLDED_NOTES : Infinity);
  const lines = isFolded ? foldedLines(context) : allLines(context);
  return { lines: [...lines, ...notes], labelWidth, hasNotes: notes.length > 0 };
}

function allLines(context: MapContext): string[] {
  const lines: string[] = [];
  for (const rows of mapRowsOf(context.view, context.format, "none")) {
    if (rows.kind === "inner") continue;
    for (let row = 0; row < rows.rows; row++) {
      lines.push(rowLine(context, rows.first + row * ROW_FRAMES, rows.cells));
    }
  }
  return lines;
}

function foldedLines(context: MapContext): string[] {
  const head: string[] = [];
  let rest: MapRows[] = [];
  let end = Infinity;
  for (const rows of mapRowsOf(context.view, context.format, "folded")) {
    if (head.length < HEAD_LINES) {
      head.push(...linesOf(context, rows));
      end = rows.first + rows.rows * ROW_FRAMES;
      continue;
    }
    rest.push(rows);
    if (rest.length === 4 * MOST_ROWS_AFTER) rest = rest.slice(-MOST_ROWS_AFTER - 1);
  }
  const tail = rest.length <= MOST_ROWS_AFTER ? rest : tailOf(rest);
  const between = shareLines(context, end, tail[0]?.first ?? end);
  return [...head, ...between, ...tail.flatMap((rows) => linesOf(context, rows))];
}

/** The last rows, from one on that begins with a block's head. */
function tailOf(rows: readonly MapRows[]): MapRows[] {
  const tail = rows.slice(-TAIL_ROWS);
  return tail[0]?.kind === "inner" ? rows.slice(-TAIL_ROWS - 1) : tail;
}

function linesOf(context: MapContext, rows: MapRows): string[] {
  if (rows.kind === "inner") return [foldLine(context, innerText(rows))];
  const line = rowLine(context, rows.first, rows.cells);
  if (rows.rows === 1) return [line];
  if (rows.rows > 2) return [line, foldLine(context, `${rows.rows - 1} rows like it`)];
  return [line, rowLine(context, rows.first + ROW_FRAMES, rows.cells)];
}

function innerText({ rows, blocks, order }: InnerRows): string {
  const what = blocks === 1 ? "one block" : `${blocks} blocks`;
  return `${rows} rows: ${rows * ROW_FRAMES} frames of ${what}, order ${order}`;
}

function foldLine({ paint, labelWidth }: MapContext, text: string): string {
  return paint.dim(`${" ".repeat(labelWidth + LABEL_GAP - 1)}… ${text}`);
}

function rowLine(
  { paint, labelWidth }: MapContext,
  first: number,
  cells: readonly string[],
): string {
  const last = cells.findLastIndex((cell) => cell !== OUTSIDE);
  const painted = cells.slice(0, last + 1).map((cell) => paintCell(paint, cell)).join(" ");
  const label = bareHex(first).padStart(labelWidth);
  return `${paint.dim(label)}${" ".repeat(LABEL_GAP)}${painted}`;
}

function paintCell(paint: Paint, cell: string): string {
  if (cell === OUTSIDE) return cell;
  if (cell === DISAGREES) return paint.bad(cell);
  const status = statusOfCell(cell);
  return status === null ? paint.dim(cell) : paintOfStatus(paint, status)(cell);
}

/** What lies between two frames, in shares of equal size, told by counts. */
function shareLines(
  { view, format, labelWidth, paint }: MapContext,
  first: number,
  end: number,
): string[] {
  if (end <= first) return [];
  let size = ROW_FRAMES;
  while (Math.ceil(end / size) - Math.floor(first / size) > SHARES) size *= 2;
  const limits = [first];
  for (let at = first; at < end;) {
    at = Math.min(end, (Math.floor(at / size) + 1) * size);
    limits.push(at);
  }
  return countFrames(piecesOf(view, format), limits).map((counts, index) => {
    const [at = 0, next = 0] = limits.slice(index);
    const rows = counted((next - at) / ROW_FRAMES, "row");
    return `${paint.dim(bareHex(at).padStart(labelWidth))}  … ${rows} not shown: ${
      countsText(counts)
    }`;
  });
}

/**
 * Frames by status, in words.
 *
 * @param counts the counts
 * @returns such as `20 fresh, 1 allocated`; what there is none of is left out
 */
export function countsText(counts: FrameCounts): string {
  const parts = [...STATUSES, "disagreeing" as const].filter((name) => counts[name] > 0)
    .map((name) => `${counts[name]} ${name}`);
  return parts.length === 0 ? "no frames" : parts.join(", ");
}

/** A note and what it is about. */
interface Note {
  readonly run: FrameRun;
  readonly text: string;
}

function* notesOf({ view, format }: MapContext): Generator<Note> {
  for (const piece of piecesOf(view, format)) {
    if (piece.kind === "strays") yield { run: piece, text: strayText(format, piece) };
    else for (const run of piece.deviations) yield { run, text: deviationText(format, piece, run) };
  }
}

function strayText(format: PageStateFormat, stray: StrayRun): string {
  const text = stateText(format, stray.state);
  return stateMeaning(format, stray.state) === null
    ? `${text}, which is no page state of this edition`
    : `${text}, where no block of that order fits`;
}

function deviationText(format: PageStateFormat, block: BlockRun, run: FrameRun): string {
  const head = stateText(format, block.state);
  return `${stateText(format, run.state)}, in the block ${head} at ${bareHex(block.first)}`;
}

function noteLines(context: MapContext, most: number): string[] {
  const lines: string[] = [];
  let left = 0;
  for (const { run, text } of notesOf(context)) {
    if (lines.length === most) {
      left += run.count;
      continue;
    }
    const last = run.first + run.count - 1;
    const frames = run.count === 1 ? bareHex(last) : `${bareHex(run.first)}..${bareHex(last)}`;
    lines.push(`state ${frames.padEnd(2 * context.labelWidth + 2)}  ${text}`);
  }
  if (left > 0) lines.push(`state … of ${counted(left, "more frame")} that disagree not shown`);
  return lines.map(context.paint.bad);
}
