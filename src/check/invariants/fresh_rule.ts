/**
 * The rule about fresh frames: nobody has touched them.
 *
 * @module
 */

import type { Ram } from "../../memory/mod.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { unitsWithout } from "./frame_ranges.ts";
import type { FrameRange } from "./frame_ranges.ts";
import type { Blocks, Survey } from "./survey.ts";

/** The base-2 logarithm of the size of a host page, by which backing is kept. */
export const HOST_PAGE_SHIFT = 12;

/**
 * The frames that the host has something behind, discarded ones left out.
 *
 * @param ram the memory
 * @param pageShift the base-2 logarithm of the page size
 * @returns ranges of whole frames, ascending; a frame that lies in two host pages may occur twice
 */
export function touchedFrames(ram: Ram, pageShift: number): FrameRange[] {
  const perFrame = 2 ** (pageShift - HOST_PAGE_SHIFT);
  const ranges: FrameRange[] = [];
  for (const { first, count, backing } of ram.touchedPages()) {
    if (backing !== "touched") continue;
    const page = Number(first >> BigInt(HOST_PAGE_SHIFT));
    ranges.push({
      first: Math.floor(page / perFrame),
      top: Math.ceil((page + count) / perFrame),
    });
  }
  return ranges;
}

/** The first frame of a range that is not the first of its block; null if there is none. */
function firstInside(blocks: Blocks, range: FrameRange): number | null {
  if (blocks.size === 1 || range.top <= range.first) return null;
  const isHead = (range.first - blocks.first) % blocks.size === 0;
  const frame = isHead ? range.first + 1 : range.first;
  return frame < range.top ? frame : null;
}

/**
 * *a fresh frame was never touched*, but for the first of a block, which holds the list node.
 *
 * @param survey the area
 * @param touched the frames that were touched, ascending
 * @param findings where to report
 */
export function checkFresh(
  survey: Survey,
  touched: readonly FrameRange[],
  findings: Findings,
): void {
  const rule = "a fresh frame was never touched";
  let index = 0;
  for (const blocks of survey.blocks) {
    if (blocks.status !== "fresh" || !findings.wants(rule)) continue;
    const end = blocks.first + blocks.count * blocks.size;
    while ((touched[index]?.top ?? Infinity) <= blocks.first) index++;
    for (let at = index; (touched[at]?.first ?? Infinity) < end; at++) {
      const range = touched[at] ?? { first: end, top: end };
      const first = Math.max(range.first, blocks.first);
      const count = Math.min(range.top, end) - first;
      for (const left of unitsWithout(first, 1, count, findings.except)) {
        const frame = firstInside(blocks, left);
        if (frame === null) continue;
        const head = frame - (frame - blocks.first) % blocks.size;
        const sentence = `${hexFrame(frame)} was touched, ` +
          `and lies inside the fresh block of order ${blocks.order} at ${hexFrame(head)}`;
        findings.add({
          rule,
          area: survey.view.area,
          frames: { first: frame, top: frame + 1 },
          sentence,
        });
      }
    }
  }
}
