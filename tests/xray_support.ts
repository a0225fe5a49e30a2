/**
 * What the tests of dumps share: machines with something in them, and what xray makes of their dumps.
 *
 * @module
 */

import { ARCHS } from "../arch/mod.ts";
import {
  type Arch,
  boot,
  type ByteOrder,
  createMachine,
  declareRam,
  type Edition,
  type Machine,
  pfn,
  physAddr,
  virtAddr,
} from "../mod.ts";
import { dumpArea, type DumpedArea } from "../src/check/mod.ts";
import {
  type DumpForm,
  type DumpPlan,
  type DumpSource,
  dumpToBytes,
  planDump,
} from "../src/xray/mod.ts";
import { type Xray, xray, type XrayOptions } from "../src/xray/mod.ts";
import { flags } from "./support.ts";

/** An architecture in one of the ways in which it can be built. */
export interface Build {
  readonly arch: Arch;
  readonly pageShift: number;
  readonly byteOrder: ByteOrder;
}

/** All ways in which the architectures can be built. */
export const BUILDS: readonly Build[] = ARCHS.flatMap((arch) =>
  arch.pageShifts.flatMap((pageShift) =>
    arch.byteOrders.map((byteOrder) => ({ arch, pageShift, byteOrder }))
  )
);

/** A build in words, for messages. */
export function buildText({ arch, pageShift, byteOrder }: Build): string {
  return `${arch.name} ${2 ** (pageShift - 10)}K ${byteOrder}`;
}

/** A machine that booted. */
export function bootedMachine(build: Build, edition: Edition): Machine {
  return boot({ ...build, edition }).machine;
}

/** The first frame of {@linkcode bareMachineOf}. */
export const FIRST = 0x100;
const TOP = 0x1f0;

/** A bare machine whose area holds blocks of all kinds, at frames `[0x100, 0x1f0)`. */
export function bareMachineOf(build: Build, edition: Edition): Machine {
  const machine = createMachine({ ...build, edition });
  declareRam(machine, pfn(FIRST), pfn(TOP));
  machine.pages.initArea(0xff, pfn(FIRST), pfn(TOP));
  const take = (order: number): bigint => machine.pages.allocPages(order, flags(machine)) ?? 0n;
  const [first, , , last, large] = [take(0), take(0), take(2), take(0), take(3)];
  for (const address of [first, last, large]) machine.pages.freePages(virtAddr(address));
  return machine;
}

/** The dump of a machine, as a file in memory. */
export function dumpOf(machine: Machine, form: DumpForm): Uint8Array {
  return dumpToBytes(planDump(machine, form));
}

/** A dump as a file with holes: nothing of it is in memory but what is not 0. */
export function sparse(plan: DumpPlan): { source: DumpSource; read: () => number } {
  const pieces = [...plan.pieces()].map(({ offset, bytes }) => ({ offset, bytes: bytes.slice() }));
  let count = 0;
  const source: DumpSource = {
    size: plan.size,
    read: (offset, into) => {
      const length = Math.min(into.length, plan.size - offset);
      into.fill(0, 0, length);
      for (const piece of pieces) {
        const from = Math.max(offset, piece.offset);
        const end = Math.min(offset + length, piece.offset + piece.bytes.length);
        if (from >= end) continue;
        into.set(piece.bytes.subarray(from - piece.offset, end - piece.offset), from - offset);
      }
      count += length;
      return length;
    },
  };
  return { source, read: () => count };
}

/** What xray makes of a machine's dump, told where a raw one begins. */
export function xrayOf(
  machine: Machine,
  form: DumpForm,
  options: Partial<XrayOptions> = {},
): Xray {
  const plan = planDump(machine, form);
  const [first] = plan.ranges;
  const ramBase = form === "raw" ? { ramBase: physAddr(first?.first ?? 0n) } : {};
  return xray(sparse(plan).source, { archs: ARCHS, ...ramBase, ...options });
}

/** The areas of a machine in the form of the recordings; without `maxOrder` if a dump has none. */
export function areasOf(machine: Machine, maxOrder: "kept" | "left out" = "kept"): DumpedArea[] {
  return machine.pages.areas().map((view) =>
    dumpArea(maxOrder === "kept" ? view : { ...view, maxOrder: null })
  );
}

/** The areas that xray found, in the form of the recordings. */
export function foundAreas({ areas }: Xray): DumpedArea[] {
  return areas.map(({ view }) => dumpArea(view));
}
