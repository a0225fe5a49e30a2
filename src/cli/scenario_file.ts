/**
 * Scenarios from files, run on editions.
 *
 * @module
 */

import { ARCHS } from "../../arch/mod.ts";
import type { Edition } from "../edition.ts";
import { escapeText } from "../report/mod.ts";
import { parseScenario, runScenario } from "../scenario/mod.ts";
import type { ParsedScenario, Run, ScenarioEnvironment } from "../scenario/mod.ts";
import { FileError, STANDARD_INPUT } from "./io.ts";
import type { Io } from "./io.ts";

/** A scenario from a file, with what it needs from other files. */
export interface ScenarioFile extends ParsedScenario {
  /** The text. */
  readonly text: string;
  /** The text of the memory map that it names, by the name; empty if it names none. */
  readonly mapTexts: ReadonlyMap<string, string>;
  /** The path of that memory map; null if it names none. */
  readonly mapPath: string | null;
}

/**
 * The path of a file that another one names: in the folder of that one, or below. A scenario may come out
 * of somebody's mail, so it names no other file.
 */
function pathBeside(path: string, name: string): string {
  const isElsewhere = /^([A-Za-z]:)?[/\\]/.test(name) || name.split(/[/\\]/).includes("..");
  if (isElsewhere) {
    throw new FileError(
      `Cannot read the memory map ${
        escapeText(name)
      }: it must lie in the folder of the scenario, or ` +
        "below, copy it there",
    );
  }
  const folder = path === STANDARD_INPUT ? "" : path.replace(/[^/\\]*$/, "");
  return folder + name;
}

/**
 * Reads a scenario, and the memory map that it names.
 *
 * @param io the host
 * @param path the file, or `-`
 * @returns the scenario
 * @throws {FileError} if the file cannot be read
 * @throws {ScenarioError} if the text is no scenario
 */
export async function readScenario(io: Io, path: string): Promise<ScenarioFile> {
  const text = await io.readText(path);
  const file = path === STANDARD_INPUT ? "standard input" : path;
  const parsed = parseScenario(text, { file, archs: ARCHS });
  const [first] = parsed.scenario.statements;
  const map = first?.kind === "machine" ? first.map : undefined;
  if (map === undefined) return { ...parsed, text, mapTexts: new Map(), mapPath: null };
  const mapPath = pathBeside(path, map);
  return { ...parsed, text, mapTexts: new Map([[map, await io.readText(mapPath)]]), mapPath };
}

/**
 * Runs a scenario.
 *
 * @param parsed the scenario
 * @param edition the edition; null for what the scenario says
 * @param watching whether the run is watched, and by which rules; by default the scenario says it
 * @returns the run
 * @throws {ScenarioError} if the scenario uses the model wrongly
 */
export function runParsed(
  parsed: ScenarioFile,
  edition: Edition | null,
  watching: Pick<ScenarioEnvironment, "watch" | "rules"> = {},
): Run {
  const { mapTexts } = parsed;
  const given = edition === null ? {} : { edition };
  return runScenario(parsed.scenario, {
    archs: ARCHS,
    source: parsed,
    mapTexts,
    ...given,
    ...watching,
  });
}
