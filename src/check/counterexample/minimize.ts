/**
 * The shortest scenario that still shows something.
 *
 * @module
 */

import type { Scenario } from "../../scenario/mod.ts";
import { renamed, simplerScenarios, without } from "./simplify.ts";

/** The most scenarios that are tried: enough for some hundred statements. */
const MOST_TRIALS = 4000;

/** A scenario as it gets shorter. */
class Minimizer {
  #best: Scenario;
  #trials = 0;
  readonly #keeps: (scenario: Scenario) => boolean;
  readonly #pageBytes: bigint;

  constructor(scenario: Scenario, keeps: (scenario: Scenario) => boolean) {
    this.#best = scenario;
    this.#keeps = keeps;
    const [machine] = scenario.statements;
    this.#pageBytes = machine?.kind === "machine" ? machine.pageSize ?? 0x1000n : 0x1000n;
  }

  get best(): Scenario {
    return this.#best;
  }

  /** Takes a scenario for the best so far if it still shows what it is to show. */
  #try(candidate: Scenario): boolean {
    if (this.#trials >= MOST_TRIALS) return false;
    this.#trials++;
    if (!this.#keeps(candidate)) return false;
    this.#best = candidate;
    return true;
  }

  /** Drops statements, half of them at first, in the end one at a time. */
  drop(): boolean {
    const before = this.#best.statements.length;
    for (let size = Math.ceil(before / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = this.#best.statements.length - size; from > -size; from -= size) {
        const candidate = without(this.#best, Math.max(0, from), size);
        if (candidate.statements.length < this.#best.statements.length) this.#try(candidate);
      }
    }
    return this.#best.statements.length < before;
  }

  /** Makes statements simpler, each as far as it goes, and then moves areas. */
  simplify(): boolean {
    const before = this.#best;
    for (let index = 0; index <= before.statements.length; index++) {
      while (this.#simplifyAt(index)) { /* Until nothing simpler shows it. */ }
    }
    return this.#best !== before;
  }

  #simplifyAt(index: number): boolean {
    for (const candidate of simplerScenarios(this.#best, index, this.#pageBytes)) {
      if (this.#try(candidate)) return true;
    }
    return false;
  }

  /** Gives results short names. */
  rename(): void {
    const candidate = renamed(this.#best);
    if (this.#keeps(candidate)) this.#best = candidate;
  }
}

/**
 * Makes a scenario as short and as simple as it can be while it still shows something: statements are
 * dropped, options left out, numbers and areas made smaller, areas moved to a place that is easy to read.
 *
 * @param scenario a scenario that shows it
 * @param keeps tells whether a scenario shows it; it must take any scenario, and not throw
 * @returns the shortest found: without any one of its statements it does not show it
 *
 * @example What remains is what is needed
 * ```ts
 * import { parseScenario, printScenario } from "@buddyscope/sim";
 * import { minimize } from "@buddyscope/sim/check";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario } = parseScenario("area any 0x2000 0x2040\nq = alloc_page\nfree_page q\nalloc_page\n");
 * const allocates = minimize(scenario, ({ statements }) =>
 *   statements.some((one) => one.kind === "call" && one.call === "alloc_page"));
 * assertEquals(printScenario(allocates), "alloc_page\n");
 * ```
 */
export function minimize(scenario: Scenario, keeps: (scenario: Scenario) => boolean): Scenario {
  const minimizer = new Minimizer(scenario, keeps);
  do {
    while (minimizer.drop()) { /* What is dropped late may make room for more. */ }
  } while (minimizer.simplify());
  minimizer.rename();
  return minimizer.best;
}
