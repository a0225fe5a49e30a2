/**
 * The page allocator before the rewrite of October 2020: one list of single pages, last in first out.
 *
 * ```text
 *   first ---> page ---> page ---> page ---> 0      word 0 of each free page is the link
 * ```
 *
 * There are no areas, no orders and no metadata; a block of several pages is a run of neighbours that
 * happen to stand on the list in ascending order.
 *
 * Source: `lib/alloc_page.c`, 3f6fee0d^.
 *
 * @module
 */

import { ListRuns } from "./alloc_page_list_runs.ts";
import type { Edition } from "./edition.ts";
import type { AddressSpace } from "./memory/address_space.ts";
import { stop } from "./outcome.ts";
import { heardIn, observed } from "./page_allocator.ts";
import type {
  AllocatorObserver,
  AreaView,
  EventListener,
  EventScope,
  ListWalk,
  PageAllocator,
} from "./page_allocator.ts";
import { areaNumber, byteCount, order, orderOfPages, pageCount, pfn } from "./units.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "./units.ts";
import { alignUpWrapped, wrapToWord } from "./word.ts";

/**
 * The most frames that can be handed over at once. The code writes a word into each, so 16 GiB of 4 KiB
 * frames cost some seconds here.
 */
export const MOST_LISTED_FRAMES: number = 2 ** 22;

/** What a list allocator works on. */
export interface ListAllocatorOptions {
  /** Memory as the allocator addresses it. */
  readonly space: AddressSpace;
  /** The edition, for messages. */
  readonly edition: Edition;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Reads a word without touching it; null where there is no memory. */
  readonly peekWord: (address: VirtAddr) => bigint | null;
}

/** The state that does not lie in modelled memory. */
interface ListState {
  /** The first free page; 0 for none. */
  first: bigint;
  /** The lowest frame ever given. */
  base: number;
  /** The first frame after the highest ever given. */
  top: number;
  /** The sizes of live blocks: callers of this edition pass the size when they free. */
  readonly sizes: Map<bigint, PageCount>;
}

/** The page allocator before the rewrite. */
export class ListPageAllocator implements PageAllocator {
  readonly #options: ListAllocatorOptions;
  #state: ListState = { first: 0n, base: 0, top: 0, sizes: new Map() };
  #listener: EventListener | null = null;
  /** The list once more, as runs, while nobody but this allocator changes it; else null. */
  #runs: ListRuns | null = null;
  /** Who is told of each call; null for nobody. */
  observer: AllocatorObserver | null = null;

  /**
   * Makes an allocator without pages.
   *
   * @param options the parts of the machine that it works on
   */
  constructor(options: ListAllocatorOptions) {
    this.#options = options;
  }

  /** 1 as soon as there are pages: the list counts as one area. */
  get areasMask(): number {
    return this.#state.top > 0 ? 1 : 0;
  }

  /** Copies what the allocator knows outside of memory from another one, for a copied machine. */
  copyFrom(other: ListPageAllocator): void {
    this.#state = { ...other.#state, sizes: new Map(other.#state.sizes) };
    this.#runs = null;
    if (other.#runs !== null) this.indexRuns();
  }

  /**
   * Keeps the runs of the list beside it from now on, so that a request walks over runs and not over pages:
   * for callers who write to no free page. What the allocator does, and what it leaves in memory, stays the
   * same; a list that is damaged, or that a release of what is not in use may damage, is walked as it is.
   */
  indexRuns(): void {
    const { peekWord, pageShift } = this.#options;
    const { base, first, top } = this.#state;
    const [firsts, counts]: [number[], number[]] = [[], []];
    let left = top - base;
    for (let page: bigint | null = first; page !== 0n; page = peekWord(page as VirtAddr)) {
      // A list that leads out of memory, or back, is walked as it is.
      if (page === null || left-- === 0 || page % (1n << BigInt(pageShift)) !== 0n) return;
      const frame = this.#frame(page);
      const last = firsts.length - 1;
      const count = counts[last] ?? 0;
      if (frame === (firsts[last] ?? NaN) + count) counts[last] = count + 1;
      else {
        firsts.push(frame);
        counts.push(1);
      }
    }
    this.#runs = new ListRuns();
    for (let at = firsts.length - 1; at >= 0; at--) {
      this.#runs.push(firsts[at] ?? 0, counts[at] ?? 0);
    }
  }

  /** Says who is told of events from now on, and of which. */
  listen(scope: EventScope, listener: EventListener): void {
    this.#listener = heardIn(scope, listener);
  }

  /** Hands frames `[start, top)` over, by freeing them: this edition has no call of that name. */
  initArea(area: number, start: Pfn, top: Pfn): void {
    const call = { kind: "init-area", area, start, top } as const;
    observed(this.observer, call, () => this.#initArea(start, top));
  }

  #initArea(start: Pfn, top: Pfn): void {
    const state = this.#state;
    if (top <= start) return;
    if (top - start > MOST_LISTED_FRAMES) {
      throw new RangeError(
        `Cannot hand ${
          top - start
        } frames to edition ${this.#options.edition.name}: it writes into ` +
          `each, the number must be at most ${MOST_LISTED_FRAMES}, take less or another edition`,
      );
    }
    state.base = state.top === 0 ? start : Math.min(state.base, start);
    state.top = Math.max(state.top, top);
    this.#runs = null;
    this.#listener?.({ kind: "area", area: areaNumber(0), metadata: start, base: start, top });
    this.#push(this.#address(start), pageCount(top - start));
  }

  /** Whether there is a page on the list. */
  isInitialized(): boolean {
    return this.#state.first !== 0n;
  }

  /**
   * `alloc_pages(order)`: the first run of 2^order pages on the list that ascend and begin aligned to
   * their size, zeroed. The flags are not known to this edition.
   */
  allocPages(requestedOrder: number, flags: number): VirtAddr | null {
    const call = { kind: "alloc-pages", order: requestedOrder, flags } as const;
    return observed(this.observer, call, () => this.#allocPages(requestedOrder));
  }

  #allocPages(requestedOrder: number): VirtAddr | null {
    // No machine has 2^52 pages: an order beyond that finds no run, whatever a shift by it would give.
    if (requestedOrder > 52) return null;
    const count = pageCount(2 ** requestedOrder);
    const block = this.#runs === null
      ? this.#takeRun(count)
      : this.#takeIndexed(this.#runs, requestedOrder);
    if (block === null) return null;
    const shift = BigInt(this.#options.pageShift);
    this.#options.space.fill(block, byteCount(BigInt(count) << shift), 0, "alloc_pages()");
    this.#state.sizes.set(block, count);
    this.#listener?.({ kind: "zero", pfn: this.#frame(block), count });
    return block;
  }

  /** `page_memalign`: the alignment is ignored; the size in bytes is rounded up to 2^order pages. */
  memalignPages(alignment: bigint, size: bigint, flags: number): VirtAddr | null {
    const call = { kind: "memalign-pages", alignment, size, flags } as const;
    return observed(this.observer, call, () => this.#memalignPages(size));
  }

  #memalignPages(size: bigint): VirtAddr | null {
    const { space, pageShift } = this.#options;
    const rounded = alignUpWrapped(space.wordBits, size, 1n << BigInt(pageShift));
    return this.#allocPages(orderOfPages(pageCount(Number(rounded >> BigInt(pageShift)))));
  }

  /** `free_pages(mem, size)`, with the size that was asked for, or one page if that is not known. */
  freePages(address: VirtAddr): void {
    observed(this.observer, { kind: "free-pages", address }, () => this.#freePages(address));
  }

  #freePages(address: VirtAddr): void {
    const known = this.#state.sizes.get(address);
    const count = known ?? pageCount(1);
    this.#state.sizes.delete(address);
    // A page that nobody has may be on the list; page 0 is its end.
    if (known === undefined || address === 0n) this.#runs = null;
    this.#runs?.push(this.#frame(address), count);
    this.#push(address, count);
  }

  /** This edition cannot reserve. */
  reservePages(_address: PhysAddr, _count: PageCount): never {
    return this.#cannotReserve();
  }

  /** This edition cannot reserve. */
  unreservePages(_address: PhysAddr, _count: PageCount): never {
    return this.#cannotReserve();
  }

  /** The list as one area without page states. */
  areas(): AreaView[] {
    const { base, top } = this.#state;
    if (top === 0) return [];
    const forward = this.#walk();
    return [{
      area: areaNumber(0),
      metadata: pfn(base),
      base: pfn(base),
      top: pfn(top),
      maxOrder: null,
      states: [],
      freeLists: forward.pfns.length === 0 && forward.end.kind === "own-head"
        ? []
        : [{ order: order(0), forward, backward: null }],
    }];
  }

  #cannotReserve(): never {
    throw new RangeError(
      `Cannot reserve pages: edition ${this.#options.edition.name} has no such call, it came with 34c95065`,
    );
  }

  #address(frame: number): VirtAddr {
    const { space, pageShift } = this.#options;
    return wrapToWord(space.wordBits, BigInt(frame) << BigInt(pageShift)) as VirtAddr;
  }

  #frame(address: bigint): Pfn {
    return Number(address >> BigInt(this.#options.pageShift)) as Pfn;
  }

  /** Links pages so that ascending addresses come out first, and puts them in front of the list. */
  #push(block: VirtAddr, count: PageCount): void {
    const { space, pageShift } = this.#options;
    const pageBytes = 1n << BigInt(pageShift);
    const rest = this.#state.first;
    this.#state.first = block;
    for (let done = 1; done <= count; done++) {
      const page = wrapToWord(space.wordBits, block + BigInt(done - 1) * pageBytes) as VirtAddr;
      space.writeWord(page, done === count ? rest : page + pageBytes, "free_pages()");
    }
    this.#listener?.({ kind: "link", pfn: this.#frame(block), order: order(0), end: "front" });
  }

  #takeRun(count: PageCount): VirtAddr | null {
    const { space, pageShift } = this.#options;
    const pageBytes = 1n << BigInt(pageShift);
    const size = BigInt(count) * pageBytes;
    let before = 0n;
    let run = { start: 0n, before: 0n, length: 0 };
    const met = new Set<bigint>();
    for (let page = this.#state.first; page !== 0n;) {
      if (met.has(page)) this.#neverEnds();
      met.add(page);
      const next = space.readWord(page as VirtAddr, "alloc_pages()");
      const goesOn = run.length > 0 && page === run.start + BigInt(run.length) * pageBytes;
      if (goesOn) run.length++;
      else if (page % size === 0n) run = { start: page, before, length: 1 };
      else run.length = 0;
      if (run.length === count) {
        if (run.before === 0n) this.#state.first = next;
        else space.writeWord(run.before as VirtAddr, next, "alloc_pages()");
        return run.start as VirtAddr;
      }
      before = page;
      page = next;
    }
    return null;
  }

  /** The same by runs: the one link that changes is written to memory. */
  #takeIndexed(runs: ListRuns, requestedOrder: number): VirtAddr | null {
    const taken = runs.take(requestedOrder);
    if (taken === null) return null;
    const next = taken.after === null ? 0n as VirtAddr : this.#address(taken.after);
    if (taken.before === null) this.#state.first = next;
    else this.#options.space.writeWord(this.#address(taken.before), next, "alloc_pages()");
    return this.#address(taken.first);
  }

  #neverEnds(): never {
    stop({
      kind: "undefined-behaviour",
      source: { file: "lib/alloc_page.c", function: "alloc_pages", line: null },
      what: "walks a list that never ends",
      seen: "",
    });
  }

  #walk(): ListWalk {
    const pfns: Pfn[] = [];
    if (this.#runs !== null) {
      for (const { first, end } of this.#runs.runs()) {
        for (let frame = first; frame < end; frame++) pfns.push(pfn(frame));
      }
      return { pfns, end: { kind: "own-head" } };
    }
    const met = new Set<bigint>();
    for (let page = this.#state.first; page !== 0n;) {
      if (met.has(page)) return { pfns, end: { kind: "cycle", pfn: this.#frame(page) } };
      const next = this.#options.peekWord(page as VirtAddr);
      if (next === null) return { pfns, end: { kind: "wild", address: page as VirtAddr } };
      met.add(page);
      pfns.push(this.#frame(page));
      page = next;
    }
    return { pfns, end: { kind: "own-head" } };
  }
}
