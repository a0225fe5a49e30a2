/**
 * The pages behind virtual pages: one new page for each, mapped; and given back.
 *
 * @module
 */

import { assertInStack } from "../alloc_phys.ts";
import type { StackAssertionName } from "../assertions_stack.ts";
import type { Edition } from "../edition.ts";
import { unmapPage, virtToPtePhys } from "../memory/page_table/mod.ts";
import { physToVirt } from "../mmu.ts";
import { physAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { giveBackVirtualPages } from "./carve.ts";
import { install, pageBytesOf, pageOf, physOfNewPage, tablesOf, wrapAddress } from "./state.ts";
import type { MemoryStack } from "./state.ts";

/** Whether all virtual pages have a page behind them, or none has for lack of memory. */
export type Backing = "backed" | "no-memory";

/**
 * Puts a new page behind each of some virtual pages, in ascending order.
 *
 * Changes the page allocator and the page tables. Where a missing page or table is noticed, the pages that
 * were had before go back, and so do all the virtual pages; only tables are left.
 *
 * @param stack the allocators
 * @param first the address of the first virtual page
 * @param count how many
 * @param missing whether upstream asserts here that there is a page
 * @returns whether there was memory
 */
export function backPages(
  stack: MemoryStack,
  first: VirtAddr,
  count: bigint,
  missing: "asserted" | "unchecked",
): Backing {
  for (let page = 0n; page < count; page++) {
    const virtual = wrapAddress(stack, first + page * pageBytesOf(stack));
    const phys = physOfNewPage(stack);
    if (phys !== null) {
      if (missing === "asserted") assertInStack(stack.edition, phys !== 0n, "vmallocHasPage");
      if (install(stack, phys, virtual) === "installed") continue;
      stack.pages.freePages(physToVirt(stack.mmu, phys));
    }
    takePagesBack(stack, first, page);
    giveBackVirtualPages(stack, first, count);
    return "no-memory";
  }
  return "backed";
}

/** Undoes the first steps of a request that failed, the last one first. */
function takePagesBack(stack: MemoryStack, first: VirtAddr, count: bigint): void {
  for (let page = count - 1n; page >= 0n; page--) {
    freePageAt(stack, wrapAddress(stack, first + page * pageBytesOf(stack)), "freeMapped");
  }
}

/**
 * Tells whether an edition's free looks at everything: NULL, translations that fail, a size out of bounds.
 *
 * Editions: `vmallocChecks`.
 *
 * @param edition the edition
 * @returns whether it does
 */
export function checksAll(edition: Edition): boolean {
  return edition.vmallocChecks === "all";
}

/**
 * Tells whether what is freed is unmapped, so that whoever uses it after meets a fault.
 *
 * Editions: `freedVirtualPages`.
 *
 * @param edition the edition
 * @returns whether it is
 */
export function unmapsFreed(edition: Edition): boolean {
  return edition.freedVirtualPages === "are-unmapped";
}

/**
 * Translates an address and frees the page that it leads to; unmaps it first, where that is done.
 *
 * @param stack the allocators
 * @param address the virtual address
 * @param assertion what upstream asserts of the translation
 */
export function freePageAt(
  stack: MemoryStack,
  address: VirtAddr,
  assertion: StackAssertionName,
): void {
  const page = pageOf(stack, virtToPtePhys(tablesOf(stack), address));
  if (checksAll(stack.edition)) assertInStack(stack.edition, page !== 0n, assertion);
  if (unmapsFreed(stack.edition)) unmapPage(tablesOf(stack), address);
  stack.pages.freePages(physToVirt(stack.mmu, physAddr(page)));
}
