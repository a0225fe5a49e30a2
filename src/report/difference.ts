/**
 * The first step at which two runs of one scenario differ.
 *
 * @module
 */

import { recordEvents } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { formatStopped } from "../outcome.ts";
import { describeValue, printStatement } from "../scenario/mod.ts";
import type { Run, Step } from "../scenario/mod.ts";
import { type AreaDifference, differencesOfAreas } from "./area_difference.ts";
import {
  type ByteDifference,
  differencesOfBytes,
  differencesOfTouched,
  type TouchedDifference,
} from "./memory_difference.ts";
import { formatOf } from "./subject.ts";
import { TwinMachines } from "./twin_machines.ts";

/** What one of the two runs has at the step. */
export interface DifferenceSide {
  /** The architecture's name. */
  readonly arch: string;
  /** The edition's name. */
  readonly edition: string;
  /** How the step ended, in words. */
  readonly outcome: string;
}

/** What a comparison needs of a run. */
export type ComparedRun = Pick<Run, "arch" | "edition" | "machineAfter" | "repeat">;

/** The first step at which two runs of one scenario differ, and how. */
export interface RunDifference {
  /** The number of the step. */
  readonly step: number;
  /** Its statement. */
  readonly statement: string;
  /** The base-2 logarithm of the page size of both. */
  readonly pageShift: number;
  /** The left run at the step. */
  readonly left: DifferenceSide;
  /** The right run at the step. */
  readonly right: DifferenceSide;
  /** The areas that differ after it. */
  readonly areas: readonly AreaDifference[];
  /** The bytes of RAM that differ after it: neither page states nor links of listed blocks. */
  readonly bytes: readonly ByteDifference[];
  /** The host pages of which one host thinks otherwise. */
  readonly touched: readonly TouchedDifference[];
}

/**
 * How a step ended, in words.
 *
 * @param step the step
 * @returns such as `returns 0x1000`, the text of a failed assertion, or `does not run`
 */
export function stepEndText({ outcome }: Step): string {
  switch (outcome.kind) {
    case "returned":
      return `returns ${describeValue(outcome.value)}`;
    case "not-run":
      return outcome.why === "no-such-call" ? "is no call of this edition" : "does not run";
    default:
      return formatStopped(outcome);
  }
}

/**
 * Finds the first call after which an observable differs between two runs of one scenario.
 *
 * The observables are: how the call ended and what it returned; of each area base, top, `max_order`,
 * every page state and every free list in order; the contents of RAM; which pages were touched. Where
 * the encodings of page states are not the same, states are compared by status and order.
 *
 * @param left a run
 * @param right a run of the same scenario on another edition, or another run altogether
 * @returns what differs; null if nothing does
 * @throws {RangeError} if the runs are of different scenarios, architectures or page sizes
 *
 * @example The edition that stopped joining blocks
 * ```ts
 * import { editionNamed, parseScenario, runScenario } from "@buddyscope/sim";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { diffRuns } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario } = parseScenario("area any 0x100 0x110\nalloc_page\np = alloc_page\nfree_page p\n");
 * const [left, right] = ["bcffccfc", "dbad82e3"].map((commit) => {
 *   const edition = editionNamed(commit);
 *   return runScenario(scenario, { archs: ARCHS, ...(edition === null ? {} : { edition }) });
 * });
 * const difference = left && right ? diffRuns(left, right) : null;
 * assertEquals(difference?.step, 3);
 * assertEquals(difference?.areas[0]?.lists.length, 2);
 * ```
 */
export function diffRuns(left: Run, right: Run): RunDifference | null {
  checkComparable(left, right);
  const comparison = new RunComparison(left, right);
  for (const step of left.steps) {
    const other = right.steps[step.index];
    const difference = other === undefined ? null : comparison.next(step, other).found;
    if (difference !== null) return difference;
  }
  return null;
}

function checkComparable(left: Run, right: Run): void {
  const [one, other] = [left, right].map(({ steps }) => {
    return steps.filter(({ statement }) => statement.kind !== "machine")
      .map(({ index, statement }) => `${index} ${printStatement(statement)}`).join("\n");
  });
  if (one !== other) {
    throw new RangeError("Cannot compare the runs: they must be of the same scenario");
  }
  const [shift, otherShift] = [left, right].map((run) => run.machineAfter(-1).pageShift);
  if (left.arch.name !== right.arch.name || shift !== otherShift) {
    throw new RangeError(
      "Cannot compare the runs: they must be of the same architecture and page size",
    );
  }
}

/** What came of comparing two runs after a step. */
export interface Compared {
  /** What differs; null if nothing does. */
  readonly found: RunDifference | null;
  /** What was looked at: all of both machines, or what the step wrote. */
  readonly looked: "all" | "written";
}

/**
 * Two runs of one scenario, compared after each step in order.
 *
 * The steps are made again on both sides. While the machines are known to be alike, only what a step
 * wrote is compared; otherwise all of them is, as if each step stood alone.
 */
export class RunComparison {
  readonly #left: ComparedRun;
  readonly #right: ComparedRun;
  readonly #machines: readonly [left: Machine, right: Machine];
  readonly #twins: TwinMachines;

  /**
   * Begins before a step.
   *
   * @param left a run
   * @param right a run of the same scenario
   * @param from the number of the step
   */
  constructor(left: ComparedRun, right: ComparedRun, from = 0) {
    this.#left = left;
    this.#right = right;
    this.#machines = [left.machineAfter(from - 1), right.machineAfter(from - 1)];
    // Only the literal engine keeps all that it knows in memory at all times.
    for (const machine of this.#machines) recordEvents(machine, "all");
    this.#twins = new TwinMachines(...this.#machines);
  }

  /**
   * Compares the runs after their next step.
   *
   * @param step the step of the left run
   * @param other the step of the right run with the same number
   * @returns what differs, which only a call can bring about
   */
  next(step: Step, other: Step): Compared {
    if (step.statement.kind !== "call") return { found: null, looked: "written" };
    this.#twins.begin();
    this.#left.repeat(step.index, this.#machines[0]);
    this.#right.repeat(step.index, this.#machines[1]);
    const areAlike = this.#twins.end() === "alike" && endsAlike(step, other);
    if (areAlike) return { found: null, looked: "written" };
    const found = this.#differenceNow(step, other);
    if (found === null) this.#twins.look();
    return { found, looked: "all" };
  }

  #differenceNow(step: Step, other: Step): RunDifference | null {
    const [left, right] = [this.#left, this.#right];
    const [machine, second] = this.#machines;
    const one = { machine, areas: machine.pages.areas() };
    const two = { machine: second, areas: second.pages.areas() };
    const formats = { left: formatOf(left), right: formatOf(right) };
    const areas = differencesOfAreas(one.areas, two.areas, formats);
    const bytes = differencesOfBytes(one, two);
    const touched = differencesOfTouched(machine, second);
    if (endsAlike(step, other) && areas.length + bytes.length + touched.length === 0) return null;
    return {
      step: step.index,
      statement: printStatement(step.statement),
      pageShift: machine.pageShift,
      left: sideOf(left, step),
      right: sideOf(right, other),
      areas,
      bytes,
      touched,
    };
  }
}

/** Tells whether two steps ended alike; where an assertion stands in its file does not count. */
function endsAlike(step: Step, other: Step): boolean {
  const [one, two] = [step.outcome, other.outcome];
  if (one.kind !== "assertion-failed" || two.kind !== "assertion-failed") {
    return stepEndText(step) === stepEndText(other);
  }
  return one.expression === two.expression && one.message === two.message &&
    one.source.function === two.source.function;
}

function sideOf(run: ComparedRun, step: Step): DifferenceSide {
  return { arch: run.arch.name, edition: run.edition.name, outcome: stepEndText(step) };
}
