/**
 * `replay`: runs a trace of operations, from a file or made here.
 *
 * @module
 */

import { DEFAULT_EDITION } from "../../edition.ts";
import { makeWorkload, MOST_WORKLOAD_OPERATIONS, wordsAt, WORKLOADS } from "../../replay/mod.ts";
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
import { designsOf, LAB_OPTIONS, labOutputOf, LabTaker, writeLab } from "../replay_lab.ts";
import type { LabOutput } from "../replay_lab.ts";
import { TracePacking } from "../replay_pack.ts";
import { ReplayRuns } from "../replay_run.ts";
import type { TraceTaker } from "../replay_run.ts";
import { grouped, REPLAY_VIEWS, replayTable, replayToJson, replayViews } from "../replay_text.ts";
import { TracedRuns } from "../replay_trace.ts";
import { KERNEL_OPTIONS, TraceSource } from "../trace_source.ts";
import { wrapped } from "../words.ts";

/** Options that say how a trace is run, or what is shown of that. */
const RUN_OPTIONS = [
  ...["edition", "engine", "count", "step", "show", "trace-out", "json"],
  ...LAB_OPTIONS.map(({ name }) => name),
];
const USUAL_OPERATIONS = WORKLOADS.map(({ name, operations }) => `${name} ${grouped(operations)}`)
  .join("; ");
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

/** Deals with a trace while it is read. */
async function readFile(
  { io }: Context,
  path: string,
  source: TraceSource,
  taker: TraceTaker,
): Promise<void> {
  const { size, chunks } = await io.readBytes(path);
  const { input } = source;
  let isBegun = false;
  const begin = (): void => {
    if (isBegun || input.header === null) return;
    isBegun = true;
    source.checkMachine();
    taker.begin(input.header);
  };
  const sink = (words: Uint32Array, length: number): void => {
    begin();
    taker.run(words, length, (index) => input.placeOf(index));
  };
  const progress = new Progress(io, size ?? 0, "bytes");
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      input.read(chunk, sink);
      bytes += chunk.length;
      progress.tell((elapsed) => progressLine(bytes, size, taker.operations, elapsed));
      if (taker.areDone) return;
    }
    input.end(sink);
    begin();
  } finally {
    progress.clear();
  }
}

/** Deals with a trace that was made here. */
function takeMade({ io }: Context, { header, words }: Trace, taker: TraceTaker): void {
  taker.begin(header);
  const progress = new Progress(io, words.length, "words");
  let operations = 0;
  for (let at = 0; at < words.length && !taker.areDone;) {
    const before = operations;
    const start = at;
    for (; at < words.length && at - start < PART_WORDS; operations++) at += wordsAt(words, at);
    const part = words.subarray(start, at);
    taker.run(part, part.length, (index) => `operation ${before + index + 1}`);
    progress.update(at);
  }
  progress.clear();
}

/** The trace that `--workload` names. */
function madeTrace({ args }: Context, text: string): Trace {
  const [name = "", number, ...more] = text.split(":");
  const names = WORKLOADS.map((workload) => workload.name);
  const workload = WORKLOADS.find((one) => one.name === name) ??
    refuseWord("workload", name, nearestWord(name, names), REPLAY.name);
  const count = number ?? `${workload.operations}`;
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

function show(context: Context, name: string, source: TraceSource, runs: ReplayRuns): void {
  const { args, io, paint } = context;
  const words = args.list("show");
  const chosen = REPLAY_VIEWS.filter((view) => words.includes(view));
  const isStep = args.number("step") !== null;
  if (args.has("json")) {
    const areas = isStep ? "with-areas" : "left-out";
    writeJson(context, { ...replayToJson(name, runs.runs, areas), ...source.toJson() });
    return;
  }
  const views = chosen.length === 0 && isStep ? ["map", "lists"] as const : chosen;
  const arch = runs.runs[0]?.arch.name ?? "";
  writeLines(context, [paint.bold(`${escapeText(name)}  ${arch}`), ""]);
  writeLines(context, source.countLines());
  writeLines(context, replayTable(runs.runs, paint));
  writeLines(context, source.hintLines(runs.runs));
  if (views.length === 0) return;
  for (const one of runs.runs) io.stdout.write(`\n${replayViews(one, views, paint)}`);
}

/** Deals with a trace that is made here; what its edition cannot do is wrong use. */
function runMade(context: Context, text: string, taker: TraceTaker): void {
  const trace = madeTrace(context, text);
  try {
    takeMade(context, trace, taker);
  } catch (error) {
    const isRefusal = error instanceof RangeError && error.message.startsWith("Cannot ");
    throw isRefusal ? new UsageError(error.message, REPLAY.name) : error;
  }
}

/** What is read: the path of a trace, or null where a load is made. */
function sourceOf({ args }: Context): string | null {
  const [path, ...more] = args.words;
  const isMade = args.value("workload") !== null;
  if (more.length > 0) args.refuse("replay takes one trace");
  if (path !== undefined && isMade) {
    args.refuse("Option --workload must not stand beside a trace");
  }
  if (path === undefined && !isMade) {
    args.refuse("replay needs a trace, - for standard input, or --workload");
  }
  return path ?? null;
}

/** Deals with the trace; gives what went wrong. */
async function take(
  context: Context,
  path: string | null,
  source: TraceSource,
  taker: TraceTaker,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  if (path === null) {
    source.checkMachine();
    runMade(context, context.args.value("workload") ?? "", taker);
  } else await attempt(context, path, codes, () => readFile(context, path, source, taker));
  return worstOf(codes);
}

/** Writes the trace packed, and runs nothing. */
async function pack(context: Context, out: string): Promise<ExitCode> {
  const { args, io } = context;
  for (const name of RUN_OPTIONS) {
    if (!args.has(name) && args.value(name) === null) continue;
    args.refuse(`Option --${name} must not stand beside --pack, which runs nothing`);
  }
  if (out === STANDARD_INPUT) args.refuse("Option --pack must name a file, not standard output");
  const path = sourceOf(context);
  const packing = new TracePacking(io, out, path);
  const source = new TraceSource(args, REPLAY.name);
  let code: ExitCode = EXIT.modelError;
  try {
    code = await take(context, path, source, packing);
    if (code === EXIT.held) packing.finish();
  } finally {
    if (code !== EXIT.held) packing.discard();
  }
  const { operations, bytes } = packing;
  const size = sizeWords(BigInt(bytes));
  if (code === EXIT.held) {
    writeLines(context, source.countLines());
    writeLines(context, [`${escapeText(out)}  ${grouped(operations)} operations, ${size}`]);
  }
  return code;
}

/** Compares editions and designs over time. */
async function compare(context: Context, output: LabOutput): Promise<ExitCode> {
  const { args } = context;
  const path = sourceOf(context);
  const taker = new LabTaker(editionsOf(args, REPLAY.name), designsOf(args));
  const source = new TraceSource(args, REPLAY.name);
  const code = await take(context, path, source, taker);
  if (code !== EXIT.held) return code;
  return await writeLab(context, output, source, taker.result(nameOf(context, path)));
}

/** What the trace is called. */
function nameOf({ args }: Context, path: string | null): string {
  return path === STANDARD_INPUT ? "standard input" : path ?? args.value("workload") ?? "";
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  const out = args.value("pack");
  if (out !== null) return await pack(context, out);
  const output = labOutputOf(args);
  const traceOut = args.value("trace-out");
  if (traceOut === STANDARD_INPUT) {
    args.refuse("Option --trace-out must name a file, not standard output");
  }
  if (traceOut !== null && (output !== null || editionsOf(args, REPLAY.name).length > 1)) {
    args.refuse("Option --trace-out must stand beside one edition: a trace is one replay");
  }
  if (output !== null) return await compare(context, output);
  const path = sourceOf(context);
  if (args.list("show").length > 0 && args.has("json")) {
    args.refuse("Option --show must not stand beside --json: it says how the text looks");
  }
  const runs = runsFor(context);
  const source = new TraceSource(args, REPLAY.name);
  const traced = new TracedRuns(runs, args.number("step"));
  const code = await take(context, path, source, traceOut === null ? runs : traced);
  if (code !== EXIT.held) return code;
  checkStep(context, runs);
  if (traceOut !== null) await context.io.writeText(traceOut, traced.toText());
  show(context, nameOf(context, path), source, runs);
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
      choices: ["auto", "literal"],
      help: "auto (the default; the fast engine as far as it goes) or literal",
    },
    {
      name: "count",
      value: null,
      help: "counts what fails and what was not in use, in place of ending there",
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
      help: `a load made here: ${WORKLOADS.map(({ name }) => name).join(", ")}`,
    },
    {
      name: "trace-out",
      value: "OUT.json",
      help: "writes samples of the replay as a trace for Perfetto and Chrome's about:tracing",
    },
    {
      name: "pack",
      value: "OUT",
      help: "writes the trace to a file in its packed form, and runs nothing",
    },
    ...LAB_OPTIONS,
    ...KERNEL_OPTIONS,
    JSON_OPTION,
  ],
  notes: [
    "A TRACE is a file, as text or packed, or a kernel's: the text of ftrace, trace-cmd report or",
    "perf script with kmem:mm_page_alloc and kmem:mm_page_free; - is standard input. docs/traces.md",
    "describes them.",
    `Where neither the trace nor --edition names an edition, ${DEFAULT_EDITION.name} runs. A request`,
    "that finds no block, a release of what is not in use, or a failed assertion ends the replay,",
    "and the exit code is 1; with --count, requests and reservations that fail are counted, and",
    "so is what gives back what is not in use, which is then left out: f, p and u alike.",
    "",
    "With --trace-out, of one edition, Deno needs --allow-write=OUT.json. A microsecond of the trace",
    "is an operation; however long the replay is, it has at most 512 samples.",
    "",
    "A packed trace is read about twice as fast as text. With --pack Deno needs",
    "--allow-write=OUT.",
    "",
    "With --report, editions and designs of metadata run the trace side by side: how it ends, the",
    "largest free block and Linux's indices of fragmentation over time, what was split and joined.",
    "Requests that fail are counted. To write a file, Deno needs --allow-write=OUT.html;",
    "docs/fragmentation.md reads such a report.",
    "",
    ...WORKLOADS.map(({ name, summary }) => `${name.padEnd(8)} ${summary}`),
    ...wrapped(`Operations where NAME says none: ${USUAL_OPERATIONS}.`, 0),
  ],
  examples: [
    "replay examples/trace.txt --edition head,repaired",
    "replay --workload churn:1000000 --edition all",
    "replay examples/trace.txt --step 2 --show map,lists",
    "replay examples/kernel-trace.txt --ram 64M",
    "replay examples/trace.txt --pack trace.packed",
    "replay --workload mixed:100000 --edition head,repaired --design c3 --report -",
  ],
  run,
};
