/**
 * The calls that stand for what test code does to memory.
 *
 * @module
 */

import type { StackCall } from "../check/stack_rules/mod.ts";
import type { AccessSize } from "../memory/mod.ts";
import { byteCount, virtAddr } from "../units.ts";
import { wordBytes } from "../word.ts";
import {
  argument,
  integerValue,
  NOTHING,
  numberArgument,
  optional,
  PAGE_CALL,
  required,
} from "./call_row.ts";
import type { CallInput, CallRow } from "./call_row.ts";
import { hex } from "./numbers.ts";
import type { Value } from "./types.ts";

/** How wide an access is: as the last argument says, or a word. */
function widthOf(input: CallInput, index: number): AccessSize {
  switch (input.args[index]) {
    case undefined:
      return wordBytes(input.machine.arch.wordBits);
    case 1n:
      return 1;
    case 2n:
      return 2;
    case 4n:
      return 4;
    default:
      return 8;
  }
}

const BY = "the scenario";

/** What a store is to the rules about malloc. */
function userWrite(input: CallInput, size: bigint): StackCall {
  return { kind: "user-write", address: argument(input, 0), size };
}

function runWrite(input: CallInput): Value {
  const value = argument(input, 1);
  const width = widthOf(input, 2);
  const bits = BigInt(8 * width);
  if (value >= 1n << bits || value < -(1n << (bits - 1n))) {
    throw new RangeError(
      `Cannot write ${hex(value)} at ${hex(argument(input, 0))}: the value must fit ${bits} bits`,
    );
  }
  input.machine.space.write(virtAddr(argument(input, 0)), width, BigInt.asUintN(64, value), BY);
  return NOTHING;
}

function runRead(input: CallInput): Value {
  const value = input.machine.space.read(virtAddr(argument(input, 0)), widthOf(input, 1), BY);
  return integerValue(value);
}

function runFill(input: CallInput): Value {
  const [address, length] = [virtAddr(argument(input, 0)), byteCount(argument(input, 1))];
  input.machine.space.fill(address, length, numberArgument(input, 2), BY);
  return NOTHING;
}

const WIDTH = optional("BYTES", "width");

/** The calls for memory, in the order of the documentation. */
export const MEMORY_CALLS: readonly CallRow[] = [
  {
    name: "write",
    parameters: [required("ADDRESS", "address"), required("VALUE", "value"), WIDTH],
    options: [],
    result: "nothing",
    help: "stores VALUE in BYTES bytes, or in a word",
    stackCall: (input) => userWrite(input, BigInt(widthOf(input, 2))),
    run: runWrite,
  },
  {
    name: "read",
    parameters: [required("ADDRESS", "address"), WIDTH],
    options: [],
    result: "integer",
    help: "loads BYTES bytes, or a word",
    stackCall: () => PAGE_CALL,
    run: runRead,
  },
  {
    name: "fill",
    parameters: [
      required("ADDRESS", "address"),
      required("LENGTH", "size"),
      required("BYTE", "byte"),
    ],
    options: [],
    result: "nothing",
    help: "stores BYTE in LENGTH bytes, as memset does",
    stackCall: (input) => userWrite(input, argument(input, 1)),
    run: runFill,
  },
];
