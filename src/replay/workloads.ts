/**
 * Traces of the usual loads on a page allocator, made without a file: the same ones each time.
 *
 * @module
 */

// bits: random numbers are unsigned, below 2^32.

import type { Pfn } from "../units.ts";
import { TraceBuilder } from "./operations.ts";
import type { Trace, TraceHeader } from "./operations.ts";

/** A load. */
export interface Workload {
  /** Its name. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Makes its operations, and hands over where they happen. */
  readonly make: (builder: TraceBuilder, operations: number, random: Random) => TraceHeader;
}

/** Gives the next random number, at least 0 and below a bound. */
export type Random = (bound: number) => number;

/** The frame of 4 GiB: above it x86_64 has one area, up to 64 GiB. */
const FIRST = 0x100000;
const FRAMES_OF_4_GIB = 2 ** 20;
const FRAMES_OF_1_GIB = 2 ** 18;
/** The metadata of an area with 2^20 usable frames; the first of these is aligned to all of them. */
const METADATA_FRAMES = 256;

/** The most operations that a workload can have: they are kept in memory. */
export const MOST_WORKLOAD_OPERATIONS = 50_000_000;

/** A linear congruential generator, for its upper bits. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}

function headerOf(first: number, frames: number): TraceHeader {
  const area = { area: 255, first: first as Pfn, top: first + frames as Pfn };
  return { arch: "x86_64", edition: null, pageShift: 12, areas: [area] };
}

/** An order from 0 to 8, each half as often as the one below. */
function geometricOrder(random: Random): number {
  let order = 0;
  while (order < 8 && random(2) === 0) order++;
  return order;
}

function makeChurn(builder: TraceBuilder, operations: number, random: Random): TraceHeader {
  const live: { handle: number; frames: number }[] = [];
  let used = 0;
  while (builder.operations < operations) {
    if (used < FRAMES_OF_4_GIB / 2) {
      const order = geometricOrder(random);
      live.push({ handle: builder.alloc(order), frames: 2 ** order });
      used += 2 ** order;
      continue;
    }
    const index = random(live.length);
    const chosen = live[index];
    const last = live.pop();
    if (chosen === undefined || last === undefined) break;
    if (chosen !== last) live[index] = last;
    builder.free(chosen.handle);
    used -= chosen.frames;
  }
  return headerOf(FIRST, FRAMES_OF_4_GIB);
}

function makePages(builder: TraceBuilder, operations: number, random: Random): TraceHeader {
  while (builder.operations < operations) {
    const left = operations - builder.operations;
    const handles: number[] = [];
    const pages = Math.min(FRAMES_OF_1_GIB, Math.ceil(left / 2));
    for (let page = 0; page < pages; page++) handles.push(builder.alloc(0));
    for (let rest = pages; rest > 0 && builder.operations < operations; rest--) {
      const index = random(rest);
      builder.free(handles[index] ?? 0);
      handles[index] = handles[rest - 1] ?? 0;
    }
  }
  return headerOf(FIRST, FRAMES_OF_4_GIB);
}

function makePairs(builder: TraceBuilder, operations: number): TraceHeader {
  // One page stays, so that no release joins all of the area.
  if (operations > 0) builder.alloc(0);
  while (builder.operations < operations) {
    const handle = builder.alloc(0);
    if (builder.operations < operations) builder.free(handle);
  }
  return headerOf(FIRST, FRAMES_OF_4_GIB);
}

function makeSplits(builder: TraceBuilder, operations: number): TraceHeader {
  while (builder.operations < operations) {
    const handle = builder.alloc(0);
    if (builder.operations < operations) builder.free(handle);
  }
  return headerOf(2 * FIRST - METADATA_FRAMES, FRAMES_OF_4_GIB + METADATA_FRAMES);
}

/** The loads. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "churn",
    summary: "blocks of orders 0 to 8, small ones oftener, given back at random; 4 GiB half full",
    make: makeChurn,
  },
  {
    name: "pages",
    summary: "page by page over 1 GiB of 4, then given back in random order, again and again",
    make: makePages,
  },
  {
    name: "pairs",
    summary: "a page allocated and given back, again and again, beside one that stays",
    make: makePairs,
  },
  {
    name: "splits",
    summary: "the same in an area that is one block of 4 GiB: each time it is split and joined",
    make: makeSplits,
  },
];

/**
 * Makes a load.
 *
 * @param workload the load
 * @param operations how many operations
 * @param seed of its random numbers
 * @returns the trace
 * @throws {RangeError} if there are too many operations to be kept in memory
 */
export function makeWorkload(workload: Workload, operations: number, seed = 1): Trace {
  if (!Number.isInteger(operations) || operations < 0 || operations > MOST_WORKLOAD_OPERATIONS) {
    throw new RangeError(
      `Cannot make ${operations} operations: the number must be 0 to ${MOST_WORKLOAD_OPERATIONS}`,
    );
  }
  const builder = new TraceBuilder();
  return builder.build(workload.make(builder, operations, randomFrom(seed)));
}
