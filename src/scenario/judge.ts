/**
 * Whether an expectation holds, and what was found instead.
 *
 * @module
 */

import { formatViolation } from "../check/invariants/mod.ts";
import type { Violation } from "../check/invariants/mod.ts";
import type { Machine } from "../machine.ts";
import { formatStopped } from "../outcome.ts";
import { zoneOf } from "../page_allocator.ts";
import { physAddr } from "../units.ts";
import { wrapToWord } from "../word.ts";
import {
  areaTest,
  countFreeBlocks,
  countFreePages,
  describeArea,
  frameAt,
  physicalOf,
} from "./frames.ts";
import { hex } from "./numbers.ts";
import { printOperand } from "./quantities.ts";
import { valueOf } from "./resolve.ts";
import type { Names } from "./resolve.ts";
import type { BrokenRule, Step, UnjudgedFrom } from "./steps.ts";
import type { Expectation, Operand, Value } from "./types.ts";
import { areEqual, compareValues, describeValue, isNullPointer, isNumber } from "./values.ts";

/** What an expectation is judged by. */
export interface Evidence {
  /** The machine. */
  readonly machine: Machine;
  /** The values of names. */
  readonly names: Names;
  /** The last call that ran; null if none did. */
  readonly last: Step | null;
  /** The first rule that was broken; null if none was; "off" if nobody watches. */
  readonly firstViolation: BrokenRule | null | "off";
  /** From where on calls are not judged; null if all are. */
  readonly unjudgedFrom: UnjudgedFrom | null;
  /** What the calls gave and nobody gave back, in words; null if there is nothing. */
  readonly stillHeld: string | null;
  /** What is lost after everything was given back. */
  readonly lost: readonly Violation[];
}

/** Whether an expectation holds, and what was found, in words. */
export interface Judgement {
  /** Whether it holds. */
  readonly held: "yes" | "no";
  /** What was found. */
  readonly actual: string;
}

function judgement(holds: boolean, actual: string): Judgement {
  return { held: holds ? "yes" : "no", actual };
}

function failed(actual: string): Judgement {
  return { held: "no", actual };
}

/**
 * Judges an expectation. Nothing is touched.
 *
 * @param expectation the expectation
 * @param evidence the machine, the names, the last call
 * @returns whether it holds
 * @throws {RangeError} if it names an area that the machine does not have
 */
export function judge(expectation: Expectation, evidence: Evidence): Judgement {
  const { machine } = evidence;
  switch (expectation.form) {
    case "last-returns":
    case "last-asserts":
    case "last-faults":
    case "last-is-undefined":
      return judgeLast(expectation, evidence);
    case "free-pages": {
      const count = countFreePages(machine, expectation.area);
      return judgement(count === expectation.count, `free pages are ${count}`);
    }
    case "free-blocks": {
      const count = countFreeBlocks(machine, expectation.order, expectation.area);
      const actual = `free blocks of order ${expectation.order} are ${count}`;
      return judgement(count === expectation.count, actual);
    }
    case "no-violations":
      return judgeViolations(evidence);
    case "nothing-lost":
      return judgeEnd(evidence);
    case "bytes":
      return judgeBytes(expectation, evidence);
    default:
      return judgeSubject(expectation, evidence);
  }
}

function judgeViolations({ firstViolation: first, unjudgedFrom }: Evidence): Judgement {
  if (first === "off") return failed("the run is not watched");
  if (first === null) {
    return unjudgedFrom === null
      ? { held: "yes", actual: "no rule was broken" }
      : failed(`not judged from step ${unjudgedFrom.step} on: ${unjudgedFrom.why}`);
  }
  return failed(`step ${first.step} violates ${formatViolation(first.violation)}`);
}

function judgeEnd({ machine, stillHeld, lost: [first] }: Evidence): Judgement {
  if (machine.stopped !== null) return failed("the machine is stopped");
  if (stillHeld !== null) return failed(stillHeld);
  if (first !== undefined) return failed(first.sentence);
  return { held: "yes", actual: "the machine is as fresh as after set-up" };
}

type LastForm = Extract<Expectation, { readonly form: `last-${string}` }>;

function describeEnd(step: Step): string {
  const { outcome } = step;
  switch (outcome.kind) {
    case "returned":
      return `the last call returned ${describeValue(outcome.value)}`;
    case "not-run":
      return "the last call did not run: the edition has no such call";
    default:
      return formatStopped(outcome);
  }
}

function judgeLast(expectation: LastForm, { machine, names, last }: Evidence): Judgement {
  if (last === null) return failed("no call ran before");
  const actual = describeEnd(last);
  const { outcome } = last;
  const equals = (found: Value, operand: Operand): boolean => {
    const wanted = valueOf(operand, names, machine);
    return wanted !== null && areEqual(found, wanted);
  };
  switch (expectation.form) {
    case "last-returns": {
      if (outcome.kind !== "returned") return failed(actual);
      const { value } = outcome;
      const wanted = expectation.value;
      return judgement(wanted === null ? value.kind === "nothing" : equals(value, wanted), actual);
    }
    case "last-asserts": {
      const isAssertion = outcome.kind === "assertion-failed";
      return judgement(isAssertion && formatStopped(outcome).includes(expectation.text), actual);
    }
    case "last-faults": {
      if (outcome.kind !== "fault") return failed(actual);
      const found: Value = { kind: "address", value: outcome.address };
      return judgement(expectation.at === null || equals(found, expectation.at), actual);
    }
    case "last-is-undefined":
      return judgement(outcome.kind === "undefined-behaviour", actual);
  }
}

type SubjectForm = Extract<Expectation, { readonly subject: Operand }>;

function describeOperand(operand: Operand, names: Names, machine: Machine): string {
  const name = printOperand(operand, "value");
  const value = valueOf(operand, names, machine);
  if (value !== null) return `${name} is ${describeValue(value)}`;
  const why = machine.stopped === null ? "its call returned none" : "the machine was stopped";
  return `${name} has no value: ${why}`;
}

function judgeSubject(expectation: SubjectForm, evidence: Evidence): Judgement {
  const { machine, names } = evidence;
  const { subject } = expectation;
  const actual = describeOperand(subject, names, machine);
  const value = valueOf(subject, names, machine);
  if (value === null) return failed(actual);
  switch (expectation.form) {
    case "compares": {
      const { comparison, to } = expectation;
      const other = valueOf(to, names, machine);
      const both = to.kind === "name"
        ? `${actual}, ${describeOperand(to, names, machine)}`
        : actual;
      return judgement(other !== null && compareValues(value, comparison, other), both);
    }
    case "is-null":
      return judgement(isNullPointer(value), actual);
    case "is-aligned":
      return judgement(isNumber(value) && value.value % expectation.alignment === 0n, actual);
    default:
      return judgeFrame(expectation, machine, actual, value);
  }
}

type FrameForm = Extract<Expectation, { readonly form: "in-area" | "has-order" | "has-status" }>;

function judgeFrame(
  expectation: FrameForm,
  machine: Machine,
  actual: string,
  value: Value,
): Judgement {
  const isInside = areaTest(expectation.form === "in-area" ? expectation.area : null, machine);
  const frame = isNumber(value) ? frameAt(machine, value.value) : null;
  if (frame === null) return failed(`${actual}, in no area`);
  const { area, state } = frame;
  if (expectation.form === "in-area") {
    return judgement(isInside(zoneOf(area)), `${actual}, in ${describeArea(machine, area)}`);
  }
  if (state === null) return failed(`${actual}, and the edition keeps no page states`);
  const described = `${actual}, ${state.status}, of order ${state.order}`;
  const holds = expectation.form === "has-order"
    ? state.order === expectation.order
    : state.status === expectation.status;
  return judgement(holds, described);
}

type BytesForm = Extract<Expectation, { readonly form: "bytes" }>;

function byteText(byte: number): string {
  return hex(byte).slice(2).padStart(2, "0");
}

function judgeBytes(expectation: BytesForm, { machine, names }: Evidence): Judgement {
  const start = valueOf(expectation.address, names, machine);
  if (start === null || !isNumber(start)) {
    return failed(describeOperand(expectation.address, names, machine));
  }
  const found = expectation.bytes.map((_, index) => {
    const address = wrapToWord(machine.arch.wordBits, start.value + BigInt(index));
    const physical = physicalOf(machine, address);
    return physical === null ? null : machine.ram.peekByte(physAddr(physical));
  });
  const holds = found.every((byte, index) => byte === expectation.bytes[index]);
  const shown = found.map((byte) => byte === null ? "--" : byteText(byte)).join(" ");
  return judgement(holds, `bytes ${describeValue(start)} are ${shown}`);
}
