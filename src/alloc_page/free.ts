/**
 * Giving a block back.
 *
 * @module
 */

import { isAlignedToOrder, order, pagesOfOrder, pfn } from "../units.ts";
import type { Order, Pfn, VirtAddr } from "../units.ts";
import { areaOf, usableAreaContains } from "./areas.ts";
import { assertThat, linkBlock, rewriteStates } from "./blocks.ts";
import { coalesce } from "./coalesce.ts";
import { encodePageState, orderBits } from "./page_state.ts";
import { dropLock, pageStateAddress, readPfn, takeLock } from "./state.ts";
import type { Area, LiteralState } from "./state.ts";

/**
 * Frees a block; its size is known from its page state. NULL is ignored.
 *
 * Source: `lib/alloc_page.c`, `free_pages()`, f90ddba3 to 4a54e8a3.
 *
 * @param state the allocator
 * @param block the block's address
 */
export function freePages(state: LiteralState, block: VirtAddr): void {
  takeLock(state, "free_pages");
  freeLocked(state, block);
  dropLock(state);
}

/**
 * Frees a block while the lock is held.
 *
 * Assumes that
 * - the address is a multiple of the page size and lies in the usable range of an area;
 * - the block is allocated, aligned to its order, and ends inside the area;
 * - all its frames have the same page state.
 *
 * Changes the block's page states, puts it at the front of its free list, and joins it with its buddies
 * as long as {@linkcode coalesce} can.
 *
 * Ends in a failed assertion if an assumption does not hold. Upstream converts the address to a pfn
 * before anything is checked, NULL included; where that walks page tables, it can wait for ever.
 *
 * Editions: `freedNull`.
 *
 * Source: `lib/alloc_page.c`, `_free_pages()`, 8131e91a to 4a54e8a3.
 *
 * @param state the allocator
 * @param block the block's address
 */
export function freeLocked(state: LiteralState, block: VirtAddr): void {
  if (block === 0n && state.edition.freedNull === "not-looked-up") return;
  const frame = state.conversions.virtToPfn(block);
  if (block === 0n) return;
  const pageBytes = 1n << BigInt(state.pageShift);
  assertThat(state, block % pageBytes === 0n, "freeAligned");
  const area = areaOf(state, frame);
  const message = area === null
    ? `memory does not belong to any area: 0x${block.toString(16)}`
    : "";
  assertThat(state, area !== null, "freeArea", message);
  if (area === null) return;

  const index = frame - readPfn(state, area, "base");
  const metadata = state.space.readByte(pageStateAddress(state, area, index), "_free_pages()");
  const blockOrder = orderBits(state.format, metadata);
  checkFreedBlock(state, area, frame, metadata, blockOrder);

  const free = encodePageState(state.format, "free", blockOrder);
  const count = pagesOfOrder(blockOrder);
  const allocated = encodePageState(state.format, "allocated", blockOrder);
  rewriteStates(state, area, index, count, allocated, free, "freeStates");
  linkBlock(state, area, blockOrder, block, "front");
  joinWithBuddies(state, area, frame, index);
}

function checkFreedBlock(
  state: LiteralState,
  area: Area,
  frame: Pfn,
  metadata: number,
  blockOrder: Order,
): void {
  const allocated = encodePageState(state.format, "allocated", blockOrder);
  assertThat(state, metadata === allocated, "freeAllocated");
  assertThat(state, blockOrder < state.layout.listCount, "freeOrder");
  assertThat(state, isAlignedToOrder(frame, blockOrder), "freeBlockAligned");
  const last = frame + pagesOfOrder(blockOrder) - 1;
  assertThat(state, usableAreaContains(state, area, last), "freeLastPage");
}

/**
 * Joins upwards. The order is read again and again from the frame that was freed, which lies inside
 * the grown block.
 */
function joinWithBuddies(state: LiteralState, area: Area, freed: Pfn, index: number): void {
  let lower: number = freed;
  let result: "joined" | "left";
  do {
    const metadata = state.space.readByte(pageStateAddress(state, area, index), "_free_pages()");
    const blockOrder = orderBits(state.format, metadata);
    const count = pagesOfOrder(blockOrder);
    if (!isAlignedToOrder(pfn(lower), order(blockOrder + 1))) lower -= count;
    result = coalesce(state, area, blockOrder, pfn(lower), pfn(lower + count));
  } while (result === "joined");
}
