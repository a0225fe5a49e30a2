/**
 * The calls of the page allocator.
 *
 * @module
 */

import { reservationOf } from "../alloc_page/mod.ts";
import type { StackCall } from "../check/stack_rules/mod.ts";
import type { Edition } from "../edition.ts";
import { declareRam } from "../machine.ts";
import { pageCount, pfn, physAddr, virtAddr } from "../units.ts";
import {
  addressValue,
  argument,
  integerValue,
  NOTHING,
  numberArgument,
  OPTION_NAMES,
  PAGE_CALL,
  required,
} from "./call_row.ts";
import type { CallInput, CallRow, Parameter } from "./call_row.ts";
import { hex } from "./numbers.ts";
import type { Value } from "./types.ts";

function runFree(input: CallInput): Value {
  input.machine.pages.freePages(virtAddr(argument(input, 0)));
  return NOTHING;
}

/** What a release is to the rules about malloc, whose frames are not the scenario's to free. */
function freedPages(input: CallInput): StackCall {
  const address = argument(input, 0);
  return address === 0n ? PAGE_CALL : { kind: "free-pages", address };
}

function canReserve(edition: Edition): boolean {
  return reservationOf(edition) !== null;
}

function runReserve(input: CallInput): Value {
  const address = physAddr(argument(input, 0));
  const result = input.machine.pages.reservePages(address, pageCount(numberArgument(input, 1)));
  if (typeof result === "number") return integerValue(result);
  return addressValue(result);
}

function runInitArea(input: CallInput): Value {
  const [first, top] = [pfn(numberArgument(input, 1)), pfn(numberArgument(input, 2))];
  input.machine.pages.initArea(numberArgument(input, 0), first, top);
  return NOTHING;
}

function runArea(input: CallInput): Value {
  const [first, top] = [pfn(numberArgument(input, 1)), pfn(numberArgument(input, 2))];
  if (input.machine.platform !== null) {
    throw new RangeError(
      `Cannot declare RAM at frame ${
        hex(first)
      }: the machine has the memory that ram=, map= or boot ` +
        "give it, hand frames of it over with page_alloc_init_area",
    );
  }
  if (top > first) declareRam(input.machine, first, top);
  return runInitArea(input);
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

const ROWS: readonly CallRow[] = [
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
    run: (input) =>
      addressValue(input.machine.pages.allocPages(numberArgument(input, 0), input.flags)),
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
    stackCall: freedPages,
    run: runFree,
  },
  {
    name: "free_pages",
    parameters: BLOCK,
    options: [],
    result: "nothing",
    help: "frees a block",
    stackCall: freedPages,
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
      input.machine.pages.unreservePages(address, pageCount(numberArgument(input, 1)));
      return NOTHING;
    },
  },
];

/** The calls of the page allocator, in the order of the documentation. */
export const PAGE_CALLS: readonly CallRow[] = ROWS.map((row) => ({
  stackCall: (): StackCall => PAGE_CALL,
  ...row,
}));
