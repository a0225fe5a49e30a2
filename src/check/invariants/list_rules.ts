/**
 * The rules about free lists: who stands on them, and how they are linked.
 *
 * @module
 */

import type { FreeListView, ListEnd } from "../../page_allocator.ts";
import type { AreaNumber, Order } from "../../units.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { unitsWithout } from "../../frame_ranges.ts";
import { blocksAt, hasPageStates } from "./survey.ts";
import type { Blocks, Survey } from "./survey.ts";

/** A block as it stands on a list. */
interface Listing {
  readonly frame: number;
  readonly area: AreaNumber;
  readonly order: Order;
}

/**
 * *usable blocks are listed*, *listed blocks are usable*.
 *
 * @param surveys all areas
 * @param findings where to report
 */
export function checkListings(surveys: readonly Survey[], findings: Findings): void {
  if (!findings.wants("usable blocks are listed", "listed blocks are usable")) return;
  const heads = new Set<number>();
  for (const { view } of surveys) {
    for (const { order, forward } of view.freeLists) {
      for (const frame of forward.pfns) {
        checkListing({ frame, area: view.area, order }, surveys, heads, findings);
      }
    }
  }
  const listed = Float64Array.from(heads).sort();
  for (const survey of surveys) checkAllListed(survey, listed, findings);
}

/** Checks one block of a list; if it is usable, its first frame goes into `heads`. */
function checkListing(
  listing: Listing,
  surveys: readonly Survey[],
  heads: Set<number>,
  findings: Findings,
): void {
  const { frame, area, order } = listing;
  const on = `stands on the list of order ${order} of area ${area}`;
  const survey = surveys.find(({ view }) => frame >= view.base && frame < view.top) ?? null;
  if (survey !== null && !hasPageStates(survey.view)) return;
  const blocks = survey === null ? null : blocksAt(survey, frame);
  const what = unusable(frame, survey, blocks);
  if (survey === null || blocks === null || what !== null) {
    const frames = { first: frame, top: frame + 1 };
    const sentence = `${hexFrame(frame)} ${what ?? "is in no block"} and ${on}`;
    findings.add({ rule: "listed blocks are usable", area, frames, sentence });
    return;
  }
  const frames = { first: frame, top: frame + blocks.size };
  const wrong = (sentence: string): void =>
    findings.add({ rule: "usable blocks are listed", area: survey.view.area, frames, sentence });
  if (heads.has(frame)) wrong(`${hexFrame(frame)} ${on}, and on another list as well`);
  else if (survey.view.area !== area || blocks.order !== order) {
    const own = `order ${blocks.order} of area ${survey.view.area}`;
    wrong(`${hexFrame(frame)} ${on}, not on the one of its ${own}`);
  }
  heads.add(frame);
}

/** Why a frame may not stand on a list; null if it may. */
function unusable(frame: number, survey: Survey | null, blocks: Blocks | null): string | null {
  if (survey === null) return "is no usable frame of an area";
  if (blocks === null) return "is in no block";
  if (blocks.use !== "usable") return `is ${blocks.status}`;
  const inside = (frame - blocks.first) % blocks.size;
  return inside === 0 ? null : `lies inside the block at ${hexFrame(frame - inside)}`;
}

/** Looks for usable blocks of an area that are not among the listed ones, which are sorted. */
function checkAllListed(survey: Survey, listed: Float64Array, findings: Findings): void {
  for (const blocks of survey.blocks) {
    if (blocks.use !== "usable") continue;
    const end = blocks.first + blocks.count * blocks.size;
    let from = blocks.first;
    for (let index = firstNotBelow(listed, from); from < end; index++) {
      const next = Math.min(listed[index] ?? Infinity, end);
      if (next > from) reportMissing(survey, blocks, from, next, findings);
      from = next + blocks.size;
    }
  }
}

function reportMissing(
  survey: Survey,
  { order, size, status }: Blocks,
  first: number,
  top: number,
  findings: Findings,
): void {
  for (const left of unitsWithout(first, size, (top - first) / size, findings.except)) {
    const more = (left.top - left.first) / size - 1;
    const also = more === 0 ? "" : `, nor do the ${more} blocks behind it`;
    const sentence = `${hexFrame(left.first)} is ${status}, of order ${order}, ` +
      `and stands on no list${also}`;
    findings.add({
      rule: "usable blocks are listed",
      area: survey.view.area,
      frames: left,
      sentence,
    });
  }
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function endText(end: ListEnd): string {
  switch (end.kind) {
    case "own-head":
      return "the head";
    case "null":
      return "nowhere";
    case "cycle":
      return `${hexFrame(end.pfn)}, where it was before`;
    case "other-head":
      return `the head of the list of order ${end.order} of area ${end.area}`;
    case "wild":
      return `0x${end.address.toString(16)}, which is no block`;
  }
}

/** The first node, from the back, at which the previous links depart from the next links. */
function firstDeparture({ forward, backward }: FreeListView): { node: number; to: string } | null {
  if (backward === null) return null;
  const mirror = forward.pfns.toReversed();
  const met = backward.pfns.findIndex((frame, index) => frame !== mirror[index]);
  const index = met < 0 ? backward.pfns.length : met;
  const to = backward.pfns[index];
  const text = to === undefined ? endText(backward.end) : hexFrame(to);
  return { node: mirror[index - 1] ?? -1, to: text };
}

/**
 * *links are mutual*, *max order is a bound*.
 *
 * @param survey the area
 * @param findings where to report
 */
export function checkLinks(survey: Survey, findings: Findings): void {
  const { area, freeLists, maxOrder } = survey.view;
  for (const list of freeLists) {
    const { order, forward } = list;
    const name = `the list of order ${order} of area ${area}`;
    const mutual = (node: number, sentence: string): void => {
      const frames = node < 0 ? null : { first: node, top: node + 1 };
      findings.add({ rule: "links are mutual", area, frames, sentence });
    };
    const at = (node: number): string => node < 0 ? "the head" : hexFrame(node);
    const departure = firstDeparture(list);
    if (forward.end.kind !== "own-head") {
      const node = forward.pfns.at(-1) ?? -1;
      mutual(node, `the next link of ${at(node)} in ${name} leads to ${endText(forward.end)}`);
    } else if (departure !== null) {
      const { node, to } = departure;
      mutual(node, `the previous link of ${at(node)} in ${name} leads to ${to}`);
    }
    const [first] = forward.pfns;
    if (maxOrder === null || order <= maxOrder || first === undefined) continue;
    findings.add({
      rule: "max order is a bound",
      area,
      frames: { first, top: first + 2 ** order },
      sentence: `${hexFrame(first)} stands on ${name}, but max_order is ${maxOrder}`,
    });
  }
}
