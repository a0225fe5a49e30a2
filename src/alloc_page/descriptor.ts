/**
 * Area descriptors: the structures in which the allocator keeps each area, in modelled memory.
 *
 * ```text
 *   base, top      first usable frame, first frame after
 *   page_states    pointer to the page states
 *   max_order      one byte, where the edition has it
 *   zone           one byte, where a zone can have several ranges (the repaired code only)
 *   freelists[]    a list head for each order
 * ```
 *
 * Source: `lib/alloc_page.c`, `struct mem_area`, 8131e91a to 4a54e8a3.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { wordBytes } from "../word.ts";

/** Where the members of a descriptor lie, in bytes from its first. */
export interface DescriptorLayout {
  /** The size of a pfn in bytes. */
  readonly pfnBytes: 4 | 8;
  /** The offset of `base`; always 0. */
  readonly base: number;
  /** The offset of `top`. */
  readonly top: number;
  /** The offset of `page_states`. */
  readonly pageStates: number;
  /** The offset of `max_order`; null where the edition has none. */
  readonly maxOrder: number | null;
  /** The offset of the zone's number; null where an area's slot says it. */
  readonly zone: number | null;
  /** The offset of the first list head. */
  readonly freeLists: number;
  /** The size of a list head: two words. */
  readonly listHeadBytes: number;
  /** The number of list heads: one for each order below this. */
  readonly listCount: number;
  /** The size of the whole descriptor. */
  readonly sizeBytes: number;
  /** The number of descriptors in the array: upstream's `MAX_AREAS`. */
  readonly slots: number;
}

/** The number of areas where a zone can have several ranges: one for each bit of `AREA_MASK`. */
const SLOTS_FOR_RANGES = 16;

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * Lays a descriptor out as the compiler does.
 *
 * Editions: `pfnWidth`, `maxOrderHint`, `rangesPerZone`.
 *
 * Source: `lib/alloc_page.c`, `struct mem_area`, 8131e91a, 01d8952b, bcffccfc.
 *
 * @param arch the architecture
 * @param edition the edition
 * @param pageShift the base-2 logarithm of the page size
 * @returns the offsets
 */
export function descriptorLayout(
  arch: Arch,
  edition: Edition,
  pageShift: number,
): DescriptorLayout {
  const word = wordBytes(arch.wordBits);
  const pfnBytes = edition.pfnWidth === "64-bit" ? 8 : word;
  const pfnAlignment = pfnBytes === 8 ? Math.min(8, arch.alignmentOf64Bits) : pfnBytes;
  const pageStates = 2 * pfnBytes;
  const afterPointer = pageStates + word;
  const several = edition.rangesPerZone === "several";
  const maxOrder = edition.maxOrderHint === "kept" ? afterPointer : null;
  const afterMaxOrder = afterPointer + (maxOrder === null ? 0 : 1);
  const zone = several ? afterMaxOrder : null;
  const freeLists = roundUp(afterMaxOrder + (zone === null ? 0 : 1), word);
  const listCount = arch.wordBits - pageShift;
  return {
    pfnBytes,
    base: 0,
    top: pfnBytes,
    pageStates,
    maxOrder,
    zone,
    freeLists,
    listHeadBytes: 2 * word,
    listCount,
    sizeBytes: roundUp(freeLists + listCount * 2 * word, Math.max(word, pfnAlignment)),
    slots: several ? SLOTS_FOR_RANGES : areaTableOf(arch, edition).maxAreas,
  };
}
