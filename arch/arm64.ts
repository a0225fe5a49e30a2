import type { Arch, LeafFormat, PageTableFormat } from "../src/arch.ts";
import { ARM64_BOOT } from "./boot_arm.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";
import { ARM64_PAGE, ARM64_SECTION, ARM_TABLE_LEVEL } from "./page_tables.ts";

/** What the three page sizes have in common. The shifts are those of PGTABLE_LEVEL_SHIFT. */
const COMMON = {
  file: "lib/arm/mmu.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "little",
  addressShift: 0,
  virtualBits: 48, // VA_BITS
  upperBits: "zero",
  optionBits: 0n,
  installAsserts: "nothing",
  physicalBits: 48, // PHYS_MASK_SHIFT
  splitsOnInstall: "no",
  lookupMiss: "maps-identity",
  rangeLoop: "to-virtual-end", // mmu_set_range_ptes
  usage: { accessed: 0n, dirty: 0n },
} as const;

const LEVEL = ARM_TABLE_LEVEL;
const PTE = { ...LEVEL, name: "pte", missing: null, table: null } as const;

/** Leaves that `virt_to_pte_phys` takes for tables, because it looks at the level above pages only. */
const BLOCK_1G: LeafFormat = {
  ...ARM64_SECTION,
  address: 0x0000ffffc0000000n,
  bits: {},
  seen: null,
};

const SECTION_2M: LeafFormat = {
  ...ARM64_SECTION,
  address: 0x0000ffffffe00000n,
  lookup: { entry: 0x0000ffffffe00000n, offset: 0x1fffffn }, // PMD_MASK
};

const SECTION_32M: LeafFormat = {
  ...ARM64_SECTION,
  address: 0x0000fffffe000000n,
  lookup: { entry: 0x0000fffffe000000n, offset: 0x1ffffffn }, // PMD_MASK
};

const SECTION_512M: LeafFormat = {
  ...ARM64_SECTION,
  address: 0x0000ffffe0000000n,
  lookup: { entry: 0x0000ffffe0000000n, offset: 0x1fffffffn }, // PMD_MASK
};

const PAGE_16K: LeafFormat = {
  ...ARM64_PAGE,
  address: 0x0000ffffffffc000n, // PHYS_MASK & PAGE_MASK
  lookup: { entry: 0x0000ffffffffc000n, offset: 0x3fffn },
};

const PAGE_64K: LeafFormat = {
  ...ARM64_PAGE,
  address: 0x0000ffffffff0000n, // PHYS_MASK & PAGE_MASK
  lookup: { entry: 0x0000ffffffff0000n, offset: 0xffffn },
};

/** Four levels, pages of 4 KiB, sections of 2 MiB. */
const PAGES_4K: PageTableFormat = {
  ...COMMON,
  pageShift: 12,
  rangeMask: 0xfffffffffffff000n, // PAGE_MASK
  levels: [
    { ...LEVEL, name: "pgd", shift: 39, entries: 512 },
    { ...LEVEL, name: "pud", shift: 30, entries: 512, leaf: BLOCK_1G },
    { ...LEVEL, name: "pmd", shift: 21, entries: 512, leaf: SECTION_2M },
    { ...PTE, shift: 12, entries: 512, leaf: ARM64_PAGE },
  ],
};

/** Four levels, pages of 16 KiB, sections of 32 MiB; the root has two entries. */
const PAGES_16K: PageTableFormat = {
  ...COMMON,
  pageShift: 14,
  rangeMask: 0xffffffffffffc000n, // PAGE_MASK
  levels: [
    { ...LEVEL, name: "pgd", shift: 47, entries: 2 },
    { ...LEVEL, name: "pud", shift: 36, entries: 2048 },
    { ...LEVEL, name: "pmd", shift: 25, entries: 2048, leaf: SECTION_32M },
    { ...PTE, shift: 14, entries: 2048, leaf: PAGE_16K },
  ],
};

/** Three levels, pages of 64 KiB, sections of 512 MiB. */
const PAGES_64K: PageTableFormat = {
  ...COMMON,
  pageShift: 16,
  rangeMask: 0xffffffffffff0000n, // PAGE_MASK
  levels: [
    { ...LEVEL, name: "pgd", shift: 42, entries: 64 },
    { ...LEVEL, name: "pmd", shift: 29, entries: 8192, leaf: SECTION_512M },
    { ...PTE, shift: 16, entries: 8192, leaf: PAGE_64K },
  ],
};

/** arm64: one area; pages of 4, 16 or 64 KiB. */
export const ARM64: Arch = {
  name: "arm64",
  wordBits: 64, // BITS_PER_LONG, lib/arm64/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12, 14, 16], // PAGE_SHIFT, lib/arm64/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: GENERIC_AREA_TABLES,
  pageTables: [PAGES_4K, PAGES_16K, PAGES_64K],
  boot: ARM64_BOOT,
  elfMachine: 183, // EM_AARCH64
  elfRootNote: null,
};
