/**
 * The rule about fresh frames: nobody has touched them.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { AreaNumber } from "../../units.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { unitsWithout } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import type { Blocks, Survey } from "./survey.ts";

/** The base-2 logarithm of the size of a host page, by which backing is kept. */
export const HOST_PAGE_SHIFT = 12;

/**
 * Of some frames those that the host has something behind, discarded ones left out.
 *
 * @param machine the machine
 * @param within the frames to look at
 * @returns ranges of whole frames, ascending; a frame that lies in two host pages may occur twice
 */
export function touchedFrames({ ram, pageShift }: Machine, within: FrameRange): FrameRange[] {
  const perFrame = 2 ** (pageShift - HOST_PAGE_SHIFT);
  const ranges: FrameRange[] = [];
  const pages = ram.touchedPages(within.first * perFrame, within.top * perFrame);
  for (const { first, count, backing } of pages) {
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

/** What was found in order, and how much had been written then. */
const KEPT = new WeakMap<Survey, number>();

/** Whether an area that kept the rule cannot have broken it since. */
function isKeptStill({ ram, pageShift }: Machine, survey: Survey): boolean {
  const perFrame = 2 ** (pageShift - HOST_PAGE_SHIFT);
  const count = KEPT.get(survey);
  if (count === undefined) return false;
  const { base, top } = survey.view;
  return ram.writes.isAsItWas(base * perFrame, top * perFrame, count);
}

/**
 * *a fresh frame was never touched*, but for the first of a block, which holds the list node.
 *
 * @param machine the machine
 * @param survey an area of it
 * @param findings where to report
 */
export function checkFresh(machine: Machine, survey: Survey, findings: Findings): void {
  const fresh = survey.blocks.filter(({ status }) => status === "fresh");
  const [first, last] = [fresh[0], fresh.at(-1)];
  if (first === undefined || last === undefined) return;
  if (!isKeptStill(machine, survey)) {
    const within = { first: first.first, top: last.first + last.count * last.size };
    const before = findings.violations.length;
    checkTouched(survey.view.area, fresh, touchedFrames(machine, within), findings);
    const isWhole = findings.except.length === 0 &&
      findings.wants("a fresh frame was never touched");
    if (!isWhole || findings.violations.length > before) return;
  }
  KEPT.set(survey, machine.ram.writes.count);
}

function checkTouched(
  area: AreaNumber,
  fresh: readonly Blocks[],
  touched: readonly FrameRange[],
  findings: Findings,
): void {
  const rule = "a fresh frame was never touched";
  let index = 0;
  for (const blocks of fresh) {
    if (!findings.wants(rule)) return;
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
          area,
          frames: { first: frame, top: frame + 1 },
          sentence,
        });
      }
    }
  }
}
