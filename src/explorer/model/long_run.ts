/**
 * A run of any length: what it did is kept in columns, what the allocator did on the way is found out
 * again when somebody looks.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { recordEvents } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { AllocatorEvent } from "../../page_allocator.ts";
import { COSTLY_CALLS, History, makeAgain, Runner } from "../../scenario/mod.ts";
import type {
  ExpectationResult,
  Run,
  Scenario,
  ScenarioEnvironment,
  Statement,
  Step,
  StepEnd,
} from "../../scenario/mod.ts";
import type { StatementText } from "./statement_text.ts";
import { StepLog } from "./step_log.ts";

/** A call that a step made. */
export interface MadeCall {
  /** Its name. */
  readonly name: string;
  /** Its arguments, resolved. */
  readonly args: readonly bigint[];
  /** How it ended. */
  readonly end: StepEnd;
}

/** A run, on its way or at its end. */
export class LongRun {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** Whether the rules are checked after each step. */
  readonly watched: Run["watched"];
  readonly #text: StatementText;
  readonly #log: StepLog;
  readonly #history: History;
  /** What runs it; null at the end, so that the values of names need no room. */
  #runner: Runner | null;

  /**
   * Makes the machine.
   *
   * @param text where the statements stand
   * @param outline the statements that say something about the whole, for the {@linkcode Runner}
   * @param environment the architectures, and what else it runs in
   * @throws {ScenarioError} if there is no such machine
   */
  constructor(text: StatementText, outline: Scenario, environment: ScenarioEnvironment) {
    // Without a record of events the fast engine may run.
    const runner = new Runner(outline, { ...environment, record: "outcomes" });
    this.arch = runner.machine.arch;
    this.edition = runner.machine.edition;
    this.watched = runner.watched;
    this.#text = text;
    this.#log = new StepLog(text.lineCount);
    this.#history = new History(runner.machine, text.lineCount);
    this.#runner = runner;
  }

  /** How many steps were run so far. */
  get stepCount(): number {
    return this.#log.count;
  }

  /**
   * Runs the next statement.
   *
   * @param statement the statement
   * @returns the step, without events
   * @throws {ScenarioError} if it uses the model wrongly
   */
  next(statement: Statement): Step | null {
    const runner = this.#runner;
    if (runner === null) return null;
    this.#history.note(this.stepCount, runner.machine);
    const step = runner.next(statement);
    this.#log.add(step, runner.expectations.pop() ?? null);
    runner.shows.length = 0;
    const isCostly = statement.kind === "call" && COSTLY_CALLS.includes(statement.call);
    if (isCostly && step.effect === "kept") this.#history.keep(this.stepCount, runner.machine);
    return step;
  }

  /** Says that there are no more statements. */
  finish(): void {
    this.#runner = null;
  }

  /**
   * The machine after a step: a copy that the caller may change.
   *
   * @param step the step; -1 for the start
   * @returns the machine
   * @throws {RangeError} if there is no such step
   */
  machineAfter(step: number): Machine {
    this.checkStep(step);
    return this.#history.machineBefore(step + 1, (index) => this.#log.callAt(index));
  }

  /**
   * Makes sure that there is a step.
   *
   * @param step the step; -1 for the start
   * @throws {RangeError} if there is none
   */
  checkStep(step: number): void {
    if (Number.isInteger(step) && step >= -1 && step < this.stepCount) return;
    throw new RangeError(
      `Cannot show step ${step}: the step must be -1 to ${this.stepCount - 1}`,
    );
  }

  /**
   * The statement of a step.
   *
   * @param step the step
   * @returns the statement
   */
  statementAt(step: number): Statement {
    return this.#text.statementAt(step);
  }

  /**
   * The line of a step in the text.
   *
   * @param step the step
   * @returns the line, from 1
   */
  lineOf(step: number): number {
    return this.#text.lines[step] ?? 1;
  }

  /**
   * The failure of an `expect`.
   *
   * @param step its step
   * @returns what was found; null if it held, or the step is no `expect`
   */
  failureOf(step: number): ExpectationResult | null {
    return this.#log.failureOf(step);
  }

  /**
   * A step as it was recorded.
   *
   * @param step the step
   * @returns the step; its events are missing
   */
  recordedStep(step: number): Step {
    return this.#log.stepAt(step, this.statementAt(step));
  }

  /**
   * The call of a step.
   *
   * @param step the step
   * @returns its name, its arguments and how it ended; null if it did nothing to the machine
   */
  madeCall(step: number): MadeCall | null {
    const call = this.#log.callAt(step);
    if (call === null) return null;
    return { name: call.row.name, args: call.args, end: this.#log.endOf(step) };
  }

  /**
   * A step with what the allocator did on the way: its call is made again.
   *
   * @param step the step
   * @param machine a copy of the machine before it; afterwards it is as the call left it, even if that
   * was undone
   * @returns the step
   */
  stepOn(step: number, machine: Machine): Step {
    const recorded = this.recordedStep(step);
    const call = this.#log.callAt(step, recorded.effect);
    if (call === null || recorded.effect === "none") return recorded;
    recordEvents(machine, "all");
    const events = makeAgain(machine, call);
    recordEvents(machine, "areas");
    return { ...recorded, events };
  }

  /**
   * Makes the call of a step again, if its effect was kept.
   *
   * @param step the step
   * @param machine a copy of the machine before it; afterwards it is as it was after the step
   */
  repeat(step: number, machine: Machine): void {
    const call = this.#log.callAt(step);
    if (call !== null) makeAgain(machine, call);
  }

  /**
   * Makes the calls of some steps again and tells what the allocator did.
   *
   * @param first the first step
   * @param end the first step after
   * @param tell told of each step whose effect was kept, in order
   */
  eventsOf(
    first: number,
    end: number,
    tell: (step: number, events: readonly AllocatorEvent[]) => void,
  ): void {
    const machine = this.machineAfter(first - 1);
    recordEvents(machine, "all");
    for (let step = first; step < end; step++) {
      const call = this.#log.callAt(step);
      if (call !== null) tell(step, makeAgain(machine, call));
    }
  }
}
