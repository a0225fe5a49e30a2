/**
 * The state in which an area is when it was handed over.
 *
 * @module
 */

import { FRESH } from "./model.ts";
import type { Model } from "./model.ts";
import { clearLists, fillStates, insertFrame, markTouched, newPacked } from "./packed.ts";
import type { Packed } from "./packed.ts";

/** A block as areas are carved into. */
export interface CarvedBlock {
  /** Its first frame. */
  readonly frame: number;
  /** Its order. */
  readonly order: number;
}

/**
 * The blocks into which the areas are carved: the largest naturally aligned ones.
 *
 * Source: `lib/alloc_page.c`, `_page_alloc_init_area()`, 8131e91a to 4a54e8a3.
 *
 * @param geometry the areas
 * @returns the blocks, ascending
 */
export function carvedBlocks({ areas, alignments }: Model["geometry"]): CarvedBlock[] {
  const blocks: CarvedBlock[] = [];
  for (const { first, end } of areas) {
    for (let frame = first; frame < end;) {
      const fitting = Math.floor(Math.log2(end - frame));
      const order = Math.min(fitting, alignments[frame] ?? 0);
      blocks.push({ frame, order });
      frame += 2 ** order;
    }
  }
  return blocks;
}

/**
 * Makes the first state: all areas handed over, nothing allocated.
 *
 * @param model what it follows
 * @returns the state
 */
export function initialState(model: Model): Packed {
  const packed = newPacked(model);
  const { geometry, encodings } = model;
  clearLists(packed);
  for (const { frame, order } of carvedBlocks(geometry)) {
    fillStates(packed, frame, 2 ** order, (encodings[FRESH] ?? 0) + order);
    insertFrame(packed, frame, order, "front");
    const at = geometry.areas[geometry.areaOf[frame] ?? 0]?.maxOrderAt ?? 0;
    const raised = Math.max(packed.cells[at] ?? 0, order);
    packed.cells[at] = model.maxOrder === "kept" ? raised : 0;
  }
  markTouched(packed);
  return packed;
}
