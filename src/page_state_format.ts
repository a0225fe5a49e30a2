/**
 * The encodings of page states: the byte that the page allocator keeps for each frame.
 *
 * Source: `lib/alloc_page.c`, `ORDER_MASK`, `ALLOC_MASK`, `SPECIAL_MASK`, `STATUS_FRESH`, 8131e91a to 4a54e8a3.
 *
 * @module
 */

/** What a page state byte can say of a frame. */
export type PageStatus = "fresh" | "free" | "allocated" | "special";

/**
 * The encoding of a page state: one byte for each frame, status and order.
 *
 * The first format has no status "fresh": what was never handed out is "free" like everything else.
 */
export interface PageStateFormat {
  /** The format's name, for people. */
  readonly name: string;
  /** The bits of the byte that hold the order. */
  readonly orderMask: number;
  /** The bits of a frame that was never handed out. */
  readonly fresh: number;
  /** The bits of a frame that came back. */
  readonly free: number;
  /** The bits of a frame in use. */
  readonly allocated: number;
  /** The bits of a reserved frame; null where the edition cannot reserve. */
  readonly special: number | null;
}

/** The encoding of 8131e91a. */
export const ALLOCATED_BIT: PageStateFormat = {
  name: "order, bit 6 allocated",
  orderMask: 0x3f,
  fresh: 0,
  free: 0,
  allocated: 0x40,
  special: null,
};

/** The encoding of 34c95065. */
export const SPECIAL_BIT: PageStateFormat = {
  ...ALLOCATED_BIT,
  name: "order, bit 6 allocated, bit 7 special",
  special: 0x80,
};

/** The encoding of dbad82e3. */
export const TWO_BIT_STATUS: PageStateFormat = {
  name: "order, bits 6 and 7 status",
  orderMask: 0x3f,
  fresh: 0,
  free: 0x40,
  allocated: 0x80,
  special: 0xc0,
};
