/**
 * How fragmented free memory is: Linux's indices, from the numbers of free blocks by order.
 *
 * All indices are in thousandths, rounded as the kernel rounds them, and exact for every number of blocks:
 * the kernel divides by 32 bits of a number (`div_u64`), so that from 2^32 free blocks or pages on, 16 TiB
 * in pages of 4 KiB, its own figures are others.
 *
 * @module
 */

/** Free blocks by order: how many of order k stands at k. */
export type FreeCounts = readonly number[];

/** A request of an order that would be met: the external fragmentation index has no other value for it. */
export const WOULD_SUCCEED: number = -1000;

/** An index is a whole number of these parts of 1. */
export const INDEX_SCALE = 1000;

/** The orders of Linux's lists, where nothing else is said: 0 to 10. */
export const USUAL_ORDERS = 11;

/** The numbers that all indices are made of, for requests of an order. */
interface FreeTotals {
  /** Free blocks of all orders. */
  readonly blocks: bigint;
  /** Free pages in all of them. */
  readonly pages: bigint;
  /** Free pages in blocks of the order and above. */
  readonly suitablePages: bigint;
}

/** Source: `mm/vmstat.c`, `fill_contig_page_info()`. */
function totalsOf(counts: FreeCounts, order: number): FreeTotals {
  let [blocks, pages, suitablePages] = [0n, 0n, 0n];
  counts.forEach((count, at) => {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(
        `Cannot count the free blocks of order ${at}: there must be a whole number of them, ` +
          `from 0 to 2^53 - 1, it is ${count}`,
      );
    }
    const pagesHere = BigInt(count) * 2n ** BigInt(at);
    blocks += BigInt(count);
    pages += pagesHere;
    if (at >= order) suitablePages += pagesHere;
  });
  return { blocks, pages, suitablePages };
}

/**
 * The free pages.
 *
 * @param counts free blocks by order
 * @returns the number of pages
 * @throws {RangeError} if a count is no whole number
 */
export function freePagesOf(counts: FreeCounts): bigint {
  return totalsOf(counts, 0).pages;
}

/**
 * The order of the largest free block.
 *
 * @param counts free blocks by order
 * @returns the order; null if there is no free block
 */
export function largestOrderOf(counts: FreeCounts): number | null {
  const order = counts.findLastIndex((count) => count > 0);
  return order < 0 ? null : order;
}

/**
 * The external fragmentation index of requests of an order: why one would fail.
 *
 * Towards 0 it would for want of memory, towards 1000 because memory is in pieces. It is
 * {@linkcode WOULD_SUCCEED} where there is a block, and 0 where nothing is free. A single free block that is
 * too small makes it negative, down to -500: the kernel's arithmetic, which is kept.
 *
 * Source: `mm/vmstat.c`, `__fragmentation_index()`.
 *
 * @param counts free blocks by order
 * @param order the order of the request, 0 or more
 * @returns -1000, or -500 to 1000
 * @throws {RangeError} if a count is no whole number
 */
export function externalFragmentationIndex(counts: FreeCounts, order: number): number {
  return externalOf(totalsOf(counts, order), order);
}

function externalOf({ blocks, pages, suitablePages }: FreeTotals, order: number): number {
  if (blocks === 0n) return 0;
  if (suitablePages > 0n) return WOULD_SUCCEED;
  const requested = 2n ** BigInt(order);
  return Number(1000n - (1000n + pages * 1000n / requested) / blocks);
}

/**
 * The unusable free space index of requests of an order: the part of free memory in blocks that are too
 * small.
 *
 * Source: `mm/vmstat.c`, `unusable_free_index()`.
 *
 * @param counts free blocks by order
 * @param order the order of the request, 0 or more
 * @returns 0 to 1000; 1000 where nothing is free
 * @throws {RangeError} if a count is no whole number
 */
export function unusableIndex(counts: FreeCounts, order: number): number {
  return unusableOf(totalsOf(counts, order));
}

function unusableOf({ pages, suitablePages }: FreeTotals): number {
  return pages === 0n ? 1000 : Number((pages - suitablePages) * 1000n / pages);
}

/**
 * The share of free memory in blocks of an order and above: of a huge page's order, the share that can be
 * had as whole huge pages.
 *
 * @param counts free blocks by order
 * @param order the order, 0 or more
 * @returns 0 to 1000, rounded down; 0 where nothing is free
 * @throws {RangeError} if a count is no whole number
 */
export function shareInBlocks(counts: FreeCounts, order: number): number {
  return shareOf(totalsOf(counts, order));
}

function shareOf({ pages, suitablePages }: FreeTotals): number {
  return pages === 0n ? 0 : Number(suitablePages * 1000n / pages);
}

/**
 * The order of a huge page: what one entry of the last but one level of page tables maps, where a table is
 * a page of 8-byte entries.
 *
 * @param pageShift the base-2 logarithm of the page size, 12 or more
 * @returns 9 for pages of 4 KiB: 2 MiB
 */
export function hugePageOrder(pageShift: number): number {
  return pageShift - 3;
}

/** The indices of requests of an order, in thousandths. */
export interface OrderIndices {
  /** The order. */
  readonly order: number;
  /** The external fragmentation index. */
  readonly external: number;
  /** The unusable free space index. */
  readonly unusable: number;
  /** The share of free memory in blocks of this order and above. */
  readonly share: number;
}

/**
 * The indices of an order.
 *
 * @param counts free blocks by order
 * @param order the order
 * @returns the indices
 * @throws {RangeError} if a count is no whole number
 */
export function indicesAt(counts: FreeCounts, order: number): OrderIndices {
  const totals = totalsOf(counts, order);
  return {
    order,
    external: externalOf(totals, order),
    unusable: unusableOf(totals),
    share: shareOf(totals),
  };
}

/**
 * The indices of each order that has a count.
 *
 * @param counts free blocks by order
 * @returns the indices, by ascending order
 * @throws {RangeError} if a count is no whole number
 */
export function indicesOf(counts: FreeCounts): OrderIndices[] {
  return counts.map((_, order) => indicesAt(counts, order));
}

/**
 * An index as the kernel prints it: `%d.%03d` of the quotient and the rest, both with their sign.
 *
 * @param index the index, in thousandths
 * @returns such as `0.988`, `-1.000`; `0.-07` for -7, as the kernel has it
 */
export function indexText(index: number): string {
  const whole = Math.trunc(index / INDEX_SCALE);
  const rest = index - whole * INDEX_SCALE;
  const digits = rest < 0 ? `-${String(-rest).padStart(2, "0")}` : String(rest).padStart(3, "0");
  return `${whole}.${digits}`;
}
