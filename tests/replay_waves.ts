/**
 * Traces that fill areas and empty them in turn, and what a replay of one gives: for comparing engines.
 *
 * @module
 */

import { type Edition, EDITIONS, pfn } from "../mod.ts";
import { Replayer, type ReplayOptions, type Trace, TraceBuilder } from "../src/replay/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch } from "./support.ts";

/** The editions that both engines know. */
export const BUDDY_EDITIONS: readonly Edition[] = EDITIONS.filter(({ pageAllocator }) =>
  pageAllocator === "buddy-areas"
);

/** Ranges that are handed over: across slabs of 512 frames, less than a slab, and several areas. */
const RANGES: ReadonlyArray<ReadonlyArray<readonly [first: number, top: number]>> = [
  [[0x3fd, 0x1805]],
  [[0x1000, 0x1047]],
  [[0x1000, 0x1020], [0x2000, 0x2203]],
];

/** What a trace has besides requests and releases by handle: requests for fresh frames, releases by frame. */
export type WaveCalls = "no-more" | "fresh" | "fresh-and-frames";

/** Requests and releases that fill the areas and empty them in turn. */
export function wavesOf(seed: number, operations: number, calls: WaveCalls): Trace {
  const random = randomNumbers(seed);
  const ranges = RANGES[seed % RANGES.length] ?? [];
  const areas = ranges.map(([first, top]) => ({ area: 255, first: pfn(first), top: pfn(top) }));
  const builder = new TraceBuilder();
  const live: number[] = [];
  const orders = 2 + random(6);
  while (builder.operations < operations) {
    const isFilling = Math.floor(builder.operations / 150) % 2 === 0;
    if (live.length === 0 || random(10) < (isFilling ? 8 : 2)) {
      const order = random(8) === 0 ? random(12) : random(orders);
      const alignOrder = random(20) === 0 ? random(6) : order;
      const flags = random(30) === 0 && calls !== "no-more" ? 0x30000 : 0;
      live.push(builder.add({ kind: "alloc", alignOrder, sizeOrder: order, flags }));
    } else {
      const index = random(live.length);
      builder.free(live[index] ?? 0);
      live.splice(index, 1);
    }
    if (calls === "fresh-and-frames" && random(200) === 0) {
      const [first, top] = ranges[0] ?? [0, 1];
      builder.add({ kind: "free-at", pfn: first + random(top - first) });
    }
  }
  return builder.build({ arch: "arm64", edition: null, pageShift: 12, areas });
}

/** How a trace is replayed on an edition. */
export function optionsOf({ header: { areas, pageShift } }: Trace, on: Edition): ReplayOptions {
  return { arch: arch("arm64"), edition: on, areas, pageShift, failures: "count" };
}

/** What a replay gave that is run in pieces. */
export function outcomeOf(trace: Trace, options: ReplayOptions, piece: number): unknown {
  const replayer = new Replayer(options);
  const { words } = trace;
  for (let at = 0; at < words.length && replayer.end === null;) {
    at = replayer.run(words, at, words.length, piece);
  }
  const { literalOperations: _, ...counts } = replayer.counts;
  return { end: replayer.end, counts, areas: replayer.areas() };
}
