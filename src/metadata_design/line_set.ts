/**
 * Counting different cache lines, without an object for each.
 *
 * @module
 */

const FIRST_ROOM = 64;

/**
 * Lines touched since {@linkcode LineSet.clear}, as ranges that neither overlap nor touch.
 */
export class LineSet {
  #firsts = new Float64Array(FIRST_ROOM);
  #tops = new Float64Array(FIRST_ROOM);
  #count = 0;
  #lines = 0;

  /** How many different lines there are. */
  get lines(): number {
    return this.#lines;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#count = 0;
    this.#lines = 0;
  }

  /**
   * Adds lines `[first, top)`.
   *
   * @param first the first line
   * @param top the line after the last
   */
  add(first: number, top: number): void {
    let low = first;
    let high = top;
    for (let index = 0; index < this.#count;) {
      const start = this.#firsts[index] ?? 0;
      const end = this.#tops[index] ?? 0;
      if (end < low || start > high) {
        index++;
        continue;
      }
      if (start <= low && end >= high) return;
      if (start < low) low = start;
      if (end > high) high = end;
      this.#drop(index);
    }
    if (this.#count === this.#firsts.length) this.#grow();
    this.#firsts[this.#count] = low;
    this.#tops[this.#count++] = high;
    this.#lines += high - low;
  }

  /** Takes a range out that is inside of the one to be added, or joined with it. */
  #drop(index: number): void {
    const last = --this.#count;
    this.#lines -= (this.#tops[index] ?? 0) - (this.#firsts[index] ?? 0);
    this.#firsts[index] = this.#firsts[last] ?? 0;
    this.#tops[index] = this.#tops[last] ?? 0;
  }

  #grow(): void {
    const [firsts, tops] = [this.#firsts, this.#tops];
    this.#firsts = new Float64Array(2 * firsts.length);
    this.#tops = new Float64Array(2 * tops.length);
    this.#firsts.set(firsts);
    this.#tops.set(tops);
  }
}
