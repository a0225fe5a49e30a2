/**
 * A design on a machine that has a host: its free pages are modelled memory, and the guest's drivers and
 * the host do to them what they do to those of the modelled code.
 *
 * @module
 */

import { DEFAULT_EDITION } from "../edition.ts";
import { newHost } from "../host/mod.ts";
import type { BlockBook, FreeBlock, HostedMachine } from "../host/mod.ts";
import { memoryMap, Ram } from "../memory/mod.ts";
import type { MemoryRange } from "../memory/mod.ts";
import { SwitchableSpace } from "../memory/switchable_space.ts";
import { stop } from "../outcome.ts";
import { observed } from "../page_allocator.ts";
import type { AllocatorObserver } from "../page_allocator.ts";
import { byteCount, physAddr, virtAddr } from "../units.ts";
import type { VirtAddr } from "../units.ts";
import { Buddy, freeSetOf, REFUSED } from "./buddy.ts";
import type { MetadataDesign } from "./design.ts";
import { LISTS_PER_RANGE } from "./free_set.ts";
import type { FreeSet } from "./free_set.ts";
import { sparseLayout } from "./layout.ts";
import { RamLists } from "./ram_lists.ts";
import { framesOf, placeRanges } from "./ranges.ts";
import type { ManagedRange, PlacedRange } from "./ranges.ts";
import type { DesignMachine } from "./trace.ts";

/** What a hosted design is made of. */
export interface HostedDesignOptions extends DesignMachine {
  /** The design. */
  readonly design: MetadataDesign;
  /** All ranges that will be handed over. */
  readonly ranges: readonly ManagedRange[];
}

/** The calls that the guest's drivers make, and those of a trace, which hooks hear of. */
export class HostedDesign implements BlockBook {
  observer: AllocatorObserver | null = null;
  /** The allocator. */
  readonly buddy: Buddy;
  readonly #listed: ListedBlocks;
  readonly #pageShift: number;
  /** As many blocks can be in use. */
  readonly #mostBlocks: number;
  #blocks = 0;

  /** Puts the calls before an allocator. */
  constructor(buddy: Buddy, listed: ListedBlocks, { ranges, pageShift }: HostedDesignOptions) {
    this.buddy = buddy;
    this.#listed = listed;
    this.#pageShift = pageShift;
    this.#mostBlocks = framesOf(ranges);
  }

  allocPages(blockOrder: number, flags: number): VirtAddr | null {
    const call = { kind: "alloc-pages", order: blockOrder, flags } as const;
    return observed(this.observer, call, () => this.#take(blockOrder, blockOrder, 0));
  }

  /**
   * Takes a block for an operation of a trace.
   *
   * @param alignOrder the order of its alignment
   * @param sizeOrder the order of its size
   * @param zones a bit for each zone allowed; 0 for any
   * @returns its address; null if there is none
   */
  alignedPages(alignOrder: number, sizeOrder: number, zones: number): VirtAddr | null {
    const [alignment, size] = [alignOrder, sizeOrder]
      .map((one) => 2n ** BigInt(one + this.#pageShift));
    const call = {
      kind: "memalign-pages",
      alignment: alignment ?? 0n,
      size: size ?? 0n,
      flags: zones,
    } as const;
    return observed(this.observer, call, () => this.#take(alignOrder, sizeOrder, zones));
  }

  #take(alignOrder: number, sizeOrder: number, zones: number): VirtAddr | null {
    const frame = this.buddy.take(alignOrder, sizeOrder, zones);
    if (frame === REFUSED) return null;
    if (++this.#blocks > this.#mostBlocks) {
      stop({
        kind: "undefined-behaviour",
        source: { file: "lib/alloc_page.c", function: "_page_memalign_order", line: null },
        what: "hands out more blocks than there are frames",
        seen: "",
      });
    }
    return virtAddr(2n ** BigInt(this.#pageShift) * BigInt(frame));
  }

  freePages(address: VirtAddr): void {
    observed(this.observer, { kind: "free-pages", address }, () => {
      if (this.buddy.give(this.frameOf(address)) !== REFUSED) this.#blocks--;
    });
  }

  blockFrames(frame: number): number | null {
    const blockOrder = this.buddy.orderAt(frame);
    return blockOrder === null ? null : 2 ** blockOrder;
  }

  /** The frame at an address. */
  frameOf(address: VirtAddr): number {
    return Number(address / 2n ** BigInt(this.#pageShift));
  }

  freeBlocks(): readonly FreeBlock[] {
    return this.#listed.blocks();
  }
}

/** A free set, and what was noted in it, which nothing can damage: what drivers know of free blocks. */
class ListedBlocks implements FreeSet {
  readonly holds?: (list: number, frame: number) => boolean;
  readonly #inner: FreeSet;
  readonly #ranges: readonly PlacedRange[];
  readonly #lists = new Map<number, Set<number>>();

  constructor(inner: FreeSet, ranges: readonly PlacedRange[]) {
    this.#inner = inner;
    this.#ranges = ranges;
    if (inner.holds !== undefined) {
      this.holds = (list, frame) => inner.holds?.(list, frame) ?? false;
    }
  }

  add(list: number, frame: number): void {
    this.#inner.add(list, frame);
    const frames = this.#lists.get(list) ?? new Set();
    this.#lists.set(list, frames.add(frame));
  }

  remove(list: number, frame: number): void {
    this.#inner.remove(list, frame);
    this.#lists.get(list)?.delete(frame);
  }

  next(list: number): number {
    return this.#inner.next(list);
  }

  blocks(): FreeBlock[] {
    return [...this.#lists].flatMap(([list, frames]) => {
      const shift = this.#ranges[Math.floor(list / LISTS_PER_RANGE)]?.shift ?? 0;
      const order = list % LISTS_PER_RANGE;
      return [...frames].map((frame) => ({ first: frame + shift, order }));
    });
  }
}

/** A machine whose page allocator is a design's. */
export interface DesignHost extends HostedMachine {
  /** The page allocator. */
  readonly pages: HostedDesign;
}

/** Metadata begin a megabyte behind the last frame: nothing else is there. */
const GAP = 0x100000n;
/** More than the map of any design takes of RAM. */
const METADATA_SHARE = 32n;

/**
 * Makes a machine with a host, on which a design runs.
 *
 * @param options the design and the machine
 * @returns the machine; nothing is handed over yet
 * @throws {RangeError} if there are too many frames
 */
export function hostedDesign(options: HostedDesignOptions): DesignHost {
  const { design, ranges, wordBytes, pageShift } = options;
  const { placed, length } = placeRanges(ranges);
  const pageBytes = 2n ** BigInt(pageShift);
  const frames: MemoryRange[] = ranges.map(({ base, top }) => ({
    first: physAddr(BigInt(base) * pageBytes),
    size: byteCount(BigInt(top - base) * pageBytes),
    kind: "ram",
  }));
  const end = BigInt(Math.max(...ranges.map(({ top }) => top))) * pageBytes;
  const metadata = end + GAP;
  const size = byteCount(GAP + BigInt(length) * pageBytes / METADATA_SHARE);
  const reserved: MemoryRange = { first: physAddr(metadata), size, kind: "reserved" };
  const ram = new Ram({
    map: memoryMap([...frames, reserved]),
    wordBits: wordBytes === 4 ? 32 : 64,
    byteOrder: "little",
    powerOn: { kind: "zero" },
  });
  const space = new SwitchableSpace(ram);
  const common = { ranges: placed, layout: sparseLayout(design, length), account: null, wordBytes };
  const isListed = design.links !== "none" && design.links !== "own";
  const inner = isListed
    ? new RamLists({ design, space, pageShift, ranges: placed, metadata })
    : freeSetOf({ ...common, policy: "front" });
  const listed = new ListedBlocks(inner, placed);
  const buddy = new Buddy({ ...common, policy: "front", freeSet: listed });
  return {
    edition: DEFAULT_EDITION,
    pageShift,
    ram,
    space,
    pages: new HostedDesign(buddy, listed, options),
    mmu: { state: "off", tables: null },
    host: newHost(ram),
  };
}
