/**
 * Virtual pages: they are given out downwards and never come back.
 *
 * @module
 */

import { assertInStack } from "../alloc_phys.ts";
import { stop } from "../outcome.ts";
import type { ByteCount, PhysAddr, VirtAddr } from "../units.ts";
import { alignUpWrapped, shiftLeft, wrapToWord } from "../word.ts";
import { install, pageBytesOf, wrapAddress } from "./state.ts";
import type { MemoryStack } from "./state.ts";

/**
 * Takes virtual pages; nothing is mapped there.
 *
 * ```text
 *   <- free ...   metadata | page page page | lost to alignment   taken before ->
 *                 ^ the result, and the new top
 * ```
 *
 * Nothing keeps the addresses from wrapping round, or from meeting what is mapped already.
 *
 * Source: `lib/vmalloc.c`, `do_alloc_vpages()`, 3f6fee0d to 1da1819e.
 *
 * @param stack the allocators
 * @param count how many; 0 gives the address of the block before
 * @param alignOrder the base-2 logarithm of the alignment in pages
 * @param metadata whether a page more is wanted below
 * @returns the address of the lowest page
 */
export function takeVirtualPages(
  stack: MemoryStack,
  count: bigint,
  alignOrder: number,
  metadata: "with-metadata" | "without-metadata",
): VirtAddr {
  const pageBytes = pageBytesOf(stack);
  const shift = stack.pageShift + alignOrder;
  const mask = shiftLeft(64, 2n ** 64n - 1n, shift, stack.arch.wideShiftOf64Bits);
  let address = wrapAddress(stack, stack.vmalloc.vfreeTop - pageBytes * count);
  address = wrapAddress(stack, address & mask); // bits: bigints.
  if (metadata === "with-metadata") address = wrapAddress(stack, address - pageBytes);
  stack.vmalloc.vfreeTop = address;
  return address;
}

/**
 * Takes virtual pages, aligned.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpages_aligned()`, 1da1819e.
 *
 * @param stack the allocators
 * @param count how many
 * @param alignOrder the base-2 logarithm of the alignment in pages
 * @returns the address of the first
 */
export function allocVpagesAligned(
  stack: MemoryStack,
  count: bigint,
  alignOrder: number,
): VirtAddr {
  return takeVirtualPages(stack, count, alignOrder, "without-metadata");
}

/**
 * Takes virtual pages.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpages()`, 1da1819e.
 *
 * @param stack the allocators
 * @param count how many
 * @returns the address of the first
 */
export function allocVpages(stack: MemoryStack, count: bigint): VirtAddr {
  return allocVpagesAligned(stack, count, 0);
}

/**
 * Takes a virtual page.
 *
 * Source: `lib/vmalloc.c`, `alloc_vpage()`, 1da1819e.
 *
 * @param stack the allocators
 * @returns its address
 */
export function allocVpage(stack: MemoryStack): VirtAddr {
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
 * Maps physical memory at new virtual pages. The offset in the page is lost, and so is the last page of a
 * range that straddles one more than its size says.
 *
 * Ends in undefined behaviour if the size is that of more than 2^28 pages: nobody would wait for it.
 *
 * Source: `lib/vmalloc.c`, `vmap()`, 1da1819e.
 *
 * @param stack the allocators
 * @param phys the address of the memory
 * @param size in bytes; a `size_t`
 * @returns the address of the first virtual page
 */
export function vmap(stack: MemoryStack, phys: PhysAddr, size: ByteCount): VirtAddr {
  const pageBytes = pageBytesOf(stack);
  const { wordBits } = stack.arch;
  const count = alignUpWrapped(wordBits, wrapToWord(wordBits, size), pageBytes) / pageBytes;
  if (count > MOST_PAGES) neverEnds();
  const first = allocVpages(stack, count);
  const physFirst = phys & ~(pageBytes - 1n);
  for (let done = 0n; done < count; done++) {
    const distance = done * pageBytes;
    install(stack, wrapToWord(64, physFirst + distance), first + distance);
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
}
