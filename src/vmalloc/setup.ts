/**
 * Turning vmalloc on: the page allocator gets memory, page tables are built, malloc changes hands.
 *
 * @module
 */

import { ANY_AREA, opsEnableAssertion } from "../alloc_page/mod.ts";
import { assertInStack, physAllocGetUnused, stackAssertionOf } from "../alloc_phys.ts";
import type { UnusedMemory } from "../alloc_phys.ts";
import type { BootEvent } from "../boot_event.ts";
import { cAssert } from "../outcome.ts";
import type { SourceLine } from "../outcome.ts";
import { pfn } from "../units.ts";
import type { Pfn, PhysAddr } from "../units.ts";
import { alignUpWrapped } from "../word.ts";
import { pageBytesOf } from "./state.ts";
import type { MemoryStack } from "./state.ts";
import { findVirtualBottom } from "./virtual_space.ts";

/** What `setup_vm` leaves to the architecture, and to whoever watches. */
export interface SetupHooks {
  /** `vm_available()`. */
  vmAvailable(): boolean;
  /** Hands over memory that the early allocator does not know of; only repaired code does. */
  giveFurtherMemory(part: "within-reach" | "beyond-reach"): void;
  /** `find_highmem()`: may give the early allocator new memory. */
  findHighmem(): void;
  /** `setup_mmu()`: builds the page tables and turns them on; gives their root. */
  setupMmu(top: PhysAddr): PhysAddr;
  /** Hears of each call. */
  note(event: BootEvent): void;
}

const VM_MESSAGE =
  "Virtual memory not available. Must check vm_available() before calling setup_vm()";

/**
 * Makes the page allocator serve malloc.
 *
 * Ends in a failed assertion unless it has memory.
 *
 * Source: `lib/alloc_page.c`, `page_alloc_ops_enable()`, 1da1819e.
 *
 * @param stack the allocators
 */
export function pageAllocOpsEnable(stack: MemoryStack): void {
  const { source, expression } = opsEnableAssertion(stack.edition);
  cAssert(stack.pages.isInitialized(), source, expression);
  stack.ops.current = "page";
}

/**
 * Hands frames over to the page allocator, and tells so.
 *
 * @param stack the allocators
 * @param area the slot, or 255 for any
 * @param frames the frames
 * @param by who does it
 * @param note hears of it
 */
export function initAreaNoted(
  stack: MemoryStack,
  area: number,
  frames: { readonly first: Pfn; readonly top: Pfn },
  by: SourceLine,
  note: (event: BootEvent) => void,
): void {
  const maskBefore = stack.pages.areasMask;
  stack.pages.initArea(area, frames.first, frames.top);
  const maskAfter = stack.pages.areasMask;
  note({ call: "page_alloc_init_area", area, ...frames, maskBefore, maskAfter, by });
}

/** Whether vmalloc serves malloc. */
function servesMalloc(stack: MemoryStack): boolean {
  return stack.ops.current === "vmalloc";
}

/** The whole frames of memory: the first rounded up, the last down. */
function framesOf(stack: MemoryStack, { base, top }: UnusedMemory): { first: Pfn; top: Pfn } {
  const shift = BigInt(stack.pageShift);
  const first = alignUpWrapped(64, base, pageBytesOf(stack)) >> shift; // bits: bigints.
  return { first: pfn(Number(first)), top: pfn(Number(top >> shift)) };
}

/**
 * Turns vmalloc on; does nothing if it is on.
 *
 * 1. What the early allocator has left goes to the page allocator, if that has nothing yet, and the page
 *    allocator serves malloc. The repaired code hands further memory over that it can reach.
 * 2. The architecture may find more memory, which the page tables take into account.
 * 3. The page tables are built, from the first memory.
 * 4. The new memory goes to the page allocator, and further memory that the page tables are needed for;
 *    vmalloc serves malloc.
 *
 * Ends in a failed assertion if the processor cannot do it, if there is no memory, or where the parts do.
 *
 * Source: `lib/vmalloc.c`, `__setup_vm()`, 8131e91a to 1da1819e.
 *
 * @param stack the allocators
 * @param hooks the parts of the architecture
 */
export function setupVm(stack: MemoryStack, hooks: SetupHooks): void {
  const { edition } = stack;
  if (stackAssertionOf(edition, "vmAvailable").source.line !== null) {
    assertInStack(edition, hooks.vmAvailable(), "vmAvailable", VM_MESSAGE);
  }
  if (servesMalloc(stack)) return;
  const { source } = stackAssertionOf(edition, "setupHasMemory");
  /** A call's place, so many lines behind the first assertion. */
  const place = (distance: number): SourceLine => ({
    ...source,
    line: source.line === null ? null : source.line + distance,
  });
  const low = physAllocGetUnused(stack.early);
  hooks.note({ call: "phys_alloc_get_unused", ...low, by: place(-1) });
  assertInStack(edition, low.base !== low.top || stack.pages.isInitialized(), "setupHasMemory");
  if (!stack.pages.isInitialized()) {
    initAreaNoted(stack, ANY_AREA, framesOf(stack, low), place(8), hooks.note);
    hooks.giveFurtherMemory("within-reach");
    pageAllocOpsEnable(stack);
    hooks.note({ call: "page_alloc_ops_enable", by: place(9) });
  }
  hooks.findHighmem();
  const high = physAllocGetUnused(stack.early);
  hooks.note({ call: "phys_alloc_get_unused", ...high, by: place(13) });
  hooks.note({ call: "setup_mmu_begin", top: high.top, by: place(14) });
  stack.vmalloc.pageRoot = hooks.setupMmu(high.top);
  hooks.note({ call: "setup_mmu_end", root: stack.vmalloc.pageRoot, by: place(14) });
  if (high.base !== high.top) {
    initAreaNoted(stack, ANY_AREA, framesOf(stack, high), place(18), hooks.note);
  }
  hooks.giveFurtherMemory("beyond-reach");
  assertInStack(edition, !servesMalloc(stack), "setupOnce");
  findVirtualBottom(stack);
  stack.ops.current = "vmalloc";
}
