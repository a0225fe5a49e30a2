/**
 * What is to be seen of free memory at a moment, and which runs look the same.
 *
 * @module
 */

import {
  externalFragmentationIndex,
  freePagesOf,
  largestOrderOf,
  shareInBlocks,
  unusableIndex,
} from "../fragmentation/mod.ts";
import type { FreeCounts } from "../fragmentation/mod.ts";
import type { LabResult, LabRun } from "./lab.ts";

/** Something that is watched over time. */
export type LabMeasure =
  | "largest"
  | "external"
  | "unusable"
  | "share"
  | "blocks"
  | "pages";

/**
 * The value of a measure.
 *
 * @param measure the order of the largest free block (-1 for none), an index in thousandths, the number of
 * listed blocks, or that of free pages
 * @param counts free blocks by order
 * @param order the order that the indices are about
 * @returns the value
 */
export function measureOf(measure: LabMeasure, counts: FreeCounts, order: number): number {
  switch (measure) {
    case "largest":
      return largestOrderOf(counts) ?? -1;
    case "external":
      return externalFragmentationIndex(counts, order);
    case "unusable":
      return unusableIndex(counts, order);
    case "share":
      return shareInBlocks(counts, order);
    case "blocks":
      return counts.reduce((sum, count) => sum + count, 0);
    case "pages":
      return Number(freePagesOf(counts));
  }
}

/** Runs that do not differ in anything that is watched. */
export interface LabGroup {
  /** Their names, joined. */
  readonly name: string;
  /** The first of them, which stands for all. */
  readonly run: LabRun;
}

/**
 * Puts runs together that look the same.
 *
 * @param result the result
 * @returns the groups, in the order of their first runs
 */
export function groupsOf({ runs }: LabResult): LabGroup[] {
  const groups = new Map<string, LabRun[]>();
  for (const run of runs) {
    const { points, moves, end, failedRequests, firstFailedRequest, refused } = run;
    const counts = points.map(({ operation, value }) => [operation, trimmed(value)]);
    const ended = end === null ? null : [end.operation, end.why];
    const key = JSON.stringify([counts, moves, ended, failedRequests, firstFailedRequest, refused]);
    groups.set(key, [...groups.get(key) ?? [], run]);
  }
  return [...groups.values()].flatMap((same) => {
    const [run] = same;
    return run === undefined ? [] : [{ name: same.map(({ name }) => name).join(", "), run }];
  });
}

/** Counts without the orders behind the last that has any: subjects have lists of different orders. */
function trimmed(counts: FreeCounts): FreeCounts {
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}
