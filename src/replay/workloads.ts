/**
 * Traces of the usual loads on a page allocator, made without a file: the same ones each time.
 *
 * @module
 */

// bits: random numbers are unsigned, below 2^32.

import { DEFAULT_ARCH_NAME } from "../scenario/machine_statement.ts";
import type { Pfn } from "../units.ts";
import { TraceBuilder } from "./operations.ts";
import type { Trace, TraceHeader } from "./operations.ts";

/** A load. */
export interface Workload {
  /** Its name. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** How many operations it has where nobody says how many; more of them begin again. */
  readonly operations: number;
  /** Makes its operations, and hands over where they happen. */
  readonly make: (builder: TraceBuilder, operations: number, random: Random) => TraceHeader;
}

/** Gives the next random number, at least 0 and below a bound. */
export type Random = (bound: number) => number;

/** The frame of 4 GiB: above it x86_64 has one area, up to 64 GiB. */
const FIRST = 0x100000;
const FRAMES_OF_4_GIB = 2 ** 20;
const FRAMES_OF_1_GIB = 2 ** 18;
/** The operations of a load that goes on for ever. */
const USUAL_OPERATIONS = 1_000_000;
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
  return { arch: DEFAULT_ARCH_NAME, edition: null, pageShift: 12, areas: [area] };
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

/** The orders of 8 KiB, 64 KiB and 256 KiB. */
const [ORDER_8K, ORDER_64K, ORDER_256K] = [1, 4, 6];
/** The blocks of the aligned load. */
const ALIGNED_BLOCKS = 4000;
/** The places for 64 KiB in 4 GiB that are left beside the metadata. */
const PLACES = (FRAMES_OF_4_GIB - METADATA_FRAMES) / 2 ** ORDER_64K;

/** A block of 8 KiB. */
function smallBlock(builder: TraceBuilder, alignOrder: number): number {
  return builder.add({ kind: "alloc", alignOrder, sizeOrder: ORDER_8K, flags: 0 });
}

/** Source: the case of Vulkan's conformance test in which a GPU's buddy allocator was found to fragment. */
function makeAligned(builder: TraceBuilder, operations: number): TraceHeader {
  const left = (): number => operations - builder.operations;
  while (left() > 0) {
    const handles: number[] = [];
    while (handles.length < ALIGNED_BLOCKS && left() > 0) {
      handles.push(smallBlock(builder, ORDER_256K));
    }
    while (handles.length > 0 && left() > 0) builder.free(handles.pop() ?? 0);
  }
  return headerOf(FIRST, FRAMES_OF_4_GIB);
}

/** A round of the mixed load: each small block is taken and given back, and so is half as many large ones. */
const MIXED_OPERATIONS = 3 * PLACES;

/** Source: the self-test of Linux's allocator for memory of GPUs, for times under fragmentation. */
function makeMixed(builder: TraceBuilder, operations: number): TraceHeader {
  const left = (): number => operations - builder.operations;
  while (left() > 0) {
    const small: number[] = [];
    while (small.length < PLACES && left() > 0) small.push(smallBlock(builder, ORDER_64K));
    const kept: number[] = [];
    for (const [index, handle] of small.entries()) {
      if (left() <= 0) break;
      if (index % 2 === 1) builder.free(handle);
      else kept.push(handle);
    }
    const large: number[] = [];
    while (large.length < kept.length && left() > 0) large.push(builder.alloc(ORDER_64K));
    while (large.length > 0 && left() > 0) {
      builder.free(large.pop() ?? 0);
      if (left() > 0) builder.free(kept.pop() ?? 0);
    }
  }
  return headerOf(FIRST, FRAMES_OF_4_GIB);
}

/** The loads. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "churn",
    summary: "blocks of orders 0 to 8, small ones oftener, given back at random; 4 GiB half full",
    operations: USUAL_OPERATIONS,
    make: makeChurn,
  },
  {
    name: "pages",
    summary: "page by page over 1 GiB of 4, then given back in random order, again and again",
    operations: USUAL_OPERATIONS,
    make: makePages,
  },
  {
    name: "pairs",
    summary: "a page allocated and given back, again and again, beside one that stays",
    operations: USUAL_OPERATIONS,
    make: makePairs,
  },
  {
    name: "splits",
    summary: "the same in an area that is one block of 4 GiB: each time it is split and joined",
    operations: USUAL_OPERATIONS,
    make: makeSplits,
  },
  {
    name: "aligned",
    summary: "4,000 blocks of 8 KiB aligned to 256 KiB, given back in reverse order; 4 GiB",
    operations: 2 * ALIGNED_BLOCKS,
    make: makeAligned,
  },
  {
    name: "mixed",
    summary: "4 GiB full of 8 KiB at each 64 KiB; half become 64 KiB; both given back in turn",
    operations: MIXED_OPERATIONS,
    make: makeMixed,
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
