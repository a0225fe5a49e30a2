/**
 * The model behind the explorer: views say what the reports say, changes are real, deltas lead back.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, physAddr, runScenario } from "../mod.ts";
import type { AreaView, Machine } from "../mod.ts";
import {
  createHandler,
  deltaOf,
  type ExplorerAnswer,
  type ExplorerRequest,
  type ExplorerSession,
  machineSetting,
  openSession,
  type Plain,
  type Recording,
  recordingOf,
  type SessionInput,
  type StateView,
  withMachineSetting,
} from "../src/explorer/model/mod.ts";
import { applyDelta, recordedSource } from "../src/explorer/page/mod.ts";
import { diffRuns } from "../src/report/mod.ts";
import { randomNumbers } from "./random_calls.ts";

function inputOf(text: string, more: Partial<SessionInput> = {}): SessionInput {
  return { text, file: "test.buddy", editions: [null], mapText: null, watch: "auto", ...more };
}

function opened(text: string, more: Partial<SessionInput> = {}): ExplorerSession {
  const result = openSession(inputOf(text, more), ARCHS);
  if (result.kind === "problems") throw new Error(result.problems[0]?.message);
  return result.session;
}

/** A scenario of random requests and releases in a small area. */
function churn(calls: number, seed: number): string {
  const lines = ["machine x86_64 edition=head", "area any 0x1000 0x1100"];
  const live: string[] = [];
  const below = randomNumbers(seed);
  for (let index = 0; index < calls; index++) {
    if (live.length > 0 && below(5) < 2) {
      lines.push(`free_pages ${live.splice(below(live.length), 1)[0]}`);
    } else {
      live.push(`p${index}`);
      lines.push(`p${index} = alloc_pages ${below(3)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The page states of an area, one byte a frame. */
function bytesOf({ states }: AreaView): number[] {
  return states.flatMap(({ state, count }) => Array<number>(count).fill(state));
}

const SMALL = `machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
b = alloc_page
free_pages a
free_pages b
`;

Deno.test("StateView has the page states and the free lists of the machine after the step", () => {
  const text = churn(60, 7);
  const session = opened(text);
  const [side] = session.sides;
  assert(side !== undefined);
  for (let step = 1; step < session.stepCount; step++) {
    const [area] = side.run.machineAfter(step).pages.areas();
    const [view] = side.view(step).areas;
    assert(area !== undefined && view !== undefined);
    const seen = Object.entries(view.cells).flatMap(([, { frames, byte }]) => {
      return Array<number | null>(frames).fill(byte);
    });
    assertEquals(seen, bytesOf(area), `${text}\nstep ${step}`);
    const lists = area.freeLists.map(({ order, forward }) => [order, forward.pfns]);
    assertEquals(view.lists.map(({ order, pfns }) => [order, pfns]), lists);
  }
});

Deno.test("StateView bounds the cells of a large area and counts all its frames", () => {
  const session = opened(
    "machine x86_64 ram=8G\nboot\np = alloc_page\nq = alloc_page\n",
  );
  const [view] = session.views(2);
  const areas = view?.areas ?? [];
  assert(areas.length > 1, `${areas.length} areas`);
  for (const { cells, base, top, cellFrames } of areas) {
    assert(Object.keys(cells).length <= 1100, `${Object.keys(cells).length} cells`);
    const frames = Object.values(cells).reduce((sum, cell) => sum + cell.frames, 0);
    assertEquals(frames, top - base);
    assert(cellFrames >= 1);
  }
});

/** The bytes at an address, as a change shows them. */
function peeked({ ram }: Machine, address: string, count: number): string {
  const bytes = Array.from({ length: count }, (_, index) => {
    const byte = ram.peekByte(physAddr(BigInt(address) + BigInt(index))) ?? 0;
    return byte.toString(16).padStart(2, "0");
  });
  if (count < 16) return bytes.join(" ");
  return `${bytes.slice(0, count / 2).join(" ")} | ${bytes.slice(count / 2).join(" ")}`;
}

Deno.test("StateView's changes are the bytes of RAM before and after the step", () => {
  const session = opened(churn(60, 11));
  const [side] = session.sides;
  let compared = 0;
  for (let step = 2; step < session.stepCount; step++) {
    const [before, after] = [step - 1, step].map((at) => side?.run.machineAfter(at));
    assert(before !== undefined && after !== undefined);
    for (const change of side?.view(step).changes ?? []) {
      if (change.what.startsWith("contents")) continue;
      const size = change.what.startsWith("page states") ? 1 : change.count;
      assertEquals(peeked(before, change.address, size), change.before, change.what);
      assertEquals(peeked(after, change.address, size), change.after, change.what);
      compared++;
    }
  }
  assert(compared > 100, `${compared} changes`);
});

Deno.test("StateView tells the step in words, with places upstream", () => {
  const [view] = opened(SMALL).views(3);
  assertEquals(view?.story.slice(0, 3), [
    {
      text: "takes 1002 off the list of order 1, and splits once on the way to the size asked for",
      source: "page_memalign_order(), lib/alloc_page.c:159",
    },
    { text: "unlinks 1002 order 1", source: "split(), lib/alloc_page.c:113" },
    { text: "splits 1002 order 1", source: "split(), lib/alloc_page.c:118" },
  ]);
  assertEquals(view?.focus, 0x1002);
  assertEquals(view?.outcome, "returns 0x1002000");
});

Deno.test("StateView names file and line of a failed assertion", () => {
  const text = "machine x86_64 edition=head\narea any 0x103c 0xbfee0\narea any 0xbff00 0xc0000\n";
  const session = opened(text);
  const [view] = session.views(2);
  assertEquals(view?.mark, "stopped");
  assertEquals(view?.story.at(-1)?.source, "_page_alloc_init_area(), lib/alloc_page.c:474");
  assertEquals(session.progress().troubles, [2]);
});

Deno.test("a session's troubles and violations are those of the run", () => {
  const session = opened(SMALL);
  const { scenario } = parseScenario(SMALL, { archs: ARCHS });
  const run = runScenario(scenario, { archs: ARCHS, watch: "violations" });
  const broken = run.steps.filter(({ violations }) => violations.length > 0);
  assertEquals(broken.map(({ index }) => index), [5]);
  assertEquals(session.progress().troubles, [5]);
  const [violation] = session.views(5)[0]?.violations ?? [];
  assertEquals(violation?.sentence, broken?.[0]?.violations[0]?.sentence);
});

Deno.test("a session finds the first difference that diffRuns finds, in pieces too", () => {
  const session = opened(SMALL, { editions: ["01d8952b", "head"] });
  const { scenario } = parseScenario(SMALL, { archs: ARCHS });
  const [left, right] = session.sides.map(({ run: { edition } }) => {
    return runScenario(scenario, { archs: ARCHS, edition });
  });
  assert(left !== undefined && right !== undefined);
  const expected = diffRuns(left, right)?.step;
  assertEquals(session.searchDifference(0, 100).found?.step, expected);
  assertEquals(session.searchDifference(0, 3), { found: null, next: 3 });
  assertEquals(session.searchDifference(3, 3).found?.step, expected);
  const same = opened(SMALL, { editions: ["head", "head"] });
  assertEquals(same.searchDifference(0, 100), { found: null, next: null });
});

Deno.test("openSession tells where the scenario is wrong", () => {
  const result = openSession(inputOf("machine x86_64\nalloc_pagez 3\n"), ARCHS);
  assert(result.kind === "problems");
  assertEquals(result.problems.map(({ line, column, length }) => [line, column, length]), [
    [2, 1, 11],
  ]);
});

Deno.test("openSession tells of an edition and of a memory map that are not there", () => {
  const edition = openSession(inputOf(SMALL, { editions: ["heat"] }), ARCHS);
  assert(edition.kind === "problems");
  assertEquals(
    edition.problems[0]?.message,
    'Cannot run edition "heat": it must be one that `buddyscope editions` lists',
  );
  const map = openSession(inputOf("machine x86_64 map=m.txt\nboot\n"), ARCHS);
  assert(map.kind === "problems");
  assertEquals(map.problems[0]?.line, 1);
});

Deno.test("openSession boots on a memory map that was pasted", async () => {
  const mapText = await Deno.readTextFile(
    new URL("../examples/maps/vmware_7g.txt", import.meta.url),
  );
  const session = opened("machine x86_64 map=pasted.txt edition=34c95065\nboot\n", { mapText });
  assertEquals(session.progress().troubles, [1]);
});

Deno.test("a recording leads to every view, forwards, backwards and at random", async () => {
  const session = opened(churn(150, 3), { editions: ["head", "01d8952b"] });
  const recording: Recording = JSON
    .parse(
      JSON.stringify(recordingOf(session, "churn")),
    );
  const source = recordedSource(recording);
  const plain = (views: readonly StateView[]): unknown => JSON.parse(JSON.stringify(views));
  for (const step of [-1, 0, 1, 2, 64, 65, 63, 151, 150, 149, 10, 128, -1, 90]) {
    const { views, rows } = await source.viewsAt(step);
    assertEquals(plain(views), plain(session.views(step)), `step ${step}`);
    assertEquals(rows, session.rows(step - 12, step + 13));
  }
});

Deno.test("applyDelta does what deltaOf found, for every kind of change", () => {
  const pairs: readonly (readonly [Plain, Plain])[] = [
    [1, 2],
    [null, { a: 1 }],
    [{ a: 1, b: [1, 2] }, { b: [1, 2], c: null }],
    [[1, 2, 3, 4], [1, 4]],
    [[1, 4], [1, 2, 3, 4]],
    [[{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }]],
    [[{ a: 1 }], [{ a: 1 }, { a: 1 }]],
    [[], [1]],
    [[1, 1, 1], [1, 1]],
    [{ a: { b: { c: 1 } } }, { a: { b: {} } }],
    [[1], { 0: 1 }],
  ];
  for (const [from, to] of pairs) assertEquals(applyDelta(from, deltaOf(from, to)), to);
  assertEquals(deltaOf({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), null);
});

Deno.test("machineSetting and withMachineSetting read and change the machine statement alone", () => {
  const text = "# map=no\nmachine arm64 ram=1G power-on=garbage:7 # ram=2G\nboot\n";
  assertEquals(machineSetting(text, "arch"), "arm64");
  assertEquals(machineSetting(text, "ram"), "1G");
  assertEquals(machineSetting(text, "power-on"), "garbage:7");
  assertEquals(machineSetting(text, "map"), null);
  assertEquals(
    withMachineSetting(text, "ram", null),
    "# map=no\nmachine arm64 power-on=garbage:7 # ram=2G\nboot\n",
  );
  assertEquals(
    withMachineSetting(text, "arch", "s390x"),
    "# map=no\nmachine s390x ram=1G power-on=garbage:7 # ram=2G\nboot\n",
  );
  assertEquals(
    withMachineSetting("# a\nboot\n", "ram", "4G"),
    "# a\nmachine x86_64 ram=4G\nboot\n",
  );
  assertEquals(withMachineSetting("", "ram", "4G"), "machine x86_64 ram=4G\n");
});

/** A handler whose work is done at once, and which gives back the answers to a question. */
function answering(): (request: ExplorerRequest) => ExplorerAnswer[] {
  const answers: ExplorerAnswer[] = [];
  const waiting: (() => void)[] = [];
  const handle = createHandler(ARCHS, {
    post: (answer) => void answers.push(answer),
    later: (action) => void waiting.push(action),
  });
  return (request) => {
    answers.length = 0;
    handle(request);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    return [...answers];
  };
}

Deno.test("the worker's handler answers every question, and never throws", () => {
  const ask = answering();
  const handle = (request: ExplorerRequest): ExplorerAnswer | undefined => ask(request)[0];
  assertEquals(handle({ id: 1, kind: "views", step: 0 }), {
    id: 1,
    kind: "failed",
    message: "Cannot show anything: open a scenario first",
  });
  assertEquals(handle({ id: 2, kind: "open", input: inputOf("nonsense\n") })?.kind, "problems");
  const answer = handle({
    id: 3,
    kind: "open",
    input: inputOf(SMALL, { editions: [null, "repaired"] }),
  });
  assert(answer?.kind === "opened");
  assertEquals([answer.runs.length, answer.progress.steps], [2, 6]);
  const views = handle({ id: 4, kind: "views", step: 5 });
  assert(views?.kind === "views");
  assertEquals(structuredClone(views), views);
  assertEquals(views.shown.rows.map(({ step }) => step), [0, 1, 2, 3, 4, 5]);
  assertEquals(handle({ id: 5, kind: "views", step: 99 })?.kind, "failed");
  const block = { first: 0x1002, frames: 1 };
  assertEquals(handle({ id: 5, kind: "since", side: 0, step: 4, block }), {
    id: 5,
    kind: "since",
    since: { kind: "at", step: 3 },
  });
  const found = handle({ id: 6, kind: "difference", from: 0, most: 9 });
  assert(found?.kind === "difference");
  assertEquals(found.search.found?.step, 5);
  const exports = ["metadata.svg", "lists.svg", "run.json", "trace.json"] as const;
  const kinds = exports.map((what) => {
    const file = handle({ id: 7, kind: "export", what, side: 1, step: 5 });
    return file?.kind === "text" ? file.text.slice(0, 4) : file?.kind;
  });
  assertEquals(kinds, ["<svg", "<svg", "{\n  ", '{"tr']);
});

Deno.test("the worker's handler shows the first steps of a long run while the others run", () => {
  const ask = answering();
  const text = churn(5000, 17);
  const answers = ask({ id: 1, kind: "open", input: inputOf(text) });
  assertEquals(answers.map(({ kind }) => kind), ["opened", "progress", "progress"]);
  const steps = answers.map((one) => "progress" in one ? one.progress.steps : 0);
  assertEquals(steps, [2000, 4000, 5002]);
  const last = answers.at(-1);
  assert(last?.kind === "progress");
  assertEquals([last.progress.state, last.progress.most], ["done", 5002]);
  const wrong = ask({ id: 2, kind: "open", input: inputOf(`${text}free_pagez 1\n`) });
  assertEquals(wrong.map(({ kind }) => kind), ["opened", "progress", "problems"]);
  assertEquals(ask({ id: 3, kind: "views", step: 4999 })[0]?.kind, "views");
});

Deno.test("the worker's handler says how else to save a run that is too long to be saved", () => {
  const ask = answering();
  ask({
    id: 1,
    kind: "open",
    input: inputOf("area any 0x1000 0x1010\n" + "show map\n".repeat(20_000)),
  });
  const [answer] = ask({ id: 2, kind: "export", what: "run.json", side: 0, step: 0 });
  assert(answer?.kind === "failed");
  assertEquals(
    answer.message,
    "Cannot save a run of 20001 steps from here: at most 20000 are saved, " +
      "use `buddyscope run FILE --json` or `--trace-out`",
  );
});
