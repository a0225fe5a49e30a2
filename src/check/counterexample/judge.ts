/**
 * Which rules a scenario breaks, step by step.
 *
 * @module
 */

import { runScenario } from "../../scenario/mod.ts";
import type { Run, Scenario, ScenarioEnvironment, Step } from "../../scenario/mod.ts";
import type { RuleName, Violation } from "../invariants/mod.ts";
import { isLasting, kindOfCall, kindOfEnd, stopText } from "./symptom.ts";
import type { Sighting } from "./symptom.ts";

/** The kind of call that a step makes; an expectation breaks rules at the end only. */
function kindOf(run: Run, { statement, args }: Step, violation: Violation): string {
  if (statement.kind !== "call") return kindOfEnd(violation);
  const [machine] = run.scenario.statements;
  const pageSize = machine?.kind === "machine" ? machine.pageSize : undefined;
  const pageShift = pageSize === undefined
    ? run.arch.pageShifts[0]
    : pageSize.toString(2).length - 1;
  const { call, options } = statement;
  return kindOfCall({ arch: run.arch, edition: run.edition, pageShift }, {
    call,
    numbers: args,
    fresh: options.fresh ? "yes" : "no",
  });
}

/**
 * What a watched run saw.
 *
 * @param run the run
 * @returns each rule that a step broke, once; a rule that stays broken is told at its first step only
 */
export function sightingsOf(run: Run): Sighting[] {
  const broken = new Set<RuleName>();
  return run.steps.flatMap((step) => {
    const { outcome, violations } = step;
    const isStopped = outcome.kind !== "returned" && outcome.kind !== "not-run";
    const stopped = isStopped ? outcome : null;
    const seen = new Set<RuleName>();
    return violations.flatMap((violation): Sighting[] => {
      const { rule } = violation;
      if (broken.has(rule) || seen.has(rule)) return [];
      seen.add(rule);
      if (isLasting(rule)) broken.add(rule);
      const stop = stopped === null ? null : stopText(stopped);
      const symptom = { rule, call: kindOf(run, step, violation), stop };
      return [{ step: step.index, symptom, violation, stopped }];
    });
  });
}

/**
 * Runs a scenario under watch.
 *
 * @param scenario the scenario
 * @param environment the architectures, and the edition if another one than the scenario's
 * @returns what was seen, in order
 * @throws {ScenarioError} if the scenario uses the model wrongly
 */
export function judgeScenario(scenario: Scenario, environment: ScenarioEnvironment): Sighting[] {
  const run = runScenario(scenario, { ...environment, watch: "violations", record: "outcomes" });
  return sightingsOf(run);
}
