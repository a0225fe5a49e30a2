import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { packTrace, readTrace } from "../src/replay/mod.ts";
import { runCli, runCliWriting } from "./cli_host.ts";
import { readSvg } from "./svg_reader.ts";

const TRACE = [
  "buddyscope-trace 1",
  "arch s390x",
  "area any 0x100000 0x100011",
  ...["a 0", "a 1", "f 0", "a 2", "r 0x10000f 1", ""],
].join("\n");

/** The cells of the row that begins with a title. */
function rowOf(out: string, title: string): string[] {
  const line = out.split("\n").find((one) => one.startsWith(title)) ?? "";
  return line.slice(title.length).trim().split(/ {2,}/);
}

Deno.test("designs compares the boots, churn and the seeds, and shows how far it is", async () => {
  const settings = { terminal: "yes", tick: 500 } as const;
  const { code, out, err } = await runCli(["designs", "--color=never"], settings);
  assertEquals(code, 0);
  assertMatch(err, /\d+ of 10 traces/);
  const titles = [...ARCHS.map(({ name }) => `boot of ${name}  `), "churn  ", "seeds  "];
  for (const title of titles) assertStringIncludes(out, `\n${title}`);
  for (const line of out.split("\n")) assert(line.length <= 100 && line === line.trimEnd(), line);
  // 100,000 operations of churn are run in one step of the clock, which is half a second; of the others
  // there are too few.
  assertEquals(rowOf(out, "million operations / s"), new Array<string>(6).fill("0.2"));
});

Deno.test("designs shows one trace of a file, text or packed, as a table and as JSON", async () => {
  const bytes = packTrace(readTrace(new TextEncoder().encode(TRACE)));
  const text = await runCli(["designs", "--trace", "t"], { files: { t: TRACE } });
  const packed = await runCli(["designs", "--trace", "t"], { bytes: { t: bytes } });
  assertEquals([text.code, text.err], [0, ""]);
  assertEquals(packed, text);
  // Free in the end: 0x100001, 0x100010, and of the block that was cut up 8 to b, c and d, e.
  assertStringIncludes(text.out, "\nt  s390x, 64 KiB in frames of 4 KiB, 3 requests, 1 release\n");
  assertEquals(rowOf(text.out, "nodes lost, marked unused"), ["5", "-", "5", "-", "-", "-"]);
  assertEquals(rowOf(text.out, "from order"), [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
  ]);
  const json = await runCli(["designs", "--trace=-", "--json"], { files: { "-": TRACE } });
  assertEquals([json.code, json.err], [0, ""]);
  const { format, designs, traces } = JSON.parse(json.out);
  assertEquals(format, "buddyscope-designs-1");
  assertEquals(designs.map(({ name }: { name: string }) => name), [
    "a",
    "b",
    "c1",
    "c2",
    "c3",
    "c3-",
  ]);
  const [trace, ...more] = traces;
  assertEquals([trace.name, trace.arch, trace.frames, more], ["standard input", "s390x", 16, []]);
  assertEquals(trace.designs[0].kept, [5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals(trace.designs[0].operationsPerSecond, null);
});

Deno.test("designs runs a kernel's trace on a machine of one's choice, and tells what was mapped", async () => {
  const event = "  sh-7  [001] d..1.  12.5: mm_page_alloc: page=0000000012ab pfn=0x40 order=2\n";
  const files = { t: `${event}${event.replaceAll("alloc", "free").replace("order=2", "order=1")}` };
  const words = ["designs", "--trace=t", "--arch=ppc64", "--ram=1M"];
  const { code, out, err } = await runCli(words, { files });
  assertEquals([code, err], [0, ""]);
  assertEquals(rowOf(out, "frees of a part of a block"), ["1"]);
  assertMatch(out, /\nt {2}ppc64, 960 KiB in frames of 64 KiB, 1 request\n/);
  const { mapping } = JSON.parse((await runCli([...words, "--json"], { files })).out);
  assertEquals([mapping.format, mapping.lines, mapping.partialFrees], ["ftrace", 2, 1]);
});

Deno.test("designs boots the architectures that are named, with the RAM that is asked for", async () => {
  const { code, out } = await runCli(["designs", "--arch=arm,s390x,arm", "--ram=64M"]);
  assertEquals(code, 0);
  const titles = [...out.matchAll(/^boot of (\w+) {2}\w+, ([\d.]+) MiB/gm)];
  assertEquals(titles.map(([, name]) => name), ["arm", "s390x"]);
  for (const [title, , size] of titles) assert(Number(size) > 50 && Number(size) < 64, title);
  assert(!out.includes("\nchurn"));
});

Deno.test("designs says what is wrong with a trace, and where", async () => {
  const bytes = packTrace(readTrace(new TextEncoder().encode(TRACE)));
  const head = "buddyscope-trace 1\n";
  const traces: readonly (readonly [content: string | Uint8Array, message: RegExp])[] = [
    ["", /^t: Cannot read the trace: its first line must be /],
    ["nonsense\n", /^t: Cannot read the trace: its first line must be .*"nonsense"/],
    [head, /^t: Cannot read .*"arch NAME"/],
    [TRACE.slice(0, -3), /^t: Cannot read line 8 of the trace/],
    [new Uint8Array(5_000_000), /^t: Cannot read the trace: its first line must be /],
    [Uint8Array.from({ length: 9000 }, (_, at) => at * at % 251), /^t: Cannot read the trace: /],
    [`${TRACE}${"a".repeat(100_000)}`, /^t: Cannot read line 9 of the trace: a line must not be/],
    [bytes.slice(0, 40), /^t: Cannot read /],
    [bytes.slice(0, -3), /^t: Cannot read .* of the trace/],
    [TRACE.replace("a 1", "a x"), /^t: Cannot read line 5 of the trace/],
    [TRACE.replace("s390x", "z80"), /^t: Cannot run the trace: its architecture .*"z80"/],
    [
      TRACE.replace("0x100011", "0x1000000000"),
      /^t: Cannot compare designs on \d+ frames: there must be at most 34359738368/,
    ],
    [TRACE.replace("0x100011", "0x100003"), /^t: Cannot run the trace: no area of it has a frame/],
  ];
  for (const [content, message] of traces) {
    const settings = typeof content === "string"
      ? { files: { t: content } }
      : { bytes: { t: content } };
    const { code, out, err } = await runCli(["designs", "--trace", "t"], settings);
    assertEquals([code, out], [2, ""], err);
    assertMatch(err, message);
  }
});

Deno.test("designs refuses what it cannot do", async () => {
  const uses: readonly (readonly [args: readonly string[], message: string])[] = [
    [["t"], "designs takes options only"],
    [["--trace", "t", "--arch", "arm"], "Option --arch is for a kernel's trace"],
    [["--trace", "t", "--ram", "1G"], "Option --ram is for a kernel's trace"],
    [["--trace", "t", "--ram", "1K"], "Option --ram must be 64 KiB to 4 EiB on x86_64"],
    [["--trace", "none"], "Cannot read none: there is no such file or folder"],
    [["--arch", "s390"], 'Unknown architecture "s390"; the nearest is "s390x"'],
    [["--ram", "none"], "Option --ram must be a number of bytes"],
    [["--arch", "x86_64", "--ram", "2M"], "Cannot make the machine"],
    [["--arch", "s390x", "--ram", "64T"], "Cannot boot s390x with 64 TiB of RAM"],
    [["--json", "--picture", "-"], "Options --json and --picture - exclude each other"],
    [["--trace", "t", "--picture", "out/"], "Cannot write out/: it is a folder"],
  ];
  for (const [args, message] of uses) {
    const { code, out, err } = await runCli(["designs", ...args], { files: { t: TRACE } });
    assertEquals([code, out], [2, ""], args.join(" "));
    assertStringIncludes(err, message);
  }
});

const BIG = TRACE.replace("0x100011", "0x400100001").replace("a 2", "a 33");

Deno.test("designs runs a trace of 64 TiB with a block of 32 TiB", async () => {
  const { code, out, err } = await runCli(["designs", "--trace", "t"], { files: { t: BIG } });
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(
    out,
    "\nt  s390x, 64.0 TiB in frames of 4 KiB, 3 requests, 1 release, 1 refused\n",
  );
  assertEquals(rowOf(out, "metadata").length, 5);
  assertMatch(out, /\nreport 4 in-place +lost 1717567\d+ +- +lost 1717567\d+ +- +- +-\n/);
  for (const line of out.split("\n")) assert(line.length <= 110, line);
});

Deno.test("designs --picture draws the trace beside the tables, or - alone", async () => {
  const files = { t: TRACE };
  const words = ["designs", "--trace", "t", "--picture"];
  const { code, out, written } = await runCliWriting([...words, "x.svg"], { files });
  assertEquals([code, Object.keys(written)], [0, ["x.svg"]]);
  assertStringIncludes(out, "\nt  s390x");
  const alone = await runCli([...words, "-"], { files });
  assertEquals([alone.code, alone.out], [0, written["x.svg"]]);
  const elements = readSvg(alone.out);
  assertEquals(elements[0]?.attributes["id"], "buddyscope-designs");
  const texts = elements.map(({ text }) => text);
  assert(texts.includes("designs of metadata on t, s390x, 64 KiB"), texts.slice(0, 9).join());
  // Each policy has a field for each design, which says in words what became of it.
  const fields = elements.filter(({ title }) => /^c?[abc][123]?-?, .*: /.test(title));
  assert(fields.length >= 15 * 6, `${fields.length} fields`);
  for (const text of ["b", "64 TiB", "0.01 %", "cma faults", "nothing happens"]) {
    assert(texts.some((one) => one.split(" ").join(" ").includes(text)), text);
  }
});

Deno.test("designs --json has the policies, and each design's outcome and sizes", async () => {
  const { code, out } = await runCli(["designs", "--trace=t", "--json"], { files: { t: TRACE } });
  assertEquals(code, 0);
  const { policies, designs, traces: [{ hazards }] } = JSON.parse(out);
  assertEquals(policies.length * designs.length, hazards.length);
  const [a, b] = hazards.filter((one: { policy: string }) => one.policy === "report 0 in-place");
  assertEquals([a.design, a.operations, a.stopped, a.lost], ["a", 4, null, 16]);
  assertEquals([b.design, b.operations, b.stopped, b.lost], ["b", 4, null, 0]);
  const { sizes } = designs[1];
  assertEquals(sizes.map(({ ram }: { ram: number }) => Math.log2(ram)), [27, 30, 34, 40, 46]);
  assertEquals(sizes[4].metadataBytes, 2 ** 40 + 35 * 16);
});
