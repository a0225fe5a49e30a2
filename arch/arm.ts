import type { Arch, LeafFormat, PageTableFormat } from "../src/arch.ts";
import { ARM_BOOT } from "./boot_arm.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";
import { ARM64_PAGE, ARM64_SECTION, ARM_TABLE_LEVEL } from "./page_tables.ts";

const LEVEL = {
  ...ARM_TABLE_LEVEL,
  table: {
    ...ARM_TABLE_LEVEL.table,
    is: { mask: 0x3n, value: 0x3n }, // PMD_TYPE_TABLE
    readOnly: null,
    address: 0xfffffff000n, // PHYS_MASK & PAGE_MASK, lib/arm/asm/pgtable-hwdef.h
    bits: 0x3n, // PMD_TYPE_TABLE
  },
} as const;

const PAGE: LeafFormat = {
  ...ARM64_PAGE,
  address: 0xfffffff000n, // PHYS_MASK & PAGE_MASK
  bits: {
    data: 0x75fn, // PTE_TYPE_PAGE | PTE_AF | PTE_SHARED | PTE_WBWA | PTE_USER
    code: 0x7dfn, // … | PTE_RDONLY
    io: 0x0060000000000743n, // … PTE_UNCACHED | PTE_USER | PTE_UXN | PTE_PXN
  },
  lookup: { entry: 0xfffff000n, offset: 0xfffn }, // PAGE_MASK has 32 bits
};

const SECTION: LeafFormat = {
  ...ARM64_SECTION,
  bits: { data: 0x75dn, code: 0x7ddn, io: 0x741n }, // PMD_TYPE_SECT | PMD_SECT_AF | PMD_SECT_S | …
};

/** LPAE: three levels, entries of 64 bits, pages of 4 KiB, sections of 2 MiB. */
const PAGE_TABLES: PageTableFormat = {
  pageShift: 12,
  file: "lib/arm/mmu.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "little",
  addressShift: 0,
  levels: [
    {
      ...LEVEL,
      name: "pgd",
      shift: 30, // PGDIR_SHIFT
      entries: 4, // PTRS_PER_PGD
      leaf: { ...SECTION, address: 0xffc0000000n, bits: {}, seen: null },
    },
    {
      ...LEVEL,
      name: "pmd",
      shift: 21, // PMD_SHIFT
      entries: 512, // PTRS_PER_PMD
      leaf: {
        ...SECTION,
        address: 0xffffe00000n,
        lookup: { entry: 0xffffe00000n, offset: 0x1fffffn }, // PMD_MASK
      },
    },
    {
      ...LEVEL,
      name: "pte",
      shift: 12,
      entries: 512, // PTRS_PER_PTE
      missing: null,
      table: null,
      leaf: PAGE,
    },
  ],
  virtualBits: 32,
  upperBits: "zero",
  optionBits: 0n,
  installAsserts: "nothing",
  physicalBits: 40, // PHYS_MASK_SHIFT
  splitsOnInstall: "no",
  lookupMiss: "maps-identity",
  rangeLoop: "to-virtual-end", // mmu_set_range_ptes
  rangeMask: 0xfffff000n, // PAGE_MASK
  usage: { accessed: 0n, dirty: 0n },
};

/** arm: 32 bits, one area. */
export const ARM: Arch = {
  name: "arm",
  wordBits: 32, // BITS_PER_LONG, lib/arm/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/arm/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "gives-zero",
  wideShiftOf64Bits: "gives-zero",
  areaTables: GENERIC_AREA_TABLES,
  pageTables: [PAGE_TABLES],
  boot: ARM_BOOT,
  elfMachine: 40, // EM_ARM
  elfRootNote: null,
};
