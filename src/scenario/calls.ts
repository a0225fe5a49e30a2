/**
 * The calls of a scenario: one row each. A further call is a further row.
 *
 * @module
 */

import { reservationOf } from "../alloc_page/mod.ts";
import type { Edition } from "../edition.ts";
import { declareRam } from "../machine.ts";
import type { Machine } from "../machine.ts";
import type { AccessSize } from "../memory/mod.ts";
import { byteCount, pageCount, pfn, physAddr, virtAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { wordBytes } from "../word.ts";
import { hex } from "./numbers.ts";
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
  /** Tells whether an edition has it; absent if all have. */
  readonly isIn?: (edition: Edition) => boolean;
  /** Runs it: modelled code, inside `runOnMachine`. */
  readonly run: (input: CallInput) => Value;
}

const NOTHING: Value = { kind: "nothing" };

function addressValue(address: VirtAddr | null): Value {
  return address === null ? { kind: "null" } : { kind: "address", value: address };
}

function required(name: string, quantity: QuantityName): Parameter {
  return { name, quantity, presence: "required" };
}

/** An argument that the parser has made sure of. */
function argument(input: CallInput, index: number): bigint {
  return input.args[index] ?? 0n;
}

function frames(input: CallInput, index: number): number {
  return Number(argument(input, index));
}

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

function runFree(input: CallInput): Value {
  input.machine.pages.freePages(virtAddr(argument(input, 0)));
  return NOTHING;
}

function canReserve(edition: Edition): boolean {
  return reservationOf(edition) !== null;
}

function runReserve(input: CallInput): Value {
  const address = physAddr(argument(input, 0));
  const result = input.machine.pages.reservePages(address, pageCount(frames(input, 1)));
  if (typeof result === "number") return { kind: "integer", value: BigInt(result) };
  return addressValue(result);
}

function runInitArea(input: CallInput): Value {
  const [first, top] = [pfn(frames(input, 1)), pfn(frames(input, 2))];
  input.machine.pages.initArea(frames(input, 0), first, top);
  return NOTHING;
}

function runArea(input: CallInput): Value {
  const [first, top] = [pfn(frames(input, 1)), pfn(frames(input, 2))];
  if (top > first) declareRam(input.machine, first, top);
  return runInitArea(input);
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
  return { kind: "integer", value };
}

function runFill(input: CallInput): Value {
  const [address, length] = [virtAddr(argument(input, 0)), byteCount(argument(input, 1))];
  input.machine.space.fill(address, length, frames(input, 2), BY);
  return NOTHING;
}

const AREA_PARAMETERS: readonly Parameter[] = [
  required("AREA", "area"),
  required("FIRST", "pfn"),
  required("TOP", "pfn"),
];
const BLOCK: readonly Parameter[] = [required("ADDRESS", "address")];
const FRAMES: readonly Parameter[] = [
  required("ADDRESS", "physical address"),
  required("COUNT", "count"),
];
const WIDTH: Parameter = { name: "BYTES", quantity: "width", presence: "optional" };

/** The calls, in the order of the documentation. */
export const CALLS: readonly CallRow[] = [
  {
    name: "area",
    parameters: AREA_PARAMETERS,
    options: [],
    result: "nothing",
    help: "puts RAM at frames [FIRST, TOP) and hands it to area AREA, or to any",
    run: runArea,
  },
  {
    name: "page_alloc_init_area",
    parameters: AREA_PARAMETERS,
    options: [],
    result: "nothing",
    help: "hands frames [FIRST, TOP) to area AREA, or to any, whether RAM is there or not",
    run: runInitArea,
  },
  {
    name: "alloc_page",
    parameters: [],
    options: OPTION_NAMES,
    result: "address",
    help: "allocates one frame",
    run: ({ machine, flags }) => addressValue(machine.pages.allocPages(0, flags)),
  },
  {
    name: "alloc_pages",
    parameters: [required("ORDER", "order argument")],
    options: OPTION_NAMES,
    result: "address",
    help: "allocates a block of 2^ORDER frames",
    run: (input) => addressValue(input.machine.pages.allocPages(frames(input, 0), input.flags)),
  },
  {
    name: "memalign_pages",
    parameters: [required("ALIGNMENT", "size"), required("SIZE", "size")],
    options: OPTION_NAMES,
    result: "address",
    help: "allocates a block that holds SIZE bytes, at a multiple of ALIGNMENT bytes",
    run: (input) => {
      const [alignment, size] = [argument(input, 0), argument(input, 1)];
      return addressValue(input.machine.pages.memalignPages(alignment, size, input.flags));
    },
  },
  {
    name: "free_page",
    parameters: BLOCK,
    options: [],
    result: "nothing",
    help: "frees a block; the same as free_pages",
    run: runFree,
  },
  {
    name: "free_pages",
    parameters: BLOCK,
    options: [],
    result: "nothing",
    help: "frees a block",
    run: runFree,
  },
  {
    name: "reserve_pages",
    parameters: FRAMES,
    options: [],
    result: "status",
    help: "takes COUNT given frames out of use; in early editions alloc_pages_special",
    isIn: canReserve,
    run: runReserve,
  },
  {
    name: "unreserve_pages",
    parameters: FRAMES,
    options: [],
    result: "nothing",
    help: "gives COUNT reserved frames back; in early editions free_pages_special",
    isIn: canReserve,
    run: (input) => {
      const address = physAddr(argument(input, 0));
      input.machine.pages.unreservePages(address, pageCount(frames(input, 1)));
      return NOTHING;
    },
  },
  {
    name: "write",
    parameters: [required("ADDRESS", "address"), required("VALUE", "value"), WIDTH],
    options: [],
    result: "nothing",
    help: "stores VALUE in BYTES bytes, or in a word",
    run: runWrite,
  },
  {
    name: "read",
    parameters: [required("ADDRESS", "address"), WIDTH],
    options: [],
    result: "integer",
    help: "loads BYTES bytes, or a word",
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
    run: runFill,
  },
];

const CALLS_BY_NAME: ReadonlyMap<string, CallRow> = new Map(CALLS.map((row) => [row.name, row]));

/**
 * Finds a call.
 *
 * @param name its name
 * @returns the row, or null if there is none
 */
export function callNamed(name: string): CallRow | null {
  return CALLS_BY_NAME.get(name) ?? null;
}

/**
 * How a call is written.
 *
 * @param row the call
 * @returns such as `write ADDRESS VALUE [BYTES]`
 */
export function usageOf(row: CallRow): string {
  const parameters = row.parameters.map(({ name, presence }) =>
    presence === "optional" ? `[${name}]` : name
  );
  return [row.name, ...parameters].join(" ");
}
