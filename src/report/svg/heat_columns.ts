/**
 * A run in columns: states of a machine, one after each step or after several.
 *
 * @module
 */

import type { AreaView } from "../../page_allocator.ts";
import type { Run, Step } from "../../scenario/mod.ts";
import { differencesOf } from "../pairs.ts";
import type { StateMeaning } from "../state_text.ts";

/** What a heat map shows of a frame: its status, its block's order, or how long nothing changed. */
export type HeatOf = "state" | "order" | "age";

/** Frames `[first, end)`. */
export interface FrameRange {
  /** The first frame. */
  readonly first: number;
  /** The first frame after. */
  readonly end: number;
}

/** The steps of a run, several to a column where there are too many. */
export interface Columns {
  /** How many steps a column stands for. */
  readonly stepsEach: number;
  /** The last step of each column; -1 stands for the start. */
  readonly lasts: readonly number[];
}

/** A state and what changed up to it. */
export interface ColumnState {
  /** The last step of the column. */
  readonly last: number;
  /** The areas after it. */
  readonly areas: readonly AreaView[];
  /** The frames that changed in it; those of an area that is new did not. */
  readonly changed: readonly FrameRange[];
}

/**
 * Shares the steps of a run out to columns.
 *
 * @param steps how many steps there are
 * @param most the most columns
 * @returns the columns, at least one
 */
export function columnsOf(steps: number, most: number): Columns {
  if (steps === 0) return { stepsEach: 1, lasts: [-1] };
  const stepsEach = Math.ceil(steps / most);
  const lasts = Array.from({ length: Math.ceil(steps / stepsEach) }, (_, column) => {
    return Math.min(steps, (column + 1) * stepsEach) - 1;
  });
  return { stepsEach, lasts };
}

/**
 * Puts ranges in order, and those together that meet.
 *
 * @param ranges the ranges
 * @param gap how many frames may lie between two that are one
 * @returns the ranges, by ascending frame, disjoint
 */
export function united(ranges: readonly FrameRange[], gap = 0): FrameRange[] {
  const found: FrameRange[] = [];
  for (const range of ranges.toSorted((one, other) => one.first - other.first)) {
    const last = found.at(-1);
    if (last === undefined || range.first > last.end + gap) found.push(range);
    else if (range.end > last.end) found[found.length - 1] = { first: last.first, end: range.end };
  }
  return found;
}

/** What a change of a byte has to change so that it counts. */
function isAlike(of: HeatOf, one: StateMeaning | null, other: StateMeaning | null): boolean {
  if (one === null || other === null || of === "age") return false;
  return of === "state" ? one.status === other.status : one.order === other.order;
}

/** The frames of an area that two states tell apart. */
function changedIn(
  before: AreaView,
  after: AreaView,
  of: HeatOf,
  meanings: readonly (StateMeaning | null)[],
): FrameRange[] {
  const runs = ({ states }: AreaView): { value: number; count: number }[] =>
    states.map(({ state, count }) => ({ value: state, count }));
  const isEqual = (one: number, other: number): boolean =>
    one === other || isAlike(of, meanings[one] ?? null, meanings[other] ?? null);
  return differencesOf(runs(before), runs(after), isEqual)
    .filter(({ count }) => Number.isFinite(count))
    .map(({ first, count }) => ({ first: after.base + first, end: after.base + first + count }));
}

/** The frame at the address that a call returned, if it is one. */
function returnedBy({ outcome }: Step, pageShift: number): FrameRange[] {
  if (outcome.kind !== "returned" || outcome.value.kind !== "address") return [];
  const first = Number(outcome.value.value / BigInt(2 ** pageShift));
  return [{ first, end: first + 1 }];
}

/** What a step wrote, by its events. Of a status, only taking frames out of use surely changes it. */
function writtenBy(
  step: Step,
  of: HeatOf,
  meanings: readonly (StateMeaning | null)[],
): FrameRange[] {
  return step.events.flatMap((event): FrameRange[] => {
    if (event.kind !== "state" || event.count === 0) return [];
    const status = meanings[event.state]?.status;
    const isCounted = of !== "state" || status === "allocated" || status === "special";
    return isCounted ? [{ first: event.pfn, end: event.pfn + event.count }] : [];
  });
}

/**
 * What came and went between two states, of which they do not tell: what the events of the steps say,
 * where the engine reports any, and the first frames of blocks that calls returned.
 */
function passedIn(
  steps: readonly Step[],
  before: readonly AreaView[],
  of: HeatOf,
  { meanings, pageShift }: Source,
): FrameRange[] {
  if (steps.length < 2) return []; // Two states in a row tell of all changes between them.
  return steps.filter(({ effect }) => effect === "kept")
    .flatMap((step) => [
      ...(of === "order" ? [] : returnedBy(step, pageShift)),
      ...writtenBy(step, of, meanings),
    ])
    .filter(({ first, end }) => before.some(({ base, top }) => first >= base && end <= top));
}

/** What the steps of a run are read by. */
interface Source {
  readonly meanings: readonly (StateMeaning | null)[];
  readonly pageShift: number;
}

/**
 * The states of a run, column by column, each made when it is asked for.
 *
 * @param run the run
 * @param columns the columns
 * @param of what has to change so that a change counts
 * @param meanings what each page state means
 * @returns the states, oldest first
 */
export function* statesOf(
  run: Run,
  { lasts }: Columns,
  of: HeatOf,
  meanings: readonly (StateMeaning | null)[],
): Generator<ColumnState> {
  let before: readonly AreaView[] = [];
  let first = 0;
  for (const last of lasts) {
    const { pages, pageShift } = run.machineAfter(last);
    const areas = pages.areas();
    const changed = areas.flatMap((view) => {
      const old = before.find(({ area, base, top }) => {
        return area === view.area && base === view.base && top === view.top;
      });
      return old === undefined ? [] : changedIn(old, view, of, meanings);
    });
    const steps = run.steps.slice(first, last + 1);
    const passed = passedIn(steps, before, of, { meanings, pageShift });
    yield { last, areas, changed: united([...changed, ...passed]) };
    before = areas;
    first = last + 1;
  }
}
