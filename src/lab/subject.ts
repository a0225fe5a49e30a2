/**
 * What the lab compares: allocators that run the operations of a trace.
 *
 * @module
 */

import type { FreeCounts } from "../fragmentation/mod.ts";
import type { MoveCounts } from "../replay/mod.ts";

/** Why a subject ended before its trace. */
export interface LabEnd {
  /** The number of the operation. */
  readonly operation: number;
  /** What happened, in words. */
  readonly why: string;
}

/** What a subject counted. */
export interface LabCounts {
  /** Operations that were run. */
  readonly operations: number;
  /** Requests among them. */
  readonly requests: number;
  /** Requests that found no block. */
  readonly failedRequests: number;
  /** The operation of the first of these; null if there are none. */
  readonly firstFailedRequest: number | null;
  /** Releases and reservations that were refused or left out. */
  readonly refused: number;
}

/** An allocator that runs a trace. */
export interface LabSubject {
  /** Its name, such as that of an edition. */
  readonly name: string;
  /** What it is. */
  readonly kind: "edition" | "design";
  /** Whether to count free blocks takes as long as thousands of operations. */
  readonly look: "cheap" | "dear";
  /** What was counted. */
  readonly counts: LabCounts;
  /** Why it ended; null while it goes on. */
  readonly end: LabEnd | null;

  /**
   * Runs operations.
   *
   * @param words whole operations
   * @param from where the first of them begins
   * @param end the number of words
   * @param most how many operations to run at most
   * @returns the position behind the last operation that was run
   */
  run(words: Uint32Array, from: number, end: number, most: number): number;

  /** Free blocks by order: the lengths of the lists. */
  freeCounts(): FreeCounts;

  /** How often blocks were split and joined; null where that cannot be told. */
  moves(): MoveCounts | null;
}
