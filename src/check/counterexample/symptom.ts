/**
 * Symptoms: by what two violations count as the same finding.
 *
 * A rule alone is too coarse, because one rule can be broken by defects that have nothing in common; a
 * scenario is too fine.
 *
 * @module
 */

import { descriptorLayout } from "../../alloc_page/mod.ts";
import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import type { Stopped } from "../../outcome.ts";
import { flagValuesOf } from "../../request_flags.ts";
import { CALL_RULES } from "../invariants/mod.ts";
import { lossOf, STACK_CALL_RULES } from "../stack_rules/mod.ts";
import type { RuleName, Violation } from "../invariants/mod.ts";

/** A rule that was broken, and how. */
export interface Symptom {
  /** The rule. */
  readonly rule: RuleName;
  /** The kind of call after which it was broken first. */
  readonly call: string;
  /** Where the modelled code stopped: an assertion, a fault, undefined behaviour; null if it returned. */
  readonly stop: string | null;
}

/** A rule that was broken by a step. */
export interface Sighting {
  /** The number of the step. */
  readonly step: number;
  /** By what it is known. */
  readonly symptom: Symptom;
  /** What is the case instead. */
  readonly violation: Violation;
  /** Why the machine is stopped; null if it runs. */
  readonly stopped: Stopped | null;
}

/**
 * Tells whether a rule, once broken, stays broken: only the step that broke it is to blame.
 *
 * @param rule the rule
 * @returns true for the rules about states, and the one about frames that are lost
 */
export function isLasting(rule: RuleName): boolean {
  return rule === "frames are conserved" || !(rule in CALL_RULES || rule in STACK_CALL_RULES);
}

/** A call as far as its kind depends on it. */
export interface CallShape {
  /** Its name. */
  readonly call: string;
  /** Its arguments, in order. */
  readonly numbers: readonly bigint[];
  /** Whether a fresh block is asked for. */
  readonly fresh: "yes" | "no";
}

/** Where it is made. */
export interface CallPlace {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
}

/**
 * What kind of call it is, where calls of one name fail in different ways.
 *
 * @param place where it is made
 * @param shape the call
 * @returns such as `alloc_pages of a fresh block`
 */
export function kindOfCall(place: CallPlace, { call, numbers, fresh }: CallShape): string {
  const { arch, edition, pageShift } = place;
  const [one = 0n, two = 0n] = numbers;
  const isFresh = fresh === "yes" && flagValuesOf(edition).fresh !== 0;
  switch (call) {
    case "alloc_page":
    case "alloc_pages": {
      const { listCount } = descriptorLayout(arch, edition, pageShift);
      if (one >= BigInt(listCount)) return "alloc_pages of an order that no list has";
      return isFresh ? "alloc_pages of a fresh block" : "alloc_pages";
    }
    case "memalign_pages": {
      const wraps = two > (1n << BigInt(arch.wordBits)) - (1n << BigInt(pageShift));
      if (wraps) return "memalign_pages of a size that wraps";
      return isFresh ? "memalign_pages of a fresh block" : "memalign_pages";
    }
    case "free_page":
    case "free_pages":
      return one === 0n ? "free_pages of NULL" : "free_pages";
    case "reserve_pages":
      return two === 0n ? "reserve_pages of nothing" : "reserve_pages";
    default:
      return call;
  }
}

/**
 * What stands in place of a call where the end of a scenario is judged.
 *
 * @param violation what is the case instead
 * @returns such as `expect nothing lost (frames)`
 */
export function kindOfEnd(violation: Violation): string {
  return `expect nothing lost (${lossOf(violation)})`;
}

/**
 * Where the modelled code stopped, without what differs from one scenario to the next.
 *
 * @param stopped why it stopped
 * @returns such as `split: assert failed: order`
 */
export function stopText(stopped: Stopped): string {
  switch (stopped.kind) {
    case "assertion-failed":
      return `${stopped.source.function}: assert failed: ${stopped.expression}`;
    case "fault":
      return `${stopped.by}: ${stopped.access.kind}: ${stopped.reason}`;
    case "undefined-behaviour":
      return `${stopped.source.function}: undefined behaviour`;
  }
}

/**
 * A symptom as one text: two symptoms are the same if their texts are.
 *
 * @param symptom the symptom
 * @returns such as `max order is a bound, after free_pages`
 */
export function symptomText({ rule, call, stop }: Symptom): string {
  return `${rule}, after ${call}${stop === null ? "" : ` (${stop})`}`;
}
