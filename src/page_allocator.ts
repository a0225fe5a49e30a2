/**
 * What every page allocator of the model offers: the calls, and the observables by which engines and
 * recordings are compared.
 *
 * @module
 */

import { outcomeOf, stop } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import type { AreaNumber, Order, PageCount, Pfn, PhysAddr, VirtAddr } from "./units.ts";

/** A run of equal page states. */
export interface StateRun {
  /** The page state byte. */
  readonly state: number;
  /** The number of frames in a row. */
  readonly count: number;
}

/** How a walk along a list ended. */
export type ListEnd =
  /** At its own head, as it should. */
  | { readonly kind: "own-head" }
  /** At a null link. */
  | { readonly kind: "null" }
  /** At a node met before. */
  | { readonly kind: "cycle"; readonly pfn: Pfn }
  /** At the head of another list. */
  | { readonly kind: "other-head"; readonly area: AreaNumber; readonly order: Order }
  /** At an address that is no frame of an area and no head. */
  | { readonly kind: "wild"; readonly address: VirtAddr };

/** The chain of blocks that a walk along a list meets. */
export interface ListWalk {
  /** The first frame of each block, in order. */
  readonly pfns: readonly Pfn[];
  /** How the walk ended. */
  readonly end: ListEnd;
}

/** The free list of one order. */
export interface FreeListView {
  /** The order. */
  readonly order: Order;
  /** The walk along the next links, from the front. */
  readonly forward: ListWalk;
  /** The walk along the previous links, from the back, where it is no mirror of the other. */
  readonly backward: ListWalk | null;
}

/** An area as an observer sees it. */
export interface AreaView {
  /** Its slot. */
  readonly area: AreaNumber;
  /** The zone whose frames it holds, where that is another than its slot's: see {@linkcode zoneOf}. */
  readonly zone?: AreaNumber;
  /** The frame at which the metadata begins. */
  readonly metadata: Pfn;
  /** The first usable frame. */
  readonly base: Pfn;
  /** The first frame after. */
  readonly top: Pfn;
  /** The largest order worth searching; null where the edition keeps none. */
  readonly maxOrder: Order | null;
  /** The page states of `[base, top)`. */
  readonly states: readonly StateRun[];
  /** The lists that are not empty, by ascending order. */
  readonly freeLists: readonly FreeListView[];
}

/**
 * The zone whose frames an area holds. Its bit in a request's mask stands for all its areas.
 *
 * A zone's first range lives in the zone's own slot. Where a zone can have several ranges, the further
 * ones live in slots that no zone has.
 *
 * @param view the area
 * @returns the zone's number
 */
export function zoneOf(view: Pick<AreaView, "area" | "zone">): AreaNumber {
  return view.zone ?? view.area;
}

/** Something an engine did on the way to a result. Addresses are frames, sizes are orders. */
export type AllocatorEvent =
  | {
    readonly kind: "area";
    readonly area: AreaNumber;
    readonly metadata: Pfn;
    readonly base: Pfn;
    readonly top: Pfn;
  }
  | {
    readonly kind: "left-out";
    readonly start: Pfn;
    readonly top: Pfn;
    readonly reason: "too-small" | "no-slot";
  }
  | {
    readonly kind: "link";
    readonly pfn: Pfn;
    readonly order: Order;
    readonly end: "front" | "back";
  }
  | { readonly kind: "unlink"; readonly pfn: Pfn; readonly order: Order }
  | { readonly kind: "split"; readonly pfn: Pfn; readonly order: Order }
  | { readonly kind: "coalesce"; readonly pfn: Pfn; readonly order: Order }
  | { readonly kind: "state"; readonly pfn: Pfn; readonly count: PageCount; readonly state: number }
  | { readonly kind: "zero"; readonly pfn: Pfn; readonly count: PageCount }
  | { readonly kind: "undefined"; readonly what: string; readonly seen: string };

/**
 * Which events a page allocator reports: all of them; or only those that tell what became of memory that
 * was handed over, which costs nothing and stops no engine.
 */
export type EventScope = "all" | "areas";

/** Somebody who is told of events. */
export type EventListener = (event: AllocatorEvent) => void;

/**
 * A listener that hears no more than it wants to.
 *
 * @param scope what it wants to hear
 * @param listener the listener
 * @returns the listener, or one that passes on what it wants to hear
 */
export function heardIn(scope: EventScope, listener: EventListener): EventListener {
  if (scope === "all") return listener;
  return (event) => {
    if (event.kind === "area" || event.kind === "left-out") listener(event);
  };
}

/** A call of a page allocator, as it was made: with the number that its flags are. */
export type AllocatorCall =
  | {
    readonly kind: "init-area";
    readonly area: number;
    readonly start: Pfn;
    readonly top: Pfn;
  }
  | { readonly kind: "alloc-pages"; readonly order: number; readonly flags: number }
  | {
    readonly kind: "memalign-pages";
    readonly alignment: bigint;
    readonly size: bigint;
    readonly flags: number;
  }
  | { readonly kind: "free-pages"; readonly address: VirtAddr }
  | { readonly kind: "reserve-pages"; readonly address: PhysAddr; readonly count: PageCount }
  | { readonly kind: "unreserve-pages"; readonly address: PhysAddr; readonly count: PageCount };

/** What a call of a page allocator returns: an address, NULL, 0 or -1, or nothing. */
export type AllocatorResult = VirtAddr | number | null | void;

/** Somebody who is told of each call of a page allocator, whoever makes it. */
export interface AllocatorObserver {
  /** A call is about to be made. */
  before(call: AllocatorCall): void;
  /** It was made. */
  after(call: AllocatorCall, outcome: Outcome<AllocatorResult>): void;
}

/**
 * Makes a call of a page allocator, and tells who observes it.
 *
 * @param observer who observes; null for nobody
 * @param call the call
 * @param action makes it
 * @returns what it returns
 */
export function observed<T extends AllocatorResult>(
  observer: AllocatorObserver | null,
  call: AllocatorCall,
  action: () => T,
): T {
  if (observer === null) return action();
  observer.before(call);
  const outcome = outcomeOf(action);
  observer.after(call, outcome);
  return outcome.kind === "returned" ? outcome.value : stop(outcome);
}

/**
 * Has two observe: the outer one is told first that a call begins, and last that it has ended.
 *
 * @param outer the one; null for nobody
 * @param inner the other
 * @returns both as one
 */
export function nestedObservers(
  outer: AllocatorObserver | null,
  inner: AllocatorObserver | null,
): AllocatorObserver | null {
  if (outer === null || inner === null) return outer ?? inner;
  return {
    before: (call) => {
      outer.before(call);
      inner.before(call);
    },
    after: (call, outcome) => {
      inner.after(call, outcome);
      outer.after(call, outcome);
    },
  };
}

/** The page allocator's calls. Each may end in an outcome other than a return (`outcomeOf`). */
export interface PageAllocator {
  /** The areas that are initialised, as a mask. */
  readonly areasMask: number;
  /** Who is told of each call; null for nobody. A copied machine has nobody. */
  observer: AllocatorObserver | null;
  /** Says who is told of events from now on, and of which. */
  listen(scope: EventScope, listener: EventListener): void;
  /** `page_alloc_init_area`: hands frames `[start, top)` over; area 255 stands for any. */
  initArea(area: number, start: Pfn, top: Pfn): void;
  /** `page_alloc_initialized`. */
  isInitialized(): boolean;
  /** `alloc_pages_flags`, or `alloc_pages_area` before flags. The order is an `unsigned int`. */
  allocPages(order: number, flags: number): VirtAddr | null;
  /** `memalign_pages_flags`, or `memalign_pages_area` before flags. Both sizes in bytes. */
  memalignPages(alignment: bigint, size: bigint, flags: number): VirtAddr | null;
  /** `free_pages`. */
  freePages(address: VirtAddr): void;
  /** `reserve_pages` (an integer) or `alloc_pages_special` (an address or null). */
  reservePages(address: PhysAddr, count: PageCount): number | VirtAddr | null;
  /** `unreserve_pages` or `free_pages_special`. */
  unreservePages(address: PhysAddr, count: PageCount): void;
  /** The areas, by ascending number. Reads memory without touching it. */
  areas(): AreaView[];
}
