/**
 * Scenarios from files, run on editions.
 *
 * @module
 */

import { ARCHS } from "../../arch/mod.ts";
import type { Edition } from "../edition.ts";
import { parseScenario, runScenario } from "../scenario/mod.ts";
import type { ParsedScenario, Run } from "../scenario/mod.ts";
import { STANDARD_INPUT } from "./io.ts";
import type { Io } from "./io.ts";

/**
 * Reads a scenario.
 *
 * @param io the host
 * @param path the file, or `-`
 * @returns the scenario
 * @throws {FileError} if the file cannot be read
 * @throws {ScenarioError} if the text is no scenario
 */
export async function readScenario(io: Io, path: string): Promise<ParsedScenario> {
  const text = await io.readText(path);
  const file = path === STANDARD_INPUT ? "standard input" : path;
  return parseScenario(text, { file, archs: ARCHS });
}

/**
 * Runs a scenario.
 *
 * @param parsed the scenario
 * @param edition the edition; null for what the scenario says
 * @returns the run
 * @throws {ScenarioError} if the scenario uses the model wrongly
 */
export function runParsed(parsed: ParsedScenario, edition: Edition | null): Run {
  const given = edition === null ? {} : { edition };
  return runScenario(parsed.scenario, { archs: ARCHS, source: parsed, ...given });
}
