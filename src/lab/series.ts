/**
 * Values over time, at so few moments that memory is bounded, whatever the length.
 *
 * @module
 */

/** A value after an operation. */
export interface Point<T> {
  /** How many operations were run. */
  readonly operation: number;
  /** The value then. */
  readonly value: T;
}

/** How close values are to each other. */
export interface Resolution {
  /** How many intervals there are at most: an even number. */
  readonly most: number;
  /** How many operations the first intervals have. */
  readonly first: number;
}

/** What pictures show. */
export const FINE: Resolution = { most: 240, first: 1 };
/** Where each look takes long. */
export const COARSE: Resolution = { most: 24, first: 4096 };

/**
 * Points at equal distances, which are short at first; whenever there are too many, every other point
 * is forgotten, and the distance doubles. So at least half of the points are there in the end, and nobody
 * needs to know beforehand how long it takes.
 */
export class Series<T> {
  readonly #most: number;
  #points: Point<T>[] = [];
  #interval: number;

  /**
   * Begins with the value before the first operation.
   *
   * @param first the value
   * @param resolution how close values are to each other
   */
  constructor(first: T, resolution: Resolution = FINE) {
    this.#most = resolution.most;
    this.#interval = resolution.first;
    this.#points.push({ operation: 0, value: first });
  }

  /** After which operation the next value is wanted. */
  get next(): number {
    return (this.#points.at(-1)?.operation ?? 0) + this.#interval;
  }

  /**
   * Takes the value that is wanted next.
   *
   * @param value the value after operation {@linkcode Series.next}
   */
  add(value: T): void {
    this.#points.push({ operation: this.next, value });
    if (this.#points.length <= this.#most) return;
    this.#interval *= 2;
    this.#points = this.#points.filter(({ operation }) => operation % this.#interval === 0);
  }

  /**
   * The points, and one at the end.
   *
   * @param operations how many operations were run
   * @param last makes the value then
   * @returns the points, by ascending operation
   */
  pointsTo(operations: number, last: () => T): readonly Point<T>[] {
    if (this.#points.at(-1)?.operation === operations) return [...this.#points];
    return [...this.#points, { operation: operations, value: last() }];
  }
}
