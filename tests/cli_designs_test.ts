import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { packTrace, readTrace } from "../src/replay/mod.ts";
import { runCli } from "./cli_host.ts";

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

Deno.test("designs compares the boots, churn and the seeds, in at most 100 columns", async () => {
  const { code, out, err } = await runCli(["designs"]);
  assertEquals([code, err], [0, ""]);
  const titles = [...ARCHS.map(({ name }) => `boot of ${name}  `), "churn  ", "seeds  "];
  for (const title of titles) assertStringIncludes(out, `\n${title}`);
  for (const line of out.split("\n")) assert(line.length <= 100 && line === line.trimEnd(), line);
  // The clock of this host stands still, so no speed is told.
  assert(!out.includes("million operations"));
});

Deno.test("designs tells operations a second where all memory is laid out", async () => {
  const { code, out } = await runCli(["designs"], { tick: 1 });
  assertEquals(code, 0);
  const speeds = rowOf(out, "million operations / s");
  assertEquals(speeds.length, 6);
  // A step of the clock is a millisecond, and 100,000 operations of churn are run in one step.
  assertEquals(speeds, new Array<string>(6).fill("100.0"));
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
    [bytes.slice(0, -3), /^t: Cannot read .* of the trace/],
    [TRACE.replace("a 1", "a x"), /^t: Cannot read line 5 of the trace/],
    [TRACE.replace("s390x", "z80"), /^t: Cannot run the trace: its architecture .*"z80"/],
    [
      TRACE.replace("0x100011", "0x400000000"),
      /^t: Cannot compare designs on \d+ frames: there must be at most 16777216/,
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
    [["--trace", "t", "--arch", "arm"], "Options --trace and --arch exclude each other"],
    [["--trace", "t", "--ram", "1G"], "Options --trace and --ram exclude each other"],
    [["--trace", "none"], "Cannot read none: there is no such file or folder"],
    [["--arch", "s390"], 'Unknown architecture "s390"; the nearest is "s390x"'],
    [["--ram", "none"], "Option --ram must be a number of bytes"],
    [["--arch", "x86_64", "--ram", "2M"], "Cannot make the machine"],
    [["--arch", "x86_64", "--ram", "1T"], "Cannot compare designs on"],
  ];
  for (const [args, message] of uses) {
    const { code, out, err } = await runCli(["designs", ...args], { files: { t: TRACE } });
    assertEquals([code, out], [2, ""], args.join(" "));
    assertStringIncludes(err, message);
  }
});

Deno.test("designs shows how far it is", async () => {
  const { err } = await runCli(["designs"], { terminal: "yes", tick: 500 });
  assertMatch(err, /\d+ of 10 traces/);
});
