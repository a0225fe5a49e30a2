/**
 * Requests: size and alignment, the areas that are allowed, zeroes.
 *
 * @module
 */

import type { Edition, Facts } from "../edition.ts";
import { readRequestFlags } from "../request_flags.ts";
import { byteCount, order, orderOfPages, pageCount } from "../units.ts";
import type { Order, VirtAddr } from "../units.ts";
import { alignUpWrapped, isPowerOfTwo, wrapToWord } from "../word.ts";
import { areasOfZones, zonesMask } from "./areas.ts";
import { assertThat, frameOf } from "./blocks.ts";
import { takeFromArea } from "./search.ts";
import type { Wanted } from "./search.ts";
import { bitOfOrder, dropLock, emit, takeLock } from "./state.ts";
import type { LiteralState } from "./state.ts";

/**
 * Allocates a block of 2^order frames.
 *
 * Editions: `excessiveOrders`.
 *
 * Source: `lib/alloc_page.c`, `alloc_pages_flags()` (550b4683), `alloc_pages_area()` before.
 *
 * @param state the allocator
 * @param requestedOrder an `unsigned int`; upstream looks at its lowest 8 bits only
 * @param flags the flags or areas, as the edition's call takes them
 * @returns the block's address, or null if there is none
 */
export function allocPages(
  state: LiteralState,
  requestedOrder: number,
  flags: number,
): VirtAddr | null {
  if (isRefused(state, requestedOrder)) return null;
  const cut = order(requestedOrder % 256);
  return request(state, cut, cut, flags);
}

/**
 * Allocates a block of a size and an alignment in bytes.
 *
 * Assumes that the alignment is a power of two, and that the orders of both have a free list.
 *
 * Both are rounded up to pages in a word, so that upstream takes a size above 2^word - page size for
 * one page, as it does with 0.
 *
 * Ends in a failed assertion if an assumption does not hold.
 *
 * Editions: `excessiveOrders`, `wrappingSizes`.
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
  if (wrapsRound(state, size) && state.edition.wrappingSizes === "give-null") return null;
  const sizeOrder = orderOfBytes(state, size);
  if (isRefused(state, Math.max(alignOrder, sizeOrder))) return null;
  assertThat(state, alignOrder < state.layout.listCount, "memalignAlignment");
  assertThat(state, sizeOrder < state.layout.listCount, "memalignSize");
  return request(state, alignOrder, sizeOrder, flags);
}

/** Tells whether there can be no block of an order and the edition says so before it looks. */
function isRefused(state: LiteralState, requested: number): boolean {
  return requested >= state.layout.listCount && state.edition.excessiveOrders === "give-null";
}

/** Tells whether a size in bytes, rounded up to pages, does not fit a word. */
function wrapsRound(state: LiteralState, size: bigint): boolean {
  const rounded = alignUpWrapped(state.space.wordBits, size, 1n << BigInt(state.pageShift));
  return size > 0n && rounded === 0n;
}

function orderOfBytes(state: LiteralState, size: bigint): Order {
  const shift = BigInt(state.pageShift);
  const rounded = alignUpWrapped(state.space.wordBits, size, 1n << shift);
  return orderOfPages(pageCount(Number(rounded >> shift)));
}

/**
 * Tries the areas of the allowed zones by ascending slot, then zeroes what was found.
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
  const wishes = readRequestFlags(state.edition, flags, zonesMask(state));
  const wanted: Wanted = wishes.fresh ? "fresh" : "any";
  const swapped = state.edition.memalignArguments === "swapped";
  const first = swapped ? sizeOrder : alignOrder;
  const second = swapped ? alignOrder : sizeOrder;
  takeLock(state, "page_memalign_order_flags");
  let block: VirtAddr | null = null;
  for (const area of areasOfZones(state, wishes.areasMask)) {
    block = takeFromArea(state, area, first, second, wanted);
    if (block !== null) break;
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
 * What an edition does with a request before and after the search, as plain data.
 *
 * Editions: `memalignArguments`, `zeroesByDefault`.
 *
 * @param edition the edition
 * @returns the facts
 */
export function requestingOf(
  edition: Edition,
): Pick<Facts, "memalignArguments" | "zeroesByDefault"> {
  return { memalignArguments: edition.memalignArguments, zeroesByDefault: edition.zeroesByDefault };
}
