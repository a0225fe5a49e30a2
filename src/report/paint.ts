/**
 * What is coloured in a report. The colours themselves come from whoever prints.
 *
 * @module
 */

import type { PageStatus } from "../edition.ts";

/** Colours a text, or leaves it as it is. It must not change what a terminal shows as its width. */
export type PaintText = (text: string) => string;

/** How the parts of a report are coloured: one function each. */
export interface Paint {
  /** What belongs to fresh frames. */
  readonly fresh: PaintText;
  /** What belongs to freed frames. */
  readonly free: PaintText;
  /** What belongs to frames in use. */
  readonly allocated: PaintText;
  /** What belongs to reserved frames. */
  readonly special: PaintText;
  /** What is less important. */
  readonly dim: PaintText;
  /** A heading. */
  readonly bold: PaintText;
  /** What is wrong. */
  readonly bad: PaintText;
}

const asItIs: PaintText = (text) => text;

/** No colours: the default everywhere. */
export const PLAIN_PAINT: Paint = {
  fresh: asItIs,
  free: asItIs,
  allocated: asItIs,
  special: asItIs,
  dim: asItIs,
  bold: asItIs,
  bad: asItIs,
};

/** How a report is coloured, and nothing else. */
export interface PaintOptions {
  /** The colours; none by default. */
  readonly paint?: Paint;
}

/**
 * The colour of a status, as a function of a text.
 *
 * @param paint the colours
 * @param status the status
 * @returns the colour
 */
export function paintOfStatus(paint: Paint, status: PageStatus): PaintText {
  return paint[status];
}
