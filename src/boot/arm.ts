/**
 * Boot of arm and arm64.
 *
 * ```text
 *   regions: code | data | devices
 *   pages = data behind image, device tree and initrd
 *   serial port; virtio slots; environment; setup_vm (region by region); main
 * ```
 *
 * @module
 */

import { identityMapLargePages, identityMapPages } from "../memory/page_table/mod.ts";
import type { PageTables } from "../memory/page_table/mod.ts";
import type { MemoryRegion } from "../platform.ts";
import { physAddr } from "../units.ts";
import type { BootContext } from "./context.ts";

/** Where vmalloc's addresses begin; the code of 2020 maps no memory from there on. */
const VIRTUAL_BASE = 3n << 30n;

/**
 * Tells whether `setup_mmu` maps a region onto itself. On riscv it maps memory too that was set aside.
 *
 * Editions: `unusedRegions`.
 *
 * @param context the boot
 * @param region the region
 * @returns whether it does
 */
export function isMapped({ machine }: BootContext, { kind }: MemoryRegion): boolean {
  const { edition } = machine;
  if (kind === "unused") return edition.unusedRegions === "mapped";
  return kind !== "io" && kind !== "reserved";
}

/**
 * Maps every region that is neither device nor reserved onto itself, page by page, in the order of the
 * list; code is read-only.
 *
 * On arm64, memory at and above 3 GiB is mapped too, although vmalloc's addresses lie there; the repaired
 * code sets that aside.
 *
 * Source: `lib/arm/mmu.c`, `lib/riscv/mmu.c`, `setup_mmu()`, 1da1819e.
 *
 * @param context the boot
 * @param tables the page tables
 */
export function mapRegions(context: BootContext, tables: PageTables): void {
  for (const region of context.regions.filter((one) => isMapped(context, one))) {
    const { start, end, kind } = region;
    const mapping = kind === "code" ? "code" : "data";
    identityMapPages(tables, physAddr(start), physAddr(end), mapping);
  }
}

/**
 * Maps devices by sections, then the code, then the rest of memory up to 3 GiB.
 *
 * Source: `lib/arm/mmu.c`, `setup_mmu()`, 8131e91a.
 *
 * @param context the boot
 * @param tables the page tables
 */
export function mapDevicesAndMemory(context: BootContext, tables: PageTables): void {
  for (const { first, end } of context.machine.arch.boot.deviceRegions) {
    identityMapLargePages(tables, physAddr(first), physAddr(end), "io");
  }
  const memory = context.regions.filter(({ kind }) => kind === "code" || kind === "data");
  const [start] = memory.map((region) => region.start).sort((one, other) => one < other ? -1 : 1);
  const [highest] = memory.map((region) => region.end).sort((one, other) => one > other ? -1 : 1);
  const codeEnd = context.inputs.textEnd ?? 0n;
  const end = (highest ?? 0n) > VIRTUAL_BASE ? VIRTUAL_BASE : highest ?? 0n;
  identityMapPages(tables, physAddr(start ?? 0n), physAddr(codeEnd), "code");
  identityMapPages(tables, physAddr(codeEnd), physAddr(end), "data");
}
