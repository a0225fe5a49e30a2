/**
 * ReplayTrace and `replay --trace-out`: samples of a replay, as Perfetto reads them.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { X86_64 } from "../arch/mod.ts";
import { makeWorkload, Replayer, WORKLOADS } from "../src/replay/mod.ts";
import { ReplayTrace } from "../src/report/mod.ts";
import { runCliWriting } from "./cli_host.ts";
import { edition } from "./support.ts";

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly tid?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** A replay of so many operations of a load, traced. */
function traced(operations: number, name = "head"): { events: Event[]; replayer: Replayer } {
  const workload = WORKLOADS.find((one) => one.name === "churn");
  assert(workload !== undefined);
  const { header: { pageShift, areas }, words } = makeWorkload(workload, operations);
  const subject = { arch: X86_64, edition: edition(name) };
  const replayer = new Replayer({ ...subject, pageShift, areas });
  const trace = new ReplayTrace(subject, replayer);
  for (let at = 0; at < words.length && replayer.end === null;) {
    at = replayer.run(words, at, words.length, trace.operationsToGo);
    trace.look();
  }
  const { traceEvents } = JSON.parse(JSON.stringify(trace.toJson(null)));
  return { events: traceEvents, replayer };
}

Deno.test("ReplayTrace looks at every operation of a short replay", () => {
  const { events } = traced(100);
  const stretches = events.filter(({ ph, tid }) => ph === "X" && tid === 1);
  assertEquals(
    stretches.map(({ ts, dur }) => [ts, dur]),
    Array.from({ length: 100 }, (_, ts) => [
      ts,
      1,
    ]),
  );
});

Deno.test("ReplayTrace keeps few samples of a long replay, and the state at its end", () => {
  const { events, replayer } = traced(100_000);
  const stretches = events.filter(({ ph, tid }) => ph === "X" && tid === 1);
  assert(stretches.length > 256 && stretches.length <= 513, `${stretches.length}`);
  let at = 0;
  for (const { ts, dur = 0, args } of stretches) {
    assertEquals(ts, at);
    assertEquals(args["operations"], dur);
    at += dur;
  }
  assertEquals(at, 100_000);
  const sum = (name: string): number =>
    stretches.reduce((total, { args }) => total + Number(args[name]), 0);
  assertEquals(sum("requests"), replayer.counts.requests);
  assertEquals(sum("failedRequests"), replayer.counts.failedRequests);
  for (const { area, freeLists } of replayer.areas()) {
    const last = events.findLast(({ ph, name }) => ph === "C" && name.startsWith(`area ${area} `));
    const told = Object.entries(last?.args ?? {}).filter(([, pages]) => pages !== 0);
    const listed = freeLists.map(({ order, forward }): [string, number] => [
      `order ${order}`,
      forward.pfns.length * 2 ** order,
    ]);
    assertEquals(told, listed);
  }
});

Deno.test("replay --trace-out writes samples beside its table, of one edition only", async () => {
  const words = [
    "replay",
    "--workload",
    "churn:5000",
    "--edition",
    "head",
    "--trace-out",
    "t.json",
  ];
  const { code, out, written } = await runCliWriting(words);
  assertEquals([code, Object.keys(written)], [0, ["t.json"]]);
  assertStringIncludes(out, "operations");
  const { traceEvents } = JSON.parse(written["t.json"] ?? "");
  const kinds = new Set((traceEvents as Event[]).map(({ ph }) => ph));
  assertEquals([...kinds].toSorted(), ["C", "M", "X"]);
  const step = await runCliWriting([...words, "--step", "7"]);
  const events: Event[] = JSON.parse(step.written["t.json"] ?? "").traceEvents;
  assertEquals(events.findLast(({ ph }) => ph === "X")?.ts, 6);
  const refused = await runCliWriting([...words, "--edition", "head,repaired"]);
  assertEquals([refused.code, refused.written], [2, {}]);
  assertStringIncludes(refused.err, "Option --trace-out must stand beside one edition");
});

Deno.test("replay --trace-out says where and why a replay ended before its trace", async () => {
  const lines = [
    "buddyscope-trace 1",
    "arch x86_64",
    "area any 0x100000 0x100011",
    "a 0",
    "a 9",
    "",
  ];
  const words = ["replay", "t.txt", "--edition", "head", "--trace-out", "t.json"];
  const { code, written } = await runCliWriting(words, { files: { "t.txt": lines.join("\n") } });
  assertEquals(code, 1);
  const events: Event[] = JSON.parse(written["t.json"] ?? "").traceEvents;
  const end = events.at(-1);
  assertEquals([end?.ph, end?.name], ["i", "the replay ends"]);
  assert(String(end?.args["why"]).length > 0);
});
