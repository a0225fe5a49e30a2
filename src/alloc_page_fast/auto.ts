/**
 * The page allocator that runs on the fast engine as long as nobody looks, and on the literal one else.
 *
 * @module
 */

import { descriptorLayout, LiteralPageAllocator } from "../alloc_page/mod.ts";
import type {
  AreaAllocator,
  AreaContent,
  LiteralOptions,
  Observer,
  PointerConversions,
} from "../alloc_page/mod.ts";
import type { Ram } from "../memory/mod.ts";
import type { SwitchableSpace } from "../memory/switchable_space.ts";
import { observed } from "../page_allocator.ts";
import type { AllocatorObserver, AreaView, EventListener, EventScope } from "../page_allocator.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "../units.ts";
import { isPowerOfTwo } from "../word.ts";
import { orderOfBytes } from "./request.ts";
import { Runner } from "./runner.ts";
import { DONE, LEAVE, NONE } from "./constants.ts";

/** What the allocator works on. */
export interface AutoOptions extends LiteralOptions {
  /** Memory as the modelled code addresses it. */
  readonly space: SwitchableSpace;
  /** The memory below. */
  readonly ram: Ram;
}

/** Tells whether an address divided by the page size is a frame. Above 2^53 addresses are rounded. */
function isExactFrame(pfn: number): boolean {
  return pfn < 2 ** 40 && Number.isInteger(pfn);
}

/**
 * The page allocator on two engines. Nothing but speed tells which of them runs.
 *
 * The fast engine runs while the allocator's bytes lie at their own addresses (see {@linkcode Mapping}) and
 * nobody listens for all events. Before
 * somebody else accesses bytes of the allocator's own (page states, list nodes, descriptors), and before a
 * call whose outcome would be anything but a plain return, everything is written to memory, and the
 * literal engine takes over. The fast engine comes back for a later call if it finds all areas sound.
 */
export class AutoPageAllocator implements AreaAllocator {
  /** Who is told of each call; null for nobody. */
  observer: AllocatorObserver | null = null;
  readonly #literal: LiteralPageAllocator;
  readonly #runner: Runner;
  readonly #pageBytes: number;
  readonly #listCount: number;

  /**
   * Makes an allocator without areas.
   *
   * @param options the parts of the machine that it works on
   * @param memory the same memory as an observer reads it
   */
  constructor(options: AutoOptions, memory: Observer) {
    this.#literal = new LiteralPageAllocator(options, memory);
    this.#runner = new Runner(options, this.#literal, memory);
    this.#pageBytes = 2 ** options.pageShift;
    const { arch, edition, pageShift } = options;
    this.#listCount = descriptorLayout(arch, edition, pageShift).listCount;
  }

  /** Which engine will run the next call, if nothing comes between. */
  get engine(): "fast" | "literal" {
    return this.#runner.engine;
  }

  /** The memory that the fast engine holds beside modelled memory, in bytes; 0 while it does not run. */
  get residentBytes(): number {
    return this.#runner.residentBytes;
  }

  /** The areas that are initialised, as a mask. */
  get areasMask(): number {
    return this.#literal.areasMask;
  }

  /** Whether the spinlock is held; it stays so after an assertion has failed. */
  get lock(): "free" | "held" {
    return this.#literal.lock;
  }

  /** Says who is told of events from now on, and of which; only the literal engine tells of all. */
  listen(scope: EventScope, listener: EventListener): void {
    this.#runner.allow(scope === "all" ? "literal" : "fast");
    this.#literal.listen(scope, listener);
  }

  /** Replaces `virt_to_pfn` and `pfn_to_virt`, which matter once page tables are in use. */
  set conversions(conversions: PointerConversions) {
    this.#runner.walkPointers();
    this.#literal.conversions = conversions;
  }

  /** Copies what the allocator knows outside of memory from another one, for a copied machine. */
  copyFrom(other: AutoPageAllocator): void {
    other.#runner.suspend();
    this.#literal.copyFrom(other.#literal);
    this.#runner.copyFrom(other.#runner);
  }

  /**
   * Replaces what an initialised area holds, for tests: page states, free lists, `max_order`.
   *
   * @throws {RangeError} if there is no such area, or the states are not as many as its frames
   */
  rebuildArea(area: number, content: AreaContent): void {
    this.#runner.suspend();
    this.#literal.rebuildArea(area, content);
  }

  /** `page_alloc_init_area`. */
  initArea(area: number, start: Pfn, top: Pfn): void {
    const call = { kind: "init-area", area, start, top } as const;
    observed(this.observer, call, () => {
      this.#runner.suspend();
      this.#literal.initArea(area, start, top);
      this.#runner.noteAreas();
    });
  }

  /** `page_alloc_initialized`. */
  isInitialized(): boolean {
    return this.#literal.isInitialized();
  }

  /** `alloc_pages_flags`. */
  allocPages(order: number, flags: number): VirtAddr | null {
    if (this.observer === null) return this.#allocPages(order, flags);
    const call = { kind: "alloc-pages", order, flags } as const;
    return observed(this.observer, call, () => this.#allocPages(order, flags));
  }

  #allocPages(order: number, flags: number): VirtAddr | null {
    if (Number.isInteger(order) && order >= 0 && order < this.#listCount) {
      const found = this.#runner.alloc(order, order, flags);
      if (found !== LEAVE) return this.#addressOf(found);
    }
    this.#runner.suspend();
    return this.#literal.allocPages(order, flags);
  }

  #addressOf(pfn: number): VirtAddr | null {
    return pfn === NONE ? null : BigInt(pfn * this.#pageBytes) as VirtAddr;
  }

  /** `memalign_pages_flags`. */
  memalignPages(alignment: bigint, size: bigint, flags: number): VirtAddr | null {
    if (this.observer === null) return this.#memalignPages(alignment, size, flags);
    const call = { kind: "memalign-pages", alignment, size, flags } as const;
    return observed(this.observer, call, () => this.#memalignPages(alignment, size, flags));
  }

  #memalignPages(alignment: bigint, size: bigint, flags: number): VirtAddr | null {
    // Beyond half of a 32-bit word, rounding up may wrap.
    if (isPowerOfTwo(alignment) && alignment <= 0x40000000n && size >= 0n && size <= 0x40000000n) {
      const alignOrder = orderOfBytes(Number(alignment), this.#pageBytes);
      const sizeOrder = orderOfBytes(Number(size), this.#pageBytes);
      const found = this.#runner.alloc(alignOrder, sizeOrder, flags);
      if (found !== LEAVE) return this.#addressOf(found);
    }
    this.#runner.suspend();
    return this.#literal.memalignPages(alignment, size, flags);
  }

  /** `free_pages`. */
  freePages(address: VirtAddr): void {
    if (this.observer === null) return this.#freePages(address);
    const call = { kind: "free-pages", address } as const;
    observed(this.observer, call, () => this.#freePages(address));
  }

  #freePages(address: VirtAddr): void {
    const pfn = Number(address) / this.#pageBytes;
    if (isExactFrame(pfn) && this.#runner.free(pfn) === DONE) return;
    // free(NULL) looks its address up, at most, and touches nothing.
    if (pfn !== 0) this.#runner.suspend();
    this.#literal.freePages(address);
  }

  /** `reserve_pages` or `alloc_pages_special`. */
  reservePages(address: PhysAddr, count: PageCount): number | VirtAddr | null {
    const call = { kind: "reserve-pages", address, count } as const;
    return observed(this.observer, call, () => {
      const pfn = Number(address) / this.#pageBytes;
      const done = isExactFrame(pfn) ? this.#runner.reserve(pfn, count) : LEAVE;
      if (done !== LEAVE) return done;
      this.#runner.suspend();
      return this.#literal.reservePages(address, count);
    });
  }

  /** `unreserve_pages` or `free_pages_special`. */
  unreservePages(address: PhysAddr, count: PageCount): void {
    const call = { kind: "unreserve-pages", address, count } as const;
    observed(this.observer, call, () => {
      const pfn = Number(address) / this.#pageBytes;
      if (isExactFrame(pfn) && this.#runner.unreserve(pfn, count) === DONE) return;
      this.#runner.suspend();
      this.#literal.unreservePages(address, count);
    });
  }

  /** The areas, by ascending number. */
  areas(): AreaView[] {
    return this.#runner.areas() ?? this.#literal.areas();
  }
}
