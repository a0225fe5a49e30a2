import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS, S390X, X86_64 } from "../arch/mod.ts";
import {
  byteCount,
  createMachine,
  encodePageState,
  order,
  pageCount,
  pageStateFormatOf,
  pfn,
  physAddr,
  virtAddr,
} from "../mod.ts";
import { qemuMemoryOf } from "../src/boot/mod.ts";
import { BitTrees } from "../src/metadata_design/bit_trees.ts";
import { DenseCells } from "../src/metadata_design/cells.ts";
import { LineSet } from "../src/metadata_design/line_set.ts";
import {
  bootTrace,
  builtInTraces,
  churnTrace,
  compareOn,
  designBytesOf,
  DesignRun,
  DESIGNS,
  designTraceOf,
  figuresOf,
  framesOf,
  HAZARD_POLICIES,
  rangesOfAreas,
  rangesOfTrace,
  recordCalls,
  REFUSED,
  seedsTrace,
  sizesOf,
  treeBytesOf,
} from "../src/metadata_design/mod.ts";
import type { ManagedRange, MetadataDesign, TakePolicy } from "../src/metadata_design/mod.ts";
import {
  operationAt,
  printOperation,
  readTrace,
  TraceBuilder,
  WORDS_OF_KIND,
} from "../src/replay/mod.ts";
import { hazardCell } from "../src/report/mod.ts";
import { designsPage } from "../src/cli/designs_page.ts";
import { randomNumbers } from "./random_calls.ts";
import { addRange, bareMachine, edition, flags } from "./support.ts";

function designNamed(name: string): MetadataDesign {
  const design = DESIGNS.find((one) => one.name === name);
  assert(design !== undefined);
  return design;
}

function runOn(
  design: MetadataDesign,
  ranges: readonly ManagedRange[],
  policy?: TakePolicy,
): DesignRun {
  const machine = { arch: "x86_64", wordBytes: 8, pageShift: 12 };
  const run = new DesignRun({
    design,
    ranges,
    purpose: "counting",
    ...machine,
    ...(policy === undefined ? {} : { policy }),
  });
  run.handOver(ranges.length);
  return run;
}

/** Operations of all kinds, at random; some are refused. */
function randomWords(seed: number, ranges: readonly ManagedRange[]): Uint32Array {
  const random = randomNumbers(seed);
  const builder = new TraceBuilder();
  const live: number[] = [];
  const [{ base, top } = { base: 0, top: 0 }] = ranges;
  for (let step = 0; step < 150; step++) {
    const kind = random(12);
    const pfn = base + random(top - base);
    if (kind < 5) {
      const [alignOrder, sizeOrder] = [random(4), random(4)];
      const zones = [0, 1, 2][random(3)] ?? 0;
      live.push(builder.add({ kind: "alloc", alignOrder, sizeOrder, flags: zones }));
    } else if (kind < 10) {
      if (live.length > 0) builder.free(live.splice(random(live.length), 1)[0] ?? 0);
    } else {
      builder.add({ kind: kind === 10 ? "reserve" : "unreserve", pfn, count: 1 + random(3) });
    }
  }
  return builder.build({ arch: "x86_64", edition: null, pageShift: 12, areas: [] }).words;
}

const TWO_RANGES: readonly ManagedRange[] = [
  { zone: 1, base: 0x1003, top: 0x1077 },
  { zone: 0, base: 0x8000, top: 0x8020 },
];

Deno.test("all designs hand out the same frames where their policies agree", () => {
  let requests = 0;
  for (let seed = 0; seed < 60; seed++) {
    const words = randomWords(seed, TWO_RANGES);
    for (const policy of ["front", "lowest"] as const) {
      const able = DESIGNS.filter(({ links }) => policy === "lowest" || links !== "none");
      const seen = able.map((design) => {
        const run = runOn(design, TWO_RANGES, policy);
        const frames: number[] = [];
        run.run(words, words.length, (frame) => frames.push(frame));
        return { frames, blocks: [...run.buddy.blocks()], counts: run.counts };
      });
      for (const [at, one] of seen.entries()) {
        assertEquals(one, seen[0], `seed ${seed}, ${policy}, design ${able[at]?.name}`);
      }
      assertEquals(
        seen[0]?.blocks.reduce((sum, { order }) => sum + 2 ** order, 0),
        framesOf(TWO_RANGES),
      );
      requests += seen[0]?.frames.filter((frame) => frame !== REFUSED).length ?? 0;
    }
  }
  assert(requests > 4000, `${requests} requests were served`);
});

/** Takes all free blocks, the largest first, and gives them back: no frame is fresh from then on. */
function useAll<Block>(
  orders: readonly number[],
  take: (order: number) => Block,
  give: (block: Block) => void,
): void {
  const taken = orders.map(take);
  for (const block of taken) give(block);
}

Deno.test("design a does what the literal engine does with memory that was used, byte for byte", () => {
  for (let seed = 0; seed < 12; seed++) {
    const machine = bareMachine(0x1000, 0x1060 + seed, { edition: edition("repaired") });
    const { pages } = machine;
    const { buddy } = runOn(designNamed("a"), rangesOfAreas(pages.areas()));
    const wishes = flags(machine, { dontZero: true });
    const frameOf = (address: bigint): number => Number(address >> 12n);
    const addressOf = (frame: number): bigint => BigInt(frame) << 12n;
    const orders = pages.areas().flatMap(({ freeLists }) =>
      freeLists.flatMap(({ order, forward }) => forward.pfns.map(() => order as number))
    ).toReversed();
    useAll(
      orders,
      (order) => pages.allocPages(order, wishes) ?? 0n,
      (block) => pages.freePages(virtAddr(block)),
    );
    useAll(orders, (order) => buddy.take(order, order, 0), (block) => void buddy.give(block));
    const random = randomNumbers(seed);
    const live: number[] = [];
    const special: number[] = [];
    for (let step = 0; step < 200; step++) {
      const [align, size] = [random(4), random(4)];
      const kind = random(16);
      if (kind < 2) {
        const frame = 0x1001 + random(0x5f);
        const reserved = pages.reservePages(physAddr(addressOf(frame)), pageCount(1)) === 0;
        assertEquals(
          buddy.reserve(frame),
          reserved ? frame : REFUSED,
          `seed ${seed}, step ${step}`,
        );
        if (reserved) special.push(frame);
      } else if (kind < 4) {
        const frame = special.pop();
        if (frame === undefined) continue;
        pages.unreservePages(physAddr(addressOf(frame)), pageCount(1));
        buddy.unreserve(frame);
      } else if (kind < 11 || live.length === 0) {
        const address = pages.memalignPages(
          0x1000n << BigInt(align),
          0x1000n << BigInt(size),
          wishes,
        );
        const frame = buddy.take(align, size, 0);
        assertEquals(
          frame,
          address === null ? REFUSED : frameOf(address),
          `seed ${seed}, step ${step}`,
        );
        if (frame !== REFUSED) live.push(frame);
      } else {
        const [frame = 0] = live.splice(random(live.length), 1);
        pages.freePages(virtAddr(addressOf(frame)));
        buddy.give(frame);
      }
      const format = pageStateFormatOf(machine.edition);
      const bytes = [...buddy.blocks()].flatMap(({ order: blockOrder, status }) =>
        new Array<number>(2 ** blockOrder).fill(encodePageState(format, status, order(blockOrder)))
      );
      const wanted = pages.areas().flatMap(({ states }) =>
        states.flatMap(({ state, count }) => new Array<number>(count).fill(state))
      );
      assertEquals(bytes, wanted, `seed ${seed}, step ${step}`);
    }
  }
});

const FOUR: readonly ManagedRange[] = [{ zone: 0, base: 4, top: 8 }];

/** A page is taken from a block of four; with more, it is given back, and taken again. */
function fourFrames(design: MetadataDesign, operations: 1 | 2 | 3): DesignRun {
  const run = runOn(design, FOUR);
  const builder = new TraceBuilder();
  const handle = builder.alloc(0);
  if (operations > 1) builder.free(handle);
  if (operations > 2) builder.alloc(0);
  const { words } = builder.build({ arch: "x86_64", edition: null, pageShift: 12, areas: [] });
  run.run(words, words.length);
  return run;
}

Deno.test("Account counts the lines of an allocation as counted by hand", () => {
  // Heads of three lists or their summary: 1. Entries of frames 0, 1, 2: 1, in b 3, in c3- none. Links:
  // three pages in a and c1, one line of nodes in c2. Trees of three orders: 3.
  const wanted = { a: 5, b: 4, c1: 5, c2: 3, c3: 5, "c3-": 4 };
  const lines = DESIGNS.map((design) => {
    const { allocations } = figuresOf(fourFrames(design, 1), FOUR);
    assertEquals(allocations.count, 1);
    return [design.name, allocations.lines];
  });
  assertEquals(Object.fromEntries(lines), wanted);
});

Deno.test("figuresOf() tells what four frames cost the host, as counted by hand", () => {
  const zeroes = new Array<number>(8).fill(0);
  for (const name of ["a", "c1"]) {
    const taken = figuresOf(fourFrames(designNamed(name), 1), FOUR);
    assertEquals([taken.linkedFrames, taken.framesWithLinks, taken.brokenPoison], [3, 2, 1]);
    assertEquals(taken.reportable, [3, 2, 0, ...zeroes]);
    assertEquals(taken.kept, [2, 1, 0, ...zeroes]);
    // The joined block is reported and linked again; then it is split, twice, in frames that are gone.
    assertEquals(figuresOf(fourFrames(designNamed(name), 2), FOUR).refaults, [1, 1, 1, ...zeroes]);
    assertEquals(figuresOf(fourFrames(designNamed(name), 3), FOUR).refaults, [3, 3, 3, ...zeroes]);
  }
  for (const name of ["b", "c2", "c3", "c3-"]) {
    const figures = figuresOf(fourFrames(designNamed(name), 3), FOUR);
    const { linkedFrames, framesWithLinks, brokenPoison, kept, refaults, reportable } = figures;
    assertEquals([linkedFrames, framesWithLinks, brokenPoison], [0, 0, 0]);
    assertEquals([kept, refaults], [[0, 0, 0, ...zeroes], [0, 0, 0, ...zeroes]]);
    assertEquals(reportable, [3, 2, 0, ...zeroes]);
  }
});

Deno.test("figuresOf() sums the metadata of four frames up as by hand", () => {
  const bytes = DESIGNS.map((design) => figuresOf(fourFrames(design, 1), FOUR).metadataBytes);
  // Heads: 3 orders of two words, or one word. c2 has used two nodes of three words. Trees: one node
  // for each of 3 orders that have a block in range.
  assertEquals(bytes, [4 + 48, 256 + 48, 64 + 48, 64 + 48 + 48, 64 + 192 + 8, 192 + 8]);
});

Deno.test("designBytesOf() takes of RAM what one counts by hand", () => {
  const frames = 2 ** 15; // 128 MiB
  const of = (name: string, wordBytes: number): number =>
    designBytesOf(designNamed(name), frames, wordBytes).fixed;
  assertEquals([of("a", 8), of("b", 8), of("c1", 8), of("c2", 8)], [
    2 ** 15,
    2 ** 21,
    2 ** 19,
    2 ** 19,
  ]);
  assertEquals([of("a", 4), of("b", 4), of("c1", 4), of("c2", 4)], [
    2 ** 15,
    2 ** 20,
    2 ** 18,
    2 ** 18,
  ]);
  assertEquals(designBytesOf(designNamed("c2"), frames, 8).worst, 2 ** 19 + 2 ** 14 * 24);
  assertEquals(treeBytesOf(512), 10 * 64);
  // 1024 bits of order 0 are two nodes, and one above; the other ten orders fit one node each.
  assertEquals(treeBytesOf(1024), 13 * 64);
  const most = 2 ** 34; // 64 TiB
  assertEquals(designBytesOf(designNamed("b"), most, 8), { fixed: 2 ** 40, worst: 2 ** 40 });
  assert(designBytesOf(designNamed("c3-"), most, 8).fixed < 2 ** 32 * 1.01);
});

Deno.test("LineSet counts what a set of lines counts", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 200; round++) {
    const lines = new LineSet();
    const wanted = new Set<number>();
    for (let step = 0; step < 90; step++) {
      const first = random(400);
      const top = first + 1 + random(random(20) === 0 ? 100 : 3);
      lines.add(first, top);
      for (let line = first; line < top; line++) wanted.add(line);
      assertEquals(lines.lines, wanted.size);
    }
    lines.clear();
    assertEquals(lines.lines, 0);
  }
});

Deno.test("BitTrees finds the lowest block in three levels, as a sorted list does", () => {
  const [start, frames] = [1_234_567, 600_000];
  const trees = new BitTrees({
    ranges: [{ start, frames }],
    wordBytes: 8,
    account: null,
    makeWords: (count) => new DenseCells(new Int32Array(count)),
  });
  const random = randomNumbers(3);
  const noted = new Set<number>();
  for (let step = 0; step < 3000; step++) {
    const frame = start + random(frames);
    if (noted.has(frame) !== trees.holds(0, frame)) throw new Error(`${frame} at step ${step}`);
    if (noted.has(frame)) continue;
    trees.add(0, frame);
    noted.add(frame);
    if (random(3) > 0) {
      const lowest = Math.min(...noted);
      assertEquals(trees.next(0), lowest);
      trees.remove(0, lowest);
      noted.delete(lowest);
    }
  }
  for (const frame of [...noted].toSorted((one, other) => one - other)) {
    assertEquals(trees.next(0), frame);
    trees.remove(0, frame);
  }
  assertEquals(trees.next(0), -1);
});

Deno.test("Backing counts the refaults that a model without shortcuts counts", () => {
  const range = { zone: 0, base: 0, top: 2 ** 13 };
  for (let seed = 0; seed < 3; seed++) {
    const run = runOn(designNamed("c1"), []);
    assertEquals(run.buddy.account?.backing?.linkedPages, 0);
    const { buddy } = runOn(designNamed("c1"), [range]);
    const backing = buddy.account?.backing;
    assert(backing !== null && backing !== undefined);
    const [touched, gone] = [new Set<number>(), new Map<number, number>()];
    const refaults = new Array<number>(11).fill(0);
    for (const block of buddy.blocks()) touched.add(block.first);
    const { link, handOut, giveBack } = backing;
    backing.link = (page) => {
      link.call(backing, page);
      const orders = touched.has(page) ? gone.get(page) ?? -1 : -1;
      for (let order = 0; order <= Math.min(orders, 10); order++) {
        refaults[order] = (refaults[order] ?? 0) + 1;
      }
      touched.add(page);
      gone.delete(page);
    };
    backing.handOut = (first, count) => {
      handOut.call(backing, first, count);
      for (let page = first; page < first + count; page++) {
        touched.add(page);
        gone.delete(page);
      }
    };
    backing.giveBack = (first, order, whole) => {
      giveBack.call(backing, first, order, whole);
      const start = Math.floor(first / 2 ** whole) * 2 ** whole;
      for (let page = start; page < start + 2 ** whole; page++) {
        gone.set(page, Math.max(gone.get(page) ?? -1, whole));
      }
    };
    const random = randomNumbers(seed);
    const live: number[] = [];
    for (let step = 0; step < 1500; step++) {
      if (random(2) === 0 || live.length === 0) {
        const order = random(8) === 0 ? random(12) : random(3);
        const frame = buddy.take(order, order, 0);
        if (frame !== REFUSED) live.push(frame);
      } else buddy.give(live.splice(random(live.length), 1)[0] ?? 0);
    }
    assertEquals([...backing.refaults], refaults, `seed ${seed}`);
    assert((refaults[10] ?? 0) > 5, `${refaults}`);
  }
});

Deno.test("DesignRun refuses what cannot be, and goes on", () => {
  const text = [
    "buddyscope-trace 1",
    "arch x86_64",
    "area any 0x100000 0x100041",
    ...[
      "a 255",
      "f 0",
      "f 0",
      "f 9",
      "p 0x100003",
      "u 0x100002 4294967295",
      "r 0x100001 65",
      "a 0",
    ],
    "",
  ].join("\n");
  const trace = readTrace(new TextEncoder().encode(text));
  const { designs, ...comparison } = compareOn(designTraceOf("t", "a test", trace, X86_64));
  assertEquals([comparison.frames, comparison.requests, comparison.refused], [64, 2, 5]);
  for (const { failedRequests, reportable } of designs) {
    assertEquals([failedRequests, reportable[0]], [1, 63]);
  }
  const area = { area: 255, first: pfn(0), top: pfn(3) };
  const none = { ...trace, header: { ...trace.header, areas: [area] } };
  assertThrows(
    () => designTraceOf("t", "a test", none, X86_64),
    RangeError,
    "Cannot run the trace: no area of it has a frame for use",
  );
  const far = { zone: 0, base: 0, top: 2 ** 35 + 1 };
  assertThrows(() => runOn(designNamed("a"), [far]), RangeError, "at most 34359738368, 128 TiB");
});

Deno.test("bootTrace() hears all calls of a boot, also those after memory that comes late", () => {
  for (const arch of ARCHS) {
    const { parts, wordBytes } = bootTrace({ arch });
    assertEquals(wordBytes, arch.wordBits / 8);
    assert(parts.length > 0 && parts.some(({ words }) => words.length > 0), arch.name);
  }
  const memory = qemuMemoryOf(X86_64, byteCount(8n << 30n));
  const { parts } = bootTrace({ arch: X86_64, inputs: { memory } });
  assertEquals(parts.length, 2);
  assert(framesOf(rangesOfTrace({ parts })) > 2 ** 20);
});

Deno.test("recordCalls() counts handles over all parts", () => {
  const machine = createMachine({ arch: X86_64, edition: edition("repaired") });
  const { pages } = machine;
  const wishes = flags(machine, { dontZero: true });
  const trace = recordCalls(machine, () => {
    addRange(machine, 0x1000, 0x1021);
    const one = pages.allocPages(2, wishes);
    addRange(machine, 0x2000, 0x2021);
    const two = pages.memalignPages(0x4000n, 0x1001n, wishes);
    assertEquals(pages.allocPages(9, wishes), null);
    for (const block of [one, two]) pages.freePages(virtAddr(block ?? 0n));
    assertEquals(pages.reservePages(physAddr(0x1007000n), pageCount(2)), 0);
  });
  assertEquals(trace.parts.map(({ ranges }) => ranges.length), [1, 1]);
  const lines = trace.parts.flatMap(({ words }) => {
    const printed: string[] = [];
    for (let at = 0; at < words.length; at += WORDS_OF_KIND[(words[at] ?? 0) % 8] ?? 1) {
      printed.push(printOperation(operationAt(words, at)));
    }
    return printed;
  });
  const any = "65535";
  assertEquals(lines.map((line) => line.replaceAll("0xffff", any)), [
    `a 2 ${any}`,
    `m 2 1 ${any}`,
    "f 0",
    "f 1",
    "r 0x1007 2",
  ]);
  const { designs, refused } = compareOn({ name: "t", summary: "a test", ...trace });
  assertEquals([refused, designs[0]?.reportable[0]], [0, 62]);
});

Deno.test("the built-in traces are the same each time, and no design loses a frame on them", () => {
  assertEquals(churnTrace(2000), churnTrace(2000));
  const trace = seedsTrace(S390X);
  assertEquals(trace, seedsTrace(S390X));
  // In the end of the seeds all is given back.
  const { designs, frames } = compareOn(trace);
  for (const { design, reportable } of designs) assertEquals(reportable[0], frames, design);
});

Deno.test("docs/designs.md has the tables of the command, and its words have their numbers", () => {
  const page = Deno.readTextFileSync(new URL("../docs/designs.md", import.meta.url));
  const comparisons = builtInTraces(ARCHS).map((make) => compareOn(make()));
  const wanted = designsPage(page, comparisons, sizesOf(DESIGNS));
  assert(page === wanted, "docs/designs.md is out of date: run deno task docs, read what changed");
  const churn = comparisons.find(({ name }) => name === "churn");
  const [a, b, c1, c2, c3, bare] = churn?.designs ?? [];
  assert(churn !== undefined && a !== undefined && b !== undefined && c1 !== undefined);
  assert(c2 !== undefined && c3 !== undefined && bare !== undefined);
  const grouped = (value: number): string => value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  const mean = ({ lines, count }: { lines: number; count: number }): string =>
    (lines / count).toFixed(2);
  const text = page.replaceAll(/\s+/g, " ");
  const harmed = comparisons.flatMap(({ hazards }) => hazards)
    .filter((one) => hazardCell(one).text !== "-").map(({ design }) => design);
  assertEquals([...new Set(harmed)], ["a", "c1"]);
  for (
    const words of [
      `keep ${a.metadataPages + a.framesWithLinks} pages resident in the end`,
      `of which this trace writes ${b.metadataPages} pages`,
      `came to ${((c2.metadataBytes - c1.metadataBytes) / 1024).toFixed(1)} KiB`,
      `${a.kept[0]} of ${a.reportable[0]} free frames`,
      `${a.kept[9]} of ${a.reportable[9]} at order 9`,
      `${a.refaults[9]} refaults at order 9, and ${a.refaults[0]} at order 0`,
      `each of the ${grouped(churn.releases)} releases`,
      `${grouped(a.brokenPoison)} frames were handed out`,
      `${mean(a.allocations)} different cache lines in (a), ${mean(c1.allocations)} in (c1)`,
      `and ${mean(b.allocations)} in (b)`,
      `${mean(c3.releases)} lines, ${mean(bare.releases)} without`,
      `touches ${grouped(a.allocations.mostLines)} lines`,
      `under each of ${HAZARD_POLICIES.length - 1} policies nothing of them is lost`,
    ]
  ) assert(text.includes(words), `the page does not say: ${words}`);
});
