/**
 * Events of Chrome's Trace Event Format: what the traces of runs and of replays share.
 *
 * @module
 */

import type { JsonObject } from "./json.ts";

/** An event of the format. */
export type TraceEvent = JsonObject;

/** The only process: the run. */
export const PROCESS = 1;

/** The track of all steps; the track of an area is its slot more. */
export const STEPS_TRACK = 1;
const FIRST_AREA_TRACK = 2;

/** The track of an area. */
export function trackOf(area: number): number {
  return FIRST_AREA_TRACK + area;
}

/**
 * What the tracks are called, and in which order they stand.
 *
 * @param whole what the whole is called
 * @param tracks the names of the tracks
 * @returns the events
 */
export function namesOf(whole: string, tracks: ReadonlyMap<number, string>): TraceEvent[] {
  return [
    { ph: "M", name: "process_name", pid: PROCESS, args: { name: whole } },
    ...[...tracks].toSorted(([one], [other]) => one - other).flatMap(([tid, name]) => [
      { ph: "M", name: "thread_name", pid: PROCESS, tid, args: { name } },
      { ph: "M", name: "thread_sort_index", pid: PROCESS, tid, args: { sort_index: tid } },
    ]),
  ];
}

/** An area as a trace tells it. */
export interface TracedArea {
  /** Its slot. */
  readonly area: number;
  /** Its number and name. */
  readonly title: string;
  /** The free pages of each order, as its lists have them; orders without any may be missing at the end. */
  readonly pages: readonly number[];
}

/** The free pages of each order, for a number of free blocks of each. */
export function pagesOf(counts: readonly number[]): number[] {
  return Array.from(counts, (blocks, order) => (blocks ?? 0) * 2 ** order);
}

/** The counters of areas: each is told when it changes. */
export class AreaCounters {
  readonly #told = new Map<number, readonly number[]>();

  /**
   * Tells the free pages of an area.
   *
   * @param ts when
   * @param area the area
   * @returns the event; none if they are those that were told last
   */
  tell(ts: number, { area, title, pages }: TracedArea): TraceEvent[] {
    const before = this.#told.get(area) ?? [];
    const orders = pages.findLastIndex((count) => count > 0) + 1;
    // A counter that is not told keeps its value: what was told once is told again as 0.
    const length = Math.max(before.length, orders);
    const all = Array.from({ length }, (_, order) => pages[order] ?? 0);
    if (length === before.length && all.every((count, at) => count === before[at])) return [];
    this.#told.set(area, all);
    const args = Object.fromEntries(all.map((count, order) => [`order ${order}`, count]));
    return [{ ph: "C", name: `${title}  free pages`, ts, pid: PROCESS, args }];
  }
}
