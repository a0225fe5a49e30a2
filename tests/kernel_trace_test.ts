import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type OperationSink,
  printTraceText,
  readTrace,
  TraceBuilder,
  traceFormats,
  TraceInput,
} from "../src/replay/mod.ts";
import { FrameTable, FREED } from "../src/replay/kernel/frame_table.ts";
import { runCli } from "./cli_host.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A trace of a kernel: its operations as text, where each stands, its counts that are not 0. */
interface Mapped {
  readonly format: string | null;
  readonly operations: readonly string[];
  readonly places: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Reads a trace in pieces of so many bytes. */
function mapped(text: string, piece = Infinity): Mapped {
  const bytes = encode(text);
  const input = new TraceInput();
  const builder = new TraceBuilder();
  const places: string[] = [];
  const sink: OperationSink = (words, length) => {
    builder.addWords(words, length);
    for (let index = 0; index < length; index++) places.push(input.placeOf(index));
  };
  for (let at = 0; at < bytes.length; at += piece) {
    input.read(bytes.slice(at, Math.min(bytes.length, at + piece)), sink);
  }
  input.end(sink);
  assert(input.header !== null);
  const lines = printTraceText(builder.build(input.header)).trimEnd().split("\n");
  const counts = input.counts().filter(({ value }) => value > 0)
    .map(({ name, value }) => [name, value]);
  return {
    format: input.format,
    operations: lines.slice(3),
    places,
    counts: Object.fromEntries(counts),
  };
}

const eventLine = (event: string): string => `  sh-7  [001] d..1.  12.000345: ${event}\n`;
const alloc = (pfn: number, order: number): string =>
  eventLine(`mm_page_alloc: page=0000000012ab pfn=${pfn} order=${order} migratetype=0 gfp_flags=0`);
const free = (pfn: number, order: number): string =>
  eventLine(`mm_page_free: page=0000000012ab pfn=0x${pfn.toString(16)} order=${order}`);
const batched = (pfn: number): string =>
  eventLine(`mm_page_free_batched: page=0000000012ab pfn=0x${pfn.toString(16)} order=0`);

/** The spellings of one allocation, of order 2 at frame 4660. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "Linux 2.6.32, ftrace":
    "   cat-99    [003]  4415.200001: mm_page_alloc: page=ffffea0003db9f40 pfn=4660 order=2 migratetype=0 gfp_flags=GFP_KERNEL",
  "Linux 4.15, hashed pointer":
    "   <...>-99    [003] ....   4415.200001: mm_page_alloc: page=00000000d2be5665 pfn=4660 order=2 migratetype=2 gfp_flags=GFP_KERNEL|__GFP_ZERO",
  "Linux 5.14, frame in hex":
    "   cat-99    [003] d..1.  4415.200001: mm_page_alloc: page=00000000d2be5665 pfn=0x1234 order=2 migratetype=1 gfp_flags=0x140cca",
  "a field that a patched kernel writes between":
    "   cat-99    [003] ....  4415.200001: mm_page_alloc: page=00000000d2be5665 pfn=4660 order=2 migratetype=0 nr_free=3650 gfp_flags=GFP_KERNEL",
  "fields in another order":
    "   cat-99    [003] ....  4415.200001: mm_page_alloc: order=2 nr_free=1 pfn=4660 page=00000000d2be5665",
  "trace-cmd report":
    " <...>-99  [003] 4415.200001: mm_page_alloc:        page=0x48d00 pfn=4660 order=2",
  "the event alone": "  mm_page_alloc:  page=0xffffffff981685f3 pfn=0x1234 order=2 migratetype=1",
  "the tracer of functions":
    " 4415.200001 |   1)               |  /* mm_page_alloc: page=0000000082b1fe73 pfn=4660 order=2 */",
  "perf script":
    "cat    99 [003]  4415.200001:             kmem:mm_page_alloc: page=0x1234 pfn=4660 order=2 migratetype=0 gfp_flags=GFP_KERNEL",
  "perf script with a period":
    "cat    99 [003]  4415.200001:          1 kmem:mm_page_alloc: page=0x1234 pfn=0x1234 order=2",
  "perf trace": "     0.000 kmem:mm_page_alloc:page=0xffffea0001 pfn=4660 order=2 migratetype=0",
  "a process whose name has spaces and colons":
    "Web: 1.5: x 99 [003]  4415.200001: kmem:mm_page_alloc: page=0x1234 pfn=4660 order=2",
  "tabs, and a carriage return at the end":
    "cat-99\t[003]\t4415.200001: mm_page_alloc: page=00000000d2be5665 pfn=4660 order=2\r",
  "a page of zeros, as some programs write it":
    "cat-99 [003] .... 4415.200001: mm_page_alloc: page=0000000000000000 pfn=0x1234 order=2",
};

Deno.test("readTrace reads an allocation in each of its spellings", () => {
  for (const [name, line] of Object.entries(SPELLINGS)) {
    const { counts, format, operations, places } = mapped(`${line}\n`);
    assertEquals(operations, ["a 2"], name);
    assertEquals(places, ["line 1"], name);
    assertEquals(counts, { lines: 1, allocations: 1, mostFrames: 4 }, name);
    assertEquals(format, line.includes("kmem:") ? "perf" : "ftrace", name);
  }
});

Deno.test("readTrace counts an allocation that failed, in each of its spellings", () => {
  const fields = [
    "page=(nil) pfn=0 order=9",
    "page=(null) pfn=0 order=9",
    "page=          (null) pfn=12345 order=9",
    "page=0000000000000000 pfn=0x0 order=9",
    "page=0x0 pfn=0 order=9",
    "page=00000000ffffffff pfn=18446744073709551615 order=9",
    "page=00000000ffffffff pfn=0xffffffffffffffff order=9",
    "page=00000000ffffffff pfn=-1 order=9",
    "page=(nil) pfn=4294967295 order=40",
    // Before Linux 2.6.34, the frame was reckoned from no page at all.
    "page=(null) pfn=7905747460161236406 order=9",
  ];
  for (const text of fields) {
    const line = eventLine(`mm_page_alloc: ${text} migratetype=1 gfp_flags=GFP_TRANSHUGE`);
    assertEquals(mapped(line).counts, { lines: 1, failedAllocations: 1 }, text);
  }
});

Deno.test("readTrace gives each free the handle of its frame's block", () => {
  const text = alloc(64, 0) + alloc(128, 3) + free(64, 0) + alloc(64, 1) + free(128, 3) +
    free(64, 1);
  const { counts, operations, places } = mapped(text);
  assertEquals(operations, ["a 0", "a 3", "f 0", "a 1", "f 1", "f 2"]);
  assertEquals(places.at(-1), "line 6");
  assertEquals(counts, { lines: 6, allocations: 3, frees: 3, mostFrames: 10 });
});

Deno.test("readTrace takes a free once that old and new kernels tell twice", () => {
  const direct = (pfn: number): string =>
    eventLine(`mm_page_free_direct: page=ffffea00012ab pfn=${pfn} order=0`);
  const pagevec = (pfn: number): string =>
    eventLine(`mm_pagevec_free: page=ffffea00012ab pfn=${pfn} order=0 cold=0`);
  const twice: [string, string, number][] = [
    ["mm_page_free_direct twice", direct(9) + direct(9), 0],
    ["the batch first", batched(9) + free(9, 0), 1],
    ["the batch behind", free(9, 0) + batched(9), 1],
    ["mm_pagevec_free", pagevec(9) + direct(9), 1],
  ];
  for (const [name, frees, batchedFrees] of twice) {
    const { counts, operations } = mapped(alloc(9, 0) + frees + alloc(9, 0));
    assertEquals(operations, ["a 0", "f 0", "a 0"], name);
    const expected = { lines: 4, allocations: 2, frees: 1, duplicateFrees: 1, mostFrames: 1 };
    assertEquals(counts, batchedFrees === 0 ? expected : { ...expected, batchedFrees }, name);
  }
  // In Linux 2.6.32 it was the only event of such a page.
  assertEquals(mapped(alloc(9, 0) + pagevec(9)).operations, ["a 0", "f 0"]);
});

Deno.test("readTrace leaves out frees of what was allocated before the trace", () => {
  const { counts, operations } = mapped(free(512, 3) + free(512, 3) + alloc(515, 0) + free(4, 0));
  assertEquals(operations, ["a 0"]);
  assertEquals(counts, {
    lines: 4,
    allocations: 1,
    earlierFrees: 2,
    duplicateFrees: 1,
    mostFrames: 1,
  });
});

Deno.test("readTrace frees a block with the last of its parts", () => {
  const parts = [3, 0, 2, 1].map((page) => free(64 + page, 0));
  const { counts, operations, places } = mapped(alloc(64, 2) + parts.join(""));
  assertEquals(operations, ["a 2", "f 0"]);
  assertEquals(places, ["line 1", "line 5"]);
  assertEquals(counts, { lines: 5, allocations: 1, partialFrees: 4, mostFrames: 4 });
  // A part that is given out again, whole or not, is a block of its own.
  const again = mapped(
    alloc(64, 3) + free(64, 1) + alloc(64, 1) + free(66, 1) + free(68, 2) + free(64, 0) +
      free(65, 0),
  );
  assertEquals(again.operations, ["a 3", "a 1", "f 0", "f 1"]);
  assertEquals(again.counts["partialFrees"], 5);
  // The same part twice is a duplicate, and does not count twice.
  const twice = mapped(alloc(64, 1) + free(64, 0) + free(64, 0) + free(65, 0));
  assertEquals(twice.operations, ["a 1", "f 0"]);
  assertEquals(twice.counts["duplicateFrees"], 1);
});

Deno.test("readTrace frees what a larger free, or a frame given out again, shows to be free", () => {
  const larger = mapped(alloc(64, 0) + alloc(66, 0) + free(64, 2));
  assertEquals(larger.operations, ["a 0", "a 0", "f 0", "f 1"]);
  assertEquals([larger.counts["largerFrees"], larger.counts["missedFrees"]], [1, 1]);
  const cases: [string, string, string[]][] = [
    ["the same frame", alloc(64, 0) + alloc(64, 0), ["a 0", "f 0", "a 0"]],
    ["a part of a block", alloc(64, 3) + alloc(70, 1), ["a 3", "f 0", "a 1"]],
    ["blocks within", alloc(64, 0) + alloc(66, 1) + alloc(64, 2), [
      "a 0",
      "a 1",
      "f 0",
      "f 1",
      "a 2",
    ]],
    ["the last part", alloc(64, 1) + free(64, 0) + alloc(65, 0), ["a 1", "f 0", "a 0"]],
    ["a free from before", alloc(65, 0) + free(64, 1), ["a 0", "f 0"]],
  ];
  for (const [name, text, operations] of cases) {
    const found = mapped(text);
    assertEquals(found.operations, operations, name);
    assertEquals(found.counts["missedFrees"], operations.filter((one) => one[0] === "f").length);
  }
});

Deno.test("readTrace counts the lines that are no allocation and no free", () => {
  const text = [
    "# tracer: nop",
    "# entries-in-buffer/entries-written: 100/130   #P:4",
    "# mm_page_alloc: page=0 pfn=77 order=0, quoted",
    "cpus=4",
    "CPU 0 is empty",
    "version = 7",
    "CPU:3 [LOST 12 EVENTS]",
    "CPU:3 [LOST EVENTS]",
    "CPU:1 [5 EVENTS DROPPED]",
    "perf    99 [003]  4415.200001: PERF_RECORD_LOST lost 7",
    eventLine("mm_page_alloc_zone_locked: page=0000000012ab pfn=5 order=0 migratetype=0").trimEnd(),
    eventLine("mm_page_pcpu_drain: page=0000000012ab pfn=5 order=0 migratetype=0").trimEnd(),
    eventLine("mm_page_alloc_extfrag: page=0000000012ab pfn=5 alloc_order=0").trimEnd(),
    eventLine("tracing_mark_write: mm_page_alloc: page=1 pfn=5 order=0").trimEnd(),
    eventLine("sched_switch: prev_comm=sh ==> next_comm=cat").trimEnd(),
    alloc(5, 0).trimEnd(),
    "        ffffffffbe23e32e __alloc_pages_nodemask+0x22e (/lib/modules/vmlinux)",
    "        55d0c0ffee00 std::vector<int>::push_back (/usr/bin/x)",
    " => trace_event_raw_event_mm_page_free",
    "",
    "",
  ].join("\n");
  const { counts, operations, places } = mapped(text);
  assertEquals([operations, places], [["a 0"], ["line 16"]]);
  assertEquals(counts, {
    lines: 20,
    allocations: 1,
    innerEvents: 3,
    otherEvents: 2,
    otherLines: 14,
    lostEvents: 30 + 12 + 1 + 5 + 7,
    mostFrames: 1,
  });
});

/** An event on frames. */
interface FrameEvent {
  readonly kind: "alloc" | "free" | "batched" | "other";
  readonly pfn: number;
  readonly order: number;
}

/** Random events on few frames, some of them wrong. */
function randomEvents(count: number, seed: number): FrameEvent[] {
  let state = seed;
  const below = (bound: number): number => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  return Array.from({ length: count }, () => {
    const order = below(8) === 0 ? below(11) : below(2);
    const pfn = 2 ** 11 + Math.floor(below(4096) / 2 ** order) * 2 ** order;
    const kinds = ["alloc", "alloc", "alloc", "free", "free", "free", "batched", "other"] as const;
    const kind = kinds[below(kinds.length)] ?? "other";
    return { kind, pfn, order: kind === "batched" ? 0 : order };
  });
}

function textOf(events: readonly FrameEvent[]): string {
  return events.map(({ kind, pfn, order }) => {
    if (kind === "alloc") return alloc(pfn, order);
    if (kind === "free") return free(pfn, order);
    return kind === "batched" ? batched(pfn) : "    ffffffffbe23e32e free_unref_page\n";
  }).join("");
}

/** A block of the plain mapping below. */
interface PlainBlock {
  readonly head: number;
  readonly size: number;
  readonly frames: Set<number>;
  isSplit: boolean;
}

/** The same mapping, plainly: each block has the set of its frames. */
function plainOperations(events: readonly FrameEvent[]): string[] {
  const operations: string[] = [];
  const blocks: PlainBlock[] = [];
  const owners = new Map<number, number>();
  const known = new Set<number>();
  const give = (handle: number, frames: Iterable<number>): void => {
    for (const frame of [...frames]) {
      if (owners.get(frame) !== handle) continue;
      owners.delete(frame);
      blocks[handle]?.frames.delete(frame);
    }
    if (blocks[handle]?.frames.size === 0) operations.push(`f ${handle}`);
  };
  const forget = (frames: readonly number[]): void => {
    for (const frame of frames) {
      const handle = owners.get(frame);
      const block = blocks[handle ?? -1];
      if (handle === undefined || block === undefined) continue;
      give(handle, block.isSplit ? frames : block.frames);
    }
  };
  for (const { kind, pfn, order } of events.filter((event) => event.kind !== "other")) {
    const frames = Array.from({ length: 2 ** order }, (_, index) => pfn + index);
    const handle = owners.get(pfn);
    const block = blocks[handle ?? -1];
    if (kind === "alloc") {
      forget(frames);
      for (const frame of frames) owners.set(frame, blocks.length);
      blocks.push({ head: pfn, size: 2 ** order, frames: new Set(frames), isSplit: false });
      operations.push(`a ${order}`);
    } else if (handle !== undefined && block !== undefined) {
      const isWhole = !block.isSplit && block.head === pfn && block.size <= 2 ** order;
      if (!isWhole) block.isSplit = true;
      give(handle, isWhole ? block.frames : frames);
      forget(frames);
    } else if (!known.has(pfn)) forget(frames);
    else continue;
    for (const frame of frames) known.add(frame);
  }
  return operations;
}

Deno.test("readTrace maps random events as a plain mapping does, whatever the pieces", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const events = randomEvents(4000, seed);
    const text = textOf(events);
    const whole = mapped(text);
    assertEquals(whole.operations, plainOperations(events), `seed ${seed}`);
    for (const piece of [97, 65_536]) assertEquals(mapped(text, piece), whole, `seed ${seed}`);
    const sum = (...names: string[]): number =>
      names.reduce((total, name) => total + (whole.counts[name] ?? 0), 0);
    const frees = ["frees", "partialFrees", "largerFrees", "earlierFrees", "duplicateFrees"];
    assertEquals(sum("allocations", "otherLines", ...frees), sum("lines"));
    for (const name of [...frees, "missedFrees", "batchedFrees"]) assert(sum(name) > 10, name);
  }
});

Deno.test("readTrace names the line of a kernel's trace that cannot be, and the way out", () => {
  const cases: [string, string][] = [
    [
      alloc(4, 0) + eventLine("mm_page_alloc: order=0"),
      'line 2 of the trace: mm_page_alloc must have pfn=NUMBER, below 2^52, and order=NUMBER, as kernels write it, it is "order=0"',
    ],
    [eventLine("mm_page_free: page=1 pfn=zz order=0"), 'it is "page=1 pfn=zz order=0"'],
    [eventLine("mm_page_free: page=1 pfn=12"), "line 1 of the trace: mm_page_free must have"],
    [eventLine("mm_page_free: pfn=-1 order=0"), "line 1 of the trace: mm_page_free must have"],
    [eventLine("mm_page_alloc: pfn=1abc order=0"), "line 1 of the trace: mm_page_alloc must have"],
    [alloc(6, 2), "line 1 of the trace: mm_page_alloc must be of order 0 to 20, and its frame a"],
    [alloc(2 ** 22, 21), "line 1 of the trace: mm_page_alloc must be of order 0 to 20"],
    [alloc(4, 0).slice(0, -9), "line 1 of the trace: it must end with a newline; is the file cut"],
    [
      alloc(4, 0).repeat(1000) + "x".repeat(70_000) + "\n",
      "line 1001 of the trace: a line must not be longer than 65536 bytes",
    ],
    ["# tracer: nop\n#\n", "in its 2 lines there is none; record kmem:mm_page_alloc and kmem:mm"],
    [eventLine("sched_switch: prev_comm=sh"), "in its 1 lines there is none"],
  ];
  for (const [text, message] of cases) {
    for (const piece of [Infinity, 1000]) {
      const error = assertThrows(() => mapped(text, piece), SyntaxError, message);
      assert(error.message.startsWith("Cannot read "), error.message);
    }
  }
});

Deno.test("readTrace says what a file is that is no trace, and what makes one of it", () => {
  const cases: [number[] | string, string][] = [
    [[0x17, 0x08, 0x44, ...encode("tracing"), 0x36, 0], "`trace-cmd report -i trace.dat`"],
    ["PERFILE2\x68\0\0\0", "the text of `perf script -i perf.data` is one"],
    [[0x1f, 0x8b, 8, 0], "compressed by gzip; `gzip -dc FILE | buddyscope replay -`"],
    [[0xfd, ...encode("7zXZ"), 0], "compressed by xz"],
    [[0x28, 0xb5, 0x2f, 0xfd, 4], "compressed by zstd"],
    [[0xff, 0xfe, 0x23, 0], "a text in UTF-16; `iconv"],
    ["----\nTotal alloc (KB) | Hits | Order |\n64 | 4 | 2 |\n", "`perf kmem stat`, which has sums"],
    ["SUMMARY (page allocator)\n========\n", "`perf kmem stat`, which has sums"],
    [
      "# of a server\n\nNode 0, zone Normal 1 2\n",
      "a table of free memory; `buddyscope frag FILE`",
    ],
    ["", "its first line must be"],
    ["", "the file is empty"],
    [
      "nonsense\n",
      'an event of ftrace or trace-cmd report or an event of perf script, it is "nons',
    ],
  ];
  for (const [bytes, message] of cases) {
    const file = typeof bytes === "string" ? encode(bytes) : new Uint8Array(bytes);
    const error = assertThrows(() => readTrace(file), SyntaxError, message);
    assert(error.message.startsWith("Cannot read the trace: "), error.message);
  }
});

Deno.test("readTrace takes frames up to 2^52, and refuses those beyond", () => {
  const far = alloc(2 ** 51, 0) + alloc(2 ** 52 - 1, 0) + free(2 ** 51, 0);
  assertEquals(mapped(far).operations, ["a 0", "a 0", "f 0"]);
  for (const line of [alloc(2 ** 52, 0), alloc(2 ** 60, 0), alloc(-2, 0), free(2 ** 52, 0)]) {
    assertThrows(() => mapped(line), SyntaxError, "must have pfn=NUMBER, below 2^52");
  }
  assertEquals(mapped(free(2 ** 32 - 1, 0)).counts["earlierFrees"], 1);
});

Deno.test("FrameTable refuses frames without end, as nonsense can name them", () => {
  const table = new FrameTable(3);
  for (const pfn of [0, 511, 2 ** 40, 2 ** 51, 5]) table.fill(pfn, 1, FREED);
  assertEquals([0, 1, 5, 2 ** 40, 2 ** 51].map((pfn) => table.stateOf(pfn)), [1, 0, 1, 1, 1]);
  assertThrows(
    () => table.stateOf(512),
    RangeError,
    "its frames must lie in at most 3 stretches of 512, cut the trace into parts",
  );
});

Deno.test("traceFormats runs a kernel's trace on the machine that it is given", () => {
  const formats = traceFormats({ arch: "s390x", frames: 3000 });
  const { header } = readTrace(encode(alloc(4, 0)), formats);
  assertEquals(header.arch, "s390x");
  assertEquals(header.areas.map(({ area, first, top }) => [area, first, top]), [[0, 4096, 7096]]);
});

Deno.test("replay runs a kernel's trace, and prints what was mapped", async () => {
  const files = { "k.txt": alloc(64, 0) + alloc(128, 4) + free(64, 0) + free(3, 0) };
  const { code, err, out } = await runCli(["replay", "k.txt", "--ram=128K"], { files });
  assertEquals([code, err], [0, ""]);
  assertEquals(out.split("\n").slice(0, 14), [
    "k.txt  x86_64",
    "",
    "lines                                         4",
    "allocations                                   2",
    "frees                                         1",
    "frees of what was allocated before the trace  1",
    "frames in use at a time, at most              17",
    "",
    "                        repaired",
    "ended                   at the end",
    "operations              3",
    "requests                2",
    "free pages              15",
    "largest free block      order 3, 32 KiB",
  ]);
  const json = await runCli(["replay", "k.txt", "--json", "--arch=arm"], { files });
  const { mapping, runs } = JSON.parse(json.out);
  assertEquals([mapping.format, mapping.earlierFrees, mapping.lostEvents], ["ftrace", 1, 0]);
  assertEquals([runs[0].arch, runs[0].requests], ["arm", 2]);
});

Deno.test("replay says that a kernel's trace needs more RAM, and runs it with --count", async () => {
  const files = { "k.txt": alloc(64, 4) + alloc(128, 4) + free(128, 4) };
  const short = await runCli(["replay", "k.txt", "--ram=64K"], { files });
  assertEquals(short.code, 1);
  assertStringIncludes(
    short.out,
    "repaired ended at line 1: there is no block of order 4 for the request\n\n" +
      "The trace ran on 64 KiB: --ram SIZE gives it more, --count goes on.\n",
  );
  for (const words of [["replay", "k.txt", "--report=-"], ["designs", "--trace=k.txt"]]) {
    const { code, out } = await runCli([...words, "--ram=64K"], { files });
    assertEquals(code, 0);
    assertStringIncludes(out, "\n\nThe trace ran on 64 KiB: --ram SIZE gives it more.\n");
  }
  const counted = await runCli(["replay", "k.txt", "--ram=128K", "--count"], { files });
  assertEquals(counted.code, 0);
  assertMatch(counted.out, /^requests that failed +1$/m);
  assertMatch(counted.out, /^their releases, left out +1$/m);
});

Deno.test("replay refuses a machine that is none, or for a trace that says its own", async () => {
  const own = "buddyscope-trace 1\narch x86_64\narea any 0x100000 0x100011\na 0\n";
  const files = { "k.txt": alloc(64, 0), "own.txt": own };
  const cases: [string[], string][] = [
    [["own.txt", "--ram=1G"], "Option --ram is for a kernel's trace: this one says its machine"],
    [["own.txt", "--arch=arm"], "Option --arch is for a kernel's trace"],
    [["--workload=pairs:10", "--ram=1G"], "Option --ram is for a kernel's trace"],
    [["k.txt", "--ram=1K"], "Option --ram must be 64 KiB to 4 EiB on x86_64, it is 1 KiB"],
    [["k.txt", "--ram=2G", "--arch=i386"], "must be 64 KiB to 1 GiB on i386, it is 2 GiB"],
    [["k.txt", "--arch=x86"], 'Unknown architecture "x86"'],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await runCli(["replay", ...args], { files });
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});
