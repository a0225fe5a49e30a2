import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, type Run, runScenario } from "../mod.ts";
import { printShow, printTrace, type TraceOptions } from "../src/report/mod.ts";
import { edition } from "./support.ts";

function runOf(lines: readonly string[], name = "head"): Run {
  const { scenario } = parseScenario(`${lines.join("\n")}\n`, { archs: ARCHS });
  return runScenario(scenario, { archs: ARCHS, edition: edition(name) });
}

function traceOf(lines: readonly string[], options: TraceOptions = {}): string[] {
  return printTrace(runOf(lines), options).split("\n");
}

const FIVE_CALLS = [
  "area 0 0x100000 0x100021",
  "p = alloc_page",
  "q = alloc_pages 2",
  "alloc_pages 1 dontzero fresh",
  "reserve_pages 0x100010000 1",
  "free_pages q",
  "free_pages p",
];

Deno.test("printTrace() has a line for each call, with the listed blocks of each order", () => {
  assertEquals(
    printTrace(runOf(FIVE_CALLS)),
    `\
trace  x86_64  fresh-2021-01

      call                          result       listed blocks by order 0 1 2 3 4
 0    area 0 0x100000 0x100021      -                                   2 1 1 1 1
 1    p = alloc_page                0x100020000                         1 1 1 1 1
 2    q = alloc_pages 2             0x100004000                         1 1 0 1 1
 3    alloc_pages 1 dontzero fresh  0x100009000                         2 2 1 0 1
 4    reserve_pages 0x100010000 1   0                                   4 3 2 1 0
 5    free_pages q                  -                                   4 3 3 1 0
 6    free_pages p                  -                                   5 3 3 1 0
`,
  );
});

Deno.test("printTrace() says how calls were stopped, undone or not run, and what was expected", () => {
  const lines = traceOf([
    "area 0 0x1000 0x1010",
    "p = alloc_page",
    "expect p == 0x1001000",
    "expect p below 0x1000",
    "try free_pages p+1",
    "read 0x5000",
    "free_pages p",
    "expect last faults",
  ]);
  assertEquals(
    lines.slice(3),
    [
      " 0    area 0 0x1000 0x1010   -                                 1 1 1 1",
      " 1    p = alloc_page         0x1001000                         0 1 1 1",
      " 2    expect p == 0x1001000  held",
      " 3    expect p below 0x1000  FAILED",
      "      found: p is 0x1001000",
      " 4    try free_pages p+0x1   undone                            0 1 1 1",
      "      lib/alloc_page.c:275: assert failed: IS_ALIGNED((uintptr_t)mem, PAGE_SIZE)",
      " 5    read 0x5000            stopped                           0 1 1 1",
      "      fault: the scenario reads 8 bytes at 0x5000, where there is no memory",
      " 6    free_pages p           not run",
      " 7    expect last faults     held",
      "",
    ],
  );
});

Deno.test("printTrace() shows events below their call, if asked", () => {
  const lines = traceOf(
    ["area 0 0x1000 0x1008", "p = alloc_page", "q = alloc_page", "free_page q"],
    {
      events: "shown",
    },
  );
  assertEquals(lines.slice(3), [
    " 0    area 0 0x1000 0x1008  -                                 1 1 1",
    "      makes area 0 of 1000..1007, usable from 1001",
    " 1    p = alloc_page        0x1001000                         0 1 1",
    "      unlinks 1001 order 0",
    "      marks 1001 1 frame A0",
    "      zeroes 1001 1 frame",
    " 2    q = alloc_page        0x1002000                         1 0 1",
    "      unlinks 1002 order 1",
    "      splits 1002 order 1",
    "      links 1002 order 0 at the back",
    "      links 1003 order 0 at the back",
    "      unlinks 1002 order 0",
    "      marks 1002 1 frame A0",
    "      zeroes 1002 1 frame",
    " 3    free_page q           -                                 2 0 1",
    "      links 1002 order 0 at the front",
    "",
  ]);
});

Deno.test("printTrace() says what undefined behaviour real targets were seen to have", () => {
  const lines = traceOf(["area 0 0x1000 0x1008", "try alloc_page fresh"], { events: "shown" });
  assertEquals(lines.slice(5).filter((line) => !line.includes("links")), [
    " 1    try alloc_page fresh  undone                         1 1 1",
    "      splits 1002 order 1",
    "      undefined: shifts a 64-bit value by 255 (this target gives 0x8000000000000000)",
    "      fault: page_memalign_order() fills 0x8000000000000000 bytes from 0x1000001 with 0xff and",
    "      reaches 0x1008000, where there is no memory",
    "",
  ]);
});

Deno.test("printTrace() marks counts of damaged lists", () => {
  const lines = traceOf([
    "area 0 0x1000 0x1020",
    "write 0x1002000 0xdead",
    "expect free pages == 31",
  ]);
  assertEquals(lines.slice(3), [
    " 0    area 0 0x1000 0x1020     -                              1  1 1 1 1",
    " 1    write 0x1002000 0xdead   -                              1 1! 1 1 1",
    " 2    expect free pages == 31  held",
    "! a list of this order is damaged; only what it still leads to is counted",
    "",
  ]);
});

Deno.test("printTrace() takes notes, and escapes what they say", () => {
  const lines = traceOf(["area 0 0x1000 0x1020"], {
    notesOf: ({ index }) => [`step ${index}\u001b[31m`],
  });
  assertEquals(lines.at(-2), "      step 0\\u{1b}[31m");
});

Deno.test("printTrace() shows many orders as single digits, at most 100 columns", () => {
  const lines = traceOf([
    "area any 0x100000 0x900000",
    "a_rather_long_name_for_a_page = alloc_page",
    "memalign_pages 64G 16T area=DMA24|DMA32 dontzero fresh",
    "free_pages a_rather_long_name_for_a_page",
  ]);
  assert(lines.every((line) => [...line].length <= 100));
  assertEquals(lines.slice(2), [
    "      call                                result       0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m",
    " 0    area any 0x100000 0x900000          -            0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1",
    " 1    a_rather_long_name_for_a_page = alloc_page",
    "                                          0x100800000  1 1 1 1 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1 1 1 1",
    " 2    memalign_pages 64G 16T area=DMA24|DMA32 dontzero fresh",
    "                                          null         1 1 1 1 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1 1 1 1",
    " 3    free_pages a_rather_long_name_for_a_page",
    "                                          -            2 1 1 1 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1 1 1 1",
    "on the right: listed blocks by order; a is order 10, b is 11, and so on, as in a page map",
    "",
  ]);
});

Deno.test("printTrace() shows a long run by its ends", () => {
  const calls = Array.from({ length: 30 }, () => "alloc_page");
  const lines = traceOf(["area 0 0x1000 0x1040", ...calls], { mostSteps: 4 });
  assertEquals(lines.slice(3), [
    " 0    area 0 0x1000 0x1040  -                                 1 1 1 1 1 1",
    " 1    alloc_page            0x1001000                         0 1 1 1 1 1",
    "      … 27 steps not shown",
    "29    alloc_page            0x101d000                         0 1 0 0 0 1",
    "30    alloc_page            0x101e000                         1 0 0 0 0 1",
    "",
  ]);
  assertEquals(traceOf(["machine s390x"]), ["trace  s390x  fresh-2021-01", "no calls", ""]);
});

Deno.test("printShow() shows the state after its step, and the trace up to it", () => {
  const run = runOf([
    "area 0 0x1000 0x1008",
    "show lists",
    "alloc_page",
    "show map",
    "show trace",
    "show touched",
    "show states",
    "show areas",
    "show blocks",
    "alloc_pages 2",
  ]);
  const shown = run.shows.map((request) => printShow(run, request).split("\n"));
  assertEquals(shown.map((lines) => lines.at(-2)), [
    "order 2  1  1004",
    "  1000   ## A0 .1 -- .2 -- -- --",
    " 2    alloc_page            0x1001000                         0 1 1",
    "8 pages of 4 KiB touched, 0 discarded",
    "0x1000000  80 01 01 02 02 02 02",
    "    the heads of orders 0, 3 to 51 are linked to themselves: empty lists",
    "  1004       4      2  fresh      2[0]",
  ]);
});
