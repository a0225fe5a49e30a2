/**
 * What a run records.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import type { Violation } from "../check/invariants/mod.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import type { HostEvent } from "../memory/mod.ts";
import type { Outcome, Stopped } from "../outcome.ts";
import type { AllocatorEvent } from "../page_allocator.ts";
import type { Scenario, Statement, Value, View } from "./types.ts";

/** A call that did not run. */
export interface NotRun {
  /** Tells the ends apart. */
  readonly kind: "not-run";
  /** Whether the machine was stopped before, or the edition has no such call. */
  readonly why: "machine-stopped" | "no-such-call";
}

/** How a step ended. */
export type StepEnd = Outcome<Value> | NotRun;

/** One statement of a run. */
export interface Step {
  /** The number of the statement, from 0. */
  readonly index: number;
  /** The statement. */
  readonly statement: Statement;
  /** The arguments of a call, resolved; NULL is 0. */
  readonly args: readonly bigint[];
  /** The flags of a request; 0 for other calls. */
  readonly flags: number;
  /** How it ended. Statements other than calls return nothing. */
  readonly outcome: StepEnd;
  /** What it did to the machine: nothing, what its call does, or that undone by `try`. */
  readonly effect: "none" | "kept" | "undone";
  /** What the allocator did on the way; empty if the run records outcomes only. */
  readonly events: readonly AllocatorEvent[];
  /** What the host did, and the guest's drivers for it. */
  readonly host: readonly HostEvent[];
  /** What the guest printed, line by line. */
  readonly printed: readonly string[];
  /**
   * The rules that it broke: those about its calls of the page allocator, then those about the state
   * that did not hold after it and held before. Empty if the run is not watched.
   */
  readonly violations: readonly Violation[];
}

/** What became of an `expect`. */
export interface ExpectationResult {
  /** The index of its step. */
  readonly step: number;
  /** Whether it held. */
  readonly held: "yes" | "no";
  /** What was expected, as `printScenario` writes it behind `expect`. */
  readonly expected: string;
  /** What was found, in words. */
  readonly actual: string;
}

/** A `show`, for those who print. */
export interface ShowRequest {
  /** The index of its step: the state after it is meant. */
  readonly step: number;
  /** What is shown. */
  readonly view: View;
}

/** Where and why a machine was stopped. */
export interface StoppedAt {
  /** The index of the step. */
  readonly step: number;
  /** Why. */
  readonly outcome: Stopped;
}

/** A rule that was broken, and where. */
export interface BrokenRule {
  /** The index of the step. */
  readonly step: number;
  /** The rule, and what is the case instead. */
  readonly violation: Violation;
}

/** Where a watched run stopped being judged. */
export interface UnjudgedFrom {
  /** The index of the first step that is not judged: the call that was misused, or the one behind it. */
  readonly step: number;
  /** Why, as a sentence without a full stop. */
  readonly why: string;
}

/** A scenario that was run. */
export interface Run {
  /** The scenario. */
  readonly scenario: Scenario;
  /** The architecture it ran on. */
  readonly arch: Arch;
  /** The edition that ran. */
  readonly edition: Edition;
  /** The steps, one for each statement. */
  readonly steps: readonly Step[];
  /** What became of each `expect`, in order. */
  readonly expectations: readonly ExpectationResult[];
  /** Each `show`, in order. */
  readonly shows: readonly ShowRequest[];
  /** Where the machine was stopped; null if it still runs. */
  readonly stoppedAt: StoppedAt | null;
  /** Whether its calls were judged by the rules of a sound allocator. */
  readonly watched: "violations" | "off";
  /** The first rule that was broken; null if none was, or the run is not watched. */
  readonly firstViolation: BrokenRule | null;
  /** From where on its calls are not judged; null if all are, or the run is not watched. */
  readonly unjudgedFrom: UnjudgedFrom | null;
  /**
   * The machine as it was after a step: a copy that the caller may change. -1 stands for the start.
   *
   * @throws {RangeError} if there is no such step
   */
  readonly machineAfter: (step: number) => Machine;
  /** Makes the call of a step again, if its effect was kept, on a copy of the machine before it. */
  readonly repeat: (step: number, machine: Machine) => void;
}
