/**
 * `diff`: the first difference of two editions on one scenario.
 *
 * @module
 */

import { diffRuns, printRunDifference } from "../../report/mod.ts";
import { JSON_OPTION, writeJson } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EDITION_OPTION, editionsOf } from "../edition_option.ts";
import { EXIT } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { readScenario, runParsed } from "../scenario_file.ts";

async function run(context: Context): Promise<ExitCode> {
  const { args, io, paint } = context;
  const [path, ...more] = args.words;
  if (path === undefined || more.length > 0) {
    return args.refuse("diff needs one file with a scenario");
  }
  const [one, other, ...others] = editionsOf(args, DIFF.name);
  if (one === undefined || other === undefined || others.length > 0) {
    return args.refuse("diff needs two different editions, as in --edition 01d8952b,head");
  }
  const parsed = await readScenario(io, path);
  const [left, right] = [runParsed(parsed, one), runParsed(parsed, other)];
  const difference = diffRuns(left, right);
  if (args.has("json")) writeJson(context, { left: one.name, right: other.name, difference });
  else io.stdout.write(printRunDifference(difference, left, right, { paint }));
  return difference === null ? EXIT.held : EXIT.failed;
}

/** The command. */
export const DIFF: Command = {
  name: "diff",
  summary: "shows the first step at which two editions differ, and the bytes",
  usage: "FILE --edition ONE,OTHER",
  options: [{ ...EDITION_OPTION, help: "the two editions" }, JSON_OPTION],
  notes: ["A FILE is a scenario, or - for standard input. Exit code 1 says that they differ."],
  examples: ["diff examples/coalescing_dead.buddy --edition bcffccfc,dbad82e3"],
  run,
};
