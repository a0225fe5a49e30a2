/**
 * The literal engine's state in the cells of a packed one, by which the two are compared.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { archNamed, X86_64 } from "../arch/mod.ts";
import {
  type Arch,
  areaTableOf,
  descriptorLayout,
  type Edition,
  EDITIONS,
  type Machine,
  physAddr,
} from "../mod.ts";
import { type ExploredArea, type ExploreOperation, performCall } from "../src/check/mod.ts";
import { geometryOf } from "../src/check/explore/geometry.ts";
import { type Model, modelOf } from "../src/check/explore/model.ts";
import { type Packed, PackedStop } from "../src/check/explore/packed.ts";
import { callsOf, type PackedCall } from "../src/check/explore/packed_call.ts";
import { literalCall, literalMachine, type ReplaySetting } from "../src/check/explore/replay.ts";
import { perform, REFUSED } from "../src/check/explore/step.ts";

/** The editions that have areas of blocks. */
export const BLOCK_EDITIONS: readonly Edition[] = EDITIONS.filter((edition) =>
  edition.pageAllocator === "buddy-areas"
);

/** Something to be explored. */
export interface Subject extends ReplaySetting {
  readonly model: Model;
  readonly calls: readonly PackedCall[];
}

/** All that is needed to make packed and literal calls. */
export function subject(
  edition: Edition,
  areas: readonly ExploredArea[],
  operations: readonly ExploreOperation[],
  arch: Arch = archNamed("x86_64") ?? X86_64,
): Subject {
  const geometry = geometryOf(areas);
  const model = modelOf(geometry, edition, arch, arch.pageShifts[0]);
  const reservation = model.behaviour.reservationForm === null ? "none" : "there";
  const calls = callsOf({ ...model, reservation }, new Set(operations));
  return { edition, arch, geometry, model, calls };
}

/** A machine as that subject has it, nothing allocated. */
export function machineOf(of: Subject): Machine {
  return literalMachine(of);
}

/** What the literal engine's bytes say, in the layout of a packed state; touched frames are left out. */
export function cellsOf(of: Subject, machine: Machine): number[] {
  const { geometry, arch, edition, model } = of;
  const layout = descriptorLayout(arch, edition, machine.pageShift);
  const word = arch.wordBits === 64 ? 8 : 4;
  const peek = (address: bigint, size: 1 | 4 | 8): bigint =>
    machine.ram.peek(physAddr(address), size) ?? -1n;
  const cells: number[] = Array(geometry.touchedAt).fill(0);
  const addresses: bigint[] = [0n];
  for (const { base, first, end } of geometry.areas) {
    for (let frame = first; frame < end; frame++) {
      cells[frame] = Number(peek(
        (BigInt(base - 1) << BigInt(machine.pageShift)) +
          BigInt(frame - first),
        1,
      ));
      addresses.push(BigInt(base + frame - first) << BigInt(machine.pageShift));
    }
  }
  for (const [place, { maxOrderAt }] of geometry.areas.entries()) {
    const slot = machine.pages.areas()[place]?.area ?? 0;
    assert(slot < areaTableOf(arch, edition).maxAreas);
    const descriptor = machine.options.areasAddress + BigInt(slot * layout.sizeBytes);
    for (let order = 0; order < geometry.orders; order++) {
      addresses.push(descriptor + BigInt(layout.freeLists + order * layout.listHeadBytes));
    }
    if (layout.maxOrder !== null) {
      cells[maxOrderAt] = Number(peek(descriptor + BigInt(layout.maxOrder), 1));
    }
  }
  for (const [node, address] of addresses.entries()) {
    if (node === 0) continue;
    cells[model.geometry.previousAt + node] = addresses.indexOf(peek(address, word));
    cells[model.geometry.nextAt + node] = addresses.indexOf(peek(address + BigInt(word), word));
  }
  return cells;
}

/** The same cells of a packed state. */
export function comparedCells({ cells, model }: Packed): number[] {
  return [...cells.subarray(0, model.geometry.touchedAt)];
}

/** How a call ended: a frame or 0, -1 for a refusal, or the kind of another end. */
export function packedEnd(packed: Packed, call: PackedCall): number | string {
  try {
    return perform(packed, call);
  } catch (error) {
    if (error instanceof PackedStop) return error.kind;
    throw error;
  }
}

/** The same of the literal engine. */
export function literalEnd(of: Subject, machine: Machine, call: PackedCall): number | string {
  const frame = call.kind === "alloc" ? 0 : call.frame;
  const area = of.geometry.areas.find(({ first, end }) => frame >= first && frame < end);
  const block = BigInt((area?.base ?? 0) + frame - (area?.first ?? 0)) << BigInt(machine.pageShift);
  const outcome = performCall(machine, literalCall(of, call, block));
  if (outcome.kind !== "returned") return outcome.kind;
  const { value } = outcome;
  if (value === null || value === -1) return REFUSED;
  if (call.kind !== "alloc" || typeof value !== "bigint") return 0;
  const pfn = Number(value >> BigInt(machine.pageShift));
  const home = of.geometry.areas.find(({ base, first, end }) =>
    pfn >= base && pfn < base + end - first
  );
  return home === undefined ? -3 : home.first + pfn - home.base;
}

/** Makes a call on both and compares how it ended and what it left. */
export function compareCall(
  of: Subject,
  call: PackedCall,
  packed: Packed,
  machine: Machine,
): number | string {
  const ends = [packedEnd(packed, call), literalEnd(of, machine, call)];
  const said = `${of.edition.name}: ${JSON.stringify(call)}`;
  assertEquals(ends[0], ends[1], said);
  // Where a fault ends the call, how much was written before it is the memory's affair.
  if (ends[0] !== "fault") assertEquals(comparedCells(packed), cellsOf(of, machine), said);
  return ends[0] ?? "";
}
