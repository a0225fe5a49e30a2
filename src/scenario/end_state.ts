/**
 * The end of a scenario: whether everything was given back, and whether the machine is then as fresh as
 * after set-up.
 *
 * @module
 */

import { FrameSet } from "../frame_ranges.ts";
import type { CheckOptions, Violation } from "../check/invariants/mod.ts";
import { checkEndSince, zeroPointOf } from "../check/stack_rules/mod.ts";
import type { ZeroPoint } from "../check/stack_rules/mod.ts";
import type { Machine } from "../machine.ts";
import { isHostCall } from "./call_row.ts";
import { hex } from "./numbers.ts";
import type { Scenario, Value } from "./types.ts";
import { isNullPointer, isNumber } from "./values.ts";

/** Calls that set a machine up: those in front of all others make the state to compare with. */
const SET_UP: readonly string[] = ["area", "page_alloc_init_area", "boot", "setup_vm"];

/** Calls whose result somebody has until he gives it back, and the calls that give it back. */
const GIVEN: readonly string[] = [
  "alloc_page",
  "alloc_pages",
  "memalign_pages",
  "malloc",
  "calloc",
  "memalign",
];
const GIVEN_BACK: readonly string[] = ["free_page", "free_pages", "free"];

/** A call that returned. */
export interface MadeCall {
  /** The index of its step. */
  readonly step: number;
  /** Its name. */
  readonly call: string;
  /** Its arguments. */
  readonly args: readonly bigint[];
  /** What it returned. */
  readonly value: Value;
}

/** What the end of a scenario is judged by. */
export class EndState {
  /** What the machine was after set-up; null as long as it is being set up. */
  #zero: ZeroPoint | null = null;
  /** What the calls gave and nobody gave back, by address. */
  readonly #held: Map<bigint, MadeCall> = new Map();
  readonly #reserved: FrameSet = new FrameSet();

  /** A call is about to be made. */
  before(call: string, machine: Machine): void {
    const isNeutral = SET_UP.includes(call) || isHostCall(call);
    if (this.#zero === null && !isNeutral) this.#zero = zeroPointOf(machine);
  }

  /** A call has returned. */
  after(made: MadeCall, { pageShift }: Machine): void {
    const { call, args: [address = 0n, count = 0n], value } = made;
    const first = Number(address >> BigInt(pageShift));
    const frames = { first, top: first + Number(count) };
    if (GIVEN.includes(call)) {
      if (isNumber(value) && !isNullPointer(value)) this.#held.set(value.value, made);
    } else if (GIVEN_BACK.includes(call)) this.#held.delete(address);
    else if (call === "unreserve_pages") this.#reserved.remove(frames);
    else if (call === "reserve_pages" && isNumber(value) && value.value >= 0n) {
      this.#reserved.add(frames);
    }
  }

  /** What somebody still has, as a sentence; null if everything was given back. */
  get stillHeld(): string | null {
    for (const [address, { step, call }] of this.#held) {
      return `${hex(address)}, which ${call} gave in step ${step}, is still held`;
    }
    const [reserved] = this.#reserved.ranges;
    return reserved === undefined ? null : `frame ${hex(reserved.first)} is still reserved`;
  }

  /**
   * Compares the machine with what it was after set-up.
   *
   * @param machine the machine
   * @param options the rules to check
   * @returns what is lost; nothing is said of a machine that is stopped, or while something is held
   */
  violations(machine: Machine, options: Pick<CheckOptions, "rules">): Violation[] {
    const isComparable = machine.stopped === null && this.stillHeld === null;
    if (this.#zero === null || !isComparable) return [];
    return checkEndSince(this.#zero, machine, options);
  }
}

/**
 * Tells whether a scenario asks for the end to be judged.
 *
 * @param scenario the scenario
 * @returns true if it holds `expect nothing lost`
 */
export function asksForEndState({ statements }: Scenario): boolean {
  return statements.some((one) => {
    return one.kind === "expect" && one.expectation.form === "nothing-lost";
  });
}
