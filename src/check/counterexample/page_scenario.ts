/**
 * What was done to a page allocator, as a scenario that can be pasted.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { areaTableOf } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import type { PowerOn } from "../../memory/mod.ts";
import type { RequestWishes } from "../../request_flags.ts";
import { NO_OPTIONS } from "../../scenario/mod.ts";
import type {
  CallOptions,
  CallStatement,
  ExpectStatement,
  MachineStatement,
  Operand,
  Scenario,
} from "../../scenario/mod.ts";
import type { CallValue } from "../invariants/mod.ts";
import type { PageOp } from "./page_op.ts";

/** The machine that it was done to. */
export interface PageWorld {
  /** The architecture. */
  readonly arch: Arch;
  /** The edition. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** What RAM held at first. */
  readonly powerOn: PowerOn;
}

/** What stands behind everything if the end is to be judged. */
export const EXPECT_NOTHING_LOST: ExpectStatement = {
  kind: "expect",
  expectation: { form: "nothing-lost" },
};

/** Something that was done, and what it returned. */
export interface PageStep {
  /** What was done. */
  readonly op: PageOp;
  /** What it returned; undefined too if it did not return. */
  readonly value: CallValue;
}

function machineOf({ arch, edition, pageShift, powerOn }: PageWorld): MachineStatement {
  return {
    kind: "machine",
    arch: arch.name,
    edition: edition.name,
    ...(pageShift === arch.pageShifts[0] ? {} : { pageSize: 1n << BigInt(pageShift) }),
    ...(powerOn.kind === "zero" ? {} : { powerOn }),
  };
}

/** The names of the zones of a mask. */
function areasOf({ arch, edition }: PageWorld, mask: number | null): string[] {
  if (mask === null) return [];
  const { zones } = areaTableOf(arch, edition);
  const numbers = Array.from({ length: 16 }, (_, index) => index)
    .filter((index) => Math.floor(mask / 2 ** index) % 2 === 1);
  return numbers.map((number) =>
    zones.find(({ area }) => area === number)?.name ?? `area${number}`
  );
}

function optionsOf(world: PageWorld, wishes: RequestWishes): CallOptions {
  const { fresh, dontZero: dontzero } = wishes;
  return { areas: areasOf(world, wishes.areasMask), fresh, dontzero, flags: null };
}

function number(value: bigint | number): Operand {
  return { kind: "number", value: BigInt(value) };
}

/** Gives names to what is allocated, and finds them again. */
class Names {
  readonly #names: Map<bigint, string> = new Map();
  #count = 0;

  /** A name for a new block. */
  give(address: bigint): string {
    const name = `p${++this.#count}`;
    this.#names.set(address, name);
    return name;
  }

  /** A block, by its name if it has one. */
  operand(address: bigint): Operand {
    if (address === 0n) return { kind: "null" };
    const name = this.#names.get(address);
    return name === undefined ? number(address) : { kind: "name", name, offset: 0n };
  }
}

function callOf(world: PageWorld, { op, value }: PageStep, names: Names): CallStatement {
  const statement = (call: string, ...args: Operand[]): CallStatement => {
    return { kind: "call", mode: "run", result: null, call, args, options: NO_OPTIONS };
  };
  switch (op.kind) {
    case "init-area":
      return statement("area", number(op.area), number(op.start), number(op.top));
    case "alloc-pages":
    case "memalign-pages": {
      const result = typeof value === "bigint" ? names.give(value) : null;
      const options = optionsOf(world, op.wishes);
      return op.kind === "alloc-pages"
        ? { ...statement("alloc_pages", number(op.order)), result, options }
        : {
          ...statement("memalign_pages", number(op.alignment), number(op.size)),
          result,
          options,
        };
    }
    case "free-pages":
      return statement("free_pages", names.operand(op.address));
    case "reserve-pages":
      return statement("reserve_pages", number(op.address), number(op.count));
    case "unreserve-pages":
      return statement("unreserve_pages", number(op.address), number(op.count));
    case "fill":
      return statement("fill", names.operand(op.address), number(op.size), number(op.byte));
  }
}

/**
 * Writes down what was done to a page allocator.
 *
 * @param world the machine
 * @param steps what was done, in order
 * @returns the scenario; the step of index n is its statement n + 1
 */
export function pageScenario(world: PageWorld, steps: readonly PageStep[]): Scenario {
  const names = new Names();
  return { statements: [machineOf(world), ...steps.map((step) => callOf(world, step, names))] };
}
