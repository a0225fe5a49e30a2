/**
 * Replays on the fast engine against replays on the literal one, where blocks cross slabs, handles come to
 * stand for frames, and recordings go back over that; and the memory of a replay.
 */

import { assert, assertEquals } from "@std/assert";
import { type Edition, EDITIONS, pfn } from "../mod.ts";
import {
  printTraceText,
  recordTrace,
  Replayer,
  type ReplayOptions,
  type Trace,
  TraceBuilder,
} from "../src/replay/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch, edition } from "./support.ts";

const BUDDY_EDITIONS = EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas");

/** Ranges that are handed over: across slabs of 512 frames, less than a slab, and several areas. */
const RANGES: ReadonlyArray<ReadonlyArray<readonly [first: number, top: number]>> = [
  [[0x3fd, 0x1805]],
  [[0x1000, 0x1047]],
  [[0x1000, 0x1020], [0x2000, 0x2203]],
];

/** Requests and releases that fill the areas and empty them in turn; one release by frame if asked for. */
function wavesOf(seed: number, operations: number, frames: "by-handle" | "by-frame"): Trace {
  const random = randomNumbers(seed);
  const ranges = RANGES[random(RANGES.length)] ?? [];
  const areas = ranges.map(([first, top]) => ({ area: 255, first: pfn(first), top: pfn(top) }));
  const builder = new TraceBuilder();
  const live: number[] = [];
  const orders = 2 + random(6);
  while (builder.operations < operations) {
    const isFilling = Math.floor(builder.operations / 150) % 2 === 0;
    if (live.length === 0 || random(10) < (isFilling ? 8 : 2)) {
      const order = random(8) === 0 ? random(12) : random(orders);
      const alignOrder = random(20) === 0 ? random(6) : order;
      const flags = random(30) === 0 ? 0x30000 : 0;
      live.push(builder.add({ kind: "alloc", alignOrder, sizeOrder: order, flags }));
    } else {
      const index = random(live.length);
      builder.free(live[index] ?? 0);
      live.splice(index, 1);
    }
    if (frames === "by-frame" && random(200) === 0) {
      const [first, top] = ranges[0] ?? [0, 1];
      builder.add({ kind: "free-at", pfn: first + random(top - first) });
    }
  }
  return builder.build({ arch: "arm64", edition: null, pageShift: 12, areas });
}

function optionsOf({ header: { areas, pageShift } }: Trace, on: Edition): ReplayOptions {
  return { arch: arch("arm64"), edition: on, areas, pageShift, failures: "count" };
}

/** What a replay gave that is run in pieces. */
function outcomeOf(trace: Trace, options: ReplayOptions, piece: number): unknown {
  const replayer = new Replayer(options);
  const { words } = trace;
  for (let at = 0; at < words.length && replayer.end === null;) {
    at = replayer.run(words, at, words.length, piece);
  }
  const { literalOperations: _, ...counts } = replayer.counts;
  return { end: replayer.end, counts, areas: replayer.areas() };
}

for (const frames of ["by-handle", "by-frame"] as const) {
  Deno.test(`Replayer gives what the literal engine gives across slabs, releases ${frames}`, () => {
    for (const [number, on] of BUDDY_EDITIONS.entries()) {
      for (const seed of [1, 2, 3]) {
        const trace = wavesOf(100 * number + seed, 900, frames);
        const options = optionsOf(trace, on);
        const literal = outcomeOf(trace, { ...options, engine: "literal" }, Infinity);
        const told = `${on.name}\n${printTraceText(trace)}`;
        assertEquals(outcomeOf(trace, options, Infinity), literal, told);
        assertEquals(outcomeOf(trace, options, 37), literal, told);
      }
    }
  });
}

Deno.test("Recording goes back over a release by frame, from which on handles stand for frames", () => {
  const random = randomNumbers(5);
  for (const on of BUDDY_EDITIONS) {
    const trace = wavesOf(random(1000), 400, "by-frame");
    const recording = recordTrace(trace, optionsOf(trace, on));
    for (let look = 0; look < 8; look++) {
      const step = random(recording.steps + 1);
      const fresh = new Replayer(optionsOf(trace, on));
      fresh.run(trace.words, 0, trace.words.length, step);
      const told = `${on.name}, step ${step}\n${printTraceText(trace)}`;
      assertEquals(recording.stateAt(step), fresh.areas(), told);
    }
  }
});

Deno.test("Replayer holds at most 16 bytes for a page in use and its handle, and gives the page's back", () => {
  const pages = 200_000;
  for (const [on, freed] of [["head", "listed"], ["repaired", "joined"]] as const) {
    const builder = new TraceBuilder();
    for (let page = 0; page < pages; page++) builder.alloc(0);
    for (let page = 0; page < pages; page++) builder.free((page * 48_271) % pages);
    const area = { area: 255, first: pfn(2 ** 20), top: pfn(2 ** 20 + 2 ** 18) };
    const trace = builder.build({ arch: "arm64", edition: null, pageShift: 12, areas: [area] });
    const replayer = new Replayer(optionsOf(trace, edition(on)));
    replayer.run(trace.words, 0, pages);
    assert(replayer.residentBytes <= 16 * pages, `${replayer.residentBytes} bytes in use`);
    replayer.run(trace.words, pages, trace.words.length);
    assertEquals(replayer.counts.wrongReleases, 0);
    const left = replayer.residentBytes - replayer.handleBytes;
    if (freed === "joined") assert(left < 2 ** 20, `${left} bytes left`);
  }
});
