/**
 * Memory maps from text: e820, EFI, `/proc/iomem`, device trees, plain lists.
 *
 * Read `parse.ts` first, then the format of interest; `normalize.ts` is what comes after.
 *
 * @module
 */

// Order: text_range, source_line, span, range_kind, map_reader, e820_line, e820, efi_type, efi, iomem,
// node_ranges, dts_tokens, dts_cells, dts_tree, device_tree, plain, check, parse, normalize, mod

export {
  memoryMapOfText,
  type NormalizedMap,
  type NormalizedRange,
  normalizeRanges,
} from "./normalize.ts";
export { parseMemoryMapText } from "./parse.ts";
export { e820TypeOfKind } from "./range_kind.ts";
export type { AddressSpan } from "./span.ts";
export {
  type EfiType,
  type MapFormat,
  type MapNote,
  MAX_MAP_LINE_LENGTH,
  MAX_MAP_RANGES,
  MAX_MAP_TEXT_LENGTH,
  type ParsedMap,
  type RangeKind,
  type TextRange,
} from "./text_range.ts";
