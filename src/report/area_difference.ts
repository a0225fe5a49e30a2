/**
 * Where an area differs on two machines.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AreaView, FreeListView, ListEnd, ListWalk } from "../page_allocator.ts";
import { areaNumber, order, pfn } from "../units.ts";
import type { AreaNumber, Order, Pfn } from "../units.ts";
import { bareHex } from "./columns.ts";
import { differencesOf, type PairRun } from "./pairs.ts";
import { stateMeaning } from "./state_text.ts";

/** A member of an area's descriptor that differs. */
export interface MemberDifference {
  /** Upstream's name of the member. */
  readonly name: "page_states" | "base" | "top" | "max_order";
  /** What the left machine has: a pfn in base 16, or an order. */
  readonly left: string;
  /** What the right machine has. */
  readonly right: string;
}

/** Frames whose page states differ. */
export interface StateDifference {
  /** The first frame. */
  readonly first: Pfn;
  /** How many frames. */
  readonly count: number;
  /** The page state byte on the left; null for no frame of the area. */
  readonly left: number | null;
  /** The page state byte on the right; null for no frame of the area. */
  readonly right: number | null;
}

/** A free list that differs. */
export interface ListDifference {
  /** The order. */
  readonly order: Order;
  /** The list on the left; null if it is empty. */
  readonly left: FreeListView | null;
  /** The list on the right; null if it is empty. */
  readonly right: FreeListView | null;
}

/** Where an area differs. */
export interface AreaDifference {
  /** Its slot. */
  readonly area: AreaNumber;
  /** The area on the left; null if there is none. */
  readonly left: AreaView | null;
  /** The area on the right; null if there is none. */
  readonly right: AreaView | null;
  /** Its members that differ. `max_order` does not where an edition keeps none. */
  readonly members: readonly MemberDifference[];
  /** Its page states that differ. */
  readonly states: readonly StateDifference[];
  /** Its free lists that differ. */
  readonly lists: readonly ListDifference[];
}

/** The encodings of two machines. */
export interface Formats {
  /** The left machine's. */
  readonly left: PageStateFormat;
  /** The right machine's. */
  readonly right: PageStateFormat;
}

/**
 * Compares the areas of two machines, slot by slot.
 *
 * Page states are compared byte by byte if the encodings are the same. If not, they are compared by
 * status and order; where one encoding has no status "fresh", fresh counts as free.
 *
 * @param left the areas of the left machine
 * @param right the areas of the right machine
 * @param formats the encodings of page states
 * @returns the areas that differ
 */
export function differencesOfAreas(
  left: readonly AreaView[],
  right: readonly AreaView[],
  formats: Formats,
): AreaDifference[] {
  const slots = [...new Set([...left, ...right].map(({ area }) => Number(area)))];
  return slots.sort((one, other) => one - other).map((slot) => {
    const [one, other] = [left, right].map((views) =>
      views.find(({ area }) => area === slot) ?? null
    );
    return differenceOfArea(slot, one ?? null, other ?? null, formats);
  }).filter(({ left, right, members, states, lists }) => {
    return left === null || right === null || members.length + states.length + lists.length > 0;
  });
}

function differenceOfArea(
  slot: number,
  left: AreaView | null,
  right: AreaView | null,
  formats: Formats,
): AreaDifference {
  const area = areaNumber(slot);
  if (left === null || right === null) {
    return { area, left, right, members: [], states: [], lists: [] };
  }
  return {
    area,
    left,
    right,
    members: differingMembers(left, right),
    states: differingStates(left, right, formats),
    lists: differingLists(left, right),
  };
}

function differingMembers(left: AreaView, right: AreaView): MemberDifference[] {
  const members = ([
    ["page_states", "metadata"],
    ["base", "base"],
    ["top", "top"],
  ] as const).map(([name, key]) => {
    return { name, left: bareHex(left[key]), right: bareHex(right[key]) };
  });
  const orders = left.maxOrder === null || right.maxOrder === null ? [] : [
    { name: "max_order", left: String(left.maxOrder), right: String(right.maxOrder) } as const,
  ];
  return [...members, ...orders].filter((member) => member.left !== member.right);
}

/** Stands for a frame that is none of the area. */
const NO_FRAME = -1;

function stateRuns({ base, states }: AreaView, from: number): PairRun<number>[] {
  const runs = states.map(({ state, count }) => ({ value: state, count }));
  return base > from ? [{ value: NO_FRAME, count: base - from }, ...runs] : runs;
}

function differingStates(left: AreaView, right: AreaView, formats: Formats): StateDifference[] {
  const from = Math.min(left.base, right.base);
  const isEqual = stateEquality(formats);
  const byte = (value: number | null): number | null => value === NO_FRAME ? null : value;
  return differencesOf(stateRuns(left, from), stateRuns(right, from), isEqual).map((pair) => {
    const { first, count } = pair;
    return { first: pfn(from + first), count, left: byte(pair.left), right: byte(pair.right) };
  });
}

/** Tells whether two encodings write the same bytes. */
export function isSameFormat({ left, right }: Formats): boolean {
  return left.orderMask === right.orderMask && left.fresh === right.fresh &&
    left.free === right.free && left.allocated === right.allocated &&
    left.special === right.special;
}

/**
 * Says when page states of two encodings mean the same.
 *
 * @param formats the encodings
 * @returns tells whether a byte of the left and one of the right do
 */
export function stateEquality(formats: Formats): (one: number, other: number) => boolean {
  if (isSameFormat(formats)) return (one, other) => one === other;
  const { left, right } = formats;
  const freshIsFree = left.fresh === left.free || right.fresh === right.free;
  const meaningText = (format: PageStateFormat, state: number): string => {
    const meaning = stateMeaning(format, state);
    if (meaning === null) return `byte ${state}`;
    const status = freshIsFree && meaning.status === "fresh" ? "free" : meaning.status;
    return `${status} ${meaning.order}`;
  };
  return (one, other) => meaningText(left, one) === meaningText(right, other);
}

function differingLists(left: AreaView, right: AreaView): ListDifference[] {
  const orders = [...left.freeLists, ...right.freeLists].map((list) => Number(list.order));
  return [...new Set(orders)].sort((one, other) => one - other).map((listed) => {
    const [one, other] = [left, right].map(({ freeLists }) => {
      return freeLists.find((list) => list.order === listed) ?? null;
    });
    return { order: order(listed), left: one ?? null, right: other ?? null };
  }).filter(({ left, right }) => !areListsEqual(left, right));
}

function areListsEqual(one: FreeListView | null, other: FreeListView | null): boolean {
  if (one === null || other === null) return one === other;
  const [back, otherBack] = [one.backward, other.backward];
  if (!areWalksEqual(one.forward, other.forward)) return false;
  return back === null || otherBack === null ? back === otherBack : areWalksEqual(back, otherBack);
}

function areWalksEqual(one: ListWalk, other: ListWalk): boolean {
  return one.pfns.length === other.pfns.length && areEndsEqual(one.end, other.end) &&
    one.pfns.every((frame, index) => frame === other.pfns[index]);
}

function areEndsEqual(one: ListEnd, other: ListEnd): boolean {
  switch (one.kind) {
    case "own-head":
    case "null":
      return other.kind === one.kind;
    case "cycle":
      return other.kind === "cycle" && other.pfn === one.pfn;
    case "other-head":
      return other.kind === "other-head" && other.area === one.area && other.order === one.order;
    case "wild":
      return other.kind === "wild" && other.address === one.address;
  }
}
