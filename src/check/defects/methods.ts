/**
 * The methods by which defects are found.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { printScenario } from "../../scenario/mod.ts";
import type { Scenario, Statement } from "../../scenario/mod.ts";
import { judgeScenario } from "../counterexample/mod.ts";
import type { Counterexample } from "../counterexample/mod.ts";
import { explore } from "../explore/mod.ts";
import { fuzz } from "../fuzz/mod.ts";
import type { FuzzControl, FuzzReport } from "../fuzz/mod.ts";
import type { Violation } from "../invariants/mod.ts";
import type { Explored, Signature } from "./defect.ts";
import { hasAreas } from "./history.ts";
import type { Method, MethodResult } from "./matrix.ts";
import { PAGE_DEFECTS } from "./page_defects.ts";
import { archNamed, archOf, fits, searchShortest } from "./search.ts";
import type { Found } from "./search.ts";

/** How much the methods do in one cell of the matrix. */
export interface MethodBudget {
  /** The seed of random calls. */
  readonly seed: number;
  /** Random runs of the page allocator in each edition. */
  readonly pageRuns: number;
  /** Random runs of a machine that booted, for each defect. */
  readonly stackRuns: number;
}

/** What each cell costs by default: all of them together take well under two minutes. */
export const DEFAULT_BUDGET: MethodBudget = { seed: 1, pageRuns: 160, stackRuns: 8 };

/** All sequences of a few calls, shortest first, on the literal engine. */
const SEARCH: Method = {
  name: "search",
  counts: "scenarios",
  canFind: () => true,
  look: ({ hunt, signature }, edition, environment) => {
    const { found, tried } = searchShortest(hunt, signature, edition, environment);
    return { finding: found, tried };
  },
};

/** The statements that set a machine up. */
function isSetUp(statement: Statement): boolean {
  if (statement.kind === "machine") return true;
  const { call } = statement.kind === "call" ? statement : { call: "" };
  return ["area", "page_alloc_init_area", "boot"].includes(call);
}

/** A scenario whose last call breaks a rule. */
type Sighted = Pick<Counterexample, "scenario" | "symptom" | "violation">;

/** What the last call of a scenario breaks. */
function sightedAtTheEnd(scenario: Scenario, arch: Arch): Sighted[] {
  const last = scenario.statements.length - 1;
  return judgeScenario(scenario, { archs: [arch] }).filter(({ step }) => step === last)
    .map(({ symptom, violation }) => ({ scenario, symptom, violation }));
}

function findingOf(scenario: Scenario, violation: Violation): Found {
  const setUp = scenario.statements.findIndex((statement) => !isSetUp(statement));
  const calls = setUp < 0 ? 1 : scenario.statements.length - setUp;
  return { text: printScenario(scenario), scenario, calls, violation };
}

/** The first of several scenarios whose last call shows a defect. */
function firstThatFits(signature: Signature, found: readonly Sighted[]): Found | null {
  const fitting = found.find(({ symptom }) => fits(signature, symptom));
  return fitting === undefined ? null : findingOf(fitting.scenario, fitting.violation);
}

function exploreFor(
  { frames, operations, tolerated = [] }: Explored,
  signature: Signature,
  edition: Edition,
  arch: Arch,
): MethodResult {
  const lists = tolerated.length === 0 ? "folded" : "exact";
  const areas = [{ frames }];
  const { states, violations } = explore({ arch, edition, areas, operations, tolerated, lists });
  const found = violations.filter(({ confirmed }) => confirmed === "yes")
    .flatMap(({ scenario }) => sightedAtTheEnd(scenario, arch));
  return { finding: firstThatFits(signature, found), tried: states };
}

/** All states of a small area. */
const EXPLORE: Method = {
  name: "explore",
  counts: "states",
  canFind: ({ explored }, edition) => explored !== null && hasAreas(edition),
  look: ({ explored, signature, hunt }, edition, environment) => {
    if (explored === null) return { finding: null, tried: 0 };
    return exploreFor(explored, signature, edition, archOf(hunt, environment));
  },
};

const NO_CLOCK: FuzzControl = { shouldStop: () => false, onProgress: () => {} };

/**
 * Random calls. Those of the page allocator are made once for an edition, and what they found serves for
 * all defects; those of a machine that boots cost more, and are made for one defect until it is found.
 */
function newFuzz({ seed, pageRuns, stackRuns }: MethodBudget): Method {
  const rules = [
    ...new Set(
      PAGE_DEFECTS.flatMap(({ fuzzed, signature }) => fuzzed === null ? [] : signature.rules),
    ),
  ];
  const reports = new Map<Edition, FuzzReport>();
  const ofPages = (edition: Edition, arch: Arch): FuzzReport => {
    const known = reports.get(edition);
    if (known !== undefined) return { ...known, calls: 0 };
    const report = fuzz({ arch, edition, layer: "pages", seed, runs: pageRuns, rules }, NO_CLOCK);
    reports.set(edition, report);
    return report;
  };
  const ofStack = (edition: Edition, arch: Arch, { rules }: Signature): FuzzReport =>
    fuzz(
      { arch, edition, layer: "stack", seed, runs: stackRuns, rules, stopAt: "first" },
      NO_CLOCK,
    );
  return {
    name: "fuzz",
    counts: "calls",
    // A list of single pages is walked after each call, which takes seconds on a machine that booted.
    canFind: ({ fuzzed }, edition) =>
      fuzzed !== null && (fuzzed.layer === "pages" || hasAreas(edition)),
    look: ({ fuzzed, signature }, edition, environment) => {
      if (fuzzed === null) return { finding: null, tried: 0 };
      const arch = archNamed(fuzzed.arch, environment);
      const report = fuzzed.layer === "pages"
        ? ofPages(edition, arch)
        : ofStack(edition, arch, signature);
      const finding = firstThatFits(signature, report.counterexamples);
      return { finding, tried: report.calls };
    },
  };
}

/**
 * The methods, in the order of the documentation.
 *
 * @param budget how much each does
 * @returns the methods; they remember what was found, so a new matrix needs new ones
 */
export function newMethods(budget: MethodBudget = DEFAULT_BUDGET): readonly Method[] {
  return [SEARCH, EXPLORE, newFuzz(budget)];
}
