/**
 * Where the memory of two machines differs: bytes, and pages that were touched.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { Backing, MemoryRange, TouchedRun } from "../memory/mod.ts";
import type { AreaView } from "../page_allocator.ts";
import { physAddr } from "../units.ts";
import type { PhysAddr } from "../units.ts";
import { wordBytes } from "../word.ts";
import { differencesOf, type Pair, type PairRun } from "./pairs.ts";

/** What a byte holds: a number, what lies there since power-on, or nothing, where no memory is. */
export type ByteContent = number | "garbage" | "no memory";

/** Bytes in a row that differ. */
export interface ByteDifference {
  /** The address of the first. */
  readonly address: PhysAddr;
  /** How many bytes. */
  readonly count: number;
  /** What each of them holds on the left. */
  readonly left: ByteContent;
  /** What each of them holds on the right. */
  readonly right: ByteContent;
}

/** Host pages in a row behind which the hosts have something else. */
export interface TouchedDifference {
  /** The address of the first page. */
  readonly address: PhysAddr;
  /** How many pages of 4 KiB. */
  readonly count: number;
  /** What the left host has. */
  readonly left: Backing;
  /** What the right host has. */
  readonly right: Backing;
}

/** A machine with its areas. */
export interface ViewedMachine {
  /** The machine. */
  readonly machine: Machine;
  /** Its areas. */
  readonly areas: readonly AreaView[];
}

/** Offsets in bytes, `[first, end)`. */
interface Span {
  readonly first: number;
  readonly end: number;
}

/**
 * The bytes of RAM that differ.
 *
 * Left out is what is told otherwise: page states, and the links in listed blocks, which differ already
 * if the heads lie elsewhere.
 *
 * @param left the left machine
 * @param right the right machine
 * @returns the bytes, by ascending address
 */
export function differencesOfBytes(left: ViewedMachine, right: ViewedMachine): ByteDifference[] {
  const isRam = ({ kind }: MemoryRange): boolean => kind === "ram";
  const ranges = new Map(
    [left, right].flatMap(({ machine }) => machine.ram.map.ranges.filter(isRam))
      .map((range) => [`${range.first} ${range.size}`, range]),
  );
  const listed = new Set([...listedFrames(left), ...listedFrames(right)]);
  const areas = [...left.areas, ...right.areas];
  return [...ranges.values()].flatMap((range) => {
    const [one, other] = [left, right].map(({ machine }) => bytesOf(machine, range));
    const pairs = differencesOf(one ?? [], other ?? [], (a, b) => a === b);
    const page = new Pages(left.machine, range);
    const metadata = areas.filter(({ metadata, base }) => metadata < base)
      .map(({ metadata, base }) => ({ first: page.offsetOf(metadata), end: page.offsetOf(base) }));
    return pairs.flatMap((pair) => cut(pair, [...metadata, ...page.linksIn(pair, listed)]))
      .map(({ first, count, left, right }) => ({
        address: physAddr(range.first + BigInt(first)),
        count,
        left: left ?? "no memory",
        right: right ?? "no memory",
      }));
  }).sort((one, other) => one.address < other.address ? -1 : 1);
}

function bytesOf(machine: Machine, { first, size }: MemoryRange): PairRun<ByteContent>[] {
  return machine.ram.peekRuns(first, size)
    .map(({ byte, count }) => ({ value: byte ?? "no memory", count }));
}

function* listedFrames({ areas }: ViewedMachine): Generator<number> {
  for (const { forward, backward } of areas.flatMap(({ freeLists }) => freeLists)) {
    yield* forward.pfns;
    if (backward !== null) yield* backward.pfns;
  }
}

/** Frames as offsets in a range of memory. */
class Pages {
  readonly #firstPfn: number;
  readonly #rest: number;
  readonly #bytes: number;
  readonly #linkBytes: number;

  constructor({ pageShift, arch }: Machine, range: MemoryRange) {
    this.#bytes = 2 ** pageShift;
    this.#firstPfn = Number(range.first >> BigInt(pageShift));
    this.#rest = Number(range.first % (1n << BigInt(pageShift)));
    this.#linkBytes = 2 * wordBytes(arch.wordBits);
  }

  offsetOf(frame: number): number {
    return (frame - this.#firstPfn) * this.#bytes - this.#rest;
  }

  /** The links of the listed blocks that begin in some bytes, or end there. */
  linksIn({ first, count }: Pair<unknown>, listed: ReadonlySet<number>): Span[] {
    const low = this.#firstPfn + Math.floor((first + this.#rest) / this.#bytes);
    const high = this.#firstPfn + Math.floor((first + count - 1 + this.#rest) / this.#bytes);
    const frames: number[] = [];
    if (high - low < listed.size) {
      for (let frame = low; frame <= high; frame++) if (listed.has(frame)) frames.push(frame);
    } else {
      for (const frame of listed) if (frame >= low && frame <= high) frames.push(frame);
    }
    return frames.map((frame) => {
      const offset = this.offsetOf(frame);
      return { first: offset, end: offset + this.#linkBytes };
    });
  }
}

/** What is left of some bytes without others. */
function cut<T>(pair: Pair<T>, holes: readonly Span[]): Pair<T>[] {
  const parts: Pair<T>[] = [];
  const end = pair.first + pair.count;
  let at = pair.first;
  for (const hole of [...holes].sort((one, other) => one.first - other.first)) {
    if (hole.end <= at || hole.first >= end) continue;
    if (hole.first > at) parts.push({ ...pair, first: at, count: hole.first - at });
    at = hole.end;
  }
  return at < end ? [...parts, { ...pair, first: at, count: end - at }] : parts;
}

/** More host pages than can exist. */
const ALL_PAGES = 2 ** 53;

/** The size of a host page, as a power of two. */
const HOST_PAGE_SHIFT = 12n;

/**
 * The host pages of which the two hosts think differently.
 *
 * @param left the left machine
 * @param right the right machine
 * @returns the pages, by ascending address
 */
export function differencesOfTouched(left: Machine, right: Machine): TouchedDifference[] {
  const runs = [left, right].map(({ ram }) => backingRuns(ram.touchedPages()));
  return differencesOf(runs[0] ?? [], runs[1] ?? [], (one, other) => one === other)
    .flatMap(({ first, count, left, right }) => {
      const address = physAddr(BigInt(first) << HOST_PAGE_SHIFT);
      return left === null || right === null ? [] : [{ address, count, left, right }];
    });
}

function backingRuns(touched: Iterable<TouchedRun>): PairRun<Backing>[] {
  const runs: PairRun<Backing>[] = [];
  let at = 0;
  for (const { first, count, backing } of touched) {
    const page = Number(first >> HOST_PAGE_SHIFT);
    if (page > at) runs.push({ value: "untouched", count: page - at });
    runs.push({ value: backing, count });
    at = page + count;
  }
  return [...runs, { value: "untouched", count: ALL_PAGES - at }];
}
