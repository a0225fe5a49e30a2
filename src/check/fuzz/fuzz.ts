/**
 * Random search for broken rules.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { unreachable } from "../../outcome.ts";
import type { Scenario } from "../../scenario/mod.ts";
import { counterexampleOf, shortestFor, symptomText } from "../counterexample/mod.ts";
import type { Counterexample, Symptom } from "../counterexample/mod.ts";
import type { RuleName } from "../invariants/mod.ts";
import { tryPlans } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { tryPlan, tryStackPlan } from "./trial.ts";

/** What is searched. */
export interface FuzzOptions {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** What is called: the page allocator on small areas, or all layers of a machine that boots. */
  readonly layer?: "pages" | "stack";
  /** The seed: a whole number. The same seed makes the same runs. */
  readonly seed: number;
  /** How many runs there are at most; null for as many as there is time for. */
  readonly runs: number | null;
  /** The rules that are searched for; all by default. */
  readonly rules?: readonly RuleName[];
  /** Whether the search ends with the first counterexample; by default it goes on for others. */
  readonly stopAt?: "first" | "budget";
}

/** How far a search is. */
export interface FuzzProgress {
  /** How many runs there were. */
  readonly runs: number;
  /** How many calls they made. */
  readonly calls: number;
  /** How many counterexamples were found. */
  readonly found: number;
}

/** Who watches over a search, because the search itself has no clock. */
export interface FuzzControl {
  /** Tells whether the time is up. */
  shouldStop(): boolean;
  /** Is told how far the search is, a few times a second. */
  onProgress(progress: FuzzProgress): void;
}

/** What came out of a search. */
export interface FuzzReport extends FuzzProgress {
  /** The counterexamples, in the order in which they were found; no two show the same symptom. */
  readonly counterexamples: readonly Counterexample[];
}

/** After how many runs the time is looked at; those with a boot take longer. */
const BATCH = { pages: 16, stack: 2 } as const;

/** A symptom, whether other rules were broken before, and a scenario that shows it. */
interface Find {
  readonly symptom: Symptom;
  readonly text: string;
  readonly company: "alone" | "after-others";
  readonly scenario: Scenario;
}

/** A search under way. */
class Search {
  readonly #options: FuzzOptions;
  readonly #control: FuzzControl;
  /** What was found, by its text: a symptom counts again when it is seen without others before it. */
  readonly #known: Map<string, Find["company"]> = new Map();
  readonly #found: Map<string, Counterexample> = new Map();
  runs = 0;
  calls = 0;

  constructor(options: FuzzOptions, control: FuzzControl) {
    this.#options = options;
    this.#control = control;
  }

  get counterexamples(): Counterexample[] {
    return [...this.#found.values()];
  }

  get progress(): FuzzProgress {
    return { runs: this.runs, calls: this.calls, found: this.#found.size };
  }

  get isOver(): boolean {
    const { runs, stopAt } = this.#options;
    if (stopAt === "first" && this.#found.size > 0) return true;
    return runs !== null && this.runs >= runs;
  }

  /** A symptom that is not known yet, or the wanted one, and the run up to it. */
  #seenIn(plan: Plan, wanted: Find | null): Find | null {
    const { rules, layer } = this.#options;
    const attempt = layer === "stack" ? tryStackPlan : tryPlan;
    const trial = attempt(plan, this.#options);
    this.calls += trial.calls;
    for (const { symptom, step } of trial.sightings) {
      if (rules !== undefined && !rules.includes(symptom.rule)) continue;
      const text = symptomText(symptom);
      const company = step === trial.sightings[0]?.step ? "alone" : "after-others";
      const isMeant = wanted === null
        ? this.#isNew(text, company)
        : text === wanted.text && company === wanted.company;
      if (isMeant) return { symptom, text, company, scenario: trial.scenarioTo(step) };
    }
    return null;
  }

  #isNew(text: string, company: Find["company"]): boolean {
    const known = this.#known.get(text);
    return known === undefined || (known === "after-others" && company === "alone");
  }

  /** Some runs; what is new in them is made as short as it can be. */
  batch(number: number): void {
    const { seed, runs, layer = "pages" } = this.#options;
    const most = Math.min(BATCH[layer], (runs ?? Infinity) - this.runs);
    const finds: Find[] = [];
    // With a boot in each run it is left to the scenario to become shorter.
    const found = layer === "stack" ? "left" : "shortened";
    this.runs += tryPlans({ seed, number, plans: most, found }, (plan) => {
      const find = this.#seenIn(plan, finds.at(-1) ?? null);
      if (find !== null) finds.push(find);
      return find !== null;
    });
    const last = finds.at(-1);
    if (last !== undefined) this.#keep(last);
  }

  #keep({ symptom, text, company, scenario }: Find): void {
    const environment = { archs: [this.#options.arch] };
    // On small areas it takes a part of a second, and is worth it; with boots it can take a minute.
    const isStack = this.#options.layer === "stack";
    const shouldStop = (): boolean => isStack && this.#control.shouldStop();
    const shortest = shortestFor(scenario, symptom, environment, company, shouldStop);
    const found = counterexampleOf(shortest, environment, symptom);
    if (found === null) return unreachable("a scenario does not show what its run showed");
    this.#known.set(text, found.earlier.length === 0 ? "alone" : "after-others");
    this.#found.delete(text);
    this.#found.set(text, found);
  }
}

/**
 * Searches for broken rules by random runs of the page allocator: on several small areas at awkward
 * places, all calls with all flags, used rightly. Each call is judged by the rules about calls and states;
 * who owns which frames is known from plain sets, without blocks and lists.
 *
 * What is found is made as short as it can be. Then the search goes on for other symptoms.
 *
 * @param options what is searched
 * @param control the clock, and who is told of progress
 * @returns the counterexamples
 *
 * @example Dead coalescing
 * ```ts
 * import { editionNamed, printScenario } from "@buddyscope/sim";
 * import { fuzz } from "@buddyscope/sim/check";
 * import { ARM64 } from "@buddyscope/sim/arch";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const edition = editionNamed("head");
 * assert(edition !== null);
 * const control = { shouldStop: () => false, onProgress: () => {} };
 * const rules = ["no mergeable buddies are both usable"] as const;
 * const options = { arch: ARM64, edition, seed: 1, runs: 200, rules, stopAt: "first" } as const;
 * const [found] = fuzz(options, control).counterexamples;
 * assertEquals(found?.scenario.statements.length, 4);
 * ```
 */
export function fuzz(options: FuzzOptions, control: FuzzControl): FuzzReport {
  const search = new Search(options, control);
  for (let batch = 0; !search.isOver && !control.shouldStop(); batch++) {
    search.batch(batch);
    control.onProgress(search.progress);
  }
  return { ...search.progress, counterexamples: search.counterexamples };
}
