/**
 * Breadth-first search for the shortest scenario that shows a defect, on the literal engine.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { unreachable } from "../../outcome.ts";
import { parseScenario, printScenario, runScenario } from "../../scenario/mod.ts";
import type { Run, Scenario, ScenarioEnvironment } from "../../scenario/mod.ts";
import { sightingsOf } from "../counterexample/mod.ts";
import type { Symptom } from "../counterexample/mod.ts";
import type { Violation } from "../invariants/mod.ts";
import type { Hunt, Signature } from "./defect.ts";

/** A scenario that shows a defect: its last call breaks the rule. */
export interface Found {
  /** The text of the scenario, edition included. */
  readonly text: string;
  /** The scenario. */
  readonly scenario: Scenario;
  /** How many calls follow the set-up. */
  readonly calls: number;
  /** The violation that fits. */
  readonly violation: Violation;
}

/** What a search gave. */
export interface SearchResult {
  /** The shortest scenario; null if there is none within the limits. */
  readonly found: Found | null;
  /** How many scenarios were run. */
  readonly tried: number;
}

/** The calls so far, and the names they bound. */
interface Prefix {
  readonly calls: readonly string[];
  readonly names: readonly string[];
}

/** Names for results, in the order in which they are bound. */
function nameAt(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

/** Each way to go on from a prefix with a call. */
function* extensions({ calls, names }: Prefix, template: string): Generator<Prefix> {
  const isBinding = template.startsWith("=");
  const name = nameAt(names.length);
  const bound = isBinding ? [...names, name] : names;
  const text = isBinding ? `${name} ${template}` : template;
  const values = text.includes("$") ? names : [""];
  for (const value of values) yield { calls: [...calls, text.replace("$", value)], names: bound };
}

/**
 * Tells whether a defect shows by a symptom.
 *
 * @param signature how the defect shows
 * @param symptom the symptom
 * @returns true if all parts fit
 */
export function fits({ rules, calls, stop }: Signature, symptom: Symptom): boolean {
  return rules.includes(symptom.rule) &&
    (calls === undefined || calls.includes(symptom.call)) &&
    (stop === undefined || stop.test(symptom.stop ?? ""));
}

/**
 * An architecture by its name.
 *
 * @param name the name
 * @param environment the architectures
 * @returns the one of that name
 */
export function archNamed(name: string, { archs }: ScenarioEnvironment): Arch {
  return archs.find((arch) => arch.name === name) ??
    unreachable(`no architecture is called ${name}`);
}

/**
 * The architecture of a hunt's machine.
 *
 * @param hunt the hunt
 * @param environment the architectures
 * @returns the one that the machine statement names
 */
export function archOf(hunt: Hunt, environment: ScenarioEnvironment): Arch {
  return archNamed(hunt.machine.split(" ")[1] ?? "", environment);
}

/** The text of a scenario. */
function textOf(hunt: Hunt, edition: Edition, calls: readonly string[]): string {
  return [`${hunt.machine} edition=${edition.name}`, ...hunt.setUp, ...calls, ""].join("\n");
}

/** What a run of a prefix says: the violation looked for, or whether one can go on. */
function judge(run: Run, signature: Signature): Violation | "go-on" | "stop" {
  const last = run.steps.length - 1;
  const seen = sightingsOf(run)
    .find(({ step, symptom }) => step === last && fits(signature, symptom));
  if (seen !== undefined) return seen.violation;
  const hasAll = run.steps.every(({ outcome }) => outcome.kind === "returned");
  return hasAll ? "go-on" : "stop";
}

/**
 * Looks for the shortest scenario that shows a defect: all sequences of calls by ascending length. What
 * stops the machine, or uses a call that the edition does not have, is not continued.
 *
 * @param hunt where to look
 * @param signature how the defect shows
 * @param edition the edition to look in
 * @param environment the architectures
 * @returns the scenario, if there is one, and how many were run
 */
export function searchShortest(
  hunt: Hunt,
  signature: Signature,
  edition: Edition,
  environment: ScenarioEnvironment,
): SearchResult {
  const { map } = hunt;
  const maps = map === undefined ? {} : { mapTexts: new Map([[map.name, map.text]]) };
  const watched: ScenarioEnvironment = { ...environment, ...maps, watch: "violations" };
  let prefixes: readonly Prefix[] = [{ calls: [], names: [] }];
  let tried = 0;
  for (let length = 1; length <= hunt.mostCalls && prefixes.length > 0; length++) {
    const next: Prefix[] = [];
    for (
      const prefix of prefixes.flatMap((one) =>
        hunt.calls.flatMap((call) => [...extensions(one, call)])
      )
    ) {
      const text = textOf(hunt, edition, prefix.calls);
      const { scenario } = parseScenario(text);
      tried++;
      const run = runScenario(scenario, watched);
      const judged = judge(run, signature);
      if (typeof judged !== "string") {
        const canonical = printScenario(scenario);
        return { found: { text: canonical, scenario, calls: length, violation: judged }, tried };
      }
      if (judged === "go-on") next.push(prefix);
    }
    prefixes = next;
  }
  return { found: null, tried };
}
