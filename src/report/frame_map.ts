/**
 * One frame and its neighbours in the page map, marked.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import { bareHex, textOf } from "./columns.ts";
import { LABEL_GAP } from "./map_lines.ts";
import { ROW_FRAMES, rowsAt } from "./map_rows.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { RULER } from "./page_map.ts";
import { areaTitle, formatOf, type Subject } from "./subject.ts";

const LABEL_WIDTH = 6;

/**
 * Writes the rows of the page map around a frame, and marks the frame.
 *
 * ```text
 * area 2  low
 *
 *           0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
 *   1000   ## f0 f0 .0 .2 -- -- -- .3 -- -- -- -- -- -- --
 *             ^^
 * ```
 *
 * @param subject the architecture and the edition
 * @param areas the areas
 * @param frame the frame's number
 * @param options colours
 * @returns the text; null if no area with page states has the frame
 */
export function printFrameMap(
  subject: Subject,
  areas: readonly AreaView[],
  frame: number,
  options: PaintOptions = {},
): string | null {
  const { paint = PLAIN_PAINT } = options;
  const view = areas.find(({ metadata, top, states }) => {
    return frame >= metadata && frame < top && states.length > 0;
  });
  if (view === undefined) return null;
  const own = frame - frame % ROW_FRAMES;
  const firsts = [own - ROW_FRAMES, own, own + ROW_FRAMES].filter((first) => {
    return first + ROW_FRAMES > view.metadata && first < view.top;
  });
  const width = Math.max(LABEL_WIDTH, bareHex(Math.max(0, ...firsts)).length);
  const before = " ".repeat(width + LABEL_GAP);
  const rows = rowsAt(view, formatOf(subject), firsts).flatMap((cells, index) => {
    const first = firsts[index] ?? 0;
    const line = `${bareHex(first).padStart(width)}${" ".repeat(LABEL_GAP)}${cells.join(" ")}`;
    if (first !== own) return [line.trimEnd()];
    return [line.trimEnd(), paint.bad(`${before}${"   ".repeat(frame - first)}^^`)];
  });
  return textOf([areaTitle(subject, view), "", paint.dim(before + RULER), ...rows]);
}
