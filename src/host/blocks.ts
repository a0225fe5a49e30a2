/**
 * What the guest's drivers find out about frames and blocks.
 *
 * @module
 */

import { decodePageState, pageStateFormatOf } from "../alloc_page/mod.ts";
import { translate } from "../memory/mod.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import type { ByteCount, PhysAddr } from "../units.ts";
import type { FreeBlock, HostedMachine } from "./state.ts";

/** Frames in a row: where they lie in memory, and where the guest's code has them. */
export interface Stretch {
  /** The physical address. */
  readonly first: PhysAddr;
  /** In bytes. */
  readonly size: ByteCount;
  /** The address that the guest uses. */
  readonly address: bigint;
}

/**
 * Some frames, by where they lie in memory, which is where the guest has them too.
 *
 * @param machine the machine
 * @param first the physical address
 * @param count in frames
 * @returns the stretch
 */
export function physicalStretch(machine: HostedMachine, first: PhysAddr, count: number): Stretch {
  const size = byteCount(BigInt(count) << BigInt(machine.pageShift));
  return { first, size, address: first };
}

/**
 * Some frames, by where the guest has them.
 *
 * @param machine the machine
 * @param address where the guest has them
 * @param count in frames
 * @returns the stretch; an address that is not mapped counts as physical
 */
export function stretchAt(machine: HostedMachine, address: bigint, count: number): Stretch {
  const { mmu, pageShift } = machine;
  const tables = mmu.state === "off" ? null : mmu.tables;
  const physical = tables === null ? null : translate(tables, virtAddr(address))?.physical;
  const size = byteCount(BigInt(count) << BigInt(pageShift));
  return { first: physAddr(physical ?? address), size, address };
}

/**
 * The block at an address: what the allocator says, or else the page state of its first frame.
 *
 * @param machine the machine
 * @param address where the guest has it
 * @returns the block; null if no area has the frame
 */
export function blockAt(machine: HostedMachine, address: bigint): Stretch | null {
  const { first } = stretchAt(machine, address, 1);
  const frame = Number(first >> BigInt(machine.pageShift));
  const { pages } = machine;
  if ("blockFrames" in pages) {
    const count = pages.blockFrames(frame);
    return count === null ? null : stretchAt(machine, address, count);
  }
  const area = pages.areas().find(({ base, top }) => base <= frame && frame < top);
  if (area === undefined) return null;
  let end: number = area.base;
  for (const { state, count } of area.states) {
    end += count;
    if (frame >= end) continue;
    const { order } = decodePageState(pageStateFormatOf(machine.edition), state);
    return stretchAt(machine, address, Math.min(2 ** order, area.top - frame));
  }
  return null;
}

/**
 * The blocks that stand on the free lists, as far as these lead.
 *
 * @param machine the machine
 * @returns the blocks, list by list
 */
export function freeBlocksOf({ pages }: HostedMachine): readonly FreeBlock[] {
  if ("freeBlocks" in pages) return pages.freeBlocks();
  return pages.areas().flatMap(({ freeLists }) =>
    freeLists.flatMap(({ order, forward }) => forward.pfns.map((first) => ({ first, order })))
  );
}
