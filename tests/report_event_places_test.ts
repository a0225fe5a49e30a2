/**
 * placesOfEvents(): each event is laid to the function that it comes from, on each edition.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { EDITIONS, parseScenario, type Run, runScenario } from "../mod.ts";
import { eventPlaceText, placesOfEvents } from "../src/report/event_places.ts";
import { eventText } from "../src/report/events.ts";
import { formatOf } from "../src/report/subject.ts";
import { printTrace } from "../src/report/mod.ts";
import { runCli } from "./cli_host.ts";
import { edition } from "./support.ts";

function runOf(text: string, name: string): Run {
  const parsed = parseScenario(text, { archs: ARCHS });
  return runScenario(parsed.scenario, { archs: ARCHS, edition: edition(name) });
}

/** The events of a step with function and line, such as `unlinks 1002 order 1 split 113`. */
function placedEvents(run: Run, step: number): string[] {
  const { events, statement } = run.steps[step] ?? { events: [], statement: null };
  const call = statement?.kind === "call" ? statement.call : "";
  const places = placesOfEvents(events, { edition: run.edition, call });
  assertEquals(places.length, events.length);
  return events.map((event, index) => {
    const place = places[index]?.place;
    return `${eventText(event, formatOf(run))} ${place?.function} ${place?.line}`;
  });
}

const SPLIT_AND_JOIN = `area any 0x1000 0x1020
a = alloc_page
b = alloc_page
free_pages b
c = alloc_pages 1 fresh
reserve_pages 0x100a000 1
unreserve_pages 0x100a000 1
`;

Deno.test("placesOfEvents() tells split, request, free, fresh half and reservation apart at head", () => {
  const run = runOf(SPLIT_AND_JOIN, "head");
  assertEquals(placedEvents(run, 0), [
    "makes area 2 of 1000..101f, usable from 1001 _page_alloc_init_area 486",
  ]);
  assertEquals(placedEvents(run, 2), [
    "unlinks 1002 order 1 split 113",
    "splits 1002 order 1 split 118",
    "links 1002 order 0 at the back split 127",
    "links 1003 order 0 at the back split 128",
    "unlinks 1002 order 0 page_memalign_order 181",
    "marks 1002 1 frame A0 page_memalign_order 191",
    "zeroes 1002 1 frame page_memalign_order_flags 405",
  ]);
  assertEquals(placedEvents(run, 3), ["links 1002 order 0 at the front _free_pages 300"]);
  assertEquals(placedEvents(run, 4), [
    "unlinks 1004 order 2 split 113",
    "splits 1004 order 2 split 118",
    "links 1004 order 1 at the back split 127",
    "links 1006 order 1 at the back split 128",
    "unlinks 1004 order 1 page_memalign_order 181",
    "links 1004 order 0 at the back page_memalign_order 187",
    "marks 1005 1 frame A0 page_memalign_order 191",
    "zeroes 1005 2 frames page_memalign_order_flags 405",
  ]);
});

Deno.test("placesOfEvents() tells the reservation of a frame and its end", () => {
  const lines = "area any 0x1000 0x1020\nreserve_pages 0x100a000 1\nunreserve_pages 0x100a000 1\n";
  const run = runOf(lines, "head");
  assertEquals(placedEvents(run, 1).at(-1), "marks 100a 1 frame S0 _reserve_one_page 342");
  assertEquals(placedEvents(run, 2), ["links 100a order 0 at the front _free_pages 300"]);
});

Deno.test("placesOfEvents() tells a join's two blocks apart where freed blocks join", () => {
  const run = runOf(SPLIT_AND_JOIN, "pfn-2021-01");
  assertEquals(placedEvents(run, 3), [
    "links 1002 order 0 at the front _free_pages 255",
    "unlinks 1003 order 0 coalesce 195",
    "unlinks 1002 order 0 coalesce 196",
    "links 1002 order 1 at the front coalesce 203",
    "joins 1002 to order 1 coalesce 200",
  ]);
});

Deno.test("placesOfEvents() says where an edition without a text of its own departs from head", () => {
  const run = runOf(SPLIT_AND_JOIN, "repaired");
  const departing = run.steps.flatMap(({ events, statement }) => {
    const call = statement.kind === "call" ? statement.call : "";
    const places = placesOfEvents(events, { edition: run.edition, call });
    assert(places.every(({ place }) => place.lineOf === "head"));
    return places.filter(({ departs }) => departs !== "").map(eventPlaceText);
  });
  assertEquals([...new Set(departing)], [
    "coalesce(), lib/alloc_page.c, line 243 at head, but joins any two usable buddies",
    "page_memalign_order(), lib/alloc_page.c, line 187 at head, but gives back all that the size " +
    "and the alignment leave over",
    "_reserve_one_page(), lib/alloc_page.c, line 342 at head, but takes the frame off its list",
  ]);
  const head = runOf(SPLIT_AND_JOIN, "head");
  const places = head.steps.flatMap(({ events }) =>
    placesOfEvents(events, { edition: head.edition, call: "" })
  );
  assert(places.every(({ departs }) => departs === ""));
});

Deno.test("placesOfEvents() has a place for each kind of event, on each edition", () => {
  const text = `area any 0x1000 0x1020
try area any 0x2000 0x2003
a = alloc_page
b = alloc_page
free_pages b
try c = alloc_page fresh
try reserve_pages 0x1002000 1
free_pages a
`;
  const kinds = new Set<string>();
  for (const { name } of EDITIONS) {
    const run = runOf(text, name);
    for (const { events, statement } of run.steps) {
      const call = statement.kind === "call" ? statement.call : "";
      const places = placesOfEvents(events, { edition: run.edition, call });
      for (const [index, { kind }] of events.entries()) {
        kinds.add(kind);
        assert(/^\w+\(\), lib\/alloc_page\.c/.test(eventPlaceText(places[index] ?? never())));
      }
    }
  }
  const all = [
    "area",
    "coalesce",
    "left-out",
    "link",
    "split",
    "state",
    "undefined",
    "unlink",
    "zero",
  ];
  assertEquals([...kinds].toSorted(), all);
});

Deno.test("printTrace() puts the places beside the events, or below them, if asked", () => {
  const run = runOf(SPLIT_AND_JOIN, "repaired");
  const only = { ...run, steps: run.steps.slice(3, 4) };
  const text = printTrace(only, { events: "shown", sources: "shown" });
  assertEquals(text.split("\n").slice(4, -1), [
    "      links 1002 order 0 at the front  _free_pages(), lib/alloc_page.c, line 300 at head",
    "      unlinks 1003 order 0             coalesce(), lib/alloc_page.c, line 238 at head",
    "      unlinks 1002 order 0             coalesce(), lib/alloc_page.c, line 239 at head",
    "      links 1002 order 1 at the front  coalesce(), lib/alloc_page.c, line 246 at head",
    "      joins 1002 to order 1",
    "          coalesce(), lib/alloc_page.c, line 243 at head, but joins any two usable buddies",
  ]);
  assert(!printTrace(only, { events: "shown" }).includes("lib/alloc_page.c"));
});

Deno.test("run --sources needs a step to place", async () => {
  const files = { "p.buddy": SPLIT_AND_JOIN };
  const words = ["run", "p.buddy", "--edition", "head", "--sources"];
  const { code, out } = await runCli([...words, "--step", "3"], { files });
  assertEquals(code, 0);
  assert(out.includes("links 1002 order 0 at the front  _free_pages(), lib/alloc_page.c:300\n"));
  const refused = await runCli(words, { files });
  assertEquals(refused.code, 2);
  assert(refused.err.includes("Option --sources must stand beside --step"), refused.err);
});

function never(): never {
  throw new Error("There are fewer places than events");
}
