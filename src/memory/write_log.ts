/**
 * Which pages were written lately: for those who looked at memory, and want to know what to look at again.
 *
 * @module
 */

/** How many writes are remembered by their place. */
const REMEMBERED = 128;

/** A count of writes, and the places of the last of them. It costs a few words, whatever is written. */
export class WriteLog {
  #count = 0;
  /** The pages `[first, end)` of each, at its number modulo how many are remembered. */
  readonly #first = new Float64Array(REMEMBERED);
  readonly #end = new Float64Array(REMEMBERED);

  /** How many writes there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes note of a write to pages `[first, end)`. */
  note(first: number, end: number): void {
    const at = this.#count++ % REMEMBERED;
    this.#first[at] = first;
    this.#end[at] = end;
  }

  /**
   * Tells whether nobody has written to some pages for a while.
   *
   * @param first the first page
   * @param end the page after the last
   * @param count how many writes there had been at the time to compare with
   * @returns true if all are as they were; false also if that is too long ago to know
   */
  isAsItWas(first: number, end: number, count: number): boolean {
    if (this.#count - count > REMEMBERED) return false;
    for (let write = count; write < this.#count; write++) {
      const at = write % REMEMBERED;
      if ((this.#first[at] ?? 0) < end && first < (this.#end[at] ?? Infinity)) return false;
    }
    return true;
  }
}
