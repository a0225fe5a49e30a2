/**
 * Replaying what a search found on the literal engine, and writing it down as a scenario.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import type { Edition } from "../../edition.ts";
import { createMachine, declareRam } from "../../machine.ts";
import type { Machine } from "../../machine.ts";
import { NO_OPTIONS } from "../../scenario/mod.ts";
import type { CallStatement, Operand, Scenario, Statement } from "../../scenario/mod.ts";
import { pageCount, pfn, physAddr, virtAddr } from "../../units.ts";
import { findViolations, Ledger } from "../invariants/mod.ts";
import type { PageCall, Violation } from "../invariants/mod.ts";
import type { Geometry } from "./geometry.ts";
import { pfnOfFrame } from "./geometry.ts";
import type { PackedRequest } from "./packed_call.ts";
import type { FoundPath, PathStep } from "./search.ts";

/** Who replays what where. */
export interface ReplaySetting {
  /** The edition. */
  readonly edition: Edition;
  /** The architecture. */
  readonly arch: Arch;
  /** The areas. */
  readonly geometry: Geometry;
}

/** What the replay of a path says. */
export interface Replayed {
  /** Whether the literal engine breaks the rule, in the last call. */
  readonly confirmed: "yes" | "no";
  /** What is the case instead of the rule, as a sentence, or why that is not known. */
  readonly sentence: string;
  /** The calls as a scenario. */
  readonly scenario: Scenario;
}

/** Ranges of 4 frames and fewer, the metadata's one included, upstream does not take. */
const SMALLEST_RANGE = 5;

/** The number by which a range is handed to any area. */
const ANY_AREA = 255;

/** The range of an area, metadata included, and the slot it is handed to. */
function ranges({ areas }: Geometry): { slot: number; start: number; top: number }[] {
  return areas.map(({ base, first, end }, place) => {
    const slot = areas.length === 1 ? ANY_AREA : place;
    return { slot, start: base - 1, top: base + end - first };
  });
}

/** Names for results: a to z, then a1 and so on. */
function nameOf(number: number): string {
  const letter = String.fromCharCode(97 + number % 26);
  return number < 26 ? letter : `${letter}${Math.floor(number / 26)}`;
}

/** The request that a live block came from, for each step that frees one. */
function sourcesOf(steps: readonly PathStep[]): (number | null)[] {
  const live = new Map<number, number>();
  return steps.map(({ call, result }, index) => {
    if (call.kind === "alloc" && result >= 0) live.set(result, index);
    return call.kind === "free" ? live.get(call.frame) ?? null : null;
  });
}

/**
 * Writes a path as a scenario.
 *
 * @param setting where it was found
 * @param steps the calls
 * @returns the scenario
 */
export function scenarioOf(setting: ReplaySetting, steps: readonly PathStep[]): Scenario {
  const { edition, arch, geometry } = setting;
  const [pageShift] = arch.pageShifts;
  const number = (value: number | bigint): Operand => ({ kind: "number", value: BigInt(value) });
  const call = (name: string, args: readonly Operand[]): CallStatement => {
    return { kind: "call", mode: "run", result: null, call: name, args, options: NO_OPTIONS };
  };
  const sources = sourcesOf(steps);
  const requests = steps.flatMap((step, index) => step.call.kind === "alloc" ? [index] : []);
  const nameAt = (index: number): string => nameOf(requests.indexOf(index));
  const statements = steps.map(({ call: made }, index): Statement => {
    switch (made.kind) {
      case "alloc": {
        const { alignOrder, sizeOrder } = made;
        const bytes = (order: number): Operand => number(1n << BigInt(order + pageShift));
        const plain = alignOrder === sizeOrder
          ? call("alloc_pages", [number(sizeOrder)])
          : call("memalign_pages", [bytes(alignOrder), bytes(sizeOrder)]);
        return { ...plain, result: nameAt(index), options: optionsOf(made) };
      }
      case "free":
        return call("free_pages", [
          { kind: "name", name: nameAt(sources[index] ?? 0), offset: 0n },
        ]);
      default: {
        const address = BigInt(pfnOfFrame(geometry, made.frame)) << BigInt(pageShift);
        return call(`${made.kind}_pages`, [number(address), number(made.count)]);
      }
    }
  });
  const areas = ranges(geometry).map(({ slot, start, top }) =>
    call("area", [number(slot), number(start), number(top)])
  );
  const machine: Statement = { kind: "machine", arch: arch.name, edition: edition.name };
  return { statements: [machine, ...areas, ...statements] };
}

function optionsOf({ only, fresh, dontZero }: PackedRequest): CallStatement["options"] {
  return {
    ...NO_OPTIONS,
    areas: only === null ? [] : [`area${only}`],
    fresh: fresh === "yes",
    dontzero: dontZero === "yes",
  };
}

/** A machine of the setting, nothing allocated. */
export function literalMachine({ edition, arch, geometry }: ReplaySetting): Machine {
  const machine = createMachine({ arch, edition, engine: "literal" });
  for (const { slot, start, top } of ranges(geometry)) {
    declareRam(machine, pfn(start), pfn(top));
    machine.pages.initArea(slot, pfn(start), pfn(top));
  }
  return machine;
}

/**
 * A packed call as a call of the literal engine.
 *
 * @param setting where it is made
 * @param call the call
 * @param block the address of the block that it frees, if it frees one
 * @returns the call
 */
export function literalCall(
  { arch, geometry }: ReplaySetting,
  call: PathStep["call"],
  block: bigint,
): PageCall {
  const shift = BigInt(arch.pageShifts[0]);
  switch (call.kind) {
    case "alloc": {
      const { alignOrder, sizeOrder, only } = call;
      const wishes = {
        areasMask: only === null ? null : 2 ** only,
        dontZero: call.dontZero === "yes",
        fresh: call.fresh === "yes",
      };
      if (alignOrder === sizeOrder) return { kind: "alloc-pages", order: sizeOrder, wishes };
      const bytes = (order: number): bigint => 1n << (BigInt(order) + shift);
      const [alignment, size] = [bytes(alignOrder), bytes(sizeOrder)];
      return { kind: "memalign-pages", alignment, size, wishes };
    }
    case "free":
      return { kind: "free-pages", address: virtAddr(block) };
    default: {
      const address = physAddr(BigInt(pfnOfFrame(geometry, call.frame)) << shift);
      return { kind: `${call.kind}-pages`, address, count: pageCount(call.count) };
    }
  }
}

/** Whether upstream would not take one of the areas. */
function isTooSmall({ geometry }: ReplaySetting): boolean {
  return ranges(geometry).some(({ start, top }) => top - start < SMALLEST_RANGE);
}

/** Makes the calls on the literal engine; gives what the last of them breaks. */
function violationsOf(setting: ReplaySetting, steps: readonly PathStep[]): Violation[] {
  const machine = literalMachine(setting);
  const ledger = new Ledger(machine);
  const blocks: bigint[] = [];
  let violations: Violation[] = [];
  for (const [index, source] of sourcesOf(steps).entries()) {
    const step = steps[index];
    if (step === undefined || machine.stopped !== null) return [];
    const call = literalCall(setting, step.call, blocks[source ?? -1] ?? 0n);
    const judged = ledger.run(call);
    const { outcome } = judged;
    const value = outcome.kind === "returned" ? outcome.value : null;
    blocks.push(typeof value === "bigint" ? value : 0n);
    violations = [...judged.violations, ...findViolations(machine)];
  }
  return violations;
}

/**
 * Replays a path on the literal engine.
 *
 * @param setting where it was found
 * @param path the calls and the rule
 * @returns whether the rule is broken there, and what is the case
 */
export function replayPath(setting: ReplaySetting, { rule, steps }: FoundPath): Replayed {
  const isSmall = isTooSmall(setting);
  const violations = isSmall ? [] : violationsOf(setting, steps);
  const violation = violations.find((found) => found.rule === rule);
  const why = isSmall
    ? "an area is too small to be set up, so that the calls were not replayed"
    : "the machine does not follow: its lists stand in another order after these calls";
  return {
    confirmed: violation === undefined ? "no" : "yes",
    sentence: violation?.sentence ?? why,
    scenario: scenarioOf(setting, steps),
  };
}
