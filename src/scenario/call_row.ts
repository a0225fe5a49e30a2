/**
 * What a call of a scenario is, and what the tables of calls share.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import type { StackCall } from "../check/stack_rules/mod.ts";
import type { Edition } from "../edition.ts";
import { afterStep } from "../host/mod.ts";
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
  /**
   * Its name, upstream's where it has one; what the host does has several words. A word in capitals is a
   * parameter that stands there, one of the first ones.
   */
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

/** The first word of what the host does. */
export const HOST_WORD = "host";

/** Tells whether a call is what the host does, or a driver for it. */
export function isHostCall(name: string): boolean {
  return name.startsWith(`${HOST_WORD} `);
}

/** The parts of a call's name. */
export function wordsOf(row: CallRow): string[] {
  return row.name.split(" ");
}

/** Tells whether a part of a call's name is a parameter. */
export function isPlace(word: string): boolean {
  return word === word.toUpperCase();
}

/**
 * A call as it is written.
 *
 * @param row the call
 * @param args its arguments, in order, as they are written
 * @returns the words, those in the places of the name included
 */
export function writtenWith(row: CallRow, args: readonly string[]): string[] {
  if (!isHostCall(row.name)) return [row.name, ...args];
  const rest = [...args];
  const name = wordsOf(row).map((word) => isPlace(word) ? rest.shift() ?? word : word);
  return [...name, ...rest];
}

/**
 * Runs a call, and behind it what the host does every so many calls.
 *
 * @param row the call
 * @param input what it is given
 * @returns what it gives back
 */
export function runCall(row: CallRow, input: CallInput): Value {
  const value = row.run(input);
  if (!isHostCall(row.name)) afterStep(input.machine);
  return value;
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
