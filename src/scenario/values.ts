/**
 * Values of results: comparing them, and saying what they are.
 *
 * @module
 */

import { hex } from "./numbers.ts";
import { QUANTITIES } from "./quantities.ts";
import type { Comparison, Value } from "./types.ts";

/** A value that is a number. */
export type NumberValue = Extract<Value, { readonly value: bigint }>;

/**
 * A value in words.
 *
 * @param value the value
 * @returns such as `0x1000`, `-1`, `null` or `nothing`
 */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case "address":
      return hex(value.value);
    case "integer":
      return QUANTITIES.value.print(value.value);
    case "null":
    case "nothing":
      return value.kind;
  }
}

/**
 * Tells whether a value is a number: an address or an integer.
 *
 * @param value the value
 * @returns false for null and nothing
 */
export function isNumber(value: Value): value is NumberValue {
  return value.kind === "address" || value.kind === "integer";
}

/**
 * Tells whether a value is a null pointer. The integer 0 is none: it is a status, or what memory holds.
 *
 * @param value the value
 * @returns true for null and for address 0
 */
export function isNullPointer(value: Value): boolean {
  return value.kind === "null" || (value.kind === "address" && value.value === 0n);
}

/**
 * Tells whether two values are equal.
 *
 * @param one a value
 * @param other another
 * @returns true for two equal numbers, two null pointers, and twice nothing
 */
export function areEqual(one: Value, other: Value): boolean {
  if (isNumber(one) && isNumber(other)) return one.value === other.value;
  if (one.kind === "nothing" || other.kind === "nothing") return one.kind === other.kind;
  return isNullPointer(one) && isNullPointer(other);
}

/**
 * Tells whether two values relate in a way.
 *
 * @param one a value
 * @param comparison the way
 * @param other another value
 * @returns false where one is no number and the way is an order
 */
export function compareValues(one: Value, comparison: Comparison, other: Value): boolean {
  switch (comparison) {
    case "==":
    case "at":
      return areEqual(one, other);
    case "!=":
      return !areEqual(one, other);
    case "below":
      return isNumber(one) && isNumber(other) && one.value < other.value;
    case "above":
      return isNumber(one) && isNumber(other) && one.value > other.value;
  }
}
