/**
 * Two sequences of runs, compared place by place.
 *
 * @module
 */

/** A run: something that stands in so many places in a row. */
export interface PairRun<T> {
  /** What stands there. */
  readonly value: T;
  /** In how many places, at least 1. */
  readonly count: number;
}

/** Places in a row in which two sequences hold two values. */
export interface Pair<T> {
  /** The first place. */
  readonly first: number;
  /** In how many places. */
  readonly count: number;
  /** What the left sequence holds; null behind its end. */
  readonly left: T | null;
  /** What the right sequence holds; null behind its end. */
  readonly right: T | null;
}

/** A sequence as it is used up. */
class Cursor<T> {
  readonly #runs: readonly PairRun<T>[];
  #index = 0;
  #used = 0;

  constructor(runs: readonly PairRun<T>[]) {
    this.#runs = runs;
  }

  get value(): T | null {
    return this.#runs[this.#index]?.value ?? null;
  }

  /** In how many places the value goes on; without an end behind the last run. */
  get left(): number {
    const run = this.#runs[this.#index];
    return run === undefined ? Infinity : run.count - this.#used;
  }

  skip(count: number): void {
    this.#used += count;
    while (this.left <= 0) {
      this.#index++;
      this.#used = 0;
    }
  }
}

/**
 * Lays two sequences side by side.
 *
 * @param left the one
 * @param right the other; it may be longer or shorter
 * @returns the places, in order, each in one pair; neighbouring pairs may be equal
 */
export function* pairsOf<T>(
  left: readonly PairRun<T>[],
  right: readonly PairRun<T>[],
): Generator<Pair<T>> {
  const [one, other] = [new Cursor(left), new Cursor(right)];
  one.skip(0);
  other.skip(0);
  for (let first = 0;;) {
    const count = Math.min(one.left, other.left);
    if (count === Infinity) return;
    yield { first, count, left: one.value, right: other.value };
    first += count;
    one.skip(count);
    other.skip(count);
  }
}

/**
 * The places in which two sequences differ.
 *
 * @param left the one
 * @param right the other
 * @param isEqual whether two values count as equal; a missing one equals nothing
 * @returns the pairs that differ; neighbours that are alike are one
 */
export function differencesOf<T>(
  left: readonly PairRun<T>[],
  right: readonly PairRun<T>[],
  isEqual: (one: T, other: T) => boolean,
): Pair<T>[] {
  const found: Pair<T>[] = [];
  for (const pair of pairsOf(left, right)) {
    if (pair.left !== null && pair.right !== null && isEqual(pair.left, pair.right)) continue;
    const last = found.at(-1);
    const isNext = last !== undefined && last.first + last.count === pair.first &&
      last.left === pair.left && last.right === pair.right;
    if (isNext) found[found.length - 1] = { ...last, count: last.count + pair.count };
    else found.push(pair);
  }
  return found;
}
