import type { Arch, PageTableFormat } from "../src/arch.ts";
import { I386_BOOT } from "./boot_x86.ts";
import { X86_AREA_TABLES, X86_ROOT_NOTE } from "./common.ts";
import { X86_LARGE_PAGE, X86_PAGE, X86_TABLE } from "./page_tables.ts";

const LEVEL = {
  entries: 1024, // PGDIR_WIDTH, lib/x86/asm/page.h
  allocation: { kind: "page" }, // install_pte
  fill: { entry: 0n, count: 1024 }, // memset, install_pte
} as const;

/** Two levels, pages of 4 KiB and 4 MiB. */
const PAGE_TABLES: PageTableFormat = {
  pageShift: 12,
  file: "lib/x86/vm.c",
  entryBytes: 4, // pteval_t
  entryByteOrder: "little",
  addressShift: 0,
  levels: [
    {
      ...LEVEL,
      name: "pgd",
      shift: 22,
      missing: { mask: 0x1n, value: 0n }, // PT_PRESENT_MASK, install_pte
      absent: { mask: 0x1n, value: 0n }, // PT_PRESENT_MASK, find_pte_level
      table: X86_TABLE,
      leaf: { ...X86_LARGE_PAGE, address: 0xffc00000n },
    },
    { ...LEVEL, name: "pte", shift: 12, missing: null, absent: null, table: null, leaf: X86_PAGE },
  ],
  virtualBits: 32,
  upperBits: "zero",
  optionBits: 0x4n, // PT_USER_MASK, setup_mmu
  installAsserts: "nothing",
  physicalBits: 32,
  splitsOnInstall: "no",
  lookupMiss: "reads-word-0",
  rangeLoop: "large-pages-first", // __setup_mmu_range
  rangeMask: 0xfffff000n, // PAGE_MASK
  usage: { accessed: 0x20n, dirty: 0x40n }, // PT_ACCESSED_MASK, PT_DIRTY_MASK
};

/** i386: the areas of x86_64 on 32 bits. */
export const I386: Arch = {
  name: "i386",
  wordBits: 32, // BITS_PER_LONG, lib/x86/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 4,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: X86_AREA_TABLES,
  pageTables: [PAGE_TABLES],
  boot: I386_BOOT,
  elfMachine: 3, // EM_386
  elfRootNote: X86_ROOT_NOTE,
};
