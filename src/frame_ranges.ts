/**
 * Ranges of frames and sets of them. Plain numbers, so that nothing here can fail.
 *
 * @module
 */

/** A range of frames `[first, top)`. */
export interface FrameRange {
  /** The first frame. */
  readonly first: number;
  /** The first frame after. */
  readonly top: number;
}

/**
 * Tells whether two ranges have a frame in common.
 *
 * @param one a range
 * @param other another
 * @returns true if they overlap
 */
export function overlap(one: FrameRange, other: FrameRange): boolean {
  return one.first < other.top && other.first < one.top;
}

/**
 * A range of equal units, without the units that touch certain frames.
 *
 * @param first the first frame of the first unit
 * @param unit the size of a unit in frames
 * @param count the number of units
 * @param except the frames to avoid
 * @returns what is left, as ranges of whole units, ascending
 */
export function unitsWithout(
  first: number,
  unit: number,
  count: number,
  except: readonly FrameRange[],
): FrameRange[] {
  if (count <= 0) return [];
  let left: FrameRange[] = [{ first, top: first + unit * count }];
  for (const avoided of except) {
    if (avoided.top <= avoided.first) continue;
    const from = first + Math.floor((avoided.first - first) / unit) * unit;
    const to = first + Math.ceil((avoided.top - first) / unit) * unit;
    left = left.flatMap((range) => [
      { first: range.first, top: Math.min(range.top, from) },
      { first: Math.max(range.first, to), top: range.top },
    ]).filter((range) => range.first < range.top);
  }
  return left;
}

/** A set of frames: disjoint ranges, ascending, none next to another. */
export class FrameSet {
  #ranges: FrameRange[] = [];

  /** The ranges, ascending. */
  get ranges(): readonly FrameRange[] {
    return this.#ranges;
  }

  /** Becomes equal to another set. */
  copyFrom(other: FrameSet): void {
    this.#ranges = [...other.#ranges];
  }

  /** The index of the first range that ends after a frame. */
  #indexAfter(frame: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#ranges[middle]?.top ?? 0) > frame) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Adds all frames of a range. */
  add(range: FrameRange): void {
    if (range.top <= range.first) return;
    const from = this.#indexAfter(range.first - 1);
    let { first, top } = range;
    let to = from;
    for (; to < this.#ranges.length; to++) {
      const old = this.#ranges[to];
      if (old === undefined || old.first > range.top) break;
      first = Math.min(first, old.first);
      top = Math.max(top, old.top);
    }
    this.#ranges.splice(from, to - from, { first, top });
  }

  /** Removes all frames of a range. */
  remove(range: FrameRange): void {
    if (range.top <= range.first) return;
    const from = this.#indexAfter(range.first);
    const kept: FrameRange[] = [];
    let to = from;
    for (; to < this.#ranges.length; to++) {
      const old = this.#ranges[to];
      if (old === undefined || old.first >= range.top) break;
      if (old.first < range.first) kept.push({ first: old.first, top: range.first });
      if (old.top > range.top) kept.push({ first: range.top, top: old.top });
    }
    this.#ranges.splice(from, to - from, ...kept);
  }

  /** The frames of a range that are in the set, as ranges, ascending. */
  within(range: FrameRange): FrameRange[] {
    const found: FrameRange[] = [];
    for (let index = this.#indexAfter(range.first); index < this.#ranges.length; index++) {
      const one = this.#ranges[index];
      if (one === undefined || one.first >= range.top) break;
      found.push({ first: Math.max(one.first, range.first), top: Math.min(one.top, range.top) });
    }
    return found;
  }

  /** The first frame of a range that is in the set; null if none is. */
  firstIn(range: FrameRange): number | null {
    const found = this.#ranges[this.#indexAfter(range.first)];
    if (found === undefined || found.first >= range.top || range.top <= range.first) return null;
    return Math.max(found.first, range.first);
  }

  /** The first frame of a range that is not in the set; null if all are. */
  firstMissing(range: FrameRange): number | null {
    if (range.top <= range.first) return null;
    const found = this.#ranges[this.#indexAfter(range.first)];
    if (found === undefined || found.first > range.first) return range.first;
    return found.top < range.top ? found.top : null;
  }
}
