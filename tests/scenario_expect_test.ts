import { assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, runScenario } from "../src/scenario/mod.ts";
import type { ExpectationResult } from "../src/scenario/mod.ts";

/** s390x, big endian: a page in each area, one of them freed; `z` is null, `n` an integer. */
const BEFORE = [
  "machine s390x edition=head",
  "area any 0x7ff00 0x80100",
  "p = alloc_pages 2",
  "q = alloc_page area=LOW",
  "free_pages q",
  "z = alloc_page flags=0x8",
  "n = reserve_pages 0x80080000 1",
];

function results(lines: readonly string[]): readonly ExpectationResult[] {
  const { scenario } = parseScenario([...BEFORE, ...lines].join("\n"));
  return runScenario(scenario, { archs: ARCHS }).expectations;
}

/** Expectations: the text behind `expect`, whether it holds, what is found. */
const CASES: ReadonlyArray<readonly [string, "yes" | "no", string]> = [
  ["p == 0x80004000", "yes", "p is 0x80004000"],
  ["p == 0x80005000", "no", "p is 0x80004000"],
  ["p != q", "yes", "p is 0x80004000, q is 0x7ff01000"],
  ["p != p", "no", "p is 0x80004000, p is 0x80004000"],
  ["p at q+0x103000", "yes", "p is 0x80004000, q+0x103000 is 0x80004000"],
  ["p below 2G", "no", "p is 0x80004000"],
  ["q below 2G", "yes", "q is 0x7ff01000"],
  ["p above 2G", "yes", "p is 0x80004000"],
  ["p above p", "no", "p is 0x80004000, p is 0x80004000"],
  ["p below p", "no", "p is 0x80004000, p is 0x80004000"],
  ["z below p", "no", "z is null, p is 0x80004000"],
  ["p above z", "no", "p is 0x80004000, z is null"],
  ["z is null", "yes", "z is null"],
  ["p is null", "no", "p is 0x80004000"],
  ["n is null", "no", "n is 0"],
  ["z == NULL", "yes", "z is null"],
  ["z == n", "no", "z is null, n is 0"],
  ["z != n", "yes", "z is null, n is 0"],
  ["z == 0", "no", "z is null"],
  ["n == 0", "yes", "n is 0"],
  ["z+0x10 == 0x10", "yes", "z+0x10 is 0x10"],
  ["z+0x0 == NULL", "yes", "z is null"],
  ["p-0x80004000 is null", "yes", "p-0x80004000 is 0x0"],
  ["p-0x80004001 == 0xffffffffffffffff", "yes", "p-0x80004001 is 0xffffffffffffffff"],
  ["p aligned to 16K", "yes", "p is 0x80004000"],
  ["p aligned to 32K", "no", "p is 0x80004000"],
  ["z aligned to 1", "no", "z is null"],
  ["p in area NORMAL", "yes", "p is 0x80004000, in area 0 (normal)"],
  ["p in area area0", "yes", "p is 0x80004000, in area 0 (normal)"],
  ["p in area DMA31", "no", "p is 0x80004000, in area 0 (normal)"],
  ["q in area DMA31", "yes", "q is 0x7ff01000, in area 1 (low)"],
  ["0x7ff00000 in area LOW", "no", "0x7ff00000 is 0x7ff00000, in no area"],
  ["z in area LOW", "no", "z is null, in no area"],
  ["-1 in area LOW", "no", "-1 is -1, in no area"],
  ["p has order 2", "yes", "p is 0x80004000, allocated, of order 2"],
  ["p+0x3000 has order 2", "yes", "p+0x3000 is 0x80007000, allocated, of order 2"],
  ["p has order 1", "no", "p is 0x80004000, allocated, of order 2"],
  ["p has status allocated", "yes", "p is 0x80004000, allocated, of order 2"],
  ["q has status free", "yes", "q is 0x7ff01000, free, of order 0"],
  ["0x80080000 has status special", "yes", "0x80080000 is 0x80080000, special, of order 0"],
  ["0x80081000 has status fresh", "yes", "0x80081000 is 0x80081000, fresh, of order 0"],
  ["0x80081000 has status free", "no", "0x80081000 is 0x80081000, fresh, of order 0"],
  ["z has status free", "no", "z is null, in no area"],
  ["last returns 0", "yes", "the last call returned 0"],
  ["last returns n", "yes", "the last call returned 0"],
  ["last returns -1", "no", "the last call returned 0"],
  ["last returns null", "no", "the last call returned 0"],
  ["last returns nothing", "no", "the last call returned 0"],
  ['last asserts "x"', "no", "the last call returned 0"],
  ["last faults", "no", "the last call returned 0"],
  ["last is undefined", "no", "the last call returned 0"],
  ["free pages == 505", "yes", "free pages are 505"],
  ["free pages == 505 in area NORMAL", "no", "free pages are 250"],
  ["free pages == 255 in area LOW", "yes", "free pages are 255"],
  ["free blocks == 1 of order 1 in area LOW", "yes", "free blocks of order 1 are 1"],
  ["free blocks == 3 of order 1", "yes", "free blocks of order 1 are 3"],
  ["free blocks == 1 of order 63", "no", "free blocks of order 63 are 0"],
  ["bytes p are 00 00", "yes", "bytes 0x80004000 are 00 00"],
  ["bytes p are 00 01 00", "no", "bytes 0x80004000 are 00 00 00"],
  ["bytes 0x800fffff are 00 00", "no", "bytes 0x800fffff are 00 --"],
  ["bytes z are 00", "no", "z is null"],
];

for (const [text, held, actual] of CASES) {
  Deno.test(`expect ${text}: ${held}`, () => {
    const [result] = results([`expect ${text}`]);
    assertEquals(result, { step: 7, held, expected: result?.expected ?? "", actual });
  });
}

Deno.test("ExpectationResult has the expectation as it is written", () => {
  assertEquals(results(["expect p below 2G"])[0]?.expected, "p below 0x80000000");
});

Deno.test("expect last speaks of the last call, whatever stands between", () => {
  const found = results([
    "free_pages p",
    "show map",
    "expect last returns nothing",
    "expect last returns nothing",
    "try free_pages p",
    'expect last asserts "IS_ALLOCATED"',
    'expect last asserts "lib/alloc_page.c:285: assert failed"',
    'expect last asserts "IS_ALIGNED"',
    "expect last returns nothing",
    "write 0x800fffff -1 2",
    "expect last faults",
    "expect last faults at 0x80100000",
    "expect last faults at 0x800fffff",
    "alloc_page",
    "expect last faults",
  ]);
  assertEquals(found.map(({ held }) => held), [
    "yes",
    "yes",
    "yes",
    "yes",
    "no",
    "no",
    "yes",
    "yes",
    "no",
    "yes",
  ]);
});

Deno.test("expect last without a call before fails", () => {
  const { scenario } = parseScenario("expect last returns 0");
  assertEquals(runScenario(scenario, { archs: ARCHS }).expectations, [
    { step: 0, held: "no", expected: "last returns 0", actual: "no call ran before" },
  ]);
});

Deno.test("expect says why a name has no value", () => {
  const found = results([
    "try x = memalign_pages 3 0",
    "expect x is null",
    "expect last returns x",
    "free_pages 1",
    "y = alloc_page",
    "expect y == p",
    "expect p == y",
    "expect bytes y are 00",
    "expect free pages == 505",
  ]);
  assertEquals(found.map(({ held, actual }) => [held, actual]), [
    ["no", "x has no value: its call returned none"],
    ["no", "lib/alloc_page.c:424: assert failed: is_power_of_2(alignment)"],
    ["no", "y has no value: the machine was stopped"],
    ["no", "p is 0x80004000, y has no value: the machine was stopped"],
    ["no", "y has no value: the machine was stopped"],
    ["yes", "free pages are 505"],
  ]);
});

Deno.test("expect last is undefined holds for undefined behaviour; one list has no page states", () => {
  const { scenario } = parseScenario([
    "machine x86_64 edition=list-2020",
    "area any 0x100 0x110",
    "p = alloc_page",
    "expect free pages == 15",
    "expect p in area area0",
    "expect p has status free",
    "free_pages p",
    "free_pages p",
    "alloc_pages 4",
    "expect last is undefined",
  ].join("\n"));
  const { expectations } = runScenario(scenario, { archs: ARCHS });
  assertEquals(expectations.map(({ held, actual }) => [held, actual]), [
    ["yes", "free pages are 15"],
    ["yes", "p is 0x100000, in area 0 (normal)"],
    ["no", "p is 0x100000, and the edition keeps no page states"],
    ["yes", "undefined behaviour: lib/alloc_page.c:?, alloc_pages() walks a list that never ends"],
  ]);
});

Deno.test("expect touches nothing", () => {
  const { scenario } = parseScenario([
    ...BEFORE,
    ...CASES.map(([text]) => `expect ${text}`),
  ].join("\n"));
  const run = runScenario(scenario, { archs: ARCHS });
  const before = run.machineAfter(BEFORE.length - 1);
  const after = run.machineAfter(scenario.statements.length - 1);
  assertEquals([...after.ram.touchedPages()], [...before.ram.touchedPages()]);
  assertEquals(after.pages.areas(), before.pages.areas());
});
