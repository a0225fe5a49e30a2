/**
 * What expectations look up in the allocator: states of frames, free frames, free blocks.
 *
 * @module
 */

import { decodePageState, isUsable, pageStateFormatOf } from "../alloc_page/mod.ts";
import type { PageState } from "../alloc_page/mod.ts";
import { areaNameOf } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Machine } from "../machine.ts";
import { zoneOf } from "../page_allocator.ts";
import { translate } from "../memory/mod.ts";
import type { AreaView } from "../page_allocator.ts";
import { pfnOfPhysAddr, physAddr, virtAddr } from "../units.ts";
import type { AreaNumber } from "../units.ts";
import { areaMaskOf } from "./resolve.ts";

/** What the allocator knows of a frame. */
export interface FrameView {
  /** The area whose usable frames, `[base, top)`, it is one of. */
  readonly area: AreaView;
  /** Its page state; null where the edition keeps none. */
  readonly state: PageState | null;
}

/** The page state at an index from `base`; null where there is none. */
function byteAt(area: AreaView, index: number): number | null {
  let first = 0;
  for (const { state, count } of area.states) {
    first += count;
    if (index < first) return state;
  }
  return null;
}

/**
 * The physical address that an address of the modelled code leads to. Nothing is touched.
 *
 * @param machine the machine
 * @param address any integer
 * @returns the address itself until page tables are in use; null if they do not map it
 */
export function physicalOf({ mmu }: Machine, address: bigint): bigint | null {
  if (address < 0n || address >= 1n << 64n) return null;
  if (mmu.state === "off" || mmu.tables === null) return address;
  return translate(mmu.tables, virtAddr(address))?.physical ?? null;
}

/**
 * Looks up the frame at an address. One that is not mapped counts as physical.
 *
 * @param machine the machine
 * @param address any integer
 * @returns what the allocator knows; null if the address is in the usable frames of no area
 */
export function frameAt(machine: Machine, address: bigint): FrameView | null {
  if (address < 0n || address >= 1n << 64n) return null;
  const physical = physicalOf(machine, address) ?? address;
  const frame = pfnOfPhysAddr(physAddr(physical), machine.pageShift);
  const area = machine.pages.areas().find(({ base, top }) => base <= frame && frame < top);
  if (area === undefined) return null;
  const byte = byteAt(area, frame - area.base);
  const format = pageStateFormatOf(machine.edition);
  return { area, state: byte === null ? null : decodePageState(format, byte) };
}

/**
 * An area in words.
 *
 * @param machine the machine
 * @param view the area
 * @returns such as `area 1 (low)`
 */
export function describeArea(machine: Machine, view: AreaView): string {
  const { area } = view;
  const name = areaNameOf(areaTableOf(machine.arch, machine.edition), zoneOf(view));
  return name === "" ? `area ${area}` : `area ${area} (${name})`;
}

/**
 * A test for the areas that a name stands for.
 *
 * @param name a zone's name, an alias, or `areaN`; null for any
 * @param machine the machine
 * @returns tells whether a zone is one of them
 * @throws {RangeError} if the machine has no such area
 */
export function areaTest(name: string | null, machine: Machine): (zone: AreaNumber) => boolean {
  if (name === null) return () => true;
  const mask = areaMaskOf(machine, name);
  return (zone) => Math.floor(mask / 2 ** zone) % 2 === 1;
}

function areasNamed(machine: Machine, name: string | null): AreaView[] {
  const isMeant = areaTest(name, machine);
  return machine.pages.areas().filter((view) => isMeant(zoneOf(view)));
}

/**
 * Counts the free frames: those whose page state is fresh or free, or, in an edition without page
 * states, those on the list.
 *
 * @param machine the machine
 * @param name the areas; null for all
 * @returns the number of frames
 * @throws {RangeError} if the machine has no such area
 */
export function countFreePages(machine: Machine, name: string | null): number {
  const format = pageStateFormatOf(machine.edition);
  const counts = areasNamed(machine, name).flatMap(({ states, freeLists }) =>
    states.length === 0
      ? freeLists.map((list) => list.forward.pfns.length * 2 ** list.order)
      : states.map(({ state, count }) => isUsable(format, state) ? count : 0)
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Counts the blocks that a walk along the free lists of an order meets.
 *
 * @param machine the machine
 * @param order the order
 * @param name the areas; null for all
 * @returns the number of blocks
 * @throws {RangeError} if the machine has no such area
 */
export function countFreeBlocks(machine: Machine, order: number, name: string | null): number {
  return areasNamed(machine, name).flatMap(({ freeLists }) => freeLists)
    .filter((list) => list.order === order)
    .reduce((sum, { forward }) => sum + forward.pfns.length, 0);
}
