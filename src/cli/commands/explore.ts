/**
 * `explore`: visits every state of small areas.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../../scenario/machine_statement.ts";
import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import { explore, EXPLORE_OPERATIONS, TOLERABLE_RULES } from "../../check/mod.ts";
import type {
  ExploredArea,
  ExploreOptions,
  ExploreResult,
  FoundViolation,
  TolerableRule,
} from "../../check/mod.ts";
import { DEFAULT_EDITION } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { nearestWord, printScenario } from "../../scenario/mod.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, refuseWord, UsageError } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { Progress } from "../progress.ts";
import { counted } from "../words.ts";

const DEFAULT_PAGES = 16;
const DEFAULT_MAX_STATES = 10_000_000;

/** Words for the rules that can be tolerated. */
const TOLERATED: Readonly<Record<string, TolerableRule>> = {
  "buddies": "no mergeable buddies are both usable",
  "max-order": "max order is a bound",
  "refusals": "a valid request is refused only for want of room",
  "traces": "a refused request changes nothing",
  "listings": "listed blocks are usable",
};

function editionFor(context: Context): Edition {
  const [edition, ...more] = editionsOf(context.args, EXPLORE.name);
  if (more.length > 0) context.args.refuse("explore takes one edition");
  return edition ?? DEFAULT_EDITION;
}

function archFor({ args }: Context): Arch {
  const name = args.value("arch") ?? DEFAULT_ARCH_NAME;
  const names = ARCHS.map((arch) => arch.name);
  return archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, names), EXPLORE.name);
}

function areasFor({ args }: Context): ExploredArea[] {
  const frames = args.number("pages") ?? DEFAULT_PAGES;
  const offset = args.number("offset") ?? 0;
  const areas = args.number("areas") ?? 1;
  if (areas < 1 || areas > 4) args.refuse(`Option --areas must be 1 to 4, it is ${areas}`);
  return Array.from({ length: areas }, () => ({ frames, offset }));
}

function optionsOf(context: Context): ExploreOptions & { readonly maxStates: number } {
  const { args } = context;
  const words = args.list("ops");
  const operations = EXPLORE_OPERATIONS.filter((operation) => words.includes(operation));
  const tolerated = args.list("tolerate").flatMap((word) => TOLERATED[word] ?? []);
  return {
    edition: editionFor(context),
    arch: archFor(context),
    areas: areasFor(context),
    operations: operations.length > 0 ? operations : ["alloc", "free"],
    lists: args.value("lists") === "exact" ? "exact" : "folded",
    stopAt: args.has("first") ? "first-violation" : "end",
    maxStates: args.number("max-states") ?? DEFAULT_MAX_STATES,
    tolerated,
  };
}

/** Explores; what cannot be explored is the user's error. */
function explored(context: Context, options: ReturnType<typeof optionsOf>): ExploreResult {
  const { io } = context;
  const shown: { progress: Progress | null } = { progress: null };
  try {
    return explore({
      ...options,
      onProgress: ({ expanded }, expected) => {
        if (!io.stderr.isTerminal) return;
        shown.progress ??= expected === null
          ? new Progress(io, options.maxStates, "states at most")
          : new Progress(io, Number(expected.states), "states");
        shown.progress.update(expanded);
      },
    });
  } catch (error) {
    const isRefusal = error instanceof RangeError && error.message.startsWith("Cannot ");
    throw isRefusal ? new UsageError(error.message, EXPLORE.name) : error;
  } finally {
    shown.progress?.clear();
  }
}

/** A large number in groups of three digits. */
function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

function subjectLine({ edition, areas, operations, lists }: ExploreOptions): string {
  const [area] = areas;
  const pages = counted(area?.frames ?? 0, "page");
  const where = areas.length === 1 ? pages : `${areas.length} areas of ${pages}`;
  return `${edition.name}  ${where}  ${(operations ?? []).join(", ")}  lists ${lists}`;
}

function countLines({ paint }: Context, result: ExploreResult): string[] {
  const { states, transitions, depth, ended, expected, agrees } = result;
  const counts = `${grouped(states)} states, ${grouped(transitions)} calls, depth ${depth}`;
  const lines = [ended === "complete" ? counts : `${counts}; not all`];
  if (expected !== null) {
    const limit = expected.relation === "exactly" ? "" : "at most ";
    const verdict = { yes: paint.good("as found"), no: paint.bad("not as found") };
    const how = agrees === null ? "not compared" : verdict[agrees];
    lines.push(`closed form: ${limit}${grouped(expected.states)} states, ${how}`);
  }
  return lines;
}

function violationLines({ paint }: Context, violation: FoundViolation): string[] {
  const { rule, sentence, calls, scenario, confirmed, lists } = violation;
  const proof = confirmed === "yes" ? "confirmed by the literal engine" : "not confirmed";
  const how = lists === "exact" ? ", lists exact" : "";
  return [
    "",
    `${paint.failed} ${paint.bold(rule)}`,
    `  ${sentence}`,
    `  ${counted(calls, "call")}, ${proof}${how}`,
    "",
    ...printScenario(scenario).trimEnd().split("\n").map((line) => `    ${line}`),
  ];
}

function verdictLine({ ended, violations, agrees }: ExploreResult, maxStates: number): string {
  if (agrees === "no") return "the number of states is wrong: this is a defect of buddyscope";
  const broken = violations.length === 0
    ? "no rule is broken"
    : `${counted(violations.length, "rule")} broken`;
  if (ended === "complete") return `${broken}; all states were seen`;
  if (ended === "violation") return `${broken}; stopped at the first`;
  return `${broken}; stopped at ${
    grouped(maxStates)
  } states: give fewer pages, fewer operations or --max-states`;
}

function codeOf({ agrees, violations, ended }: ExploreResult): ExitCode {
  if (agrees === "no") return EXIT.modelError;
  if (violations.length > 0) return EXIT.failed;
  return ended === "max-states" ? EXIT.wrongUse : EXIT.held;
}

/** The result as plain data. */
function resultToJson(options: ExploreOptions, result: ExploreResult): unknown {
  const { edition, arch, areas, operations, lists } = options;
  const { expected, violations, ...counts } = result;
  return {
    edition: edition.name,
    arch: arch.name,
    areas,
    operations,
    lists,
    ...counts,
    expected: expected === null ? null : { ...expected, states: expected.states.toString() },
    violations: violations.map(({ scenario, ...rest }) => {
      return { ...rest, scenario: printScenario(scenario) };
    }),
  };
}

function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  if (args.words.length > 0) {
    args.refuse("explore takes no words, its options say what is explored");
  }
  const options = optionsOf(context);
  const result = explored(context, options);
  if (args.has("json")) {
    writeJson(context, resultToJson(options, result));
    return Promise.resolve(codeOf(result));
  }
  writeLines(context, [
    subjectLine(options),
    ...countLines(context, result),
    ...result.violations.flatMap((violation) => violationLines(context, violation)),
    ...(result.violations.length > 0 ? [""] : []),
    verdictLine(result, options.maxStates),
  ]);
  return Promise.resolve(codeOf(result));
}

/** The command. */
export const EXPLORE: Command = {
  name: "explore",
  summary: "visits every state of small areas and checks the rules in each",
  usage: "",
  options: [
    { name: "pages", value: "N", help: "the usable pages of an area; 16 by default" },
    { name: "areas", value: "N", help: "the number of areas; 1 by default, up to 4" },
    {
      name: "offset",
      value: "N",
      help: "pages between a multiple of 64 Ki and the first; 0 by default",
    },
    {
      name: "ops",
      value: "WORD,…",
      choices: EXPLORE_OPERATIONS,
      help: `what is done: ${EXPLORE_OPERATIONS.join(", ")}; alloc,free by default`,
    },
    {
      name: "lists",
      value: "HOW",
      choices: ["folded", "exact"],
      help: "folded (the default): states that differ in the order of lists count once; or exact",
    },
    { ...EDITION_OPTION, value: "NAME", help: `the edition; ${DEFAULT_EDITION.name} by default` },
    { name: "arch", value: "NAME", help: "the architecture; x86_64 by default" },
    { name: "first", value: null, help: "stops at the first violation" },
    {
      name: "tolerate",
      value: "WORD,…",
      choices: Object.keys(TOLERATED),
      help: "goes on from states that break these rules",
    },
    { name: "max-states", value: "N", help: "the most states; ten million by default" },
    JSON_OPTION,
  ],
  notes: [
    "Each rule that is broken is shown with a shortest list of calls, which is replayed on the literal",
    "engine. A state that breaks a rule is not expanded, unless the rule is tolerated:",
    ...TOLERABLE_RULES.map((rule) => {
      const word = Object.keys(TOLERATED).find((key) => TOLERATED[key] === rule) ?? "";
      return `  ${word.padEnd(9)}  ${rule}`;
    }),
    "listings needs exact lists. Where lists are folded, a request may get any block of the list.",
    "",
    "16 pages with alloc,free have 458,330 states and take seconds; with reserve too 104 million, which",
    "are refused. 8 pages can have all operations, with exact lists too: 332,401 states. Where a closed",
    "form says how many states there are, the number is compared with it. The exit code is 1 if a rule",
    "is broken, 2 if nothing was found before --max-states, 3 if the number is wrong.",
  ],
  examples: ["explore --pages 16", "explore --pages 4 --ops alloc,free,reserve --edition head"],
  run,
};
