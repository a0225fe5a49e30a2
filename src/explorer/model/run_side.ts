/**
 * A run and its views: one edition on one scenario.
 *
 * @module
 */

import { areaTableOf } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { cloneMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import { stepEndText } from "../../report/difference.ts";
import { formatOf } from "../../report/subject.ts";
import { printStatement } from "../../scenario/mod.ts";
import type { ExpectationResult, Step } from "../../scenario/mod.ts";
import { marksOf, sinceOf } from "./ages.ts";
import { areaStateView } from "./area_view.ts";
import { changesOf } from "./changes.ts";
import type { LongRun } from "./long_run.ts";
import type {
  BlockSpan,
  RunView,
  Since,
  StateView,
  StepMark,
  StepMarks,
  StepRow,
  ZoneView,
} from "./state_view.ts";
import { storyOf } from "./story.ts";
import { vmallocView } from "./vmalloc_state.ts";
import { type StepWrites, witnessWrites } from "./writes.ts";

/** A machine at a step, with its areas: what the next view is likely to need again. */
interface Moment {
  readonly step: number;
  readonly machine: Machine;
  readonly areas: readonly AreaView[];
}

function zonesOf(run: LongRun): ZoneView[] {
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

/**
 * How a step ended, in a word.
 *
 * @param step the step
 * @param failure what was found in place of what it expects; null for nothing
 * @returns the word
 */
export function markOf(
  step: Pick<Step, "outcome" | "effect" | "violations">,
  failure: ExpectationResult | null,
): StepMark {
  const { outcome, effect, violations } = step;
  if (failure !== null) return "failed";
  if (outcome.kind === "not-run") return "not-run";
  if (outcome.kind !== "returned") return effect === "undone" ? "undone" : "stopped";
  return violations.length > 0 ? "violation" : "fine";
}

/** What a step did. */
interface Done {
  readonly done: Step;
  /** The machine after it. */
  readonly after: Moment;
  /** What it wrote. */
  readonly writes: StepWrites;
}

/** What a view says of the start. */
const START = {
  statement: "",
  outcome: "",
  mark: "fine",
  focus: null,
  story: [],
  changes: [],
  printed: [],
  violations: [],
} as const;

/** A run, from which views are made. */
export class RunSide {
  /** The run. */
  readonly run: LongRun;
  readonly #pageShift: number;
  /** The last two moments that were looked at: a step and the one before it. */
  #moments: readonly Moment[] = [];
  /** The step that was done again last. */
  #did: Done | null = null;

  /**
   * Begins with a run.
   *
   * @param run the run
   */
  constructor(run: LongRun) {
    this.run = run;
    this.#pageShift = run.machineAfter(-1).pageShift;
  }

  /** What is the same at every step. */
  runView(): RunView {
    const { run } = this;
    return {
      arch: run.arch.name,
      edition: run.edition.name,
      pageShift: this.#pageShift,
      wordBits: run.arch.wordBits,
      orderMask: formatOf(run).orderMask,
      zones: zonesOf(run),
      watched: run.watched,
    };
  }

  /**
   * A step for a list of all steps.
   *
   * @param step its number
   * @returns the row
   */
  rowAt(step: number): StepRow {
    const done = this.run.recordedStep(step);
    const broken = [...new Set(done.violations.map(({ rule }) => rule))].join(", ");
    const end = this.#outcomeOf(done);
    return {
      step,
      line: this.run.lineOf(step),
      statement: printStatement(done.statement),
      outcome: broken === "" ? end : `${end}, violates: ${broken}`,
      mark: markOf(done, this.run.failureOf(step)),
    };
  }

  #outcomeOf(step: Step): string {
    if (step.statement.kind === "expect") {
      const failure = this.run.failureOf(step.index);
      return failure === null ? "held" : `does not hold: found ${failure.actual}`;
    }
    return step.statement.kind === "call" ? stepEndText(step) : "";
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

  /** What a step did, and the machine after it. */
  #doAgain(step: number, before: Moment): Done {
    const copy = cloneMachine(before.machine);
    const witnessed = witnessWrites(copy);
    const done = this.run.stepOn(step, copy);
    const writes = witnessed();
    if (done.effect !== "kept") return { done, after: { ...before, step }, writes };
    return { done, after: { step, machine: copy, areas: copy.pages.areas() }, writes };
  }

  /**
   * The blocks that a step marked or linked.
   *
   * @param step the step
   * @returns what it marked; nothing if its effect was not kept
   */
  marksAt(step: number): StepMarks {
    const known = this.#did?.done.index === step ? this.#did : null;
    const { done } = known ?? this.#doAgain(step, this.#momentAt(step - 1));
    const events = done.effect === "kept" ? done.events : [];
    return marksOf(events, formatOf(this.run).orderMask);
  }

  /**
   * Since when a block is what it is.
   *
   * @param step the step at which it is looked at
   * @param block the block
   * @returns the step; null if no step made it so
   */
  since(step: number, { first, frames }: BlockSpan): Since | null {
    const { orderMask } = formatOf(this.run);
    return sinceOf(this.run, { step, frame: first, frames, orderMask, pageShift: this.#pageShift });
  }

  /**
   * Makes the view of a step.
   *
   * @param step the step; -1 for the start
   * @returns plain data
   * @throws {RangeError} if there is no such step
   */
  view(step: number): StateView {
    this.run.checkStep(step);
    if (step < 0) {
      const start = this.#momentAt(step);
      this.#moments = [start];
      return { ...START, step, ...stateOf(start) };
    }
    const before = this.#momentAt(step - 1);
    const did = this.#doAgain(step, before);
    const { done, after, writes } = did;
    this.#did = did;
    this.#moments = [before, after];
    const call = done.statement.kind === "call" ? done.statement.call : "";
    const { statement, mark } = this.rowAt(step);
    const moments = {
      before: before.machine,
      areasBefore: before.areas,
      after: after.machine,
      areasAfter: after.areas,
      writes,
    };
    return {
      step,
      ...stateOf(after),
      statement,
      outcome: this.#outcomeOf(done),
      mark,
      focus: focusOf(done, after.machine),
      story: storyOf({ step: done, before: before.machine, after: after.machine }),
      changes: done.effect === "kept" ? changesOf(moments, { call, events: done.events }) : [],
      printed: done.printed,
      violations: done.violations.map(({ rule, pfn, sentence }) => ({ rule, pfn, sentence })),
    };
  }
}

function stateOf({ machine, areas }: Moment): Pick<StateView, "areas" | "vmalloc"> {
  return {
    areas: areas.map((view) => areaStateView(view, machine)),
    vmalloc: vmallocView(machine),
  };
}
