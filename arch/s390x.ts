import type { Arch, EntryTest, LeafFormat, PageTableFormat } from "../src/arch.ts";
import { order } from "../src/units.ts";
import { S390X_BOOT } from "./boot_s390x.ts";
import { S390X_AREA_TABLES } from "./common.ts";

const READ_ONLY: EntryTest = { mask: 0x200n, value: 0x200n }; // REGION_ENTRY_P, PAGE_ENTRY_P

/** A region or segment table: 2048 entries, four pages. */
const TABLE = {
  entries: 2048, // REGION_TABLE_ENTRIES, SEGMENT_TABLE_ENTRIES
  allocation: { kind: "pages", order: order(2) }, // REGION_TABLE_ORDER, SEGMENT_TABLE_ORDER
  missing: { mask: 0x20n, value: 0x20n }, // REGION_ENTRY_I, SEGMENT_ENTRY_I
  absent: null,
  leaf: null,
} as const;

const REGION_ORIGIN = 0xfffffffffffff000n; // REGION_ENTRY_ORIGIN
const LARGE: EntryTest = { mask: 0x400n, value: 0x400n }; // REGION3_ENTRY_FC, SEGMENT_ENTRY_FC

const HUGE_PAGE: LeafFormat = {
  is: { mask: 0x42cn, value: 0x404n },
  readOnly: READ_ONLY,
  address: 0xffffffff80000000n, // REGION3_ENTRY_RFAA
  bits: { data: 0x404n }, // REGION3_ENTRY_FC | REGION_ENTRY_TT_REGION3
  seen: LARGE, // pud_huge
  lookup: { entry: 0xffffffff80000000n, offset: 0x7fffffffn },
  split: {
    keeps: 0x300n, // REGION3_ENTRY_IEP | REGION_ENTRY_P
    adds: 0x400n, // SEGMENT_ENTRY_FC | SEGMENT_ENTRY_TT_SEGMENT
    tableKeeps: 0n,
    tableAdds: 0x7n, // REGION_ENTRY_TT_REGION3 | REGION_TABLE_LENGTH
  },
};

const LARGE_PAGE: LeafFormat = {
  is: { mask: 0x42cn, value: 0x400n },
  readOnly: READ_ONLY,
  address: 0xfffffffffff00000n, // SEGMENT_ENTRY_SFAA
  bits: { data: 0x400n }, // SEGMENT_ENTRY_FC
  seen: LARGE, // pmd_large
  lookup: { entry: 0xfffffffffff00000n, offset: 0xfffffn },
  split: { keeps: 0x300n, adds: 0n, tableKeeps: 0n, tableAdds: 0n }, // SEGMENT_ENTRY_IEP | _P
};

const PAGE: LeafFormat = {
  is: { mask: 0xc00n, value: 0n }, // PAGE_ENTRY_I, and a bit that must be 0
  readOnly: READ_ONLY,
  address: 0xfffffffffffff000n, // PAGE_MASK
  bits: { data: 0n },
  seen: null,
  lookup: { entry: 0xfffffffffffff000n, offset: 0xfffn },
  split: null,
};

/** Region, segment and page tables; the root is a region-1 table. */
const PAGE_TABLES: PageTableFormat = {
  pageShift: 12,
  file: "lib/s390x/mmu.c",
  entryBytes: 8, // pteval_t
  entryByteOrder: "big",
  addressShift: 0,
  levels: [
    {
      ...TABLE,
      name: "pgd",
      shift: 53, // REGION1_SHIFT
      fill: { entry: 0x2cn, count: 2048 }, // REGION_ENTRY_TT_REGION1 | REGION_ENTRY_I
      table: {
        is: { mask: 0x2cn, value: 0xcn },
        readOnly: READ_ONLY,
        address: REGION_ORIGIN,
        bits: 0xfn, // REGION_ENTRY_TT_REGION1 | REGION_ENTRY_TL
      },
    },
    {
      ...TABLE,
      name: "p4d",
      shift: 42, // REGION2_SHIFT
      fill: { entry: 0x28n, count: 2048 }, // REGION_ENTRY_TT_REGION2 | REGION_ENTRY_I
      table: {
        is: { mask: 0x2cn, value: 0x8n },
        readOnly: READ_ONLY,
        address: REGION_ORIGIN,
        bits: 0xbn, // REGION_ENTRY_TT_REGION2 | REGION_ENTRY_TL
      },
    },
    {
      ...TABLE,
      name: "pud",
      shift: 31, // REGION3_SHIFT
      fill: { entry: 0x24n, count: 2048 }, // REGION_ENTRY_TT_REGION3 | REGION_ENTRY_I
      table: {
        is: { mask: 0x42cn, value: 0x4n },
        readOnly: READ_ONLY,
        address: REGION_ORIGIN,
        bits: 0x7n, // REGION_ENTRY_TT_REGION3 | REGION_ENTRY_TL
      },
      leaf: HUGE_PAGE,
    },
    {
      ...TABLE,
      name: "pmd",
      shift: 20, // SEGMENT_SHIFT
      fill: { entry: 0x20n, count: 2048 }, // SEGMENT_ENTRY_TT_SEGMENT | SEGMENT_ENTRY_I
      table: {
        is: { mask: 0x42cn, value: 0n },
        readOnly: READ_ONLY,
        address: 0xfffffffffffff800n, // SEGMENT_ENTRY_ORIGIN
        bits: 0n, // SEGMENT_ENTRY_TT_SEGMENT
      },
      leaf: LARGE_PAGE,
    },
    {
      name: "pte",
      shift: 12, // PAGE_SHIFT
      entries: 256, // PAGE_TABLE_ENTRIES
      allocation: { kind: "pages", order: order(0) }, // PAGE_TABLE_ORDER
      fill: { entry: 0x400n, count: 256 }, // PAGE_ENTRY_I
      missing: null,
      absent: null,
      table: null,
      leaf: PAGE,
    },
  ],
  virtualBits: 64,
  upperBits: "zero",
  optionBits: 0n,
  installAsserts: "alignment",
  physicalBits: 64,
  splitsOnInstall: "yes",
  lookupMiss: "makes-tables",
  rangeLoop: "until-wrap", // setup_identity
  rangeMask: 0xfffffffffffff000n, // PAGE_MASK
  usage: { accessed: 0n, dirty: 0n },
};

/** s390x: two areas, cut at 2 GiB; big endian. */
export const S390X: Arch = {
  name: "s390x",
  wordBits: 64, // BITS_PER_LONG, lib/s390x/asm/bitops.h
  byteOrders: ["big"],
  pageShifts: [12], // PAGE_SHIFT, lib/asm-generic/page.h
  alignmentOf64Bits: 8,
  wideShiftOfLong: "count-modulo-width",
  wideShiftOf64Bits: "count-modulo-width",
  areaTables: S390X_AREA_TABLES,
  pageTables: [PAGE_TABLES],
  boot: S390X_BOOT,
  elfMachine: 22, // EM_S390
  elfRootNote: { name: null, type: 0x304, offset: 8 }, // NT_S390_CTRS: control register 1, target/s390x/arch_dump.c of QEMU
};
