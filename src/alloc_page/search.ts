/**
 * The search of an area: find a block that is large enough, split it down, mark it allocated.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { isListEmpty, readNext, readPrevious } from "../linked_list.ts";
import { order, pageCount } from "../units.ts";
import type { Order, VirtAddr } from "../units.ts";
import { wrapToWord } from "../word.ts";
import { assertThat, frameOf, linkBlock, unlinkBlock } from "./blocks.ts";
import { encodePageState, statusOf } from "./page_state.ts";
import { split } from "./split.ts";
import {
  bitOfOrder,
  emit,
  fillPageStates,
  freeListHead,
  pageStateAddress,
  readMaxOrder,
  readPfn,
} from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** What a request wants of the blocks it takes. */
export type Wanted = "any" | "fresh";

/**
 * Takes a block out of an area: finds one large enough, splits it down, marks it allocated.
 *
 * A request for fresh frames looks one order higher and at the back of each list only, and hands out
 * the upper half of the last block, whose first frame no list node was ever written to.
 *
 * ```text
 *   fresh, order 1         .3 -- -- -- -- -- -- --
 *   upstream, half of it   .0 A0 .1 -- .2 -- -- --
 *   repaired               .1 -- A1 -- .2 -- -- --
 * ```
 *
 * Upstream splits down to the order asked for and halves that; for order 0 the halving gives order 255.
 * The repaired code splits down to the order above, and gives back what the alignment leaves over.
 *
 * Assumes that both orders have a free list.
 *
 * Ends in a failed assertion if the assumption does not hold, or where {@linkcode split} does; in a
 * fault where the states of 2^255 frames are to be written.
 *
 * Editions: `freshRequestsGet`; `maxOrderHint` (through the descriptor).
 *
 * Source: `lib/alloc_page.c`, `page_memalign_order()`, 8131e91a to 4a54e8a3.
 *
 * @param state the allocator
 * @param area the area
 * @param alignOrder the order of the alignment
 * @param sizeOrder the order of the size
 * @param wanted whether the frames must never have been touched
 * @returns the block's address, or null if the area has none
 */
export function takeFromArea(
  state: LiteralState,
  area: Area,
  alignOrder: Order,
  sizeOrder: Order,
  wanted: Wanted,
): VirtAddr | null {
  const { listCount } = state.layout;
  assertThat(state, alignOrder < listCount && sizeOrder < listCount, "searchOrders");
  const lowest = Math.max(alignOrder, sizeOrder) + (wanted === "fresh" ? 1 : 0);
  const found = findBlock(state, area, lowest, wanted);
  if (found === null) return null;

  const stopAt = wanted === "fresh" ? freshStopOrder(state, lowest, sizeOrder) : sizeOrder;
  for (let blockOrder = found.order; blockOrder > stopAt; blockOrder--) {
    split(state, area, found.block);
  }
  const { block } = found;
  unlinkBlock(state, order(stopAt), block);
  const index = state.conversions.virtToPfn(block) - readPfn(state, area, "base");
  const whole: Piece = { area, block, index, order: order(stopAt) };
  return markAllocated(state, wanted === "fresh" ? freshPart(state, whole, sizeOrder) : whole);
}

/** A block that stands on no list, as it is cut to size. */
interface Piece {
  readonly area: Area;
  /** Its address. */
  readonly block: VirtAddr;
  /** Its first frame's distance from `base`. */
  readonly index: number;
  readonly order: Order;
}

/** The order of the block whose upper half a request for fresh frames gets. */
function freshStopOrder(state: LiteralState, lowest: number, sizeOrder: Order): number {
  return state.edition.freshRequestsGet === "the-whole-size" ? lowest : sizeOrder;
}

/** Gives the lower half of a fresh block back, and of the upper half what exceeds the size. */
function freshPart(state: LiteralState, whole: Piece, sizeOrder: Order): Piece {
  const halfOrder = order((whole.order + 255) % 256);
  const half = bitOfOrder(state, halfOrder);
  if (halfOrder >= state.arch.wordBits) {
    emit(state, {
      kind: "undefined",
      what: `shifts a ${state.arch.wordBits}-bit value by ${halfOrder}`,
      seen: `this target gives 0x${half.toString(16)}`,
    });
  }
  linkFresh(state, { ...whole, order: halfOrder });
  let part = pieceBehind(state, whole, half, halfOrder);
  while (part.order > sizeOrder && whole.order > sizeOrder) {
    const smaller = order(part.order - 1);
    linkFresh(state, pieceBehind(state, part, bitOfOrder(state, smaller), smaller));
    part = { ...part, order: smaller };
  }
  return part;
}

/** The piece of an order that begins a number of frames behind another's first. */
function pieceBehind(state: LiteralState, piece: Piece, frames: bigint, pieceOrder: Order): Piece {
  const address = piece.block + (frames << BigInt(state.pageShift));
  return {
    ...piece,
    block: wrapToWord(state.space.wordBits, address) as VirtAddr,
    index: piece.index + Number(frames),
    order: pieceOrder,
  };
}

function linkFresh(state: LiteralState, piece: Piece): void {
  const fresh = encodePageState(state.format, "fresh", piece.order);
  const count = bitOfOrder(state, piece.order);
  fillPageStates(state, piece.area, piece.index, count, fresh, "page_memalign_order()");
  linkBlock(state, piece.area, piece.order, piece.block, "back");
}

function markAllocated(state: LiteralState, piece: Piece): VirtAddr {
  const allocated = encodePageState(state.format, "allocated", piece.order);
  const count = bitOfOrder(state, piece.order);
  fillPageStates(state, piece.area, piece.index, count, allocated, "page_memalign_order()");
  if (count <= 2n ** 52n) {
    const frames = pageCount(Number(count));
    emit(state, {
      kind: "state",
      pfn: frameOf(state, piece.block),
      count: frames,
      state: allocated,
    });
  }
  return piece.block;
}

/** Looks for a block: from the lowest order that can serve to the highest worth searching. */
function findBlock(
  state: LiteralState,
  area: Area,
  lowest: number,
  wanted: Wanted,
): { block: VirtAddr; order: number } | null {
  const highest = readMaxOrder(state, area) ?? state.layout.listCount - 1;
  for (let candidate = lowest; candidate <= highest; candidate++) {
    const head = freeListHead(state, area, candidate);
    const by = "page_memalign_order()";
    const block = wanted === "fresh"
      ? readPrevious(state.space, head, by)
      : readNext(state.space, head, by);
    if (isListEmpty(state.space, block)) continue;
    if (wanted === "fresh") {
      const index = state.conversions.virtToPfn(block) - readPfn(state, area, "base");
      const metadata = state.space.readByte(pageStateAddress(state, area, index), by);
      if (statusOf(state.format, metadata) !== "fresh") continue;
    }
    return { block, order: candidate };
  }
  return null;
}

/**
 * What an edition does when a request is for fresh frames, as plain data.
 *
 * Editions: `freshRequestsGet`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function freshServiceOf(
  edition: Edition,
): Pick<Facts, "freshRequestsGet"> {
  return { freshRequestsGet: edition.freshRequestsGet };
}
