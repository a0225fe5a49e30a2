/**
 * Two machines that make the same calls, watched so closely that, as long as they stay alike, only what a
 * call wrote needs to be compared.
 *
 * @module
 */

import { hasAreas } from "../alloc_page/mod.ts";
import type { Machine } from "../machine.ts";
import { formatMemoryRange } from "../memory/mod.ts";
import type { MemoryMap, OldPages, TouchedRun, WriteJournal } from "../memory/mod.ts";
import { bytesOfPages, pageCount, physAddr } from "../units.ts";
import { differencesOfAreas, isSameFormat, stateEquality } from "./area_difference.ts";
import { LinkedBlocks } from "./linked_blocks.ts";
import { differencesOfBytes, differencesOfTouched } from "./memory_difference.ts";
import { differencesOf } from "./pairs.ts";
import { formatOf } from "./subject.ts";

/** The base-2 logarithm of the size of a host page. */
const HOST_PAGE_SHIFT = 12;
const HOST_PAGE_BYTES = 2 ** HOST_PAGE_SHIFT;

/** Host pages `[first, end)`. */
interface PageSpan {
  readonly first: number;
  readonly end: number;
}

/** Host pages that hold the page states of an area. */
interface StatePages extends PageSpan {
  /** How many page states there are, from the first byte on. */
  readonly count: number;
}

/** What two machines that are alike have in common. */
interface Common {
  readonly areasMask: number;
  readonly maps: readonly MemoryMap[];
  /** RAM, as far as it is whole pages. */
  readonly ram: readonly PageSpan[];
  /** Memory that is no RAM, as far as it is whole pages: what it holds is not compared. */
  readonly reserved: readonly PageSpan[];
  readonly states: readonly StatePages[];
}

function isIn(spans: readonly PageSpan[], page: number): boolean {
  for (const { first, end } of spans) if (page >= first && page < end) return true;
  return false;
}

/** The host pages that lie in ranges of memory as a whole. */
function wholePages(map: MemoryMap, kind: "ram" | "reserved"): PageSpan[] {
  return map.ranges.filter((range) => range.kind === kind).map(({ first, size }) => ({
    first: Math.ceil(Number(first) / HOST_PAGE_BYTES),
    end: Math.floor(Number(first + size) / HOST_PAGE_BYTES),
  }));
}

function areTouchedAlike(one: Iterable<TouchedRun>, other: Iterable<TouchedRun>): boolean {
  const [left, right] = [[...one], [...other]];
  return left.length === right.length && left.every(({ first, count, backing }, index) => {
    const run = right[index];
    return run?.first === first && run.count === count && run.backing === backing;
  });
}

/** The first and the last place in which bytes of equal number differ; null if they are the same. */
function differingBytes(one: Uint8Array, other: Uint8Array): [first: number, last: number] | null {
  const [words, others] = [one, other].map(({ buffer, byteOffset, length }) => {
    return new Uint32Array(buffer, byteOffset, Math.floor(length / 4));
  });
  if (words === undefined || others === undefined) return null;
  let first = 0;
  while (first < words.length && words[first] === others[first]) first++;
  if (first === words.length) return null;
  let last = words.length - 1;
  while (words[last] === others[last]) last--;
  return [4 * first, 4 * last + 3];
}

/** Asks about two bytes only once. */
function remembered(
  isEqual: (one: number, other: number) => boolean,
): (one: number, other: number) => boolean {
  const known = new Uint8Array(256 * 256);
  return (one, other) => {
    const at = 256 * one + other;
    const answer = known[at] ?? 0;
    if (answer !== 0) return answer === 1;
    known[at] = isEqual(one, other) ? 1 : 2;
    return known[at] === 1;
  };
}

/**
 * Two machines, and whether they are known to be alike: nothing that a comparison of runs looks at
 * differs, and nothing that is hidden from it either. While that is known, only what a call wrote needs
 * to be compared.
 *
 * Assumes that
 * - both run the literal engine, so that what the page allocator knows is in memory;
 * - nobody else keeps a journal of their memory.
 */
export class TwinMachines {
  readonly #left: Machine;
  readonly #right: Machine;
  readonly #blocks: LinkedBlocks | null;
  /** Whether two page states mean the same. */
  readonly #meansSame: (one: number, other: number) => boolean;
  readonly #formats: "same" | "different";
  /** Null while the two are not known to be alike. */
  #common: Common | null = null;
  #journals: readonly WriteJournal[] = [];

  /**
   * Looks at both for the first time.
   *
   * @param left the one
   * @param right the other, of the same architecture and page size
   */
  constructor(left: Machine, right: Machine) {
    this.#left = left;
    this.#right = right;
    const haveAreas = hasAreas(left.pages) && hasAreas(right.pages);
    this.#blocks = haveAreas ? new LinkedBlocks(left, right) : null;
    const formats = { left: formatOf(left), right: formatOf(right) };
    this.#meansSame = remembered(stateEquality(formats));
    this.#formats = isSameFormat(formats) ? "same" : "different";
    this.look();
  }

  /** Looks at all of both machines, to know whether they are alike. */
  look(): void {
    const { pages: { areasMask }, ram: { map } } = this.#left;
    const [ranges, others] = [this.#left, this.#right].map((machine) => {
      return machine.ram.map.ranges.map(formatMemoryRange).join();
    });
    const isComparable = this.#blocks !== null && ranges === others &&
      areasMask === this.#right.pages.areasMask;
    const states = isComparable && this.#isAllAlike() ? this.#statePages() : null;
    this.#common = states === null ? null : {
      areasMask,
      maps: [map, this.#right.ram.map],
      ram: wholePages(map, "ram"),
      reserved: wholePages(map, "reserved"),
      states,
    };
  }

  /** Where the page states lie; null if an area is not laid out as areas are. */
  #statePages(): StatePages[] | null {
    const pages = 2 ** (this.#left.pageShift - HOST_PAGE_SHIFT);
    const areas = this.#left.pages.areas();
    const areOrdered = areas.every(({ metadata, base, top }) => {
      return metadata < base && base <= top &&
        top - base <= (base - metadata) * pages * HOST_PAGE_BYTES;
    });
    if (!areOrdered) return null;
    return areas.map(({ metadata, base, top }) => {
      return { first: metadata * pages, end: base * pages, count: top - base };
    });
  }

  #isAllAlike(): boolean {
    const [left, right] = [this.#left, this.#right];
    const [areas, others] = [left.pages.areas(), right.pages.areas()];
    const formats = { left: formatOf(left), right: formatOf(right) };
    if (differencesOfAreas(areas, others, formats).length > 0) return false;
    if (differencesOfTouched(left, right).length > 0) return false;
    // Without lists no link is left out.
    const [one, two] = [areas, others].map((views) => views.map((v) => ({ ...v, freeLists: [] })));
    const bytes = differencesOfBytes({ machine: left, areas: one ?? [] }, {
      machine: right,
      areas: two ?? [],
    });
    return this.#blocks?.look(areas, bytes) ?? false;
  }

  /** Takes note of what is written from now on: a call follows. */
  begin(): void {
    this.#journals = [this.#left, this.#right].map(({ ram }) => ram.beginJournal());
  }

  /**
   * Compares what was written since {@linkcode begin}.
   *
   * @returns `alike` if the two are alike as they were before; `unknown` if only a comparison of all of
   * them can tell
   */
  end(): "alike" | "unknown" {
    for (const { ram } of [this.#left, this.#right]) ram.endJournal();
    if (this.#common !== null && this.#stayedAlike(this.#common)) return "alike";
    this.#common = null;
    return "unknown";
  }

  #stayedAlike(common: Common): boolean {
    const [left, right] = [this.#left, this.#right];
    const isSame = [left, right].every(({ pages, ram }, side) => {
      return pages.areasMask === common.areasMask && ram.map === common.maps[side];
    });
    if (!isSame || this.#blocks === null || !this.#blocks.areHeadsAlike()) return false;
    const seen = new Set<number>();
    for (const { old } of this.#journals) {
      for (const written of old) {
        const isSingle = written.end === written.first + 1;
        if (isSingle && seen.has(written.first)) continue;
        seen.add(written.first);
        if (!this.#isWrittenAlike(common, written)) return false;
      }
    }
    return true;
  }

  #isWrittenAlike(common: Common, { first, end }: Pick<OldPages, "first" | "end">): boolean {
    if (end > first + 1) return this.#isStretchAlike(common, first, end);
    const address = physAddr(BigInt(first) * BigInt(HOST_PAGE_BYTES));
    const [left, right] = [this.#left.ram, this.#right.ram];
    if (left.backing(address) !== right.backing(address)) return false;
    const states = common.states.find((one) => first >= one.first && first < one.end) ?? null;
    if (states === null && isIn(common.reserved, first)) return true;
    const isGarbage = this.#left.options.powerOn.kind === "garbage";
    if (isGarbage || !isIn(common.ram, first)) return this.#isStretchAlike(common, first, end);
    const [one, other] = [left, right].map((ram) => ram.peekBytes(address, HOST_PAGE_BYTES));
    if (one === null || other === null || one === undefined || other === undefined) return false;
    if (states !== null) return this.#areStatesAlike(one, other, states, first);
    return this.#blocks?.arePagesAlike(address, differingBytes(one, other)) ?? false;
  }

  #areStatesAlike(
    one: Uint8Array,
    other: Uint8Array,
    { first, count }: StatePages,
    page: number,
  ): boolean {
    if (this.#formats === "same" && differingBytes(one, other) === null) return true;
    const end = Math.min(HOST_PAGE_BYTES, count - (page - first) * HOST_PAGE_BYTES);
    for (let at = 0; at < end; at++) {
      if (!this.#meansSame(one[at] ?? 0, other[at] ?? 0)) return false;
    }
    return true;
  }

  /** Compares a stretch of pages by runs of equal bytes. */
  #isStretchAlike({ states }: Common, first: number, end: number): boolean {
    const [left, right] = [this.#left.ram, this.#right.ram];
    if (!areTouchedAlike(left.touchedPages(first, end), right.touchedPages(first, end))) {
      return false;
    }
    const cuts = states.flatMap((span) => [span.first, span.end])
      .filter((cut) => cut > first && cut < end);
    const edges = [first, ...cuts.sort((one, other) => one - other), end];
    return edges.slice(1).every((to, index) => {
      const from = edges[index] ?? first;
      const isOfStates = isIn(states, from);
      const [one, other] = [left, right].map((ram) => {
        const address = physAddr(BigInt(from) * BigInt(HOST_PAGE_BYTES));
        return ram.peekRuns(address, bytesOfPages(pageCount(to - from), HOST_PAGE_SHIFT))
          .map(({ byte, count }) => ({ value: byte ?? "no memory", count }));
      });
      const isSame = (a: unknown, b: unknown): boolean =>
        isOfStates && typeof a === "number" && typeof b === "number"
          ? this.#meansSame(a, b)
          : a === b;
      if (differencesOf<unknown>(one ?? [], other ?? [], isSame).length > 0) return false;
      return isOfStates || (this.#blocks?.areLinksAlikeIn(from, to) ?? false);
    });
  }
}
