/**
 * What the tests share: small machines, and their state as text.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { archNamed, X86_64 } from "../arch/mod.ts";
import {
  ANY_AREA,
  type Arch,
  createMachine,
  declareRam,
  type Edition,
  editionNamed,
  type Engine,
  formatStopped,
  type Machine,
  type Outcome,
  outcomeOf,
  pfn,
  requestFlags,
} from "../mod.ts";

/** The edition of a name or commit that exists. */
export function edition(name: string): Edition {
  const found = editionNamed(name);
  if (found === null) throw new RangeError(`Cannot test edition ${name}: there is none`);
  return found;
}

/** The architecture of a name that exists. */
export function arch(name: string): Arch {
  const found = archNamed(name);
  if (found === null) throw new RangeError(`Cannot test architecture ${name}: there is none`);
  return found;
}

/**
 * A bare machine with one range of frames handed over to any area. It runs on the literal engine, which is
 * the specification; `engine=auto` is compared with it elsewhere.
 */
export function bareMachine(
  first: number,
  top: number,
  options: { edition?: Edition; arch?: Arch; engine?: Engine } = {},
): Machine {
  const machine = createMachine({
    arch: options.arch ?? X86_64,
    edition: options.edition ?? edition("head"),
    engine: options.engine ?? "literal",
  });
  addRange(machine, first, top);
  return machine;
}

/** Hands one more range of frames over. */
export function addRange(machine: Machine, first: number, top: number, area = ANY_AREA): void {
  declareRam(machine, pfn(first), pfn(top));
  machine.pages.initArea(area, pfn(first), pfn(top));
}

/** The flags of a request in the machine's edition. */
export function flags(
  machine: Machine,
  wishes: { areasMask?: number; dontZero?: boolean; fresh?: boolean } = {},
): number {
  return requestFlags(machine.edition, {
    areasMask: wishes.areasMask ?? null,
    dontZero: wishes.dontZero ?? false,
    fresh: wishes.fresh ?? false,
  });
}

/** An outcome as a word or a line: an address, an integer, `void`, or how it was stopped. */
export function told(outcome: Outcome<unknown>): string {
  if (outcome.kind !== "returned") return formatStopped(outcome);
  const { value } = outcome;
  if (value === undefined) return "void";
  return typeof value === "bigint" ? `0x${value.toString(16)}` : String(value);
}

/** Runs modelled code and tells how it ended. */
export function tell(action: () => unknown): string {
  return told(outcomeOf(action));
}

/** The page states of the first area as text: `0*1 82*4`, in hex. */
export function states(machine: Machine): string {
  return (machine.pages.areas()[0]?.states ?? [])
    .map(({ state, count }) => `${state.toString(16)}*${count}`).join(" ");
}

/** The free lists of the first area as text: `0:1009,1008 2:100c`, in hex, from the front. */
export function lists(machine: Machine): string {
  return (machine.pages.areas()[0]?.freeLists ?? []).map(({ order, forward }) => {
    const end = forward.end.kind === "own-head" ? "" : ` then ${forward.end.kind}`;
    return `${order}:${forward.pfns.map((frame) => frame.toString(16)).join(",")}${end}`;
  }).join(" ");
}

/** Expects page states and free lists. */
export function assertState(machine: Machine, wanted: { states: string; lists: string }): void {
  assertEquals({ states: states(machine), lists: lists(machine) }, wanted);
}
