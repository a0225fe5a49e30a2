/**
 * Reports: the state of a machine, and runs of scenarios, as text that a person can check.
 *
 * Every function takes data and returns a text of at most 100 columns. Colours are not made here: give
 * a {@linkcode Paint} for them.
 *
 * @example A page map
 * ```ts
 * import { createMachine, declareRam, DEFAULT_EDITION, pfn } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { printPageMap } from "@buddyscope/sim/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const machine = createMachine({ arch: X86_64, edition: DEFAULT_EDITION });
 * declareRam(machine, pfn(0x100), pfn(0x110));
 * machine.pages.initArea(0, pfn(0x100), pfn(0x110));
 * machine.pages.allocPages(1, 0);
 * const row = "   100   ## .0 A1 -- .2 -- -- -- .3 -- -- -- -- -- -- --";
 * assertStringIncludes(printPageMap(machine, machine.pages.areas()), row);
 * ```
 *
 * @module
 */

// Order: escape, paint, columns, size_words, subject, fragmentation, free_memory_tables, state_text, block_runs, map_rows, map_lines, page_map, frame_map,
// map_reader, parse_page_map, area_from_map, block_lines, block_table, free_lists, areas, states,
// touched, host_view, memory_bytes, phys_view, tables_view, vmalloc_blocks, vmalloc_view, events, event_places, trace_table,
// trace, arch_table, edition_table, pairs, area_difference, memory_difference, area_heads, linked_blocks, twin_machines, difference, difference_text, json, list_tracker, trace_events, chrome_trace, replay_trace, show, boot_map, boot_losses,
// boot_fates_of_all, boot_fates, boot_allocations, boot_stop, boot_report, boot_words, boot_ranges, boot_picture, boot_text, boot_json,
// boot_of_run, hazard_cell, lab_words, lab_text, lab_json, svg, lab_page, mod

export { escapeText } from "./escape.ts";
export { PLAIN_PAINT } from "./paint.ts";
export type { Paint, PaintOptions, PaintText } from "./paint.ts";
export { printTitle } from "./subject.ts";
export type { PagedSubject, Subject } from "./subject.ts";
export type { Folding } from "./map_rows.ts";
export { printPageMap } from "./page_map.ts";
export type { PageMapOptions } from "./page_map.ts";
export { printFrameMap } from "./frame_map.ts";
export { pageMapOf, parsePageMap } from "./parse_page_map.ts";
export type { PageMap, ParsePageMapOptions } from "./parse_page_map.ts";
export { areaFromMap } from "./area_from_map.ts";
export type { AreaFromMapOptions } from "./area_from_map.ts";
export { printBlockTable } from "./block_table.ts";
export type { BlockTableOptions } from "./block_table.ts";
export { listEndText, printFreeLists } from "./free_lists.ts";
export type { FreeListOptions } from "./free_lists.ts";
export { printAreas } from "./areas.ts";
export { fragmentationLines, printBuddyInfo, printFragmentation } from "./fragmentation.ts";
export type { FragmentationOptions, FreeMemoryOfZone } from "./fragmentation.ts";
export { printFreeMemory, printIndexComparison } from "./free_memory_tables.ts";
export type { FreeMemoryTableOptions } from "./free_memory_tables.ts";
export { printStates } from "./states.ts";
export { hostEventText, printHost } from "./host_view.ts";
export { printTouched } from "./touched.ts";
export { printPhys } from "./phys_view.ts";
export { printTables } from "./tables_view.ts";
export { printVmalloc } from "./vmalloc_view.ts";
export { printTrace } from "./trace.ts";
export type { TraceOptions } from "./trace.ts";
export { printArchTable } from "./arch_table.ts";
export { printEditionTable } from "./edition_table.ts";
export { diffRuns } from "./difference.ts";
export type { DifferenceSide, RunDifference } from "./difference.ts";
export type {
  AreaDifference,
  ListDifference,
  MemberDifference,
  StateDifference,
} from "./area_difference.ts";
export type { ByteContent, ByteDifference, TouchedDifference } from "./memory_difference.ts";
export { printRunDifference } from "./difference_text.ts";
export { areasToJson, RUN_JSON_FORMAT, runToJson } from "./json.ts";
export type { JsonObject, JsonValue, RunJsonOptions } from "./json.ts";
export { chromeTrace } from "./chrome_trace.ts";
export { ReplayTrace } from "./replay_trace.ts";
export type { TracedReplay } from "./replay_trace.ts";
export { printShow, printView } from "./show.ts";
export type { Stretch } from "../boot/mod.ts";
export type { BootMap, RamStretch } from "./boot_map.ts";
export type { LossReason } from "./boot_losses.ts";
export type { BootAllocation } from "./boot_allocations.ts";
export type { BootCause } from "./boot_stop.ts";
export { bootVerdict, lossesOf } from "./boot_report.ts";
export type { BootArea, BootLoss, BootVerdict, RamPart, RamRisk, RamUse } from "./boot_report.ts";
export { verdictText } from "./boot_words.ts";
export { grouped, sizeWords } from "./size_words.ts";
export type { Glyphs } from "./boot_picture.ts";
export { printBootVerdicts } from "./boot_text.ts";
export type { BootTextOptions } from "./boot_text.ts";
export { BOOT_JSON_FORMAT, bootToJson } from "./boot_json.ts";
export { bootVerdictOfRun } from "./boot_of_run.ts";
export type { MapSource } from "./boot_of_run.ts";
export { hazardCell } from "./hazard_cell.ts";
export type { HazardCell, HazardDegree } from "./hazard_cell.ts";
export { designsSvg, freeListsSvg, heatMapSvg, memoryMapSvg, metadataSvg } from "./svg/mod.ts";
export { labSvg, PICTURE_WIDTHS, splitTreeSvg } from "./svg/mod.ts";
export { printLab } from "./lab_text.ts";
export type { LabTextOptions } from "./lab_text.ts";
export { labToJson } from "./lab_json.ts";
export { labPage } from "./lab_page.ts";
export type {
  FreeListsSvgOptions,
  HeatMapOptions,
  HeatOf,
  PictureOptions,
  SplitTreeOptions,
} from "./svg/mod.ts";
