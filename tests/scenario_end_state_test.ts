/** `expect nothing lost`: everything is given back, and the machine is as fresh as after set-up. */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, printScenario, runScenario, scenario } from "../mod.ts";
import { explainCounterexample, fuzz, judgeScenario, symptomText } from "../src/check/mod.ts";
import { stackScenario } from "../src/check/fuzz/stack_plan.ts";
import { arch, edition } from "./support.ts";

const RULE = "after everything is freed the machine is as fresh";
const CONTROL = { shouldStop: () => false, onProgress: () => {} };

/** What was found at each `expect nothing lost`; null where it holds. */
function found(text: string, of = "repaired"): (string | null)[] {
  const { expectations } = runScenario(parseScenario(text).scenario, {
    archs: ARCHS,
    edition: edition(of),
  });
  return expectations.map(({ held, actual }) => held === "yes" ? null : actual);
}

const FREED = "area any 0x1007 0x1018\na = alloc_pages 3\nb = alloc_page\nfree_pages a\n" +
  "free_page b\nexpect nothing lost\n";

Deno.test("expect nothing lost finds in head that no blocks are joined (D1)", () => {
  const text = "area any 0x1001 0x103a\na = alloc_page\nfree_page a\nexpect nothing lost\n";
  assertEquals(found(text, "head"), ["area 2 has 2 blocks of order 0, and had 0"]);
  assertEquals(found(text, "pfn-2021-01"), [null]);
  assertEquals(found(text), [null]);
});

Deno.test("expect nothing lost finds in head that the largest block is out of reach (D7)", () => {
  const lost = "the most that area 2 can give is a block of order 2, and was a block of order 3";
  assertEquals(found(FREED, "head"), [lost]);
  // There the blocks of the other half are joined again, which raises max_order as well.
  assertEquals(found(FREED, "max-order-2021-01"), [null]);
});

Deno.test("expect nothing lost does not hold while something is held, and says what", () => {
  const area = "area any 0x1000 0x1021\n";
  const expected = "expect nothing lost\n";
  assertEquals(found(`${area}alloc_pages 1\nfree_page NULL\n${expected}`), [
    "0x1002000, which alloc_pages gave in step 1, is still held",
  ]);
  assertEquals(
    found(`${area}reserve_pages 0x1004000 3\nunreserve_pages 0x1004000 2\n${expected}`),
    [
      "frame 0x1006 is still reserved",
    ],
  );
  assertEquals(found(`${area}reserve_pages 0x2004000 3\n${expected}`), [null], "it was refused");
  assertEquals(
    found(`boot\np = malloc 100\nq = malloc 1\nfree p\n${expected}free q\n${expected}`),
    [
      "0xffffffffffffd008, which malloc gave in step 2, is still held",
      null,
    ],
  );
  assertEquals(found(`${area}free_page 0x5000\n${expected}`), ["the machine is stopped"]);
});

Deno.test("expect nothing lost compares with the machine after the calls that set it up", () => {
  const first = "area any 0x1000 0x1021\n";
  const second = "area any 0x2000 0x2021\n";
  const calls = "p = alloc_page\nfree_page p\n";
  assertEquals(found(`expect nothing lost\n${first}expect nothing lost\n`), [null, null]);
  for (const text of [`${first}${second}${calls}`, `${first}${calls}${second}`]) {
    assertEquals(found(`${text}expect nothing lost\n`), [null]);
  }
  assertEquals(found(`${first}try free_page 0x5000\nexpect nothing lost\n`), [null]);
});

Deno.test("expect nothing lost can be printed, built, and is a step that breaks a rule if watched", () => {
  const text = "area any 0x1001 0x103a\na = alloc_page\nfree_page a\nexpect nothing lost\n";
  assertEquals(printScenario(parseScenario(text).scenario), text);
  const built = scenario().expect({ form: "nothing-lost" }).build();
  assertEquals(printScenario(built.scenario), "expect nothing lost\n");
  const environment = { archs: ARCHS, edition: edition("head"), watch: "violations" } as const;
  const { steps, firstViolation } = runScenario(parseScenario(text).scenario, environment);
  assertEquals(steps[3]?.violations.map(({ rule }) => rule), [RULE]);
  assertEquals(firstViolation?.step, 2);
  const others = { ...environment, rules: ["areas are disjoint"] as const };
  assertEquals(runScenario(parseScenario(text).scenario, others).steps[3]?.violations, []);
});

Deno.test("fuzz() gives everything back and finds what is lost", () => {
  const common = { arch: arch("arm64"), edition: edition("head"), seed: 1, rules: [RULE] } as const;
  const { counterexamples } = fuzz({ ...common, runs: 200 }, CONTROL);
  const texts = counterexamples.map(({ symptom }) => symptomText(symptom));
  for (const what of ["blocks", "the largest block"]) {
    const text = `${RULE}, after expect nothing lost (${what})`;
    assert(texts.includes(text), text);
  }
  for (const one of counterexamples) {
    assertEquals(one.statement, "expect nothing lost");
    assert(!one.editions.includes("repaired"));
    const wording = `It does not hold: ${one.violation.sentence}.`;
    assert(explainCounterexample(one).join(" ").includes(wording));
  }
});

Deno.test("a run that boots gives everything back as well, and is judged in the end", () => {
  const plan = { pages: 0, powerOn: 0, without: 0, ranges: [], calls: [16, 10, 16, 6] };
  const run = stackScenario(plan, { arch: arch("i386"), edition: edition("head") });
  assertEquals(printScenario(run).split("\n").slice(1), [
    "boot",
    "p1 = malloc 8",
    "p2 = alloc_pages 0",
    "p3 = malloc 8",
    "free p1",
    "free_pages p2",
    "free p3",
    "expect nothing lost",
    "",
  ]);
  const last = judgeScenario(run, { archs: ARCHS }).at(-1);
  assertEquals(last?.symptom.rule, RULE);
});

Deno.test("fuzz() loses nothing on repaired, on any architecture", () => {
  for (const one of ARCHS) {
    const common = { arch: one, edition: edition("repaired"), seed: 3 };
    assertEquals(fuzz({ ...common, runs: 32 }, CONTROL).counterexamples, [], one.name);
    const booted = fuzz({ ...common, layer: "stack", runs: 2 }, CONTROL);
    assertEquals(booted.counterexamples, [], one.name);
  }
});
