/**
 * The packed steps of the exploration against the literal engine: page states, links, max_order and how
 * each call ends.
 */

import { assert, assertEquals } from "@std/assert";
import { cloneMachine, type Machine } from "../mod.ts";
import { initialState } from "../src/check/explore/initial.ts";
import { foldingOf, keyFormat, readKey, writeKey } from "../src/check/explore/key.ts";
import { copyPacked, newPacked, type Packed } from "../src/check/explore/packed.ts";
import { brokenRules, EXPLORED_RULES } from "../src/check/explore/packed_rules.ts";
import { isCallable, STOPPED } from "../src/check/explore/step.ts";
import { type ExploreOperation, findViolations, STATE_RULES } from "../src/check/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import {
  BLOCK_EDITIONS,
  cellsOf,
  compareCall,
  comparedCells,
  machineOf,
  type Subject,
  subject,
} from "./explore_support.ts";
import { arch, edition } from "./support.ts";

const ALL: readonly ExploreOperation[] = ["alloc", "free", "memalign", "reserve", "fresh"];

/** The rules about states that a machine breaks, of those that are explored. */
function brokenOnMachine(machine: Machine): string[] {
  const found = new Set<string>(findViolations(machine).map(({ rule }) => rule));
  return EXPLORED_RULES.filter((rule) => found.has(rule));
}

/** The rules about states among some rules that are given as bits. */
function stateRulesOf(bits: number): string[] {
  return EXPLORED_RULES.filter((rule, place) =>
    rule in STATE_RULES && Math.floor(bits / 2 ** place) % 2 === 1
  );
}

/** Makes each call in each sound state on both engines; gives the number of calls. */
function compareAllTransitions(of: Subject): number {
  const format = keyFormat(of.model, foldingOf(of.model, "exact", new Set()));
  const key = new Int32Array(format.words);
  const [before, after] = [newPacked(of.model), newPacked(of.model)];
  copyPacked(initialState(of.model), before);
  writeKey(format, before, key);
  const machines = new Map([[key.join(), machineOf(of)]]);
  let transitions = 0;
  for (const [name, machine] of machines) {
    readKey(format, Int32Array.from(name.split(","), Number), 0, before);
    assertEquals(comparedCells(before), cellsOf(of, machine), `${of.edition.name}: state ${name}`);
    for (const call of of.calls.filter((one) => isCallable(before, one))) {
      copyPacked(before, after);
      const copy = cloneMachine(machine);
      const end = compareCall(of, call, after, copy);
      transitions++;
      const broken = brokenRules(before, after, call, typeof end === "number" ? end : STOPPED);
      if (end === "fault" || end === "assertion-failed") continue;
      const said = `${of.edition.name}: ${JSON.stringify(call)}`;
      assertEquals(stateRulesOf(broken), brokenOnMachine(copy), said);
      writeKey(format, after, key);
      if (broken === 0 && !machines.has(key.join())) machines.set(key.join(), copy);
    }
  }
  return transitions;
}

for (const of of BLOCK_EDITIONS) {
  Deno.test(`the packed step does what the literal engine does, 4 frames, ${of.name}`, () => {
    const operations = of.name === "repaired" ? ALL.slice(0, 4) : ALL;
    assert(compareAllTransitions(subject(of, [{ frames: 4 }], operations)) > 100);
  });
}

Deno.test("the packed step does what the literal engine does for fresh blocks, repaired", () => {
  const of = subject(edition("repaired"), [{ frames: 4 }], ["alloc", "free", "fresh"]);
  assert(compareAllTransitions(of) > 500);
});

Deno.test("the packed step does what the literal engine does, unaligned", () => {
  for (const name of ["pfn-2021-01", "head", "repaired"]) {
    const unaligned = [{ frames: 4, offset: 1 }];
    assert(compareAllTransitions(subject(edition(name), unaligned, ["alloc", "free"])) > 30);
  }
});

/** Random calls on both engines, through broken states too, until one of them does not return. */
function walk(of: Subject, seed: number): number {
  const random = randomNumbers(seed);
  const [machine, packed] = [machineOf(of), initialState(of.model)];
  for (let made = 0; made < 60; made++) {
    const calls = of.calls.filter((call) => isCallable(packed, call));
    const call = pick(calls, random, packed);
    const end = compareCall(of, call, packed, machine);
    if (typeof end === "string") return made;
  }
  return 60;
}

/** A call; releases as often as requests, so that walks go on. */
function pick(
  calls: Subject["calls"],
  random: (bound: number) => number,
  packed: Packed,
): Subject["calls"][number] {
  const frees = calls.filter(({ kind }) => kind === "free" || kind === "unreserve");
  const from = frees.length > 0 && random(5) < 2 ? frees : calls;
  const call = from[random(from.length)];
  assert(call !== undefined && isCallable(packed, call));
  return call;
}

Deno.test("random walks over 8 and 16 frames are the same on both engines, damage included", () => {
  for (const of of BLOCK_EDITIONS) {
    for (const frames of [8, 16]) {
      const plain = subject(of, [{ frames }], ["alloc", "free", "memalign"]);
      const all = subject(of, [{ frames }], ALL);
      let calls = 0;
      for (let seed = 1; seed <= 3; seed++) calls += walk(plain, seed) + walk(all, seed);
      const areas = [{ frames: frames / 2 }, { frames: frames / 2, offset: 3 }];
      calls += walk(subject(of, areas, ALL), 4) + walk(subject(of, areas, ["alloc", "free"]), 5);
      assert(calls > 150, `${of.name}: ${calls} calls`);
    }
  }
});

Deno.test("the packed step follows architectures whose wide shifts give 0", () => {
  for (const name of ["status-2021-01", "head"]) {
    const of = subject(edition(name), [{ frames: 4 }], ALL, arch("ppc64"));
    assert(compareAllTransitions(of) > 100);
  }
});
