/**
 * `editions`: the history of the modelled code.
 *
 * @module
 */

import { EDITIONS } from "../../edition.ts";
import { printEditionTable } from "../../report/mod.ts";
import { JSON_OPTION, writeJson } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { editionFor } from "../edition_option.ts";
import { EXIT } from "../exit.ts";
import type { ExitCode } from "../exit.ts";

function run(context: Context): Promise<ExitCode> {
  const { args, paint, io } = context;
  const named = args.words.map((name) => editionFor(name, EDITIONS_COMMAND.name));
  const editions = EDITIONS.filter((edition) => named.length === 0 || named.includes(edition));
  if (args.has("json")) writeJson(context, editions);
  else io.stdout.write(printEditionTable(editions, { paint }));
  return Promise.resolve(EXIT.held);
}

/** The command. */
export const EDITIONS_COMMAND: Command = {
  name: "editions",
  summary: "shows the editions of the modelled code, and where each fact changes",
  usage: "[NAME…]",
  options: [JSON_OPTION],
  notes: [
    "A NAME is an edition's name, another name of it, or the commit that made it. Without a NAME,",
    "all editions are shown, oldest first.",
  ],
  examples: ["editions 01d8952b head"],
  run,
};
