/**
 * What a call of a scenario is, and what the tables of calls share.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import type { StackCall } from "../check/stack_rules/mod.ts";
import type { Edition } from "../edition.ts";
import type { Machine } from "../machine.ts";
import type { QuantityName } from "./quantities.ts";
import type { Value } from "./types.ts";

/** A parameter of a call. */
export interface Parameter {
  /** Its name, in capitals. */
  readonly name: string;
  /** What it is. */
  readonly quantity: QuantityName;
  /** Whether it can be left out. */
  readonly presence: "required" | "optional";
}

/** The options that a call may have. */
export type OptionName = "area" | "fresh" | "dontzero" | "flags";

/** All options, in the order in which they are written. */
export const OPTION_NAMES: readonly OptionName[] = ["area", "dontzero", "fresh", "flags"];

/** What a call gives back. `status` is 0 or -1, or an address or null in early editions. */
export type ResultKind = "address" | "integer" | "status" | "nothing";

/** What a call is given when it runs. */
export interface CallInput {
  /** The machine. */
  readonly machine: Machine;
  /** The arguments, resolved; an optional one may be missing. */
  readonly args: readonly bigint[];
  /** The request flags, for calls that have options. */
  readonly flags: number;
}

/** A call. */
export interface CallRow {
  /** Its name, upstream's where it has one. */
  readonly name: string;
  /** Its parameters, in order. */
  readonly parameters: readonly Parameter[];
  /** The options that it may have. */
  readonly options: readonly OptionName[];
  /** What it gives back. */
  readonly result: ResultKind;
  /** What it does, in a line. */
  readonly help: string;
  /** Tells whether an edition on an architecture has it; absent if all have. */
  readonly isIn?: (edition: Edition, arch: Arch) => boolean;
  /** What it is to the rules about malloc and vmalloc; absent if they know nothing about it. */
  readonly stackCall?: (input: CallInput) => StackCall;
  /** Runs it: modelled code, inside `runOnMachine`. */
  readonly run: (input: CallInput) => Value;
}

/** The result of a call that is `void`. */
export const NOTHING: Value = { kind: "nothing" };

/** What a call is to the rules about malloc and vmalloc if it does nothing to what they know. */
export const PAGE_CALL: StackCall = { kind: "page-call" };

/** The result of a call that gives a pointer. */
export function addressValue(address: bigint | null): Value {
  return address === null ? { kind: "null" } : { kind: "address", value: address };
}

/** The result of a call that gives an `int`. */
export function integerValue(value: number | bigint): Value {
  return { kind: "integer", value: BigInt(value) };
}

/** A parameter that must be given. */
export function required(name: string, quantity: QuantityName): Parameter {
  return { name, quantity, presence: "required" };
}

/** A parameter that may be left out. */
export function optional(name: string, quantity: QuantityName): Parameter {
  return { name, quantity, presence: "optional" };
}

/** An argument that the parser has made sure of. */
export function argument(input: CallInput, index: number): bigint {
  return input.args[index] ?? 0n;
}

/** An argument that is a number of frames or the like, far below 2^53. */
export function numberArgument(input: CallInput, index: number): number {
  return Number(argument(input, index));
}
