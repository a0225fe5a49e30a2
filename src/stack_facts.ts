/**
 * The facts of an edition about everything around the page allocator: early allocator, vmalloc, malloc,
 * and boot.
 *
 * @module
 */

import type { StackAssertionTable } from "./assertions_stack.ts";

/** What an edition does outside of the page allocator. A fact's values are words that say what. */
export interface StackFacts {
  /**
   * What the early allocator does with its minimum alignment: keeps 32 bytes for malloc to apply, or
   * applies its own, which is 0 unless the architecture sets it (7e3e823b).
   */
  readonly earlyMinimumAlignment: "kept-for-malloc" | "applied";
  /** What malloc keeps in front of each block: how far it is off and how large, or nothing (f90ddba3). */
  readonly mallocHeader: "slack-and-size" | "none";
  /** Whether vmalloc keeps the size of a block in front of it (3f6fee0d). */
  readonly vmallocMetadata: "none" | "in-front";
  /** What vmalloc checks when it frees: NULL, translations and a sane size, or the magic (12513346). */
  readonly vmallocChecks: "few" | "all";
  /** How frames and pointers are converted: by shifts, or as the architecture does (01d8952b). */
  readonly pointerConversions: "casts" | "of-the-architecture";
  /** Where x86_64 begins to hand out virtual pages: below 2^64, or one page lower (a9f76e74, 2025). */
  readonly x86VirtualTop: "left-at-0" | "last-page";
  /** What the first bytes of an x86 image are, which QEMU gives as item 0x11 (0a06949a, 2023). */
  readonly x86ImageBegin: "elf-header" | "multiboot-header";
  /** How arm maps itself: devices first by sections, or region by region (c1cd1a2b, 2021). */
  readonly armMapping: "devices-first" | "region-by-region";
  /** What arm does when it looks up an address that is not mapped (89a13406, 2023). */
  readonly armLookupMiss: "makes-tables" | "maps-identity";
  /** Which allocators ppc64 has: the early one, or pages and page tables too (8e4e0512, 2024). */
  readonly ppcAllocators: "early-only" | "all";
  /** What s390x keeps a table of: pointers to its CPUs, or the CPUs themselves (e5ce7b94, 2022). */
  readonly s390xCpuTable: "pointers" | "structures";
  /** Whether s390x clears a new CPU's lowcore itself. */
  readonly s390xLowcore: "cleared-by-hand" | "left-to-the-allocator";
  /** Whether there is a port to riscv (2024). */
  readonly riscvPort: "not-yet" | "there";
  /** Whether the lines of the architectures' own code are known: those of June 2026 are. */
  readonly archSourceLines: "not-known" | "known";
  /** The assertions of the early allocator, vmalloc and malloc: text and line. */
  readonly stackAssertions: StackAssertionTable;
}
