/**
 * Which pages were written to, in memory of any size.
 *
 * @module
 */

const GROUP = 4096;

/** Some pages of a group: 1 for each that is in the set. */
interface Group {
  readonly pages: Uint8Array;
  count: number;
}

/** A set of pages by number. */
export class PageSet {
  readonly #groups = new Map<number, Group | "all">();
  #size = 0;

  /** How many pages there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds pages.
   *
   * @param first the first one
   * @param last the last one
   */
  add(first: number, last: number): void {
    for (let page = first; page <= last;) {
      const number = Math.floor(page / GROUP);
      const start = number * GROUP;
      const end = Math.min(last + 1, start + GROUP);
      const group = this.#groups.get(number);
      if (group !== "all") this.#addTo(number, group, page - start, end - start);
      page = end;
    }
  }

  #addTo(number: number, known: Group | undefined, from: number, to: number): void {
    if (to - from === GROUP) {
      this.#size += GROUP - (known?.count ?? 0);
      this.#groups.set(number, "all");
      return;
    }
    const group = known ?? { pages: new Uint8Array(GROUP), count: 0 };
    if (group !== known) this.#groups.set(number, group);
    for (let index = from; index < to; index++) {
      if (group.pages[index] === 1) continue;
      group.pages[index] = 1;
      group.count++;
      this.#size++;
    }
    if (group.count === GROUP) this.#groups.set(number, "all");
  }
}
