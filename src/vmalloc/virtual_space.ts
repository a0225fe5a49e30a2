/**
 * Which virtual pages are free: upstream knows one address, below which all are; with the promises kept
 * there are holes above it, and a bottom.
 *
 * ```text
 *   other mappings | never taken          | block | hole | block | block | hole | block |
 *                  ^ bottom      vfreeTop ^                                             ^ where it began
 * ```
 *
 * The holes are kept outside of modelled memory, next to `vfree_top`: a freed page is unmapped and cannot
 * hold a note about itself. In C they would be a static table, like the early allocator's log.
 *
 * @module
 */

import { mappedEndBelow } from "../memory/page_table/mod.ts";
import type { VirtAddr } from "../units.ts";
import { virtAddr } from "../units.ts";
import { pageBytesOf, wrapAddress } from "./state.ts";
import type { MemoryStack, VirtualRange } from "./state.ts";

/** The end of the virtual pages that were never taken; not cut to a word. */
function endOfUntaken(stack: MemoryStack): bigint {
  const { vfreeTop } = stack.vmalloc;
  return vfreeTop === 0n ? 1n << BigInt(stack.arch.wordBits) : vfreeTop;
}

/** The lowest address that the hardware can translate in the half of the address space below a limit. */
function lowestTranslated(stack: MemoryStack, limit: bigint): bigint {
  const { wordBits } = stack.arch;
  const format = stack.mmu.tables?.format;
  if (format?.upperBits !== "copies-of-the-top-bit" || format.virtualBits >= wordBits) {
    return pageBytesOf(stack);
  }
  const halfBytes = 1n << BigInt(format.virtualBits - 1);
  return limit > halfBytes ? (1n << BigInt(wordBits)) - halfBytes : pageBytesOf(stack);
}

/**
 * Finds how far down virtual pages may be taken: to the end of what is mapped below, and of the memory
 * that the page allocator owns, whether it is mapped or not; never to page 0.
 *
 * Changes the bottom that vmalloc knows. It is looked for once, when the page tables stand; what is mapped
 * at free virtual pages later is overmapped.
 *
 * Editions: `virtualPagesEnd`.
 *
 * @param stack the allocators
 */
export function findVirtualBottom(stack: MemoryStack): void {
  if (stack.edition.virtualPagesEnd === "nowhere") return;
  const limit = endOfUntaken(stack);
  const { tables } = stack.mmu;
  const lowest = lowestTranslated(stack, limit);
  let bottom = tables === null ? lowest : mappedEndBelow(tables, limit, lowest);
  const shift = BigInt(stack.pageShift);
  for (const { metadata, top } of stack.pages.areas()) {
    const [first, end] = [BigInt(metadata) << shift, BigInt(top) << shift]; // bits: bigints.
    if (first < limit && end > bottom) bottom = end < limit ? end : limit;
  }
  stack.vmalloc.bottom = virtAddr(bottom);
}

/** What a room for virtual pages has to offer. */
interface Room extends VirtualRange {
  /** The lowest of the pages in it that fit; they stand as high as they can. */
  readonly taken: VirtAddr;
}

/**
 * Looks for the highest room among what is free above `vfree_top`.
 *
 * @param stack the allocators
 * @param bytes the size of the pages
 * @param placedBelow the lowest of the pages, if they are to end at an address or below
 * @returns the hole, and where in it the pages are; null if they fit none
 */
export function findHole(
  stack: MemoryStack,
  bytes: bigint,
  placedBelow: (end: bigint) => VirtAddr,
): Room | null {
  for (const hole of stack.vmalloc.holes) {
    const taken = placedBelow(hole.end);
    if (fitsIn(hole, taken, bytes)) return { ...hole, taken };
  }
  return null;
}

/**
 * Takes virtual pages that were free: those of a hole, or those right below `vfree_top`. What lies between
 * them and their neighbours is free for others.
 *
 * @param stack the allocators
 * @param bytes the size of the pages
 * @param room the hole; null for the pages below `vfree_top`
 * @param first the address of the lowest page
 */
export function takeRange(
  stack: MemoryStack,
  bytes: bigint,
  room: Room | null,
  first: VirtAddr,
): void {
  const { vmalloc } = stack;
  if (room === null) {
    const end = endOfUntaken(stack);
    vmalloc.vfreeTop = first;
    giveBackRange(stack, first + bytes, end);
    return;
  }
  vmalloc.holes = vmalloc.holes.filter((hole) => hole.first !== room.first);
  giveBackRange(stack, room.first, first);
  giveBackRange(stack, first + bytes, room.end);
}

/**
 * Tells whether virtual pages that were never taken lie above the bottom, all of them.
 *
 * @param stack the allocators
 * @param bytes the size of the pages
 * @param first the address of the lowest page
 * @returns whether they do; always, where there is no bottom
 */
export function fitsAboveBottom(stack: MemoryStack, bytes: bigint, first: VirtAddr): boolean {
  const { bottom } = stack.vmalloc;
  return bottom === 0n || fitsIn({ first: bottom, end: endOfUntaken(stack) }, first, bytes);
}

/** Whether pages lie in a range; their first address may have wrapped round. */
function fitsIn(range: VirtualRange, first: bigint, bytes: bigint): boolean {
  return bytes <= range.end - range.first && range.first <= first && first + bytes <= range.end;
}

/**
 * Makes virtual pages free again. Neighbours become one hole; a hole right above `vfree_top` raises it.
 *
 * Editions: `virtualPagesAreGiven`.
 *
 * @param stack the allocators
 * @param first the first address
 * @param end the first address after, not cut to a word
 */
export function giveBackRange(stack: MemoryStack, first: bigint, end: bigint): void {
  if (stack.edition.virtualPagesAreGiven === "once" || first >= end) return;
  const { vmalloc } = stack;
  let joined: VirtualRange = { first, end };
  const apart: VirtualRange[] = [];
  for (const hole of vmalloc.holes) {
    if (hole.first === joined.end) joined = { first: joined.first, end: hole.end };
    else if (hole.end === joined.first) joined = { first: hole.first, end: joined.end };
    else apart.push(hole);
  }
  if (joined.first === endOfUntaken(stack)) {
    vmalloc.vfreeTop = wrapAddress(stack, joined.end);
    vmalloc.holes = apart;
    return;
  }
  const below = apart.findIndex((hole) => hole.first < joined.first);
  vmalloc.holes = apart.toSpliced(below < 0 ? apart.length : below, 0, joined);
}
