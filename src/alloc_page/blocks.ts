/**
 * What all operations do with blocks: change their page states, put them on lists, take them off.
 *
 * @module
 */

import type { AssertionName } from "../assertions.ts";
import type { Edition, Facts } from "../edition.ts";
import { addToBack, addToFront, removeFromList } from "../linked_list.ts";
import { cAssert } from "../outcome.ts";
import { order } from "../units.ts";
import type { ByteCount, Order, PageCount, Pfn, VirtAddr } from "../units.ts";
import { emit, freeListHead, pageStateAddress, raiseMaxOrder } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** Upstream's `assert`, by the assertion's name. */
export function assertThat(
  state: LiteralState,
  condition: boolean,
  name: AssertionName,
  message = "",
): asserts condition {
  const { source, expression } = state.assertions[name];
  cAssert(condition, source, expression, message);
}

/**
 * Rewrites the page states of a block, one after the other, asserting of each that it is as expected.
 *
 * The states before the first unexpected one are rewritten already when the assertion fails.
 *
 * @param state the allocator
 * @param area the area
 * @param index the first frame's distance from `base`
 * @param count in frames
 * @param expected the byte that each must hold
 * @param value the byte to be written
 * @param assertion the assertion's name
 */
export function rewriteStates(
  state: LiteralState,
  area: Area,
  index: number,
  count: PageCount,
  expected: number,
  value: number,
  assertion: AssertionName,
): void {
  const by = `${state.assertions[assertion].source.function}()`;
  const address = pageStateAddress(state, area, index);
  const length = BigInt(count) as ByteCount;
  const mismatch = state.space.firstDifferent(address, length, expected, by);
  const good = mismatch ?? length;
  if (good > 0n) state.space.fill(address, good as ByteCount, value & 0xff, by);
  assertThat(state, mismatch === null, assertion);
}

/**
 * Puts a block on a free list: at the front for most, at the back for what is fresh.
 *
 * Editions: `maxOrderRaisedBy`.
 */
export function linkBlock(
  state: LiteralState,
  area: Area,
  blockOrder: number,
  block: VirtAddr,
  end: "front" | "back",
): void {
  const head = freeListHead(state, area, blockOrder);
  if (end === "front") addToFront(state.space, head, block);
  else addToBack(state.space, head, block);
  if (blockOrder < state.layout.listCount) {
    if (state.edition.maxOrderRaisedBy === "every-link") {
      raiseMaxOrder(state, area, order(blockOrder));
    }
    emit(state, { kind: "link", pfn: frameOf(state, block), order: order(blockOrder), end });
  }
}

/** Takes a block off whatever list it is linked into. */
export function unlinkBlock(
  state: LiteralState,
  blockOrder: Order,
  block: VirtAddr,
): "removed" | "nothing" {
  const removed = removeFromList(state.space, block);
  if (removed === "removed") {
    emit(state, { kind: "unlink", pfn: frameOf(state, block), order: blockOrder });
  }
  return removed;
}

/** The frame that an address names by its number, without a walk: for reports only. */
export function frameOf(state: LiteralState, block: VirtAddr): Pfn {
  return Number(block >> BigInt(state.pageShift)) as Pfn;
}

/**
 * What an edition does when it links a block, as plain data.
 *
 * Editions: `maxOrderRaisedBy`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function linkingOf(
  edition: Edition,
): Pick<Facts, "maxOrderRaisedBy"> {
  return { maxOrderRaisedBy: edition.maxOrderRaisedBy };
}
