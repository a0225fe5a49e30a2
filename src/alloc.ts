/**
 * malloc and its like. They change hands while the machine boots: the early allocator serves them first,
 * then the page allocator, then vmalloc.
 *
 * ```text
 *   malloc, calloc, memalign, free
 *     early:    bytes, upwards; nothing comes back
 *     page:     blocks of 2^k pages
 *     vmalloc:  virtual pages
 * ```
 *
 * Source: `lib/alloc.c`, 8131e91a to 1da1819e.
 *
 * @module
 */

import { assertInStack, earlyMemalign } from "./alloc_phys.ts";
import type { Edition } from "./edition.ts";
import { physToVirt } from "./mmu.ts";
import { requestFlags } from "./request_flags.ts";
import { byteCount, virtAddr } from "./units.ts";
import type { VirtAddr } from "./units.ts";
import { vmFree, vmMemalign } from "./vmalloc/mod.ts";
import type { MemoryStack } from "./vmalloc/mod.ts";
import { alignUpWrapped, isPowerOfTwo, wordBytes, wrapToWord } from "./word.ts";

function wordOf(stack: MemoryStack): bigint {
  return BigInt(wordBytes(stack.arch.wordBits));
}

function wrap(stack: MemoryStack, value: bigint): bigint {
  return wrapToWord(stack.arch.wordBits, value);
}

/**
 * Tells whether malloc keeps two words of its own in front of a block.
 *
 * Editions: `mallocHeader`.
 *
 * @param edition the edition
 * @returns whether it does
 */
export function hasHeader(edition: Edition): boolean {
  return edition.mallocHeader === "slack-and-size";
}

/** What the allocator that serves malloc gives. */
function backendMemalign(stack: MemoryStack, alignment: bigint, size: bigint): VirtAddr | null {
  switch (stack.ops.current) {
    case "early": {
      const phys = earlyMemalign(stack.early, alignment, size);
      return phys === null ? null : physToVirt(stack.mmu, phys);
    }
    case "page": {
      const any = requestFlags(stack.edition, { areasMask: null, dontZero: false, fresh: false });
      return stack.pages.memalignPages(alignment, size, any);
    }
    case "vmalloc":
      return vmMemalign(stack, alignment, size);
  }
}

/**
 * Allocates aligned memory; nothing for a size of 0.
 *
 * Assumes that the alignment is a power of two, and that there is enough memory.
 *
 * Ends in a failed assertion if an assumption does not hold: upstream never returns NULL for lack of
 * memory. With the promise kept it does.
 *
 * Editions: `mallocWithoutMemory`.
 *
 * Source: `lib/alloc.c`, `memalign()`, f90ddba3 to 1da1819e.
 *
 * @param stack the allocators
 * @param alignment in bytes; a `size_t`
 * @param size in bytes; a `size_t`
 * @returns the address; null for a size of 0, or without memory where that is no failed assertion
 */
export function memalign(
  stack: MemoryStack,
  alignment: bigint,
  size: bigint,
): VirtAddr | null {
  const bytes = wrap(stack, size);
  const align = wrap(stack, alignment);
  if (bytes === 0n) return null;
  if (hasHeader(stack.edition)) return memalignWithHeader(stack, align, bytes);
  assertInStack(stack.edition, isPowerOfTwo(align), "mallocAlignment");
  const block = backendMemalign(stack, align, bytes);
  if (block === null && stack.edition.mallocWithoutMemory === "gives-null") return null;
  assertInStack(stack.edition, block !== null && block !== 0n, "mallocSucceeds");
  return block;
}

/** The granularity that the front end applied for each allocator (`alloc_ops->align_min`). */
function granularityOf(stack: MemoryStack): bigint {
  return stack.ops.current === "early" ? stack.early.alignMin : 1n << BigInt(stack.pageShift);
}

/**
 * The form before f90ddba3: two words in front of the object say how far it is from the block's start, and
 * how large the block is.
 *
 * ```text
 *   | ... slack size | object ... |
 *   block            ^ the result
 * ```
 *
 * Source: `lib/alloc.c`, `memalign()`, 8131e91a.
 */
function memalignWithHeader(stack: MemoryStack, alignment: bigint, size: bigint): VirtAddr {
  const { wordBits } = stack.arch;
  const word = wordOf(stack);
  const fits = alignment >= word && isPowerOfTwo(alignment);
  assertInStack(stack.edition, fits, "mallocAlignment");
  const granularity = granularityOf(stack);
  const blockAlignment = alignment > granularity ? alignment : granularity;
  const wanted = wrap(stack, size + alignment - 1n + 2n * word);
  const blockSize = alignUpWrapped(wordBits, wanted, granularity);
  const block = backendMemalign(stack, blockAlignment, blockSize);
  assertInStack(stack.edition, block !== null && block !== 0n, "mallocSucceeds");
  const object = alignUpWrapped(wordBits, wrap(stack, block + 2n * word), alignment);
  const slack = virtAddr(wrap(stack, object - 2n * word));
  stack.space.writeWord(slack, wrap(stack, object - block), "memalign()");
  stack.space.writeWord(virtAddr(wrap(stack, object - word)), blockSize, "memalign()");
  return virtAddr(object);
}

/**
 * Allocates memory, aligned to a word.
 *
 * Source: `lib/alloc.c`, `malloc()`, 1da1819e.
 *
 * @param stack the allocators
 * @param size in bytes
 * @returns the address, or null for a size of 0
 */
export function malloc(stack: MemoryStack, size: bigint): VirtAddr | null {
  return memalign(stack, wordOf(stack), size);
}

/**
 * Allocates memory for an array, and clears it.
 *
 * Ends in a failed assertion if its size does not fit a word.
 *
 * Source: `lib/alloc.c`, `calloc()`, 1da1819e.
 *
 * @param stack the allocators
 * @param count the number of elements
 * @param size the size of each in bytes
 * @returns the address, or null for a size of 0
 */
export function calloc(stack: MemoryStack, count: bigint, size: bigint): VirtAddr | null {
  const bytes = wrap(stack, count) * wrap(stack, size);
  assertInStack(stack.edition, bytes === wrap(stack, bytes), "callocFits");
  const block = malloc(stack, bytes);
  if (block !== null) stack.space.fill(block, byteCount(bytes), 0, "calloc()");
  return block;
}

/**
 * Frees memory, by the allocator that serves malloc now, whichever it came from. The early allocator takes
 * nothing back.
 *
 * Before f90ddba3 the words in front of the object are read first, those of NULL too.
 *
 * Source: `lib/alloc.c`, `free()`, 8131e91a to 1da1819e.
 *
 * @param stack the allocators
 * @param object the address; null for NULL
 */
export function free(stack: MemoryStack, object: VirtAddr | null): void {
  if (stack.ops.current === "early") return;
  const address = object ?? virtAddr(0n);
  if (!hasHeader(stack.edition)) return freeBlock(stack, address, 0n);
  const word = wordOf(stack);
  const slackAt = virtAddr(wrap(stack, address - 2n * word));
  const slack = stack.space.readWord(slackAt, "free()");
  const size = stack.space.readWord(virtAddr(wrap(stack, address - word)), "free()");
  freeBlock(stack, virtAddr(wrap(stack, address - slack)), size);
}

function freeBlock(stack: MemoryStack, block: VirtAddr, size: bigint): void {
  if (stack.ops.current === "page") stack.pages.freePages(block);
  else vmFree(stack, block, size);
}
