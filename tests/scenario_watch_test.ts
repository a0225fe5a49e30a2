/** Watched runs: which rules a scenario's calls broke, step by step. */

import { assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { formatViolation, type RuleName } from "../src/check/invariants/mod.ts";
import { parseScenario, type Run, runScenario, scenario } from "../mod.ts";
import { edition } from "./support.ts";

function watched(text: string, name: string, rules?: RuleName[]): Run {
  const environment = { archs: ARCHS, edition: edition(name), watch: "violations" } as const;
  const parsed = parseScenario(text).scenario;
  return runScenario(parsed, rules === undefined ? environment : { ...environment, rules });
}

/** What each step broke, as `step: rule: sentence`. */
function told(run: Run): string[] {
  return run.steps.flatMap(({ index, violations }) =>
    violations.map((violation) => `${index}: ${formatViolation(violation)}`)
  );
}

const AREA = "area any 0x1000 0x1020\n";

Deno.test("runScenario() tells a state that breaks a rule once, while it lasts", () => {
  const run = watched(
    `${AREA}a = alloc_page
b = alloc_page
free_pages a
free_pages b
read 0x1001000
c = alloc_page
free_pages c
`,
    "head",
  );
  const broken =
    "no mergeable buddies are both usable: 0x1002 and 0x1003 are usable blocks of order 0";
  // Step 6 takes the lower buddy away; step 7 gives it back: the same state, broken anew.
  assertEquals(told(run), [`4: ${broken}`, `7: ${broken}`]);
  assertEquals(run.firstViolation?.step, 4);
  assertEquals(run.watched, "violations");
  assertEquals(told(watched(AREA, "head", ["states agree"])), []);
});

Deno.test("runScenario() tells rules about calls before rules about the state", () => {
  const run = watched(`${AREA}p = alloc_pages 2 fresh\n`, "head");
  assertEquals(run.steps[1]?.violations.map(({ rule }) => rule), [
    "a block handed out has the size and alignment asked for",
    "frames are conserved",
    "links are mutual",
    "a fresh frame was never touched",
  ]);
});

Deno.test("runScenario() tells lost frames once, though every call would find them", () => {
  const run = watched(
    `${AREA}p = alloc_pages 2 fresh dontzero
read 0x1001000
free_pages NULL
free_pages NULL
`,
    "head",
  );
  const lost = told(run).filter((line) => line.includes("frames are conserved"));
  assertEquals(lost, [
    "1: frames are conserved: 0x100c is fresh, but belongs to a live allocation",
  ]);
});

Deno.test("runScenario() judges what an edition's flags cannot say", () => {
  const text = `${AREA}a = alloc_page
fill a 4K 0x55
free_page a
b = alloc_page dontzero
free_page b
c = alloc_page
`;
  const zeroes = told(watched(text, "status-2021-01", ["zeroed memory is zero"]));
  assertEquals(zeroes, ["6: zeroed memory is zero: the byte at 0x1001010 is not 0"]);
});

Deno.test("runScenario() with try gives the watch its knowledge back", () => {
  const text = `${AREA}a = alloc_page
try free_pages a+0x1000
b = alloc_page
free_pages a
free_pages b
expect no violations
`;
  const run = watched(text, "repaired");
  assertEquals(run.steps[2]?.effect, "undone");
  assertEquals([told(run), run.expectations.map(({ held }) => held)], [[], ["yes"]]);
  // The reservation aborts half-way, which breaks a rule; what it had done is undone.
  const undone = watched(`${AREA}try reserve_pages 0x101e000 3\na = alloc_page\n`, "areas-2021-01");
  assertEquals(told(undone).map((line) => line.slice(0, 24)), ["1: a valid call returns:"]);
});

Deno.test("runScenario() judges no state that a stopped machine is left in, and no misuse", () => {
  const run = watched(`${AREA}a = alloc_page\nfree_pages a\nfree_pages a\n`, "repaired");
  assertEquals([run.stoppedAt?.step, told(run)], [3, []]);
});

for (const arch of ARCHS) {
  Deno.test(`runScenario() on ${arch.name} finds nothing in a repaired guest that boots`, () => {
    const text = `machine ${arch.name}
boot
p = malloc 100
q = calloc 3 5000
free p
r = alloc_pages 2
free_pages r
free q
expect no violations
`;
    const run = watched(text, "repaired");
    assertEquals([run.stoppedAt, told(run)], [null, []]);
    const plain = runScenario(parseScenario(text).scenario, {
      archs: ARCHS,
      edition: edition("repaired"),
      watch: "off",
    });
    const ends = ({ steps }: Run): unknown => steps.map(({ outcome, events }) => [outcome, events]);
    assertEquals(ends(run), ends(plain));
  });
}

Deno.test("runScenario() sees the calls that malloc makes, and judges malloc itself", () => {
  const run = watched("machine x86_64\nboot\np = malloc 100\nfree p\n", "head");
  assertEquals(told(run), [
    "3: what was given back is not mapped: the page 0xffffffffffffe still leads to frame 0x106b, " +
    "which is free",
  ]);
});

Deno.test("expect no violations holds until a rule is broken, and watches the run by itself", () => {
  const text = `${AREA}expect no violations
a = alloc_page
b = alloc_page
free_pages a
free_pages b
expect no violations
`;
  const parsed = parseScenario(text).scenario;
  const run = runScenario(parsed, { archs: ARCHS, edition: edition("head") });
  assertEquals(run.expectations.map(({ held, actual }) => [held, actual]), [
    ["yes", "no rule was broken"],
    [
      "no",
      "step 5 violates no mergeable buddies are both usable: 0x1002 and 0x1003 are usable blocks " +
      "of order 0",
    ],
  ]);
  const unwatched = runScenario(parsed, { archs: ARCHS, watch: "off" });
  assertEquals(unwatched.expectations.map(({ actual }) => actual), [
    "the run is not watched",
    "the run is not watched",
  ]);
  assertEquals([unwatched.firstViolation, unwatched.watched], [null, "off"]);
  const built = scenario().area("any", 0x1000, 0x1020).expect("no violations").build().scenario;
  const data = scenario().area("any", 0x1000, 0x1020).expect({ form: "no-violations" }).build();
  assertEquals(built, data.scenario);
});

const MISUSED: readonly [string, number, string][] = [
  ["machine x86_64\nboot\na = malloc 8\nwrite a-8 0\n", 3, "memory at "],
  [
    "machine x86_64\nboot\na = malloc 8\np = virt_to_pte_phys a-8\nfree_pages p\n",
    4,
    "free_pages was used with ",
  ],
  ["area any 0x1000 0x1010\na = alloc_page\nfill 0x1000000 16 0xff\n", 2, "memory at 0x1000000 "],
  ["area any 0x1000 0x1010\na = alloc_pages 2\nfree_pages a\nwrite a 1\n", 3, "memory at "],
  ["machine x86_64\nboot\nv = vmap 0xfffffffffffff000 0x1000\n", 2, "vmap was used with "],
  ["machine i386\nboot\nv = vmap 0x7fffffff000 4K\n", 2, "vmap was used with "],
];

for (const [text, step, why] of MISUSED) {
  Deno.test(`runScenario() judges nothing from step ${step} on: ${why}(${text.length})`, () => {
    const run = watched(`${text}expect no violations\n`, "repaired");
    assertEquals([told(run), run.unjudgedFrom?.step], [[], step]);
    assertEquals(run.unjudgedFrom?.why.slice(0, why.length), why);
    assertEquals(run.expectations.map(({ held, actual }) => [held, actual]), [
      ["no", `not judged from step ${step} on: ${run.unjudgedFrom?.why}`],
    ]);
  });
}

Deno.test("runScenario() takes a page that a lookup maps for the scenario's", () => {
  for (const [arch, at] of [["arm64", "0x90000000"], ["ppc64", "0x800000000000"]]) {
    const text = `machine ${arch}\nboot\np = virt_to_pte_phys ${at}\na = malloc 8\nfree a\n`;
    const run = watched(text, "repaired");
    assertEquals([told(run), run.unjudgedFrom], [[], null], arch);
  }
});
