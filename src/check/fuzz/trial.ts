/**
 * One random run: a plan carried out on a new machine under watch.
 *
 * @module
 */

import { createMachine } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import type { Outcome } from "../../outcome.ts";
import {
  EXPECT_NOTHING_LOST,
  isInEdition,
  judgeScenario,
  pageScenario,
  PageSession,
} from "../counterexample/mod.ts";
import type { PageOp, PageStep, PageWorld, Sighting } from "../counterexample/mod.ts";
import type { CallValue } from "../invariants/mod.ts";
import type { Scenario } from "../../scenario/mod.ts";
import { Caller, omissionsOf } from "./decode.ts";
import { Choices } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { stackScenario } from "./stack_plan.ts";

/** What is to be seen in a run. */
export interface Trial {
  /** How many calls were made. */
  readonly calls: number;
  /** What was seen, in order. */
  readonly sightings: readonly Sighting[];
  /** The run up to a step, as a scenario. */
  readonly scenarioTo: (step: number) => Scenario;
}

/**
 * The machine that a plan wants.
 *
 * @param plan the plan
 * @param base the architecture and the edition
 * @returns with page size and power-on content
 */
export function worldOf(plan: Plan, base: Pick<PageWorld, "arch" | "edition">): PageWorld {
  const { pageShifts } = base.arch;
  // Large pages make no other calls, but larger numbers: now and then is enough.
  const index = plan.pages < 14 ? 0 : plan.pages % pageShifts.length;
  const powerOn = plan.powerOn === 3
    ? { kind: "garbage", seed: 1 } as const
    : { kind: "zero" } as const;
  return { ...base, pageShift: pageShifts[index] ?? pageShifts[0], powerOn };
}

/** Who carries a plan out: does something, and says whether it goes on. */
export interface Performer {
  /** The machine by whose state the plan's numbers are read. */
  readonly machine: Machine;
  /** Tells whether the edition has a call. */
  readonly has: (op: PageOp) => boolean;
  /** Does something. The number is that of the statement that it becomes. */
  readonly perform: (op: PageOp, step: number) => Outcome<CallValue>;
  /** Tells whether it makes sense to go on. */
  readonly goesOn: () => boolean;
  /** Is told when all ranges of the plan are handed over, and the calls begin. */
  readonly begin?: () => void;
  /** What becomes in the end of what the calls got: it is given back, or kept, which is the default. */
  readonly end?: "given-back" | "kept";
}

/**
 * Carries a plan out.
 *
 * @param plan the plan
 * @param performer who does it
 * @returns what was done
 */
export function carryOut(plan: Plan, performer: Performer): PageStep[] {
  const caller = new Caller(performer.machine, omissionsOf(plan.without));
  const steps: PageStep[] = [];
  const perform = (op: PageOp | null): void => {
    if (op === null || !performer.has(op)) return;
    // The machine statement comes first.
    const outcome = performer.perform(op, steps.length + 1);
    caller.note(op, outcome);
    steps.push({ op, value: outcome.kind === "returned" ? outcome.value : undefined });
  };
  for (const code of plan.ranges) {
    if (performer.goesOn()) perform(caller.range(new Choices(code)));
  }
  performer.begin?.();
  for (const code of plan.calls) {
    if (!performer.goesOn()) break;
    perform(caller.next(new Choices(code)));
  }
  for (const op of performer.end === "given-back" ? caller.releases() : []) {
    if (performer.goesOn()) perform(op);
  }
  return steps;
}

/**
 * Makes a machine for a world.
 *
 * @param world the world
 * @returns the machine, without areas
 */
export function machineIn({ arch, edition, pageShift, powerOn }: PageWorld): Machine {
  // The rules look at memory after each call: the fast engine would have to write it down each time.
  return createMachine({ arch, edition, pageShift, powerOn, engine: "literal" });
}

/**
 * Carries a plan out under watch.
 *
 * @param plan the plan
 * @param base the architecture and the edition
 * @returns what was seen
 */
export function tryPlan(plan: Plan, base: Pick<PageWorld, "arch" | "edition">): Trial {
  const world = worldOf(plan, base);
  const session = new PageSession(machineIn(world));
  const sightings: Sighting[] = [];
  const steps = carryOut(plan, {
    machine: session.machine,
    has: (op) => isInEdition(world.edition, op),
    perform: (op, step) => {
      const { outcome, sightings: found } = session.perform(op, step);
      if (found.length > 0) sightings.push(...found);
      return outcome;
    },
    goesOn: () => session.state === "open",
    begin: () => session.begin(),
    end: "given-back",
  });
  sightings.push(...session.end(steps.length + 1));
  return {
    calls: steps.length,
    sightings,
    scenarioTo: (step) => {
      const { statements } = pageScenario(world, steps.slice(0, step));
      return {
        statements: step > steps.length ? [...statements, EXPECT_NOTHING_LOST] : statements,
      };
    },
  };
}

/**
 * Carries a plan out on a machine that boots.
 *
 * @param plan the plan
 * @param base the architecture and the edition
 * @returns what was seen
 */
export function tryStackPlan(plan: Plan, base: Pick<PageWorld, "arch" | "edition">): Trial {
  const scenario = stackScenario(plan, base);
  const sightings = judgeScenario(scenario, { archs: [base.arch] });
  return {
    calls: scenario.statements.length - 1,
    sightings,
    scenarioTo: (step) => ({ statements: scenario.statements.slice(0, step + 1) }),
  };
}
