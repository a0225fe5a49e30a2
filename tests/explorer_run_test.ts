/**
 * Runs of any length behind the explorer: they say what runScenario() says, and know since when a block is
 * what it is.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseScenario, runScenario } from "../mod.ts";
import { openSession } from "../src/explorer/model/mod.ts";
import { diffRuns } from "../src/report/mod.ts";
import type { ExplorerSession, SessionInput, StepMarks } from "../src/explorer/model/mod.ts";
import { randomNumbers } from "./random_calls.ts";

function opened(text: string, more: Partial<SessionInput> = {}): ExplorerSession {
  const input: SessionInput = {
    text,
    file: "test.buddy",
    editions: [null],
    mapText: null,
    watch: "auto",
    ...more,
  };
  const result = openSession(input, ARCHS);
  if (result.kind === "problems") throw new Error(result.problems[0]?.message);
  return result.session;
}

/** A scenario of random requests and releases, some of them wrong, behind some statements. */
function churn(head: string, calls: number, seed: number): string {
  const lines = [head];
  const live: string[] = [];
  const below = randomNumbers(seed);
  for (let index = 0; index < calls; index++) {
    const what = below(12);
    if (live.length > 0 && what < 5) {
      lines.push(`free_pages ${live.splice(below(live.length), 1)[0]}`);
    } else if (what === 5) lines.push(`try free_pages 0x${(0x100000 + below(4096)).toString(16)}`);
    else if (what === 6) {
      lines.push(`r = reserve_pages 0x${(0x1000 + below(64)).toString(16)}000 1`);
    } else if (what === 7) lines.push("expect r == -1");
    else {
      live.push(`p${index}`);
      lines.push(`p${index} = alloc_pages ${below(4)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const HEADS = [
  "machine x86_64 edition=head\narea any 0x1000 0x1100\nr = reserve_pages 0x1001000 1",
  "machine x86_64 ram=32M\nboot\nr = reserve_pages 0x1001000 1",
  "machine s390x edition=list-2020\narea any 0x1000 0x1100\nr = read 0x1000000 4",
] as const;

Deno.test("LongRun records the steps that runScenario() records, events and machines included", () => {
  for (const [index, head] of HEADS.entries()) {
    const all = churn(head, 220, 31 + index);
    const text = index < 2 ? all : all.replaceAll(/^.*reserve_pages.*\n/gm, "");
    const { scenario } = parseScenario(text, { archs: ARCHS });
    const run = runScenario(scenario, { archs: ARCHS });
    const [side] = opened(text, { watch: "off" }).sides;
    assert(side !== undefined);
    assertEquals(side.run.stepCount, run.steps.length);
    for (const step of run.steps) {
      const machine = side.run.machineAfter(step.index - 1);
      const again = side.run.stepOn(step.index, machine);
      assertEquals(again, step, `${text}\nstep ${step.index}`);
      const after = side.run.machineAfter(step.index).pages.areas();
      assertEquals(after, run.machineAfter(step.index).pages.areas(), `step ${step.index}`);
    }
    const failed = run.expectations.filter(({ held }) => held === "no");
    for (const result of failed) assertEquals(side.run.failureOf(result.step), result);
    assert(run.steps.some(({ effect }) => effect === "undone"), "a call is undone");
  }
});

Deno.test("LongRun leads to any step, forwards, backwards and at random", () => {
  const text = churn(HEADS[0], 3000, 5);
  const { scenario } = parseScenario(text, { archs: ARCHS });
  const run = runScenario(scenario, { archs: ARCHS });
  const [side] = opened(text).sides;
  const below = randomNumbers(9);
  const steps = [-1, 2999, 2998, 2997, 0, 1, ...Array.from({ length: 30 }, () => below(3000))];
  for (const step of steps) {
    const areas = side?.run.machineAfter(step).pages.areas();
    assertEquals(areas, run.machineAfter(step).pages.areas(), `step ${step}`);
  }
});

Deno.test("openSession sees boot and rules that stand far down, and names the machine's line", () => {
  const watched = opened(`${"show map\n".repeat(400)}boot\nexpect no violations\n`);
  assertEquals(watched.runViews()[0]?.watched, "violations");
  assertEquals(watched.progress().troubles, []);
  assert((watched.views(400)[0]?.areas.length ?? 0) > 0, "the machine could boot");
  const off = opened("area any 0x1000 0x1100\n# expect no violations\n" + "show map\n".repeat(400));
  assertEquals(off.runViews()[0]?.watched, "off");
  const input = { file: "a", editions: [null], mapText: null, watch: "auto" } as const;
  const map = openSession({ ...input, text: "\n# a\n machine x86_64 map=m.txt\nboot\n" }, ARCHS);
  assert(map.kind === "problems");
  assertEquals(map.problems[0]?.line, 3);
});

Deno.test("openSession reads a text with carriage returns and a byte order mark", () => {
  const session = opened("\ufeffmachine arm64\r\n\r\narea any 0x1000 0x1010\r\np = alloc_page\r\n");
  assertEquals(session.runViews()[0]?.arch, "arm64");
  assertEquals(session.rows(0, 9).map(({ line, statement }) => [line, statement]), [
    [1, "machine arm64"],
    [3, "area any 0x1000 0x1010"],
    [4, "p = alloc_page"],
  ]);
});

const SMALL = `machine x86_64 edition=head
area any 0x1000 0x1020
a = alloc_page
b = alloc_page
free_pages a
free_pages b
`;

Deno.test("RunSide.since() tells since when a block is what it is", () => {
  const [side] = opened(SMALL).sides;
  const since = [0x1001, 0x1002, 0x1003, 0x1010].map((first) =>
    side?.since(4, { first, frames: 1 })
  );
  assertEquals(since.map((one) => one?.step), [4, 3, 3, 1]);
  assertEquals(since[0]?.kind, "at");
});

/** The step that last marked or linked a block, found in the slow way: all events are looked at. */
function slowSince(marks: readonly StepMarks[], step: number, frame: number): number | null {
  const isMarked = ({ frames, wide }: StepMarks): boolean =>
    frames.includes(frame) || wide.some(([first, end]) => first <= frame && frame < end);
  const found = marks.slice(0, step + 1).findLastIndex(isMarked);
  return found < 0 ? null : found;
}

Deno.test("RunSide.since() agrees with all events, for every block, in two editions", () => {
  const session = opened(churn(HEADS[0], 90, 13), { editions: ["head", "01d8952b"] });
  let compared = 0;
  for (const [index, side] of session.sides.entries()) {
    const marks = Array.from({ length: session.stepCount }, (_, step) => side.marksAt(step));
    for (const step of [1, 30, 60, session.stepCount - 1]) {
      const cells = session.views(step)[index]?.areas[0]?.cells ?? {};
      for (const [frame, { frames, counts }] of Object.entries(cells)) {
        if (counts !== null) continue;
        const since = side.since(step, { first: Number(frame), frames });
        assertEquals(
          since?.step ?? null,
          slowSince(marks, step, Number(frame)),
          `${step} ${frame}`,
        );
        compared++;
      }
    }
  }
  assert(compared >= 100, `${compared} blocks`);
});

Deno.test("RunSide.since() says how far it looked if calls can do anything", () => {
  const calls = Array.from({ length: 6000 }, (_, index) => `m${index} = malloc 8\nfree m${index}`);
  const [side] = opened(`machine x86_64 ram=64M edition=head\nboot\n${calls.join("\n")}\n`).sides;
  assertEquals(side?.since(12_000, { first: 0x2000, frames: 1 })?.kind, "before");
});

Deno.test("a session searches thousands of steps in pieces, and finds what diffRuns finds", () => {
  const calls = churn(HEADS[0], 3000, 77);
  const text = `${calls.replaceAll(/^(?:r = |expect).*\n/gm, "")}write 0x10ff000 1\n`;
  const pairs = [["status-2021-01", "flags-2021-01"], ["zero-2021-01", "repaired"]] as const;
  for (const editions of pairs) {
    const session = opened(text, { editions });
    const [left, right] = session.sides.map(({ run: { edition } }) => {
      const { scenario } = parseScenario(text, { archs: ARCHS });
      return runScenario(scenario, { archs: ARCHS, edition, record: "outcomes" });
    });
    assert(left !== undefined && right !== undefined);
    let search = session.searchDifference(0, 200);
    let pieces = 1;
    for (; search.next !== null; pieces++) search = session.searchDifference(search.next, 200);
    assertEquals(search.found?.step, diffRuns(left, right)?.step);
    assert(search.found !== null || pieces > 10, `${pieces} pieces`);
  }
});
