/**
 * A literal machine and the fast engine side by side: the same calls, every observable compared.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Arch, createMachine, declareRam, type Edition, type Machine, pfn } from "../mod.ts";
import {
  addArea,
  carveArea,
  DONE,
  fastRulesOf,
  type FastState,
  freeFrame,
  LEAVE,
  newFastState,
  NONE,
  takeBlock,
  viewOf,
  wishesOf,
} from "../src/alloc_page_fast/mod.ts";
import { outcomeOf, virtAddr } from "../mod.ts";

/** Where areas lie: `[start, top)` with a slot, or 255 for any. */
export interface Layout {
  readonly arch: Arch;
  readonly ranges: ReadonlyArray<readonly [area: number, start: number, top: number]>;
  readonly pageShift?: number;
}

/** Both engines, with the frames that are in use. */
export interface Pair {
  readonly machine: Machine;
  readonly fast: FastState;
  /** The first frames of the blocks in use. */
  readonly live: number[];
  /** What was called, one line each. */
  readonly calls: string[];
}

/** A literal machine with a layout, or null if its edition aborts on it. */
export function literalMachine(layout: Layout, edition: Edition): Machine | null {
  const { arch, ranges } = layout;
  const pageShift = layout.pageShift ?? 12;
  const machine = createMachine({ arch, edition, pageShift, engine: "literal" });
  for (const [area, start, top] of ranges) {
    declareRam(machine, pfn(start), pfn(top));
    const outcome = outcomeOf(() => machine.pages.initArea(area, pfn(start), pfn(top)));
    if (outcome.kind !== "returned") return null;
  }
  return machine;
}

/** Both engines on a layout, or null if the edition aborts on it. */
export function pairOn(layout: Layout, edition: Edition): Pair | null {
  const machine = literalMachine(layout, edition);
  if (machine === null) return null;
  const rules = fastRulesOf(layout.arch, edition, machine.pageShift);
  const fast = newFastState(rules, { wipe: () => {} });
  for (const { area, zone, base, top } of machine.pages.areas()) {
    carveArea(fast, addArea(fast, { slot: area, zone: zone ?? area, base, top }));
  }
  return { machine, fast, live: [], calls: [] };
}

/** Compares the areas of both engines. */
export function assertSameAreas(pair: Pair): void {
  const wanted = pair.machine.pages.areas();
  const metadata = new Map(wanted.map((view) => [view.area as number, view.metadata]));
  const seen = pair.fast.areas.map((area) =>
    viewOf(pair.fast, area, metadata.get(area.slot) ?? pfn(0))
  );
  assertEquals(seen, wanted, pair.calls.join("\n"));
}

/** Takes a block from both; tells whether the pair can go on. */
export function allocBoth(
  pair: Pair,
  alignOrder: number,
  sizeOrder: number,
  flags: number,
): "same" | "left" {
  const { machine, fast, calls } = pair;
  calls.push(`alloc ${alignOrder} ${sizeOrder} 0x${(flags >>> 0).toString(16)}`);
  const wishes = wishesOf(fast, machine.edition, flags);
  const swaps = fast.rules.swapsOrders === 1;
  const found = takeBlock(
    fast,
    wishes,
    swaps ? sizeOrder : alignOrder,
    swaps ? alignOrder : sizeOrder,
  );
  if (found === LEAVE) return "left";
  const pageBytes = 1n << BigInt(machine.pageShift);
  const given = alignOrder === sizeOrder
    ? machine.pages.allocPages(sizeOrder, flags)
    : machine.pages.memalignPages(
      pageBytes << BigInt(alignOrder),
      pageBytes << BigInt(sizeOrder),
      flags,
    );
  const wanted = given === null ? NONE : Number(given / pageBytes);
  assertEquals(found, wanted, calls.join("\n"));
  if (found !== NONE) pair.live.push(found);
  assertSameAreas(pair);
  return "same";
}

/** Frees the block of a position among those in use. */
export function freeBoth(pair: Pair, index: number): void {
  const { machine, fast, live, calls } = pair;
  const [frame] = live.splice(index, 1);
  if (frame === undefined) return;
  calls.push(`free 0x${frame.toString(16)}`);
  machine.pages.freePages(virtAddr(BigInt(frame) << BigInt(machine.pageShift)));
  assertEquals(freeFrame(fast, frame), DONE, calls.join("\n"));
  assertSameAreas(pair);
}
