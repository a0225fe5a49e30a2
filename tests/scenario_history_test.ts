import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ARCHS } from "../arch/mod.ts";
import type { Machine } from "../src/machine.ts";
import { parseScenario, type Run, runScenario, type Scenario } from "../src/scenario/mod.ts";
import { byteCount } from "../src/units.ts";
import { RUNNABLE } from "./scenario_arbitrary.ts";

/** Everything of a machine that can be seen: areas, bytes, what was touched, why it stopped. */
function stateOf(machine: Machine): unknown {
  const bytes = machine.ram.map.ranges.map(({ first, size }) =>
    machine.ram.peekRuns(first, byteCount(size))
  );
  const { areasMask } = machine.pages;
  const touched = [...machine.ram.touchedPages()];
  return { areasMask, areas: machine.pages.areas(), bytes, touched, stopped: machine.stopped };
}

function runText(text: string): Run {
  return runScenario(parseScenario(text).scenario, { archs: ARCHS });
}

/** The state at the end of the first statements, run afresh. */
function freshState(scenario: Scenario, steps: number): unknown {
  const statements = scenario.statements.slice(0, steps);
  const run = runScenario({ statements }, { archs: ARCHS });
  return stateOf(run.machineAfter(statements.length - 1));
}

Deno.test("machineAfter() equals a fresh run to that step, in any order", () => {
  const positions = fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(RUNNABLE, positions, (text, wanted) => {
      const run = runText(text);
      for (const position of wanted) {
        const step = position % run.steps.length;
        assertEquals(stateOf(run.machineAfter(step)), freshState(run.scenario, step + 1));
      }
    }),
    { seed: 20201002, numRuns: 40 },
  );
});

/** A scenario of many steps, past many checkpoints: pages taken and given back, with a twist. */
function longText(steps: number): string {
  const lines = ["machine x86_64", "area any 0x100 0x180"];
  for (let index = 0; lines.length < steps; index++) {
    const name = `p${index % 5}`;
    lines.push(`${name} = alloc_pages ${index % 3}`, `write ${name}+8 ${index}`);
    lines.push(`try free_pages ${name}+1`, `free_pages ${name}`);
  }
  return lines.slice(0, steps).join("\n");
}

Deno.test("machineAfter() keeps what it needs for a long run, and finds every step", () => {
  const run = runText(longText(3000));
  for (const step of [2999, 0, 63, 64, 65, 2047, 2048, 2222, -1]) {
    const expected = step < 0 ? null : freshState(run.scenario, step + 1);
    const machine = run.machineAfter(step);
    if (expected === null) assertEquals(machine.pages.areas(), []);
    else assertEquals(stateOf(machine), expected, `step ${step}`);
  }
});

Deno.test("machineAfter() gives copies that the caller may change", () => {
  const run = runText("area any 0x100 0x200\np = alloc_page\nq = alloc_page");
  const machine = run.machineAfter(1);
  const before = stateOf(run.machineAfter(1));
  machine.pages.allocPages(3, 0);
  assertEquals(stateOf(run.machineAfter(1)), before);
  assertEquals(stateOf(run.machineAfter(2)), freshState(run.scenario, 3));
});

Deno.test("machineAfter() gives the stopped machine after the step that stopped it", () => {
  const run = runText("area any 0x100 0x200\nfree_pages 1\nalloc_page\nshow map");
  assertEquals(run.machineAfter(0).stopped, null);
  for (const step of [1, 2, 3]) {
    assertEquals(run.machineAfter(step).stopped?.kind, "assertion-failed");
  }
});

Deno.test("machineAfter() refuses steps that are not there", () => {
  const run = runText("area any 0x100 0x200\nalloc_page");
  for (const step of [-2, 2, 0.5, NaN]) {
    assertThrows(() => run.machineAfter(step), RangeError, "the step must be -1 to 1");
  }
});
