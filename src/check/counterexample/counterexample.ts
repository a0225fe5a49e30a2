/**
 * A counterexample: the shortest scenario that breaks a rule, and all that is known of it.
 *
 * @module
 */

import { EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import type { Stopped } from "../../outcome.ts";
import type { AreaView } from "../../page_allocator.ts";
import { printStatement, runScenario, ScenarioError } from "../../scenario/mod.ts";
import type { Run, Scenario, ScenarioEnvironment } from "../../scenario/mod.ts";
import type { RuleName, Violation } from "../invariants/mod.ts";
import { changesBetween } from "./changes.ts";
import type { MemoryChange } from "./changes.ts";
import { judgeScenario, sightingsOf } from "./judge.ts";
import { minimize } from "./minimize.ts";
import { symptomText } from "./symptom.ts";
import type { Sighting, Symptom } from "./symptom.ts";

/** A scenario that breaks a rule, and all that is known of it. */
export interface Counterexample {
  /** The architecture's name. */
  readonly arch: string;
  /** The edition's name. */
  readonly edition: string;
  /** Where RAM begins in a guest of the architecture. */
  readonly ramStart: bigint;
  /** The scenario; without any one of its statements the rule would hold. */
  readonly scenario: Scenario;
  /** The index of the statement that breaks the rule. */
  readonly step: number;
  /** That statement as text. */
  readonly statement: string;
  /** The rule, the kind of call, where the code stopped. */
  readonly symptom: Symptom;
  /** What is the case instead. */
  readonly violation: Violation;
  /** Why the machine is stopped; null if it runs. */
  readonly stopped: Stopped | null;
  /** What was broken before in the same scenario: what it probably follows from. */
  readonly earlier: readonly Symptom[];
  /** All editions in which the scenario breaks the rule, oldest first. */
  readonly editions: readonly string[];
  /** The areas before the step. */
  readonly before: readonly AreaView[];
  /** The areas after the step. */
  readonly after: readonly AreaView[];
  /** The memory that the step changed. */
  readonly changes: readonly MemoryChange[];
}

/** Judges, and takes wrong use of the model for "nothing was seen". */
function sightings(scenario: Scenario, environment: ScenarioEnvironment): Sighting[] {
  try {
    return judgeScenario(scenario, environment);
  } catch (error) {
    if (error instanceof ScenarioError) return [];
    throw error;
  }
}

/** The editions in which a scenario breaks a rule at a step. */
function editionsThatBreak(
  scenario: Scenario,
  rule: RuleName,
  step: number,
  environment: ScenarioEnvironment,
): Edition[] {
  return EDITIONS.filter((edition) =>
    sightings(scenario, { ...environment, edition })
      .some((seen) => seen.symptom.rule === rule && seen.step === step)
  );
}

/**
 * Makes a scenario as short as it can be while it shows the same symptom.
 *
 * @param scenario a scenario that shows it
 * @param symptom the symptom
 * @param environment the architectures, and the edition if another one than the scenario's
 * @param company whether other rules may be broken before
 * @param shouldStop tells whether the shortest scenario so far is to do
 * @returns the shortest scenario found
 */
export function shortestFor(
  scenario: Scenario,
  symptom: Symptom,
  environment: ScenarioEnvironment,
  company: "alone" | "after-others",
  shouldStop: () => boolean = () => false,
): Scenario {
  const wanted = symptomText(symptom);
  return minimize(scenario, (candidate) => {
    if (shouldStop()) return false;
    const all = sightings(candidate, environment);
    const possible = company === "alone" ? all.filter(({ step }) => step === all[0]?.step) : all;
    return possible.some((seen) => symptomText(seen.symptom) === wanted);
  });
}

function described(
  run: Run,
  sighting: Sighting,
  earlier: readonly Symptom[],
  editions: readonly Edition[],
): Counterexample {
  const { step, symptom, violation, stopped } = sighting;
  const [before, after] = [run.machineAfter(step - 1), run.machineAfter(step)];
  const statement = run.scenario.statements[step];
  return {
    arch: run.arch.name,
    edition: run.edition.name,
    ramStart: run.arch.boot.defaults.memory.find(({ kind }) => kind === "ram")?.first ?? 0n,
    scenario: run.scenario,
    step,
    statement: statement === undefined ? "" : printStatement(statement),
    symptom,
    violation,
    stopped,
    earlier,
    editions: editions.map(({ name }) => name),
    before: before.pages.areas(),
    after: after.pages.areas(),
    changes: changesBetween(before, after),
  };
}

/**
 * Finds out all that is known of a scenario that breaks a rule.
 *
 * @param scenario the scenario, as short as it can be
 * @param environment the architectures, and the edition if another one than the scenario's
 * @param symptom what it shows; by default the first rule that it breaks
 * @returns the counterexample; null if the scenario does not show it
 * @throws {ScenarioError} if the scenario uses the model wrongly
 *
 * @example A page that was reserved and is handed out
 * ```ts
 * import { parseScenario } from "@buddyscope/sim";
 * import { counterexampleOf } from "@buddyscope/sim/check";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario } = parseScenario(
 *   "machine x86_64 edition=head\narea any 0x1000 0x1010\nreserve_pages 0x1001000 1\n",
 * );
 * const found = counterexampleOf(scenario, { archs: ARCHS });
 * assertEquals(found?.symptom.rule, "listed blocks are usable");
 * assertEquals(found?.editions.at(-1), "fresh-2021-01");
 * ```
 */
export function counterexampleOf(
  scenario: Scenario,
  environment: ScenarioEnvironment,
  symptom?: Symptom,
): Counterexample | null {
  const run = runScenario(scenario, { ...environment, watch: "violations" });
  const all = sightingsOf(run);
  const wanted = symptom === undefined ? null : symptomText(symptom);
  const at = all.findIndex((seen) => wanted === null || symptomText(seen.symptom) === wanted);
  const sighting = all[at];
  if (sighting === undefined) return null;
  const { step, symptom: { rule } } = sighting;
  const earlier = all.filter((seen) => seen.step < step).map((seen) => seen.symptom);
  return described(run, sighting, earlier, editionsThatBreak(scenario, rule, step, environment));
}
