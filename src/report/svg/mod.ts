/**
 * Pictures: states, runs and memory maps as SVG.
 *
 * Every picture is one document without scripts and without references to anything outside.
 *
 * @module
 */

// Order: xml, style, picture, marks, area_cells, overview, metadata, mod

export type { PictureOptions } from "./picture.ts";
export { PICTURE_WIDTHS } from "./picture.ts";
export { metadataSvg } from "./metadata.ts";
