/**
 * The runs of a list of single pages: neighbours in memory that follow one another on the list.
 *
 * ```text
 *   list   8 9 10 11 4 5 30        runs   [8, 12) [4, 6) [30, 31)
 * ```
 *
 * A walk over runs finds what a walk over pages finds, in the time of the runs. For each size it begins at
 * the first run that could serve, so that requests of one size do not walk over the same ones again and
 * again.
 *
 * @module
 */

import { unreachable } from "./outcome.ts";

/** No run. */
const NONE = -1;
/** Sizes are 2^0 to 2^52 pages. */
const SIZES = 53;
const FIRST_ROOM = 64;

/** A run. */
export interface PageRun {
  /** Its first frame. */
  readonly first: number;
  /** The frame behind its last. */
  readonly end: number;
}

/** Frames that were taken out of the list, and what stands around the gap. */
export interface TakenRun {
  /** The first of them. */
  readonly first: number;
  /** The frame on the list before them; null if they were the first. */
  readonly before: number | null;
  /** The frame on the list behind them; null if they were the last. */
  readonly after: number | null;
}

/** The runs of a list on which each frame stands at most once, in the order of the list. */
export class ListRuns {
  #firsts = new Float64Array(FIRST_ROOM);
  #ends = new Float64Array(FIRST_ROOM);
  #nexts = new Int32Array(FIRST_ROOM);
  #previous = new Int32Array(FIRST_ROOM);
  #head = NONE;
  /** How many places were ever used, and those of them that are free. */
  #places = 0;
  readonly #freePlaces: number[] = [];
  /** By order: no run before this one can serve a request of 2^order pages. */
  readonly #from = new Int32Array(SIZES).fill(NONE);

  /** The runs, in the order of the list. */
  *runs(): Generator<PageRun> {
    for (let run = this.#head; run !== NONE; run = this.#nextOf(run)) {
      yield { first: this.#firstOf(run), end: this.#endOf(run) };
    }
  }

  /**
   * Puts frames in front of the list, the lowest one first.
   *
   * @param first the first frame, which is not on the list, nor are those behind it
   * @param count how many
   */
  push(first: number, count: number): void {
    const head = this.#head;
    if (head !== NONE && this.#firstOf(head) === first + count) this.#firsts[head] = first;
    else this.#insert(first, first + count, NONE, head);
    for (let order = 0; order < SIZES; order++) {
      if (this.#servedAt(this.#head, 2 ** order) === NONE) break;
      this.#from[order] = this.#head;
    }
  }

  /**
   * Takes the first frames that ascend and begin aligned to their number.
   *
   * @param order the base-2 logarithm of their number
   * @returns what was taken; null if there is no such run
   */
  take(order: number): TakenRun | null {
    const count = 2 ** order;
    let run = this.#from[order] ?? NONE;
    let first = NONE;
    while (run !== NONE && (first = this.#servedAt(run, count)) === NONE) run = this.#nextOf(run);
    this.#from[order] = run;
    if (run === NONE) return null;
    const [previous, next, start, end] = [
      this.#previous[run] ?? NONE,
      this.#nextOf(run),
      this.#firstOf(run),
      this.#endOf(run),
    ];
    const top = first + count;
    const taken = {
      first,
      before: first > start ? first - 1 : previous === NONE ? null : this.#endOf(previous) - 1,
      after: top < end ? top : next === NONE ? null : this.#firstOf(next),
    };
    if (first > start) {
      this.#ends[run] = first;
      if (top < end) this.#insert(top, end, run, next);
    } else if (top < end) this.#firsts[run] = top;
    else this.#remove(run, order);
    return taken;
  }

  #firstOf(run: number): number {
    return this.#firsts[run] ?? unreachable("a run has no place");
  }

  #endOf(run: number): number {
    return this.#ends[run] ?? unreachable("a run has no place");
  }

  #nextOf(run: number): number {
    return this.#nexts[run] ?? NONE;
  }

  /** The first frame of a run at which so many aligned ones begin. */
  #servedAt(run: number, count: number): number {
    const first = Math.ceil(this.#firstOf(run) / count) * count;
    return first + count <= this.#endOf(run) ? first : NONE;
  }

  #insert(first: number, end: number, previous: number, next: number): void {
    const run = this.#freePlaces.pop() ?? this.#places++;
    if (run === this.#firsts.length) this.#grow();
    this.#firsts[run] = first;
    this.#ends[run] = end;
    this.#previous[run] = previous;
    this.#nexts[run] = next;
    if (next !== NONE) this.#previous[next] = run;
    if (previous === NONE) this.#head = run;
    else this.#nexts[previous] = run;
  }

  /**
   * Takes a whole run out, which was the first to serve an order. What stood before and behind it may be
   * neighbours: together they may serve an order that neither served, and are the first that does, because
   * nothing before them serves even the order that was asked for.
   */
  #remove(run: number, order: number): void {
    const [previous, next] = [this.#previous[run] ?? NONE, this.#nextOf(run)];
    const areNeighbours = previous !== NONE && next !== NONE &&
      this.#endOf(previous) === this.#firstOf(next);
    const [left, right] = areNeighbours ? [this.#previous[previous] ?? NONE, this.#nextOf(next)] : [
      previous,
      next,
    ];
    this.#freePlaces.push(run);
    if (left === NONE) this.#head = areNeighbours ? next : right;
    let stands = right;
    if (areNeighbours) {
      this.#freePlaces.push(previous);
      this.#firsts[next] = this.#firstOf(previous);
      stands = next;
    }
    if (left !== NONE) this.#nexts[left] = stands;
    if (stands !== NONE) this.#previous[stands] = left;
    for (let size = 0; size < SIZES; size++) {
      const from = this.#from[size];
      const isGone = from === run || (areNeighbours && from === previous);
      const serves = areNeighbours && size >= order && this.#servedAt(next, 2 ** size) !== NONE;
      if (isGone || serves) this.#from[size] = stands;
    }
  }

  #grow(): void {
    const room = 2 * this.#firsts.length;
    const [firsts, ends] = [new Float64Array(room), new Float64Array(room)];
    const [nexts, previous] = [new Int32Array(room), new Int32Array(room)];
    firsts.set(this.#firsts);
    ends.set(this.#ends);
    nexts.set(this.#nexts);
    previous.set(this.#previous);
    [this.#firsts, this.#ends, this.#nexts, this.#previous] = [firsts, ends, nexts, previous];
  }
}
