/**
 * `check`: runs scenarios and judges each call by the rules of a sound allocator.
 *
 * @module
 */

import type { RuleName } from "../../check/invariants/mod.ts";
import type { Edition } from "../../edition.ts";
import { escapeText, runToJson } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/mod.ts";
import type { Run } from "../../scenario/mod.ts";
import { attempt } from "../attempt.ts";
import { firstViolationText, RULE_MEANINGS } from "../check_text.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT, refuseWord, worstOf } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { readScenario, runParsed } from "../scenario_file.ts";
import type { ScenarioFile } from "../scenario_file.ts";
import { traceBody } from "../views.ts";
import { counted } from "../words.ts";

const RULES = Object.keys(RULE_MEANINGS) as RuleName[];

/** A scenario that was watched on an edition. */
interface Checked {
  readonly path: string;
  readonly run: Run;
}

/** What happened so far. */
interface Progress {
  readonly checked: Checked[];
  readonly codes: ExitCode[];
}

/** The rules that the options choose. */
function rulesOf({ args }: Context): RuleName[] {
  const [chosen, left] = [args.list("rules"), args.list("except")];
  for (const name of [...chosen, ...left]) {
    if (RULES.some((rule) => rule === name)) continue;
    refuseWord("rule", name, nearestWord(name, RULES), CHECK.name);
  }
  const rules = RULES.filter((rule) => {
    return (chosen.length === 0 || chosen.includes(rule)) && !left.includes(rule);
  });
  return rules.length > 0
    ? rules
    : args.refuse("Options --rules and --except must leave a rule to check");
}

function sectionOf(context: Context, parsed: ScenarioFile, run: Run): string {
  const { paint } = context;
  const placeOf = (step: number): string =>
    `${escapeText(parsed.file)}:${parsed.lines[step] ?? step + 1}`;
  return `${traceBody(run, { paint })}\n${firstViolationText(run, { paint, placeOf })}`;
}

async function checkFile(
  context: Context,
  path: string,
  editions: readonly (Edition | null)[],
  { checked, codes }: Progress,
): Promise<void> {
  const { io, args, paint } = context;
  const parsed = await readScenario(io, path);
  const rules = rulesOf(context);
  const sections = new Map<string, Run[]>();
  for (const edition of editions) {
    await attempt(context, path, codes, () => {
      const run = runParsed(parsed, edition, { watch: "violations", rules });
      checked.push({ path, run });
      codes.push(run.firstViolation === null ? EXIT.held : EXIT.failed);
      if (args.has("json")) return;
      const text = sectionOf(context, parsed, run);
      sections.set(text, [...sections.get(text) ?? [], run]);
    });
  }
  for (const [text, runs] of sections) {
    const names = runs.map(({ edition }) => edition.name).join(", ");
    const heading = paint.bold(`${escapeText(path)}  ${runs[0]?.arch.name}  ${names}`);
    io.stdout.write(`${heading}\n\n${text}\n`);
  }
}

async function run(context: Context): Promise<ExitCode> {
  const { args } = context;
  if (args.words.length === 0) {
    args.refuse("check needs a file with a scenario, or - for standard input");
  }
  rulesOf(context);
  const named = editionsOf(args, CHECK.name);
  const editions = named.length === 0 ? [null] : named;
  const progress: Progress = { checked: [], codes: [] };
  for (const path of args.words) {
    const check = (): Promise<void> => checkFile(context, path, editions, progress);
    await attempt(context, path, progress.codes, check);
  }
  const { checked, codes } = progress;
  const broken = checked.filter(({ run }) => run.firstViolation !== null).length;
  if (args.has("json")) {
    const errors = codes.filter((code) => code > EXIT.failed).length;
    const runs = checked.map(({ path, run }) => ({ file: path, ...runToJson(run) }));
    writeJson(context, { runs, totals: { runs: runs.length, broken, errors } });
  } else {
    writeLines(context, [`${counted(checked.length, "run")}, ${broken} with a broken rule`]);
  }
  return worstOf(codes);
}

/** The command. */
export const CHECK: Command = {
  name: "check",
  summary: "runs scenarios and says which rule of a sound allocator broke first",
  usage: "FILE…",
  options: [
    EDITION_OPTION,
    {
      name: "rules",
      value: "RULE,…",
      help: "the rules to check, by name, in quotes; all by default",
    },
    { name: "except", value: "RULE,…", help: "the rules to leave out" },
    JSON_OPTION,
  ],
  notes: [
    "Each call is judged, also those of the page allocator that malloc and boot make, and the state",
    "after it. What a call broke stands below it; a state that lasts is told once. An expect that",
    "fails is shown, and does not count: run is for expectations. Exit code 1 says that a rule broke.",
    "",
    "The JSON has a member runs, each with file, what runToJson of the module ./report documents,",
    "and violations; and totals.",
    "",
    "The rules:",
    ...RULES.map((rule) => `  ${rule}`),
  ],
  examples: [
    "check examples/coalescing_dead.buddy --edition head,repaired",
    'check examples/fresh_half.buddy --except "states agree"',
  ],
  run,
};
