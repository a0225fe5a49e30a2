/**
 * Who owns which frames: plain sets, no blocks, no orders, no lists. It is slower than an allocator and
 * plainly right.
 *
 * @module
 */

import type { AreaTable } from "../../arch.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";

/** Frames that were handed over, and the zone to which they belong. */
export interface Given extends FrameRange {
  /** The zone's number. */
  readonly zone: number;
}

/** `AREA_ANY_NUMBER`. */
const ANY = 0xff;

/**
 * Cuts a range into the zones to which its frames belong: those with the highest cutoff not above.
 *
 * @param table the zones
 * @param range the frames
 * @param area the zone to which all belong, or 255
 * @returns the parts, from the highest down
 */
export function slicesOf(table: AreaTable, range: FrameRange, area: number): Given[] {
  if (area !== ANY) return [{ ...range, zone: area }];
  const slices: Given[] = [];
  let { top } = range;
  for (const { area: zone, cutoff } of table.zones.toSorted((a, b) => b.cutoff - a.cutoff)) {
    const first = Math.max(range.first, cutoff);
    if (first >= top) continue;
    slices.push({ first, top, zone });
    top = first;
  }
  return slices;
}

/** The frames of a machine by owner. */
export class Ownership {
  /** What was handed over, metadata included. */
  readonly given: Given[] = [];
  /** What may be handed out or reserved. */
  readonly usable: FrameSet = new FrameSet();
  /** What belongs to a live allocation. */
  readonly live: FrameSet = new FrameSet();
  /** What is reserved. */
  readonly reserved: FrameSet = new FrameSet();
  /** The live allocations: the number of frames by the first. */
  readonly holdings: Map<number, number> = new Map();

  /** Becomes equal to another one. */
  copyFrom(other: Ownership): void {
    this.given.splice(0, Infinity, ...other.given);
    for (const set of ["usable", "live", "reserved"] as const) this[set].copyFrom(other[set]);
    this.holdings.clear();
    for (const [first, count] of other.holdings) this.holdings.set(first, count);
  }

  /** A range goes to a live allocation. */
  take(range: FrameRange): void {
    this.usable.remove(range);
    this.live.add(range);
    this.holdings.set(range.first, range.top - range.first);
  }

  /** A live allocation ends; null if none begins at that frame. */
  giveBack(first: number): FrameRange | null {
    const count = this.holdings.get(first);
    if (count === undefined) return null;
    const range = { first, top: first + count };
    this.holdings.delete(first);
    this.live.remove(range);
    this.usable.add(range);
    return range;
  }

  /** A range is taken out of use. */
  reserve(range: FrameRange): void {
    this.usable.remove(range);
    if (range.first < range.top) this.reserved.add(range);
  }

  /** A range is put back to use. */
  unreserve(range: FrameRange): void {
    this.reserved.remove(range);
    this.usable.add(range);
  }

  /** An aligned run of 2^order usable frames in the zones of a mask; null if there is none. */
  roomFor(order: number, zones: number): FrameRange | null {
    const size = 2 ** order;
    for (const { first, top, zone } of this.given) {
      if (Math.floor(zones / 2 ** zone) % 2 === 0) continue;
      for (const range of this.usable.ranges) {
        const start = Math.ceil(Math.max(first, range.first) / size) * size;
        if (start + size <= Math.min(top, range.top)) return { first: start, top: start + size };
      }
    }
    return null;
  }

  /** The first frame of a range that belongs to no zone of a mask; null if all do. */
  firstOutside(range: FrameRange, zones: number): { frame: number; zone: number } | null {
    for (const { first, top, zone } of this.given) {
      if (Math.floor(zones / 2 ** zone) % 2 === 1) continue;
      const frame = Math.max(first, range.first);
      if (frame < Math.min(top, range.top)) return { frame, zone };
    }
    return null;
  }
}
