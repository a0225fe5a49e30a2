/**
 * Giving virtual memory back: its pages, one by one. Upstream leaves the virtual addresses taken, and
 * mapped.
 *
 * @module
 */

import { assertInStack } from "../alloc_phys.ts";
import { virtToPtePhys } from "../memory/page_table/mod.ts";
import { physToVirt } from "../mmu.ts";
import type { VirtAddr } from "../units.ts";
import { checksAll, freePageAt, unmapsFreed } from "./backing.ts";
import { giveBackVirtualPages } from "./carve.ts";
import { keepsMetadata } from "./memalign.ts";
import { pageBytesOf, tablesOf, VM_MAGIC, wordOf, wrapAddress } from "./state.ts";
import type { MemoryStack } from "./state.ts";

/**
 * Frees the pages of a block. NULL is ignored, since 12513346.
 *
 * A pointer to the start of a page has a metadata page below it; every other pointer is alone in its page.
 *
 * Assumes that the magic word stands in front of the block, with the number of pages before it, and that
 * every page is mapped.
 *
 * Changes the page allocator only: the pages go to the front of its list of single pages. Their page table
 * entries, the tables and the virtual addresses are left behind; so is their content, except for the two
 * words of the list node. With the promises kept, the entries are cleared and the virtual addresses are
 * free again; the tables stay, even those that map nothing any more.
 *
 * Ends in a failed assertion if an assumption does not hold, and where the page allocator's free does.
 *
 * Source: `lib/vmalloc.c`, `vm_free()`, 3f6fee0d to 1da1819e.
 *
 * @param stack the allocators
 * @param block the block
 * @param size in bytes; only before 3f6fee0d does anybody look at it
 */
export function vmFree(stack: MemoryStack, block: VirtAddr, size: bigint): void {
  if (!keepsMetadata(stack.edition)) return freePlain(stack, block, size);
  if (block === 0n && checksAll(stack.edition)) return;
  const word = wordOf(stack);
  const by = "vm_free()";
  const magic = stack.space.readWord(wrapAddress(stack, block - word), by);
  if (block % pageBytesOf(stack) !== 0n) {
    assertInStack(stack.edition, magic === VM_MAGIC, "freeOnePageMagic");
    freePageAt(stack, block, "freeOnePageMapped");
    giveBackVirtualPages(stack, pageBelow(stack, block), 1n);
    return;
  }
  assertInStack(stack.edition, magic === VM_MAGIC, "freeMagic");
  const header = wrapAddress(stack, block - 2n * word);
  const count = (): bigint => stack.space.readWord(header, by);
  assertInStack(stack.edition, count() > 0n, "freeSomePages");
  if (checksAll(stack.edition)) {
    const limit = 1n << BigInt(stack.arch.wordBits - stack.pageShift);
    assertInStack(stack.edition, count() < limit, "freeNotTooManyPages");
  }
  const first = wrapAddress(stack, block - pageBytesOf(stack));
  const pages = count() + 1n;
  const isReadAgain = !unmapsFreed(stack.edition);
  // Upstream reads the number for each page, although the page that holds it is the first to go.
  for (let page = 0n; page < (isReadAgain ? count() + 1n : pages); page++) {
    freePageAt(stack, wrapAddress(stack, first + page * pageBytesOf(stack)), "freeMapped");
  }
  giveBackVirtualPages(stack, first, pages);
}

/** The address of the page in which an address lies. */
function pageBelow(stack: MemoryStack, address: VirtAddr): VirtAddr {
  return wrapAddress(stack, address - address % pageBytesOf(stack));
}

/**
 * The form before 3f6fee0d: the caller knows the size.
 *
 * Source: `lib/vmalloc.c`, `vm_free()`, 3f6fee0d^.
 */
function freePlain(stack: MemoryStack, block: VirtAddr, size: bigint): void {
  const pageBytes = pageBytesOf(stack);
  for (let done = 0n; done < size; done += pageBytes) {
    const phys = virtToPtePhys(tablesOf(stack), wrapAddress(stack, block + done));
    stack.pages.freePages(physToVirt(stack.mmu, phys));
  }
}
