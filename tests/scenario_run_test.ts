import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { EDITIONS } from "../src/edition.ts";
import { formatStopped } from "../src/outcome.ts";
import {
  describeValue,
  parseScenario,
  type Run,
  runScenario,
  type ScenarioEnvironment,
  type Step,
} from "../src/scenario/mod.ts";
import { edition } from "./support.ts";

/** Runs lines; messages call them `a.buddy`. */
function run(
  lines: readonly string[],
  environment: Partial<ScenarioEnvironment> = {},
): Run {
  const parsed = parseScenario(lines.join("\n"), { file: "a.buddy" });
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed, ...environment });
}

/** How a step ended, as a word or a line. */
function told({ outcome }: Step): string {
  if (outcome.kind === "returned") return describeValue(outcome.value);
  return outcome.kind === "not-run" ? outcome.why : formatStopped(outcome);
}

/** How the steps of a run ended, the first few left out. */
function endsOf(steps: Run, from: number): string[] {
  return steps.steps.slice(from).map(told);
}

/** Upstream's code as it is, not as its authors describe it. */
const HEAD = "machine x86_64 edition=head";
const X86 = [HEAD, "area any 0x100 0x200"];

Deno.test("runScenario() runs every call of the page allocator", () => {
  const steps = run([
    ...X86,
    "a = alloc_page",
    "b = alloc_pages 1",
    "c = memalign_pages 16K 4K",
    "free_pages b",
    "free_page a",
    "free_pages NULL",
    "r = reserve_pages 0x110000 2",
    "unreserve_pages 0x110000 1",
    "page_alloc_init_area 3 0x300 0x400",
  ]);
  assertEquals(endsOf(steps, 0), [
    "nothing",
    "nothing",
    "0x101000",
    "0x102000",
    "0x104000",
    "nothing",
    "nothing",
    "nothing",
    "0",
    "nothing",
    "lib/alloc_page.c:474: assert failed: !(areas_mask & BIT(n))",
  ]);
  assertEquals(steps.steps.map(({ effect }) => effect), [
    "none",
    ...Array<string>(10).fill("kept"),
  ]);
  assertEquals(steps.stoppedAt?.step, 10);
});

Deno.test("runScenario() records arguments, flags and events", () => {
  const { steps } = run([
    ...X86,
    "a = alloc_page",
    "free_pages a+0x1000",
    "alloc_page dontzero fresh",
  ]);
  assertEquals(steps.map(({ args }) => args), [[], [255n, 0x100n, 0x200n], [], [0x102000n], []]);
  assertEquals(steps.map(({ flags }) => flags), [0, 0, 0, 0, 0]);
  assertEquals(steps[2]?.events.map(({ kind }) => kind), ["unlink", "state", "zero"]);
  assertEquals(steps.map(({ index }) => index), [0, 1, 2, 3, 4]);
});

Deno.test("runScenario() writes the options of a request as the edition's flags", () => {
  const flagsIn = (name: string, options: string): number | undefined =>
    run([`machine s390x edition=${name}`, "area any 0x100 0x200", `alloc_page ${options}`])
      .steps.at(-1)?.flags;
  assertEquals(flagsIn("head", ""), 0);
  assertEquals(flagsIn("head", "fresh dontzero"), 0x30000);
  assertEquals(flagsIn("head", "area=DMA31"), 2);
  assertEquals(flagsIn("head", "area=normal|low dontzero"), 0x10003);
  assertEquals(flagsIn("head", "area=area0|area5"), 0x21);
  assertEquals(flagsIn("head", "area=LOW|DMA31"), 2);
  assertEquals(flagsIn("head", "flags=0x20001"), 0x20001);
  assertEquals(flagsIn("pfn-2021-01", ""), -1);
  assertEquals(flagsIn("pfn-2021-01", "fresh dontzero"), -1);
  assertEquals(flagsIn("pfn-2021-01", "area=area31"), 2 ** 31);
  assertEquals(flagsIn("pfn-2021-01", "flags=0"), 0);
});

Deno.test("runScenario() gives the page allocator orders that it truncates", () => {
  assertEquals(endsOf(run([...X86, "alloc_pages 260", "expect last returns 0x110000"]), 2), [
    "0x110000",
    "nothing",
  ]);
});

Deno.test("runScenario() reads, writes and fills memory in the machine's byte order", () => {
  const lines = (machine: string): string[] => [
    machine,
    "area any 0x100 0x200",
    "p = alloc_page",
    "write p 0x1122334455667788 8",
    "read p 1",
    "read p 2",
    "read p+4 4",
    "fill p+1 2 0xff",
    "read p 4",
    "write p -2 2",
    "read p 2",
    "write p p",
    "q = read p",
    "free_pages q",
  ];
  const little = endsOf(run(lines("machine x86_64")), 4);
  assertEquals(little, [
    "0x88",
    "0x7788",
    "0x11223344",
    "nothing",
    "0x55ffff88",
    "nothing",
    "0xfffe",
    "nothing",
    "0x101000",
    "nothing",
  ]);
  const big = endsOf(run(lines("machine s390x")), 4);
  assertEquals(big.slice(0, 5), ["0x11", "0x1122", "0x55667788", "nothing", "0x11ffff44"]);
  assertEquals(big.at(-2), "0x101000");
});

Deno.test("read and write take a word where no width is given", () => {
  const lines = ["area any 0x100 0x200", "write 0x110000 -1", "read 0x110000 8", "read 0x110000"];
  assertEquals(endsOf(run(["machine x86_64", ...lines]), 3), [
    "0xffffffffffffffff",
    "0xffffffffffffffff",
  ]);
  assertEquals(endsOf(run(["machine i386", ...lines]), 4), ["0xffffffff"]);
});

Deno.test("runScenario() stops at a failed assertion, and records what did not run", () => {
  const steps = run([
    ...X86,
    "p = alloc_page",
    "free_pages p+1",
    "q = alloc_page",
    "expect p == 0x101000",
    "free_pages q",
    "show map",
  ]);
  const text = "lib/alloc_page.c:275: assert failed: IS_ALIGNED((uintptr_t)mem, PAGE_SIZE)";
  assertEquals(endsOf(steps, 3), [
    text,
    "machine-stopped",
    "nothing",
    "machine-stopped",
    "nothing",
  ]);
  assertEquals(steps.steps.map(({ effect }) => effect).slice(3), [
    "kept",
    "none",
    "none",
    "none",
    "none",
  ]);
  assert(steps.stoppedAt !== null);
  assertEquals(steps.stoppedAt.step, 3);
  assertEquals(formatStopped(steps.stoppedAt.outcome), text);
  assertEquals(steps.expectations.map(({ held }) => held), ["yes"]);
  assertEquals(steps.shows, [{ step: 7, view: "map" }]);
});

Deno.test("runScenario() stops at a fault", () => {
  const steps = run([...X86, "write 0x1fffff 0x1122 2", "alloc_page"]);
  assertEquals(endsOf(steps, 2), [
    "fault: the scenario writes 2 bytes at 0x1fffff and reaches 0x200000, where there is no memory",
    "machine-stopped",
  ]);
  assertEquals(endsOf(run([...X86, "alloc_page fresh"]), 2)[0]?.slice(0, 6), "fault:");
});

Deno.test("runScenario() stops at undefined behaviour", () => {
  const steps = run([
    "machine x86_64 edition=list-2020",
    "area any 0x100 0x110",
    "p = alloc_page",
    "free_pages p",
    "free_pages p",
    "alloc_pages 3",
    "alloc_pages 4",
  ]);
  assertEquals(endsOf(steps, 5), [
    "undefined behaviour: lib/alloc_page.c:?, alloc_pages() walks a list that never ends",
    "machine-stopped",
  ]);
});

Deno.test("runScenario() can stop in the first area", () => {
  assertEquals(endsOf(run([HEAD, "area 0 0x100 0x104", "alloc_page"]), 1), [
    "lib/alloc_page.c:478: assert failed: top_pfn - start_pfn > 4",
    "machine-stopped",
  ]);
  assertEquals(endsOf(run([HEAD, "area 0 0x200 0x100"]), 1), [
    "lib/alloc_page.c:477: assert failed: top_pfn > start_pfn",
  ]);
  assertEquals(endsOf(run([HEAD, "area any 0 0", "alloc_page"]), 1), ["nothing", "null"]);
  const noRam = endsOf(run([HEAD, "page_alloc_init_area any 0x100 0x200"]), 1)[0] ?? "";
  assertStringIncludes(noRam, "fault: _page_alloc_init_area() fills ");
  assertStringIncludes(noRam, " from 0x100000 with 0x0, where there is no memory");
});

Deno.test("try undoes what does not return, and records it", () => {
  const steps = run([
    ...X86,
    "p = alloc_page",
    "try free_pages p+1",
    'expect last asserts "IS_ALIGNED"',
    "try write 0x1fffff 0 2",
    "expect bytes 0x1fffff are 00",
    "try free_pages p",
    "try free_pages p",
    "q = alloc_page",
  ]);
  assertEquals(steps.steps.slice(3).map(({ effect }) => effect), [
    "undone",
    "none",
    "undone",
    "none",
    "kept",
    "undone",
    "kept",
  ]);
  assertEquals(steps.expectations.map(({ held }) => held), ["yes", "yes"]);
  assertEquals(told(steps.steps[9] as Step), "0x101000");
  assertEquals(steps.stoppedAt, null);
});

Deno.test("try leaves a name bound as it was", () => {
  const steps = run([
    ...X86,
    "p = alloc_page",
    "try p = memalign_pages 3 4K",
    "expect p == 0x101000",
    "free_pages p",
  ]);
  assertEquals(steps.expectations.map(({ held }) => held), ["yes"]);
  assertEquals(steps.stoppedAt, null);
});

Deno.test("runScenario() goes on after a call that the edition does not have", () => {
  const lines = [
    "area any 0x100 0x200",
    "r = reserve_pages 0x110000 1",
    "expect r == 0",
    "alloc_page",
  ];
  const old = run(lines, { edition: edition("buddy-2020-10") });
  assertEquals(old.edition.name, "buddy-2020-10");
  assertEquals(endsOf(old, 1), ["no-such-call", "nothing", "0x101000"]);
  assertEquals(old.expectations.map(({ held, actual }) => [held, actual]), [
    ["no", "r has no value: its call returned none"],
  ]);
  const special = run(lines, { edition: edition("reserve-2020-10") });
  assertEquals(endsOf(special, 1)[0], "0x110000");
});

Deno.test("runScenario() runs in every edition", () => {
  for (const each of EDITIONS) {
    const steps = run(["p = alloc_page", "area any 0x100 0x200", "q = alloc_page", "free_page q"], {
      edition: each,
    });
    assertEquals(steps.edition, each);
    assertEquals(endsOf(steps, 0).slice(0, 2), ["null", "nothing"]);
    assertEquals(steps.stoppedAt, null);
  }
});

Deno.test("runScenario() makes the machine that the first statement says", () => {
  const machineOf = (line: string) => run([line, "area any 0x100 0x200"]).machineAfter(-1);
  const plain = run(["alloc_page"]).machineAfter(-1);
  assertEquals([plain.arch.name, plain.edition.name], ["x86_64", "repaired"]);
  const arm64 = machineOf("machine arm64 page-size=64K edition=01d8952b areas=0x1000");
  assertEquals(
    [arm64.pageShift, arm64.edition.name, arm64.options.areasAddress],
    [16, "pfn-2021-01", 0x1000n],
  );
  assertEquals(machineOf("machine ppc64 byte-order=big").options.byteOrder, "big");
  assertEquals(machineOf("machine ppc64").options.byteOrder, "little");
  assertEquals(
    endsOf(run(["machine s390x power-on=garbage:3", "area any 0x100 0x200", "read 0x1ff000"]), 2)
      .length,
    1,
  );
  assertEquals(machineOf("machine s390x power-on=garbage:3").options.powerOn, {
    kind: "garbage",
    seed: 3,
  });
});

Deno.test("runScenario() lets areas touch and overlap RAM that is there", () => {
  const steps = run([
    "area 0 0x100 0x180",
    "area 1 0x180 0x200",
    "try area 2 0x1f0 0x210",
    "write 0x20f000 1",
  ]);
  assertEquals(endsOf(steps, 1), [
    "nothing",
    "lib/alloc_page.c:497: assert failed: !area_contains_pfn(areas + i, start_pfn)",
    "fault: the scenario writes 8 bytes at 0x20f000, where there is no memory",
  ]);
});

Deno.test("record: outcomes leaves events out and changes nothing else", () => {
  const lines = [...X86, "p = alloc_page", "try free_pages p+1", "free_pages p"];
  const all = run(lines);
  const outcomes = run(lines, { record: "outcomes" });
  assertEquals(outcomes.steps.map(told), all.steps.map(told));
  assertEquals(outcomes.steps.flatMap(({ events }) => events), []);
  assertEquals(outcomes.machineAfter(4).pages.areas(), all.machineAfter(4).pages.areas());
});
