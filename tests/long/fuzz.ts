/**
 * The long campaign of random search: minutes on every architecture, in every edition.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ARCHS } from "../../arch/mod.ts";
import { EDITIONS, printScenario } from "../../mod.ts";
import { fuzz, fuzzEditions, symptomText } from "../../src/check/mod.ts";
import { edition } from "../support.ts";

const CONTROL = { shouldStop: () => false, onProgress: () => {} };

for (const arch of ARCHS) {
  for (const layer of ["pages", "stack"] as const) {
    const runs = layer === "pages" ? 5000 : 150;
    Deno.test(`${runs} random runs of all ${layer} on ${arch.name} break no rule`, () => {
      const options = { arch, edition: edition("repaired"), seed: 20_261, runs, layer };
      const { counterexamples } = fuzz(options, CONTROL);
      const told = counterexamples.map(({ symptom, scenario }) => {
        return `${symptomText(symptom)}\n${printScenario(scenario)}`;
      });
      assertEquals(told, []);
    });
  }
}

// Editions that do the same as their predecessors, but for calls that these do not have.
const EQUAL: readonly (readonly [string, string])[] = [
  ["buddy-2020-10", "malloc-2020-10"],
  ["malloc-2020-10", "reserve-2020-10"],
];

for (const [index, { name }] of EDITIONS.entries()) {
  const before = EDITIONS[index - 1];
  if (before === undefined) continue;
  const isEqual = EQUAL.some(([one, other]) => one === before.name && other === name);
  const verb = isEqual ? "finds nothing" : "finds a difference";
  Deno.test(`random search ${verb} between ${before.name} and ${name}`, () => {
    const found = ARCHS.some((arch) => {
      const options = { arch, edition: before, against: edition(name), seed: 1, runs: 300 };
      return fuzzEditions(options, CONTROL).difference !== null;
    });
    assertEquals(found, !isEqual);
  });
}
