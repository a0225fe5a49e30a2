/**
 * Putting an area into a given state: for tests and teaching, not for modelled code.
 *
 * @module
 */

import { addToBack, makeEmptyList, readNext, removeFromList } from "../linked_list.ts";
import type { StateRun } from "../page_allocator.ts";
import type { Order, Pfn } from "../units.ts";
import {
  areaInSlot,
  fillPageStates,
  freeListHead,
  isInitialised,
  readPfn,
  writeMaxOrder,
} from "./state.ts";
import type { LiteralState } from "./state.ts";

/** The blocks of a free list, front to back. */
export interface ListContent {
  /** The order. */
  readonly order: Order;
  /** The first frame of each block. */
  readonly pfns: readonly Pfn[];
}

/** What an area is to hold. Nothing checks that states and lists agree: damage can be built. */
export interface AreaContent {
  /** The page states of all frames from `base` on. */
  readonly states: readonly StateRun[];
  /** The free lists; an order that is not named is empty. */
  readonly freeLists: readonly ListContent[];
  /** The largest order worth searching; ignored where the edition keeps none. */
  readonly maxOrder: Order;
}

const BY = "the builder of a state";

/**
 * Replaces what an initialised area holds: page states, free lists, `max_order`.
 *
 * Blocks that were listed are taken off their lists and their links wiped, as `list_remove` does; the
 * frames that they touched stay touched. Nodes are linked with the stores of `list_add_tail`.
 *
 * @param state the allocator
 * @param slot the area's slot
 * @param content what it is to hold
 * @throws {RangeError} if there is no such area, or the states are not as many as its frames
 */
export function rebuildArea(state: LiteralState, slot: number, content: AreaContent): void {
  if (!isInitialised(state, slot)) {
    throw new RangeError(`Cannot rebuild area ${slot}: the area must be initialised`);
  }
  const area = areaInSlot(state, slot);
  const frames = readPfn(state, area, "top") - readPfn(state, area, "base");
  const given = content.states.reduce((sum, { count }) => sum + count, 0);
  if (given !== frames) {
    throw new RangeError(
      `Cannot rebuild area ${slot}: it has ${frames} frames and must be given as many states, not ${given}`,
    );
  }
  for (let listed = 0; listed < state.layout.listCount; listed++) {
    const head = freeListHead(state, area, listed);
    let node = readNext(state.space, head, BY);
    while (node !== head && removeFromList(state.space, node) === "removed") {
      node = readNext(state.space, head, BY);
    }
    makeEmptyList(state.space, head, BY);
  }
  let index = 0;
  for (const { state: byte, count } of content.states) {
    fillPageStates(state, area, index, BigInt(count), byte, BY);
    index += count;
  }
  for (const { order, pfns } of content.freeLists) {
    const head = freeListHead(state, area, order);
    for (const frame of pfns) addToBack(state.space, head, state.conversions.pfnToVirt(frame));
  }
  writeMaxOrder(state, area, content.maxOrder);
}
