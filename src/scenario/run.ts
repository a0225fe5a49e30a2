/**
 * Running scenarios.
 *
 * @module
 */

import type { Violation } from "../check/invariants/mod.ts";
import { cloneMachine, recordEvents, runOnMachine, takeEvents } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { runCall } from "./call_row.ts";
import { callNamed } from "./calls.ts";
import { asksForEndState, EndState } from "./end_state.ts";
import type { ScenarioEnvironment, ScenarioSource } from "./environment.ts";
import { ScenarioError } from "./errors.ts";
import { printExpectation } from "./expectations.ts";
import { History, makeAgain } from "./history.ts";
import type { MadeAgain } from "./history.ts";
import { judge } from "./judge.ts";
import { machineStatementOf, makeMachine } from "./make_machine.ts";
import { printStatement } from "./print.ts";
import { argumentOf, flagsOf } from "./resolve.ts";
import type {
  BrokenRule,
  ExpectationResult,
  Run,
  ShowRequest,
  Step,
  StepEnd,
  StoppedAt,
  UnjudgedFrom,
} from "./steps.ts";
import type { CallStatement, ExpectStatement, Scenario, Statement, Value } from "./types.ts";
import { Watch } from "./watch.ts";
import { quotedWord } from "./words.ts";

/** Calls behind which it pays to copy the machine, so that a step back need not make them again. */
export const COSTLY_CALLS: readonly string[] = ["boot", "setup_vm"];
const NOTHING: StepEnd = { kind: "returned", value: { kind: "nothing" } };
const STOPPED_BEFORE: StepEnd = { kind: "not-run", why: "machine-stopped" };
/** A step that is no call, or whose call did not run. */
const WITHOUT_CALL = {
  args: [],
  flags: 0,
  effect: "none",
  events: [],
  host: [],
  printed: [],
  violations: [],
} as const;
const NO_SUCH_CALL: StepEnd = { kind: "not-run", why: "no-such-call" };

/** Whether it pays to copy the machine behind a step, so that a step back need not do it again. */
function isCostly({ statement, effect, events }: Step): boolean {
  if (statement.kind !== "call" || effect !== "kept" || events.length === 0) return false;
  return COSTLY_CALLS.includes(statement.call);
}

/** The call of a step whose effect is kept; null for any other step. */
function callOf(step: Step | undefined): MadeAgain | null {
  if (step === undefined || step.effect !== "kept" || step.statement.kind !== "call") return null;
  const row = callNamed(step.statement.call);
  const { index, args, flags, outcome } = step;
  return row === null ? null : { index, row, args, flags, end: outcome.kind };
}

/** Whether a scenario itself asks for its calls to be judged. */
function asksForRules({ statements }: Scenario): boolean {
  return statements.some((one) => {
    return one.kind === "expect" && one.expectation.form === "no-violations";
  });
}

/** A scenario on its way: statements run one by one, and what comes of each is given out at once. */
export class Runner {
  /** What became of each `expect`, in order; who takes them away keeps the list short. */
  readonly expectations: ExpectationResult[] = [];
  /** Each `show`, in order. */
  readonly shows: ShowRequest[] = [];
  readonly #source: ScenarioSource | null;
  readonly #recordsAll: boolean;
  readonly #names = new Map<string, Value>();
  #machine: Machine;
  #watch: Watch | null = null;
  readonly #endState: EndState | null;
  readonly #rules: Pick<ScenarioEnvironment, "rules">;
  #firstViolation: BrokenRule | null = null;
  #unjudgedFrom: UnjudgedFrom | null = null;
  #last: Step | null = null;
  #stoppedAt: StoppedAt | null = null;
  #count = 0;

  /**
   * Makes the machine.
   *
   * @param scenario the scenario; of one that is not read yet it takes the statements that say something
   * about the whole: the machine, `boot`, `expect no violations`, `expect nothing lost`
   * @param environment the architectures, and what else it runs in
   * @throws {ScenarioError} if there is no such machine
   */
  constructor(scenario: Scenario, environment: ScenarioEnvironment) {
    this.#rules = environment;
    this.#endState = asksForEndState(scenario) ? new EndState() : null;
    this.#source = environment.source ?? null;
    this.#recordsAll = environment.record !== "outcomes";
    const statement = machineStatementOf(scenario);
    const watch = environment.watch ?? (asksForRules(scenario) ? "violations" : "off");
    this.#machine = this.#checked(0, statement, () => makeMachine(scenario, environment, watch));
    if (this.#recordsAll) recordEvents(this.#machine, "all");
    if (watch === "violations") this.#watch = new Watch(this.#machine, environment);
  }

  /** The machine as it is now. */
  get machine(): Machine {
    return this.#machine;
  }

  /** Where the machine was stopped; null if it still runs. */
  get stoppedAt(): StoppedAt | null {
    return this.#stoppedAt;
  }

  /** Whether its calls are judged. */
  get watched(): Run["watched"] {
    return this.#watch === null ? "off" : "violations";
  }

  /** The first rule that was broken. */
  get firstViolation(): BrokenRule | null {
    return this.#firstViolation;
  }

  /** From where on its calls are not judged. */
  get unjudgedFrom(): UnjudgedFrom | null {
    return this.#unjudgedFrom;
  }

  /**
   * Runs the next statement.
   *
   * @param statement the statement
   * @returns the step
   * @throws {ScenarioError} if it uses the model wrongly
   */
  next(statement: Statement): Step {
    const index = this.#count++;
    const isRunning = this.#machine.stopped === null;
    const step = this.#checked(index, statement, () => this.#step(index, statement));
    if (statement.kind === "call" && isRunning) this.#last = step;
    return step;
  }

  /** Turns wrong use of the model into an error that names the line. */
  #checked<T>(index: number, statement: Statement, action: () => T): T {
    try {
      return action();
    } catch (error) {
      const isOurs = error instanceof RangeError || error instanceof SyntaxError;
      if (!isOurs || !error.message.startsWith("Cannot ")) throw error;
      const line = this.#source?.lines[index] ?? index + 1;
      const place = { line, column: null, word: "", text: printStatement(statement) };
      throw new ScenarioError(this.#source?.file ?? "scenario", [
        { ...place, message: error.message },
      ]);
    }
  }

  #step(index: number, statement: Statement): Step {
    switch (statement.kind) {
      case "call":
        return this.#call(index, statement);
      case "expect":
        return this.#expect(index, statement);
      case "show":
        this.shows.push({ step: index, view: statement.view });
        break;
      case "machine":
        if (index > 0) {
          throw new RangeError("Cannot make a machine here: it must be the first statement");
        }
    }
    return { ...WITHOUT_CALL, index, statement, outcome: NOTHING };
  }

  #expect(index: number, statement: ExpectStatement): Step {
    const { expectation } = statement;
    const isEnd = expectation.form === "nothing-lost";
    const lost = isEnd ? this.#endState?.violations(this.#machine, this.#rules) ?? [] : [];
    const firstViolation = this.#watch === null ? "off" : this.#firstViolation;
    const evidence = {
      machine: this.#machine,
      names: this.#names,
      last: this.#last,
      firstViolation,
      unjudgedFrom: this.#unjudgedFrom,
      stillHeld: this.#endState?.stillHeld ?? null,
      lost,
    } as const;
    const expected = printExpectation(expectation);
    this.expectations.push({ step: index, expected, ...judge(expectation, evidence) });
    const isJudged = this.#watch !== null && this.#unjudgedFrom === null;
    const violations = isJudged ? lost : [];
    this.#noteViolations(index, violations);
    return { ...WITHOUT_CALL, index, statement, outcome: NOTHING, violations };
  }

  #call(index: number, statement: CallStatement): Step {
    const base = { ...WITHOUT_CALL, index, statement };
    if (this.#machine.stopped !== null) return { ...base, outcome: STOPPED_BEFORE };
    const row = callNamed(statement.call);
    if (row === null) {
      throw new RangeError(`Cannot call ${quotedWord(statement.call)}: there must be such a call`);
    }
    const { arch, edition } = this.#machine;
    if (row.isIn?.(edition, arch) === false) return { ...base, outcome: NO_SUCH_CALL };
    const args = statement.args.map((operand, position) => {
      const quantity = row.parameters[position]?.quantity ?? "value";
      return argumentOf(operand, quantity, this.#names, this.#machine);
    });
    const flags = flagsOf(statement.options, row, this.#machine);
    const before = statement.mode === "try" ? this.#copy() : null;
    const machine = this.#machine;
    this.#endState?.before(statement.call, machine);
    this.#watch?.begin({ row, args, flags, options: statement.options });
    const printedBefore = machine.printed.length;
    const outcome = runOnMachine(machine, () => runCall(row, { machine, args, flags }));
    const taken = takeEvents(machine);
    const events = this.#recordsAll ? taken : [];
    const host = machine.host.account.takeEvents();
    const violations = this.#watch?.end(outcome, host) ?? [];
    this.#noteViolations(index, violations);
    const isUndone = outcome.kind !== "returned" && before !== null;
    if (isUndone) {
      this.#machine = before.machine;
      this.#watch = before.watch;
    } else if (outcome.kind !== "returned") this.#stoppedAt = { step: index, outcome };
    if (outcome.kind === "returned") {
      this.#noteLost(violations.length === 0 ? index : index + 1);
      const { value } = outcome;
      this.#endState?.after({ step: index, call: statement.call, args, value }, machine);
      if (statement.result !== null) this.#names.set(statement.result, value);
    }
    const printed = machine.printed.slice(printedBefore);
    const effect = isUndone ? "undone" : "kept";
    return { index, statement, args, flags, outcome, effect, events, host, printed, violations };
  }

  #noteViolations(step: number, [violation]: readonly Violation[]): void {
    if (violation !== undefined) this.#firstViolation ??= { step, violation };
  }

  /** Notes from where on nothing is judged. */
  #noteLost(step: number): void {
    const why = this.#watch?.whyLost ?? null;
    if (why !== null) this.#unjudgedFrom ??= { step, why };
  }

  /** What an undone call gives back: the machine as it is now, and what the watch knows of it. */
  #copy(): { machine: Machine; watch: Watch | null } {
    const machine = cloneMachine(this.#machine);
    return { machine, watch: this.#watch?.copyFor(machine) ?? null };
  }
}

/**
 * Runs a scenario.
 *
 * Calls run until one ends in anything but a return, unless `try` stands before it; from then on the
 * machine is stopped, calls are recorded as not run, and `expect` and `show` still work. A call that the
 * edition does not have is recorded as not run too, and the run goes on.
 *
 * @param scenario the scenario
 * @param environment the architectures, and what else it runs in
 * @returns the run, with every step recorded
 * @throws {ScenarioError} if the scenario uses the model wrongly: an architecture or an area that does
 * not exist, a name whose call returned nothing, a number that the machine cannot hold
 *
 * @example Usage
 * ```ts
 * import { parseScenario, runScenario } from "@buddyscope/sim";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario } = parseScenario("area any 0x100 0x200\np = alloc_page\nexpect p == 0x101000\n");
 * const run = runScenario(scenario, { archs: ARCHS });
 * assertEquals(run.expectations.map(({ held }) => held), ["yes"]);
 * assertEquals(run.machineAfter(0).pages.areas().length, 1);
 * ```
 */
export function runScenario(scenario: Scenario, environment: ScenarioEnvironment): Run {
  const recordsAll = environment.record !== "outcomes";
  const runner = new Runner(scenario, environment);
  const history = new History(runner.machine);
  const steps: Step[] = [];
  for (const [index, statement] of scenario.statements.entries()) {
    if (recordsAll) history.note(index, runner.machine);
    const step = runner.next(statement);
    steps.push(step);
    if (isCostly(step) && recordsAll) history.keep(index + 1, runner.machine);
  }
  const { machine: { arch, edition }, expectations, shows, stoppedAt } = runner;
  const { watched, firstViolation, unjudgedFrom } = runner;
  return {
    scenario,
    arch,
    edition,
    steps,
    expectations,
    shows,
    stoppedAt,
    watched,
    firstViolation,
    unjudgedFrom,
    machineAfter: (step) => {
      if (Number.isInteger(step) && step >= -1 && step < steps.length) {
        return history.machineBefore(step + 1, (index) => callOf(steps[index]));
      }
      throw new RangeError(
        `Cannot go to step ${step}: the step must be -1 to ${steps.length - 1}`,
      );
    },
    repeat: (step, machine) => {
      const call = callOf(steps[step]);
      if (call !== null) makeAgain(machine, call);
    },
  };
}
