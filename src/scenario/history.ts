/**
 * Stepping back: copies of the machine at some steps, and replay from the nearest one.
 *
 * @module
 */

import { cloneMachine, recordEvents, runOnMachine, takeEvents } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { unreachable } from "../outcome.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import { runCall } from "./call_row.ts";
import type { CallRow } from "./call_row.ts";
import type { StepEnd } from "./steps.ts";

/** A copy of the machine before a step. */
export interface Checkpoint {
  /** The step that comes next. */
  readonly before: number;
  /** The copy. */
  readonly machine: Machine;
}

/** A call that was made, as far as it takes to make it again. */
export interface MadeAgain {
  /** The number of its step. */
  readonly index: number;
  /** The call. */
  readonly row: CallRow;
  /** Its arguments, resolved. */
  readonly args: readonly bigint[];
  /** The flags of a request; 0 for other calls. */
  readonly flags: number;
  /** How it ended. */
  readonly end: StepEnd["kind"];
}

/** Gives the call of a step; null if it did nothing to the machine, or that was undone. */
export type CallAt = (index: number) => MadeAgain | null;

/** The first distance between checkpoints, in steps. */
const FIRST_DISTANCE = 64;

/** Above this many, every other checkpoint is dropped and the distance doubles. */
const MOST_CHECKPOINTS = 128;

/** Who goes back a step is likely to go on so: copies so far apart are kept before that step. */
const NEAR_DISTANCE = 16;

/** So many steps before it. */
const NEAR_REACH = 64;

/** The machine's past. The number of copies stays bounded; a step back replays at most a distance. */
export class History {
  #checkpoints: Checkpoint[];
  #distance: number;
  /** The machine that was replayed last, so that going forward step by step replays each step once. */
  #replayed: Checkpoint | null = null;
  /** Copies just before a step to which somebody went back. */
  #near: readonly Checkpoint[] = [];

  /**
   * Begins at the first machine.
   *
   * @param machine the machine before the first step; it is copied
   * @param steps how many steps are expected: the more, the farther are the first copies apart
   */
  constructor(machine: Machine, steps = 0) {
    this.#distance = FIRST_DISTANCE;
    while (this.#distance * MOST_CHECKPOINTS < steps) this.#distance *= 2;
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
   * @param callAt the calls of the run
   * @returns a copy
   */
  machineBefore(before: number, callAt: CallAt): Machine {
    const replayed = this.#replayed;
    const candidates = [
      ...this.#checkpoints,
      ...this.#near,
      ...(replayed === null ? [] : [replayed]),
    ];
    const nearest = lastUpTo(candidates, before);
    const machine = nearest === replayed ? nearest.machine : cloneMachine(nearest.machine);
    const goesBack = replayed !== null && before < replayed.before &&
      replayed.before - before <= NEAR_REACH && before - nearest.before > NEAR_DISTANCE;
    if (goesBack) this.#near = [];
    for (let index = nearest.before; index < before; index++) {
      const left = before - index;
      if (goesBack && left <= NEAR_REACH && left % NEAR_DISTANCE === 0) {
        this.#near = [...this.#near, { before: index, machine: cloneMachine(machine) }];
      }
      const call = callAt(index);
      if (call !== null) makeAgain(machine, call);
    }
    this.#replayed = { before, machine };
    return cloneMachine(machine);
  }
}

/** The last of some checkpoints that is not behind a step. */
function lastUpTo(checkpoints: readonly Checkpoint[], before: number): Checkpoint {
  return checkpoints.filter((one) => one.before <= before)
    .reduce((best, one) => one.before > best.before ? one : best);
}

/** A copy that does not record events: the steps have them, and without, the fast engine may run. */
function silentCopy(machine: Machine): Machine {
  const copy = cloneMachine(machine);
  recordEvents(copy, "areas");
  return copy;
}

/**
 * Makes a call of a run again, on a copy of the machine before it.
 *
 * @param machine the machine
 * @param call the call
 * @returns what the allocator did, as far as the machine records it
 */
export function makeAgain(machine: Machine, call: MadeAgain): AllocatorEvent[] {
  const { index, row, args, flags, end } = call;
  const outcome = runOnMachine(machine, () => runCall(row, { machine, args, flags }));
  const events = takeEvents(machine);
  machine.host.account.takeEvents();
  if (outcome.kind === end) return events;
  return unreachable(`step ${index} ended differently when it was replayed`);
}
