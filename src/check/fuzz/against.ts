/**
 * Random search for what sets two editions apart.
 *
 * @module
 */

import { decodePageState, pageStateFormatOf } from "../../alloc_page/mod.ts";
import type { Arch } from "../../arch.ts";
import type { Edition, PageStateFormat } from "../../edition.ts";
import type { Machine } from "../../machine.ts";
import { formatStopped } from "../../outcome.ts";
import type { Outcome } from "../../outcome.ts";
import type { AreaView } from "../../page_allocator.ts";
import { describeValue, printStatement, runScenario, ScenarioError } from "../../scenario/mod.ts";
import type { Scenario, StepEnd } from "../../scenario/mod.ts";
import { isInEdition, minimize, pageScenario, performOp } from "../counterexample/mod.ts";
import type { CallValue } from "../invariants/mod.ts";
import type { FuzzControl, FuzzProgress } from "./fuzz.ts";
import { tryPlans } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { carryOut, machineIn, worldOf } from "./trial.ts";

/** Two editions to compare. */
export interface CompareOptions {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition whose calls the runs make. */
  readonly edition: Edition;
  /** The edition that it is compared with. */
  readonly against: Edition;
  /** The seed: a whole number. The same seed makes the same runs. */
  readonly seed: number;
  /** How many runs there are at most; null for as many as there is time for. */
  readonly runs: number | null;
}

/** The shortest scenario after which two editions differ. */
export interface EditionDifference {
  /** The scenario; without any one of its statements there is no difference. */
  readonly scenario: Scenario;
  /** The index of the statement after which they differ: the last. */
  readonly step: number;
  /** That statement as text. */
  readonly statement: string;
  /** How it ends in each. */
  readonly ends: readonly [one: string, other: string];
}

/** What came out of a comparison. */
export interface CompareReport extends FuzzProgress {
  /** The first difference, made as short as it can be; null if none was found. */
  readonly difference: EditionDifference | null;
}

/** How many runs before the time is looked at. */
const BATCH = 16;

/** The states of an area as text, by what they mean; fresh counts as free where one has no such status. */
function statesText({ states }: AreaView, format: PageStateFormat, fresh: "told" | "free"): string {
  const runs: { word: string; count: number }[] = [];
  for (const { state, count } of states) {
    const { status, order } = decodePageState(format, state);
    const word = `${status === "fresh" && fresh === "free" ? "free" : status} ${order}`;
    const last = runs.at(-1);
    if (last?.word === word) last.count += count;
    else runs.push({ word, count });
  }
  return runs.map(({ word, count }) => `${word} * ${count}`).join(", ");
}

/** What can be seen of the areas of one of two machines, as text. */
function areasText(machine: Machine, other: Edition): string {
  const formats = [pageStateFormatOf(machine.edition), pageStateFormatOf(other)] as const;
  const fresh = formats.some(({ fresh, free }) => fresh === free) ? "free" : "told";
  return machine.pages.areas().map((view) => {
    const { area, zone, metadata, base, top, freeLists } = view;
    const lists = JSON.stringify(freeLists, (_, value) => {
      return typeof value === "bigint" ? value.toString(16) : value;
    });
    return [area, zone, metadata, base, top, statesText(view, formats[0], fresh), lists].join(" ");
  }).join("\n");
}

/** The largest orders worth searching, where both keep them. */
function maxOrders(machine: Machine, other: Machine): [string, string] {
  const [one, two] = [machine, other].map(({ pages }) =>
    pages.areas().map((view) => view.maxOrder)
  );
  const isKept = [...one ?? [], ...two ?? []].every((order) => order !== null);
  return isKept ? [String(one), String(two)] : ["", ""];
}

/** The pages that were touched, as text. */
function touchedText({ ram }: Machine): string {
  const runs = Array.from(ram.touchedPages(), ({ first, count, backing }) => {
    return `${backing} ${first} ${count}`;
  });
  return runs.join();
}

/** Tells whether two machines that run look the same. */
function lookAlike(one: Machine, other: Machine): boolean {
  const [order, otherOrder] = maxOrders(one, other);
  return order === otherOrder && touchedText(one) === touchedText(other) &&
    areasText(one, other.edition) === areasText(other, one.edition);
}

/** How a call ended, as text; where an assertion stands in its file does not count. */
function endText(outcome: Outcome<CallValue> | StepEnd): string {
  switch (outcome.kind) {
    case "returned": {
      const { value } = outcome;
      if (typeof value === "object" && value !== null) return `returns ${describeValue(value)}`;
      return `returns ${typeof value === "bigint" ? `0x${value.toString(16)}` : String(value)}`;
    }
    case "not-run":
      return "does not run";
    case "assertion-failed":
      return `${outcome.source.function}: assert failed: ${outcome.expression}`;
    default:
      return formatStopped(outcome);
  }
}

/** How the last statement ends in both editions if they differ after it, but not before; or null. */
function differenceAfter(
  scenario: Scenario,
  { arch, edition, against }: CompareOptions,
): [string, string] | null {
  try {
    const [one, other] = [edition, against].map((of) =>
      runScenario(scenario, { archs: [arch], edition: of, record: "outcomes" })
    );
    if (one === undefined || other === undefined) return null;
    const last = scenario.statements.length - 1;
    const ends = one.steps.map((step, index): [string, string] => {
      const outcome = other.steps[index]?.outcome;
      return [endText(step.outcome), outcome === undefined ? "" : endText(outcome)];
    });
    const at = ends.findIndex(([left, right]) => left !== right);
    const end = ends[last];
    if (end === undefined || (at >= 0 && at < last)) return null;
    if (at === last) return end;
    return lookAlike(one.machineAfter(last), other.machineAfter(last)) ? null : end;
  } catch (error) {
    if (error instanceof ScenarioError) return null;
    throw error;
  }
}

/** A run on two machines. */
function tryBoth(
  plan: Plan,
  options: CompareOptions,
): { calls: number; scenario: Scenario | null } {
  const { arch, edition, against } = options;
  const world = worldOf(plan, { arch, edition });
  const [one, other] = [machineIn(world), machineIn({ ...world, edition: against })];
  let state: "alike" | "apart" | "stopped" = "alike";
  const steps = carryOut(plan, {
    machine: one,
    has: (op) => isInEdition(edition, op) && isInEdition(against, op),
    perform: (op) => {
      const [outcome, second] = [performOp(one, op), performOp(other, op)];
      const isAlike = endText(outcome) === endText(second);
      if (!isAlike) state = "apart";
      else if (outcome.kind !== "returned") state = "stopped";
      else if (!lookAlike(one, other)) state = "apart";
      return outcome;
    },
    goesOn: () => state === "alike",
  });
  // The callbacks above set it.
  const ended = state as "alike" | "apart" | "stopped";
  return { calls: steps.length, scenario: ended === "apart" ? pageScenario(world, steps) : null };
}

function shortest(scenario: Scenario, options: CompareOptions): EditionDifference | null {
  const found = minimize(scenario, (candidate) => differenceAfter(candidate, options) !== null);
  const ends = differenceAfter(found, options);
  const statement = found.statements.at(-1);
  if (ends === null || statement === undefined) return null;
  const step = found.statements.length - 1;
  return { scenario: found, step, statement: printStatement(statement), ends };
}

/**
 * Searches for a scenario after which two editions differ: in what a call returned, in what can be seen of
 * the areas, page states by their meaning, or in the pages that were touched.
 *
 * @param options the editions
 * @param control the clock, and who is told of progress
 * @returns the first difference, made as short as it can be
 *
 * @example What was repaired
 * ```ts
 * import { editionNamed } from "@buddyscope/sim";
 * import { fuzzEditions } from "@buddyscope/sim/check";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { assert } from "@std/assert";
 *
 * const [edition, against] = ["head", "repaired"].map(editionNamed);
 * assert(edition && against);
 * const options = { arch: ARM64, edition, against, seed: 1, runs: 100 };
 * const control = { shouldStop: () => false, onProgress: () => {} };
 * assert(fuzzEditions(options, control).difference !== null);
 * ```
 */
export function fuzzEditions(options: CompareOptions, control: FuzzControl): CompareReport {
  let [runs, calls] = [0, 0];
  let scenario: Scenario | null = null;
  const most = options.runs ?? Infinity;
  for (let batch = 0; scenario === null && runs < most && !control.shouldStop(); batch++) {
    const plans = Math.min(BATCH, most - runs);
    const wanted = { seed: options.seed, number: batch, plans, found: "shortened" } as const;
    runs += tryPlans(wanted, (plan) => {
      const tried = tryBoth(plan, options);
      calls += tried.calls;
      scenario = tried.scenario ?? scenario;
      return tried.scenario !== null;
    });
    control.onProgress({ runs, calls, found: scenario === null ? 0 : 1 });
  }
  const difference = scenario === null ? null : shortest(scenario, options);
  return { runs, calls, found: difference === null ? 0 : 1, difference };
}
