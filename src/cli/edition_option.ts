/**
 * Editions as the user names them.
 *
 * @module
 */

import { editionNamed, EDITIONS } from "../edition.ts";
import type { Edition } from "../edition.ts";
import { nearestWord } from "../scenario/mod.ts";
import { refuseWord } from "./exit.ts";
import type { Arguments, OptionRow } from "./options.ts";

/** The word that stands for all editions. */
const ALL = "all";

/** The option that names editions. */
export const EDITION_OPTION: OptionRow = {
  name: "edition",
  value: "NAME,…",
  help: "the editions to run on, whatever the scenario says; all stands for all",
};

/**
 * Finds an edition.
 *
 * @param name its name, an alias, or a commit
 * @param command the command whose help tells more
 * @returns the edition
 * @throws {UsageError} if there is none; it names the nearest
 */
export function editionFor(name: string, command: string): Edition {
  const names = EDITIONS.flatMap((edition) => [edition.name, ...edition.aliases]);
  return editionNamed(name) ?? refuseWord("edition", name, nearestWord(name, names), command);
}

/**
 * The editions that `--edition` names.
 *
 * @param args the arguments
 * @param command the command whose help tells more
 * @returns the editions, each once, in the order of the option; empty if the option is not there
 * @throws {UsageError} if there is no such edition
 */
export function editionsOf(args: Arguments, command: string): readonly Edition[] {
  const named = args.list(EDITION_OPTION.name).flatMap((name) => {
    return name === ALL ? EDITIONS : [editionFor(name, command)];
  });
  return [...new Set(named)];
}
