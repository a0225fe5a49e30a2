/**
 * The facts of an edition about what its authors promise of the page allocator: whether each promise is
 * kept.
 *
 * The first value of each is what the code does since the promise was made; the second is what its
 * comments and commit messages say that it does. Only the repaired edition has the second values.
 *
 * @module
 */

/** Which promises of the page allocator an edition keeps. A fact's values are words that say what. */
export interface PromiseFacts {
  /**
   * Which buddies a freed block is joined with: those whose state is the bare order, which no freed
   * block's is since dbad82e3; or every usable one of the same order (promised in 8131e91a).
   */
  readonly mergeableBuddies: "bare-order" | "usable";
  /** Which operations raise `max_order`; it is to bound the orders of all blocks (bcffccfc). */
  readonly maxOrderRaisedBy: "carving-and-joining" | "every-link";
  /** Whether a reserved frame is taken off its free list (34c95065). */
  readonly reservedFrames: "stay-listed" | "leave-their-list";
  /**
   * What is taken for the order of the block that a frame to be reserved lies in; the whole byte has
   * status bits in it as soon as the block was freed once (dbad82e3).
   */
  readonly reservedBlockOrder: "whole-byte" | "order-bits";
  /**
   * What becomes of a reservation that cannot be had completely: the frames before the one that fails
   * are split off and freed again; or nothing is changed at all (34c95065).
   */
  readonly failedReservation: "frees-one-by-one" | "changes-nothing";
  /** What the reservation of no frames returns: -1 or 0 (01d8952b). */
  readonly reservationOfNothing: "fails" | "succeeds";
  /**
   * What a request for fresh frames gets: the upper half of a block of the order asked for; or of one
   * that is larger, so that size and alignment are right (4a54e8a3).
   */
  readonly freshRequestsGet: "half-the-size" | "the-whole-size";
  /**
   * How a range is split over the zones: in fixed steps, of which the first takes what is meant for
   * x86's NORMAL; or from the highest cutoff down (322cdd64).
   */
  readonly zonesFilled: "in-fixed-steps" | "by-descending-cutoff";
  /** How many ranges a zone can have; a second one aborts, or gets a slot of its own (8131e91a). */
  readonly rangesPerZone: "one" | "several";
  /** What becomes of a range of 4 frames or fewer (8131e91a). */
  readonly smallRanges: "abort" | "left-out";
  /** What a size gives that wraps round when it is rounded up to pages (8131e91a). */
  readonly wrappingSizes: "give-small-blocks" | "give-null";
  /** What an order gives that has no free list: it is cut to 8 bits, the rest asserted (8131e91a). */
  readonly excessiveOrders: "cut-and-asserted" | "give-null";
  /** Whether `free` converts a null pointer to a pfn before it ignores it (01d8952b). */
  readonly freedNull: "converted" | "not-looked-up";
}
