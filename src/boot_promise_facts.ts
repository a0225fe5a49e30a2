/**
 * The facts of an edition about what its authors promise of boot: all usable RAM is used that can be
 * mapped, and all RAM is mapped that is handed out.
 *
 * The first value of each is what the code does; the second is what its comments, messages and its own
 * later use say that it does. Only the repaired edition has the second values.
 *
 * @module
 */

/** Which promises of boot an edition keeps. A fact's values are words that say what. */
export interface BootPromiseFacts {
  /**
   * Which memory boot hands over: one range, on x86_64 perhaps one more; or every range of RAM above the
   * image, after boot by EFI every free one ("all usable RAM", 8131e91a).
   */
  readonly rangesHandedOver: "one" | "all-usable";
  /**
   * Whether the addresses from which vmalloc hands out virtual pages may be those of RAM that is handed
   * out ("3G-4G region is reserved for vmalloc", `setup_mmu` of arm; i386 maps nothing there).
   */
  readonly vmallocWindow: "may-cover-ram" | "clear-of-ram";
  /**
   * What `setup_mmu` of ppc64 and s390x maps: from the begin to the end of memory, holes too, on ppc64 as
   * far as vmalloc; or the RAM that there is, all of it (d4c8e725).
   */
  readonly memoryMapped: "one-stretch" | "all-ram";
  /** Whether memory that is set aside gets page tables all the same (riscv). */
  readonly unusedRegions: "mapped" | "not-mapped";
  /** Where x86 takes the end of low memory to be: its size is counted from 1 MiB on (multiboot). */
  readonly x86LowMemoryEnd: "size-as-address" | "size-from-1-mib";
  /**
   * What limits memory above the low part on x86 without `MEMLIMIT`: an item of QEMU's configuration that
   * is the begin of the image, or nothing (`FW_CFG_MAX_RAM`).
   */
  readonly x86HighMemoryLimit: "first-bytes-of-image" | "none";
  /** Which free range of an EFI map is used first: it has to be within reach of the loader's tables. */
  readonly efiFirstRange: "largest" | "largest-within-reach";
  /** Whether arm cuts the end of memory with a page mask of 32 bits, so that 4 GiB is 0. */
  readonly armMemoryEnd: "cut-to-a-word" | "whole";
  /** Whether the last frame of a 32-bit address space is handed over, which the allocator refuses. */
  readonly lastFrameOfWord: "handed-over" | "left-out";
  /**
   * What a lookup in the page tables gives: entry and offset as upstream masks them, which on x86 loses
   * bits 12 to 20 in a large page; or the address that the hardware finds (`virt_to_pte_phys`).
   */
  readonly lookupAddresses: "as-masked" | "as-translated";
  /** What a lookup of x86 does for an address without an entry: follow a null pointer, or give 0. */
  readonly x86LookupMiss: "reads-word-0" | "gives-0";
  /** Whether the hand-over of early memory looks at the room in the log (`phys_alloc_get_unused`). */
  readonly earlyLogOfTheRest: "unchecked" | "checked";
  /** How an early allocator that is used up refuses: by an assertion, or as when too little is left. */
  readonly earlyExhaustion: "asserted" | "reported";
  /** The early allocator's minimum alignment where nobody sets it: its header says 32 bytes. */
  readonly earlyDefaultAlignment: "none" | "of-the-header";
}

/** What the code does. */
export const BOOT_PROMISES_BROKEN: BootPromiseFacts = {
  rangesHandedOver: "one",
  vmallocWindow: "may-cover-ram",
  memoryMapped: "one-stretch",
  unusedRegions: "mapped",
  x86LowMemoryEnd: "size-as-address",
  x86HighMemoryLimit: "first-bytes-of-image",
  efiFirstRange: "largest",
  armMemoryEnd: "cut-to-a-word",
  lastFrameOfWord: "handed-over",
  lookupAddresses: "as-masked",
  x86LookupMiss: "reads-word-0",
  earlyLogOfTheRest: "unchecked",
  earlyExhaustion: "asserted",
  earlyDefaultAlignment: "none",
};

/** What it is said to do. */
export const BOOT_PROMISES_KEPT: BootPromiseFacts = {
  rangesHandedOver: "all-usable",
  vmallocWindow: "clear-of-ram",
  memoryMapped: "all-ram",
  unusedRegions: "not-mapped",
  x86LowMemoryEnd: "size-from-1-mib",
  x86HighMemoryLimit: "none",
  efiFirstRange: "largest-within-reach",
  armMemoryEnd: "whole",
  lastFrameOfWord: "left-out",
  lookupAddresses: "as-translated",
  x86LookupMiss: "gives-0",
  earlyLogOfTheRest: "checked",
  earlyExhaustion: "reported",
  earlyDefaultAlignment: "of-the-header",
};
