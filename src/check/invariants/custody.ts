/**
 * The rules about frames that somebody has: none is lost, and nobody else writes to them.
 *
 * @module
 */

import { cloneMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { OldPages, WriteJournal } from "../../memory/mod.ts";
import type { AreaView } from "../../page_allocator.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { FrameSet, unitsWithout } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import { HOST_PAGE_SHIFT } from "./fresh_rule.ts";
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

/** The frames of which pages are parts. */
function framesOfPages({ first, end }: OldPages, pageShift: number): FrameRange {
  const perFrame = 2 ** (pageShift - HOST_PAGE_SHIFT);
  return { first: Math.floor(first / perFrame), top: Math.ceil(end / perFrame) };
}

/**
 * *nothing outside the block is written*: what belongs to somebody else holds what it held.
 *
 * @param machine the machine, after the call
 * @param ownership who owns what, after the call
 * @param journal what the call has written, as it was before
 * @param given the frames that the caller got
 * @param findings where to report
 */
export function checkOthersMemory(
  machine: Machine,
  ownership: Ownership,
  journal: WriteJournal,
  given: FrameRange | null,
  findings: Findings,
): void {
  const rule = "nothing outside the block is written";
  if (!findings.wants(rule)) return;
  const except = given === null ? [] : [given];
  const perFrame = 2 ** (machine.pageShift - HOST_PAGE_SHIFT);
  for (const old of journal.old) {
    const written = framesOfPages(old, machine.pageShift);
    if (ownership.live.firstIn(written) === null && ownership.reserved.firstIn(written) === null) {
      continue;
    }
    for (const range of unitsWithout(written.first, 1, written.top - written.first, except)) {
      for (
        const others of [ownership.live, ownership.reserved].flatMap((set) => set.within(range))
      ) {
        const change = journal.firstChange(others.first * perFrame, others.top * perFrame);
        if (change === null) continue;
        const frame = Number(change >> BigInt(machine.pageShift));
        const sentence = `the byte at 0x${
          change.toString(16)
        } changed, which belongs to somebody else`;
        findings.add({ rule, area: null, frames: { first: frame, top: frame + 1 }, sentence });
      }
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
 * @param machine the machine, after the call
 * @param journal what the call has written, as it was before
 * @param surveys the areas after the call
 * @param findings where to report
 */
export function checkUnchanged(
  machine: Machine,
  journal: WriteJournal,
  surveys: readonly Survey[],
  findings: Findings,
): void {
  const rule = "a refused request changes nothing";
  if (!findings.wants(rule)) return;
  if (journal.old.every(({ first, end }) => journal.firstChange(first, end) === null)) return;
  const earlier = cloneMachine(machine);
  earlier.ram.restore(journal);
  const before = earlier.pages.areas();
  for (const [index, { view }] of surveys.entries()) {
    if (areaText(before[index]) === areaText(view)) continue;
    const sentence = `area ${view.area} is not what it was`;
    findings.add({ rule, area: view.area, frames: null, sentence });
  }
}
