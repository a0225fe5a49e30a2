/**
 * Joining a block with its buddy.
 *
 * @module
 */

import { isAlignedToOrder, order, pagesOfOrder } from "../units.ts";
import type { Order, Pfn } from "../units.ts";
import { assertThat, linkBlock, rewriteStates, unlinkBlock } from "./blocks.ts";
import { removalsAreAsserted } from "./split.ts";
import { emit, pageStateAddress, raiseMaxOrder, readPfn, usableAreaContains } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/**
 * Joins two buddies, if both are free blocks of the given order.
 *
 * ```text
 *   before   f2 -- -- -- f2 -- -- --
 *   after    f3 -- -- -- -- -- -- --
 * ```
 *
 * Assumes that both are aligned to the order, the upper right behind the lower.
 *
 * "Free" means that the page state equals the bare order. Since dbad82e3 a freed block has a status bit
 * as well, so that it never does, and nothing is ever joined.
 *
 * Changes the page states of both, the free lists of the order and the one above, and may raise the
 * area's `max_order`.
 *
 * Ends in a failed assertion if an assumption does not hold, or if a frame of the two has another page
 * state than its block's first.
 *
 * Editions: `listRemovals`.
 *
 * Source: `lib/alloc_page.c`, `coalesce()`, 8131e91a to 4a54e8a3.
 *
 * @param state the allocator
 * @param area the area
 * @param blockOrder the order of both
 * @param lower the lower buddy's first frame
 * @param upper the upper buddy's first frame
 * @returns whether they were joined
 */
export function coalesce(
  state: LiteralState,
  area: Area,
  blockOrder: Order,
  lower: Pfn,
  upper: Pfn,
): "joined" | "left" {
  const aligned = isAlignedToOrder(lower, blockOrder) && isAlignedToOrder(upper, blockOrder);
  assertThat(state, aligned, "coalesceAligned");
  const count = pagesOfOrder(blockOrder);
  assertThat(state, upper === lower + count, "coalesceBuddy");

  if (!usableAreaContains(state, area, lower)) return "left";
  if (!usableAreaContains(state, area, upper + count - 1)) return "left";
  const base = readPfn(state, area, "base");
  for (const frame of [lower, upper]) {
    const address = pageStateAddress(state, area, frame - base);
    if (state.space.readByte(address, "coalesce()") !== blockOrder) return "left";
  }

  const removedUpper = unlinkBlock(state, blockOrder, state.conversions.pfnToVirt(upper));
  const asserted = removalsAreAsserted(state);
  if (asserted) assertThat(state, removedUpper === "removed", "coalesceRemovedUpper");
  const lowerBlock = state.conversions.pfnToVirt(lower);
  const removedLower = unlinkBlock(state, blockOrder, lowerBlock);
  if (asserted) assertThat(state, removedLower === "removed", "coalesceRemovedLower");

  const joined = order(blockOrder + 1);
  const both = pagesOfOrder(joined);
  rewriteStates(state, area, lower - base, both, blockOrder, joined, "coalesceStates");
  linkBlock(state, area, joined, lowerBlock, "front");
  raiseMaxOrder(state, area, joined);
  emit(state, { kind: "coalesce", pfn: lower, order: joined });
  return "joined";
}
