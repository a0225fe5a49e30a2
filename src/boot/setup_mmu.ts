/**
 * Building the page tables of each architecture, step by step.
 *
 * @module
 */

import { pageTableFormatOf } from "../arch.ts";
import type { Arch, MmuStep } from "../arch.ts";
import type { Edition } from "../edition.ts";
import { identityMapPages } from "../memory/page_table/mod.ts";
import { enableMmu, makeRoot } from "../mmu.ts";
import { physAddr, virtAddr } from "../units.ts";
import type { PhysAddr, VirtAddr } from "../units.ts";
import { isMapped, mapDevicesAndMemory, mapRegions } from "./arm.ts";
import type { BootContext } from "./context.ts";
import { setVirtualTop } from "./hand_over.ts";
import { makeSideTable } from "./ppc64.ts";
import { mapsDevicesFirst, setsVirtualTop } from "./traits.ts";
import { without } from "./stretches.ts";
import { mappableMemory } from "./usable.ts";

/**
 * Builds the page tables and turns them on.
 *
 * Changes page tables, the page allocator, and the memory that the modelled code sees from now on.
 *
 * Source: `setup_mmu()` in `lib/x86/vm.c`, `lib/arm/mmu.c`, `lib/s390x/mmu.c`, `lib/ppc64/mmu.c` and
 * `lib/riscv/mmu.c`, 1da1819e.
 *
 * @param context the boot
 * @param top the end of memory, as far as the caller knows
 * @returns the root
 */
export function setupMmu(context: BootContext, top: PhysAddr): PhysAddr {
  const { machine } = context;
  for (const step of machine.arch.boot.mmuSteps) runStep(context, step, top);
  enableMmu(machine.mmu);
  return makeRoot(machine.mmu).root;
}

function runStep(context: BootContext, step: MmuStep, top: PhysAddr): void {
  const { mmu, arch, edition } = context.machine;
  switch (step.step) {
    case "root":
      return void makeRoot(mmu);
    case "virtual-top":
      if (setsVirtualTop(arch, edition)) setVirtualTop(context);
      return;
    case "map":
      return mapRange(context, step, top);
    case "map-regions":
      if (mapsDevicesFirst(arch, edition)) {
        return mapDevicesAndMemory(context, makeRoot(mmu));
      }
      for (const region of context.regions.filter((one) => isMapped(context, one))) {
        checkTableSize(context, region.end - region.start);
      }
      return mapRegions(context, makeRoot(mmu));
    case "process-table":
      return makeSideTable(context, "process-table", "process table");
    case "partition-table":
      if (context.inputs.powerPlatform === "pseries") return;
      return makeSideTable(context, "partition-table", "partition table");
  }
}

/**
 * Tells whether RAM is mapped and nothing else, where one stretch up to the end of memory would do. With
 * large pages that would do for all.
 *
 * Editions: `memoryMapped`.
 */
function mapsRamOnly({ machine: { arch, edition, pageShift } }: BootContext): boolean {
  const { rangeLoop } = pageTableFormatOf(arch, pageShift);
  return edition.memoryMapped === "all-ram" && rangeLoop !== "large-pages-first";
}

/** Maps a range onto itself. */
function mapRange(
  context: BootContext,
  { first, end, atLeast, atMost }: MmuStep & { readonly step: "map" },
  top: PhysAddr,
): void {
  const start = first === "page" ? 1n << BigInt(context.machine.pageShift) : first;
  let last: bigint = end === "top" ? top : end;
  if (atLeast !== undefined && last < atLeast) last = atLeast;
  if (atMost !== undefined && last > atMost) last = atMost;
  const tables = makeRoot(context.machine.mmu);
  const pieces = end === "top" && mapsRamOnly(context)
    ? mappableMemory(context).flatMap((ram) => without(ram, [{ first: 0n, end: start }]))
    : [{ first: start, end: last }];
  for (const piece of pieces) {
    checkTableSize(context, piece.end - piece.first);
    identityMapPages(tables, physAddr(piece.first), physAddr(piece.end));
  }
}

/** Page tables with more entries than this, 1 GiB of them, are not built. */
const MOST_ENTRIES_SHIFT = 27;

/** Refuses to map so much that the page tables would take more memory than the model's user may have. */
function checkTableSize(context: BootContext, bytes: bigint): void {
  const { arch, pageShift } = context.machine;
  const { rangeLoop, levels } = pageTableFormatOf(arch, pageShift);
  const largeShift = levels.at(-2)?.shift ?? pageShift;
  const shift = (rangeLoop === "large-pages-first" ? largeShift : pageShift) + MOST_ENTRIES_SHIFT;
  if (bytes <= 1n << BigInt(shift)) return;
  throw new RangeError(
    `Cannot boot ${arch.name} with so much memory: its page tables would have more than ` +
      `2^${MOST_ENTRIES_SHIFT} entries, the memory must have at most 2^${shift} bytes`,
  );
}

/**
 * The end from which vmalloc hands out virtual pages downwards.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns the address; 0 stands for the end of the address space
 */
export function virtualTopOf(arch: Arch, edition: Edition): VirtAddr {
  const top = setsVirtualTop(arch, edition) ? arch.boot.virtualTop : null;
  return top ?? virtAddr(0n);
}
