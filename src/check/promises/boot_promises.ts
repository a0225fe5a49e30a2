/**
 * The promises of boot.
 *
 * @module
 */

import type { KeptPromise } from "./kept_promise.ts";

/** The promises of boot that the repaired edition keeps. */
export const BOOT_PROMISES: readonly KeptPromise[] = [
  {
    fact: "rangesHandedOver",
    promise: "boot hands over every range of RAM that it can map",
    madeBy: "8131e91a: setup_vm() gives the page allocator the memory that is left",
    broken: "find_highmem() in lib/x86/setup.c takes one further range, and only if it is as " +
      "long as low memory.",
    defect: null,
    scenario: `machine x86_64 ram=5G memlimit=1048576
boot
expect 0x17ffff000 has status fresh
`,
  },
  {
    fact: "vmallocWindow",
    promise: "memory that vmalloc's addresses cover is not handed out",
    madeBy: 'the comment in setup_mmu() of arm: "3G-4G region is reserved for vmalloc"',
    broken: "setup_mmu() in lib/arm/mmu.c computes the end of 3 GiB and ignores it; boot " +
      "never knew of it.",
    defect: "D10",
    scenario: `machine arm64 ram=3G
boot
p = malloc 100
write p 0x5a5a5a5a 4
q = alloc_pages 19
expect bytes p are 5a 5a 5a 5a
`,
  },
  {
    fact: "vmallocWindow",
    promise: "i386 hands out no memory where it maps nothing",
    madeBy: "8131e91a: the page allocator has its lists in the memory that it hands out",
    broken: "setup_mmu() in lib/x86/vm.c maps nothing on i386 from 2 to 3 GiB, for vmalloc, " +
      "and hands RAM out there.",
    defect: "D13",
    scenario: `machine i386 ram=3G
boot
p = alloc_pages 17
expect p below 2G
`,
  },
  {
    fact: "memoryMapped",
    promise: "ppc64 maps all memory that it hands out",
    madeBy: "d4c8e725: ppc64 with virtual memory, its memory mapped onto itself",
    broken: "setup_mmu() in lib/ppc64/mmu.c stops at 31 GiB; what lies above 32 GiB is " +
      "handed out and not mapped.",
    defect: "D16",
    scenario: `machine ppc64 ram=40G page-size=64K
boot
write 36G 1
expect last returns nothing
`,
  },
  {
    fact: "unusedRegions",
    promise: "memory that is set aside takes no page tables",
    madeBy: "the flag MR_F_UNUSED that mem_allocator_init() of riscv gives it",
    broken: "setup_mmu() in lib/riscv/mmu.c skips devices and reserved memory only.",
    defect: null,
    scenario: `machine riscv64 ram=3G
boot
read 0xd0000000
expect last faults at 0xd0000000
`,
  },
  {
    fact: "x86LowMemoryEnd",
    promise: "x86 uses low memory up to its end",
    madeBy: "the multiboot specification: mem_upper counts from 1 MiB on",
    broken: "setup_multiboot() in lib/x86/setup.c takes the size above 1 MiB for an end, and " +
      "loses the last MiB.",
    defect: null,
    scenario: `machine x86_64
boot
expect 0x7fdf000 has status fresh
`,
  },
  {
    fact: "x86HighMemoryLimit",
    promise: "without MEMLIMIT nothing limits memory above 4 GiB",
    madeBy: "find_highmem(): a limit of 0 stands for none",
    broken: "FW_CFG_MAX_RAM in lib/x86/fwcfg.h is QEMU's item of the kernel image; its first " +
      "bytes mean 442 MiB.",
    defect: null,
    scenario: `machine x86_64 ram=8G
boot
p = alloc_page area=HIGH
expect p above 0xfffff000
`,
  },
  {
    fact: "efiFirstRange",
    promise: "after boot by EFI memory is handed over that can be reached",
    madeBy: "setup_page_table(): the tables of the loader reach 4 GiB",
    broken: "lib/x86/setup.c takes the largest free range of the EFI map, wherever it lies; " +
      "above 4 GiB its page states fault.",
    defect: "D12",
    scenario: `machine x86_64 map=efi.txt
boot
expect last returns nothing
`,
    maps: {
      "efi.txt": `efi: mem00: [Conventional Memory] range=[0x1500000-0x8ffffff]
efi: mem01: [Loader Code] range=[0x9000000-0x9ffffff]
efi: mem02: [Conventional Memory] range=[0x100000000-0x13fffffff]
`,
    },
  },
  {
    fact: "armMemoryEnd",
    promise: "arm boots with RAM up to 4 GiB",
    madeBy: "mem_allocator_init(): what lies above 4 GiB is cut off",
    broken: "PAGE_MASK in lib/arm/asm/page.h has 32 bits, and makes 0 of an end of 4 GiB.",
    defect: "D14",
    scenario: `machine arm ram=3G
boot
expect last returns nothing
`,
  },
  {
    fact: "lastFrameOfWord",
    promise: "a 32-bit machine boots with RAM up to the end of its addresses and beyond",
    madeBy: "01d8952b: pfns of 64 bits, so that 32-bit machines can have memory above 4 GiB",
    broken: "_page_alloc_init_area() in lib/alloc_page.c refuses an area whose top is not " +
      "below 4 GiB, and boot hands such a range over; kept, boot leaves the last frame out.",
    defect: null,
    scenario: `machine i386 map=flat.txt
boot
expect last returns nothing
`,
    maps: {
      "flat.txt": `0x0-0x13fffffff ram
`,
    },
  },
  {
    fact: "lookupAddresses",
    promise: "virt_to_pte_phys() gives the physical address, in a large page too",
    madeBy: "its name, and the walk of the same tables by the hardware",
    broken: "virt_to_pte_phys() in lib/x86/vm.c adds the lower 12 bits only to the address " +
      "of a page of 2 MiB.",
    defect: null,
    scenario: `machine x86_64
boot
p = virt_to_pte_phys 0x1234567
expect p == 0x1234567
`,
  },
  {
    fact: "x86LookupMiss",
    promise: "virt_to_pte_phys() gives nothing for an address that is not mapped",
    madeBy: "get_pte(): NULL if there is no entry",
    broken: "virt_to_pte_phys() in lib/x86/vm.c reads the entry through the null pointer, " +
      "and takes the word at address 0 for it.",
    defect: null,
    scenario: `machine x86_64
boot
p = virt_to_pte_phys 0x8000000000
expect p is null
`,
  },
  {
    fact: "earlyLogOfTheRest",
    promise: "the early allocator's log keeps to its 256 entries",
    madeBy: "phys_alloc_aligned_safe(): a full log is reported, and nothing is written",
    broken: "phys_alloc_get_unused() in lib/alloc_phys.c writes its entry without a look at " +
      "their number.",
    defect: null,
    scenario: null,
  },
  {
    fact: "earlyExhaustion",
    promise: "malloc returns NULL when early memory is used up",
    madeBy: "early_memalign(): it returns NULL for what could not be had",
    broken: "phys_alloc_aligned_safe() in lib/alloc_phys.c asserts that something is left " +
      "before it looks whether it is enough.",
    defect: null,
    scenario: `machine x86_64
p = malloc 8
expect p is null
`,
  },
  {
    fact: "earlyDefaultAlignment",
    promise: "early memory comes at multiples of 32 bytes where nobody says otherwise",
    madeBy: 'lib/alloc_phys.h: "the default minimum alignment" is DEFAULT_MINIMUM_ALIGNMENT',
    broken: "Since f90ddba3 nobody applies it; since 7e3e823b lib/alloc_phys.c does, with a " +
      "minimum that begins with 0.",
    defect: null,
    scenario: `machine x86_64
boot early
p = malloc 8
q = malloc 8
expect q == p+32
`,
  },
];
