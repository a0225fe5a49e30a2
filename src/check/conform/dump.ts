/**
 * An allocator's state in the form of the recordings.
 *
 * @module
 */

import type { AreaView, FreeListView, ListEnd } from "../../page_allocator.ts";
import { fnv1a64 } from "./fnv.ts";

/** An area as the recordings write it; the order of the members matters for the hash. */
export interface DumpedArea {
  /** The slot. */
  area: number;
  /** The first usable pfn. */
  base: number;
  /** The first pfn after. */
  top: number;
  /** The pfn of the page states. */
  states: number;
  /** The largest order worth searching, where the edition keeps one. */
  maxOrder?: number;
  /** Runs of page states: byte and count. */
  pageStates: [number, number][];
  /** The pfns on each list that is not empty, from the front. */
  freelists: Record<string, number[]>;
  /** How the walk of a damaged list ended. */
  broken?: Record<string, string>;
  /** The walk along the previous links, where it is no mirror of the other. */
  prev?: Record<string, { list: number[]; end: string }>;
}

/** The summary of an area that stands beside a hash. */
export interface AreaSummary {
  /** The slot. */
  area: number;
  /** The largest order worth searching, where the edition keeps one. */
  maxOrder?: number;
  /** The number of blocks on each list that is not empty. */
  freeBlocks: Record<string, number>;
  /** The number of frames with each page state. */
  stateCounts: Record<string, number>;
}

function endText(end: ListEnd): string {
  switch (end.kind) {
    case "own-head":
      return "ok";
    case "null":
      return "null";
    case "cycle":
      return `cycle:${end.pfn}`;
    case "other-head":
      return `head:${end.area}:${end.order}`;
    case "wild":
      return "wild";
  }
}

function damage(lists: readonly FreeListView[]): Pick<DumpedArea, "broken" | "prev"> {
  const broken: Record<string, string> = {};
  const prev: Record<string, { list: number[]; end: string }> = {};
  for (const list of lists) {
    if (list.forward.end.kind !== "own-head") broken[list.order] = endText(list.forward.end);
    if (list.backward !== null) {
      prev[list.order] = { list: [...list.backward.pfns], end: endText(list.backward.end) };
    }
  }
  return {
    ...(Object.keys(broken).length > 0 ? { broken } : {}),
    ...(Object.keys(prev).length > 0 ? { prev } : {}),
  };
}

/**
 * An area in the form of the recordings.
 *
 * @param view the area
 * @returns the same, with members in the recordings' order
 */
export function dumpArea(view: AreaView): DumpedArea {
  const listed = view.freeLists.filter((list) => list.forward.pfns.length > 0);
  return {
    area: view.area,
    base: view.base,
    top: view.top,
    states: view.metadata,
    ...(view.maxOrder === null ? {} : { maxOrder: view.maxOrder }),
    pageStates: view.states.map(({ state, count }) => [state, count]),
    freelists: Object.fromEntries(listed.map((list) => [list.order, [...list.forward.pfns]])),
    ...damage(view.freeLists),
  };
}

/**
 * The summary of an area that stands beside a hash.
 *
 * @param dumped the area
 * @returns blocks by order and frames by page state
 */
export function summarizeArea(dumped: DumpedArea): AreaSummary {
  const stateCounts: Record<string, number> = {};
  for (const [state, count] of dumped.pageStates) {
    stateCounts[state] = (stateCounts[state] ?? 0) + count;
  }
  const lists = Object.entries(dumped.freelists);
  return {
    area: dumped.area,
    ...(dumped.maxOrder === undefined ? {} : { maxOrder: dumped.maxOrder }),
    freeBlocks: Object.fromEntries(lists.map(([order, list]) => [order, list.length])),
    stateCounts,
  };
}

/**
 * The hash of all areas: FNV-1a-64 over their JSON text.
 *
 * @param areas the areas
 * @returns the hash as 0x and 16 hex digits
 */
export function hashAreas(areas: readonly DumpedArea[]): string {
  return fnv1a64(new TextEncoder().encode(JSON.stringify(areas)));
}
