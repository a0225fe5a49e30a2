/**
 * Pictures: states, runs and memory maps as SVG.
 *
 * Every picture is one document without scripts and without references to anything outside.
 *
 * @module
 */

// Order: xml, style, picture, marks, area_cells, overview, metadata,
// heat_columns, heat_rows, heat_cells, heat_map, free_lists,
// tree_nodes, split_tree, memory_map, design_bars, designs, lab_panels, lab_chart, mod

export type { PictureOptions } from "./picture.ts";
export { PICTURE_WIDTHS } from "./picture.ts";
export { metadataSvg } from "./metadata.ts";
export type { HeatOf } from "./heat_columns.ts";
export type { HeatMapOptions } from "./heat_map.ts";
export { heatMapSvg } from "./heat_map.ts";
export type { FreeListsSvgOptions } from "./free_lists.ts";
export { freeListsSvg } from "./free_lists.ts";
export type { SplitTreeOptions } from "./split_tree.ts";
export { splitTreeSvg } from "./split_tree.ts";
export { memoryMapSvg } from "./memory_map.ts";
export { labSvg } from "./lab_chart.ts";
export { designsSvg } from "./designs.ts";
