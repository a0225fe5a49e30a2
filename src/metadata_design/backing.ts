/**
 * What the host has behind the pages of free blocks, where the allocator keeps links in them.
 *
 * Each free block of at least an order is reported, as Linux does it: taken off its list, given to the
 * host, and linked again. This is followed for all reporting orders at once: a bit for each of them says
 * that the host has nothing behind a page.
 *
 * @module
 */

// bits: a page's word has 16 bits, orders are below 32.

import { SparseCells } from "./cells.ts";

/** The number of reporting orders: 0 to 10. */
export const REPORTING_ORDERS = 11;

const DISCARDED = 2 ** REPORTING_ORDERS - 1;
/** The allocator has written links into the page, some time. */
const LINKED = 0x2000;
/** And nobody has filled it with poison since. */
const BROKEN = 0x4000;
/** Somebody has touched the page. */
const TOUCHED = 0x8000;

/** The reporting orders up to a block's order, as bits. */
function reportedAt(order: number): number {
  return order >= REPORTING_ORDERS ? DISCARDED : 2 ** (order + 1) - 1;
}

/** The pages of a machine as its host sees them. */
export class Backing {
  readonly #pages = new SparseCells((length) => new Uint16Array(length));
  /** How often the allocator's links made the host bring a page back, by reporting order. */
  readonly refaults: Float64Array = new Float64Array(REPORTING_ORDERS);
  /** The pages into which links were ever written. */
  linkedPages = 0;
  /** The pages that were handed out and did not hold the poison that free pages are filled with. */
  brokenPoison = 0;

  /** The allocator writes links into a page. */
  link(page: number): void {
    const word = this.#pages.get(page);
    if ((word & LINKED) === 0) this.linkedPages++;
    if ((word & TOUCHED) !== 0 && (word & DISCARDED) !== 0) {
      for (let order = 0; order < REPORTING_ORDERS; order++) {
        if (((word >> order) & 1) === 1) this.refaults[order] = (this.refaults[order] ?? 0) + 1;
      }
    }
    this.#pages.set(page, LINKED | BROKEN | TOUCHED);
  }

  /** An owner gets pages and writes to all of them. */
  handOut(first: number, count: number): void {
    this.#pages.update(first, first + count, (word, pages) => {
      if ((word & BROKEN) !== 0) this.brokenPoison += pages;
      return (word & LINKED) | TOUCHED;
    });
  }

  /**
   * A block came back, was joined with its buddies, and the whole is reported.
   *
   * What was a free block of at least the largest reporting order is known to be discarded, but for its
   * first page, which held its links.
   *
   * @param first its first page
   * @param order its order
   * @param wholeOrder the order of the block that it became a part of
   */
  giveBack(first: number, order: number, wholeOrder: number): void {
    const bits = reportedAt(wholeOrder);
    this.#report(first, 2 ** order, bits);
    for (let level = order; level < wholeOrder; level++) {
      const size = 2 ** level;
      const start = Math.floor(first / size) * size;
      const buddy = Math.floor(first / size) % 2 === 0 ? start + size : start - size;
      this.#report(buddy, level >= REPORTING_ORDERS - 1 ? 1 : size, bits);
    }
  }

  #report(first: number, count: number, bits: number): void {
    this.#pages.update(first, first + count, (word) => word | bits);
  }
}
