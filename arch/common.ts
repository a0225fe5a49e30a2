/**
 * The area tables that several architectures share.
 *
 * @module
 */

import type { AreaTable, AreaTableName, ElfRootNote } from "../src/arch.ts";
import { areaNumber, pfn } from "../src/units.ts";

/** One area from frame 0 on, in the only slot (`lib/asm-generic/memory_areas.h`, 322cdd64). */
const ONE_AREA: AreaTable = {
  maxAreas: 1, // MAX_AREAS
  zones: [
    { name: "NORMAL", step: "normal", area: areaNumber(0), cutoff: pfn(0) }, // AREA_NORMAL_PFN
  ],
  aliases: [],
};

/** The area tables of the architectures that divide memory no further. */
export const GENERIC_AREA_TABLES: Readonly<Record<AreaTableName, AreaTable>> = {
  "rfc-pools": { ...ONE_AREA, maxAreas: 4 },
  "six-slots": { ...ONE_AREA, maxAreas: 6 },
  "per-architecture": ONE_AREA,
};

/**
 * QEMU's note of a CPU of x86_64 and i386 (its `target/i386/arch_dump.c`, `QEMUCPUState`): 8 bytes, 18
 * registers of 8, 10 segments of 24, then CR0 to CR4.
 */
export const X86_ROOT_NOTE: ElfRootNote = {
  name: "QEMU",
  type: 0,
  offset: 8 + 18 * 8 + 10 * 24 + 3 * 8, // CR3
};

/** The area tables of x86_64 and i386 (`lib/x86/asm/memory_areas.h`). */
export const X86_AREA_TABLES: Readonly<Record<AreaTableName, AreaTable>> = {
  "rfc-pools": {
    maxAreas: 4,
    zones: [
      { name: "NORMAL", step: "normal", area: areaNumber(0), cutoff: pfn(0x100000) }, // 4 GiB
      { name: "LOW", step: "low", area: areaNumber(1), cutoff: pfn(0) },
    ],
    aliases: [],
  },
  "six-slots": {
    maxAreas: 6, // lib/alloc_page.c
    zones: [
      // The allocator asks for AREA_HIGH; this header calls it AREA_PAE_HIGH, so no step fills it.
      { name: "PAE_HIGH", step: "never", area: areaNumber(1), cutoff: pfn(0x100000) }, // 4 GiB
      { name: "NORMAL", step: "normal", area: areaNumber(0), cutoff: pfn(0x1000000) }, // 64 GiB
      { name: "LOW", step: "low", area: areaNumber(2), cutoff: pfn(0) },
    ],
    aliases: [],
  },
  "per-architecture": {
    maxAreas: 4, // MAX_AREAS
    zones: [
      { name: "HIGH", step: "high", area: areaNumber(1), cutoff: pfn(0x100000) }, // AREA_HIGH_PFN
      { name: "NORMAL", step: "normal", area: areaNumber(0), cutoff: pfn(0x1000000) }, // AREA_NORMAL_PFN
      { name: "LOW", step: "low", area: areaNumber(2), cutoff: pfn(0x1000) }, // AREA_LOW_PFN
      { name: "LOWEST", step: "lowest", area: areaNumber(3), cutoff: pfn(0) }, // AREA_LOWEST_PFN
    ],
    aliases: [
      { name: "DMA24", zones: ["LOWEST"] }, // AREA_DMA24
      { name: "DMA32", zones: ["LOWEST", "LOW"] }, // AREA_DMA32
      { name: "PAE36", zones: ["LOWEST", "LOW", "HIGH"] }, // AREA_PAE36
    ],
  },
};

const S390X_AREAS: AreaTable = {
  maxAreas: 2, // MAX_AREAS
  zones: [
    { name: "NORMAL", step: "normal", area: areaNumber(0), cutoff: pfn(0x80000) }, // AREA_NORMAL_PFN, 2 GiB
    { name: "LOW", step: "low", area: areaNumber(1), cutoff: pfn(0) }, // AREA_LOW_PFN
  ],
  aliases: [
    { name: "DMA31", zones: ["LOW"] }, // AREA_DMA31
  ],
};

/** The area tables of s390x (`lib/s390x/asm/memory_areas.h`). */
export const S390X_AREA_TABLES: Readonly<Record<AreaTableName, AreaTable>> = {
  "rfc-pools": { ...S390X_AREAS, maxAreas: 4 },
  "six-slots": { ...S390X_AREAS, maxAreas: 6 },
  "per-architecture": S390X_AREAS,
};
