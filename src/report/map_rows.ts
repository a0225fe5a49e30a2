/**
 * The rows of a page map: 16 cells each, aligned, and runs of rows that are alike.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import { type BlockRun, framesOf, type Piece, piecesOf } from "./block_runs.ts";
import { type StateMeaning, stateMeanings } from "./state_text.ts";

/** The number of cells of a row. */
export const ROW_FRAMES = 16;

/** A cell inside a block. */
export const SAME_BLOCK = "--";
/** A cell of a frame that holds page states. */
export const METADATA = "##";
/** A cell of a frame whose state disagrees with its block's head, or can be no head's. */
export const DISAGREES = "!!";
/** A cell of a frame outside of the area. */
export const OUTSIDE = "  ";

/** Equal rows, each below the other. */
export interface EqualRows {
  /** Tells the rows apart. */
  readonly kind: "equal";
  /** The frame of the first row's first cell; a multiple of 16. */
  readonly first: number;
  /** The 16 cells. */
  readonly cells: readonly string[];
  /** How many rows. */
  readonly rows: number;
}

/** Rows inside a block, or what follows the first row of the first of several equal blocks. */
export interface InnerRows {
  /** Tells the rows apart. */
  readonly kind: "inner";
  /** The frame of the first row's first cell; a multiple of 16. */
  readonly first: number;
  /** How many rows, at least two. */
  readonly rows: number;
  /** How many blocks, the one that began above included. */
  readonly blocks: number;
  /** Their order. */
  readonly order: number;
}

/** Rows of a page map. */
export type MapRows = EqualRows | InnerRows;

/** Whether rows that are alike are told in one line. */
export type Folding = "folded" | "none";

/** Puts cells into rows, and rows that are alike together. */
class RowBuilder {
  readonly #folding: Folding;
  readonly #finished: MapRows[] = [];
  #first: number;
  #cells: string[];
  #pending: EqualRows | null = null;

  constructor(first: number, folding: Folding) {
    const before = first % ROW_FRAMES;
    this.#folding = folding;
    this.#first = first - before;
    this.#cells = Array(before).fill(OUTSIDE);
  }

  /** Whether there are rows to be taken. */
  get isReady(): boolean {
    return this.#finished.length > 0;
  }

  /** The rows that are finished, once. */
  take(): MapRows[] {
    return this.#finished.splice(0);
  }

  /** Finishes the last row. */
  end(): void {
    if (this.#cells.length > 0) this.repeat(OUTSIDE, ROW_FRAMES - this.#cells.length);
    this.#flush();
  }

  /** Adds equal cells. */
  repeat(cell: string, count: number): void {
    let left = count;
    while (left > 0 && (this.#cells.length > 0 || left < ROW_FRAMES)) {
      this.#cell(cell);
      left--;
    }
    const rows = Math.floor(left / ROW_FRAMES);
    if (rows > 0) this.#rows(Array(ROW_FRAMES).fill(cell), rows);
    for (left -= rows * ROW_FRAMES; left > 0; left--) this.#cell(cell);
  }

  /** Adds equal blocks. */
  blocks(head: string, order: number, count: number): void {
    const size = 2 ** order;
    if (size <= ROW_FRAMES) this.#smallBlocks(head, size, count);
    else if (this.#folding === "none") {
      for (let block = 0; block < count; block++) this.#largeBlock(head, size);
    } else {
      this.#largeBlock(head, ROW_FRAMES);
      this.#inner((size * count) / ROW_FRAMES - 1, count, order);
    }
  }

  /** Adds cells inside a block. */
  inside(count: number, order: number): void {
    const aligned = this.#cells.length === 0 ? 0 : ROW_FRAMES - this.#cells.length;
    const before = Math.min(count, aligned);
    this.repeat(SAME_BLOCK, before);
    const rows = Math.floor((count - before) / ROW_FRAMES);
    this.#inner(rows, 1, order);
    this.repeat(SAME_BLOCK, count - before - rows * ROW_FRAMES);
  }

  #largeBlock(head: string, size: number): void {
    this.#cell(head);
    this.repeat(SAME_BLOCK, size - 1);
  }

  #smallBlocks(head: string, size: number, count: number): void {
    const perRow = ROW_FRAMES / size;
    let left = count;
    while (left > 0 && (this.#cells.length > 0 || left < perRow)) {
      this.#cell(head);
      this.repeat(SAME_BLOCK, size - 1);
      left--;
    }
    const rows = Math.floor(left / perRow);
    if (rows === 0) return;
    const block = [head, ...Array(size - 1).fill(SAME_BLOCK)];
    this.#rows(Array(perRow).fill(block).flat(), rows);
    this.#smallBlocks(head, size, left - rows * perRow);
  }

  #inner(rows: number, blocks: number, order: number): void {
    if (rows < 2 || this.#folding === "none") {
      this.repeat(SAME_BLOCK, rows * ROW_FRAMES);
      return;
    }
    this.#flush();
    this.#finished.push({ kind: "inner", first: this.#first, rows, blocks, order });
    this.#first += rows * ROW_FRAMES;
  }

  #cell(cell: string): void {
    this.#cells.push(cell);
    if (this.#cells.length < ROW_FRAMES) return;
    const cells = this.#cells;
    this.#cells = [];
    this.#rows(cells, 1);
  }

  #rows(cells: readonly string[], rows: number): void {
    const pending = this.#pending;
    const first = this.#first;
    this.#first += rows * ROW_FRAMES;
    if (pending !== null && pending.cells.every((cell, index) => cell === cells[index])) {
      this.#pending = { ...pending, rows: pending.rows + rows };
      return;
    }
    this.#flush();
    this.#pending = { kind: "equal", first, cells, rows };
  }

  #flush(): void {
    if (this.#pending !== null) this.#finished.push(this.#pending);
    this.#pending = null;
  }
}

/** What stands in the cell of a block's head. */
type HeadTexts = ReadonlyArray<StateMeaning | null>;

function addPiece(builder: RowBuilder, piece: Piece, texts: HeadTexts): void {
  if (piece.kind === "strays") {
    builder.repeat(DISAGREES, piece.count);
    return;
  }
  const head = texts[piece.state]?.text ?? DISAGREES;
  if (piece.deviations.length > 0) addDeviating(builder, piece, head);
  else builder.blocks(head, piece.order, piece.count);
}

function addDeviating(builder: RowBuilder, block: BlockRun, head: string): void {
  builder.repeat(head, 1);
  let at = block.first + 1;
  for (const { first, count } of block.deviations) {
    builder.inside(first - at, block.order);
    builder.repeat(DISAGREES, count);
    at = first + count;
  }
  builder.inside(block.first + 2 ** block.order - at, block.order);
}

/**
 * The rows of an area's page map.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param folding whether large blocks are told in one line
 * @returns the rows, by ascending frame; neighbours that are equal are one
 */
export function* mapRowsOf(
  view: AreaView,
  format: PageStateFormat,
  folding: Folding,
): Generator<MapRows> {
  const start = Math.min(view.metadata, view.base);
  const builder = new RowBuilder(start, folding);
  builder.repeat(METADATA, view.base - start);
  const texts = stateMeanings(format);
  for (const piece of piecesOf(view, format)) {
    addPiece(builder, piece, texts);
    if (builder.isReady) yield* builder.take();
  }
  builder.end();
  yield* builder.take();
}

/**
 * Some rows of an area's page map.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @param firsts the first frame of each row; multiples of 16, ascending
 * @returns the 16 cells of each
 */
export function rowsAt(
  view: AreaView,
  format: PageStateFormat,
  firsts: readonly number[],
): string[][] {
  const texts = stateMeanings(format);
  const rows = firsts.map((first) => {
    return Array.from({ length: ROW_FRAMES }, (_, column): string => {
      const frame = first + column;
      return frame >= view.metadata && frame < view.base ? METADATA : OUTSIDE;
    });
  });
  let current = 0;
  for (const piece of piecesOf(view, format)) {
    const end = piece.first + framesOf(piece);
    while ((firsts[current] ?? Infinity) + ROW_FRAMES <= piece.first) current++;
    for (let row = current; (firsts[row] ?? Infinity) < end; row++) {
      const first = firsts[row] ?? 0;
      for (let at = Math.max(first, piece.first); at < Math.min(first + ROW_FRAMES, end); at++) {
        rows[row]?.splice(at - first, 1, cellAt(piece, at, texts));
      }
    }
  }
  return rows;
}

function cellAt(piece: Piece, frame: number, texts: HeadTexts): string {
  if (piece.kind === "strays") return DISAGREES;
  if ((frame - piece.first) % 2 ** piece.order === 0) {
    return texts[piece.state]?.text ?? DISAGREES;
  }
  const deviates = piece.deviations.some(({ first, count }) => {
    return frame >= first && frame < first + count;
  });
  return deviates ? DISAGREES : SAME_BLOCK;
}
