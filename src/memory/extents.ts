/**
 * Large stretches of pages with the same content, as a sorted list.
 *
 * @module
 */

import type { Background } from "./power_on.ts";

/** What the host has behind a page: nothing yet, memory, or memory it took away again. */
export type Backing = "untouched" | "touched" | "discarded";

/** A stretch of host pages `[first, end)` that are all alike. */
export interface Extent {
  /** The first page. */
  readonly first: number;
  /** The page after the last. */
  readonly end: number;
  /** What all bytes hold. */
  readonly background: Background;
  /** What the host has behind each page. */
  readonly backing: Backing;
}

function isAlike(one: Extent, other: Extent): boolean {
  return one.background === other.background && one.backing === other.backing;
}

/**
 * The stretches of pages that were filled or discarded as a whole; what lies between them was never
 * touched. Neighbours that are alike are joined, so the cost follows the number of differences.
 */
export class Extents {
  /** Disjoint, ascending, no two alike next to each other. */
  #list: Extent[] = [];
  readonly #untouched: Background;

  /** Makes an empty list; `untouched` is what pages hold at power-on. */
  constructor(untouched: Background) {
    this.#untouched = untouched;
  }

  /** The number of stretches kept. */
  get count(): number {
    return this.#list.length;
  }

  /** The index of the first stretch that ends after a page. */
  #indexAfter(page: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#list[middle]?.end ?? 0) > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The stretch that holds a page; one that was never touched reaches up to the next one kept. */
  at(page: number): Extent {
    const index = this.#indexAfter(page);
    const found = this.#list[index];
    if (found !== undefined && found.first <= page) return found;
    return {
      first: this.#list[index - 1]?.end ?? 0,
      end: found?.first ?? Infinity,
      background: this.#untouched,
      backing: "untouched",
    };
  }

  /** Makes a stretch alike, in place of whatever its pages held. */
  set(extent: Extent): void {
    let { first, end } = extent;
    const from = this.#indexAfter(first - 1);
    let to = from;
    const kept: Extent[] = [];
    let after: Extent | null = null;
    for (; to < this.#list.length; to++) {
      const old = this.#list[to];
      if (old === undefined || old.first > end) break;
      if (isAlike(old, extent)) {
        first = Math.min(first, old.first);
        end = Math.max(end, old.end);
        continue;
      }
      if (old.first < extent.first) kept.push({ ...old, end: Math.min(old.end, extent.first) });
      if (old.end > extent.end) after = { ...old, first: Math.max(old.first, extent.end) };
    }
    kept.push({ ...extent, first, end });
    if (after !== null) kept.push(after);
    this.#list.splice(from, to - from, ...kept);
  }

  /** An independent copy. */
  clone(): Extents {
    const copy = new Extents(this.#untouched);
    copy.#list = this.#list.slice();
    return copy;
  }
}
