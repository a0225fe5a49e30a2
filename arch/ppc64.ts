import type { Arch, LeafFormat, PageTableFormat, TableAllocation } from "../src/arch.ts";
import { byteCount } from "../src/units.ts";
import { PPC64_BOOT } from "./boot_ppc64.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

const MEMALIGN_64K: TableAllocation = {
  kind: "memalign",
  alignment: byteCount(0x10000n),
  size: byteCount(0x10000n),
};
const MEMALIGN_4K: TableAllocation = {
  kind: "memalign",
  alignment: byteCount(0x1000n),
  size: byteCount(0x1000n),
};
const MEMALIGN_256: TableAllocation = {
  kind: "memalign",
  alignment: byteCount(0x100n),
  size: byteCount(0x100n),
};

const LEVEL = {
  missing: { mask: 0xffffffffffffffffn, value: 0n }, // pgd_none, pud_none, pmd_none
  absent: { mask: 0x8000000000000000n, value: 0n }, // _PAGE_VALID
} as const;

/** An entry that points to a table, but for its bits, which tell the size of that table. */
const TABLE = {
  is: { mask: 0xc000000000000000n, value: 0x8000000000000000n }, // _PAGE_VALID, no _PAGE_PTE
  readOnly: null,
  address: 0x0000fffffffff000n, // PHYS_MASK & ~0xfff
} as const;

const PAGE_4K: LeafFormat = {
  is: { mask: 0xc000000000000004n, value: 0xc000000000000004n }, // _PAGE_VALID, _PAGE_PTE, _PAGE_READ
  readOnly: { mask: 0x2n, value: 0n }, // _PAGE_WRITE
  address: 0x01fffffffffff000n,
  bits: { data: 0xc000000000000187n }, // … | _PAGE_WRITE | _PAGE_EXEC | _PAGE_ACCESSED | _PAGE_DIRTY
  seen: null, // pmd_huge is false
  lookup: { entry: 0x0000fffffffff000n, offset: 0xfffn }, // PHYS_MASK & PAGE_MASK
  split: null,
};
const PAGE_64K: LeafFormat = {
  ...PAGE_4K,
  address: 0x01ffffffffff0000n,
  lookup: { entry: 0x0000ffffffff0000n, offset: 0xffffn },
};
const PAGE_2M: LeafFormat = { ...PAGE_4K, address: 0x01ffffffffe00000n, bits: {} };
const PAGE_1G: LeafFormat = { ...PAGE_4K, address: 0x01ffffffc0000000n, bits: {} };

const PGD = {
  ...LEVEL,
  name: "pgd",
  shift: 39, // PGDIR_SHIFT
  entries: 8192, // PTRS_PER_PGD
  allocation: MEMALIGN_64K, // pgd_alloc_one
  fill: { entry: 0n, count: 8192 }, // memset, pgd_alloc_one
  table: { ...TABLE, bits: 0x8000000000000009n }, // _PAGE_VALID | (12 - 3)
  leaf: null,
} as const;
const PUD = {
  ...LEVEL,
  name: "pud",
  shift: 30, // PUD_SHIFT
  entries: 512, // PTRS_PER_PUD
  allocation: MEMALIGN_64K, // pud_alloc_one takes PTRS_PER_PGD
  fill: { entry: 0n, count: 8192 }, // memset, pud_alloc_one
  table: { ...TABLE, bits: 0x8000000000000009n }, // _PAGE_VALID | (12 - 3)
  leaf: PAGE_1G,
} as const;
const PMD = {
  ...LEVEL,
  name: "pmd",
  shift: 21, // PMD_SHIFT
  entries: 512, // PTRS_PER_PMD
  allocation: MEMALIGN_4K, // pmd_alloc_one
  fill: { entry: 0n, count: 512 }, // memset, pmd_alloc_one
  leaf: PAGE_2M,
} as const;
const PTE = { ...LEVEL, name: "pte", missing: null, table: null } as const;

/** Radix tables: what the two page sizes have in common. Entries are big endian in every build. */
const COMMON = {
  file: "lib/ppc64/mmu.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "big", // cpu_to_be64
  addressShift: 0,
  virtualBits: 52, // setup_mmu
  upperBits: "zero",
  optionBits: 0n,
  installAsserts: "nothing",
  physicalBits: 48, // PHYS_MASK_SHIFT
  splitsOnInstall: "no",
  lookupMiss: "maps-identity",
  rangeLoop: "below-end", // setup_mmu
  usage: { accessed: 0n, dirty: 0n },
} as const;

/** Four levels; the last has 32 entries, 256 bytes of a page. */
const PAGES_64K: PageTableFormat = {
  ...COMMON,
  pageShift: 16,
  rangeMask: 0xffffffffffff0000n, // PAGE_MASK
  levels: [
    PGD,
    PUD,
    { ...PMD, table: { ...TABLE, bits: 0x8000000000000005n } }, // _PAGE_VALID | (21 - PAGE_SHIFT)
    {
      ...PTE,
      shift: 16, // PAGE_SHIFT
      entries: 32, // PTRS_PER_PTE
      allocation: MEMALIGN_256, // pte_alloc_one
      fill: { entry: 0n, count: 32 }, // memset, pte_alloc_one
      leaf: PAGE_64K,
    },
  ],
};

/** Four levels; the last has 512 entries. */
const PAGES_4K: PageTableFormat = {
  ...COMMON,
  pageShift: 12,
  rangeMask: 0xfffffffffffff000n, // PAGE_MASK
  levels: [
    PGD,
    PUD,
    { ...PMD, table: { ...TABLE, bits: 0x8000000000000009n } }, // _PAGE_VALID | (21 - PAGE_SHIFT)
    {
      ...PTE,
      shift: 12, // PAGE_SHIFT
      entries: 512, // PTRS_PER_PTE
      allocation: MEMALIGN_4K, // pte_alloc_one
      fill: { entry: 0n, count: 512 }, // memset, pte_alloc_one
      leaf: PAGE_4K,
    },
  ],
};

/** ppc64: one area; pages of 64 or 4 KiB; built little or big endian. */
export const PPC64: Arch = {
  name: "ppc64",
  wordBits: 64, // BITS_PER_LONG, lib/ppc64/asm/bitops.h
  byteOrders: ["little", "big"],
  pageShifts: [16, 12], // PAGE_SHIFT, lib/ppc64/asm/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "gives-zero",
  wideShiftOf64Bits: "gives-zero",
  areaTables: GENERIC_AREA_TABLES,
  pageTables: [PAGES_64K, PAGES_4K],
  boot: PPC64_BOOT,
  elfMachine: 21, // EM_PPC64
  elfRootNote: null,
};
