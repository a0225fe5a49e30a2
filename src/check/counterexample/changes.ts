/**
 * The memory that a step changed.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { Ram } from "../../memory/mod.ts";
import type { AreaView } from "../../page_allocator.ts";
import { physAddr } from "../../units.ts";
import { wordBytes } from "../../word.ts";

/** Memory that changed: equal bytes in a row, or one word. */
export interface MemoryChange {
  /** The address of the first. */
  readonly address: bigint;
  /** The size of each in bytes: 1, or the size of a word. */
  readonly unitBytes: number;
  /** How many. */
  readonly count: number;
  /** What each held; null for what lay there since power-on. */
  readonly before: bigint | null;
  /** What each holds. */
  readonly after: bigint | null;
  /** What lies there: the page states from a frame on, the area descriptors, or a frame's contents. */
  readonly place: "page-states" | "descriptors" | "frames";
  /** The frame whose state it is, or in which it lies; null for the descriptors. */
  readonly frame: number | null;
}

/** A run of bytes with its place. */
interface Piece {
  readonly first: bigint;
  readonly end: bigint;
  readonly byte: number | "garbage" | null;
}

function piecesOf(ram: Ram): Piece[] {
  return ram.map.ranges.flatMap(({ first, size }) => {
    let at: bigint = first;
    return ram.peekRuns(physAddr(first), size).map(({ byte, count }): Piece => {
      const piece = { first: at, end: at + BigInt(count), byte };
      at = piece.end;
      return piece;
    });
  });
}

/** The bytes that differ, as runs. */
function differingRuns(before: Ram, after: Ram): [Piece, Piece][] {
  const [old, now] = [piecesOf(before), piecesOf(after)];
  const runs: [Piece, Piece][] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const [one, other] = [old[left], now[right]];
    if (one === undefined || other === undefined) return runs;
    const first = one.first > other.first ? one.first : other.first;
    const end = one.end < other.end ? one.end : other.end;
    if (first < end && one.byte !== other.byte) {
      runs.push([{ ...one, first, end }, { ...other, first, end }]);
    }
    if (one.end <= other.end) left++;
    if (other.end <= one.end) right++;
  }
}

/** What lies at an address. */
function placeAt(
  machine: Machine,
  areas: readonly AreaView[],
  address: bigint,
): Pick<MemoryChange, "place" | "frame"> {
  if (address >= machine.options.areasAddress) return { place: "descriptors", frame: null };
  const shift = BigInt(machine.pageShift);
  const frame = Number(address >> shift);
  const area = areas.find(({ metadata, base }) => metadata <= frame && frame < base);
  const index = Number(address - (BigInt(area?.metadata ?? 0) << shift));
  const isState = area !== undefined && area.base + index < area.top;
  return isState ? { place: "page-states", frame: area.base + index } : { place: "frames", frame };
}

/** Cuts runs where the page states of an area end. */
function cutter(
  { pageShift }: Machine,
  areas: readonly AreaView[],
): (run: [Piece, Piece]) => [Piece, Piece][] {
  const ends = areas.map(({ metadata, base, top }) => {
    return (BigInt(metadata) << BigInt(pageShift)) + BigInt(top - base);
  });
  return ([one, other]) => {
    const end = ends.find((at) => one.first < at && at < one.end);
    if (end === undefined) return [[one, other]];
    return [
      [{ ...one, end }, { ...other, end }],
      [{ ...one, first: end }, { ...other, first: end }],
    ];
  };
}

function valueOf({ byte }: Piece): bigint | null {
  return typeof byte === "number" ? BigInt(byte) : null;
}

/**
 * What differs between two states of a machine: page states byte by byte, what is written elsewhere word
 * by word, what is filled as runs.
 *
 * @param before the machine before
 * @param after the machine after
 * @returns the changes, ascending; of memory that was not there before nothing is told
 */
export function changesBetween(before: Machine, after: Machine): MemoryChange[] {
  const areas = after.pages.areas();
  const unitBytes = wordBytes(after.arch.wordBits);
  const changes: MemoryChange[] = [];
  const words = new Set<bigint>();
  for (const [one, other] of differingRuns(before.ram, after.ram).flatMap(cutter(after, areas))) {
    const place = placeAt(after, areas, one.first);
    const count = Number(one.end - one.first);
    if (place.place === "page-states" || count > unitBytes) {
      const values = { before: valueOf(one), after: valueOf(other) };
      changes.push({ address: one.first, unitBytes: 1, count, ...values, ...place });
      continue;
    }
    for (let at = one.first; at < one.end; at++) {
      const address = physAddr(at - at % BigInt(unitBytes));
      if (words.has(address)) continue;
      words.add(address);
      const values = {
        before: before.ram.peek(address, unitBytes),
        after: after.ram.peek(address, unitBytes),
      };
      changes.push({ address, unitBytes, count: 1, ...values, ...place });
    }
  }
  return changes;
}
