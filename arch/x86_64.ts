import type { Arch, PageTableFormat } from "../src/arch.ts";
import { X86_64_BOOT } from "./boot_x86.ts";
import { X86_AREA_TABLES, X86_ROOT_NOTE } from "./common.ts";
import { X86_LARGE_PAGE, X86_PAGE, X86_SPLIT, X86_TABLE } from "./page_tables.ts";

const LEVEL = {
  entries: 512, // PGDIR_WIDTH, lib/x86/asm/page.h
  allocation: { kind: "page" }, // install_pte
  fill: { entry: 0n, count: 512 }, // memset, install_pte
  missing: { mask: 0x1n, value: 0n }, // PT_PRESENT_MASK, install_pte
  absent: { mask: 0x1n, value: 0n }, // PT_PRESENT_MASK, find_pte_level
  table: X86_TABLE,
  leaf: null,
} as const;

/** Four levels, pages of 4 KiB, 2 MiB and 1 GiB; upstream makes none of the last. */
const PAGE_TABLES: PageTableFormat = {
  pageShift: 12,
  file: "lib/x86/vm.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "little",
  addressShift: 0,
  levels: [
    { ...LEVEL, name: "pgd", shift: 39 },
    {
      ...LEVEL,
      name: "pud",
      shift: 30,
      leaf: {
        ...X86_LARGE_PAGE,
        address: 0x000fffffc0000000n,
        bits: {},
        split: { ...X86_SPLIT, keeps: 0xfff0000000000fffn }, // ~PT_ADDR_MASK
      },
    },
    {
      ...LEVEL,
      name: "pmd",
      shift: 21,
      leaf: { ...X86_LARGE_PAGE, address: 0x000fffffffe00000n },
    },
    { ...LEVEL, name: "pte", shift: 12, missing: null, absent: null, table: null, leaf: X86_PAGE },
  ],
  virtualBits: 48,
  upperBits: "copies-of-the-top-bit",
  optionBits: 0x4n, // PT_USER_MASK, setup_mmu
  installAsserts: "nothing",
  physicalBits: 52, // PT_ADDR_UPPER_BOUND_DEFAULT
  splitsOnInstall: "no",
  lookupMiss: "reads-word-0",
  rangeLoop: "large-pages-first", // __setup_mmu_range
  rangeMask: 0xfffffffffffff000n, // PAGE_MASK
  usage: { accessed: 0x20n, dirty: 0x40n }, // PT_ACCESSED_MASK, PT_DIRTY_MASK
};

/** x86_64: four areas, cut at 16 MiB, 4 GiB and 64 GiB. */
export const X86_64: Arch = {
  name: "x86_64",
  wordBits: 64, // BITS_PER_LONG, lib/x86/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: X86_AREA_TABLES,
  pageTables: [PAGE_TABLES],
  boot: X86_64_BOOT,
  elfMachine: 62, // EM_X86_64
  elfRootNote: X86_ROOT_NOTE,
};
