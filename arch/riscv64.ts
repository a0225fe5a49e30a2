import type { Arch, EntryTest, LeafFormat, PageTableFormat } from "../src/arch.ts";
import { RISCV64_BOOT } from "./boot_riscv.ts";
import { GENERIC_AREA_TABLES } from "./common.ts";

const NONE: EntryTest = { mask: 0xffffffffffffffffn, value: 0n };
const PTE_PPN = 0x003ffffffffffc00n; // PTE_PPN, lib/riscv/asm/pgtable.h

const LEVEL = {
  entries: 512, // PGDIR_BITS
  allocation: { kind: "page" }, // get_pte
  fill: null,
  missing: NONE, // get_pte
  absent: NONE, // virt_to_pte_phys
  table: {
    is: { mask: 0xfn, value: 0x1n }, // _PAGE_PRESENT, none of _PAGE_READ, _PAGE_WRITE, _PAGE_EXEC
    readOnly: null,
    address: PTE_PPN,
    bits: 0x1n, // _PAGE_PRESENT
  },
} as const;

const PAGE: LeafFormat = {
  is: { mask: 0x3n, value: 0x3n }, // _PAGE_PRESENT | _PAGE_READ
  readOnly: { mask: 0x4n, value: 0n }, // _PAGE_WRITE
  address: PTE_PPN,
  bits: {
    data: 0xc7n, // _PAGE_PRESENT | _PAGE_READ | _PAGE_WRITE | _PAGE_ACCESSED | _PAGE_DIRTY
    code: 0xcbn, // … _PAGE_READ | _PAGE_EXEC …
    io: 0xc7n, // ioremap
  },
  seen: null,
  lookup: { entry: PTE_PPN, offset: 0xfffn },
  split: null,
};

/** Sv39: three levels, pages of 4 KiB. */
const PAGE_TABLES: PageTableFormat = {
  pageShift: 12,
  file: "lib/riscv/mmu.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "little",
  addressShift: 2, // PAGE_SHIFT - PPN_SHIFT
  levels: [
    {
      ...LEVEL,
      name: "pgd",
      shift: 30,
      leaf: { ...PAGE, address: 0x003ffffff0000000n, bits: {} },
    },
    {
      ...LEVEL,
      name: "pmd",
      shift: 21,
      leaf: { ...PAGE, address: 0x003ffffffff80000n, bits: {} },
    },
    { ...LEVEL, name: "pte", shift: 12, missing: null, table: null, leaf: PAGE },
  ],
  virtualBits: 39,
  upperBits: "copies-of-the-top-bit",
  optionBits: 0n,
  installAsserts: "width",
  physicalBits: 56, // PHYS_MASK
  splitsOnInstall: "no",
  lookupMiss: "gives-0",
  rangeLoop: "to-virtual-end", // mmu_set_range_ptes
  rangeMask: 0xfffffffffffff000n, // PHYS_PAGE_MASK
  usage: { accessed: 0n, dirty: 0n },
};

/** riscv64: one area. */
export const RISCV64: Arch = {
  name: "riscv64",
  wordBits: 64, // BITS_PER_LONG, lib/riscv/asm/bitops.h
  byteOrders: ["little"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: GENERIC_AREA_TABLES,
  pageTables: [PAGE_TABLES],
  boot: RISCV64_BOOT,
  elfMachine: 243, // EM_RISCV
  elfRootNote: null,
};
