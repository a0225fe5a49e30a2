/**
 * Allocating virtual memory with pages behind it.
 *
 * @module
 */

import { assertInStack } from "../alloc_phys.ts";
import type { Edition } from "../edition.ts";
import { orderOfPages, pageCount } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { alignUpWrapped, isPowerOfTwo, wrapToWord } from "../word.ts";
import { backPages } from "./backing.ts";
import { allocVpage, allocVpages, takeVirtualPages } from "./carve.ts";
import { pageBytesOf, VM_MAGIC, wordOf, wrapAddress } from "./state.ts";
import type { MemoryStack } from "./state.ts";

/**
 * Tells whether an edition's vmalloc keeps the size of a block in front of it.
 *
 * Editions: `vmallocMetadata`.
 *
 * @param edition the edition
 * @returns whether it does
 */
export function keepsMetadata(edition: Edition): boolean {
  return edition.vmallocMetadata === "in-front";
}

/**
 * Allocates virtual memory. What fits a page together with its alignment gets one page, and a pointer
 * that is never the address of a page; everything else gets whole pages behind a page of metadata.
 *
 * ```text
 *   one page:    | ... magic | object ...          |
 *   more:        |           ... npages magic | object ...  | ... |
 *                  metadata page                ^ the result
 * ```
 *
 * Assumes that the alignment is a power of two, and that there are enough pages: in the first form
 * upstream does not look, and the object lands at physical address 0. With the promises kept, a request
 * that cannot be had gives NULL, and nothing is left of it but page tables.
 *
 * Changes the page allocator, the page tables, and the words in front of the object.
 *
 * Ends in a failed assertion if an assumption does not hold that is checked. Alignment and size are added
 * in a word, so that the sum of a huge size wraps round to something small; or such a size gives NULL.
 *
 * Editions: `wrappingMallocSizes`.
 *
 * Source: `lib/vmalloc.c`, `vm_memalign()`, 3f6fee0d to 1da1819e.
 *
 * @param stack the allocators
 * @param alignment in bytes
 * @param size in bytes
 * @returns the address; null for a size of 0, or if the promises are kept and there is no such block
 */
export function vmMemalign(
  stack: MemoryStack,
  alignment: bigint,
  size: bigint,
): VirtAddr | null {
  if (!keepsMetadata(stack.edition)) return memalignPlain(stack, alignment, size);
  if (size === 0n) return null;
  assertInStack(stack.edition, isPowerOfTwo(alignment), "vmallocPowerOfTwo");
  const { wordBits } = stack.arch;
  const pageBytes = pageBytesOf(stack);
  const word = wordOf(stack);
  const align = alignment < word ? word : alignment;
  const refusesWrapping = stack.edition.wrappingMallocSizes === "give-null";
  if (refusesWrapping && align + size > wrapToWord(wordBits, -pageBytes)) return null;
  if (wrapToWord(wordBits, align + size) <= pageBytes) return allocOnePage(stack, align);

  const count = alignUpWrapped(wordBits, size, pageBytes) / pageBytes;
  const alignPages = alignUpWrapped(wordBits, align, pageBytes) / pageBytes;
  const alignOrder = orderOfPages(pageCount(Number(alignPages)));
  const metadata = takeVirtualPages(stack, count, alignOrder, "with-metadata");
  if (metadata === null) return null;
  const block = wrapAddress(stack, metadata + pageBytes);
  if (backPages(stack, metadata, count + 1n, "asserted") === "no-memory") return null;
  const by = "vm_memalign()";
  stack.space.writeWord(wrapAddress(stack, block - 2n * word), count, by);
  stack.space.writeWord(wrapAddress(stack, block - word), VM_MAGIC, by);
  return block;
}

/**
 * Allocates an object that shares its page with the magic word in front of it.
 *
 * Source: `lib/vmalloc.c`, `vm_alloc_one_page()`, 3f6fee0d to 1da1819e.
 */
function allocOnePage(stack: MemoryStack, alignment: bigint): VirtAddr | null {
  const word = wordOf(stack);
  assertInStack(stack.edition, alignment >= word, "onePageRoomForMagic");
  assertInStack(stack.edition, alignment < pageBytesOf(stack), "onePageSmallAlignment");
  const page = allocVpage(stack);
  if (page === null || backPages(stack, page, 1n, "unchecked") === "no-memory") return null;
  const block = wrapAddress(stack, page + alignment);
  stack.space.writeWord(wrapAddress(stack, block - word), VM_MAGIC, "vm_alloc_one_page()");
  return block;
}

/**
 * The form before 3f6fee0d: whole pages without metadata; the caller keeps the size.
 *
 * Source: `lib/vmalloc.c`, `vm_memalign()`, 3f6fee0d^.
 */
function memalignPlain(stack: MemoryStack, alignment: bigint, size: bigint): VirtAddr | null {
  const pageBytes = pageBytesOf(stack);
  assertInStack(stack.edition, alignment <= pageBytes, "vmallocAlignmentInPage");
  const count = alignUpWrapped(stack.arch.wordBits, size, pageBytes) / pageBytes;
  const block = allocVpages(stack, count);
  if (block === null || backPages(stack, block, count, "unchecked") === "no-memory") return null;
  return block;
}
