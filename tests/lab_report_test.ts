import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { editionNamed, EDITIONS } from "../mod.ts";
import { EditionSubject, groupsOf, Lab } from "../src/lab/mod.ts";
import type { LabResult, LabRun } from "../src/lab/mod.ts";
import { makeWorkload, readTrace, type Trace, WORKLOADS } from "../src/replay/mod.ts";
import { labPage, labSvg, labToJson, printLab } from "../src/report/mod.ts";
import { fragmentationPage } from "../tools/fragmentation_page.ts";
import { runCliWriting } from "./cli_host.ts";
import { arch } from "./support.ts";
import { readSvg } from "./svg_reader.ts";

/** Pages taken in turn; half of them are given back, which only some editions join. */
const TRACE = [
  "buddyscope-trace 1",
  "arch x86_64",
  "area any 0x100000 0x100441",
  ...new Array<string>(64).fill("a 0"),
  ...Array.from({ length: 32 }, (_, at) => `f ${at}`),
  "a 10",
  "a 9",
  "",
].join("\n");

function resultOf(trace: Trace, names: readonly string[], name = "pieces"): LabResult {
  const { header: { areas }, header, words } = trace;
  const subjects = names.map((one) =>
    new EditionSubject(editionNamed(one) ?? EDITIONS[0] ?? failed(one), header, arch("x86_64"))
  );
  const lab = new Lab({ arch: "x86_64", pageShift: 12, areas }, subjects);
  lab.run(words, words.length, (index) => `line ${index + 4}`);
  return lab.result(name);
}

function failed(name: string): never {
  throw new RangeError(`Cannot test edition ${name}`);
}

const small = (...names: string[]): LabResult =>
  resultOf(readTrace(new TextEncoder().encode(TRACE)), names);

Deno.test("printLab tells how each edition ended, and puts together those that do not differ", () => {
  const text = printLab(small("head", "flags-2021-01", "repaired"));
  assertEquals(text.split("\n").slice(0, 13), [
    "pieces  x86_64, 4.3 MiB in pages of 4 KiB",
    "",
    "fresh-2021-01 +1   done, 1 of 66 requests failed, the first at operation 97 (line 100)",
    "repaired           done, 1 of 66 requests failed, the first at operation 97 (line 100)",
    "  fresh-2021-01 +1 stands for fresh-2021-01, flags-2021-01: they do not differ here",
    "",
    "largest free block",
    `fresh-2021-01 +1   ${"#".repeat(59)}* order 8, 1 MiB`,
    `repaired           ${"#".repeat(59)}* order 8, 1 MiB`,
    "",
    "external fragmentation index of requests of order 9, 2 MiB; empty where they would succeed",
    `fresh-2021-01 +1   ${" ".repeat(59)}# 0.943`,
    `repaired           ${" ".repeat(59)}* 0.794`,
  ]);
  assertStringIncludes(
    text,
    "    1         31          0          0         31         15          1",
  );
  assert(text.split("\n").every((line) => [...line].length <= 100), text);
});

Deno.test("labSvg is one picture with a curve of each kind for each group, and nothing outside", () => {
  const result = small("head", "flags-2021-01", "repaired");
  const groups = groupsOf(result);
  const elements = readSvg(labSvg(result));
  const curves = elements.filter(({ name, attributes }) =>
    name === "path" && /^c\d+$/.test(attributes.class ?? "")
  );
  assertEquals(curves.length, groups.length * 6); // Five panels and the legend.
  for (const { attributes } of curves) {
    assert(/^M[\d. ]+(?:[HVLh][\d. ]+)+$/.test(attributes.d ?? ""));
  }
  const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
  for (const { name } of groups) assert(texts.some((text) => text.startsWith(`${name}:`)));
  assertStringIncludes(texts.join("\n"), "unusable free space index of requests of order 9, 2 MiB");
  assertEquals(
    texts[0],
    "free memory over time, pieces, x86_64, fresh-2021-01, flags-2021-01, repaired",
  );
  assert(!/href|url\(http|<script/.test(labSvg(result)));
});

Deno.test("labPage and labSvg take any name of a trace, and pages are the same each time", () => {
  const trace = readTrace(new TextEncoder().encode(TRACE));
  const name = '<script>alert("x")</script>&\u0007.txt';
  const page = labPage(resultOf(trace, ["head"], name));
  assert(!page.includes("<script"));
  assertStringIncludes(page, "&lt;script&gt;");
  readSvg(labSvg(resultOf(trace, ["head"], name)));
  assertEquals(page, labPage(resultOf(trace, ["head"], name)));
});

Deno.test("a picture of the lab holds at most as many curves as can be told apart", () => {
  const result = small("head");
  const [first] = result.runs;
  assert(first !== undefined);
  const runs = Array.from({ length: 43 }, (_, at): LabRun => ({ ...first, refused: at }));
  readSvg(labSvg({ ...result, runs: runs.slice(0, 42) }));
  assertThrows(() => labSvg({ ...result, runs }), RangeError, "at most 42 that differ");
});

Deno.test("labToJson has each point with its lists and indices", () => {
  const report = JSON.parse(JSON.stringify(labToJson(small("repaired"))));
  assertEquals([report.format, report.arch, report.order], ["buddyscope-lab-1", "x86_64", 9]);
  const [run] = report.runs;
  assertEquals(run.points.length, 99);
  assertEquals(run.points.at(-1).operation, 98);
  const { lists, freePages } = run.points[96];
  const counted = lists.reduce(
    (sum: number, count: number, order: number) => sum + count * 2 ** order,
    0,
  );
  assertEquals(counted, freePages);
  assertEquals([run.firstFailedRequest, run.firstFailedPlace], [97, "line 100"]);
});

Deno.test("replay --report compares editions and designs, as text, page and picture", async () => {
  const files = { "t.txt": TRACE };
  const args = ["replay", "t.txt", "--edition=head,repaired", "--design=c3"];
  const text = await runCliWriting([...args, "--report", "-"], { files });
  assertEquals([text.code, text.err, text.written], [0, "", {}]);
  assertStringIncludes(text.out, "repaired +1 stands for repaired, design c3");
  assertStringIncludes(text.out, "the first at operation 97 (line 100)");
  const page = await runCliWriting([...args, "--report=o.html"], { files });
  assertStringIncludes(page.written["o.html"] ?? "", "<svg ");
  assertEquals(page.out, `${text.out}\no.html has the page\n`);
  const picture = await runCliWriting([...args, "--report=o.svg", "--json"], { files });
  assert(picture.written["o.svg"]?.startsWith("<svg "));
  assertEquals(JSON.parse(picture.out).runs.length, 3);
  assert(readSvg(picture.written["o.svg"] ?? "").length > 10);
});

Deno.test("replay --report names where the modelled code stopped, and goes on with the others", async () => {
  const files = { "t.txt": `${TRACE}a 60\na 0\n` };
  const args = ["replay", "t.txt", "--edition=head,repaired", "--report=-"];
  const { code, out, err } = await runCliWriting(args, { files });
  assertEquals([code, err], [1, ""]);
  assertStringIncludes(
    out,
    "fresh-2021-01      ended at operation 99 (line 102): lib/alloc_page.c:",
  );
  assertStringIncludes(
    out,
    "repaired           done, 2 of 68 requests failed, the first at operation 97",
  );
});

Deno.test("replay --report refuses options that contradict it", async () => {
  const files = { "t.txt": TRACE };
  const cases: [string[], string][] = [
    [["--report=x.txt"], "Option --report must be - or a file whose name ends in .html or .svg"],
    [["--report=-", "--step=3"], "Option --step must not stand beside --report"],
    [["--report=-", "--count"], "Option --count must not stand beside --report"],
    [["--design=a"], "Option --design must stand beside --report"],
    [["--report=-", "--design=z"], "Option --design must be a, b, c1"],
    [["--report=-", "--pack=o"], "Option --report must not stand beside --pack"],
  ];
  for (const [more, message] of cases) {
    const { code, err } = await runCliWriting(["replay", "t.txt", ...more], { files });
    assertEquals(code, 2, more.join(" "));
    assertStringIncludes(err, message);
  }
});

Deno.test("docs/fragmentation.md has what the command line prints, and its numbers", () => {
  const read = (path: string): string =>
    Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
  const page = read("docs/fragmentation.md");
  const wanted = fragmentationPage(page, read("examples/buddyinfo.txt"));
  assert(page === wanted, "docs/fragmentation.md is out of date: run deno task docs");
  assertEquals(page.match(/<!-- generated: /g)?.length, 3);
  for (const fact of ["32,760 of 98,280 requests failed", "24,006", "0.967     0.032"]) {
    assertStringIncludes(page, fact);
  }
});

Deno.test("the published scenarios show what joining is worth", () => {
  const workloadOf = (name: string): Trace => {
    const workload = WORKLOADS.find((one) => one.name === name);
    return makeWorkload(workload ?? failed(name), name === "mixed" ? 100_000 : 8_000);
  };
  const aligned = resultOf(workloadOf("aligned"), ["head", "repaired"]).runs;
  const pages = aligned.map(({ points }) =>
    points.at(-1)?.value.reduce((sum, one) => sum + one, 0)
  );
  assertEquals(pages, [24_006, 12]);
  const mixed = resultOf(workloadOf("mixed"), ["head", "repaired"]).runs;
  assertEquals(mixed.map(({ failedRequests }) => failedRequests), [1720, 0]);
});

Deno.test("replay --report says what was refused, and where splits are not counted", async () => {
  const operations = ["r 0x100040 2", "a 0", "u 0x100040 2", ""];
  const files = {
    t: ["buddyscope-trace 1", "arch x86_64", "area any 0x100000 0x100081", ...operations].join(
      "\n",
    ),
  };
  const args = ["replay", "t", "--edition=list-2020", "--design=c2", "--report=t.html"];
  const { code, out, err, written } = await runCliWriting(args, { files });
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(
    out,
    "list-2020          done, no request failed; refused: 2 releases or res",
  );
  assertStringIncludes(
    out,
    "\n- the trace reserves frames, for which a design does not count splits",
  );
  assertStringIncludes(
    written["t.html"] ?? "",
    "are logarithms; not of designs: frames are reserved<",
  );
});
