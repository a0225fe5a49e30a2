/**
 * An area's page states as blocks: what each byte means where it stands.
 *
 * @module
 */

import { decodePageState } from "../alloc_page/mod.ts";
import type { PageStateFormat, PageStatus } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import { isKnownState } from "./state_text.ts";

/** Frames in a row with the same page state. */
export interface FrameRun {
  /** The first frame. */
  readonly first: number;
  /** How many frames. */
  readonly count: number;
  /** The page state byte. */
  readonly state: number;
}

/** Equal blocks, each right behind the other. */
export interface BlockRun {
  /** Tells the pieces apart. */
  readonly kind: "blocks";
  /** The first frame of the first block. */
  readonly first: number;
  /** How many blocks. */
  readonly count: number;
  /** The page state of each block's first frame. */
  readonly state: number;
  /** The status in that byte. */
  readonly status: PageStatus;
  /** The order in that byte. */
  readonly order: number;
  /** Frames of the block whose state is another; empty unless it is a single block. */
  readonly deviations: readonly FrameRun[];
}

/**
 * Frames whose state can be no block's: a block of that order cannot begin there, would not end inside
 * the area, or no status has these bits.
 */
export interface StrayRun extends FrameRun {
  /** Tells the pieces apart. */
  readonly kind: "strays";
}

/** A piece of an area. */
export type Piece = BlockRun | StrayRun;

/** The number of frames of a piece. */
export function framesOf(piece: Piece): number {
  return piece.kind === "strays" ? piece.count : piece.count * 2 ** piece.order;
}

/** Page states as they are used up. */
class Cursor {
  readonly #states: AreaView["states"];
  #index = 0;
  #used = 0;

  constructor(states: AreaView["states"]) {
    this.#states = states;
  }

  /** The byte of the next frame; null behind the last one. */
  get state(): number | null {
    return this.#states[this.#index]?.state ?? null;
  }

  /** How many frames have that byte. */
  get left(): number {
    return (this.#states[this.#index]?.count ?? 0) - this.#used;
  }

  /** Goes on, over at most what is left of one byte. */
  skip(count: number): void {
    this.#used += count;
    while (this.state !== null && this.left <= 0) {
      this.#index++;
      this.#used = 0;
    }
  }
}

/**
 * Cuts an area into blocks, from `base` upwards. Every frame whose state is known is in one piece.
 *
 * A head's order says how far its block reaches; what deviates inside is told with the block. The cost
 * follows the runs of states, not the frames.
 *
 * @param view the area
 * @param format the encoding of its page states
 * @returns the pieces, by ascending frame
 */
export function* piecesOf(
  view: Pick<AreaView, "base" | "top" | "states">,
  format: PageStateFormat,
): Generator<Piece> {
  const cursor = new Cursor(view.states);
  cursor.skip(0);
  for (let first: number = view.base; first < view.top;) {
    const { state } = cursor;
    if (state === null) return;
    const piece = pieceAt(cursor, state, first, view.top, format);
    yield piece;
    first += framesOf(piece);
  }
}

function pieceAt(
  cursor: Cursor,
  state: number,
  first: number,
  top: number,
  format: PageStateFormat,
): Piece {
  const meaning = decodePageState(format, state);
  const size = 2 ** meaning.order;
  const behind = first % size;
  const left = Math.min(cursor.left, top - first);
  const known = isKnownState(format, state);
  if (!known || behind !== 0 || first + size > top) {
    const count = known && behind !== 0 ? Math.min(left, size - behind) : left;
    cursor.skip(count);
    return { kind: "strays", first, count, state };
  }
  const block = { kind: "blocks", first, state, ...meaning } as const;
  const count = Math.floor(left / size);
  if (count === 0) {
    return { ...block, count: 1, deviations: deviationsIn(cursor, state, first, size) };
  }
  cursor.skip(count * size);
  return { ...block, count, deviations: [] };
}

/** Uses up one block and finds the frames that do not have its state. */
function deviationsIn(cursor: Cursor, state: number, first: number, size: number): FrameRun[] {
  const deviations: FrameRun[] = [];
  for (let at = first; at < first + size && cursor.state !== null;) {
    const count = Math.min(cursor.left, first + size - at);
    if (cursor.state !== state) deviations.push({ first: at, count, state: cursor.state });
    at += count;
    cursor.skip(count);
  }
  return deviations;
}

/** The number of frames by status, and of those whose state disagrees. */
export interface FrameCounts extends Readonly<Record<PageStatus, number>> {
  /** Frames whose state is not that of their block's head, or can be no head's. */
  readonly disagreeing: number;
}

/**
 * Counts frames by the status of their block.
 *
 * @param pieces the pieces
 * @param first frames below are not counted
 * @param end frames from here on are not counted
 * @returns the counts
 */
export function countFrames(pieces: Iterable<Piece>, first = 0, end = Infinity): FrameCounts {
  const counts = { fresh: 0, free: 0, allocated: 0, special: 0, disagreeing: 0 };
  for (const piece of pieces) {
    const inside = overlap(piece.first, framesOf(piece), first, end);
    if (inside === 0) continue;
    if (piece.kind === "strays") {
      counts.disagreeing += inside;
      continue;
    }
    counts[piece.status] += inside;
    for (const deviation of piece.deviations) {
      const count = overlap(deviation.first, deviation.count, first, end);
      counts[piece.status] -= count;
      counts.disagreeing += count;
    }
  }
  return counts;
}

function overlap(at: number, count: number, first: number, end: number): number {
  return Math.max(0, Math.min(at + count, end) - Math.max(at, first));
}
