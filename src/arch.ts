/**
 * The shape of an architecture, as data. The values stand in the folder `arch`.
 *
 * @module
 */

import type { BootFormat } from "./arch_boot.ts";
import type { AreaNumber, ByteCount, Order, Pfn } from "./units.ts";
import type { ByteOrder, WideShift, WordBits } from "./word.ts";

export type {
  BootAssertion,
  BootCaller,
  BootDefaults,
  BootFormat,
  BootStepName,
  Firmware,
  FirmwareRange,
  MmuStep,
  VirtioSlots,
} from "./arch_boot.ts";

/**
 * When a zone is served while a range of frames is split over the areas. The steps run in this order;
 * a zone marked `never` exists by name only, because the allocator does not know that name.
 */
export type CarvingStep = "high" | "normal" | "low" | "lowest" | "never";

/** One zone of an architecture: an area with the lowest frame that it takes. */
export interface Zone {
  /** Upstream's name without `AREA_`, such as `NORMAL`. */
  readonly name: string;
  /** The step of the splitting that fills it. */
  readonly step: CarvingStep;
  /** Its slot in the array of area descriptors; bit 2^number stands for it in a mask. */
  readonly area: AreaNumber;
  /** The lowest pfn that the area takes. */
  readonly cutoff: Pfn;
}

/** Another name for one or more zones, such as `DMA32`. */
export interface AreaAlias {
  /** Upstream's name without `AREA_`. */
  readonly name: string;
  /** The zones that it allows, by name. */
  readonly zones: readonly string[];
}

/** The areas of an architecture, as one generation of editions has them. */
export interface AreaTable {
  /** The number of slots in the array of area descriptors. */
  readonly maxAreas: number;
  /** The zones, in the order of their step. */
  readonly zones: readonly Zone[];
  /** Further names for zones. */
  readonly aliases: readonly AreaAlias[];
}

/**
 * The generations of area tables: the four pools of the posted RFC, six slots everywhere (as first
 * landed), and a number of slots for each architecture (since 322cdd64).
 */
export type AreaTableName = "rfc-pools" | "six-slots" | "per-architecture";

/** How the memory of a page table is asked for. */
export type TableAllocation =
  /** `alloc_page()`. */
  | { readonly kind: "page" }
  /** `alloc_pages(order)`. */
  | { readonly kind: "pages"; readonly order: Order }
  /** `memalign_pages(alignment, size)`, both in bytes. */
  | { readonly kind: "memalign"; readonly alignment: ByteCount; readonly size: ByteCount };

/** A test on a page-table entry: it holds if `(entry & mask) === value`. */
export interface EntryTest {
  /** The bits looked at. */
  readonly mask: bigint;
  /** What they have to be. */
  readonly value: bigint;
}

/** What a mapping is for; it decides the bits of its entries. */
export type MappingKind = "data" | "code" | "io";

/** An entry that points to a table of the level below. */
export interface TableEntryFormat {
  /** How the hardware knows it. */
  readonly is: EntryTest;
  /** How the hardware knows that nothing below can be written; null where it does not look. */
  readonly readOnly: EntryTest | null;
  /** The bits that hold the table's address. */
  readonly address: bigint;
  /** The other bits that upstream sets. */
  readonly bits: bigint;
}

/** What becomes of a large page that upstream splits. */
export interface SplitFormat {
  /** The bits that each of the smaller pages keeps. */
  readonly keeps: bigint;
  /** The bits that each of them gets. */
  readonly adds: bigint;
  /** The bits that the entry keeps when it comes to point to a table. */
  readonly tableKeeps: bigint;
  /** The bits that it gets. */
  readonly tableAdds: bigint;
}

/** An entry that maps memory: a page, or a large page above the last level. */
export interface LeafFormat {
  /** How the hardware knows it; above the last level it is tried before the table entry. */
  readonly is: EntryTest;
  /** How the hardware knows that it cannot be written. */
  readonly readOnly: EntryTest;
  /** The bits that hold the address of the memory. */
  readonly address: bigint;
  /** The other bits that upstream sets, by what is mapped; empty where upstream makes no such entry. */
  readonly bits: Readonly<Partial<Record<MappingKind, bigint>>>;
  /** How upstream's own walks know it; null where they look for none and take it for a table. */
  readonly seen: EntryTest | null;
  /** The bits that `virt_to_pte_phys` takes from the entry, and from the virtual address. */
  readonly lookup: { readonly entry: bigint; readonly offset: bigint };
  /** How upstream splits it; null where it never does. */
  readonly split: SplitFormat | null;
}

/** A level of a page table. */
export interface TableLevel {
  /** Upstream's name of its entries: `pgd`, `p4d`, `pud`, `pmd` or `pte`. */
  readonly name: string;
  /** The base-2 logarithm of the bytes of address space that an entry covers. */
  readonly shift: number;
  /** The number of entries, a power of two. */
  readonly entries: number;
  /** How a table of this level is allocated. */
  readonly allocation: TableAllocation;
  /** What upstream writes into a fresh table, and how often; null if it trusts the allocator. */
  readonly fill: { readonly entry: bigint; readonly count: number } | null;
  /** The entries below which an installation makes a table; null at the last level. */
  readonly missing: EntryTest | null;
  /** The entries at which `virt_to_pte_phys` finds nothing; null where it does not look. */
  readonly absent: EntryTest | null;
  /** Entries that point to a table; null at the last level. */
  readonly table: TableEntryFormat | null;
  /** Entries that map memory; null where the hardware knows none. */
  readonly leaf: LeafFormat | null;
}

/**
 * What `virt_to_pte_phys` does for an address that is not mapped: it follows a null pointer; it maps
 * the page onto itself; it makes the missing tables and finds an empty entry, with large pages known
 * or taken for tables; it gives 0.
 */
export type LookupMiss =
  | "reads-word-0"
  | "maps-identity"
  | "makes-tables"
  | "makes-tables-blindly"
  | "gives-0";

/**
 * The loop by which upstream maps a range onto itself: large pages first, then the rest; pages up to a
 * virtual end, which is a `long` and may wrap; pages until the address passes the end or wraps; pages
 * below the end.
 */
export type RangeLoop = "large-pages-first" | "to-virtual-end" | "until-wrap" | "below-end";

/** The page tables of an architecture for one page size. */
export interface PageTableFormat {
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** The file with upstream's functions, such as `lib/x86/vm.c`. */
  readonly file: string;
  /** The size of an entry in bytes. */
  readonly entryBytes: 4 | 8;
  /** The byte order of entries, whatever the byte order of the rest. */
  readonly entryByteOrder: ByteOrder;
  /** How far an address is shifted right before it goes into an entry, in bits. */
  readonly addressShift: number;
  /** The levels, the root's first. */
  readonly levels: readonly TableLevel[];
  /** How many bits of a virtual address are translated. */
  readonly virtualBits: number;
  /** What the hardware wants the bits above to be. */
  readonly upperBits: "copies-of-the-top-bit" | "zero";
  /** Bits that are set in every entry unless the caller of setup_mmu has others. */
  readonly optionBits: bigint;
  /** What upstream asserts before it installs a page: nothing, alignment, or that the address fits. */
  readonly installAsserts: "nothing" | "alignment" | "width";
  /** How many bits a physical address may have where upstream asserts it. */
  readonly physicalBits: number;
  /** Whether an installation that meets a large page splits it first. */
  readonly splitsOnInstall: "yes" | "no";
  /** What a lookup does for an address that is not mapped. */
  readonly lookupMiss: LookupMiss;
  /** The loop that maps a range onto itself. */
  readonly rangeLoop: RangeLoop;
  /** The mask by which that loop rounds down its start. */
  readonly rangeMask: bigint;
  /** The bits that the hardware sets in entries that it used, and in those it wrote through. */
  readonly usage: { readonly accessed: bigint; readonly dirty: bigint };
}

/** Where a note of an ELF core has the register that page tables begin with. */
export interface ElfRootNote {
  /** The note's name; null for any. */
  readonly name: string | null;
  /** Its type. */
  readonly type: number;
  /** Where the register, 8 bytes, begins in its contents. */
  readonly offset: number;
}

/** An architecture, as far as the modelled code can tell it from others. */
export interface Arch {
  /** Its name, such as `x86_64`. */
  readonly name: string;
  /** The width of a `long` and of a pointer, in bits. */
  readonly wordBits: WordBits;
  /** The byte orders it can be built with; the first is the default. */
  readonly byteOrders: readonly [ByteOrder, ...ByteOrder[]];
  /** Base-2 logarithms of the page sizes it can be built with; the first is the default. */
  readonly pageShifts: readonly [number, ...number[]];
  /** The alignment of a 64-bit member in a C structure, in bytes. */
  readonly alignmentOf64Bits: 4 | 8;
  /** What a shift of an `unsigned long` by its width or more gives. */
  readonly wideShiftOfLong: WideShift;
  /** What a shift of a 64-bit value by 64 or more gives. */
  readonly wideShiftOf64Bits: WideShift;
  /** The areas, by generation. */
  readonly areaTables: Readonly<Record<AreaTableName, AreaTable>>;
  /** The page tables, one format for each page size. */
  readonly pageTables: readonly PageTableFormat[];
  /** How it boots. */
  readonly boot: BootFormat;
  /** Its number in ELF files, `e_machine`. */
  readonly elfMachine: number;
  /** The note of QEMU's ELF cores that has the root of the page tables; null where none has it. */
  readonly elfRootNote: ElfRootNote | null;
}

/**
 * The page tables of an architecture for a page size.
 *
 * Source: `lib/<arch>/asm/pgtable.h` and `pgtable-hwdef.h`, 4a54e8a3.
 *
 * @param arch the architecture
 * @param pageShift the base-2 logarithm of the page size
 * @returns the format
 * @throws {RangeError} if the architecture has no such page size
 */
export function pageTableFormatOf(arch: Arch, pageShift: number): PageTableFormat {
  const format = arch.pageTables.find((candidate) => candidate.pageShift === pageShift);
  if (format === undefined) {
    throw new RangeError(
      `Cannot find page tables of ${arch.name}: the page shift ${pageShift} is not one of ${
        arch.pageShifts.join(", ")
      }`,
    );
  }
  return format;
}

/**
 * The bits that a zone's name or alias stands for in an area mask.
 *
 * Source: `lib/<arch>/asm/memory_areas.h`, 322cdd64, and `lib/alloc_page.h` since.
 *
 * @param table the areas
 * @param name a zone's name or an alias, without `AREA_`
 * @returns the mask, or null if the table has no such name
 */
export function areaMaskOfName(table: AreaTable, name: string): number | null {
  const alias = table.aliases.find((candidate) => candidate.name === name);
  const names = alias?.zones ?? [name];
  let mask = 0;
  for (const zone of table.zones) {
    if (names.includes(zone.name)) mask += 2 ** zone.area;
  }
  return mask === 0 ? null : mask;
}

/**
 * The name of an area, for people.
 *
 * Source: `lib/<arch>/asm/memory_areas.h`, 322cdd64.
 *
 * @param table the areas
 * @param area the slot
 * @returns the zone's name in lower case, or an empty string if no zone has that slot
 */
export function areaNameOf(table: AreaTable, area: AreaNumber): string {
  return table.zones.find((zone) => zone.area === area)?.name.toLowerCase() ?? "";
}
