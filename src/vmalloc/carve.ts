/**
 * Virtual pages: they are given out downwards. Upstream never takes one back.
 *
 * @module
 */

import { assertInStack } from "../alloc_phys.ts";
import { unmapPage } from "../memory/page_table/mod.ts";
import { stop } from "../outcome.ts";
import type { ByteCount, PhysAddr, VirtAddr } from "../units.ts";
import { alignUpWrapped, shiftLeft, wrapToWord } from "../word.ts";
import { install, pageBytesOf, tablesOf, wrapAddress } from "./state.ts";
import type { MemoryStack } from "./state.ts";
import {
  findHole,
  findVirtualBottom,
  fitsAboveBottom,
  giveBackRange,
  takeRange,
} from "./virtual_space.ts";

/** The largest shift of the mask that cuts an address to an alignment. */
const MOST_MASK_SHIFT = 63;

/**
 * Takes virtual pages; nothing is mapped there.
 *
 * ```text
 *   <- free ...   metadata | page page page | left by alignment   taken before ->
 *                 ^ the result, and the new top
 * ```
 *
 * Upstream takes what lies right below the top: nothing keeps the addresses from wrapping round, or from
 * meeting what is mapped already. With the promises kept, the highest hole that is large enough comes
 * first, and what an alignment passes over stays free.
 *
 * Source: `lib/vmalloc.c`, `do_alloc_vpages()`, 3f6fee0d to 1da1819e.
 *
 * @param stack the allocators
 * @param count how many; 0 gives the address of the block before
 * @param alignOrder the base-2 logarithm of the alignment in pages
 * @param metadata whether a page more is wanted below
 * @returns the address of the lowest page; null if there is no room, where there is a bottom
 */
export function takeVirtualPages(
  stack: MemoryStack,
  count: bigint,
  alignOrder: number,
  metadata: "with-metadata" | "without-metadata",
): VirtAddr | null {
  const pageBytes = pageBytesOf(stack);
  const shift = stack.pageShift + alignOrder;
  const mask = shiftLeft(64, 2n ** 64n - 1n, shift, stack.arch.wideShiftOf64Bits);
  const placedBelow = (end: bigint): VirtAddr => {
    let address = wrapAddress(stack, end - pageBytes * count);
    address = wrapAddress(stack, address & mask); // bits: bigints.
    if (metadata === "with-metadata") address = wrapAddress(stack, address - pageBytes);
    return address;
  };
  const bytes = bytesOfBlock(stack, count, metadata);
  if (stack.vmalloc.bottom !== 0n && shift > MOST_MASK_SHIFT) return null;
  const hole = findHole(stack, bytes, placedBelow);
  const first = hole?.taken ?? placedBelow(stack.vmalloc.vfreeTop);
  if (hole === null && !fitsAboveBottom(stack, bytes, first)) return null;
  takeRange(stack, bytes, hole, first);
  return first;
}

function bytesOfBlock(
  stack: MemoryStack,
  count: bigint,
  metadata: "with-metadata" | "without-metadata",
): bigint {
  return pageBytesOf(stack) * (metadata === "with-metadata" ? count + 1n : count);
}

/**
 * Gives virtual pages back, where that is done at all.
 *
 * @param stack the allocators
 * @param first the address of the lowest page
 * @param count how many, a page of metadata included
 */
export function giveBackVirtualPages(stack: MemoryStack, first: VirtAddr, count: bigint): void {
  giveBackRange(stack, first, first + count * pageBytesOf(stack));
}

/**
 * Takes virtual pages, aligned.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpages_aligned()`, 1da1819e.
 *
 * @param stack the allocators
 * @param count how many
 * @param alignOrder the base-2 logarithm of the alignment in pages
 * @returns the address of the first; null if there is no room, where there is a bottom
 */
export function allocVpagesAligned(
  stack: MemoryStack,
  count: bigint,
  alignOrder: number,
): VirtAddr | null {
  return takeVirtualPages(stack, count, alignOrder, "without-metadata");
}

/**
 * Takes virtual pages.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpages()`, 1da1819e.
 *
 * @param stack the allocators
 * @param count how many
 * @returns the address of the first; null if there is no room, where there is a bottom
 */
export function allocVpages(stack: MemoryStack, count: bigint): VirtAddr | null {
  return allocVpagesAligned(stack, count, 0);
}

/**
 * Takes a virtual page.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpage()`, 1da1819e.
 *
 * @param stack the allocators
 * @returns its address; null if there is no room, where there is a bottom
 */
export function allocVpage(stack: MemoryStack): VirtAddr | null {
  return allocVpages(stack, 1n);
}

/** A request for more pages than this would keep a guest busy for hours, and map nothing but itself. */
const MOST_PAGES = 2n ** 28n;

function neverEnds(): never {
  stop({
    kind: "undefined-behaviour",
    source: { file: "lib/vmalloc.c", function: "vmap", line: null },
    what: "maps more than 2^28 pages one by one",
    seen: "",
  });
}

/**
 * The number of pages that `vmap` maps: upstream rounds the size up and forgets that the range may begin
 * within a page, so that it may end in one more.
 *
 * Editions: `vmapCovers`.
 *
 * @returns the number; null if the range is larger than the address space
 */
function pagesOfMapping(stack: MemoryStack, phys: PhysAddr, size: ByteCount): bigint | null {
  const { wordBits } = stack.arch;
  const pageBytes = pageBytesOf(stack);
  const bytes = wrapToWord(wordBits, size);
  if (stack.edition.vmapCovers === "the-size-alone") {
    return alignUpWrapped(wordBits, bytes, pageBytes) / pageBytes;
  }
  const offset = phys % pageBytes;
  const rounded = (bytes === 0n ? 0n : offset + bytes + pageBytes - 1n) / pageBytes;
  return rounded * pageBytes > wrapToWord(wordBits, -1n) ? null : rounded;
}

/**
 * Maps physical memory at new virtual pages. The offset in the page is not in the result: callers add it.
 * Upstream loses it for the length too, and so the last page of a range that straddles one more than its
 * size says.
 *
 * Ends in undefined behaviour if the size is that of more than 2^28 pages: nobody would wait for it.
 *
 * Source: `lib/vmalloc.c`, `vmap()`, 1da1819e.
 *
 * @param stack the allocators
 * @param phys the address of the memory
 * @param size in bytes; a `size_t`
 * @returns the address of the first virtual page; null if there is no room, where there is a bottom, or
 *   no memory for page tables, where that is noticed
 */
export function vmap(stack: MemoryStack, phys: PhysAddr, size: ByteCount): VirtAddr | null {
  const pageBytes = pageBytesOf(stack);
  const count = pagesOfMapping(stack, phys, size);
  const first = count === null ? null : allocVpages(stack, count);
  if (count === null || first === null) return null;
  if (count > MOST_PAGES) neverEnds();
  const physFirst = phys & ~(pageBytes - 1n);
  for (let done = 0n; done < count; done++) {
    const distance = done * pageBytes;
    const end = install(stack, wrapToWord(64, physFirst + distance), first + distance);
    if (end === "installed") continue;
    for (let page = 0n; page < done; page++) {
      unmapPage(tablesOf(stack), wrapAddress(stack, first + page * pageBytes));
    }
    giveBackVirtualPages(stack, first, count);
    return null;
  }
  return first;
}

/**
 * Sets the upper end of the virtual pages.
 *
 * Ends in a failed assertion if vmalloc serves malloc already.
 *
 * Source: `lib/vmalloc.c`, `init_alloc_vpage()`, 1da1819e.
 *
 * @param stack the allocators
 * @param top the end; 0 stands for the end of the address space
 */
export function initAllocVpage(stack: MemoryStack, top: VirtAddr): void {
  assertInStack(stack.edition, stack.ops.current !== "vmalloc", "virtualTopBeforeVmalloc");
  stack.vmalloc.vfreeTop = wrapAddress(stack, top);
  stack.vmalloc.holes = [];
  findVirtualBottom(stack);
}
