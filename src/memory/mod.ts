/**
 * Hardware memory: where it is, what it holds, and what the host has behind it.
 *
 * @module
 */

// Order: address_space, byte_order, guard, keeper, memory_map, power_on, extents, witness, write_journal, write_log, slabs,
// page_directory, page_store, reach, scan, physical, ram, host, extent_access, page_table,
// translation_cache, identity, translated_space, switchable_space, qemu_layout, map_text, mod

export type { AccessSize, AddressSpace, ByteRun } from "./address_space.ts";
export type { Backing } from "./extents.ts";
export type { AccessGuard } from "./guard.ts";
export { HostAccount } from "./host.ts";
export type { DiscardReason, FillReason, HostEvent, PageUsage } from "./host.ts";
export type {
  AddressSpan,
  EfiType,
  MapFormat,
  MapNote,
  NormalizedMap,
  NormalizedRange,
  ParsedMap,
  RangeKind,
  TextRange,
} from "./map_text/mod.ts";
export {
  e820TypeOfKind,
  MAX_MAP_LINE_LENGTH,
  MAX_MAP_RANGES,
  MAX_MAP_TEXT_LENGTH,
  memoryMapOfText,
  normalizeRanges,
  parseMemoryMapText,
} from "./map_text/mod.ts";
export type { MemoryKind, MemoryMap, MemoryRange } from "./memory_map.ts";
export {
  endOfRange,
  formatMemoryRange,
  gapsIn,
  isMemory,
  memoryMap,
  rangeAt,
  usableRamBytes,
} from "./memory_map.ts";
export type {
  Installation,
  LevelCount,
  LookupAddresses,
  MappedRun,
  MissingTable,
  PageTables,
  PageTablesOptions,
  TableAllocator,
  TableMemory,
  TableSummary,
  Translation,
  WalkLevel,
} from "./page_table/mod.ts";
export {
  createPageTables,
  describeTables,
  formatTables,
  identityMapLargePages,
  identityMapPages,
  installHugePage,
  installLargePage,
  installPage,
  openPageTables,
  splitLargePage,
  translate,
  virtToPtePhys,
} from "./page_table/mod.ts";
export type { PowerOn } from "./power_on.ts";
export type { FlatLayout, PcLayout, QemuLayout, Relocation, ReservedRange } from "./qemu_layout.ts";
export {
  QEMU_ARM_VIRT,
  QEMU_FROM_ZERO,
  QEMU_PC,
  QEMU_PC_AMD,
  QEMU_Q35,
  QEMU_Q35_AMD,
  QEMU_RISCV_VIRT,
  qemuMemoryMap,
} from "./qemu_layout.ts";
export type { Keeper } from "./keeper.ts";
export { Ram, type RamOptions } from "./ram.ts";
export type { PeekRun, TouchedRun } from "./scan.ts";
export type { WriteWitness } from "./witness.ts";
export type {
  JournalledStore,
  OldPages,
  PresentPages,
  WritableStore,
  WriteJournal,
} from "./write_journal.ts";
export type { WriteLog } from "./write_log.ts";
export { TranslatedSpace, type TranslatedSpaceOptions } from "./translated_space.ts";
export type { UsageBits } from "./translation_cache.ts";
