/**
 * What vmalloc's pages tell about its blocks: it keeps no list of them, so they are read off memory.
 *
 * @module
 */

// bits: addresses and sizes are bigints.

import { hasHeader } from "../alloc.ts";
import { isUsable } from "../alloc_page/mod.ts";
import { virtualTopOf } from "../boot/mod.ts";
import type { Machine } from "../machine.ts";
import { describeTables } from "../memory/mod.ts";
import type { MappedRun } from "../memory/mod.ts";
import { physAddr } from "../units.ts";
import { VM_MAGIC } from "../vmalloc/mod.ts";
import { wordBytes, wrapToWord } from "../word.ts";
import { formatOf } from "./subject.ts";

/** Whether the frames of some pages are in use, as far as the page allocator knows. */
export type FrameUse = "in use" | "free" | "partly free";

/** The two words that early editions of malloc keep in front of an object. */
export interface MallocWords {
  /** The address of the object. */
  readonly object: bigint;
  /** The physical address of the first word, the distance from the block's begin. */
  readonly header: bigint;
  /** That distance. */
  readonly slack: bigint;
  /** The size of the block in bytes. */
  readonly size: bigint;
}

/** Virtual pages in a row, mapped to frames in a row. */
export interface PageRun {
  /** The first virtual address. */
  readonly virtual: bigint;
  /** The physical address that it is mapped to; null if it is not. */
  readonly physical: bigint | null;
  /** How many pages. */
  readonly pages: bigint;
}

/** What was taken of the virtual pages, by ascending address. */
export type Taken =
  /** A block of several pages behind a page of metadata. */
  | {
    readonly kind: "block";
    readonly address: bigint;
    readonly pages: bigint;
    /** The physical address of the number of pages, which the magic word follows. */
    readonly header: bigint;
    /** The metadata page first. */
    readonly runs: readonly PageRun[];
    readonly use: FrameUse;
    /** What malloc keeps in it; null where it keeps nothing. */
    readonly words: MallocWords | null;
  }
  /** A block in one page, with the magic word in front of it. */
  | {
    readonly kind: "one-page";
    readonly address: bigint;
    /** The physical address of the magic word. */
    readonly header: bigint;
    readonly runs: readonly PageRun[];
    readonly use: FrameUse;
  }
  /** Pages that are mapped, and no block of vmalloc's as far as memory tells. */
  | {
    readonly kind: "mapped";
    readonly runs: readonly PageRun[];
    readonly use: FrameUse;
    /** What malloc keeps in them; null where it keeps nothing. */
    readonly words: MallocWords | null;
  }
  /** Pages that are not mapped. */
  | { readonly kind: "unmapped"; readonly runs: readonly PageRun[] };

/** The virtual pages that were taken, `[first, end)`. */
export interface TakenRange {
  /** `vfree_top`. */
  readonly first: bigint;
  /** Where vmalloc began; the end of the address space may be meant. */
  readonly end: bigint;
}

/**
 * The virtual pages that were taken so far.
 *
 * @param machine the machine
 * @returns the range; empty if there are none
 */
export function takenRangeOf(machine: Machine): TakenRange {
  const { arch, edition, vmalloc } = machine;
  const limit = 1n << BigInt(arch.wordBits);
  const top = hasTop(machine) ? virtualTopOf(arch, edition) : 0n;
  const end = top === 0n ? limit : top;
  const first: bigint = vmalloc.vfreeTop === 0n ? limit : vmalloc.vfreeTop;
  return first > end ? { first, end: first } : { first, end };
}

/** Whether vmalloc was given its upper end: on riscv that comes early in boot, elsewhere with its tables. */
function hasTop({ arch, platform, vmalloc }: Machine): boolean {
  const isEarly = Object.values(arch.boot.steps).some((steps) => steps.includes("set-virtual-top"));
  return vmalloc.pageRoot !== 0n || (isEarly && platform?.state === "booted");
}

/** Looks up frames. */
interface Frames {
  readonly isFree: (physical: bigint) => boolean;
}

function framesOf(machine: Machine): Frames {
  const free: { first: number; last: number }[] = [];
  const format = formatOf(machine);
  for (const { base, states, freeLists } of machine.pages.areas()) {
    let at: number = base;
    for (const { state, count } of states) {
      if (isUsable(format, state)) free.push({ first: at, last: at + count - 1 });
      at += count;
    }
    if (states.length > 0) continue;
    for (const { order, forward } of freeLists) {
      for (const frame of forward.pfns) {
        free.push({ first: frame, last: frame + 2 ** order - 1 });
      }
    }
  }
  return {
    isFree: (physical) => {
      const frame = Number(physical >> BigInt(machine.pageShift));
      return free.some(({ first, last }) => first <= frame && frame <= last);
    },
  };
}

/** The pages of a range in runs, unmapped ones too. */
function runsIn(machine: Machine, { first, end }: TakenRange): PageRun[] {
  const { tables } = machine.mmu;
  const mapped = tables === null ? [] : describeTables(tables).mapped;
  const shift = BigInt(machine.pageShift);
  const runs: PageRun[] = [];
  let at = first;
  const add = (until: bigint, physical: bigint | null): void => {
    if (until > at) runs.push({ virtual: at, physical, pages: (until - at) >> shift });
    at = until > at ? until : at;
  };
  for (const run of mapped.map((one) => virtualRange(machine, one))) {
    if (run.end <= at || run.first >= end) continue;
    add(run.first, null);
    add(run.end < end ? run.end : end, run.physical + (at - run.first));
  }
  add(end, null);
  return runs;
}

function virtualRange(
  { arch }: Machine,
  { virtual, physical, sizeBytes }: MappedRun,
): TakenRange & { readonly physical: bigint } {
  const first = wrapToWord(arch.wordBits, virtual);
  return { first, end: first + sizeBytes, physical };
}

/** A page of the range. */
interface Page {
  readonly virtual: bigint;
  readonly physical: bigint | null;
}

/** Reads the blocks off the pages one by one. */
class Reader {
  readonly #machine: Machine;
  readonly #frames: Frames;
  readonly #runs: readonly PageRun[];
  readonly #pageBytes: bigint;
  readonly #word: bigint;

  constructor(machine: Machine, runs: readonly PageRun[]) {
    this.#machine = machine;
    this.#frames = framesOf(machine);
    this.#runs = runs;
    this.#pageBytes = 1n << BigInt(machine.pageShift);
    this.#word = BigInt(wordBytes(machine.arch.wordBits));
  }

  /** What was taken, up to a number of things. */
  read(first: bigint, end: bigint, most: number): Taken[] {
    const found: Taken[] = [];
    for (let at = first; at < end && found.length < most;) {
      const one = this.#readAt(at, end);
      found.push(one);
      const last = one.runs.at(-1);
      if (last === undefined) break;
      at = last.virtual + last.pages * this.#pageBytes;
    }
    return found;
  }

  #readAt(at: bigint, end: bigint): Taken {
    const page = this.#pageAt(at);
    if (page.physical === null) return { kind: "unmapped", runs: [this.#restOfRun(at)] };
    const block = this.#blockAt(page.physical, at, end) ?? this.#onePageAt(page.physical, at);
    if (block !== null) return block;
    return this.#mapped(at);
  }

  /** A block whose metadata lie at the end of a page. */
  #blockAt(physical: bigint, at: bigint, end: bigint): Taken | null {
    const header = physical + this.#pageBytes - 2n * this.#word;
    if (this.#wordAt(header + this.#word) !== VM_MAGIC) return null;
    const pages = this.#wordAt(header) ?? 0n;
    const address = at + this.#pageBytes;
    if (pages === 0n || pages > (end - address) / this.#pageBytes) return null;
    const runs = this.#runsOver(at, pages + 1n);
    const words = this.#mallocWordsAt(address);
    return { kind: "block", address, pages, header, runs, use: this.#useOf(runs), words };
  }

  /** A block in the page; its alignment, a power of two, is its distance from the page's begin. */
  #onePageAt(physical: bigint, at: bigint): Taken | null {
    for (let offset = this.#word; offset < this.#pageBytes; offset *= 2n) {
      const header = physical + offset - this.#word;
      if (this.#wordAt(header) !== VM_MAGIC) continue;
      const runs = this.#runsOver(at, 1n);
      return { kind: "one-page", address: at + offset, header, runs, use: this.#useOf(runs) };
    }
    return null;
  }

  /** The words of malloc in the first page of a block: the first says where it is itself. */
  #mallocWordsAt(block: bigint): MallocWords | null {
    const { physical } = this.#pageAt(block);
    if (physical === null || !hasHeader(this.#machine.edition)) return null;
    for (let slack = 2n * this.#word; slack < this.#pageBytes; slack += this.#word) {
      const header = physical + slack - 2n * this.#word;
      const size = this.#wordAt(header + this.#word) ?? 0n;
      const isSize = size > 0n && size % this.#pageBytes === 0n;
      if (isSize && this.#wordAt(header) === slack) {
        return { object: block + slack, header, slack, size };
      }
    }
    return null;
  }

  /** Pages from one on that are no block and alike. */
  #mapped(at: bigint): Taken {
    const rest = this.#restOfRun(at);
    const use = this.#useOf([{ ...rest, pages: 1n }]);
    let pages = 1n;
    for (; pages < rest.pages; pages++) {
      const next = at + pages * this.#pageBytes;
      const physical = (rest.physical ?? 0n) + pages * this.#pageBytes;
      const isBlock = this.#blockAt(physical, next, next + rest.pages * this.#pageBytes) !== null ||
        this.#onePageAt(physical, next) !== null;
      if (isBlock || this.#useOf([{ virtual: next, physical, pages: 1n }]) !== use) break;
    }
    return { kind: "mapped", runs: [{ ...rest, pages }], use, words: this.#mallocWordsAt(at) };
  }

  #wordAt(physical: bigint): bigint | null {
    return this.#machine.ram.peek(physAddr(physical), wordBytes(this.#machine.arch.wordBits));
  }

  #runAt(at: bigint): PageRun | undefined {
    return this.#runs.find(({ virtual, pages }) =>
      virtual <= at && at < virtual + pages * this.#pageBytes
    );
  }

  #pageAt(at: bigint): Page {
    const run = this.#runAt(at);
    const physical = run?.physical ?? null;
    return {
      virtual: at,
      physical: physical === null ? null : physical + at - (run?.virtual ?? 0n),
    };
  }

  #restOfRun(at: bigint): PageRun {
    const run = this.#runAt(at) ?? { virtual: at, physical: null, pages: 1n };
    const done = (at - run.virtual) / this.#pageBytes;
    return { ...this.#pageAt(at), pages: run.pages - done };
  }

  #runsOver(at: bigint, pages: bigint): PageRun[] {
    const runs: PageRun[] = [];
    let from = at;
    for (let left = pages; left > 0n;) {
      const rest = this.#restOfRun(from);
      const count = rest.pages < left ? rest.pages : left;
      runs.push({ ...rest, pages: count });
      left -= count;
      from += count * this.#pageBytes;
    }
    return runs;
  }

  #useOf(runs: readonly PageRun[]): FrameUse {
    let [used, free] = [false, false];
    for (const { physical, pages } of runs) {
      for (let page = 0n; physical !== null && page < pages && !(used && free); page++) {
        if (this.#frames.isFree(physical + page * this.#pageBytes)) free = true;
        else used = true;
      }
    }
    if (used && free) return "partly free";
    return free ? "free" : "in use";
  }
}

/**
 * Reads vmalloc's blocks off memory. A page that was freed one by one may have lost its magic word.
 *
 * @param machine the machine
 * @param most how many are wanted at most
 * @returns the blocks and what else was taken, by ascending address: the newest first
 */
export function takenOf(machine: Machine, most: number): Taken[] {
  const range = takenRangeOf(machine);
  const reader = new Reader(machine, runsIn(machine, range));
  return reader.read(range.first, range.end, most);
}
