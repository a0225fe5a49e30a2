/**
 * The rule about the end: after everything was freed, a machine is as a fresh one.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { Findings, hexFrame } from "../invariants/findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import type { CheckOptions, Violation } from "../invariants/mod.ts";
import { areaFramesOf } from "./stack_view.ts";
import { surveyTables } from "./table_survey.ts";

/** The number of blocks of each order. */
type OrderCounts = ReadonlyMap<number, number>;

const RULE = "after everything is freed the machine is as fresh";

/** The frames that hold page tables. */
function tableFramesOf(machine: Machine): FrameSet {
  const frames = new FrameSet();
  for (const place of surveyTables(machine)?.places ?? []) frames.add(place);
  return frames;
}

/** The frames of a set in a range. */
function within(set: FrameSet, { first, top }: FrameRange): FrameSet {
  const inside = new FrameSet();
  for (const range of set.ranges) {
    inside.add({ first: Math.max(range.first, first), top: Math.min(range.top, top) });
  }
  return inside;
}

/** The frames of one set that are not in another. */
function minus(set: FrameSet, other: FrameSet): FrameSet {
  const left = new FrameSet();
  for (const range of set.ranges) left.add(range);
  for (const range of other.ranges) left.remove(range);
  return left;
}

function countOf(set: FrameSet): number {
  return set.ranges.reduce((sum, { first, top }) => sum + top - first, 0);
}

/** The blocks on an area's lists. */
function listedBlocks({ freeLists }: AreaView): OrderCounts {
  return new Map(freeLists.map(({ order, forward }) => [order, forward.pfns.length]));
}

/** The blocks that a set of frames makes: the fewest, or single frames where nobody keeps their states. */
function blocksOf(set: FrameSet, { states }: AreaView): OrderCounts {
  if (states.length === 0) return new Map([[0, countOf(set)]]);
  const counts = new Map<number, number>();
  for (const { first, top } of set.ranges) {
    for (let at = first; at < top;) {
      let order = 0;
      while (at % 2 ** (order + 1) === 0 && at + 2 ** (order + 1) <= top) order++;
      counts.set(order, (counts.get(order) ?? 0) + 1);
      at += 2 ** order;
    }
  }
  return counts;
}

/** The largest order that a request can get; null if there is nothing. */
function largestOf(counts: OrderCounts, maxOrder: number | null): number | null {
  const orders = [...counts.keys()].filter((order) => maxOrder === null || order <= maxOrder);
  return orders.length === 0 ? null : Math.max(...orders);
}

/** The lowest order of which the two have not the same number of blocks; null if there is none. */
function firstDifference(one: OrderCounts, other: OrderCounts): number | null {
  const orders = [...one.keys(), ...other.keys()].toSorted((a, b) => a - b);
  return orders.find((order) => (one.get(order) ?? 0) !== (other.get(order) ?? 0)) ?? null;
}

function framesText(count: number): string {
  return count === 1 ? "1 frame" : `${count} frames`;
}

function block(order: number | null): string {
  return order === null ? "no block" : `a block of order ${order}`;
}

/** An area at the zero point and now. */
interface Pair {
  readonly fresh: AreaView;
  readonly now: AreaView;
  /** The frames that were usable at the zero point and hold no page table now. */
  readonly expected: FrameSet;
  /** The frames that are usable now. */
  readonly usable: FrameSet;
  /** Whether page tables took frames since the zero point. */
  readonly tables: "the-same" | "more";
}

function checkArea({ fresh, now, expected, usable, tables }: Pair, findings: Findings): void {
  const { area } = fresh;
  const lost = minus(expected, usable);
  const [first] = lost.ranges;
  if (first !== undefined) {
    const sentence = `area ${area} has lost ${framesText(countOf(lost))}, the first is ${
      hexFrame(first.first)
    }`;
    findings.add({ rule: RULE, area, frames: first, sentence });
  }
  const wanted = tables === "the-same" ? listedBlocks(fresh) : blocksOf(expected, fresh);
  const listed = listedBlocks(now);
  const [before, after] = [largestOf(wanted, null), largestOf(listed, now.maxOrder)];
  if ((after ?? -1) < (before ?? -1)) {
    const sentence = `the most that area ${area} can give is ${block(after)}, and was ${
      block(before)
    }`;
    findings.add({ rule: RULE, area, frames: null, sentence });
    return;
  }
  const order = first === undefined ? firstDifference(wanted, listed) : null;
  if (order === null) return;
  const sentence = `area ${area} has ${listed.get(order) ?? 0} blocks of order ${order}, and had ${
    wanted.get(order) ?? 0
  }`;
  findings.add({ rule: RULE, area, frames: null, sentence });
}

/** What the end is compared with. */
export interface ZeroPoint {
  /** The areas. */
  readonly areas: readonly AreaView[];
  /** The frames that may be handed out. */
  readonly usable: FrameSet;
  /** The frames that hold page tables. */
  readonly tables: FrameSet;
}

/**
 * Keeps of a machine what the end is compared with.
 *
 * @param machine the machine, such as after boot
 * @returns what {@linkcode checkEndSince} needs
 */
export function zeroPointOf(machine: Machine): ZeroPoint {
  const { usable } = areaFramesOf(machine);
  return { areas: machine.pages.areas(), usable, tables: tableFramesOf(machine) };
}

/** What can be lost. */
export type Loss = "frames" | "the largest block" | "blocks";

/**
 * What a violation of the rule about the end says to be lost.
 *
 * @param violation what {@linkcode checkEndState} gave
 * @returns what is lost
 */
export function lossOf({ sentence }: Violation): Loss {
  if (sentence.includes(" has lost ")) return "frames";
  return sentence.startsWith("the most ") ? "the largest block" : "blocks";
}

/**
 * Compares a machine on which everything was freed with what it was before: *after everything is freed
 * the machine is as fresh*. In each area the same frames are usable, joined to the same blocks, and a
 * request can get as large a block.
 *
 * Whether blocks are fresh or free, and the order on the lists, makes no difference. Frames that hold
 * page tables are not lost: the tables stay, in all editions.
 *
 * @param zero a copy of the machine, made at the point to compare with, such as the end of boot
 * @param now the machine, on which everything that was allocated since is freed
 * @param options the frames to leave out, how many violations are enough
 * @returns the violations; empty if all is well
 *
 * @example Nothing joins what was split
 * ```ts
 * import { boot, cloneMachine, editionNamed, malloc, free } from "@buddyscope/sim";
 * import { checkEndState, formatViolation } from "@buddyscope/sim/check";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const { machine } = boot({ arch: ARM64, edition });
 * const zero = cloneMachine(machine);
 * free(machine, malloc(machine, 0x10000n));
 * assertEquals(checkEndState(zero, machine).map(formatViolation), [
 *   "after everything is freed the machine is as fresh: " +
 *     "area 0 has 18 blocks of order 0, and had 2",
 * ]);
 * ```
 */
export function checkEndState(
  zero: Machine,
  now: Machine,
  options: CheckOptions = {},
): Violation[] {
  return checkEndSince(zeroPointOf(zero), now, options);
}

/**
 * The same as {@linkcode checkEndState}, with what was kept of the machine in place of a copy.
 *
 * @param zero what was kept at the point to compare with
 * @param now the machine, on which everything that was allocated since is freed
 * @param options the frames to leave out, how many violations are enough
 * @returns the violations; empty if all is well
 */
export function checkEndSince(
  zero: ZeroPoint,
  now: Machine,
  options: CheckOptions = {},
): Violation[] {
  const findings = new Findings(options);
  const { areas, usable, tables } = zeroPointOf(now);
  const newTables = minus(tables, zero.tables);
  for (const fresh of zero.areas) {
    const range = { first: fresh.base, top: fresh.top };
    const view = areas.find(({ area }) => area === fresh.area);
    if (view === undefined) {
      const sentence = `area ${fresh.area} is gone`;
      findings.add({ rule: RULE, area: fresh.area, frames: null, sentence });
      continue;
    }
    const here = within(zero.usable, range);
    const taken = within(newTables, range);
    checkArea({
      fresh,
      now: view,
      expected: minus(here, taken),
      usable: within(usable, range),
      tables: taken.ranges.length === 0 ? "the-same" : "more",
    }, findings);
  }
  return findings.violations;
}
