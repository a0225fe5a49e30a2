/**
 * Page tables in modelled memory, with the geometry and the entry bits of each architecture.
 *
 * @module
 */

// Order: tables, walk, install, lookup, map_range, translate, unmap, describe, mod

export {
  createPageTables,
  decodeAddress,
  holds,
  type LookupAddresses,
  type MissingTable,
  openPageTables,
  type PageTables,
  type PageTablesOptions,
  type Slot,
  type TableAllocator,
  type TableMemory,
  type WalkLevel,
} from "./tables.ts";
export {
  type Installation,
  installHugePage,
  installLargePage,
  installPage,
  splitLargePage,
} from "./install.ts";
export { virtToPtePhys } from "./lookup.ts";
export { identityMapLargePages, identityMapPages } from "./map_range.ts";
export {
  type Extent,
  extentAt,
  type HardwareWalk,
  type Step,
  translate,
  type Translation,
  walkAsHardware,
} from "./translate.ts";
export { mappedEndBelow, unmapPage } from "./unmap.ts";
export {
  describeTables,
  formatTables,
  type LevelCount,
  type MappedRun,
  type TableSummary,
} from "./describe.ts";
