import { assert, assertEquals } from "@std/assert";
import {
  freeSummaryOf,
  makeWorkload,
  operationAt,
  Replayer,
  type Trace,
  WORDS_OF_KIND,
  WORKLOADS,
} from "../src/replay/mod.ts";
import { arch, edition } from "./support.ts";

function madeOf(name: string, operations?: number): Trace {
  const workload = WORKLOADS.find((one) => one.name === name);
  assert(workload !== undefined);
  return makeWorkload(workload, operations ?? workload.operations);
}

/** How often each request and release is in a trace, with its orders. */
function countsOf({ words }: Trace): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < words.length; at += WORDS_OF_KIND[(words[at] ?? 0) % 8] || 1) {
    const operation = operationAt(words, at);
    const name = operation.kind === "alloc"
      ? `${operation.alignOrder} ${operation.sizeOrder}`
      : operation.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function replay(trace: Trace, on: string): Replayer {
  const { areas, pageShift } = trace.header;
  const replayer = new Replayer({ arch: arch("x86_64"), edition: edition(on), areas, pageShift });
  replayer.run(trace.words, 0, trace.words.length);
  return replayer;
}

Deno.test("the aligned load is 4,000 blocks of 8 KiB at 256 KiB, each given back once", () => {
  assertEquals(countsOf(madeOf("aligned")), { "6 1": 4000, free: 4000 });
  const half = madeOf("aligned", 4000);
  assertEquals(countsOf(half), { "6 1": 4000 });
  // Each block leaves the rest of its 256 KiB in five pieces.
  const { blocks } = freeSummaryOf(replay(half, "repaired").areas());
  assertEquals(blocks.slice(0, 5), [1, 2, 3, 4, 5].map((order) => ({ order, blocks: 4000 })));
  const afterwards = (on: string): number | null =>
    freeSummaryOf(replay(madeOf("aligned"), on).areas()).blocks[0]?.order ?? null;
  assertEquals(["repaired", "head"].map(afterwards), [8, 1]);
});

Deno.test("the mixed load needs blocks of 64 KiB that exist only where buddies are joined", () => {
  const trace = madeOf("mixed");
  const places = 65_520;
  assertEquals(countsOf(trace), { "4 1": places, "4 4": places / 2, free: 1.5 * places });
  const repaired = replay(trace, "repaired");
  assertEquals(repaired.end, null);
  assertEquals(freeSummaryOf(repaired.areas()).largestOrder, 19);
  // Freed pages are never joined with fresh ones: 15/16 of memory are free, in pieces of 32 KiB.
  const head = replay(trace, "head");
  assertEquals(head.end?.operation, 1.5 * places + 1);
  const { freeFrames, largestOrder } = freeSummaryOf(head.areas());
  assertEquals([freeFrames, largestOrder], [places * 15, 3]);
});

Deno.test("a load that is asked for more operations than it has begins again", () => {
  const trace = madeOf("mixed", 200_000);
  assertEquals(trace.operations, 200_000);
  assertEquals(replay(trace, "repaired").end, null);
  assertEquals(countsOf(madeOf("aligned", 12_000)), { "6 1": 8000, free: 4000 });
});
