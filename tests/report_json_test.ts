import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, type Run, runScenario } from "../mod.ts";
import { type JsonObject, type RunJsonOptions, runToJson } from "../src/report/mod.ts";
import { edition } from "./support.ts";

function runOf(lines: readonly string[], name = "head"): Run {
  const { scenario } = parseScenario(`${lines.join("\n")}\n`, { archs: ARCHS });
  return runScenario(scenario, { archs: ARCHS, edition: edition(name) });
}

/** What a reader of the text gets. */
function read(run: Run, options: RunJsonOptions = {}): JsonObject {
  return JSON.parse(JSON.stringify(runToJson(run, options)));
}

function placeAt(name: string, line: number): JsonObject {
  return { file: "lib/alloc_page.c", function: name, line, lineOf: "this-edition" };
}

Deno.test("runToJson() tells of events where an edition without a text departs from head", () => {
  const lines = ["area 0 0x1000 0x1020", "a = alloc_page", "b = alloc_page", "free_pages b"];
  const [, , , freed] = read(runOf(lines, "repaired"))["steps"] as JsonObject[];
  const events = freed?.["events"] as JsonObject[];
  assertEquals(events.at(-1)?.["source"], {
    file: "lib/alloc_page.c",
    function: "coalesce",
    line: 243,
    lineOf: "head",
    departs: "joins any two usable buddies",
  });
});

Deno.test("runToJson() has the documented form", () => {
  const run = runOf(["area 0 0x1000 0x1006", "p = alloc_page", "expect p == 0x1001000"]);
  assertEquals(read(run), {
    format: "buddyscope-run-1",
    machine: {
      arch: "x86_64",
      wordBits: 64,
      byteOrder: "little",
      pageSize: "0x1000",
      powerOn: { kind: "zero" },
      areasAddress: "0xfffffffffffe0000",
    },
    edition: { name: "fresh-2021-01", commit: "4a54e8a3" },
    steps: [
      {
        index: 0,
        statement: "area 0 0x1000 0x1006",
        args: ["0x0", "0x1000", "0x1006"],
        flags: 0,
        effect: "kept",
        outcome: { kind: "returned", value: { kind: "nothing" } },
        events: [{
          kind: "area",
          area: 0,
          metadata: 0x1000,
          base: 0x1001,
          top: 0x1006,
          source: placeAt("_page_alloc_init_area", 486),
        }],
      },
      {
        index: 1,
        statement: "p = alloc_page",
        args: [],
        flags: 0,
        effect: "kept",
        outcome: { kind: "returned", value: { kind: "address", value: "0x1001000" } },
        events: [
          { kind: "unlink", pfn: 0x1001, order: 0, source: placeAt("page_memalign_order", 181) },
          {
            kind: "state",
            pfn: 0x1001,
            count: 1,
            state: 0x80,
            source: placeAt("page_memalign_order", 191),
          },
          {
            kind: "zero",
            pfn: 0x1001,
            count: 1,
            source: placeAt("page_memalign_order_flags", 405),
          },
        ],
      },
      {
        index: 2,
        statement: "expect p == 0x1001000",
        args: [],
        flags: 0,
        effect: "none",
        outcome: { kind: "returned", value: { kind: "nothing" } },
        events: [],
      },
    ],
    expectations: [{ step: 2, held: true, expected: "p == 0x1001000", actual: "p is 0x1001000" }],
    stoppedAt: null,
    areas: [{
      area: 0,
      name: "normal",
      zone: 0,
      metadata: 0x1000,
      base: 0x1001,
      top: 0x1006,
      maxOrder: 1,
      states: [[0x80, 1], [1, 4]],
      freeLists: [{
        order: 1,
        forward: { pfns: [0x1004, 0x1002], end: { kind: "own-head" } },
        backward: null,
      }],
    }],
  });
});

Deno.test("runToJson() tells how calls were stopped", () => {
  const run = runOf([
    "area 0 0x1000 0x1006",
    "try read 0x5000",
    "try free_pages 0x1001000",
    "reserve_pages 0 1",
    "free_pages 0x1001001",
    "alloc_page",
  ]);
  const steps = read(run, { areas: "left-out" })["steps"];
  assert(Array.isArray(steps));
  assertEquals(steps.slice(1).map(({ outcome }) => outcome), [
    {
      kind: "fault",
      address: "0x5000",
      reason: "hole",
      by: "the scenario",
      access: { kind: "read", address: "0x5000", sizeBytes: "0x8", byte: null },
    },
    {
      kind: "assertion-failed",
      file: "lib/alloc_page.c",
      function: "_free_pages",
      line: 285,
      expression: "IS_ALLOCATED(a->page_states[p])",
      message: "",
    },
    { kind: "returned", value: { kind: "integer", value: "-0x1" } },
    {
      kind: "assertion-failed",
      file: "lib/alloc_page.c",
      function: "_free_pages",
      line: 275,
      expression: "IS_ALIGNED((uintptr_t)mem, PAGE_SIZE)",
      message: "",
    },
    { kind: "not-run", why: "machine-stopped" },
  ]);
  assertEquals(read(run)["stoppedAt"], 4);
});

Deno.test("runToJson() tells undefined behaviour, and lists that are damaged", () => {
  const run = runOf([
    "area 0 0x1000 0x1010",
    "write 0x1001008 0x1001000",
    "write 0x1002008 0x123",
    "alloc_pages 1",
  ]);
  const areas = read(run)["areas"];
  assert(Array.isArray(areas));
  const [{ freeLists }] = areas;
  assertEquals(freeLists.slice(0, 2), [
    {
      order: 0,
      forward: { pfns: [0x1001], end: { kind: "cycle", pfn: 0x1001 } },
      backward: { pfns: [0x1001], end: { kind: "own-head" } },
    },
    freeLists[1],
  ]);
  assertEquals(read(run, { areas: "left-out" })["areas"], undefined);
});

Deno.test("runToJson() tells the areas after each call, if asked", () => {
  const run = runOf(["area 0 0x1000 0x1006", "alloc_page", "show map"]);
  const { steps } = read(run, { areas: "after-each-call" });
  assert(Array.isArray(steps));
  assertEquals(steps.map(({ areas }) => areas?.[0].states), [
    [[0, 1], [1, 4]],
    [[0x80, 1], [1, 4]],
    undefined,
  ]);
});
