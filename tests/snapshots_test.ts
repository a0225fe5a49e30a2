/**
 * The snapshot suite: each scenario of `tests/scenarios`, run on the edition that it names and on the
 * others listed here, as text that a person can check against the C.
 */

import { assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { type Edition, EDITIONS, parseScenario, type Run, runScenario } from "../mod.ts";
import {
  printArchTable,
  printEditionTable,
  printPageMap,
  printShow,
  printTrace,
} from "../src/report/mod.ts";
import { edition } from "./support.ts";

const SCENARIOS = new URL("scenarios/", import.meta.url);

/** Scenarios that are run on further editions, because they differ there. */
const FURTHER_EDITIONS: Readonly<Record<string, readonly string[]>> = {
  "bad_frees": ["buddy-2020-10"],
  "free_in_random_order": ["pfn-2021-01"],
  "free_null": ["reserve-2020-10", "areas-2021-01"],
  "fresh_requests": ["zero-2021-01"],
  "host_init_on_free_of_vmalloc": ["repaired"],
  "large_alignment": ["list-2020"],
  "malloc_header_words": ["list-2020"],
  "nothing_lost": ["fresh-2021-01"],
  "reserve_in_freed_block": ["pfn-2021-01"],
  "reserve_in_fresh_block": ["areas-2021-01", "pfn-2021-01"],
  "reserve_rolled_back": ["areas-2021-01"],
  "split_to_one_page": ["list-2020", "zero-2021-01"],
  "two_ranges_one_zone": ["areas-2021-01"],
};

/** Scenarios whose calls of malloc and free are told event by event. */
const WITH_EVENTS: ReadonlySet<string> = new Set(["follow_malloc_5000"]);

/** A longer page map is shown only as it is in the end. */
const MOST_LINES_TWICE = 9;

/** The legend and the empty line behind it, which stand once. */
const LEGEND_LINES = 2;

/** The map before the first call and after the last; of a machine that boots, the map is too large. */
function mapsOf(run: Run): string[] {
  const calls = run.steps.map(({ statement }) => statement.kind === "call" ? statement.call : "");
  if (calls.includes("boot")) return [];
  const firstCall = run.steps.findIndex(({ statement }) =>
    statement.kind === "call" && !["area", "page_alloc_init_area"].includes(statement.call)
  );
  const before = run.machineAfter(Math.max(0, firstCall) - 1);
  const after = run.machineAfter(run.steps.length - 1);
  const first = printPageMap(before, before.pages.areas());
  const last = printPageMap(after, after.pages.areas());
  const isShort = first.split("\n").length <= MOST_LINES_TWICE && last !== first;
  if (!isShort) return [last];
  return [
    `page map before the calls\n\n${first}`,
    `page map in the end\n\n${last.split("\n").slice(LEGEND_LINES).join("\n")}`,
  ];
}

/** What the allocator did inside each call behind boot. */
function eventsOf(run: Run): string[] {
  const steps = run.steps.filter(({ statement, events }) =>
    statement.kind === "call" && statement.call !== "boot" && events.length > 0
  );
  return steps.map((step) =>
    printTrace({ ...run, steps: [step] }, { events: "shown", mostEvents: 100 })
  );
}

/** The trace, the maps, and what the scenario shows. */
function runText(name: string, title: string, run: Run): string {
  return [
    title,
    printTrace(run),
    ...mapsOf(run),
    ...(WITH_EVENTS.has(name) ? eventsOf(run) : []),
    ...run.shows.map((show) => printShow(run, show)),
  ].join("\n").trimEnd();
}

function load(name: string): { title: string; run: (on: Edition | null) => Run } {
  const text = Deno.readTextFileSync(new URL(`${name}.buddy`, SCENARIOS));
  const parsed = parseScenario(text, { file: `${name}.buddy`, archs: ARCHS });
  const title = text.split("\n")[0]?.replace(/^# /, "") ?? "";
  const run = (on: Edition | null): Run =>
    runScenario(parsed.scenario, {
      archs: ARCHS,
      source: parsed,
      ...(on === null ? {} : { edition: on }),
    });
  return { title, run };
}

const NAMES = [...Deno.readDirSync(SCENARIOS)].map(({ name }) => name.replace(/\.buddy$/, ""))
  .sort();

for (const name of NAMES) {
  const { title, run } = load(name);

  Deno.test(`scenario ${name}: everything that it expects holds`, () => {
    const failed = run(null).expectations.filter(({ held }) => held !== "yes");
    assertEquals(failed, []);
  });

  Deno.test(`scenario ${name}: trace, maps and views`, async (t) => {
    const path = `../__snapshots__/${name}.snap`;
    await t.assertSnapshot(runText(name, title, run(null)), { path, serializer: (text) => text });
  });

  for (const further of FURTHER_EDITIONS[name] ?? []) {
    Deno.test(`scenario ${name} on ${further}: trace, maps and views`, async (t) => {
      const path = `../__snapshots__/${name}.${further}.snap`;
      await t.assertSnapshot(runText(name, title, run(edition(further))), {
        path,
        serializer: (text) => text,
      });
    });
  }
}

Deno.test("all architectures side by side", async (t) => {
  const path = "../__snapshots__/archs.snap";
  await t.assertSnapshot(printArchTable(ARCHS, edition("head")).trimEnd(), {
    path,
    serializer: (text) => text,
  });
});

Deno.test("all editions side by side", async (t) => {
  const path = "../__snapshots__/editions.snap";
  await t.assertSnapshot(printEditionTable(EDITIONS).trimEnd(), {
    path,
    serializer: (text) => text,
  });
});
