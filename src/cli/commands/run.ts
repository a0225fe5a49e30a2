/**
 * `run`: runs scenarios.
 *
 * @module
 */

import { DEFAULT_EDITION } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { MOST_WATCHED } from "../../explorer/mod.ts";
import { areasToJson, chromeTrace, escapeText, runToJson } from "../../report/mod.ts";
import { VIEWS } from "../../scenario/mod.ts";
import type { ParsedScenario, Run, View } from "../../scenario/mod.ts";
import { attempt } from "../attempt.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { DUMP_OPTIONS, dumpOrderOf, writeDump } from "../dump_out.ts";
import type { DumpOrder } from "../dump_out.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, worstOf } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { STANDARD_INPUT } from "../io.ts";
import { runText } from "../run_text.ts";
import type { RunTextOptions } from "../run_text.ts";
import { readScenario, runParsed } from "../scenario_file.ts";
import type { ScenarioFile } from "../scenario_file.ts";
import { counted } from "../words.ts";

/** A scenario that ran on an edition. */
interface Finished {
  readonly path: string;
  readonly parsed: ScenarioFile;
  readonly run: Run;
}

/** What happened so far. */
interface Progress {
  readonly finished: Finished[];
  readonly codes: ExitCode[];
}

/** Runs one file on all editions; runs that look the same are shown once. */
async function runFile(
  context: Context,
  path: string,
  editions: readonly (Edition | null)[],
  progress: Progress,
): Promise<void> {
  const parsed = await readScenario(context.io, path);
  const sections = new Map<string, Run[]>();
  for (const edition of editions) {
    await attempt(context, path, progress.codes, () => {
      const run = runParsed(parsed, edition, watchingFor(context, parsed));
      progress.finished.push({ path, parsed, run });
      progress.codes.push(hasFailed(run) ? EXIT.failed : EXIT.held);
      if (context.args.has("json")) return;
      const text = runText(run, textOptions(context, parsed, run));
      sections.set(text, [...sections.get(text) ?? [], run]);
    });
  }
  for (const [text, runs] of sections) {
    context.io.stdout.write(`${heading(context, path, runs)}\n\n${text}\n`);
  }
}

/** A trace is to show which rules break, unless the run is so long that checking takes long. */
function watchingFor({ args }: Context, { scenario }: ParsedScenario): { watch?: "violations" } {
  const isWatched = args.value("trace-out") !== null && scenario.statements.length <= MOST_WATCHED;
  return isWatched ? { watch: "violations" } : {};
}

function hasFailed(run: Run): boolean {
  return run.expectations.some(({ held }) => held === "no");
}

/** The step of the option, if the run has it; null without the option. */
function checkedStep({ args }: Context, parsed: ParsedScenario, run: Run): number | null {
  const step = args.number("step");
  if (step === null || step < run.steps.length) return step;
  const last = run.steps.length - 1;
  const file = escapeText(parsed.file);
  return args.refuse(
    last < 0
      ? `Option --step must not stand here: ${file} has no steps`
      : `Option --step must be 0 to ${last}, the last step of ${file}, it is ${step}`,
  );
}

function textOptions(context: Context, parsed: ParsedScenario, run: Run): RunTextOptions {
  const step = checkedStep(context, parsed, run);
  const placeOf = (index: number): string =>
    `${escapeText(parsed.file)}:${parsed.lines[index] ?? index + 1}`;
  const sources = context.args.has("sources") ? "shown" : "left-out";
  return { paint: context.paint, views: viewsOf(context), step, sources, placeOf };
}

function viewsOf({ args }: Context): View[] {
  const words = args.list("show");
  return VIEWS.filter((view) => words.includes(view));
}

function heading({ paint }: Context, path: string, runs: readonly Run[]): string {
  const editions = runs.map(({ edition }) => edition.name).join(", ");
  return paint.bold(`${escapeText(path)}  ${runs[0]?.arch.name}  ${editions}`);
}

/** How many runs and expectations there were, and how many of these failed. */
function totalsOf(
  finished: readonly Finished[],
): Record<"runs" | "expectations" | "failed", number> {
  const results = finished.flatMap(({ run }) => run.expectations);
  const failed = results.filter(({ held }) => held === "no").length;
  return { runs: finished.length, expectations: results.length, failed };
}

function summarize(context: Context, { finished }: Progress): void {
  const { runs, expectations, failed } = totalsOf(finished);
  const counts = [counted(runs, "run"), counted(expectations, "expectation"), `${failed} failed`];
  writeLines(context, [counts.join(", ")]);
}

/** The runs as JSON; with a step, the areas after it in place of those at the end. */
function printJson(context: Context, { finished, codes }: Progress): void {
  const step = context.args.number("step");
  const runs = finished.map(({ path, parsed, run }) => {
    if (step === null) return { file: path, ...runToJson(run) };
    const areas = areasToJson(run.machineAfter(checkedStep(context, parsed, run) ?? -1));
    return { file: path, ...runToJson(run, { areas: "left-out" }), state: { step, areas } };
  });
  const errors = codes.filter((code) => code > EXIT.failed).length;
  writeJson(context, { runs, totals: { ...totalsOf(finished), errors } });
}

/** The run as a trace, into the file of the option. */
async function writeTrace({ args, io }: Context, { finished }: Progress): Promise<void> {
  const path = args.value("trace-out");
  const [only] = finished;
  if (path === null || only === undefined) return;
  await io.writeText(path, `${JSON.stringify(chromeTrace(only.run))}\n`);
}

/** The machine's memory at the end, or after the step of the option, into the file of the option. */
function writeMemory(context: Context, { finished }: Progress, order: DumpOrder): void {
  const [only] = finished;
  if (only === undefined) return;
  const { parsed, run } = only;
  const step = checkedStep(context, parsed, run) ?? run.steps.length - 1;
  const sources = [only.path, ...(parsed.mapPath === null ? [] : [parsed.mapPath])];
  writeDump(context, run.machineAfter(step), order, sources);
}

/** Refuses to write several runs into one file. */
function checkOutputs({ args }: Context, runs: number): void {
  if (args.value("trace-out") === STANDARD_INPUT) {
    args.refuse("Option --trace-out must name a file, not standard output");
  }
  for (
    const [name, what] of [["trace-out", "a trace is one run"], ["dump", "a dump is one machine"]]
  ) {
    if (name === undefined || args.value(name) === null || runs === 1) continue;
    args.refuse(`Option --${name} must stand beside one file and one edition: ${what}`);
  }
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  if (args.words.length === 0) {
    args.refuse("run needs a file with a scenario, or - for standard input");
  }
  if (viewsOf(context).length > 0 && args.has("json")) {
    args.refuse("Option --show must not stand beside --json: it says how the text looks");
  }
  if (args.has("sources") && args.number("step") === null) {
    args.refuse("Option --sources must stand beside --step, whose events it places in the code");
  }
  const named = editionsOf(args, RUN.name);
  const editions = named.length === 0 ? [null] : named;
  checkOutputs(context, args.words.length * editions.length);
  const order = dumpOrderOf(context);
  const progress: Progress = { finished: [], codes: [] };
  for (const path of args.words) {
    await attempt(context, path, progress.codes, () => runFile(context, path, editions, progress));
  }
  await writeTrace(context, progress);
  const [only] = args.words;
  if (order !== null && only !== undefined) {
    await attempt(context, only, progress.codes, () => writeMemory(context, progress, order));
  }
  if (args.has("json")) printJson(context, progress);
  else summarize(context, progress);
  return worstOf(progress.codes);
}

/** The command. */
export const RUN: Command = {
  name: "run",
  summary: "runs scenarios and shows what happens",
  usage: "FILE…",
  options: [
    EDITION_OPTION,
    {
      name: "show",
      value: "VIEW,…",
      choices: VIEWS,
      help: `shows ${VIEWS.join(", ")} in place of the trace and the maps`,
    },
    { name: "step", value: "N", help: "shows what step N did and the state after it" },
    {
      name: "sources",
      value: null,
      help: "with --step: upstream's function, file and line beside each event",
    },
    {
      name: "trace-out",
      value: "OUT.json",
      help: "writes the run as a trace for Perfetto and Chrome's about:tracing",
    },
    ...DUMP_OPTIONS,
    JSON_OPTION,
  ],
  notes: [
    "A FILE is a scenario, or - for standard input; what can stand in it, help scenario tells.",
    `Where neither the scenario nor --edition names an edition, ${DEFAULT_EDITION.name} runs.`,
    "Editions on which a scenario looks the same are shown together. The numbers of the steps are",
    "those of the trace. A failed assertion of the modelled code is no failure by itself: what must",
    "hold, the scenario says with expect.",
    "",
    "A line that --sources gives is that of the edition that runs. Of one whose lines are not known,",
    "or that has no text of its own, it is the line of head, and says so; where such an edition does",
    "otherwise, that is said too. docs/read_a_state.md reads an example.",
    "",
    "The JSON has a member runs, each with file and what runToJson of the module ./report documents,",
    "and totals.",
    "",
    "With --trace-out, of one file and one edition, Deno needs --allow-write=OUT.json. A microsecond",
    `of the trace is a step; docs/json.md describes its tracks. Up to ${MOST_WATCHED} steps, the rules`,
    "are checked after each; in a longer run if the scenario asks for it with expect no violations.",
    "With --dump, of one file and one edition too, the memory is that after the last step, or after",
    "the one of --step. An ELF core holds the area descriptors of a machine that did not boot; raw",
    "memory ends with the RAM and does not.",
  ],
  examples: ["run examples/reserve_handed_out.buddy --edition 01d8952b,head"],
  run,
};
