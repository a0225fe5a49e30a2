/**
 * Page states: the byte that the allocator keeps for each frame.
 *
 * ```text
 *   bit   7 6   5 4 3 2 1 0
 *        status    order
 * ```
 *
 * Source: `lib/alloc_page.c`, `ORDER_MASK`, `STATUS_*`, `IS_USABLE()`, 8131e91a to 4a54e8a3.
 *
 * @module
 */

import type { Edition, PageStateFormat, PageStatus } from "../edition.ts";
import { order } from "../units.ts";
import type { Order } from "../units.ts";

/** A page state taken apart. */
export interface PageState {
  /** The status. */
  readonly status: PageStatus;
  /** The order of the block that the frame belongs to. */
  readonly order: Order;
}

/**
 * The encoding that an edition uses.
 *
 * @param edition the edition
 * @returns its `pageStateFormat`
 */
export function pageStateFormatOf(edition: Edition): PageStateFormat {
  return edition.pageStateFormat;
}

/**
 * The order bits of a page state.
 *
 * @param format the encoding
 * @param state the byte
 * @returns the order, 0 to 63
 */
export function orderBits(format: PageStateFormat, state: number): Order {
  return order(state & format.orderMask);
}

/**
 * The status of a page state. Any byte has one.
 *
 * @param format the encoding
 * @param state the byte
 * @returns the status; "free" for what is both fresh and free by its encoding
 */
export function statusOf(format: PageStateFormat, state: number): PageStatus {
  const bits = state & ~format.orderMask & 0xff;
  if (bits === format.free) return "free";
  if (bits === format.fresh) return "fresh";
  return bits === format.allocated ? "allocated" : "special";
}

/**
 * Takes a page state apart.
 *
 * Source: `lib/alloc_page.c`, `ORDER_MASK` and the status masks, 8131e91a, 34c95065, dbad82e3.
 *
 * @param format the encoding
 * @param state the byte
 * @returns status and order
 */
export function decodePageState(format: PageStateFormat, state: number): PageState {
  return { status: statusOf(format, state), order: orderBits(format, state) };
}

/**
 * Writes a page state.
 *
 * Source: `lib/alloc_page.c`, `ORDER_MASK` and the status masks, 8131e91a, 34c95065, dbad82e3.
 *
 * @param format the encoding
 * @param status the status
 * @param blockOrder the order of the block, 0 to 255; bits beyond the byte are dropped, as in a `u8`
 * @returns the byte
 * @throws {RangeError} if the status is "special" and the encoding has none
 */
export function encodePageState(
  format: PageStateFormat,
  status: PageStatus,
  blockOrder: Order,
): number {
  const bits = format[status];
  if (bits === null) {
    throw new RangeError(
      `Cannot write a special page state: the encoding "${format.name}" has no such status`,
    );
  }
  return (bits | blockOrder) & 0xff;
}

/**
 * Tells whether a frame with this state may be handed out.
 *
 * Source: `lib/alloc_page.c`, `IS_USABLE()`, dbad82e3.
 *
 * @param format the encoding
 * @param state the byte
 * @returns true for fresh and free
 */
export function isUsable(format: PageStateFormat, state: number): boolean {
  const status = statusOf(format, state);
  return status === "fresh" || status === "free";
}
