/**
 * `designs`: designs of the allocator's metadata, compared on the same traces.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import {
  bootTrace,
  builtInTraces,
  compareOn,
  DesignRun,
  DESIGNS,
  machineOfHeader,
  rangesOfTrace,
  sizesOf,
  StreamedComparison,
} from "../../metadata_design/mod.ts";
import type { DesignTrace, TraceMachine } from "../../metadata_design/mod.ts";
import { TraceBuilder } from "../../replay/mod.ts";
import { designsSvg, escapeText } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/words.ts";
import { attempt } from "../attempt.ts";
import { memoryWithoutFile } from "../boot_memory.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { HAZARD_LEGEND, policyLines } from "../designs_hazards.ts";
import { designsToJson } from "../designs_json.ts";
import { comparisonLines, designLines, LEGEND, sizeLines } from "../designs_text.ts";
import type { TimedComparison } from "../designs_text.ts";
import { quoted } from "../escape.ts";
import { EXIT, refuseWord, UsageError, worstOf } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { STANDARD_INPUT } from "../io.ts";
import { Progress } from "../progress.ts";
import { TraceSource } from "../trace_source.ts";

/** Where a picture goes instead of a file. */
const STANDARD_OUTPUT = "-";
/** The memory of a design is laid out in full for up to so many frames: 512 MiB in pages of 4 KiB. */
const MOST_TIMED_FRAMES = 2 ** 17;
/** Fewer operations take no time that a clock can see. */
const LEAST_TIMED_WORDS = 10_000;
const REPETITIONS = 3;
/** The words of a file that are kept for it: 16 MiB. */
const MOST_TIMED_WORDS = 2 ** 22;
const SUMMARY = "a trace from a file";

/**
 * Operations a second on memory as a design lays it out: the best of a few runs on the same memory, after
 * one that makes the system put pages behind it.
 */
function speedOf({ io }: Context, trace: DesignTrace, at: number): number | null {
  const design = DESIGNS[at];
  if (design === undefined) return null;
  const { arch, wordBytes, pageShift, parts } = trace;
  const ranges = rangesOfTrace(trace);
  let run = new DesignRun({ design, ranges, purpose: "timing", arch, wordBytes, pageShift });
  let best: number | null = null;
  for (let done = 0; done <= REPETITIONS; done++) {
    const start = io.now();
    for (const part of parts) {
      run.handOver(part.ranges.length);
      run.run(part.words, part.words.length);
    }
    const seconds = (io.now() - start) / 1000;
    const operations = run.counts.requests + run.counts.releases;
    if (done > 0 && seconds > 0) best = Math.max(best ?? 0, operations / seconds);
    run = run.again();
  }
  return best;
}

function isTimed({ parts }: DesignTrace, frames: number): boolean {
  const words = parts.reduce((sum, part) => sum + part.words.length, 0);
  return frames <= MOST_TIMED_FRAMES && words >= LEAST_TIMED_WORDS;
}

function speedsOf(context: Context, trace: DesignTrace, frames: number): (number | null)[] {
  return DESIGNS.map((_, at) => isTimed(trace, frames) ? speedOf(context, trace, at) : null);
}

function timed(context: Context, trace: DesignTrace): TimedComparison {
  const comparison = compareOn(trace);
  return { ...comparison, speeds: speedsOf(context, trace, comparison.frames) };
}

/** The architectures that `--arch` names; none if it is not there. */
function archsOf({ args }: Context): readonly Arch[] {
  const names = ARCHS.map(({ name }) => name);
  const named = args.list("arch").map((name) =>
    archNamed(name) ??
      refuseWord("architecture", name, nearestWord(name, names), DESIGNS_COMMAND.name)
  );
  return [...new Set(named)];
}

/** Makes each of the traces that are not read from a file. */
function madeTraces(context: Context): readonly (() => DesignTrace)[] {
  const { args } = context;
  const named = archsOf(context);
  const hasRam = args.value("ram") !== null;
  if (named.length === 0 && !hasRam) return builtInTraces(ARCHS);
  return (named.length === 0 ? ARCHS : named).map((arch) => () => {
    if (!hasRam) return bootTrace({ arch });
    const { map } = memoryWithoutFile(args, arch);
    return bootTrace({ arch, inputs: { memory: map.ranges } });
  });
}

function compareMade(context: Context): TimedComparison[] {
  const traces = madeTraces(context);
  const progress = new Progress(context.io, traces.length, "traces");
  const comparisons: TimedComparison[] = [];
  try {
    for (const make of traces) {
      comparisons.push(timed(context, make()));
      progress.update(comparisons.length);
    }
  } catch (error) {
    const isRefusal = error instanceof RangeError && error.message.startsWith("Cannot ");
    throw isRefusal ? new UsageError(error.message, DESIGNS_COMMAND.name) : error;
  } finally {
    progress.clear();
  }
  return comparisons;
}

/** A file that is run on all designs while it is read. */
class FileComparison {
  readonly #source: TraceSource;
  #machine: TraceMachine | null = null;
  #comparison: StreamedComparison | null = null;
  /** The operations, as long as they are few enough to be run again for their time. */
  readonly #kept = new TraceBuilder();

  constructor(source: TraceSource) {
    this.#source = source;
  }

  /** Makes the machine, once the header is read. */
  begin(): StreamedComparison {
    if (this.#comparison !== null) return this.#comparison;
    const { header } = this.#source.input;
    if (header === null) throw new SyntaxError("Cannot read the trace: it must have a header");
    this.#source.checkMachine();
    const arch = archNamed(header.arch);
    if (arch === null) {
      throw new SyntaxError(
        `Cannot run the trace: its architecture must be one there is, it is ${quoted(header.arch)}`,
      );
    }
    this.#machine = machineOfHeader(header, arch);
    this.#comparison = new StreamedComparison(this.#machine);
    return this.#comparison;
  }

  /** Runs operations. */
  run(words: Uint32Array, length: number): void {
    const comparison = this.begin();
    if (comparison.words + length <= MOST_TIMED_WORDS) this.#kept.addWords(words, length);
    comparison.run(words, length);
  }

  /** The numbers, at the end of the file. */
  end(context: Context, name: string): TimedComparison {
    const result = this.begin().result(name, SUMMARY);
    const { header } = this.#source.input;
    const isKept = this.begin().words <= MOST_TIMED_WORDS;
    if (this.#machine === null || header === null || !isKept) {
      return { ...result, speeds: DESIGNS.map(() => null) };
    }
    const { ranges, ...machine } = this.#machine;
    const { words } = this.#kept.build(header);
    const trace = { name, summary: SUMMARY, ...machine, parts: [{ ranges, words }] };
    return { ...result, speeds: speedsOf(context, trace, result.frames) };
  }
}

async function compareFile(
  context: Context,
  path: string,
  source: TraceSource,
): Promise<TimedComparison> {
  const { io } = context;
  const { size, chunks } = await io.readBytes(path);
  const { input } = source;
  const file = new FileComparison(source);
  const sink = (words: Uint32Array, length: number): void => file.run(words, length);
  const progress = new Progress(io, size ?? 0, "bytes");
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      input.read(chunk, sink);
      bytes += chunk.length;
      progress.update(bytes);
    }
    input.end(sink);
  } finally {
    progress.clear();
  }
  return file.end(context, path === STANDARD_INPUT ? "standard input" : escapeText(path));
}

/** The trace that is drawn: the one that has most to show. */
function drawnOf(comparisons: readonly TimedComparison[]): TimedComparison | null {
  const all = [...comparisons].sort((one, other) =>
    other.releases - one.releases || other.requests - one.requests
  );
  return all[0] ?? null;
}

async function show(
  context: Context,
  comparisons: readonly TimedComparison[],
  source: TraceSource | null,
): Promise<void> {
  const { args, io } = context;
  const sizes = sizesOf(DESIGNS);
  const picture = args.value("picture");
  const drawn = drawnOf(comparisons);
  if (picture !== null && drawn !== null) {
    const svg = designsSvg(drawn, sizes);
    if (picture === STANDARD_OUTPUT) {
      io.stdout.write(svg);
      return;
    }
    await io.writeText(picture, svg);
  }
  if (args.has("json")) {
    writeJson(context, { ...designsToJson(comparisons, sizes), ...source?.toJson() });
    return;
  }
  writeLines(context, source?.countLines() ?? []);
  writeLines(context, [...designLines(), "", ...sizeLines(sizes)]);
  for (const one of comparisons) {
    const [title = "", ...lines] = comparisonLines(one);
    writeLines(context, ["", context.paint.bold(title), ...lines]);
  }
  const failed = comparisons.flatMap(({ designs }) => designs.map((one) => one.failedRequests));
  writeLines(context, source?.shortageLines(Math.max(...failed)) ?? []);
  writeLines(context, ["", ...LEGEND, "", ...policyLines(), "", ...HAZARD_LEGEND]);
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  const path = args.value("trace");
  if (args.words.length > 0) args.refuse("designs takes options only");
  if (args.has("json") && args.value("picture") === STANDARD_OUTPUT) {
    args.refuse("Options --json and --picture - exclude each other");
  }
  if (path === null) {
    await show(context, compareMade(context), null);
    return EXIT.held;
  }
  const source = new TraceSource(args, DESIGNS_COMMAND.name);
  const codes: ExitCode[] = [];
  const found: TimedComparison[] = [];
  await attempt(context, path, codes, async () => {
    found.push(await compareFile(context, path, source));
  });
  if (codes.length > 0) return worstOf(codes);
  await show(context, found, source);
  return EXIT.held;
}

/** The command. */
export const DESIGNS_COMMAND: Command = {
  name: "designs",
  summary: "compares where an allocator can keep its metadata, and what the host sees of it",
  usage: "[--trace FILE] [--arch NAME,…] [--ram SIZE] [--picture FILE]",
  options: [
    { name: "trace", value: "FILE", help: "a trace, as text or packed, or - for standard input" },
    {
      name: "arch",
      value: "NAME,…",
      help: "boots of these architectures and nothing else; that of a kernel's trace",
    },
    { name: "ram", value: "SIZE", help: "RAM of the boots, or for a kernel's trace: 512M, 8G" },
    {
      name: "picture",
      value: "FILE",
      help: "also draws an SVG; - for standard output and no more",
    },
    JSON_OPTION,
  ],
  notes: [
    "Without options: the boot of each architecture with the memory of the recorded guest, random",
    "churn, and the seeds of the tests that compare the engines. One buddy algorithm runs on each",
    "design and reports what it reads and writes. docs/designs.md explains the numbers, docs/traces.md",
    "the files. A kernel's trace runs on the machine that --arch and --ram name, on x86_64 with 1 GiB",
    "by default. Speed is measured where all memory can be laid out as the design wants it; it is the",
    "model's, and says which design is faster, not how fast an allocator in C is.",
  ],
  examples: [
    "designs",
    "designs --arch s390x --ram 1G",
    "designs --trace examples/trace.txt --picture -",
    "designs --trace examples/kernel-trace.txt --ram 64M",
  ],
  run,
};
