/**
 * The numbers of a design on a trace.
 *
 * @module
 */

import type { OperationCost } from "./account.ts";
import { REPORTING_ORDERS } from "./backing.ts";
import { entryBytesOf, EXTERNAL_NODE_WORDS } from "./design.ts";
import type { DesignRun } from "./design_run.ts";
import { framesOf } from "./ranges.ts";
import type { ManagedRange } from "./ranges.ts";

/** What a design costs on a trace. Lists have a number for each reporting order, 0 to 10. */
export interface DesignFigures {
  /** The design's name. */
  readonly design: string;
  /** The bytes of all metadata beside the frames, the external nodes at their most. */
  readonly metadataBytes: number;
  /** Pages of 4 KiB of them that were written to. */
  readonly metadataPages: number;
  /** Frames into which the allocator ever wrote links. */
  readonly linkedFrames: number;
  /** Free frames that hold links in the end. */
  readonly framesWithLinks: number;
  /** What allocations cost. */
  readonly allocations: OperationCost;
  /** What releases cost. */
  readonly releases: OperationCost;
  /** Frames of free blocks of at least the reporting order, in the end. */
  readonly reportable: readonly number[];
  /** Of these, frames that the host cannot have: they hold links. If it takes them, that many nodes are lost. */
  readonly kept: readonly number[];
  /** How often links were written to a frame that the host had taken, so that it had to bring one. */
  readonly refaults: readonly number[];
  /** Frames that were handed out with links, or what was left of them, in place of the poison. */
  readonly brokenPoison: number;
  /** Requests that found no block. */
  readonly failedRequests: number;
}

/** The words of the head of a list. */
const HEAD_WORDS = 2;

function metadataBytesOf(run: DesignRun, ranges: readonly ManagedRange[]): number {
  const { design, buddy, machine: { wordBytes } } = run;
  const nodes = buddy.account?.mostNodes ?? 0;
  const { freeSetBytes } = buddy;
  const lists = ranges.reduce((sum, range) => sum + ordersOf(range) * HEAD_WORDS, 0);
  const heads = freeSetBytes === null ? lists : 0;
  return framesOf(ranges) * entryBytesOf(design, wordBytes) + (freeSetBytes ?? 0) +
    (nodes * EXTERNAL_NODE_WORDS + heads) * wordBytes;
}

function ordersOf({ base, top }: ManagedRange): number {
  return Math.floor(Math.log2(top - base)) + 1;
}

/**
 * The numbers of a run.
 *
 * @param run the run, at its end; it must have counted
 * @param ranges what was handed over
 * @returns the numbers
 */
export function figuresOf(run: DesignRun, ranges: readonly ManagedRange[]): DesignFigures {
  const { design, buddy, counts } = run;
  const { account, freeBlocks } = buddy;
  const backing = account?.backing ?? null;
  const isLinked = design.links === "free-page";
  const nothing: OperationCost = { count: 0, lines: 0, mostLines: 0 };
  const orders = Array.from({ length: REPORTING_ORDERS }, (_, order) => order);
  const blocksFrom = (order: number): number => freeBlocks.slice(order).reduce((a, b) => a + b, 0);
  const framesFrom = (order: number): number =>
    freeBlocks.reduce((sum, blocks, size) => size < order ? sum : sum + blocks * 2 ** size, 0);
  return {
    design: design.name,
    metadataBytes: metadataBytesOf(run, ranges),
    metadataPages: account?.writtenPages ?? 0,
    linkedFrames: backing?.linkedPages ?? 0,
    framesWithLinks: isLinked ? blocksFrom(0) : 0,
    allocations: account?.allocations ?? nothing,
    releases: account?.releases ?? nothing,
    reportable: orders.map(framesFrom),
    kept: orders.map((order) => isLinked ? blocksFrom(order) : 0),
    refaults: [...backing?.refaults ?? orders.map(() => 0)],
    brokenPoison: backing?.brokenPoison ?? 0,
    failedRequests: counts.failedRequests,
  };
}
