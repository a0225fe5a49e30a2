/**
 * `replay`: runs a trace of operations, from a file or made here.
 *
 * @module
 */

import { DEFAULT_EDITION } from "../../edition.ts";
import { makeWorkload, MOST_WORKLOAD_OPERATIONS, TraceInput, WORKLOADS } from "../../replay/mod.ts";
import type { Trace } from "../../replay/mod.ts";
import { escapeText, sizeWords } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/mod.ts";
import { attempt } from "../attempt.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { quoted } from "../escape.ts";
import { EXIT, refuseWord, UsageError, worstOf } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { STANDARD_INPUT } from "../io.ts";
import { Progress, secondsText } from "../progress.ts";
import { ReplayRuns } from "../replay_run.ts";
import { REPLAY_VIEWS, replayTable, replayToJson, replayViews } from "../replay_text.ts";

const DEFAULT_OPERATIONS = 1_000_000;
/** A made trace runs in parts of so many words, so that progress can be shown. */
const PART_WORDS = 2 ** 20;

function runsFor({ args }: Context): ReplayRuns {
  return new ReplayRuns({
    editions: editionsOf(args, REPLAY.name),
    engine: args.value("engine") === "literal" ? "literal" : "fast",
    failures: args.has("count") ? "count" : "stop",
    step: args.number("step"),
  });
}

/** What is known of how far a file is read: bytes, operations, time. */
function progressLine(
  bytes: number,
  size: number | null,
  operations: number,
  elapsed: number,
): string {
  const rate = `${(operations / elapsed / 1000).toFixed(1)} million operations a second`;
  const read = sizeWords(BigInt(bytes));
  if (size === null) return `${read} read, ${rate}`;
  const left = bytes === 0 ? "" : `, ${secondsText(elapsed / bytes * (size - bytes))} left`;
  return `${read} of ${sizeWords(BigInt(size))}, ${rate}${left}`;
}

/** Runs a trace while it is read. */
async function replayFile({ io }: Context, path: string, runs: ReplayRuns): Promise<void> {
  const { size, chunks } = await io.readBytes(path);
  const input = new TraceInput();
  const begin = (): void => {
    if (runs.runs.length === 0 && input.header !== null) runs.begin(input.header);
  };
  const sink = (words: Uint32Array, length: number): void => {
    begin();
    runs.run(words, length, (index) => input.placeOf(index));
  };
  const progress = new Progress(io, size ?? 0, "bytes");
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      input.read(chunk, sink);
      bytes += chunk.length;
      progress.tell((elapsed) => progressLine(bytes, size, runs.operations, elapsed));
      if (runs.areDone) return;
    }
    input.end(sink);
    begin();
  } finally {
    progress.clear();
  }
}

function replayMade({ io }: Context, { header, words }: Trace, runs: ReplayRuns): void {
  runs.begin(header);
  const progress = new Progress(io, words.length, "operations");
  for (let at = 0; at < words.length && !runs.areDone; at += PART_WORDS) {
    const part = words.subarray(at, at + PART_WORDS);
    runs.run(part, part.length, (index) => `operation ${at + index + 1}`);
    progress.update(at + part.length);
  }
  progress.clear();
}

/** The trace that `--workload` names. */
function madeTrace({ args }: Context, text: string): Trace {
  const [name = "", count = `${DEFAULT_OPERATIONS}`, ...more] = text.split(":");
  const names = WORKLOADS.map((workload) => workload.name);
  const workload = WORKLOADS.find((one) => one.name === name) ??
    refuseWord("workload", name, nearestWord(name, names), REPLAY.name);
  const operations = /^\d{1,9}$/.test(count) && more.length === 0 ? Number(count) : Infinity;
  if (operations <= MOST_WORKLOAD_OPERATIONS) return makeWorkload(workload, operations);
  return args.refuse(
    `Option --workload must be a name, or a name and how many operations, at most ` +
      `${MOST_WORKLOAD_OPERATIONS}, such as churn:1000000, it is ${quoted(text)}`,
  );
}

function checkStep({ args }: Context, runs: ReplayRuns): void {
  const step = args.number("step");
  if (step === null || runs.runs.length === 0 || runs.areDone) return;
  args.refuse(
    `Option --step must be 0 to ${runs.operations}, the number of operations, it is ${step}`,
  );
}

function show(context: Context, name: string, runs: ReplayRuns): void {
  const { args, io, paint } = context;
  const words = args.list("show");
  const chosen = REPLAY_VIEWS.filter((view) => words.includes(view));
  const isStep = args.number("step") !== null;
  if (args.has("json")) {
    const areas = isStep ? "with-areas" : "left-out";
    writeJson(context, replayToJson(name, runs.runs, areas));
    return;
  }
  const views = chosen.length === 0 && isStep ? ["map", "lists"] as const : chosen;
  const arch = runs.runs[0]?.arch.name ?? "";
  writeLines(context, [paint.bold(`${escapeText(name)}  ${arch}`), ""]);
  writeLines(context, replayTable(runs.runs, paint));
  if (views.length === 0) return;
  for (const one of runs.runs) io.stdout.write(`\n${replayViews(one, views, paint)}`);
}

/** Runs a trace that is made here; what its edition cannot do is wrong use. */
function runMade(context: Context, text: string, runs: ReplayRuns): void {
  const trace = madeTrace(context, text);
  try {
    replayMade(context, trace, runs);
  } catch (error) {
    const isRefusal = error instanceof RangeError && error.message.startsWith("Cannot ");
    throw isRefusal ? new UsageError(error.message, REPLAY.name) : error;
  }
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  const [path, ...more] = args.words;
  const text = args.value("workload");
  if (more.length > 0) args.refuse("replay takes one trace");
  if (path !== undefined && text !== null) {
    args.refuse("Option --workload must not stand beside a trace");
  }
  if (args.list("show").length > 0 && args.has("json")) {
    args.refuse("Option --show must not stand beside --json: it says how the text looks");
  }
  const runs = runsFor(context);
  const codes: ExitCode[] = [];
  if (text !== null) runMade(context, text, runs);
  else if (path === undefined) {
    args.refuse("replay needs a trace, - for standard input, or --workload");
  } else await attempt(context, path, codes, () => replayFile(context, path, runs));
  if (codes.length > 0) return worstOf(codes);
  checkStep(context, runs);
  show(context, path === STANDARD_INPUT ? "standard input" : path ?? text ?? "", runs);
  return runs.runs.some(({ replayer }) => replayer.end !== null) ? EXIT.failed : EXIT.held;
}

/** The command. */
export const REPLAY: Command = {
  name: "replay",
  summary: "runs a trace of operations on the page allocator, millions a second",
  usage: "TRACE | --workload NAME[:OPERATIONS]",
  options: [
    {
      ...EDITION_OPTION,
      help: "the editions, side by side, whatever the trace says; all stands for all",
    },
    {
      name: "engine",
      value: "WHICH",
      choices: ["fast", "literal"],
      help: "fast (the default; what it cannot do, the literal one does) or literal",
    },
    {
      name: "count",
      value: null,
      help: "counts requests that fail and handles released twice, in place of ending there",
    },
    { name: "step", value: "N", help: "ends after operation N and shows the state; 0 is before" },
    {
      name: "show",
      value: "VIEW,…",
      choices: REPLAY_VIEWS,
      help: `shows ${REPLAY_VIEWS.join(", ")} of the state at the end`,
    },
    {
      name: "workload",
      value: "NAME",
      help: `${WORKLOADS.map(({ name }) => name).join(", ")}; ${DEFAULT_OPERATIONS} operations`,
    },
    JSON_OPTION,
  ],
  notes: [
    "A TRACE is a file, as text or packed, or - for standard input; docs/traces.md describes both.",
    `Where neither the trace nor --edition names an edition, ${DEFAULT_EDITION.name} runs. A request`,
    "that finds no block, a release of what is not in use, or a failed assertion ends the replay,",
    "and the exit code is 1; with --count, failed requests and wrong releases are counted and left",
    "out.",
    "",
    ...WORKLOADS.map(({ name, summary }) => `${name.padEnd(8)} ${summary}`),
  ],
  examples: [
    "replay examples/trace.txt --edition head,repaired",
    "replay --workload churn:1000000 --edition all",
    "replay examples/trace.txt --step 2 --show map,lists",
  ],
  run,
};
