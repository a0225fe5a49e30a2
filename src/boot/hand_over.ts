/**
 * From the firmware's memory to the page allocator, by way of the early allocator.
 *
 * @module
 */

import { physAllocGetUnused, physAllocInit, physAllocSetMinimumAlignment } from "../alloc_phys.ts";
import type { UnusedMemory } from "../alloc_phys.ts";
import type { BootCaller } from "../arch.ts";
import { unreachable } from "../outcome.ts";
import type { MemoryRegion } from "../platform.ts";
import { pfn, physAddr } from "../units.ts";
import type { PhysAddr } from "../units.ts";
import { initAllocVpage, initAreaNoted, pageAllocOpsEnable } from "../vmalloc/mod.ts";
import { alignUpWrapped, wrapToWord } from "../word.ts";
import { callerOf, note } from "./context.ts";
import type { BootContext } from "./context.ts";
import type { Stretch } from "./stretches.ts";
import { cutEnd, firstMemory, furtherMemory, handsAllOver } from "./usable.ts";

/** `phys_alloc_init`, recorded. */
export function initEarly(
  context: BootContext,
  base: PhysAddr,
  size: bigint,
  caller: BootCaller,
): void {
  physAllocInit(context.machine.early, base, size);
  const by = callerOf(context, caller);
  note(context, { call: "phys_alloc_init", base, size: wrapToWord(64, size), by });
}

/** `phys_alloc_get_unused`, recorded. */
export function takeUnused(context: BootContext): UnusedMemory {
  const unused = physAllocGetUnused(context.machine.early);
  const by = callerOf(context, "early-unused");
  note(context, { call: "phys_alloc_get_unused", ...unused, by });
  return unused;
}

function giveArea(context: BootContext, { first, end }: Stretch): void {
  const { machine } = context;
  const shift = BigInt(machine.pageShift);
  const frames = { first: pfn(Number(first >> shift)), top: pfn(Number(end >> shift)) };
  const noteHere = (event: Parameters<typeof note>[1]): void => note(context, event);
  const { area } = machine.arch.boot;
  initAreaNoted(machine, area, frames, callerOf(context, "init-area"), noteHere);
}

/**
 * Hands over what the early allocator does not know of; nothing in editions that hand one range over.
 *
 * @param context the boot
 * @param part what can be reached before the page tables are made, or what cannot
 */
export function giveFurtherMemory(
  context: BootContext,
  part: "within-reach" | "beyond-reach",
): void {
  for (const stretch of furtherMemory(context, part)) giveArea(context, stretch);
}

/**
 * Hands addresses `[base, top)` to the architecture's area, further memory too, and lets the page
 * allocator serve malloc, recorded.
 */
export function giveToPages(context: BootContext, base: bigint, top: bigint): void {
  const { machine } = context;
  giveArea(context, { first: base, end: top });
  giveFurtherMemory(context, "within-reach");
  pageAllocOpsEnable(machine);
  note(context, { call: "page_alloc_ops_enable", by: callerOf(context, "ops-enable") });
}

/** `init_alloc_vpage` with the architecture's end, recorded; nothing where nobody calls it. */
export function setVirtualTop(context: BootContext): void {
  const top = context.machine.arch.boot.virtualTop;
  if (top === null) return;
  initAllocVpage(context.machine, top);
  note(context, { call: "init_alloc_vpage", top, by: callerOf(context, "virtual-top") });
}

/**
 * Gives the free region to the early allocator, from the first free byte on.
 *
 * On arm, the end is cut with a mask of the width of a word: with 32 bits an end of 4 GiB becomes 0.
 *
 * Source: `lib/arm/setup.c`, `lib/riscv/setup.c`, `mem_allocator_init()`; `lib/powerpc/setup.c`,
 * `mem_init()`, 1da1819e.
 *
 * @param context the boot
 */
export function initFreeRegion(context: BootContext): void {
  const { machine, freeStart } = context;
  const base = alignUpWrapped(64, freeStart, 1n << BigInt(machine.pageShift));
  const { first, end } = handsAllOver(machine.edition)
    ? firstMemory(context, base)
    : { first: base, end: cutEnd(context, freeRegionOf(context).end) };
  initEarly(context, physAddr(first), end - first, "early-init");
  const align = context.inputs.cacheLineBytes ?? machine.arch.boot.earlyAlignment;
  if (align === null) return;
  physAllocSetMinimumAlignment(machine.early, align);
  const by = callerOf(context, "early-alignment");
  note(context, { call: "phys_alloc_set_minimum_alignment", align, by });
}

/**
 * Hands everything that the early allocator has to the page allocator, at once.
 *
 * Ends in a failed assertion if that is nothing, as with an end that was cut to 0; or where the page
 * allocator does.
 *
 * Source: as for {@linkcode initFreeRegion}.
 *
 * @param context the boot
 */
export function handMemoryOver(context: BootContext): void {
  const unused = takeUnused(context);
  const first = alignUpWrapped(64, unused.base, 1n << BigInt(context.machine.pageShift));
  giveToPages(context, first, cutEnd(context, unused.top));
}

/** The region that holds free memory, which the step before has found. */
export function freeRegionOf(context: BootContext): MemoryRegion {
  return context.freeRegion ?? unreachable("memory is handed over before it is known");
}
