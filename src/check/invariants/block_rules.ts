/**
 * The rules about where areas and blocks lie and what their page states say.
 *
 * @module
 */

import type { AreaView } from "../../page_allocator.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { overlap, unitsWithout } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import type { RuleName } from "./rules.ts";
import type { Blocks, Stray, Survey } from "./survey.ts";

/** An area with its metadata. */
function wholeArea(view: AreaView): FrameRange {
  return { first: Math.min(view.metadata, view.base), top: view.top };
}

/**
 * *areas are disjoint*.
 *
 * @param views the areas
 * @param findings where to report
 */
export function checkAreasDisjoint(views: readonly AreaView[], findings: Findings): void {
  if (!findings.wants("areas are disjoint")) return;
  for (const [index, view] of views.entries()) {
    for (const other of views.slice(index + 1)) {
      const [one, two] = [wholeArea(view), wholeArea(other)];
      if (!overlap(one, two)) continue;
      const frames = { first: Math.max(one.first, two.first), top: Math.min(one.top, two.top) };
      findings.add({
        rule: "areas are disjoint",
        area: other.area,
        frames,
        sentence: `${hexFrame(frames.first)} lies in area ${view.area} and in area ${other.area}`,
      });
    }
  }
}

const STRAY_RULES: Readonly<Record<Stray["reason"], RuleName>> = {
  "no-state-of-a-block": "blocks tile the area",
  "misaligned": "blocks are aligned",
  "beyond-the-top": "blocks end inside the area",
};

function straySentence({ frames, state, reason }: Stray, top: number): string {
  const frame = hexFrame(frames.first);
  if (state === null) return `the states from ${frame} on cannot be read`;
  const has = `${frame} has state 0x${state.toString(16)}`;
  switch (reason) {
    case "no-state-of-a-block":
      return `${has}, which no block has`;
    case "misaligned":
      return `${has}, but no block of that order can begin there`;
    case "beyond-the-top":
      return `${has}, but a block of that order would reach beyond ${hexFrame(top)}`;
  }
}

/**
 * *blocks tile the area*, *blocks are aligned*, *blocks end inside the area*, *states agree*.
 *
 * @param survey the area
 * @param findings where to report
 */
export function checkBlocks(survey: Survey, findings: Findings): void {
  const { area, top, base, metadata } = survey.view;
  if (top < base || base < metadata) {
    const sentence = `metadata ${hexFrame(metadata)}, base ${hexFrame(base)} and top ${
      hexFrame(top)
    } do not ascend`;
    findings.add({ rule: "blocks tile the area", area, frames: null, sentence });
  }
  for (const stray of survey.strays) {
    const sentence = straySentence(stray, top);
    findings.add({ rule: STRAY_RULES[stray.reason], area, frames: stray.frames, sentence });
  }
  for (const { frames, state, head, wanted } of survey.deviations) {
    const sentence = `${hexFrame(frames.first)} has state 0x${state.toString(16)}, ` +
      `its block at ${hexFrame(head)} has 0x${wanted.toString(16)}`;
    findings.add({ rule: "states agree", area, frames, sentence });
  }
}

/** The pairs of buddies among equal blocks in a row. */
function pairsIn({ first, count, size }: Blocks): { first: number; count: number } {
  const before = first % (2 * size) === 0 ? 0 : 1;
  return { first: first + before * size, count: Math.max(0, Math.floor((count - before) / 2)) };
}

/**
 * *no mergeable buddies are both usable*.
 *
 * @param survey the area
 * @param findings where to report
 */
export function checkBuddies(survey: Survey, findings: Findings): void {
  const rule = "no mergeable buddies are both usable";
  if (!findings.wants(rule)) return;
  const { area } = survey.view;
  let before: Blocks | null = null;
  for (const blocks of survey.blocks) {
    const { order, size } = blocks;
    const report = (lower: number, more: number): void => {
      const also = more === 0 ? "" : `, and so are ${more} more pairs`;
      const sentence = `${hexFrame(lower)} and ${
        hexFrame(lower + size)
      } are usable blocks of order ${order}${also}`;
      findings.add({ rule, area, frames: { first: lower, top: lower + 2 * size }, sentence });
    };
    if (blocks.use === "usable") {
      if (before !== null && areBuddies(before, blocks)) report(blocks.first - size, 0);
      const pairs = pairsIn(blocks);
      for (const left of unitsWithout(pairs.first, 2 * size, pairs.count, findings.except)) {
        report(left.first, (left.top - left.first) / (2 * size) - 1);
      }
    }
    before = blocks;
  }
}

/** Whether the last block of a run and the first of the next are usable buddies. */
function areBuddies(lower: Blocks, upper: Blocks): boolean {
  const last = lower.first + (lower.count - 1) * lower.size;
  return lower.use === "usable" && lower.order === upper.order &&
    last + lower.size === upper.first && last % (2 * lower.size) === 0;
}
