/**
 * What a text says about memory: ranges in the order of the text, with the line that each came from.
 *
 * @module
 */

import type { ByteCount, PhysAddr } from "../../units.ts";

/** The formats that are recognised. */
export type MapFormat = "e820" | "iomem" | "efi" | "device-tree" | "plain";

/** What a range is, in words that all formats share. */
export type RangeKind =
  | "ram"
  | "reserved"
  | "mmio"
  | "acpi"
  | "nvs"
  | "unusable"
  | "persistent"
  | "soft-reserved";

/** The type of an EFI memory descriptor; `unknown` is a type that no standard names. */
export type EfiType =
  | "reserved"
  | "loader-code"
  | "loader-data"
  | "boot-services-code"
  | "boot-services-data"
  | "runtime-services-code"
  | "runtime-services-data"
  | "conventional"
  | "unusable"
  | "acpi-reclaim"
  | "acpi-nvs"
  | "mmio"
  | "mmio-port"
  | "pal-code"
  | "persistent"
  | "unaccepted"
  | "unknown";

/** A range of physical addresses, `[first, first + size)`, in bytes, as the text has it. */
export interface TextRange {
  /** The first byte. */
  readonly first: PhysAddr;
  /** The size in bytes, at least 1. */
  readonly size: ByteCount;
  /** What it is. */
  readonly kind: RangeKind;
  /** The type of its descriptor; only in EFI maps. */
  readonly efiType?: EfiType;
  /** The attributes of its descriptor, such as `RUN` and `WB`; only in EFI maps. */
  readonly attributes?: readonly string[];
  /** The line of the text that says so, from 1 on. */
  readonly line: number;
  /** That line, without the blanks around it; not escaped. */
  readonly text: string;
}

/** Something that a reader of the map should know. */
export interface MapNote {
  /** The line of the text that it is about, from 1 on. */
  readonly line: number;
  /** A note explains; a warning says that the map may not be what was meant. */
  readonly severity: "note" | "warning";
  /** A sentence without its period; control characters and markup in it are escaped. */
  readonly text: string;
}

/** A memory map that was read from text. */
export interface ParsedMap {
  /** The format that was recognised. */
  readonly format: MapFormat;
  /** The ranges, in the order of the text, which is the order of the firmware. At least one is RAM. */
  readonly ranges: readonly TextRange[];
  /** What to know about the map, by line. */
  readonly notes: readonly MapNote[];
}

/** The most ranges that a map may have. */
export const MAX_MAP_RANGES = 65_536;

/** The longest line of a map, in characters. */
export const MAX_MAP_LINE_LENGTH = 4_096;

/** The longest text, in characters: 64 Mi. */
export const MAX_MAP_TEXT_LENGTH: number = 64 * 2 ** 20;

/**
 * The first address after a range.
 *
 * @param range the range
 * @returns the address in bytes, up to 2^64
 */
export function endOfTextRange(range: Pick<TextRange, "first" | "size">): bigint {
  return range.first + range.size;
}

/**
 * An address as text.
 *
 * @param address in bytes
 * @returns the number in hex, such as `0x9fc00`
 */
export function hexText(address: bigint): string {
  return `0x${address.toString(16)}`;
}
