/**
 * `fuzz`: random search for broken rules, and for what sets two editions apart.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../../scenario/machine_statement.ts";
import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import {
  CALL_RULES,
  counterexampleC,
  explainCounterexample,
  fuzz,
  fuzzEditions,
  STACK_CALL_RULES,
  STACK_STATE_RULES,
  STATE_RULES,
  symptomText,
} from "../../check/mod.ts";
import type {
  CompareReport,
  Counterexample,
  FuzzControl,
  FuzzReport,
  RuleName,
} from "../../check/mod.ts";
import { DEFAULT_EDITION, editionNamed } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { diffRuns, printPageMap, printRunDifference } from "../../report/mod.ts";
import { nearestWord, printScenario, runScenario } from "../../scenario/mod.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionFor } from "../edition_option.ts";
import { quoted } from "../escape.ts";
import { EXIT, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { Progress, secondsText } from "../progress.ts";
import { counted } from "../words.ts";

const DEFAULT_TIME = "10s";

/** What is searched, and for how long. */
interface Search {
  readonly arch: Arch;
  readonly edition: Edition;
  readonly seed: number;
  /** Exactly so many runs; null for as many as there is time for. */
  readonly runs: number | null;
  /** How long in milliseconds, if the number of runs is not given. */
  readonly time: number;
}

function archOf({ args }: Context): Arch {
  const name = args.value("arch") ?? DEFAULT_ARCH_NAME;
  return archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, ARCHS.map((arch) => arch.name)), FUZZ.name);
}

/** A time such as `10s` or `5m`, in milliseconds. */
function timeOf({ args }: Context): number {
  const text = args.value("time") ?? DEFAULT_TIME;
  const [, number, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
  const factor = { s: 1, m: 60, h: 3600 }[unit ?? ""];
  if (number !== undefined && factor !== undefined) return Number(number) * factor * 1000;
  return args.refuse(`Option --time must be a time such as 10s, 5m or 1h, it is ${quoted(text)}`);
}

function rulesOf({ args }: Context): readonly RuleName[] | null {
  const named = args.list("rule");
  const tables = [STATE_RULES, CALL_RULES, STACK_STATE_RULES, STACK_CALL_RULES];
  const all = tables.flatMap((table) => Object.keys(table) as RuleName[]);
  const rules = named.map((name) =>
    all.find((rule) => rule === name) ?? refuseWord("rule", name, nearestWord(name, all), FUZZ.name)
  );
  return rules.length === 0 ? null : rules;
}

function searchOf(context: Context): Search {
  const { args } = context;
  if (args.words.length > 0) args.refuse("fuzz takes no files, only options");
  const runs = args.number("runs");
  if (runs !== null && args.value("time") !== null) {
    args.refuse("Option --time must not stand beside --runs: one of them says when to stop");
  }
  const name = args.value("edition");
  return {
    arch: archOf(context),
    edition: name === null ? DEFAULT_EDITION : editionFor(name, FUZZ.name),
    seed: args.number("seed") ?? 1,
    runs,
    time: timeOf(context),
  };
}

/** The clock, and the line of progress. */
function controlOf({ io }: Context, { runs, time }: Search): FuzzControl & { end(): void } {
  const progress = new Progress(io, runs ?? 0, "runs");
  const start = io.now();
  return {
    shouldStop: () => runs === null && io.now() - start >= time,
    onProgress: ({ runs: done, calls, found }) =>
      progress.tell((elapsed) => {
        const rate = Math.round(calls * 1000 / Math.max(1, elapsed));
        const all = runs === null ? time : elapsed / Math.max(1, done) * runs;
        return `${counted(done, "run")}, ${calls} calls, ${rate} a second, ${found} found, ` +
          `${secondsText(all - elapsed)} left`;
      }),
    end: () => progress.clear(),
  };
}

/** How to do it again. */
function repeatLine({ arch, edition, seed }: Search, runs: number, more: string): string {
  return `repeat with: buddyscope fuzz --edition ${edition.name} --arch ${arch.name}${more} ` +
    `--seed ${seed} --runs ${runs}`;
}

/** The options that decide what is found, as they were typed. */
function moreOptions({ args }: Context): string {
  const rules = args.list("rule");
  return [
    ...(args.value("layer") === "stack" ? [" --layer stack"] : []),
    ...(rules.length > 0 ? [` --rule "${rules.join(",")}"`] : []),
    ...(args.has("first") ? [" --first"] : []),
  ].join("");
}

function isPrimary({ earlier }: Counterexample): boolean {
  return earlier.length === 0;
}

function counterexampleText({ paint }: Context, found: Counterexample, arch: Arch): string {
  const edition = editionNamed(found.edition) ?? DEFAULT_EDITION;
  const map = (areas: Counterexample["before"]): string =>
    areas.length === 0 ? "no areas\n" : printPageMap({ arch, edition }, areas, { paint });
  return [
    paint.bold(symptomText(found.symptom)),
    "",
    printScenario(found.scenario),
    `${explainCounterexample(found).join("\n")}\n`,
    `${paint.bold("before the step")}\n`,
    map(found.before),
    `${paint.bold("after the step")}\n`,
    map(found.after),
  ].join("\n");
}

/** One line for what follows from something that is told in full. */
function shortLines(found: Counterexample): string[] {
  const [, ...lines] = printScenario(found.scenario).trimEnd().split("\n");
  return [`  ${symptomText(found.symptom)}`, ...lines.map((line) => `      ${line}`)];
}

function reportText(context: Context, search: Search, report: FuzzReport): string {
  const { counterexamples } = report;
  const primary = counterexamples.filter(isPrimary);
  const others = counterexamples.filter((found) => !isPrimary(found));
  return [
    ...primary.map((found) => counterexampleText(context, found, search.arch)),
    ...(others.length === 0 ? [] : [
      [
        context.paint.bold("what probably follows from these"),
        "",
        ...others.flatMap(shortLines),
        "",
      ].join("\n"),
    ]),
    [
      `${counted(report.runs, "run")}, ${counted(report.calls, "call")}, ${report.found} found`,
      repeatLine(search, report.runs, moreOptions(context)),
      "",
    ].join("\n"),
  ].join("\n");
}

function counterexampleJson(found: Counterexample): Record<string, unknown> {
  return {
    ...found,
    text: printScenario(found.scenario),
    prose: explainCounterexample(found),
    c: counterexampleC(found),
  };
}

function searchRules(context: Context, search: Search): ExitCode {
  const { args, io } = context;
  const control = controlOf(context, search);
  const rules = rulesOf(context);
  const { arch, edition, seed, runs } = search;
  const report = fuzz({
    arch,
    edition,
    seed,
    runs,
    layer: args.value("layer") === "stack" ? "stack" : "pages",
    stopAt: args.has("first") ? "first" : "budget",
    ...(rules === null ? {} : { rules }),
  }, control);
  control.end();
  if (args.has("json")) {
    writeJson(context, {
      arch: arch.name,
      edition: edition.name,
      seed,
      runs: report.runs,
      calls: report.calls,
      counterexamples: report.counterexamples.map(counterexampleJson),
    });
  } else if (args.has("c")) {
    io.stdout.write(report.counterexamples.map(counterexampleC).join("\n"));
  } else io.stdout.write(reportText(context, search, report));
  return report.found === 0 ? EXIT.held : EXIT.failed;
}

function differenceText(
  { paint }: Context,
  { arch, edition }: Search,
  against: Edition,
  { difference }: CompareReport,
): string[] {
  if (difference === null) return [];
  const [left, right] = [edition, against].map((of) =>
    runScenario(difference.scenario, { archs: [arch], edition: of })
  );
  if (left === undefined || right === undefined) return [];
  return [
    printScenario(difference.scenario),
    printRunDifference(diffRuns(left, right), left, right, { paint }),
  ];
}

function compareEditions(context: Context, search: Search, against: Edition): ExitCode {
  const control = controlOf(context, search);
  const report = fuzzEditions({ ...search, against }, control);
  control.end();
  const { difference, runs, calls } = report;
  if (context.args.has("json")) {
    const text = difference === null ? null : printScenario(difference.scenario);
    const editions = [search.edition.name, against.name];
    writeJson(context, {
      arch: search.arch.name,
      editions,
      seed: search.seed,
      runs,
      calls,
      text,
      difference,
    });
  } else {
    writeLines(context, [
      ...differenceText(context, search, against, report),
      `${counted(runs, "run")}, ${counted(calls, "call")}, ` +
      (difference === null ? "no difference" : "a difference"),
      repeatLine(search, runs, ` --against ${against.name}`),
    ]);
  }
  return difference === null ? EXIT.held : EXIT.failed;
}

function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  const search = searchOf(context);
  const name = args.value("against");
  if (name === null) return Promise.resolve(searchRules(context, search));
  const against = editionFor(name, FUZZ.name);
  if (against === search.edition) args.refuse("fuzz --against needs another edition");
  for (const option of ["first", "c", "layer", "rule"]) {
    if (!args.has(option) && args.list(option).length === 0) continue;
    args.refuse(`Option --${option} must not stand beside --against`);
  }
  return Promise.resolve(compareEditions(context, search, against));
}

/** The command. */
export const FUZZ: Command = {
  name: "fuzz",
  summary: "searches for broken rules by random calls",
  usage: "",
  options: [
    { ...EDITION_OPTION, value: "NAME", help: `the edition; ${DEFAULT_EDITION.name} by default` },
    { name: "arch", value: "NAME", help: `the architecture; ${DEFAULT_ARCH_NAME} by default` },
    {
      name: "layer",
      value: "NAME",
      choices: ["pages", "stack"],
      help: "pages, by default, or stack: with boot, vmalloc and malloc",
    },
    { name: "seed", value: "N", help: "the seed; 1 by default" },
    { name: "time", value: "TIME", help: `how long, as in 30s or 5m; ${DEFAULT_TIME} by default` },
    {
      name: "runs",
      value: "N",
      help: "how many runs, in place of a time: gives the same each time",
    },
    { name: "against", value: "NAME", help: "searches for what sets another edition apart" },
    { name: "rule", value: "RULE,…", help: "searches for these rules only; help check lists them" },
    { name: "first", value: null, help: "stops at the first that is found" },
    { name: "c", value: null, help: "prints tests in C for kvm-unit-tests and nothing else" },
    JSON_OPTION,
  ],
  notes: [
    "Makes random calls of the page allocator, all of them used rightly, on small areas, and checks",
    "each by all rules. What is found is made as short as it can be and told once: as a scenario, in",
    "words, and as page maps before and after the step. Exit code 1 says that something was found.",
    "",
    "The JSON has arch, edition, seed, runs, calls and counterexamples; each has the scenario as data",
    "and as text, step, symptom, violation, editions that break the rule, before, after, changes,",
    "prose and c.",
  ],
  examples: [
    "fuzz --edition head --time 5s",
    'fuzz --edition head --rule "max order is a bound" --first --c',
    "fuzz --edition repaired --against head",
  ],
  run,
};
