/**
 * The memory map that a machine was booted on, cut at the addresses where something changes.
 *
 * @module
 */

import type { Stretch } from "../boot/mod.ts";
import type { MapNote, TextRange } from "../memory/mod.ts";

/** A memory map to boot on. */
export interface BootMap {
  /** Where it comes from, in words. */
  readonly name: string;
  /** What the numbers of the ranges count: the lines of a text, or the ranges themselves. */
  readonly numbers: "line" | "range";
  /** The ranges, in the order of the firmware. */
  readonly ranges: readonly TextRange[];
  /** What is odd about them. */
  readonly notes: readonly MapNote[];
}

/** A stretch of RAM. */
export interface RamStretch extends Stretch {
  /** The place of its range in the map, from 0. */
  readonly range: number;
}

/** An edge of a range. */
interface Edge {
  readonly address: bigint;
  readonly range: number;
  readonly side: "first" | "end";
}

function edgesOf(ranges: BootMap["ranges"]): Edge[] {
  return ranges.flatMap(({ first, size }, range): Edge[] => [
    { address: first, range, side: "first" },
    { address: first + size, range, side: "end" },
  ]).sort((one, other) => one.address === other.address ? 0 : one.address < other.address ? -1 : 1);
}

/**
 * The RAM of a map, by address. What another range claims too, as something else, is no RAM; what two
 * ranges of RAM claim belongs to the first.
 *
 * @param ranges the ranges
 * @returns the stretches, by ascending address, disjoint
 */
export function ramOf(ranges: BootMap["ranges"]): RamStretch[] {
  const [ram, others] = [new Set<number>(), new Set<number>()];
  const found: RamStretch[] = [];
  let from = 0n;
  for (const { address, range, side } of edgesOf(ranges)) {
    if (address > from && ram.size > 0 && others.size === 0) {
      add(found, { first: from, end: address, range: Math.min(...ram) });
    }
    from = address;
    const claims = ranges[range]?.kind === "ram" ? ram : others;
    if (side === "first") claims.add(range);
    else claims.delete(range);
  }
  return found;
}

/** Adds a stretch, joined with the last one where it goes on. */
function add(found: RamStretch[], stretch: RamStretch): void {
  const last = found.at(-1);
  if (last?.end !== stretch.first || last.range !== stretch.range) found.push(stretch);
  else found[found.length - 1] = { ...last, end: stretch.end };
}

/**
 * Cuts stretches at addresses.
 *
 * @param stretches the stretches, by ascending address, disjoint
 * @param addresses where to cut; others do no harm
 * @returns the pieces, by ascending address
 */
export function cutAt<T extends Stretch>(
  stretches: readonly T[],
  addresses: readonly bigint[],
): T[] {
  const cuts = [...new Set(addresses)].sort((one, other) => one < other ? -1 : 1);
  let next = 0;
  return stretches.flatMap((stretch) => {
    const pieces: T[] = [];
    let first = stretch.first;
    for (; next < cuts.length; next++) {
      const cut = cuts[next] ?? stretch.end;
      if (cut >= stretch.end) break;
      if (cut > first) pieces.push({ ...stretch, first, end: cut });
      if (cut > first) first = cut;
    }
    return [...pieces, { ...stretch, first }];
  });
}

/**
 * Finds what covers each of some stretches.
 *
 * @param stretches the stretches, by ascending address, disjoint
 * @param covers what may cover them, in any order; the first that does counts
 * @returns for each stretch, in order, its cover; null where none covers the whole
 */
export function coversOf<T extends Stretch>(
  stretches: readonly Stretch[],
  covers: readonly T[],
): (T | null)[] {
  const waiting = covers.map((cover, rank) => ({ cover, rank }))
    .sort((one, other) => one.cover.first < other.cover.first ? -1 : 1);
  let active: typeof waiting = [];
  let next = 0;
  return stretches.map(({ first, end }) => {
    for (let one = waiting[next]; one !== undefined && one.cover.first <= first;) {
      active.push(one);
      one = waiting[++next];
    }
    active = active.filter(({ cover }) => cover.end > first);
    const whole = active.filter(({ cover }) => cover.end >= end);
    whole.sort((one, other) => one.rank - other.rank);
    return whole[0]?.cover ?? null;
  });
}
