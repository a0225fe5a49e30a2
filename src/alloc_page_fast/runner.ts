/**
 * Which engine runs: the fast one while it may, with memory brought up to date before it stops.
 *
 * @module
 */

import { descriptorLayout } from "../alloc_page/mod.ts";
import type { LiteralOptions, LiteralPageAllocator, Observer } from "../alloc_page/mod.ts";
import type { Keeper } from "../memory/keeper.ts";
import { endOfRange, isMemory } from "../memory/mod.ts";
import type { Ram } from "../memory/mod.ts";
import type { SwitchableSpace } from "../memory/switchable_space.ts";
import { unreachable } from "../outcome.ts";
import type { AreaView } from "../page_allocator.ts";
import { byteCount } from "../units.ts";
import type { ByteCount, Pfn, VirtAddr } from "../units.ts";
import { wordBytes, wrapToWord } from "../word.ts";
import { adoptAreas } from "./adopt.ts";
import { freeFrame } from "./give.ts";
import { Mapping } from "./mapping.ts";
import { materialise } from "./materialise.ts";
import type { Target } from "./materialise.ts";
import { isOwnPage } from "./own.ts";
import { isMostlyUnused, residentBytesOf } from "./pool.ts";
import type { Wishes } from "./request.ts";
import { takeBlock, wishesOf } from "./request.ts";
import { reserveFrames, unreserveFrames } from "./reserve.ts";
import { fastRulesOf } from "./rules.ts";
import type { FastRules } from "./rules.ts";
import type { FastState, Wiper } from "./state.ts";
import { viewOf } from "./view.ts";
import { wipeAll } from "./wipe.ts";
import { LEAVE } from "./constants.ts";

/** What the engines work on. */
export interface RunnerOptions extends LiteralOptions {
  /** Memory as the modelled code addresses it. */
  readonly space: SwitchableSpace;
  /** The memory below. */
  readonly ram: Ram;
}

/** Where an area lies; this does not change. */
type Place = Pick<AreaView, "area" | "metadata" | "base" | "top">;

/** After this many calls the fast engine was worth its start. */
const WORTHWHILE_CALLS = 4096;
/** The most calls that the literal engine makes before the fast one is tried again. */
const LONGEST_WAIT = 65536;

/**
 * The fast engine while it runs, and the way to and from the literal one.
 *
 * To start costs a look at all blocks, to stop costs writing them. So the fast engine waits longer and
 * longer for its next start, in calls, unless it had much to do in between.
 */
export class Runner implements Keeper, Wiper {
  readonly #options: RunnerOptions;
  readonly #literal: LiteralPageAllocator;
  readonly #memory: Observer;
  readonly #rules: FastRules;
  readonly #target: Target;
  readonly #mapping: Mapping;
  readonly #pageBytes: number;
  readonly #nodeBytes: ByteCount;
  readonly #roomFirst: number;
  readonly #roomEnd: number;
  /** The fast engine; null while the literal one runs. */
  #fast: FastState | null = null;
  #wishes: Wishes | null = null;
  #places: readonly Place[] = [];
  #allowed: "fast" | "literal" = "fast";
  /** Who accesses memory is the runner itself. */
  #isBusy = false;
  /** Calls since the fast engine started. */
  #calls = 0;
  /** Calls to wait before the next start, and how many that will be after the next stop. */
  #wait = 0;
  #nextWait = 1;

  /** Makes a runner that begins with the literal engine. */
  constructor(options: RunnerOptions, literal: LiteralPageAllocator, memory: Observer) {
    this.#options = options;
    this.#literal = literal;
    this.#memory = memory;
    const { arch, edition, pageShift, descriptors, ram } = options;
    const layout = descriptorLayout(arch, edition, pageShift);
    this.#rules = fastRulesOf(arch, edition, pageShift);
    this.#target = { memory: ram, layout, descriptors, pageShift };
    this.#pageBytes = 2 ** pageShift;
    this.#nodeBytes = byteCount(BigInt(2 * wordBytes(ram.wordBits)));
    this.#roomFirst = Number(descriptors >> 12n);
    const roomEnd = descriptors + BigInt(layout.slots * layout.sizeBytes);
    this.#roomEnd = Number((roomEnd + 0xfffn) >> 12n);
    const room = { first: this.#roomFirst, end: this.#roomEnd };
    this.#mapping = new Mapping(options.space, ram, room, pageShift);
  }

  /** Says that pointers are converted by walks of the page tables, once there are any. */
  walkPointers(): void {
    this.#mapping.pointers = "walked";
  }

  /** Which engine runs at the moment. */
  get engine(): "fast" | "literal" {
    return this.#fast === null ? "literal" : "fast";
  }

  /** The memory that the fast engine holds, in bytes; 0 while it does not run. */
  get residentBytes(): number {
    return this.#fast === null ? 0 : residentBytesOf(this.#fast.pool);
  }

  /** Says whether the fast engine may run at all. */
  allow(engine: "fast" | "literal"): void {
    if (engine === "literal") this.suspend();
    this.#allowed = engine;
  }

  /** Copies where areas lie, for a copied machine. */
  copyFrom(other: Runner): void {
    this.#places = other.#places;
  }

  /** Looks where the areas lie, after one was added. */
  noteAreas(): void {
    this.#places = this.#literal.areas();
  }

  /**
   * Takes a block on the fast engine.
   *
   * @param alignOrder the order of the alignment
   * @param sizeOrder the order of the size
   * @param flags as the edition's call takes them
   * @returns the block's first frame, -1 for none, or {@linkcode LEAVE} for the literal engine
   */
  alloc(alignOrder: number, sizeOrder: number, flags: number): number {
    const fast = this.#ready();
    if (fast === null) return LEAVE;
    const wishes = this.#wishes?.flags === flags ? this.#wishes : this.#readFlags(fast, flags);
    const found = this.#rules.swapsOrders === 1
      ? takeBlock(fast, wishes, sizeOrder, alignOrder)
      : takeBlock(fast, wishes, alignOrder, sizeOrder);
    this.#calls++;
    if (found < 0) return found;
    if (wishes.zeroes === 1) this.#zero(found, sizeOrder);
    else if (wishes.fresh === 0) this.wipe(found);
    return found;
  }

  #readFlags(fast: FastState, flags: number): Wishes {
    return this.#wishes = wishesOf(fast, this.#options.edition, flags);
  }

  /**
   * Frees a block on the fast engine.
   *
   * @param pfn its first frame
   * @returns 0 if it was done, or {@linkcode LEAVE} for the literal engine
   */
  free(pfn: number): number {
    const fast = this.#ready();
    if (fast === null) return LEAVE;
    if (pfn === 0 || !this.#mapping.givesBackBlock(fast, pfn)) return LEAVE;
    const done = freeFrame(fast, pfn);
    this.#calls++;
    if (isMostlyUnused(fast.pool)) this.#compact(fast);
    // The last page accessed may have a list node in it now.
    this.#options.ram.keepWith(this);
    return done;
  }

  /** Reserves frames on the fast engine: done, -1 for refused, or {@linkcode LEAVE}. */
  reserve(first: number, count: number): number {
    const fast = this.#ready();
    if (fast === null) return LEAVE;
    this.#calls++;
    return reserveFrames(fast, first, count);
  }

  /** Gives reserved frames back on the fast engine: done, or {@linkcode LEAVE}. */
  unreserve(first: number, count: number): number {
    const fast = this.#ready();
    if (fast === null) return LEAVE;
    if (!this.#mapping.givesBack(first, count)) return LEAVE;
    this.#calls++;
    const done = unreserveFrames(fast, first, count);
    this.#options.ram.keepWith(this);
    return done;
  }

  /** Moves everything to new arrays, so that memory is given back. */
  #compact(fast: FastState): void {
    wipeAll(fast);
    const views = this.areas() ?? [];
    const smaller = adoptAreas(fast, this.#options.edition, views);
    if (smaller === null) unreachable("the fast engine does not take its own areas for sound");
    this.#fast = smaller;
    this.#wishes = null;
  }

  /** The areas, if the fast engine runs. */
  areas(): AreaView[] | null {
    const fast = this.#fast;
    if (fast === null) return null;
    const metadata = new Map<number, Pfn>(this.#places.map((one) => [one.area, one.metadata]));
    return fast.areas.map((area) => viewOf(fast, area, metadata.get(area.slot) ?? 0 as Pfn));
  }

  /** The first two words of a frame become 0: its list node is gone. */
  wipe(pfn: number): void {
    const address = BigInt(pfn * this.#pageBytes) as VirtAddr;
    this.#isBusy = true;
    this.#options.ram.fill(address, this.#nodeBytes, 0, "list_remove()");
    this.#isBusy = false;
  }

  #zero(pfn: number, order: number): void {
    const address = BigInt(pfn * this.#pageBytes) as VirtAddr;
    const length = byteCount(BigInt(2 ** order * this.#pageBytes));
    this.#isBusy = true;
    this.#options.ram.fill(address, length, 0, "page_memalign_order_flags()");
    this.#isBusy = false;
  }

  /** The fast engine for a call, started if it may and can be; null if the literal one has to make it. */
  #ready(): FastState | null {
    if (this.#fast !== null && this.#mapping.isOpen) return this.#fast;
    this.suspend();
    return this.#mapping.canOpen ? this.#start() : null;
  }

  #start(): FastState | null {
    this.#mapping.noteLiteral();
    if (this.#allowed === "literal" || this.#wait > 0) {
      this.#wait--;
      return null;
    }
    const { edition, ram } = this.#options;
    // Where the host took bytes away, the first who reads them is seen by it.
    const isWhole = !ram.keepWith(null);
    const views = isWhole && this.#literal.lock === "free" ? this.#literal.areas() : [];
    const rightPlaces = views.length > 0 && views.length === this.#places.length &&
      views.every((view, index) => this.#isAt(view, this.#places[index]));
    const empty = { rules: this.#rules, wiper: this };
    const isMapped = rightPlaces && this.#mapping.open(this.#places);
    const fast = isMapped ? adoptAreas(empty, edition, views) : null;
    this.#calls = 0;
    if (fast === null || this.#mapping.hasTableInFree(fast)) {
      this.#waitLonger();
      return null;
    }
    this.#fast = fast;
    this.#wishes = null;
    ram.keepWith(this);
    return fast;
  }

  /** Tells whether an area lies where it was made, all of it memory. */
  #isAt(view: AreaView, place: Place | undefined): boolean {
    const { ram, pageShift, descriptors } = this.#options;
    const { layout } = this.#target;
    if (place === undefined || view.area !== place.area || view.metadata !== place.metadata) {
      return false;
    }
    if (view.base !== place.base || view.top !== place.top) return false;
    const start = BigInt(view.metadata) << BigInt(pageShift);
    const end = BigInt(view.top) << BigInt(pageShift);
    const pointer = descriptors + BigInt(view.area * layout.sizeBytes + layout.pageStates);
    const at = wrapToWord(ram.wordBits, pointer) as VirtAddr;
    if (this.#memory.peek(at, wordBytes(ram.wordBits)) !== start) return false;
    let reached = start;
    for (const range of ram.map.ranges) {
      if (isMemory(range) && range.first <= reached && endOfRange(range) > reached) {
        reached = endOfRange(range);
      }
    }
    return reached >= end;
  }

  /** Stops the fast engine: memory holds everything, and the literal engine goes on. */
  suspend(): void {
    const fast = this.#fast;
    if (fast === null) return;
    this.#isBusy = true;
    if (this.#calls > 0) materialise(fast, this.#target);
    this.#isBusy = false;
    this.#fast = null;
    this.#options.ram.keepWith(null);
    if (this.#calls >= WORTHWHILE_CALLS) this.#nextWait = 1;
    this.#waitLonger();
  }

  #waitLonger(): void {
    this.#wait = this.#nextWait;
    this.#nextWait = Math.min(this.#nextWait * 2, LONGEST_WAIT);
  }

  /** Somebody else accesses host pages: if bytes of the allocator's own are in them, it stops. */
  beforeAccess(first: number, end: number): void {
    const fast = this.#fast;
    if (this.#isBusy || fast === null) return;
    const inRoom = first < this.#roomEnd && end > this.#roomFirst;
    if (inRoom || isOwnPage(fast, this.#places, this.#options.pageShift, first, end)) {
      this.suspend();
    }
  }

  /** Somebody looks at all of memory. */
  beforeAll(): void {
    if (!this.#isBusy) this.suspend();
  }
}
