import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { makeWorkload, packTrace, readTrace, WORKLOADS } from "../src/replay/mod.ts";
import { runCli, runCliWriting } from "./cli_host.ts";

const TRACE = [
  "buddyscope-trace 1",
  "arch x86_64",
  "area any 0x100000 0x100011",
  "# four operations",
  "a 0",
  "a 1",
  "f 0",
  "a 2",
  "",
].join("\n");
const PACKED = packTrace(readTrace(new TextEncoder().encode(TRACE)));

Deno.test("replay prints a table of the editions, and where one of them ended", async () => {
  const files = { "t.txt": `${TRACE}p 0x100009\n` };
  const { code, out, err } = await runCli(
    ["replay", "t.txt", "--edition=pfn-2021-01,repaired"],
    { files },
  );
  assertEquals([code, err], [1, ""]);
  assertEquals(out.split("\n"), [
    "t.txt  x86_64",
    "",
    "                        pfn-2021-01      repaired",
    "ended                   at operation 5   at operation 5",
    "operations              4                4",
    "requests                3                3",
    "free pages              10               10",
    "largest free block      order 3, 32 KiB  order 3, 32 KiB",
    "unusable for 2 MiB      1.000            1.000",
    "free blocks of order 0  2                2",
    "free blocks of order 3  1                1",
    "",
    "pfn-2021-01 ended at line 9: lib/alloc_page.c:240: assert failed: " +
    "a->page_states[p] == (order |",
    "  ALLOC_MASK)",
    "",
    "repaired ended at line 9: lib/alloc_page.c:285: assert failed: " +
    "IS_ALLOCATED(a->page_states[p])",
    "",
  ]);
});

Deno.test("replay shows the state after an operation, from text and packed alike", async () => {
  const files = { "t.txt": TRACE };
  const args = (path: string): string[] => ["replay", path, "--step=3", "--show=map,lists"];
  const text = await runCli(args("t.txt"), { files });
  assertEquals([text.code, text.err], [0, ""]);
  assertStringIncludes(text.out, "page map  repaired  after operation 3, line 7");
  assertMatch(text.out, /^100000 +## .0 A1 -- .2/m);
  assertStringIncludes(text.out, "order 0  2  100010 100001");
  const packed = await runCli(args("t.bin"), { bytes: { "t.bin": PACKED } });
  const expected = text.out.replaceAll("line 7", "operation 3").replace("t.txt", "t.bin");
  assertEquals(packed.out, expected);
});

Deno.test("replay --json tells the same, with the areas after a step", async () => {
  const { code, out } = await runCli(["replay", "-", "--json", "--step=4", "--edition=head"], {
    files: { "-": TRACE },
  });
  assertEquals(code, 0);
  const { format, trace, runs } = JSON.parse(out);
  assertEquals([format, trace, runs.length], ["buddyscope-replay-1", "standard input", 1]);
  const [run] = runs;
  assertEquals([run.edition.name, run.arch, run.pageSize], ["fresh-2021-01", "x86_64", 4096]);
  assertEquals([run.operations, run.requests, run.end, run.freeFrames], [4, 3, null, 10]);
  assertEquals(run.areas[0].base, 0x100001);
});

Deno.test("replay counts failures with --count, and else ends with the line and the reason", async () => {
  const files = { "t.txt": `${TRACE}# too much\na 5\nf 0\n` };
  const ended = await runCli(["replay", "t.txt"], { files });
  assertEquals(ended.code, 1);
  assertStringIncludes(
    ended.out,
    "repaired ended at line 10: there is no block of order 5 for the request",
  );
  const counted = await runCli(["replay", "t.txt", "--count"], { files });
  assertEquals(counted.code, 0);
  assertMatch(counted.out, /^requests that failed +1$/m);
  assertMatch(counted.out, /^releases of nothing in use +1$/m);
});

Deno.test("replay refuses what it cannot read, with the place", async () => {
  const cases: [string, string][] = [
    ["", 'its first line must be "buddyscope-trace 1", "buddyscope-packed 1", an event of'],
    ["\0\x01\x02", "its first line must be"],
    [`${TRACE}a x\n`, "Cannot read line 9 of the trace: the order must be a number below 256"],
    [TRACE.slice(0, -1), "Cannot read line 8 of the trace: it must end with a newline"],
    [TRACE.replace("x86_64", "x86_46"), 'its architecture must be one there is, it is "x86_46"'],
    [TRACE.replace("arch", "edition heat\narch"), 'it is "heat"; the nearest is "head"'],
    [TRACE.replace("arch", "page-size 65536\narch"), "Cannot make the machine: page shift 16"],
  ];
  for (const [text, message] of cases) {
    const { code, out, err } = await runCli(["replay", "t.txt"], { files: { "t.txt": text } });
    assertEquals([code, out], [2, ""], text);
    assertStringIncludes(err, message);
    assertStringIncludes(err, "t.txt: Cannot ");
  }
  const cut = await runCli(["replay", "t.bin"], { bytes: { "t.bin": PACKED.slice(0, -4) } });
  assertEquals(cut.code, 2);
  assertStringIncludes(cut.err, "is the file cut off?");
});

Deno.test("replay refuses wrong use", async () => {
  const files = { "t.txt": TRACE };
  const cases: [string[], string][] = [
    [[], "replay needs a trace"],
    [["t.txt", "u.txt"], "replay takes one trace"],
    [["t.txt", "--workload=churn"], "Option --workload must not stand beside a trace"],
    [["t.txt", "--step=5"], "Option --step must be 0 to 4, the number of operations, it is 5"],
    [["t.txt", "--json", "--show=map"], "Option --show must not stand beside --json"],
    [["--workload=chorn"], 'Unknown workload "chorn"; the nearest is "churn"'],
    [["--workload=churn:9999999999"], "Option --workload must be a name"],
    [["missing.txt"], "Cannot read missing.txt: there is no such file or folder"],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await runCli(["replay", ...args], { files });
    assertEquals(code, 2);
    assertStringIncludes(err, message);
  }
});

Deno.test("replay runs a workload without a file, on either engine alike", async () => {
  const args = ["replay", "--workload=churn:2000", "--edition=repaired"];
  const fast = await runCli(args);
  assertEquals(fast.code, 0);
  assertMatch(fast.out, /^operations +2,000$/m);
  const literal = await runCli([...args, "--engine=literal"]);
  const cellsOf = (text: string): string[] => text.replaceAll(/ +/g, " ").split("\n");
  const without = cellsOf(literal.out).filter((line) => !line.startsWith("run by"));
  assertEquals(without, cellsOf(fast.out));
});

Deno.test("replay shows progress over bytes with rate and time left", async () => {
  const lines = Array.from({ length: 5000 }, (_, pair) => `a 0\nf ${pair + 2}\n`).join("");
  const trace = TRACE.replace("a 2\n", "") + lines;
  const settings = { files: { "t.txt": trace, "-": trace }, terminal: "yes", tick: 200 } as const;
  const { code, err } = await runCli(["replay", "t.txt"], settings);
  assertEquals(code, 0);
  assertMatch(
    err,
    /\d+\.\d KiB of \d+\.\d KiB, \d+\.\d million operations a second, \d+s left/,
  );
  assert(err.endsWith("\r\x1b[K"), "the line is taken away");
  const { err: piped } = await runCli(["replay", "-"], settings);
  assertMatch(piped, /KiB read, \d+\.\d million operations a second/);
});

Deno.test("replay --pack writes what packTrace gives, whatever the trace is read from", async () => {
  const settings = { files: { "t.txt": TRACE, "-": TRACE }, bytes: { "t.bin": PACKED } };
  for (const path of ["t.txt", "-", "t.bin"]) {
    const { code, out, err, packed } = await runCliWriting(
      ["replay", path, "--pack=o"],
      settings,
    );
    assertEquals([code, err], [0, ""]);
    assertMatch(out, /^o {2}4 operations, \d+ bytes\n$/);
    assertEquals(packed, { o: PACKED });
  }
  const { packed } = await runCliWriting(["replay", "--workload=churn:70000", "--pack", "o"]);
  const [churn] = WORKLOADS;
  assert(churn !== undefined);
  assertEquals(readTrace(packed["o"] ?? new Uint8Array()), makeWorkload(churn, 70_000));
  const none = TRACE.replaceAll(/^[af] .*\n/gm, "");
  const empty = await runCliWriting(["replay", "t", "--pack=o"], { files: { t: none } });
  assertEquals(readTrace(empty.packed["o"] ?? new Uint8Array()).operations, 0);
});

Deno.test("replay --pack leaves no file behind where the trace is not well formed", async () => {
  const long = `${TRACE}${"a 0\n".repeat(40_000)}a x\n`;
  const cases: [string, string][] = [
    [TRACE.slice(0, -1), "Cannot read line 8 of the trace: it must end with a newline"],
    [TRACE.replace("arch x86_64\n", ""), 'the header must have a line "arch NAME"'],
    [long, "Cannot read line 40009 of the trace: the order must be a number below 256"],
  ];
  for (const [text, message] of cases) {
    const files = { "t.txt": text };
    const { code, out, err, packed } = await runCliWriting(["replay", "t.txt", "--pack=o"], {
      files,
    });
    assertEquals([code, out, packed], [2, "", {}]);
    assertStringIncludes(err, message);
  }
});

Deno.test("replay --pack refuses its own input, standard output, and options about running", async () => {
  const files = { "t.txt": TRACE };
  const cases: [string[], string][] = [
    [["--pack=t.txt"], "Cannot write t.txt: it is what is read, choose another name"],
    [["--pack=-"], "Option --pack must name a file, not standard output"],
    [["--trace-out=-"], "Option --trace-out must name a file, not standard output"],
    [["--pack=o", "--count"], "Option --count must not stand beside --pack, which runs nothing"],
    [["--pack=o", "--step=1"], "Option --step must not stand beside --pack, which runs nothing"],
    [["--pack=o", "--edition=head"], "Option --edition must not stand beside --pack"],
  ];
  for (const [args, message] of cases) {
    const { code, err, packed } = await runCliWriting(["replay", "t.txt", ...args], { files });
    assertEquals([code, packed], [2, {}]);
    assertStringIncludes(err, message);
  }
});
