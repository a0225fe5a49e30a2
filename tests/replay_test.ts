import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Edition, EDITIONS, pfn } from "../mod.ts";
import {
  freeSummaryOf,
  makeWorkload,
  packTrace,
  printTraceText,
  readTrace,
  recordTrace,
  Replayer,
  type ReplayOptions,
  type Trace,
  TraceBuilder,
  type TraceFormat,
  type TraceHeader,
  TraceInput,
  WORKLOADS,
  writePageStates,
} from "../src/replay/mod.ts";
import { arch, edition } from "./support.ts";

const HEAD = ["buddyscope-trace 1", "arch x86_64", "area any 0x100000 0x100100"];
const HEADER: TraceHeader = {
  arch: "x86_64",
  edition: null,
  pageShift: null,
  areas: [{ area: 255, first: pfn(0x100000), top: pfn(0x100100) }],
};

/** Every kind of operation and number, comments, blank lines, a carriage return. */
const ALL_KINDS = [
  ...HEAD,
  "edition head",
  "page-size 4096",
  "",
  "# a comment",
  "a 0",
  "a 3 0x10002",
  "m 5 2\t# aligned",
  "m 0x1 2 1",
  "  f 0\r",
  "p 0xfffffffffffff",
  "r 0x100040 4",
  "u 1048640 4294967295",
  "f 536870911",
  "a 255",
  "",
].join("\n");

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const traceOf = (...lines: string[]): Trace =>
  readTrace(encode([...HEAD, ...lines, ""].join("\n")));

function optionsOf(trace: Trace, on: Edition, more: Partial<ReplayOptions> = {}): ReplayOptions {
  const { areas, pageShift } = trace.header;
  return { arch: arch("x86_64"), edition: on, areas, pageShift, ...more };
}

function replay(trace: Trace, on: string, more: Partial<ReplayOptions> = {}): Replayer {
  const replayer = new Replayer(optionsOf(trace, edition(on), more));
  replayer.run(trace.words, 0, trace.words.length);
  return replayer;
}

/** Random requests and releases; wild ones have all kinds of operations, wrong ones among them. */
function randomTrace(seed: number, operations: number, nature: "tame" | "wild" = "wild"): Trace {
  let state = seed;
  const below = (bound: number): number => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  const fresh = nature === "wild" ? 0x20000 : 0;
  const builder = new TraceBuilder();
  let handles = 0;
  for (let done = 0; done < operations; done++) {
    const dice = below(nature === "wild" ? 100 : 98);
    const frame = 0x100000 + below(0x108);
    if (dice < 50) {
      const sizeOrder = below(5) === 0 ? below(7) : below(2);
      const alignOrder = below(8) === 0 ? below(5) : sizeOrder;
      const flags = below(3) === 0 ? 0x10000 + below(2) * fresh : 0;
      builder.add({ kind: "alloc", alignOrder, sizeOrder, flags });
      handles++;
    } else if (dice < 98) builder.free(below(handles + 1));
    else if (below(8) === 0) builder.add({ kind: "free-at", pfn: frame });
    else builder.add({ kind: dice === 98 ? "reserve" : "unreserve", pfn: frame, count: below(3) });
  }
  return builder.build(HEADER);
}

Deno.test("readTrace gives back what printTraceText and packTrace write", () => {
  const trace = readTrace(encode(ALL_KINDS));
  assertEquals(trace.operations, 10);
  assertEquals(trace.header, { ...HEADER, edition: "head", pageShift: 12 });
  const lines = printTraceText(trace).trimEnd().split("\n").slice(5);
  assertEquals(lines, [
    "a 0",
    "a 3 0x10002",
    "m 5 2",
    "m 1 2 0x1",
    "f 0",
    "p 0xfffffffffffff",
    "r 0x100040 4",
    "u 0x100040 4294967295",
    "f 536870911",
    "a 255",
  ]);
  assertEquals(readTrace(encode(printTraceText(trace))), trace);
  assertEquals(readTrace(packTrace(trace)), trace);
});

Deno.test("TraceInput reads the same whatever the pieces are that the file comes in", () => {
  const whole = readTrace(encode(ALL_KINDS));
  for (const bytes of [encode(ALL_KINDS), packTrace(whole)]) {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const input = new TraceInput();
      const builder = new TraceBuilder();
      const sink = (words: Uint32Array, length: number): void => builder.addWords(words, length);
      input.read(bytes.slice(0, cut), sink);
      for (const byte of bytes.slice(cut, cut + 20)) input.read(new Uint8Array([byte]), sink);
      input.read(bytes.slice(cut + 20), sink);
      input.end(sink);
      assertEquals(builder.build(input.header ?? HEADER), whole, `cut at ${cut}`);
    }
  }
});

Deno.test("readTrace names the line and the rule that a text breaks", () => {
  const cases: [string[], string][] = [
    [["x 1"], 'line 4 of the trace: an operation must be one of a, m, f, p, r, u, it is "x"'],
    [["a 0", "", "a"], "line 6 of the trace: behind a there must be order, [flags]"],
    [["f 1 2"], "line 4 of the trace: behind f there must be handle"],
    [["a 256"], 'line 4 of the trace: the order must be a number below 256, it is "256"'],
    [["a -1"], 'line 4 of the trace: the order must be a number below 256, it is "-1"'],
    [["f 536870912"], "line 4 of the trace: the handle must be a number below 536870912"],
    [["f 99999999999999999999999"], "line 4 of the trace: the handle must be a number below"],
    [["a 0 0x40000"], "line 4 of the trace: the flags must be a number below 262144"],
    [["p 0x10000000000000"], "line 4 of the trace: the frame must be a number below 4503599627370"],
    [["a 0", "arch s390x"], "line 5 of the trace: an operation must be one of"],
    [["area any 2 2"], "line 4 of the trace: an area must hold a frame, it is from 2 to 2"],
    [["area 256 2 3"], "line 4 of the trace: an area must be any or a number up to 255"],
    [["page-size 5000"], "line 4 of the trace: a page size must be a power of two of 4096 or more"],
    [["#".repeat(1100)], "line 4 of the trace: a line must not be longer than 1024 bytes"],
  ];
  for (const [lines, message] of cases) {
    assertThrows(() => traceOf(...lines), SyntaxError, `Cannot read ${message}`);
  }
  const cut = encode([...HEAD, "a 0", "f 0"].join("\n"));
  assertThrows(
    () => readTrace(cut),
    SyntaxError,
    "line 5 of the trace: it must end with a newline",
  );
  const noArch = encode("buddyscope-trace 1\narea any 1 2\na 0\n");
  assertThrows(() => readTrace(noArch), SyntaxError, 'the header must have a line "arch NAME"');
  assertThrows(() => readTrace(encode("")), SyntaxError, "its first line must be");
  assertThrows(() => readTrace(encode("\x7fELF\x02\n")), SyntaxError, "its first line must be");
});

Deno.test("readTrace names the operation at which a packed trace is damaged", () => {
  const packed = packTrace(traceOf("a 0", "m 1 2", "f 0"));
  const changed = (at: number, byte: number): Uint8Array => {
    const copy = packed.slice();
    copy[copy.length + at] = byte;
    return copy;
  };
  const cases: [Uint8Array, string][] = [
    [packed.slice(0, -1), "operation 3 of the trace: there must be 3 operations in 4 words"],
    [packed.slice(0, -6), "operation 2 of the trace: there must be 3 operations in 4 words"],
    [changed(-4, 7), "operation 3 of the trace: the kind must be 0 to 5, it is 7"],
    [changed(-6, 4), "operation 2 of the trace: the flags must be below 262144, unused bits 0"],
    [new Uint8Array([...packed, 2, 0, 0, 0]), "of the trace: there must be 4 words"],
    [packed.slice(0, 40), "the header of the trace: it must end with a line"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => readTrace(bytes), SyntaxError, message);
  }
});

Deno.test("TraceInput asks the formats that it is given", () => {
  const dots: TraceFormat = {
    name: "dots",
    beginning: ".",
    detects: (first) => first[0] === 0x2e,
    open: () => ({
      header: HEADER,
      read: (chunk, sink) => sink(new Uint32Array(chunk.length), chunk.length),
      end: () => {},
      placeOf: (index) => `dot ${index + 1}`,
      counts: () => [],
    }),
  };
  assertEquals(readTrace(encode("..."), [dots]), { ...traceOf("a 0", "a 0", "a 0") });
});

Deno.test("Replayer ends at what fails, and says what it was", () => {
  const cases: [string[], string, number, string][] = [
    [["a 0", "a 12"], "head", 2, "there is no block of order 12 for the request"],
    [["a 0", "f 0", "f 0"], "head", 3, "handle 0 was given back before"],
    [["a 0", "f 7"], "head", 2, "handle 7 is not among the 1 given out"],
    [["r 0x100010 1"], "buddy-2020-10", 1, "edition buddy-2020-10 cannot reserve frames"],
    [["r 0x100010 500"], "repaired", 1, "the frames cannot be reserved"],
    [["m 60 0"], "head", 1, "an alignment or a size in bytes does not fit a word of 64 bits"],
  ];
  for (const [lines, on, operation, why] of cases) {
    const { end, counts } = replay(traceOf(...lines), on);
    assertEquals(end, { kind: "failed", operation, why });
    assertEquals(counts.operations, operation - 1);
  }
  const areas = [{ area: 255, first: pfn(0x1000), top: pfn(0x1100) }];
  const { end } = replay(traceOf("p 0x123456"), "head", { arch: arch("i386"), areas });
  const why = "frame 0x123456 has no address of 32 bits";
  assertEquals(end, { kind: "failed", operation: 1, why });
});

Deno.test("Replayer counts what fails if it is to, and goes on", () => {
  const trace = traceOf("a 0", "a 12", "f 1", "f 0", "f 0", "f 9", "r 0x100010 500", "a 1");
  const { counts, end } = replay(trace, "head", { failures: "count" });
  assertEquals(end, null);
  assertEquals(counts, {
    operations: 8,
    requests: 3,
    failedRequests: 1,
    failedReservations: 1,
    releasesOfNothing: 1,
    wrongReleases: 2,
    literalOperations: counts.literalOperations,
  });
});

Deno.test("Replayer counts what gives back what is not in use, by handle, frame and reservation", () => {
  const given = ["r 0x100040 2", "u 0x100040 2", "a 0", "f 0", "p 0"];
  const wrong = ["f 0", "f 9", "p 0x100040", "p 0x900000", "p 0xfffffffffffff", "p 0x100000"];
  const wrongEnds = ["u 0x100040 1", "u 0x900000 1", "u 0x100030 2", "u 0xfffffffffffff 1"];
  const trace = traceOf(...given, ...wrong, ...wrongEnds, "m 60 0", "r 0x900000 1", "a 2");
  for (const on of ["pfn-2021-01", "head", "repaired"]) {
    for (const engine of ["fast", "literal"] as const) {
      const { counts, end } = replay(trace, on, { engine, failures: "count" });
      const { failedRequests, failedReservations, wrongReleases } = counts;
      assertEquals([end, counts.operations], [null, trace.operations], on);
      assertEquals([failedRequests, failedReservations, wrongReleases], [1, 1, 10], on);
    }
  }
  const { counts } = replay(trace, "buddy-2020-10", { failures: "count" });
  const { failedRequests, failedReservations, wrongReleases } = counts;
  assertEquals([failedRequests, failedReservations, wrongReleases], [1, 2, 11]);
});

Deno.test("Replayer leaves out a handle whose block was given back by its frame", () => {
  const trace = traceOf("a 3", "p 0x1000f8", "f 0", "a 3");
  const whole = replay(traceOf("a 3"), "repaired").areas();
  for (const engine of ["fast", "literal"] as const) {
    const replayer = replay(trace, "repaired", { engine, failures: "count" });
    assertEquals([replayer.end, replayer.counts.wrongReleases], [null, 1]);
    assertEquals(freeSummaryOf(replayer.areas()), freeSummaryOf(whole));
  }
});

Deno.test("writePageStates gives the bytes of all areas, one behind the other", () => {
  for (const seed of [3, 4, 5]) {
    const areas = replay(randomTrace(seed, 150, "tame"), "repaired", { failures: "count" }).areas();
    const runs = [...areas, ...areas].flatMap(({ states }) => states);
    const expected = runs.flatMap(({ state, count }) => Array.from({ length: count }, () => state));
    const bytes = new Uint8Array(expected.length + 9).fill(0xaa);
    assertEquals(writePageStates([...areas, ...areas], bytes.subarray(1)), expected.length);
    assertEquals([...bytes], [0xaa, ...expected, ...Array.from({ length: 8 }, () => 0xaa)]);
    assertThrows(
      () => writePageStates(areas, new Uint8Array(7)),
      RangeError,
      "there must be room for them, there is for 7",
    );
  }
});

Deno.test("Replayer reports a failed assertion as the literal engine does", () => {
  const trace = traceOf("a 0", "a 0", "p 0x100020", "a 0");
  const [fast, literal] = (["fast", "literal"] as const).map((engine) =>
    replay(trace, "head", { engine })
  );
  assert(fast?.end?.kind === "stopped" && fast.end.outcome.kind === "assertion-failed");
  assertEquals(fast.end, literal?.end);
  assertEquals(fast.end.operation, 3);
  assertEquals(fast.areas(), literal?.areas());
});

Deno.test("Replayer gives what the literal engine gives, on random traces of every edition", () => {
  const ends = { null: 0, stopped: 0, failed: 0 };
  for (const on of EDITIONS) {
    for (let seed = 1; seed <= 6; seed++) {
      const trace = randomTrace(seed * 7919, 250, seed % 2 === 0 ? "tame" : "wild");
      const failures = seed === 6 ? "stop" : "count";
      const run = (engine: "fast" | "literal"): unknown => {
        const replayer = new Replayer(optionsOf(trace, on, { engine, failures }));
        replayer.run(trace.words, 0, trace.words.length);
        const { literalOperations: _, ...counts } = replayer.counts;
        ends[replayer.end?.kind ?? "null"]++;
        return { end: replayer.end, counts, areas: replayer.areas() };
      };
      assertEquals(run("fast"), run("literal"), `${on.name}\n${printTraceText(trace)}`);
    }
  }
  assert(ends.null > 100 && ends.stopped > 5 && ends.failed > 5, JSON.stringify(ends));
});

Deno.test("Replayer comes back to the fast engine after a reservation", () => {
  const lines = Array.from({ length: 40 }, (_, pair) => [`a ${pair % 3}`, `f ${pair}`]).flat();
  const replayer = replay(traceOf("r 0x100040 1", ...lines), "repaired");
  assertEquals([replayer.engine, replayer.end], ["fast", null]);
  assert(replayer.counts.literalOperations < 10, `${replayer.counts.literalOperations}`);
});

Deno.test("Replayer needs memory for the handles in use, not for those given out", () => {
  const builder = new TraceBuilder();
  for (let pair = 0; pair < 50_000; pair++) builder.free(builder.alloc(0));
  const replayer = replay(builder.build(HEADER), "head");
  assertEquals(replayer.counts.operations, 100_000);
  assert(replayer.handleBytes < 32_768, `${replayer.handleBytes}`);
});

Deno.test("Recording.stateAt gives what a fresh run of so many operations gives", () => {
  const churn = WORKLOADS.find(({ name }) => name === "churn");
  assert(churn !== undefined);
  const made = makeWorkload(churn, 3000);
  const traces = [{ ...made, header: HEADER }, randomTrace(5, 600), randomTrace(99, 600)];
  for (const trace of traces) {
    for (const on of ["pfn-2021-01", "head", "repaired", "list-2020"]) {
      const options = optionsOf(trace, edition(on), { failures: "count" });
      const recording = recordTrace(trace, { ...options, mostCopyBytes: 0 });
      const steps = [0, recording.steps, 1, 500, 130, 131, recording.steps, 7];
      for (const step of steps.map((one) => Math.min(one, recording.steps))) {
        const fresh = new Replayer(options);
        fresh.run(trace.words, 0, trace.words.length, step);
        assertEquals(recording.stateAt(step), fresh.areas(), `${on}, step ${step}`);
      }
    }
  }
});

Deno.test("Recording keeps its copies within bounds, and finds every step between them", () => {
  const pages = WORKLOADS.find(({ name }) => name === "pages");
  assert(pages !== undefined);
  const trace = makeWorkload(pages, 300_000);
  const options = optionsOf(trace, edition("repaired"));
  const recording = recordTrace(trace, { ...options, mostCopyBytes: 2_000_000 });
  assert(recording.residentBytes < 300_000 * 12 + 4_000_000, `${recording.residentBytes}`);
  assertEquals([recording.steps, recording.end], [300_000, null]);
  for (const step of [300_000, 70_001, 150_000, 149_999, 0, 299_999]) {
    const { freeFrames } = freeSummaryOf(recording.stateAt(step));
    const inUse = step <= 150_000 ? step : 300_000 - step;
    assertEquals(freeFrames, 2 ** 20 - 256 - inUse, `step ${step}`);
  }
  assertEquals(recording.operationOf(0), null);
  const order = { alignOrder: 0, sizeOrder: 0, flags: 0 };
  assertEquals(recording.operationOf(150_000), { kind: "alloc", ...order });
  assertEquals(recording.operationOf(150_001)?.kind, "free");
  assertThrows(() => recording.stateAt(300_001), RangeError, "Cannot go to step 300001");
});

Deno.test("Recording goes back to before the assertion that ended it", () => {
  const trace = traceOf("a 0", "a 1", "f 0", "p 0x100020");
  const recording = recordTrace(trace, optionsOf(trace, edition("head")));
  assertEquals([recording.steps, recording.end?.kind], [3, "stopped"]);
  const before = recording.stateAt(2);
  assertEquals(recording.stateAt(3).length, 1);
  assertEquals(recording.stateAt(2), before);
});

Deno.test("makeWorkload makes the same trace each time, of as many operations as asked for", () => {
  for (const workload of WORKLOADS) {
    const trace = makeWorkload(workload, 1001, 7);
    assertEquals(trace.operations, 1001);
    assertEquals(makeWorkload(workload, 1001, 7), trace);
    const { end, counts } = replay(trace, "repaired");
    assertEquals([end, counts.operations, counts.literalOperations], [null, 1001, 0]);
  }
  const [first] = WORKLOADS;
  assert(first !== undefined);
  assertThrows(() => makeWorkload(first, -1), RangeError, "Cannot make -1 operations");
});
