/**
 * Stepping back: copies of the machine at some steps, and replay from the nearest one.
 *
 * @module
 */

import { cloneMachine, recordEvents, runOnMachine, takeEvents } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { unreachable } from "../outcome.ts";
import { runCall } from "./call_row.ts";
import { callNamed } from "./calls.ts";
import type { Step } from "./steps.ts";

/** A copy of the machine before a step. */
interface Checkpoint {
  readonly before: number;
  readonly machine: Machine;
}

/** The first distance between checkpoints, in steps. */
const FIRST_DISTANCE = 64;

/** Above this many, every other checkpoint is dropped and the distance doubles. */
const MOST_CHECKPOINTS = 128;

/** The machine's past. The number of copies stays bounded; a step back replays at most a distance. */
export class History {
  #checkpoints: Checkpoint[];
  #distance = FIRST_DISTANCE;
  /** The machine that was replayed last, so that going forward step by step replays each step once. */
  #replayed: Checkpoint | null = null;

  /**
   * Begins at the first machine.
   *
   * @param machine the machine before the first step; it is copied
   */
  constructor(machine: Machine) {
    this.#checkpoints = [{ before: 0, machine: silentCopy(machine) }];
  }

  /**
   * Copies the machine if a checkpoint is due.
   *
   * @param before the step that comes next
   * @param machine the machine before that step
   */
  note(before: number, machine: Machine): void {
    const last = this.#checkpoints.at(-1)?.before ?? 0;
    if (before - last >= this.#distance) this.keep(before, machine);
  }

  /**
   * Copies the machine.
   *
   * @param before the step that comes next
   * @param machine the machine before that step
   */
  keep(before: number, machine: Machine): void {
    this.#checkpoints.push({ before, machine: silentCopy(machine) });
    if (this.#checkpoints.length <= MOST_CHECKPOINTS) return;
    this.#checkpoints = this.#checkpoints.filter((_, index) => index % 2 === 0);
    this.#distance *= 2;
  }

  /**
   * Makes the machine before a step.
   *
   * @param before the step; the number of steps stands for the end
   * @param steps the steps of the run
   * @returns a copy
   */
  machineBefore(before: number, steps: readonly Step[]): Machine {
    const candidates = [...this.#checkpoints, ...(this.#replayed === null ? [] : [this.#replayed])];
    const nearest = candidates.filter((one) => one.before <= before)
      .reduce((best, one) => one.before > best.before ? one : best);
    const isOwn = nearest === this.#replayed;
    const machine = isOwn ? nearest.machine : cloneMachine(nearest.machine);
    for (let index = nearest.before; index < before; index++) replay(machine, steps[index]);
    this.#replayed = { before, machine };
    return cloneMachine(machine);
  }
}

/** A copy that does not record events: the steps have them, and without, the fast engine may run. */
function silentCopy(machine: Machine): Machine {
  const copy = cloneMachine(machine);
  recordEvents(copy, "areas");
  return copy;
}

/** Does to a machine what a recorded step did. */
function replay(machine: Machine, step: Step | undefined): void {
  if (step === undefined || step.effect !== "kept" || step.statement.kind !== "call") return;
  const row = callNamed(step.statement.call);
  const { args, flags } = step;
  const outcome = runOnMachine(machine, () => row && runCall(row, { machine, args, flags }));
  takeEvents(machine);
  machine.host.account.takeEvents();
  if (outcome.kind !== step.outcome.kind) {
    unreachable(`step ${step.index} ended differently when it was replayed`);
  }
}
