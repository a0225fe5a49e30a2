/**
 * Hardware memory: where it is, what it holds, and what the host has behind it.
 *
 * @module
 */

// Order: address_space, memory_map, power_on, extents, slabs, page_directory, page_store, reach, scan,
// physical, ram, mod

export type { AccessSize, AddressSpace, ByteRun } from "./address_space.ts";
export type { Backing } from "./extents.ts";
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
export type { PowerOn } from "./power_on.ts";
export { Ram, type RamOptions } from "./ram.ts";
export type { PeekRun, TouchedRun } from "./scan.ts";
