/**
 * A run and its views: one edition on one scenario.
 *
 * @module
 */

import { areaTableOf } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import type { Machine } from "../../machine.ts";
import { stepEndText } from "../../report/difference.ts";
import { formatOf } from "../../report/subject.ts";
import { printStatement } from "../../scenario/mod.ts";
import type { ExpectationResult, Run, Step } from "../../scenario/mod.ts";
import { BlockAges } from "./ages.ts";
import { areaStateView } from "./area_view.ts";
import { changesOf } from "./changes.ts";
import type { RunView, StateView, StepMark, StepRow, ZoneView } from "./state_view.ts";
import { storyOf } from "./story.ts";
import { vmallocView } from "./vmalloc_state.ts";

/** A machine at a step, with its areas: what the next view is likely to need again. */
interface Moment {
  readonly step: number;
  readonly machine: Machine;
  readonly areas: readonly AreaView[];
}

function zonesOf(run: Run): ZoneView[] {
  const zones = areaTableOf(run.arch, run.edition).zones.filter(({ step }) => step !== "never");
  const cutoffs = zones.map(({ cutoff }) => Number(cutoff)).toSorted((one, two) => one - two);
  return zones.map(({ name, cutoff }) => {
    const end = cutoffs.find((one) => one > cutoff) ?? null;
    return { name, first: Number(cutoff), end };
  }).toSorted((one, two) => one.first - two.first);
}

/** The block that a step is about: the one that it gave out, or the one that it put on a list last. */
function focusOf({ outcome, events }: Step, { pageShift }: Machine): number | null {
  if (outcome.kind === "returned" && outcome.value.kind === "address") {
    // bits: a bigint.
    const frame = outcome.value.value >> BigInt(pageShift);
    const isKnown = events.some((event) => event.kind === "state" && event.pfn === Number(frame));
    if (isKnown) return Number(frame);
  }
  const last = events.findLast(({ kind }) => kind === "link" || kind === "state");
  return last?.kind === "link" || last?.kind === "state" ? last.pfn : null;
}

/** A run, from which views are made. */
export class RunSide {
  /** The run. */
  readonly run: Run;
  readonly #lines: readonly number[];
  readonly #expectations: ReadonlyMap<number, ExpectationResult>;
  readonly #ages: BlockAges;
  /** The last two moments that were looked at: a step and the one before it. */
  #moments: readonly Moment[] = [];

  /**
   * Begins with a run.
   *
   * @param run the run
   * @param lines the line of each statement in the scenario's text, from 1
   */
  constructor(run: Run, lines: readonly number[]) {
    this.run = run;
    this.#lines = lines;
    this.#expectations = new Map(run.expectations.map((result) => [result.step, result]));
    this.#ages = new BlockAges(run.steps, formatOf(run).orderMask);
  }

  /** What is the same at every step. */
  runView(): RunView {
    const { run } = this;
    const steps = run.steps.map((step) => this.#rowOf(step));
    return {
      arch: run.arch.name,
      edition: run.edition.name,
      pageShift: this.#momentAt(-1).machine.pageShift,
      wordBits: run.arch.wordBits,
      orderMask: formatOf(run).orderMask,
      zones: zonesOf(run),
      steps,
      troubles: steps.filter(({ mark }) => mark !== "fine" && mark !== "not-run")
        .map(({ step }) => step),
      watched: run.watched,
    };
  }

  #rowOf(step: Step): StepRow {
    return {
      step: step.index,
      line: this.#lines[step.index] ?? step.index + 1,
      statement: printStatement(step.statement),
      outcome: this.#outcomeOf(step),
      mark: this.#markOf(step),
    };
  }

  #outcomeOf(step: Step): string {
    const expectation = this.#expectations.get(step.index);
    if (expectation !== undefined) {
      return expectation.held === "yes" ? "held" : `does not hold: found ${expectation.actual}`;
    }
    return step.statement.kind === "call" ? stepEndText(step) : "";
  }

  #markOf(step: Step): StepMark {
    if (this.#expectations.get(step.index)?.held === "no") return "failed";
    if (step.outcome.kind === "not-run") return "not-run";
    if (step.outcome.kind !== "returned") return step.effect === "undone" ? "undone" : "stopped";
    return step.violations.length > 0 ? "violation" : "fine";
  }

  /**
   * The machine after a step. Nobody may change it.
   *
   * @param step the step; -1 for the start
   * @returns the machine and its areas
   */
  #momentAt(step: number): Moment {
    const known = this.#moments.find((moment) => moment.step === step);
    if (known !== undefined) return known;
    const machine = this.run.machineAfter(step);
    return { step, machine, areas: machine.pages.areas() };
  }

  /**
   * The machine after a step, for pictures of it. Nobody may change it.
   *
   * @param step the step; -1 for the start
   * @returns the machine
   * @throws {RangeError} if there is no such step
   */
  machineAt(step: number): Machine {
    return this.#momentAt(step).machine;
  }

  /**
   * Makes the view of a step.
   *
   * @param step the step; -1 for the start
   * @returns plain data
   * @throws {RangeError} if there is no such step
   */
  view(step: number): StateView {
    const done = this.run.steps[step];
    if (done === undefined && step !== -1) {
      const last = this.run.steps.length - 1;
      throw new RangeError(`Cannot show step ${step}: the step must be -1 to ${last}`);
    }
    const before = this.#momentAt(Math.max(-1, step - 1));
    const after = this.#momentAt(step);
    this.#moments = [before, after];
    const { machine, areas } = after;
    const context = { machine, step, ages: this.#ages };
    const isCall = done?.statement.kind === "call" && done.effect === "kept";
    const moments = {
      before: before.machine,
      areasBefore: before.areas,
      after: machine,
      areasAfter: areas,
    };
    return {
      step,
      ...(done === undefined
        ? { statement: "", outcome: "", mark: "fine" }
        : this.#told(this.#rowOf(done))),
      focus: done === undefined ? null : focusOf(done, machine),
      story: done === undefined ? [] : storyOf(done, formatOf(this.run)),
      changes: isCall ? changesOf(moments, done) : [],
      printed: done?.printed ?? [],
      violations: (done?.violations ?? []).map(({ rule, pfn, sentence }) => {
        return { rule, pfn, sentence };
      }),
      areas: areas.map((view) => areaStateView(view, context)),
      vmalloc: vmallocView(machine),
    };
  }

  #told({ statement, outcome, mark }: StepRow): Pick<StateView, "statement" | "outcome" | "mark"> {
    return { statement, outcome, mark };
  }
}
