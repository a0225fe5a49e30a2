/**
 * What vmalloc knows, and the parts of a machine that it works on.
 *
 * @module
 */

import type { AllocOps, EarlyAllocator } from "../alloc_phys.ts";
import type { Arch } from "../arch.ts";
import type { Edition } from "../edition.ts";
import type { AddressSpace } from "../memory/address_space.ts";
import { installPage } from "../memory/page_table/mod.ts";
import type { Installation, PageTables } from "../memory/page_table/mod.ts";
import type { Mmu } from "../mmu.ts";
import { virtToPhys } from "../mmu.ts";
import { unreachable } from "../outcome.ts";
import type { PageAllocator } from "../page_allocator.ts";
import { requestFlags } from "../request_flags.ts";
import { physAddr, virtAddr } from "../units.ts";
import type { PhysAddr, VirtAddr } from "../units.ts";
import { wordBytes, wrapToWord } from "../word.ts";

/** The word in front of every block, which says that vmalloc made it. */
export const VM_MAGIC = 0x7e57c0den;

/** A range of virtual addresses, `[first, end)`; the end is not cut to a word. */
export interface VirtualRange {
  /** The first address. */
  readonly first: bigint;
  /** The first address after. */
  readonly end: bigint;
}

/** What vmalloc knows outside of modelled memory. */
export interface VmallocState {
  /** `vfree_top`: what lies below is free; 0 stands for the end of the address space. */
  vfreeTop: VirtAddr;
  /** What is free above: the highest first, no two of them next to each other. */
  holes: readonly VirtualRange[];
  /** The lowest virtual address that may be given out; 0 where nobody looks. */
  bottom: VirtAddr;
  /** `page_root`: the root of the page tables; 0 before vmalloc is set up. */
  pageRoot: PhysAddr;
}

/** The allocators of a machine, one above the other. */
export interface MemoryStack {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Memory as the modelled code addresses it. */
  readonly space: AddressSpace;
  /** The early allocator. */
  readonly early: EarlyAllocator;
  /** The page allocator. */
  readonly pages: PageAllocator;
  /** The page tables. */
  readonly mmu: Mmu;
  /** vmalloc. */
  readonly vmalloc: VmallocState;
  /** The allocator that serves malloc. */
  readonly ops: AllocOps;
}

/**
 * Makes a vmalloc that was not set up.
 *
 * @returns its state
 */
export function newVmalloc(): VmallocState {
  return { vfreeTop: virtAddr(0n), holes: [], bottom: virtAddr(0n), pageRoot: physAddr(0n) };
}

/** The page size in bytes. */
export function pageBytesOf(stack: Pick<MemoryStack, "pageShift">): bigint {
  return 1n << BigInt(stack.pageShift);
}

/** The size of a word in bytes. */
export function wordOf(stack: Pick<MemoryStack, "arch">): bigint {
  return BigInt(wordBytes(stack.arch.wordBits));
}

/** An address cut to a word. */
export function wrapAddress(stack: Pick<MemoryStack, "arch">, address: bigint): VirtAddr {
  return virtAddr(wrapToWord(stack.arch.wordBits, address));
}

/** `PAGE_MASK`, which has the width of a word, applied to an address of any width. */
export function pageOf(stack: Pick<MemoryStack, "arch" | "pageShift">, address: bigint): bigint {
  return wrapToWord(stack.arch.wordBits, address) & ~(pageBytesOf(stack) - 1n);
}

/** The page tables, which exist as soon as anything is mapped. */
export function tablesOf(stack: MemoryStack): PageTables {
  return stack.mmu.tables ?? unreachable("vmalloc works without page tables");
}

/**
 * `alloc_page()`, converted to a physical address. If there is none, what NULL is converted to: 0, if that
 * needs no memory; or null, without a look at page tables.
 *
 * Editions: `missingBlockPages`.
 */
export function physOfNewPage(stack: MemoryStack): PhysAddr | null {
  const anyArea = requestFlags(stack.edition, { areasMask: null, dontZero: false, fresh: false });
  const page = stack.pages.allocPages(0, anyArea);
  if (page === null && stack.edition.missingBlockPages === "give-null") return null;
  return virtToPhys(stack.mmu, page);
}

/** `install_page()`. */
export function install(stack: MemoryStack, phys: bigint, virtual: bigint): Installation {
  return installPage(tablesOf(stack), physAddr(phys), wrapAddress(stack, virtual));
}
