/**
 * What is counted while a kernel's trace is read: each line is in one of the counts.
 *
 * @module
 */

import type { ReaderCount } from "../reader.ts";

/** The counts; {@linkcode KERNEL_COUNTS} has them in words. */
export interface KernelCounts {
  /** Lines. */
  lines: number;
  /** Allocations: each becomes an operation. */
  allocations: number;
  /** Allocations that failed in the kernel: no operation. */
  failedAllocations: number;
  /** Frees of a whole block: each becomes an operation. */
  frees: number;
  /** Frees of a part of a block: the last one becomes the free of the block. */
  partialFrees: number;
  /** Frees of more than the block that was allocated there: each becomes the free of that block. */
  largerFrees: number;
  /** Frees of frames that the trace has not allocated: no operation. */
  earlierFrees: number;
  /** Frees of frames that are free already: no operation. */
  duplicateFrees: number;
  /** Lines of those frees that told of a batch. */
  batchedFrees: number;
  /** Blocks whose free is not in the trace, freed when their frames appear otherwise. */
  missedFrees: number;
  /** Events of the lists within the allocator: no operation. */
  innerEvents: number;
  /** Events of others. */
  otherEvents: number;
  /** Lines without an event. */
  otherLines: number;
  /** Events that the recording says it lost, where it says how many; else 1 for each time. */
  lostEvents: number;
  /** Frames in use. */
  frames: number;
  /** The most frames in use at a time. */
  mostFrames: number;
}

/** The counts that are told, in order, with their titles. */
const TITLES: readonly (readonly [keyof KernelCounts, string])[] = [
  ["lines", "lines"],
  ["allocations", "allocations"],
  ["failedAllocations", "allocations that failed in the kernel"],
  ["frees", "frees"],
  ["partialFrees", "frees of a part of a block"],
  ["largerFrees", "frees of more than the block"],
  ["earlierFrees", "frees of what was allocated before the trace"],
  ["duplicateFrees", "frees of what was free already"],
  ["batchedFrees", "lines of frees that tell of a batch"],
  ["missedFrees", "frees that are not in the trace"],
  ["innerEvents", "events of the lists within the allocator"],
  ["otherEvents", "other events"],
  ["otherLines", "lines without an event"],
  ["lostEvents", "events that the recording lost"],
  ["mostFrames", "frames in use at a time, at most"],
];

/**
 * Begins to count.
 *
 * @returns counts of nothing
 */
export function noCounts(): KernelCounts {
  return {
    lines: 0,
    allocations: 0,
    failedAllocations: 0,
    frees: 0,
    partialFrees: 0,
    largerFrees: 0,
    earlierFrees: 0,
    duplicateFrees: 0,
    batchedFrees: 0,
    missedFrees: 0,
    innerEvents: 0,
    otherEvents: 0,
    otherLines: 0,
    lostEvents: 0,
    frames: 0,
    mostFrames: 0,
  };
}

/**
 * The counts with their titles.
 *
 * @param counts the counts
 * @returns those that are told
 */
export function titled(counts: Readonly<KernelCounts>): ReaderCount[] {
  return TITLES.map(([name, title]) => ({ name, title, value: counts[name] }));
}
