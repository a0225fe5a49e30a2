/**
 * `archs`: the architectures side by side.
 *
 * @module
 */

import { archNamed, ARCHS } from "../../../arch/mod.ts";
import type { Arch } from "../../arch.ts";
import { DEFAULT_EDITION } from "../../edition.ts";
import { printArchTable } from "../../report/mod.ts";
import { nearestWord } from "../../scenario/mod.ts";
import { JSON_OPTION, writeJson } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { editionFor } from "../edition_option.ts";
import { EXIT, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";

function archFor(name: string): Arch {
  const names = ARCHS.map((arch) => arch.name);
  return archNamed(name) ??
    refuseWord("architecture", name, nearestWord(name, names), ARCHS_COMMAND.name);
}

function run(context: Context): Promise<ExitCode> {
  const { args, paint, io } = context;
  const archs = args.words.length === 0 ? ARCHS : args.words.map(archFor);
  const name = args.value("edition");
  const edition = name === null ? DEFAULT_EDITION : editionFor(name, ARCHS_COMMAND.name);
  if (args.has("json")) writeJson(context, archs);
  else io.stdout.write(printArchTable(archs, edition, { paint }));
  return Promise.resolve(EXIT.held);
}

/** The command. */
export const ARCHS_COMMAND: Command = {
  name: "archs",
  summary: "shows the architectures side by side: words, pages, descriptors, areas",
  usage: "[NAME…]",
  options: [
    JSON_OPTION,
    {
      name: "edition",
      value: "NAME",
      help: `the edition whose area descriptors are shown; ${DEFAULT_EDITION.name} by default`,
    },
  ],
  notes: ["Without a NAME, all architectures are shown. In JSON, 64-bit numbers are texts: 0x…"],
  examples: ["archs s390x arm64"],
  run,
};
