/**
 * Pictures: states, runs and memory maps as SVG.
 *
 * Every picture is one document without scripts and without references to anything outside.
 *
 * @module
 */

// Order: xml, style, picture, marks, area_cells, overview, metadata,
// heat_columns, heat_rows, heat_cells, heat_map, mod

export type { PictureOptions } from "./picture.ts";
export { PICTURE_WIDTHS } from "./picture.ts";
export { metadataSvg } from "./metadata.ts";
export type { HeatOf } from "./heat_columns.ts";
export type { HeatMapOptions } from "./heat_map.ts";
export { heatMapSvg } from "./heat_map.ts";
