/**
 * A design of metadata as a subject of the lab.
 *
 * @module
 */

// bits: a kind is the lowest three bits of a word.

import { moveCountsOf, newMoves, noteMoves } from "../alloc_page_fast/mod.ts";
import type { FreeCounts } from "../fragmentation/mod.ts";
import { DesignRun } from "../metadata_design/mod.ts";
import type { MetadataDesign, TraceMachine } from "../metadata_design/mod.ts";
import type { MoveCounts } from "../replay/mod.ts";
import { KIND_MASK, OP_RESERVE, OP_UNRESERVE, wordsAt } from "../replay/operations.ts";
import type { LabCounts, LabEnd, LabSubject } from "./subject.ts";

/**
 * One buddy algorithm on a design of metadata. Its operations are run one by one: what an operation did to
 * the numbers of free blocks tells what was split or joined.
 */
export class DesignSubject implements LabSubject {
  /** What it is. */
  readonly kind = "design";
  /** The design keeps count of its blocks. */
  readonly look = "cheap";
  /** The design's name. */
  readonly name: string;
  readonly #run: DesignRun;
  readonly #before: Float64Array;
  readonly #moves = newMoves();
  /** Reservations split and join more than once, in ways that the numbers alone do not tell. */
  #areMovesKnown = true;
  #operations = 0;
  #firstFailedRequest: number | null = null;

  /**
   * Hands the frames over.
   *
   * @param design the design
   * @param machine the machine of the trace
   * @throws {RangeError} if there are too many frames
   */
  constructor(design: MetadataDesign, machine: TraceMachine) {
    this.name = `design ${design.name}`;
    this.#run = new DesignRun({ design, purpose: "counting", ...machine });
    this.#run.handOver(machine.ranges.length);
    this.#before = Float64Array.from(this.#run.buddy.freeBlocks);
  }

  /** What was counted. */
  get counts(): LabCounts {
    const { requests, failedRequests, refused } = this.#run.counts;
    return {
      operations: this.#operations,
      requests,
      failedRequests,
      firstFailedRequest: this.#firstFailedRequest,
      refused,
    };
  }

  /** Nothing ends it: what it cannot do, it refuses. */
  get end(): LabEnd | null {
    return null;
  }

  /** Runs operations. */
  run(words: Uint32Array, from: number, end: number, most: number): number {
    const { counts } = this.#run;
    let at = from;
    for (let left = most; at < end && left > 0; left--) {
      const kind = (words[at] ?? 0) & KIND_MASK;
      const length = wordsAt(words, at);
      const failed = counts.failedRequests;
      this.#run.run(words.subarray(at, at + length), length);
      at += length;
      this.#operations++;
      if (counts.failedRequests > failed) this.#firstFailedRequest ??= this.#operations;
      if (kind === OP_RESERVE || kind === OP_UNRESERVE) this.#areMovesKnown = false;
      this.#note();
    }
    return at;
  }

  /**
   * A request takes one block of an order away and adds at most one of each order below, down to its own; a
   * release does the reverse. So the highest order that changed is where splits began or joins ended, and
   * the lowest is the order of the block.
   */
  #note(): void {
    const now = this.#run.buddy.freeBlocks;
    const before = this.#before;
    let [lowest, highest, change] = [-1, -1, 0];
    for (let order = 0; order < now.length; order++) {
      const difference = (now[order] ?? 0) - (before[order] ?? 0);
      if (difference === 0) continue;
      if (lowest < 0) lowest = order;
      highest = order;
      change = difference;
      before[order] = now[order] ?? 0;
    }
    if (highest === lowest) return;
    noteMoves(change < 0 ? this.#moves.splits : this.#moves.joins, highest, lowest);
  }

  /** Free blocks by order. */
  freeCounts(): FreeCounts {
    return [...this.#run.buddy.freeBlocks];
  }

  /** How often blocks were split and joined; null if the trace reserves frames. */
  moves(): MoveCounts | null {
    return this.#areMovesKnown ? moveCountsOf(this.#moves) : null;
  }
}
