/**
 * Parts of page-table formats that several architectures share.
 *
 * @module
 */

import type {
  EntryTest,
  LeafFormat,
  SplitFormat,
  TableEntryFormat,
  TableLevel,
} from "../src/arch.ts";

/** Table entries of x86 (`lib/x86/asm/page.h`). */
export const X86_TABLE: TableEntryFormat = {
  is: { mask: 0x1n, value: 0x1n }, // PT_PRESENT_MASK
  readOnly: { mask: 0x2n, value: 0n }, // PT_WRITABLE_MASK
  address: 0x000ffffffffff000n, // PT_ADDR_MASK
  bits: 0x3n, // PT_PRESENT_MASK | PT_WRITABLE_MASK
};

/** Entries of x86 that map a page of 4 KiB. */
export const X86_PAGE: LeafFormat = {
  is: { mask: 0x1n, value: 0x1n }, // PT_PRESENT_MASK
  readOnly: { mask: 0x2n, value: 0n }, // PT_WRITABLE_MASK
  address: 0x000ffffffffff000n, // PT_ADDR_MASK
  bits: { data: 0x3n }, // PT_PRESENT_MASK | PT_WRITABLE_MASK
  seen: null,
  lookup: { entry: 0x000ffffffffff000n, offset: 0xfffn },
  split: null,
};

/** How `split_large_page` of x86 splits a page of 2 or 4 MiB. */
export const X86_SPLIT: SplitFormat = {
  keeps: 0xfff0000000000f7fn, // ~PT_ADDR_MASK & ~PT_PAGE_SIZE_MASK
  adds: 0n,
  tableKeeps: 0xfff0000000000f7fn, // ~PT_ADDR_MASK & ~PT_PAGE_SIZE_MASK
  tableAdds: 0n,
};

/**
 * Entries of x86 that map a page of 2 or 4 MiB, without the address. The lookup takes the offset in a
 * small page only, which is wrong inside a large one (`virt_to_pte_phys`, `lib/x86/vm.c`).
 */
export const X86_LARGE_PAGE: LeafFormat = {
  ...X86_PAGE,
  is: { mask: 0x81n, value: 0x81n }, // PT_PRESENT_MASK | PT_PAGE_SIZE_MASK
  bits: { data: 0x83n }, // PT_PRESENT_MASK | PT_WRITABLE_MASK | PT_PAGE_SIZE_MASK
  seen: { mask: 0x80n, value: 0x80n }, // PT_PAGE_SIZE_MASK
  split: X86_SPLIT,
};

/** An entry of which no bit is set. */
export const ALL_ZERO: EntryTest = { mask: 0xffffffffffffffffn, value: 0n };

/** A level of arm or arm64 that points to tables and cannot map memory; all but its place. */
export const ARM_TABLE_LEVEL: Omit<TableLevel, "name" | "shift" | "entries"> = {
  allocation: { kind: "page" }, // pud_alloc_one, pmd_alloc_one, pte_alloc_one
  fill: null,
  missing: ALL_ZERO, // pgd_none, pud_none, pmd_none
  absent: { mask: 0x1n, value: 0n }, // pgd_valid, pud_valid, pmd_valid
  table: {
    is: { mask: 0x3n, value: 0x3n }, // PMD_TYPE_TABLE
    readOnly: null,
    address: 0x0000fffffffff000n, // PHYS_MASK & PAGE_MASK
    bits: 0x3n, // PMD_TYPE_TABLE
  },
  leaf: null,
};

/** Entries of arm64 that map a page of 4 KiB. */
export const ARM64_PAGE: LeafFormat = {
  is: { mask: 0x403n, value: 0x403n }, // PTE_TYPE_PAGE, PTE_AF
  readOnly: { mask: 0x80n, value: 0x80n }, // PTE_RDONLY
  address: 0x0000fffffffff000n, // PHYS_MASK & PAGE_MASK
  bits: {
    data: 0x753n, // PTE_TYPE_PAGE | PTE_AF | PTE_SHARED | PTE_WBWA | PTE_USER
    code: 0x7d3n, // … | PTE_RDONLY
    io: 0x0060000000000747n, // … PTE_UNCACHED | PTE_USER | PTE_UXN | PTE_PXN
  },
  seen: null,
  lookup: { entry: 0x0000fffffffff000n, offset: 0xfffn },
  split: null,
};

/** Entries of arm64 that map a section, without the address (`mmu_set_range_sect`, `lib/arm/mmu.c`). */
export const ARM64_SECTION: LeafFormat = {
  ...ARM64_PAGE,
  is: { mask: 0x403n, value: 0x401n }, // PMD_TYPE_SECT, PMD_SECT_AF
  bits: {
    data: 0x751n, // PMD_TYPE_SECT | PMD_SECT_AF | PMD_SECT_S | PTE_WBWA | PTE_USER
    code: 0x7d1n, // … | PTE_RDONLY
    io: 0x745n, // … PMD_SECT_UNCACHED | PMD_SECT_USER
  },
  seen: { mask: 0x3n, value: 0x1n }, // pmd_huge
};
