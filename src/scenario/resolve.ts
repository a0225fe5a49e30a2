/**
 * From what a scenario writes to what a machine is given: values, flags, areas.
 *
 * @module
 */

import { areaMaskOfName } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { requestFlags } from "../request_flags.ts";
import { wrapToWord } from "../word.ts";
import type { CallRow } from "./call_row.ts";
import { hex } from "./numbers.ts";
import { QUANTITIES } from "./quantities.ts";
import type { QuantityName } from "./quantities.ts";
import type { CallOptions, Operand, Value } from "./types.ts";
import { alternatives, nearestWord, quotedWord } from "./words.ts";

/** The values that names have at a step. */
export type Names = ReadonlyMap<string, Value>;

/**
 * The value of an operand.
 *
 * @param operand the operand
 * @param names the values of names
 * @param machine the machine, in whose words an address with an offset wraps round
 * @returns the value; null if the name has none
 */
export function valueOf(operand: Operand, names: Names, machine: Machine): Value | null {
  if (operand.kind === "null") return { kind: "null" };
  if (operand.kind === "number") return { kind: "integer", value: operand.value };
  const value = names.get(operand.name);
  if (value === undefined || value.kind === "nothing") return null;
  if (operand.offset === 0n) return value;
  const start = value.kind === "null" ? 0n : value.value;
  return { kind: "address", value: wrapToWord(machine.arch.wordBits, start + operand.offset) };
}

/**
 * The argument of a call.
 *
 * @param operand the operand
 * @param quantity what the parameter is
 * @param names the values of names
 * @param machine the machine
 * @returns the number that the call is given
 * @throws {RangeError} if the name has no value, or the machine's word cannot hold it
 */
export function argumentOf(
  operand: Operand,
  quantity: QuantityName,
  names: Names,
  machine: Machine,
): bigint {
  const found = valueOf(operand, names, machine);
  if (found === null) {
    const name = operand.kind === "name" ? operand.name : "";
    throw new RangeError(
      `Cannot use ${quotedWord(name)}: the name must have a value, and its call did not return one`,
    );
  }
  const value = found.kind === "null" || found.kind === "nothing" ? 0n : found.value;
  const { noun, width } = QUANTITIES[quantity];
  const { name, wordBits } = machine.arch;
  if (width === "word" && value !== wrapToWord(wordBits, value)) {
    throw new RangeError(
      `Cannot use ${hex(value)}: ${noun} must fit ${wordBits} bits, the width of a word on ${name}`,
    );
  }
  return value;
}

/**
 * The bits that the name of an area stands for.
 *
 * @param machine the machine
 * @param name a zone's name or an alias, in capitals or not, or `areaN`
 * @returns the mask
 * @throws {RangeError} if the machine has no such area
 */
export function areaMaskOf(machine: Machine, name: string): number {
  const table = areaTableOf(machine.arch, machine.edition);
  const slot = /^area(\d{1,2})$/.exec(name)?.[1];
  const isSlot = slot !== undefined && Number(slot) < 32;
  const mask = isSlot ? 2 ** Number(slot) : areaMaskOfName(table, name.toUpperCase());
  if (mask !== null) return mask;
  const known = [...table.zones, ...table.aliases].map((zone) => zone.name);
  const nearest = nearestWord(name, known);
  const hint = nearest === null ? "" : `; the nearest is ${quotedWord(nearest)}`;
  throw new RangeError(
    `Cannot find area ${quotedWord(name)} on ${machine.arch.name}: it must be ${
      alternatives([...known, "areaN"])
    }${hint}`,
  );
}

/** The sum of masks, each bit once. */
function unionOf(masks: readonly number[]): number {
  return Number(masks.reduce((all, mask) => all | BigInt(mask), 0n));
}

/**
 * The flags that a request is given.
 *
 * @param options the options as the scenario has them
 * @param row the call
 * @param machine the machine
 * @returns the number; 0 for a call without options
 * @throws {RangeError} if the machine has no such area
 */
export function flagsOf(options: CallOptions, row: CallRow, machine: Machine): number {
  if (row.options.length === 0) return 0;
  if (options.flags !== null) return options.flags;
  const masks = options.areas.map((name) => areaMaskOf(machine, name));
  return requestFlags(machine.edition, {
    areasMask: masks.length === 0 ? null : unionOf(masks),
    dontZero: options.dontzero,
    fresh: options.fresh,
  });
}
