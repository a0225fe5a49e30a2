/**
 * Which frames are in use, as the literal engine's memory says: what of a trace can be given back.
 *
 * @module
 */

import { decodePageState, LiteralPageAllocator, pageStateFormatOf } from "../alloc_page/mod.ts";
import type { PageState } from "../alloc_page/mod.ts";
import type { Machine } from "../machine.ts";
import type { AreaView } from "../page_allocator.ts";
import { physAddr } from "../units.ts";
import type { TraceOperation } from "./operations.ts";

/** Where an area lies; this does not change. */
type Place = Pick<AreaView, "metadata" | "base" | "top">;

/** The places of the areas of machines that were asked about. */
const PLACES = new WeakMap<Machine, readonly Place[]>();

function placesOf(machine: Machine): readonly Place[] {
  const known = PLACES.get(machine);
  if (known !== undefined) return known;
  const places = machine.pages.areas().map(({ metadata, base, top }) => ({ metadata, base, top }));
  PLACES.set(machine, places);
  return places;
}

/** The page state of a frame; null if it is in no area. */
function stateOf(machine: Machine, pfn: number): PageState & Place | null {
  const place = placesOf(machine).find(({ base, top }) => pfn >= base && pfn < top);
  if (place === undefined) return null;
  const address = BigInt(place.metadata) * 2n ** BigInt(machine.pageShift) +
    BigInt(pfn - place.base);
  const byte = machine.ram.peekByte(physAddr(address));
  if (byte === null) return null;
  return { ...decodePageState(pageStateFormatOf(machine.edition), byte), ...place };
}

/** Tells whether a block that is in use begins at a frame. */
function beginsBlockInUse(machine: Machine, pfn: number): boolean {
  const state = stateOf(machine, pfn);
  if (state?.status !== "allocated") return false;
  const frames = 2 ** state.order;
  return pfn % frames === 0 && pfn + frames <= state.top;
}

/** Tells whether all frames of a range are reserved. */
function areReserved(machine: Machine, first: number, count: number): boolean {
  for (let pfn = first; pfn < first + count; pfn++) {
    if (stateOf(machine, pfn)?.status !== "special") return false;
  }
  return true;
}

/**
 * Tells whether what an operation gives back is in use. NULL can always be given back, and so can every
 * frame to the allocator before the rewrite, which knows nothing of frames in use.
 *
 * @param machine the machine
 * @param operation the operation
 * @returns true too for an operation that gives nothing back
 */
export function isInUse(machine: Machine, operation: TraceOperation): boolean {
  if (!(machine.pages instanceof LiteralPageAllocator)) return true;
  if (operation.kind === "free-at") {
    return operation.pfn === 0 || beginsBlockInUse(machine, operation.pfn);
  }
  if (operation.kind !== "unreserve") return true;
  return areReserved(machine, operation.pfn, operation.count);
}
