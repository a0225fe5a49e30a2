/**
 * The promises of vmalloc and malloc.
 *
 * @module
 */

import type { KeptPromise } from "./kept_promise.ts";

/** The promises of vmalloc and malloc that the repaired edition keeps. */
export const VMALLOC_PROMISES: readonly KeptPromise[] = [
  {
    fact: "freedVirtualPages",
    promise: "memory that vmalloc freed cannot be used any more",
    madeBy: "3f6fee0d: vmalloc with metadata, so that vm_free() knows what to give back",
    broken: "vm_free() in lib/vmalloc.c leaves the page table entry, so that a use after free " +
      "reads and writes somebody's page.",
    defect: "D17",
    scenario: `machine x86_64
boot
p = malloc 100
write p+16 7
free p
read p+16
expect last faults at p+16
`,
  },
  {
    fact: "virtualPagesAreGiven",
    promise: "virtual pages that were freed are given out again",
    madeBy: "3f6fee0d: vmalloc with metadata, so that vm_free() knows what to give back",
    broken: "vfree_top in lib/vmalloc.c only moves down, so that a guest of 32 bits runs out " +
      "while memory is free.",
    defect: "D17",
    scenario: `machine x86_64
boot
p = malloc 5000
free p
q = malloc 5000
expect q == p
`,
  },
  {
    fact: "virtualPagesEnd",
    promise: "virtual pages never meet what is mapped already",
    madeBy:
      'lib/vmalloc.h: "Set the top of the virtual address space"; i386 leaves 2 to 3 GiB for it',
    broken: "alloc_vpages() in lib/vmalloc.c knows no lower end: the next page is given out too, " +
      "and RAM that is mapped there vanishes.",
    defect: "D17",
    scenario: `machine i386
boot
all = alloc_vpages 0x40000
expect all == 0x80000000
one = alloc_vpage
expect one is null
p = malloc 8
expect p is null
`,
  },
  {
    fact: "missingBlockPages",
    promise: "vmalloc without a page for a block gives NULL",
    madeBy:
      'lib/vmalloc.c, July 2020: "Add a check that the backing pages were actually allocated"',
    broken: "vm_memalign() in lib/vmalloc.c puts a small block at physical address 0; a " +
      "large one fails an assertion.",
    defect: null,
    scenario: `machine ppc64
boot
p = malloc 100
alloc_pages 11
alloc_pages 10
alloc_pages 9
alloc_pages 8
alloc_pages 5
alloc_pages 4
expect free pages == 0
q = malloc 100
expect q is null
`,
  },
  {
    fact: "missingPageTables",
    promise: "a page that cannot be mapped for lack of a page table is not handed out",
    madeBy: 'lib/vmalloc.h, install_page(): "Map the virtual address to the physical address"',
    broken: "install_page() takes the table to be at address 0 (lib/x86/vm.c, " +
      "lib/ppc64/mmu.c and so on): what lies there is overwritten and linked.",
    defect: null,
    scenario: `machine ppc64
boot
alloc_pages 11
alloc_pages 10
alloc_pages 9
alloc_pages 8
alloc_pages 5
alloc_pages 4
alloc_pages 1
p = malloc 100
expect p is null
expect free pages == 1
`,
  },
  {
    fact: "mallocWithoutMemory",
    promise: "malloc gives NULL when there is no memory",
    madeBy: "the C standard, whose name malloc() has: NULL if there is no memory",
    broken: "memalign() in lib/alloc.c asserts that the allocator gave something, whichever " +
      "it is.",
    defect: null,
    scenario: `machine arm64
boot early
p = malloc 1G
expect p is null
`,
  },
  {
    fact: "wrappingMallocSizes",
    promise: "a size that wraps round with its alignment gives NULL",
    madeBy: "3f6fee0d: the number of pages in front of a block is that of its size",
    broken: "vm_memalign() in lib/vmalloc.c adds size and alignment in a word, so that " +
      "malloc(SIZE_MAX) gives one page.",
    defect: "D9b",
    scenario: `machine x86_64
boot
p = malloc 0xffffffffffffffff
expect p is null
`,
  },
  {
    fact: "vmapCovers",
    promise: "vmap maps every byte of the range",
    madeBy: 'lib/vmalloc.h, vmap(): "Map consecutive physical pages"; x86 gives it any range',
    broken: "vmap() in lib/vmalloc.c drops the offset in the first page from the length: 8 bytes " +
      "at ...ffc map one page.",
    defect: "D18",
    scenario: `machine x86_64
boot
write 0x1801000 0x3344
v = vmap 0x1800ffc 8
x = read v+0x1000
expect last returns 0x3344
`,
  },
];
