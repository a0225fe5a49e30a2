/**
 * Joining a block with its buddy.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { isAlignedToOrder, order, pagesOfOrder } from "../units.ts";
import type { Order, Pfn } from "../units.ts";
import { usableAreaContains } from "./areas.ts";
import { assertThat, linkBlock, rewriteStates, unlinkBlock } from "./blocks.ts";
import { encodePageState, isUsable, orderBits, statusOf } from "./page_state.ts";
import { removalsAreAsserted } from "./split.ts";
import { emit, pageStateAddress, raiseMaxOrder, readPfn } from "./state.ts";
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
 * What "free" means is a fact. Where the page state has to be the bare order, nothing is ever joined
 * since dbad82e3, because a freed block has a status bit as well.
 *
 * Changes the page states of both, the free lists of the order and the one above, and may raise the
 * area's `max_order`. The joined block is fresh only if both were, otherwise free.
 *
 * Ends in a failed assertion if an assumption does not hold, or if a frame of the two has another page
 * state than its block's first.
 *
 * Editions: `mergeableBuddies`, `listRemovals`.
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
  const lowerState = mergeableStateOf(state, area, lower - base, blockOrder);
  if (lowerState === null) return "left";
  const upperState = mergeableStateOf(state, area, upper - base, blockOrder);
  if (upperState === null) return "left";

  const removedUpper = unlinkBlock(state, blockOrder, state.conversions.pfnToVirt(upper));
  const asserted = removalsAreAsserted(state);
  if (asserted) assertThat(state, removedUpper === "removed", "coalesceRemovedUpper");
  const lowerBlock = state.conversions.pfnToVirt(lower);
  const removedLower = unlinkBlock(state, blockOrder, lowerBlock);
  if (asserted) assertThat(state, removedLower === "removed", "coalesceRemovedLower");

  const joined = order(blockOrder + 1);
  const areFresh = [lowerState, upperState].every((one) => statusOf(state.format, one) === "fresh");
  const value = encodePageState(state.format, areFresh ? "fresh" : "free", joined);
  rewriteStates(state, area, lower - base, count, lowerState, value, "coalesceStates");
  rewriteStates(state, area, upper - base, count, upperState, value, "coalesceStates");
  linkBlock(state, area, joined, lowerBlock, "front");
  raiseMaxOrder(state, area, joined);
  emit(state, { kind: "coalesce", pfn: lower, order: joined });
  return "joined";
}

/** The page state of a block's first frame, or null if such a block is not to be joined. */
function mergeableStateOf(
  state: LiteralState,
  area: Area,
  index: number,
  blockOrder: Order,
): number | null {
  const metadata = state.space.readByte(pageStateAddress(state, area, index), "coalesce()");
  const isMergeable = state.edition.mergeableBuddies === "usable"
    ? isUsable(state.format, metadata) && orderBits(state.format, metadata) === blockOrder
    : metadata === blockOrder;
  return isMergeable ? metadata : null;
}

/**
 * What an edition does when it joins blocks, as plain data.
 *
 * Editions: `mergeableBuddies`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function joiningOf(
  edition: Edition,
): Pick<Facts, "mergeableBuddies"> {
  return { mergeableBuddies: edition.mergeableBuddies };
}
