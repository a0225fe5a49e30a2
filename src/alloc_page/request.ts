/**
 * Requests: search for a block, split it down, hand it out.
 *
 * @module
 */

import { isListEmpty, readNext, readPrevious } from "../linked_list.ts";
import { readRequestFlags } from "../request_flags.ts";
import { byteCount, order, orderOfPages, pageCount } from "../units.ts";
import type { Order, VirtAddr } from "../units.ts";
import { alignUpWrapped, isPowerOfTwo, wrapToWord } from "../word.ts";
import { assertThat, frameOf, linkBlock, unlinkBlock } from "./blocks.ts";
import { encodePageState, statusOf } from "./page_state.ts";
import { split } from "./split.ts";
import {
  areaInSlot,
  bitOfOrder,
  dropLock,
  emit,
  fillPageStates,
  freeListHead,
  isInitialised,
  pageStateAddress,
  readMaxOrder,
  readPfn,
  takeLock,
} from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/** What a request wants of the blocks it takes. */
type Wanted = "any" | "fresh";

/**
 * Allocates a block of 2^order frames.
 *
 * Source: `lib/alloc_page.c`, `alloc_pages_flags()` (550b4683), `alloc_pages_area()` before.
 *
 * @param state the allocator
 * @param requestedOrder an `unsigned int`; only its lowest 8 bits count
 * @param flags the flags or areas, as the edition's call takes them
 * @returns the block's address, or null if there is none
 */
export function allocPages(
  state: LiteralState,
  requestedOrder: number,
  flags: number,
): VirtAddr | null {
  const cut = order(requestedOrder % 256);
  return request(state, cut, cut, flags);
}

/**
 * Allocates a block of a size and an alignment in bytes.
 *
 * Assumes that the alignment is a power of two, and that the orders of both have a free list.
 *
 * Both are rounded up to pages in a word, so that a size above 2^word - page size wraps round to one
 * page, as does 0.
 *
 * Ends in a failed assertion if an assumption does not hold.
 *
 * Source: `lib/alloc_page.c`, `memalign_pages_flags()` (550b4683), `memalign_pages_area()` before.
 *
 * @param state the allocator
 * @param alignment in bytes, a word
 * @param size in bytes, a word
 * @param flags the flags or areas, as the edition's call takes them
 * @returns the block's address, or null if there is none
 */
export function memalignPages(
  state: LiteralState,
  alignment: bigint,
  size: bigint,
  flags: number,
): VirtAddr | null {
  assertThat(state, isPowerOfTwo(alignment), "memalignPowerOfTwo");
  const alignOrder = orderOfBytes(state, alignment);
  const sizeOrder = orderOfBytes(state, size);
  assertThat(state, alignOrder < state.layout.listCount, "memalignAlignment");
  assertThat(state, sizeOrder < state.layout.listCount, "memalignSize");
  return request(state, alignOrder, sizeOrder, flags);
}

function orderOfBytes(state: LiteralState, size: bigint): Order {
  const shift = BigInt(state.pageShift);
  const rounded = alignUpWrapped(state.space.wordBits, size, 1n << shift);
  return orderOfPages(pageCount(Number(rounded >> shift)));
}

/**
 * Tries the allowed areas by ascending slot, then zeroes what was found.
 *
 * Editions: `memalignArguments`, `zeroesByDefault`, `flagValues` (through the request's flags).
 *
 * Source: `lib/alloc_page.c`, `page_memalign_order_flags()`, 4a54e8a3.
 */
function request(
  state: LiteralState,
  alignOrder: Order,
  sizeOrder: Order,
  flags: number,
): VirtAddr | null {
  const wishes = readRequestFlags(state.edition, flags, state.areasMask);
  const wanted: Wanted = wishes.fresh && state.edition.freshRequests === "served" ? "fresh" : "any";
  const swapped = state.edition.memalignArguments === "swapped";
  const first = swapped ? sizeOrder : alignOrder;
  const second = swapped ? alignOrder : sizeOrder;
  takeLock(state, "page_memalign_order_flags");
  let block: VirtAddr | null = null;
  for (let slot = 0; block === null && slot < state.areaTable.maxAreas; slot++) {
    if (Math.floor(wishes.areasMask / 2 ** slot) % 2 === 0 || !isInitialised(state, slot)) continue;
    block = takeFromArea(state, areaInSlot(state, slot), first, second, wanted);
  }
  dropLock(state);
  const zeroes = state.edition.zeroesByDefault === "yes" && !wishes.dontZero;
  if (block !== null && zeroes) zeroBlock(state, block, sizeOrder);
  return block;
}

function zeroBlock(state: LiteralState, block: VirtAddr, sizeOrder: Order): void {
  const { wordBits } = state.space;
  const length = wrapToWord(wordBits, bitOfOrder(state, sizeOrder) << BigInt(state.pageShift));
  state.space.fill(block, byteCount(length), 0, "page_memalign_order_flags()");
  const count = pageCount(Number(length >> BigInt(state.pageShift)));
  emit(state, { kind: "zero", pfn: frameOf(state, block), count });
}

/**
 * Takes a block out of an area: finds one large enough, splits it down, marks it allocated.
 *
 * A request for fresh frames looks one order higher and at the back of each list only; it then splits
 * down to the order asked for and hands out the upper half of that, so half of what was asked. For
 * order 0 the halving gives order 255.
 *
 * Assumes that both orders have a free list.
 *
 * Ends in a failed assertion if the assumption does not hold, or where {@linkcode split} does; in a
 * fault where the states of 2^255 frames are to be written.
 *
 * Editions: `maxOrderHint` (through the descriptor).
 *
 * Source: `lib/alloc_page.c`, `page_memalign_order()`, 8131e91a to 4a54e8a3.
 */
function takeFromArea(
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

  let { block } = found;
  let blockOrder = found.order;
  for (; blockOrder > sizeOrder; blockOrder--) split(state, area, block);
  unlinkBlock(state, order(blockOrder), block);
  let index = state.conversions.virtToPfn(block) - readPfn(state, area, "base");
  if (wanted === "fresh") {
    blockOrder = (blockOrder + 255) % 256;
    const half = giveLowerHalfBack(state, area, block, index, order(blockOrder));
    block = wrapToWord(state.space.wordBits, block + (half << BigInt(state.pageShift))) as VirtAddr;
    index += Number(half);
  }
  const allocated = encodePageState(state.format, "allocated", order(blockOrder));
  const count = bitOfOrder(state, order(blockOrder));
  fillPageStates(state, area, index, count, allocated, "page_memalign_order()");
  if (count <= 2n ** 52n) {
    const frames = pageCount(Number(count));
    emit(state, { kind: "state", pfn: frameOf(state, block), count: frames, state: allocated });
  }
  return block;
}

function giveLowerHalfBack(
  state: LiteralState,
  area: Area,
  block: VirtAddr,
  index: number,
  halfOrder: Order,
): bigint {
  const half = bitOfOrder(state, halfOrder);
  if (halfOrder >= state.arch.wordBits) {
    emit(state, {
      kind: "undefined",
      what: `shifts a ${state.arch.wordBits}-bit value by ${halfOrder}`,
      seen: `this target gives 0x${half.toString(16)}`,
    });
  }
  const fresh = encodePageState(state.format, "fresh", halfOrder);
  fillPageStates(state, area, index, half, fresh, "page_memalign_order()");
  linkBlock(state, area, halfOrder, block, "back");
  return half;
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
