/**
 * The rules about frames that somebody has: none is lost, and nobody else writes to them.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import type { Ram } from "../../memory/mod.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { FrameSet, unitsWithout } from "./frame_ranges.ts";
import type { FrameRange } from "./frame_ranges.ts";
import { firstChange } from "./memory_compare.ts";
import type { Given, Ownership } from "./ownership.ts";
import { hasPageStates } from "./survey.ts";
import type { Survey } from "./survey.ts";

/** The largest range that upstream does not take for an area. */
const TOO_SMALL = 4;

/**
 * Checks that what was handed over is in an area: the part of *frames are conserved* at the start.
 *
 * @param slices what was handed over, by zone
 * @param surveys the areas
 * @param findings where to report
 */
export function checkHandedOver(
  slices: readonly Given[],
  surveys: readonly Survey[],
  findings: Findings,
): void {
  const inAreas = new FrameSet();
  for (const { view } of surveys) inAreas.add({ first: view.metadata, top: view.top });
  for (const slice of slices) {
    const frame = inAreas.firstMissing(slice);
    if (frame === null || slice.top - slice.first <= TOO_SMALL) continue;
    findings.add({
      rule: "frames are conserved",
      area: null,
      frames: { first: frame, top: frame + 1 },
      sentence: `${hexFrame(frame)} was handed over and is in no area`,
    });
  }
}

function ownerText(ownership: Ownership, frame: number): string {
  const range = { first: frame, top: frame + 1 };
  if (ownership.live.firstIn(range) !== null) return "belongs to a live allocation";
  if (ownership.reserved.firstIn(range) !== null) return "was reserved";
  return ownership.usable.firstIn(range) === null ? "was never handed over" : "belongs to nobody";
}

/**
 * *frames are conserved*: states and owners agree.
 *
 * @param surveys the areas
 * @param ownership who owns what
 * @param findings where to report
 */
export function checkConserved(
  surveys: readonly Survey[],
  ownership: Ownership,
  findings: Findings,
): void {
  const rule = "frames are conserved";
  if (!findings.wants(rule)) return;
  for (const { view, blocks } of surveys) {
    if (!hasPageStates(view)) continue;
    for (const { first, count, size, status, use } of blocks) {
      const inUse = status === "special" ? ownership.reserved : ownership.live;
      const owners = use === "usable" ? ownership.usable : inUse;
      const frame = owners.firstMissing({ first, top: first + count * size });
      if (frame === null) continue;
      const sentence = `${hexFrame(frame)} is ${status}, but ${ownerText(ownership, frame)}`;
      const frames = { first: frame, top: frame + 1 };
      findings.add({ rule, area: view.area, frames, sentence });
    }
  }
}

/**
 * *nothing outside the block is written*: what belongs to somebody else holds what it held.
 *
 * @param machine the machine, after the call
 * @param ownership who owns what, after the call
 * @param before the memory before the call; null if nobody kept it
 * @param given the frames that the caller got
 * @param findings where to report
 */
export function checkOthersMemory(
  machine: Machine,
  ownership: Ownership,
  before: Ram | null,
  given: FrameRange | null,
  findings: Findings,
): void {
  const rule = "nothing outside the block is written";
  if (before === null || !findings.wants(rule)) return;
  const shift = BigInt(machine.pageShift);
  const except = given === null ? [] : [given];
  for (const { first, top } of [...ownership.live.ranges, ...ownership.reserved.ranges]) {
    for (const range of unitsWithout(first, 1, top - first, except)) {
      const size = BigInt(range.top - range.first) << shift;
      const change = firstChange(before, machine.ram, BigInt(range.first) << shift, size);
      if (change === null) continue;
      const frame = Number(change >> shift);
      const sentence = `the byte at 0x${
        change.toString(16)
      } changed, which belongs to somebody else`;
      findings.add({ rule, area: null, frames: { first: frame, top: frame + 1 }, sentence });
    }
  }
}

/** What an observer sees of an area, in short. */
function areaText(view: AreaView | undefined): string {
  return JSON.stringify(view, (_, value) => typeof value === "bigint" ? value.toString(16) : value);
}

/**
 * *a refused request changes nothing*.
 *
 * @param before the areas before the call; null if nobody kept them
 * @param surveys the areas after the call
 * @param findings where to report
 */
export function checkUnchanged(
  before: readonly AreaView[] | null,
  surveys: readonly Survey[],
  findings: Findings,
): void {
  const rule = "a refused request changes nothing";
  if (before === null || !findings.wants(rule)) return;
  for (const [index, { view }] of surveys.entries()) {
    if (areaText(before[index]) === areaText(view)) continue;
    const sentence = `area ${view.area} is not what it was`;
    findings.add({ rule, area: view.area, frames: null, sentence });
  }
}
