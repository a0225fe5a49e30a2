/**
 * Splitting a block into its two halves.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { isListEmpty } from "../linked_list.ts";
import { isAlignedToOrder, order, pagesOfOrder } from "../units.ts";
import type { Order, VirtAddr } from "../units.ts";
import { wrapToWord } from "../word.ts";
import { usableAreaContains } from "./areas.ts";
import { assertThat, linkBlock, rewriteStates, unlinkBlock } from "./blocks.ts";
import { isUsable, orderBits, statusOf } from "./page_state.ts";
import {
  emit,
  frameBytes,
  freeListHead,
  pageStateAddress,
  readMaxOrder,
  readPfn,
  writeMaxOrder,
} from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/**
 * Splits a usable block into its two halves.
 *
 * ```text
 *   before   .3 -- -- -- -- -- -- --
 *   after    .2 -- -- -- .2 -- -- --
 * ```
 *
 * Assumes that
 * - the block lies in the area, its last frame too;
 * - its page state is usable and its order 1 or more;
 * - the block is aligned to its order;
 * - all its frames have the same page state.
 *
 * Changes the page states of the block's frames and the free lists of its order and the one below.
 * Lowers the area's `max_order` if this was the last block of the largest order.
 *
 * Ends in a failed assertion if an assumption does not hold. That the block stands on a free list is
 * not checked since 01d8952b.
 *
 * Editions: `splitOrderIs`, `listRemovals`, `freshHalvesGo`.
 *
 * Source: `lib/alloc_page.c`, `split()`, 8131e91a to 4a54e8a3.
 *
 * @param state the allocator
 * @param area the area, or null if no area holds the block
 * @param block the block's address
 */
export function split(state: LiteralState, area: Area | null, block: VirtAddr): void {
  const frame = state.conversions.virtToPfn(block);
  const inArea = area !== null && usableAreaContains(state, area, frame);
  assertThat(state, inArea, "splitRange");
  if (area === null) return;

  const index = frame - readPfn(state, area, "base");
  const metadata = state.space.readByte(pageStateAddress(state, area, index), "split()");
  const blockOrder = orderToSplit(state, metadata);
  const splittable = blockOrder !== 0 && blockOrder < state.layout.listCount;
  assertThat(state, isUsable(state.format, metadata) && splittable, "splitOrder");
  assertThat(state, isAlignedToOrder(frame, blockOrder), "splitAligned");
  const count = pagesOfOrder(blockOrder);
  assertThat(state, usableAreaContains(state, area, frame + count - 1), "splitLastPage");

  const removed = unlinkBlock(state, blockOrder, block);
  if (removalsAreAsserted(state)) assertThat(state, removed === "removed", "splitRemoved");
  rewriteStates(state, area, index, count, metadata, metadata - 1, "splitStates");
  if (
    blockOrder === readMaxOrder(state, area) &&
    isListEmpty(state.space, freeListHead(state, area, blockOrder))
  ) {
    writeMaxOrder(state, area, blockOrder - 1);
  }
  emit(state, { kind: "split", pfn: frame, order: blockOrder });
  linkHalves(state, area, block, order(blockOrder - 1), metadata);
}

function linkHalves(
  state: LiteralState,
  area: Area,
  block: VirtAddr,
  halfOrder: Order,
  metadata: number,
): void {
  const fresh = statusOf(state.format, metadata) === "fresh";
  const end = fresh && state.edition.freshHalvesGo === "to-back" ? "back" : "front";
  const upper = wrapToWord(state.space.wordBits, block + frameBytes(state, halfOrder));
  linkBlock(state, area, halfOrder, block, end);
  linkBlock(state, area, halfOrder, upper as VirtAddr, end);
}

/** The first editions take the whole byte, and assert that it has no bits beside the order. */
function orderToSplit(state: LiteralState, metadata: number): Order {
  return state.edition.splitOrderIs === "whole-byte"
    ? order(metadata)
    : orderBits(state.format, metadata);
}

/**
 * Tells whether the edition asserts that each list removal removed something.
 *
 * @param state the allocator
 * @returns true before 01d8952b
 */
export function removalsAreAsserted(state: LiteralState): boolean {
  return state.edition.listRemovals === "asserted";
}

/**
 * What an edition does when it splits a block, as plain data.
 *
 * Editions: `splitOrderIs`, `listRemovals`, `freshHalvesGo`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function splittingOf(
  edition: Edition,
): Pick<Facts, "splitOrderIs" | "listRemovals" | "freshHalvesGo"> {
  return {
    splitOrderIs: edition.splitOrderIs,
    listRemovals: edition.listRemovals,
    freshHalvesGo: edition.freshHalvesGo,
  };
}
