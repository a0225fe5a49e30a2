/**
 * A page allocator under watch: each thing that is done to it is judged by all rules.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { Outcome } from "../../outcome.ts";
import { findViolations, Ledger } from "../invariants/mod.ts";
import type { CallValue, RuleName, Violation } from "../invariants/mod.ts";
import { checkEndSince, zeroPointOf } from "../stack_rules/mod.ts";
import type { ZeroPoint } from "../stack_rules/mod.ts";
import { performOp, shapeOfOp } from "./page_op.ts";
import type { PageOp } from "./page_op.ts";
import { isLasting, kindOfCall, kindOfEnd, stopText } from "./symptom.ts";
import type { Sighting } from "./symptom.ts";

/** What came of something that was done. */
export interface Judgement {
  /** How it ended. */
  readonly outcome: Outcome<CallValue>;
  /** The rules that it broke, each once. */
  readonly sightings: readonly Sighting[];
}

/** A machine, its ledger, and the rules that are broken already. */
export class PageSession {
  /** The machine. */
  readonly machine: Machine;
  readonly #ledger: Ledger;
  readonly #broken: Set<RuleName> = new Set();
  #zero: ZeroPoint | null = null;

  /**
   * Begins.
   *
   * @param machine a machine without areas, or a sound one
   */
  constructor(machine: Machine) {
    this.machine = machine;
    this.#ledger = new Ledger(machine);
  }

  /** Whether there is something left to judge: the machine runs, and it is known who owns what. */
  get state(): "open" | "over" {
    const isOpen = this.machine.stopped === null && this.#ledger.knowledge === "complete";
    return isOpen ? "open" : "over";
  }

  /**
   * Does something and judges it.
   *
   * @param op what is to be done
   * @param step the number of the step, for the sightings
   * @returns how it ended, and what it broke
   */
  perform(op: PageOp, step: number): Judgement {
    if (op.kind === "fill") return { outcome: performOp(this.machine, op), sightings: [] };
    this.#ledger.before();
    const outcome = performOp(this.machine, op);
    const violations = this.#ledger.after(op, outcome);
    // What a machine looks like in the middle of a call says nothing.
    if (outcome.kind === "returned") violations.push(...findViolations(this.machine));
    this.machine.events.length = 0;
    const sightings = violations.length === 0 ? [] : this.#sightings(violations, op, step, outcome);
    return { outcome, sightings };
  }

  /** All ranges are handed over: what the machine is compared with in the end. */
  begin(): void {
    this.#zero = zeroPointOf(this.machine);
  }

  /**
   * Everything was given back: compares the machine with what it was at the beginning.
   *
   * @param step the number of the step, for the sightings
   * @returns what it broke; nothing if there is nothing left to judge
   */
  end(step: number): Sighting[] {
    if (this.#zero === null || this.state === "over") return [];
    const [violation] = checkEndSince(this.#zero, this.machine);
    if (violation === undefined) return [];
    const symptom = { rule: violation.rule, call: kindOfEnd(violation), stop: null };
    return [{ step, symptom, violation, stopped: null }];
  }

  #sightings(
    violations: readonly Violation[],
    op: PageOp,
    step: number,
    outcome: Outcome<CallValue>,
  ): Sighting[] {
    const call = kindOfCall(this.machine, shapeOfOp(op));
    const stopped = outcome.kind === "returned" ? null : outcome;
    const stop = stopped === null ? null : stopText(stopped);
    const seen = new Set<RuleName>();
    const sightings: Sighting[] = [];
    for (const violation of violations) {
      const { rule } = violation;
      if (seen.has(rule) || this.#broken.has(rule)) continue;
      seen.add(rule);
      if (isLasting(rule)) this.#broken.add(rule);
      sightings.push({ step, symptom: { rule, call, stop }, violation, stopped });
    }
    return sightings;
  }
}
