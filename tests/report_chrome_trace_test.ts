/**
 * chromeTrace(): what Perfetto gets to see of a run.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, type Run, runScenario } from "../mod.ts";
import { chromeTrace } from "../src/report/mod.ts";
import { countFreePages } from "../src/scenario/frames.ts";
import { randomNumbers } from "./random_calls.ts";
import { edition } from "./support.ts";

/** An event as a reader of the format finds it. */
interface Event {
  readonly ph: string;
  readonly name: string;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid?: number;
  readonly s?: string;
  readonly args: Readonly<Record<string, string | number | null>>;
}

function runOf(text: string): Run {
  const parsed = parseScenario(text, { file: "test.buddy", archs: ARCHS });
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed, watch: "violations" });
}

/** The events, after the way through a file. */
function eventsOf(run: Run): Event[] {
  const trace = JSON.parse(JSON.stringify(chromeTrace(run)));
  assertEquals(Object.keys(trace), ["traceEvents", "displayTimeUnit"]);
  assertEquals(trace.displayTimeUnit, "ms");
  return trace.traceEvents;
}

/** The sum over all orders of a counter's last value up to a step, for each area. */
function sumsAt(counters: readonly Event[], step: number): Map<string, number> {
  const past = counters.filter(({ ts = 0 }) => ts <= step);
  return new Map(past.map(({ name, args }) => {
    return [name, Object.values(args).reduce((sum: number, pages) => sum + Number(pages), 0)];
  }));
}

const TWO_AREAS = `machine x86_64 edition=head
area any 0x100 0x140
area any 0x1000 0x1040
a = alloc_page area=lowest
b = alloc_pages 2
c = alloc_page
free_pages a
free_pages c
expect a == 0x101000
reserve_pages 0x1030000 3
free_pages b
`;

Deno.test("chromeTrace() is well-formed: each event has what its phase asks for", () => {
  const run = runOf(TWO_AREAS);
  const events = eventsOf(run);
  assertEquals([...new Set(events.map(({ ph }) => ph))].toSorted(), ["C", "M", "X", "i"]);
  const tracks = events.filter(({ name }) => name === "thread_name");
  assertEquals(tracks.map(({ tid, args }) => [tid, args["name"]]), [
    [1, "steps"],
    [4, "area 2  low"],
    [5, "area 3  lowest"],
  ]);
  const known = new Set(tracks.map(({ tid }) => tid));
  let last = 0;
  for (const { ph, ts, dur, pid, tid, s } of events) {
    assertEquals(pid, 1);
    if (ph === "X" || ph === "i") assert(known.has(tid));
    if (ph === "X") assertEquals(dur, 1);
    if (ph === "i") assert(s === "t" || s === "p");
    if (ph === "M") continue;
    assert(ts !== undefined && ts >= last && ts < run.steps.length);
    last = ts;
  }
});

Deno.test("chromeTrace() has a slice for each step, and one for each area that it changed", () => {
  const run = runOf(TWO_AREAS);
  const slices = eventsOf(run).filter(({ ph }) => ph === "X");
  const steps = slices.filter(({ tid }) => tid === 1);
  assertEquals(steps.map(({ ts }) => ts), run.steps.map(({ index }) => index));
  assertEquals(steps.slice(3, 5).map(({ name, args }) => [name, args["statement"]]), [
    ["alloc_page", "a = alloc_page area=lowest"],
    ["alloc_pages", "b = alloc_pages 2"],
  ]);
  const inAreas = slices.filter(({ tid }) => tid !== 1);
  assertEquals(inAreas.filter(({ tid }) => tid === 5).map(({ ts }) => ts), [1, 3, 6]);
  assertEquals(inAreas.filter(({ tid }) => tid === 4).map(({ ts }) => ts), [2, 4, 5, 7, 9, 10]);
  assertEquals(inAreas.length, 9);
});

Deno.test("chromeTrace()'s counters are the free pages of each order, zeroes included", () => {
  const run = runOf(TWO_AREAS.replace("edition=head", "edition=repaired"));
  const counters = eventsOf(run).filter(({ ph }) => ph === "C");
  for (const { index } of run.steps) {
    const sums = sumsAt(counters, index);
    const machine = run.machineAfter(index);
    const total = [...sums.values()].reduce((sum, pages) => sum + pages, 0);
    assertEquals(total, countFreePages(machine, null), `step ${index}`);
    for (const { area, freeLists } of machine.pages.areas()) {
      const last = counters.findLast(({ name, ts = 0 }) => {
        return ts <= index && name.startsWith(`area ${area} `);
      });
      const told = Object.entries(last?.args ?? {}).filter(([, pages]) => pages !== 0);
      const listed = freeLists.map(({ order, forward }): [string, number] => [
        `order ${order}`,
        forward.pfns.length * 2 ** order,
      ]);
      assertEquals(told, listed, `step ${index}, area ${area}`);
    }
  }
});

Deno.test("chromeTrace() marks the rules that a step broke, and where the machine stops", () => {
  const broken = runOf(`machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
b = alloc_page
free_pages a
free_pages b
`);
  const marks = eventsOf(broken).filter(({ ph }) => ph === "i");
  const violations = broken.steps.flatMap(({ index, violations }) =>
    violations.map(({ rule }) => ({ ts: index, rule }))
  );
  assert(violations.length > 0);
  assertEquals(marks.map(({ ts, name }) => ({ ts, rule: name })), violations);
  assertEquals(marks.map(({ cat, tid }) => [cat, tid]), marks.map(() => ["violation", 4]));
  const stopped = runOf(
    "machine x86_64 edition=head\narea any 0x1000 0x1010\nfree_pages 0x1001000\n",
  );
  const stops = eventsOf(stopped).filter(({ cat }) => cat === "stop");
  assertEquals(stops.map(({ ts, s }) => [ts, s]), [[2, "p"]]);
  assert(String(stops[0]?.args["why"]).includes("assert failed"));
});

Deno.test("chromeTrace() of a run without an area has the steps only", () => {
  const events = eventsOf(runOf("machine arm64\n"));
  assertEquals(events.map(({ ph }) => ph), ["M", "M", "M", "X"]);
});

/** Random calls, among them those after which events do not say all: reservations, pokes, undone calls. */
function randomScenario(calls: number, seed: number): string {
  const below = randomNumbers(seed);
  const lines = ["area any 0x1000 0x1080", "area any 0x10000 0x10040"];
  const live: string[] = [];
  const frame = (): string => `0x${(0x1000 + below(0x80)).toString(16)}000`;
  const forms: readonly ((index: number) => string)[] = [
    (index) => (live.push(`p${index}`), `p${index} = alloc_pages ${below(3)}`),
    (index) => (live.push(`p${index}`), `try p${index} = alloc_pages ${below(2)} fresh`),
    (index) => (live.push(`p${index}`), `try p${index} = memalign_pages 0x4000 0x1000`),
    () => live.length === 0 ? "read 0x1000000" : `try free_pages ${live[below(live.length)]}`,
    () => `try free_pages ${live.splice(below(live.length), 1)[0] ?? "NULL"}`,
    () => `try reserve_pages ${frame()} ${1 + below(3)}`,
    () => `try unreserve_pages ${frame()} 1`,
    () => below(8) > 0 ? "read 0x1000000" : `write ${frame()} ${frame()}`,
    () => below(12) > 0 ? "read 0x1000000" : `host discard ${frame()} 1`,
  ];
  for (let index = 0; index < calls; index++) {
    const form = forms[below(forms.length)] ?? forms[0];
    lines.push(form?.(index) ?? "");
  }
  return `${lines.join("\n")}\n`;
}

for (const name of ["head", "repaired", "pfn-2021-01", "reserve-2020-10"]) {
  Deno.test(`chromeTrace() follows events to what a look at the areas would show, on ${name}`, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const text = randomScenario(60, seed);
      const parsed = parseScenario(text, { archs: ARCHS });
      const run = runScenario(parsed.scenario, { archs: ARCHS, edition: edition(name) });
      assertEquals(followed(run), lookedAt(run), `seed ${seed}\n${text}`);
    }
  });
}

/** What the trace tells of each step: the areas that it changed, and their counters after it. */
function followed(run: Run): string[] {
  const events = eventsOf(run);
  const counters = new Map<string, string>();
  return run.steps.map(({ index }) => {
    const now = events.filter(({ ts }) => ts === index);
    for (const { ph, name, args } of now) {
      if (ph !== "C") continue;
      const pages = Object.values(args).map(Number);
      counters.set(name, pages.slice(0, pages.findLastIndex((count) => count > 0) + 1).join(" "));
    }
    const changed = now.filter(({ ph, tid }) => ph === "X" && tid !== 1).map(({ tid }) => tid);
    const told = [...counters.values()].join(", ");
    return `${index}: changes ${changed.join(" ")}; ${told}`;
  });
}

/** The same, by looking at the areas before and after each step. */
function lookedAt(run: Run): string[] {
  let before = run.machineAfter(-1).pages.areas();
  return run.steps.map(({ index }) => {
    const after = run.machineAfter(index).pages.areas();
    const changed = after.filter((view) => {
      const old = before.find(({ area }) => area === view.area);
      return JSON.stringify(old, plainly) !== JSON.stringify(view, plainly);
    });
    before = after;
    const told = after.map(({ freeLists }) => {
      const pages: number[] = [];
      for (const { order, forward } of freeLists) pages[order] = forward.pfns.length * 2 ** order;
      return Array.from(pages, (count = 0) => count).join(" ");
    }).join(", ");
    return `${index}: changes ${changed.map(({ area }) => area + 2).join(" ")}; ${told}`;
  });
}

/** Addresses as texts. */
function plainly(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
