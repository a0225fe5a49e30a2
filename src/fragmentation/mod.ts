/**
 * Fragmentation of free memory: Linux's indices, and the files in which it shows its free lists.
 *
 * @example A buddyinfo judged
 * ```ts
 * import { indexText, readFreeMemory, unusableIndex, zoneCountsOf } from "@buddyscope/sim/fragmentation";
 * import { assertEquals } from "@std/assert";
 *
 * const [table] = readFreeMemory("Node 0, zone   Normal      3      1      1\n");
 * const [zone] = table?.kind === "buddyinfo" ? zoneCountsOf(table) : [];
 * assertEquals(indexText(unusableIndex(zone?.counts ?? [], 2)), "0.555");
 * ```
 *
 * @module
 */

// Order: indices, free_counts, tables, rows, read, write, compare, mod

export {
  externalFragmentationIndex,
  freePagesOf,
  hugePageOrder,
  INDEX_SCALE,
  indexText,
  indicesAt,
  indicesOf,
  largestOrderOf,
  shareInBlocks,
  unusableIndex,
  WOULD_SUCCEED,
} from "./indices.ts";
export type { FreeCounts, OrderIndices } from "./indices.ts";
export { freeCountsOf } from "./free_counts.ts";
export { isIndexTable, zoneCountsOf } from "./tables.ts";
export type {
  BlockRow,
  BlockTable,
  BuddyInfo,
  CountRow,
  FreeMemoryTable,
  IndexKind,
  IndexRow,
  IndexTable,
  PageTypeInfo,
  TypeRow,
  ZoneCounts,
  ZonePlace,
} from "./tables.ts";
export { readFreeMemory } from "./read.ts";
export { writeBuddyInfo, writeFreeMemory, writeIndexTable, writePageTypeInfo } from "./write.ts";
export { compareIndices } from "./compare.ts";
export type { IndexComparison, IndexDifference } from "./compare.ts";
