import { assert, assertEquals } from "@std/assert";
import {
  createMachine,
  declareRam,
  EDITIONS,
  identityVirtAddr,
  pfn,
  physAddrOfPfn,
  requestFlags,
} from "../mod.ts";
import { DesignSubject, EditionSubject, groupsOf, Lab, measureOf, Series } from "../src/lab/mod.ts";
import type { LabSubject } from "../src/lab/mod.ts";
import { DESIGNS, machineOfHeader } from "../src/metadata_design/mod.ts";
import {
  makeWorkload,
  operationAt,
  Replayer,
  WORDS_OF_KIND,
  WORKLOADS,
} from "../src/replay/mod.ts";
import { type Trace, TraceBuilder, type TraceHeader } from "../src/replay/mod.ts";
import { arch, edition } from "./support.ts";

const X86 = arch("x86_64");
const FIRST = 0x100000;
const FRAMES = 0x400;
const HEADER: TraceHeader = {
  arch: "x86_64",
  edition: null,
  pageShift: null,
  areas: [{ area: 255, first: pfn(FIRST), top: pfn(FIRST + FRAMES) }],
};

type Random = (bound: number) => number;

function randomFrom(seed: number): Random {
  let state = seed;
  return (bound) => (state = state * 48271 % 2147483647) % bound;
}

/** Requests and releases, more of them than there is room for; plain ones are aligned to their size. */
function randomTrace(
  seed: number,
  operations: number,
  nature: "plain" | "aligned" = "aligned",
  builder = new TraceBuilder(),
): Trace {
  const random = randomFrom(seed);
  const live: number[] = [];
  while (builder.operations < operations) {
    if (live.length > 0 && random(100) < 45) {
      const [handle = 0] = live.splice(random(live.length), 1);
      builder.free(handle);
      continue;
    }
    const sizeOrder = random(5) === 0 ? random(7) : random(3);
    const alignOrder = random(6) === 0 && nature === "aligned" ? random(6) : sizeOrder;
    live.push(builder.add({ kind: "alloc", alignOrder, sizeOrder, flags: 0 }));
  }
  return builder.build(HEADER);
}

const ordersOf = (counts: readonly number[], length = 64): number[] =>
  Array.from({ length }, (_, order) => counts[order] ?? 0);

/** What the literal engine's events say of a trace, one call after the other. */
function eventsOf(trace: Trace, name: string): { splits: number[]; joins: number[] } {
  const machine = createMachine({ arch: X86, edition: edition(name), engine: "literal" });
  declareRam(machine, pfn(FIRST), pfn(FIRST + FRAMES));
  const { pages } = machine;
  pages.initArea(255, pfn(FIRST), pfn(FIRST + FRAMES));
  const [splits, joins] = [ordersOf([]), ordersOf([])];
  pages.listen("all", (event) => {
    if (event.kind === "split") splits[event.order] = (splits[event.order] ?? 0) + 1;
    if (event.kind === "coalesce") joins[event.order] = (joins[event.order] ?? 0) + 1;
  });
  const blocks: (bigint | null)[] = [];
  const flags = requestFlags(machine.edition, { areasMask: null, dontZero: false, fresh: false });
  for (let at = 0; at < trace.words.length;) {
    const operation = operationAt(trace.words, at);
    at += WORDS_OF_KIND[(trace.words[at] ?? 0) % 8] ?? 1;
    if (operation.kind === "alloc") {
      const { alignOrder, sizeOrder } = operation;
      const bytes = (order: number): bigint => 4096n << BigInt(order);
      blocks.push(
        alignOrder === sizeOrder
          ? pages.allocPages(sizeOrder, flags)
          : pages.memalignPages(bytes(alignOrder), bytes(sizeOrder), flags),
      );
    } else if (operation.kind === "free") {
      const block = blocks[operation.handle] ?? null;
      if (block !== null) {
        pages.freePages(identityVirtAddr(physAddrOfPfn(pfn(Number(block / 4096n)), 12)));
      }
    }
  }
  return { splits, joins };
}

Deno.test("Replayer.moves counts the literal engine's events, on both engines and several editions", () => {
  for (const name of ["buddy-2020-10", "pfn-2021-01", "status-2021-01", "head", "repaired"]) {
    for (let seed = 1; seed <= 6; seed++) {
      const trace = randomTrace(seed, 700);
      const expected = eventsOf(trace, name);
      const shown = `${name}, seed ${seed}`;
      assert(expected.splits.some((count) => count > 0), shown);
      for (const engine of ["fast", "literal"] as const) {
        const { areas } = trace.header;
        const replayer = new Replayer({
          arch: X86,
          edition: edition(name),
          areas,
          pageShift: null,
          engine,
          failures: "count",
        });
        replayer.run(trace.words, 0, trace.words.length);
        assertEquals(replayer.end, null, shown);
        const { splits, joins } = replayer.moves();
        const actual = { splits: ordersOf(splits), joins: ordersOf(joins) };
        assertEquals(actual, expected, `${shown}, ${engine}`);
      }
    }
  }
});

Deno.test("Replayer.moves goes on while the literal engine does what the fast one cannot", () => {
  const builder = new TraceBuilder();
  builder.add({ kind: "reserve", pfn: FIRST + 0x200, count: 3 });
  const { words } = randomTrace(5, 500, "aligned", builder);
  const moves = (["fast", "literal"] as const).map((engine) => {
    const { areas } = HEADER;
    const options = { arch: X86, edition: edition("repaired"), areas, pageShift: null, engine };
    const replayer = new Replayer({ ...options, failures: "count" });
    replayer.run(words, 0, words.length);
    assert(engine === "literal" || replayer.counts.literalOperations < replayer.counts.operations);
    return replayer.moves();
  });
  assertEquals(moves[0], moves[1]);
  assert((moves[0]?.joins.length ?? 0) > 0);
});

Deno.test("splits, joins, requests and releases explain every change of the free lists", () => {
  for (const name of ["pfn-2021-01", "head", "repaired"]) {
    const trace = randomTrace(77, 2000, "plain");
    const { areas } = trace.header;
    const options = { arch: X86, edition: edition(name), areas, pageShift: null };
    const replayer = new Replayer({ ...options, failures: "count" });
    const counts = ordersOf(replayer.freeCounts(), 66);
    const orders: (number | null)[] = [];
    let failed = 0;
    for (let at = 0; at < trace.words.length;) {
      const operation = operationAt(trace.words, at);
      at = replayer.run(trace.words, at, trace.words.length, 1);
      if (operation.kind === "alloc") {
        const isServed = replayer.counts.failedRequests === failed;
        failed = replayer.counts.failedRequests;
        orders.push(isServed ? operation.sizeOrder : null);
        if (isServed) counts[operation.sizeOrder] = (counts[operation.sizeOrder] ?? 0) - 1;
      } else if (operation.kind === "free") {
        const order = orders[operation.handle] ?? null;
        if (order !== null) counts[order] = (counts[order] ?? 0) + 1;
      }
    }
    const { splits, joins } = replayer.moves();
    for (let order = 0; order < 64; order++) {
      const [split, above] = [splits[order] ?? 0, splits[order + 1] ?? 0];
      const [joined, joinedAbove] = [joins[order] ?? 0, joins[order + 1] ?? 0];
      const change = 2 * above - split + joined - 2 * joinedAbove;
      counts[order] = (counts[order] ?? 0) + change;
    }
    assertEquals(ordersOf(counts), ordersOf(replayer.freeCounts()), name);
  }
});

Deno.test("Series keeps at most so many points, at equal distances, and the end", () => {
  for (const length of [0, 1, 7, 8, 9, 100, 1000]) {
    const series = new Series(0, { most: 8, first: 1 });
    let taken = 1;
    for (let operation = 1; operation <= length; operation++) {
      if (operation !== series.next) continue;
      series.add(operation);
      taken++;
    }
    const points = series.pointsTo(length, () => length);
    assert(points.length <= 10, `${points.length} points of ${length}`);
    assertEquals(points[0], { operation: 0, value: 0 });
    assertEquals(points.at(-1), { operation: length, value: length });
    const distances = points.slice(1, -1)
      .map(({ operation }, index) => operation - (points[index]?.operation ?? 0));
    assert(new Set(distances).size <= 1, `${distances}`);
    for (const { operation, value } of points) assertEquals(value, operation);
    assert(taken < 10 + 5 * Math.ceil(Math.log2(length + 2)), `${taken} of ${length} were taken`);
  }
});

function labOf(trace: Trace, subjects: readonly LabSubject[]): Lab {
  return new Lab({ arch: "x86_64", pageShift: 12, areas: trace.header.areas }, subjects);
}

const place = (at: number) => (index: number): string => `word ${at + index}`;

Deno.test("Lab sees the same whatever the pieces are in which the trace comes", () => {
  const trace = randomTrace(3, 3000);
  const results = [trace.words.length, 1000, 37].map((part) => {
    const subjects = ["head", "repaired"].map((name) =>
      new EditionSubject(edition(name), trace.header, X86)
    );
    const lab = labOf(trace, subjects);
    for (let at = 0; at < trace.words.length;) {
      // Pieces end between operations.
      let end = at;
      while (end < trace.words.length && end - at < part) {
        end += WORDS_OF_KIND[(trace.words[end] ?? 0) % 8] ?? 1;
      }
      lab.run(trace.words.subarray(at, end), end - at, () => "here");
      at = end;
    }
    return lab.result("random");
  });
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
  const [first] = results;
  for (const run of first?.runs ?? []) {
    assertEquals(run.operations, 3000);
    assert(run.points.length > 100 && run.points.length <= 242);
    assertEquals(run.firstFailedPlace, "here");
  }
  assertEquals(first?.order, 9);
});

Deno.test("Lab tells where an edition ended and where a request first failed, and goes on with others", () => {
  const builder = new TraceBuilder();
  builder.alloc(9);
  builder.alloc(9);
  builder.alloc(60); // No list has this order, which all but one of these assert.
  builder.alloc(0);
  const trace = builder.build(HEADER);
  const names = ["pfn-2021-01", "head", "repaired"];
  const subjects = names.map((name) => new EditionSubject(edition(name), trace.header, X86));
  const lab = labOf(trace, subjects);
  lab.run(trace.words, trace.words.length, place(0));
  const { runs } = lab.result("small");
  for (const { name, end, operations, firstFailedRequest, firstFailedPlace, points } of runs) {
    assertEquals([firstFailedRequest, firstFailedPlace], [2, "word 1"], name);
    const isWhole = name === "repaired";
    assertEquals([operations, points.at(-1)?.operation], isWhole ? [4, 4] : [2, 2], name);
    assertEquals([end?.operation, end?.place], isWhole ? [undefined, undefined] : [3, "word 2"]);
    assert(isWhole || end?.why.includes("assert failed"), name);
  }
  assertEquals(lab.operations, 4);
  assert(!lab.areDone);
});

Deno.test("designs with lists behave as the edition that joins and knows no fresh frames", () => {
  const trace = randomTrace(9, 3000, "plain");
  const machine = machineOfHeader(trace.header, X86);
  const linked = DESIGNS.filter(({ links }) => links !== "none");
  const subjects = [
    new EditionSubject(edition("pfn-2021-01"), trace.header, X86),
    ...linked.map((design) => new DesignSubject(design, machine)),
  ];
  assert(subjects.length > 4);
  const lab = labOf(trace, subjects);
  lab.run(trace.words, trace.words.length, place(0));
  const result = lab.result("random");
  assertEquals(groupsOf(result).map(({ name }) => name), [
    subjects.map(({ name }) => name).join(", "),
  ]);
  const [run] = result.runs;
  assert(run !== undefined && run.moves !== null && run.failedRequests > 0);
  assert(run.moves.splits.length > 0 && run.moves.joins.length > 0);
  assert(run.firstFailedPlace?.startsWith("word "));
});

Deno.test("a design whose trace reserves frames does not tell its moves", () => {
  const builder = new TraceBuilder();
  builder.add({ kind: "reserve", pfn: FIRST + 0x200, count: 3 });
  const trace = builder.build(HEADER);
  const [design] = DESIGNS;
  assert(design !== undefined);
  const subject = new DesignSubject(design, machineOfHeader(HEADER, X86));
  assertEquals(subject.moves(), { splits: [], joins: [] });
  subject.run(trace.words, 0, trace.words.length, Infinity);
  assertEquals([subject.moves(), subject.counts.operations], [null, 1]);
});

Deno.test("a design's moves are those that one operation after the other shows", () => {
  const trace = randomTrace(21, 800, "plain");
  const machine = machineOfHeader(trace.header, X86);
  const [design] = DESIGNS;
  assert(design !== undefined);
  const subject = new DesignSubject(design, machine);
  const before = ordersOf(subject.freeCounts(), 66);
  const orders: (number | null)[] = [];
  for (let at = 0; at < trace.words.length;) {
    const operation = operationAt(trace.words, at);
    const { failedRequests } = subject.counts;
    at = subject.run(trace.words, at, trace.words.length, 1);
    if (operation.kind === "alloc") {
      const isServed = subject.counts.failedRequests === failedRequests;
      orders.push(isServed ? operation.sizeOrder : null);
      if (isServed) before[operation.sizeOrder] = (before[operation.sizeOrder] ?? 0) - 1;
    } else if (operation.kind === "free") {
      const order = orders[operation.handle] ?? null;
      if (order !== null) before[order] = (before[order] ?? 0) + 1;
    }
  }
  const { splits, joins } = subject.moves() ?? { splits: [], joins: [] };
  const after = before.map((count, order) =>
    count + 2 * (splits[order + 1] ?? 0) - (splits[order] ?? 0) + (joins[order] ?? 0) -
    2 * (joins[order + 1] ?? 0)
  );
  assertEquals(ordersOf(after), ordersOf(subject.freeCounts()));
});

Deno.test("groupsOf puts editions together that behave alike, and measureOf reads the moments", () => {
  const [churn] = WORKLOADS;
  assert(churn !== undefined);
  const trace = makeWorkload(churn, 15_000);
  const lab = labOf(
    trace,
    EDITIONS.slice(2).map((one) => new EditionSubject(one, trace.header, X86)),
  );
  lab.run(trace.words, trace.words.length, place(0));
  const result = lab.result("churn");
  const groups = groupsOf(result);
  assert(groups.length < result.runs.length, "editions that differ in malloc only are alike here");
  assertEquals(groups.flatMap(({ name }) => name.split(", ")).length, result.runs.length);
  const counts = [3, 1, 1];
  const measures = ["largest", "external", "unusable", "share", "blocks", "pages"] as const;
  assertEquals(measures.map((measure) => measureOf(measure, counts, 1)), [
    2,
    -1000,
    333,
    666,
    5,
    9,
  ]);
  assertEquals(measureOf("largest", [], 1), -1);
});
