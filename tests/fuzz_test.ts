/**
 * Random search: it finds each defect where it is, is the same for the same seed, and is silent where all
 * promises are kept.
 */

import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Counterexample,
  fuzz,
  fuzzEditions,
  type FuzzOptions,
  type FuzzReport,
  judgeScenario,
  symptomText,
} from "../src/check/mod.ts";
import { parseScenario, printScenario } from "../mod.ts";
import { ARCHS } from "../arch/mod.ts";
import { arch, edition } from "./support.ts";

const CONTROL = { shouldStop: () => false, onProgress: () => {} };

function search(of: string, more: Partial<FuzzOptions> = {}): FuzzReport {
  const options = { arch: arch("arm64"), edition: edition(of), seed: 1, runs: 2000 };
  return fuzz({ ...options, ...more }, CONTROL);
}

function texts(found: readonly Counterexample[]): string[] {
  return found.map(({ symptom, scenario }) =>
    `${symptomText(symptom)}\n${printScenario(scenario)}`
  );
}

/** The number of calls after the areas. */
function callsOf({ scenario }: Counterexample): number {
  return scenario.statements.filter((one) => one.kind === "call" && one.call !== "area").length;
}

// The defect, an edition that has it, the rule by which it is found, and in how many calls.
const FINDS = [
  ["dead coalescing (D1)", "head", "no mergeable buddies are both usable", 2],
  ["reserved pages that stay listed (D2)", "head", "listed blocks are usable", 1],
  ["blocks above max_order (D7)", "max-order-2021-01", "max order is a bound", 3],
  [
    "fresh blocks of half the size (D4)",
    "head",
    "a block asked for as fresh was never touched",
    1,
  ],
  [
    "size and alignment swapped (D5)",
    "status-2021-01",
    "a block handed out has the size and alignment asked for",
    1,
  ],
] as const;

for (const [defect, of, rule, calls] of FINDS) {
  Deno.test(`fuzz() finds ${defect} in ${calls} calls`, () => {
    const { counterexamples: [found] } = search(of, { rules: [rule], stopAt: "first" });
    assert(found !== undefined, "nothing was found");
    assertEquals(found.symptom.rule, rule);
    assertEquals(callsOf(found), calls, printScenario(found.scenario));
  });
}

Deno.test("fuzz() keeps symptoms of one rule apart, and tells what follows from what", () => {
  const { counterexamples } = search("head", { runs: 24 });
  const found = counterexamples.map(({ symptom }) => symptomText(symptom));
  assertEquals(new Set(found).size, found.length);
  assertGreater(found.length, 5);
  for (const { earlier, scenario, step, edition: name, symptom } of counterexamples) {
    const seen = judgeScenario(scenario, { archs: ARCHS, edition: edition(name) });
    const wanted = symptomText(symptom);
    assert(seen.some((one) => one.step === step && symptomText(one.symptom) === wanted));
    assertEquals(earlier.length > 0, seen.some((one) => one.step < step));
  }
});

Deno.test("fuzz() finds the same with the same seed, and other runs with another", () => {
  const rules = ["listed blocks are usable", "links are mutual"] as const;
  const [one, same] = [search("head", { runs: 20, rules }), search("head", { runs: 20, rules })];
  assertEquals(texts(same.counterexamples), texts(one.counterexamples));
  assertEquals([same.runs, same.calls], [one.runs, one.calls]);
  assertNotEquals(search("head", { runs: 20, rules, seed: 2 }).calls, one.calls);
});

Deno.test("fuzz() makes scenarios whose text can be pasted", () => {
  const rules = ["special pages are never handed out"] as const;
  const { counterexamples: [found] } = search("head", { rules, stopAt: "first" });
  assert(found !== undefined);
  const text = printScenario(found.scenario);
  const { scenario } = parseScenario(text, { archs: ARCHS });
  assertEquals(scenario, found.scenario);
  const seen = judgeScenario(scenario, { archs: ARCHS });
  assert(seen.some(({ symptom }) => symptom.rule === rules[0]), text);
});

for (const name of ["arm64", "i386", "s390x", "x86_64"]) {
  Deno.test(`fuzz() finds nothing on ${name} where all promises are kept`, () => {
    const { counterexamples, calls } = search("repaired", { arch: arch(name), runs: 20 });
    assertEquals(texts(counterexamples), []);
    assertGreater(calls, 300);
  });
}

Deno.test("fuzz() of all layers finds mappings that outlive what was freed, not where it was repaired", () => {
  const rules = ["what was given back is not mapped"] as const;
  const options = { arch: arch("i386"), layer: "stack", rules, runs: 6, stopAt: "first" } as const;
  const { counterexamples: [found] } = search("head", options);
  assert(found !== undefined);
  const names = found.scenario.statements.map((one) => one.kind === "call" ? one.call : one.kind);
  assertEquals(names.slice(0, 2), ["machine", "boot"]);
  assertEquals(names.length, 4, printScenario(found.scenario));
  assertEquals(search("repaired", { ...options, runs: 2 }).found, 0);
});

Deno.test("fuzz() asks the clock and tells how far it is", () => {
  const told: number[] = [];
  let left = 3;
  const options = { arch: arch("arm64"), edition: edition("repaired"), seed: 1, runs: null };
  const report = fuzz(options, {
    shouldStop: () => left-- === 0,
    onProgress: ({ runs }) => told.push(runs),
  });
  assertEquals(told, [16, 32, 48]);
  assertEquals(report.runs, 48);
});

function difference(one: string, other: string, runs = 300): string | null {
  const options = { arch: arch("arm64"), edition: edition(one), against: edition(other), seed: 1 };
  const { difference: found } = fuzzEditions({ ...options, runs }, CONTROL);
  return found === null ? null : printScenario(found.scenario);
}

Deno.test("fuzzEditions() finds that coalescing stopped (D1), in two calls", () => {
  const text = difference("bcffccfc", "dbad82e3");
  assertEquals(text?.split("\n").length, 5, text ?? "nothing found");
  assert(/free_pages a\n$/.test(text ?? ""), text ?? "");
});

Deno.test("fuzzEditions() finds what was repaired, and nothing between equal allocators", () => {
  assertNotEquals(difference("repaired", "head"), null);
  assertEquals(difference("8131e91a", "f90ddba3", 16), null);
});

Deno.test("fuzz() passes on what goes wrong in the model, and takes it for no find", () => {
  const broken = { ...arch("arm64"), pageShifts: [11] } as const;
  assertThrows(() => search("head", { arch: broken, runs: 4 }), RangeError);
});
