/**
 * The page tables of a machine, and the conversions of addresses that depend on whether they are in use.
 *
 * @module
 */

import type { PointerConversions } from "./alloc_page/mod.ts";
import { pageTableFormatOf } from "./arch.ts";
import type { Arch, BootFormat, LookupMiss, TableAllocation, TableLevel } from "./arch.ts";
import type { Edition } from "./edition.ts";
import { createPageTables, openPageTables, virtToPtePhys } from "./memory/page_table/mod.ts";
import type {
  LookupAddresses,
  MissingTable,
  PageTables,
  PageTablesOptions,
} from "./memory/page_table/mod.ts";
import type { Ram } from "./memory/ram.ts";
import type { SwitchableSpace } from "./memory/switchable_space.ts";
import { TranslatedSpace } from "./memory/translated_space.ts";
import { cAssert } from "./outcome.ts";
import type { SourceLine } from "./outcome.ts";
import type { PageAllocator } from "./page_allocator.ts";
import { requestFlags } from "./request_flags.ts";
import { physAddr, virtAddr } from "./units.ts";
import type { Pfn, PhysAddr, VirtAddr } from "./units.ts";
import { wrapToWord } from "./word.ts";

/** Hears of each table that is allocated. */
export type TableListener = (
  request: TableAllocation,
  level: TableLevel,
  table: VirtAddr | null,
) => void;

/** What the page tables of a machine work on. */
export interface MmuOptions {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Hardware memory. */
  readonly ram: Ram;
  /** Memory as the modelled code addresses it. */
  readonly space: SwitchableSpace;
  /** The page allocator, from which tables come. */
  readonly pages: PageAllocator;
}

/** The page tables of a machine. */
export interface Mmu extends MmuOptions {
  /** The tables; null until a root is allocated. */
  tables: PageTables | null;
  /** Whether they are in use. */
  state: "off" | "on";
  /** Hears of each table that is allocated; null if nobody listens. */
  listener: TableListener | null;
}

/**
 * Makes the page tables of a machine: none, and not in use.
 *
 * @param options what they work on
 * @returns the tables
 */
export function newMmu(options: MmuOptions): Mmu {
  return { ...options, tables: null, state: "off", listener: null };
}

/** The flags of a request for any area, in the way of the edition. */
function anyArea(edition: Edition): number {
  return requestFlags(edition, { areasMask: null, dontZero: false, fresh: false });
}

/**
 * Allocates the memory of a page table.
 *
 * @param mmu the tables
 * @param request how it is asked for
 * @returns its address, or null if there is no memory
 */
export function allocateTable(mmu: Mmu, request: TableAllocation): VirtAddr | null {
  const flags = anyArea(mmu.edition);
  switch (request.kind) {
    case "page":
      return mmu.pages.allocPages(0, flags);
    case "pages":
      return mmu.pages.allocPages(request.order, flags);
    case "memalign":
      return mmu.pages.memalignPages(request.alignment, request.size, flags);
  }
}

/**
 * What a lookup does for an address that is not mapped, where editions differ.
 *
 * Editions: `armLookupMiss`, `x86LookupMiss`.
 */
function lookupMissOf({ arch, edition }: Mmu, miss: LookupMiss): LookupMiss {
  const isArm = arch.pageTables.some(({ file }) => file === "lib/arm/mmu.c");
  if (isArm && edition.armLookupMiss === "makes-tables") return "makes-tables-blindly";
  return miss === "reads-word-0" ? edition.x86LookupMiss : miss;
}

/**
 * What a lookup gives for an address that is mapped.
 *
 * Editions: `lookupAddresses`.
 */
function lookupAddressesOf({ edition }: Mmu): LookupAddresses {
  return edition.lookupAddresses;
}

/**
 * What becomes of a page table for which there is no memory.
 *
 * Editions: `missingPageTables`.
 */
function missingTableOf({ edition }: Mmu): MissingTable {
  return edition.missingPageTables === "refused" ? "refused" : "taken-to-be-at-0";
}

function tablesOptions(mmu: Mmu): PageTablesOptions {
  const format = pageTableFormatOf(mmu.arch, mmu.pageShift);
  return {
    format,
    physical: mmu.ram,
    allocate: (request, level) => {
      const table = allocateTable(mmu, request);
      mmu.listener?.(request, level, table);
      return table;
    },
    free: (table) => mmu.pages.freePages(table),
    lookupMiss: lookupMissOf(mmu, format.lookupMiss),
    lookupAddresses: lookupAddressesOf(mmu),
    missingTable: missingTableOf(mmu),
  };
}

/**
 * Allocates the root of the page tables, unless there is one.
 *
 * @param mmu the tables
 * @returns the page tables
 */
export function makeRoot(mmu: Mmu): PageTables {
  mmu.tables ??= createPageTables(tablesOptions(mmu));
  return mmu.tables;
}

/**
 * Turns the page tables on: from now on the modelled code sees memory through them.
 *
 * @param mmu the tables
 */
export function enableMmu(mmu: Mmu): void {
  const tables = makeRoot(mmu);
  const translated = new TranslatedSpace(tables);
  tables.memory = translated;
  mmu.space.switchTo(translated, null);
  mmu.state = "on";
}

/**
 * Makes the page tables of a copied machine: those of the original, in the copy's memory.
 *
 * @param copy the copy's tables, none yet
 * @param original the original's
 */
export function copyMmu(copy: Mmu, original: Mmu): void {
  if (original.tables !== null) {
    copy.tables = openPageTables(tablesOptions(copy), original.tables.root);
  }
  if (original.state === "on") enableMmu(copy);
  else copy.space.switchTo(copy.ram, original.space.reach);
}

function boot(mmu: Mmu): BootFormat {
  return mmu.arch.boot;
}

/** Whether conversions of an edition and architecture walk the page tables now. */
function walks(mmu: Mmu, conversions: "casts" | "walks"): mmu is Mmu & { tables: PageTables } {
  return mmu.state === "on" && mmu.tables !== null && conversions === "walks";
}

/**
 * A place in an architecture's own code, with its line where the edition's text is known.
 *
 * Editions: `archSourceLines`.
 *
 * @param edition the edition
 * @param source the place as of June 2026
 * @returns the place
 */
export function sourceIn(edition: Edition, source: SourceLine): SourceLine {
  return edition.archSourceLines === "known" ? source : { ...source, line: null };
}

/**
 * The physical address of a virtual one, as the modelled code computes it: by a cast, or by a walk that
 * may map the page while it looks.
 *
 * Source: `virt_to_phys()`, `lib/x86/asm/io.h`, `lib/asm-generic/io.h`; `lib/arm/mmu.c`,
 * `__virt_to_phys()`; `lib/ppc64/mmu.c`; `lib/riscv/mmu.c`, 1da1819e.
 *
 * @param mmu the tables
 * @param address the virtual address; null is 0
 * @returns the physical address
 */
export function virtToPhys(mmu: Mmu, address: VirtAddr | null): PhysAddr {
  const virtual = virtAddr(wrapToWord(mmu.arch.wordBits, address ?? 0n));
  if (!walks(mmu, boot(mmu).addressConversions)) return physAddr(virtual);
  return virtToPtePhys(mmu.tables, virtual);
}

/**
 * The virtual address at which the modelled code expects a physical one: the same number.
 *
 * Ends in a failed assertion where the architecture checks that it is mapped onto itself.
 *
 * Source: `phys_to_virt()`, as for {@linkcode virtToPhys}.
 *
 * @param mmu the tables
 * @param address the physical address
 * @returns the virtual address, cut to a word
 */
export function physToVirt(mmu: Mmu, address: PhysAddr): VirtAddr {
  const virtual = virtAddr(wrapToWord(mmu.arch.wordBits, address));
  const assertion = boot(mmu).identityAssertion;
  if (walks(mmu, boot(mmu).addressConversions) && assertion !== null) {
    const source = sourceIn(mmu.edition, assertion.source);
    cAssert(virtToPhys(mmu, virtual) === address, source, assertion.expression);
  }
  return virtual;
}

/**
 * `virt_to_pfn` and `pfn_to_virt` for the page allocator: shifts, or the conversions of the architecture.
 *
 * Editions: `pointerConversions`.
 *
 * @param mmu the tables
 * @returns the conversions; null if the page allocator's own shifts will do
 */
export function pointerConversionsOf(mmu: Mmu): PointerConversions | null {
  const { arch, edition } = mmu;
  if (edition.pointerConversions === "casts") return null;
  if (arch.boot.pfnConversions === "casts") return null;
  const shift = BigInt(mmu.pageShift);
  return {
    virtToPfn: (address) => Number(virtToPhys(mmu, address) >> shift) as Pfn,
    pfnToVirt: (frame) => physToVirt(mmu, physAddr(wrapToWord(64, BigInt(frame) << shift))),
  };
}
