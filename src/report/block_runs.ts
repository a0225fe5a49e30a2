/**
 * An area's page states as blocks: what each byte means where it stands.
 *
 * @module
 */

import type { PageStateFormat, PageStatus } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import { type StateMeaning, stateMeanings } from "./state_text.ts";

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
  const meanings = stateMeanings(format);
  const cursor = new Cursor(view.states);
  cursor.skip(0);
  for (let first: number = view.base; first < view.top;) {
    const { state } = cursor;
    if (state === null) return;
    const piece = pieceAt(cursor, state, first, view.top, meanings[state] ?? null);
    yield piece;
    first += framesOf(piece);
  }
}

const NO_DEVIATIONS: readonly FrameRun[] = [];

function pieceAt(
  cursor: Cursor,
  state: number,
  first: number,
  top: number,
  meaning: StateMeaning | null,
): Piece {
  const left = Math.min(cursor.left, top - first);
  const size = 2 ** (meaning?.order ?? 0);
  const behind = first % size;
  if (meaning === null || behind !== 0 || first + size > top) {
    const count = behind === 0 ? left : Math.min(left, size - behind);
    cursor.skip(count);
    return { kind: "strays", first, count, state };
  }
  const { status, order } = meaning;
  const whole = Math.floor(left / size);
  const deviations = whole === 0 ? deviationsIn(cursor, state, first, size) : NO_DEVIATIONS;
  if (whole > 0) cursor.skip(whole * size);
  return { kind: "blocks", first, count: Math.max(1, whole), state, status, order, deviations };
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
export type FrameCounts = Record<PageStatus | "disagreeing", number>;

/**
 * Counts frames by the status of their block, in shares.
 *
 * @param pieces the pieces, by ascending frame
 * @param limits where the shares begin, and behind them the end of the last one; ascending
 * @returns the counts of each share
 */
export function countFrames(pieces: Iterable<Piece>, limits: readonly number[]): FrameCounts[] {
  const shares = limits.slice(1).map((end, index) => ({
    first: limits[index] ?? 0,
    end,
    counts: { fresh: 0, free: 0, allocated: 0, special: 0, disagreeing: 0 },
  }));
  let current = 0;
  for (const piece of pieces) {
    while ((shares[current]?.end ?? Infinity) <= piece.first) current++;
    const end = piece.first + framesOf(piece);
    for (let index = current; (shares[index]?.first ?? Infinity) < end; index++) {
      const share = shares[index];
      if (share !== undefined) addToCounts(share.counts, piece, share.first, share.end);
    }
  }
  return shares.map(({ counts }) => counts);
}

function addToCounts(counts: FrameCounts, piece: Piece, first: number, end: number): void {
  const frames = overlap(piece.first, framesOf(piece), first, end);
  counts[piece.kind === "strays" ? "disagreeing" : piece.status] += frames;
  if (piece.kind === "strays") return;
  for (const deviation of piece.deviations) {
    const count = overlap(deviation.first, deviation.count, first, end);
    counts[piece.status] -= count;
    counts.disagreeing += count;
  }
}

function overlap(at: number, count: number, first: number, end: number): number {
  return Math.max(0, Math.min(at + count, end) - Math.max(at, first));
}
