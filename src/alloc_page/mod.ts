/**
 * The literal page allocator: the algorithm step by step, on bytes in modelled memory.
 *
 * It is the executable specification. It reads what is there, so a damaged list or a poked page state
 * has the consequences that it has on the real machine.
 *
 * @module
 */

// Order: page_state, descriptor, state, areas, blocks, split, coalesce, free, search, request, reserve,
// init_area, view, build, area_allocator, behaviour, mod

import { heardIn, observed } from "../page_allocator.ts";
import type { AllocatorObserver, AreaView, EventListener, EventScope } from "../page_allocator.ts";
import type { PageCount, Pfn, PhysAddr, VirtAddr } from "../units.ts";
import type { AreaAllocator } from "./area_allocator.ts";
import { rebuildArea } from "./build.ts";
import type { AreaContent, ListContent } from "./build.ts";
import { freePages } from "./free.ts";
import { initArea } from "./init_area.ts";
import { allocPages, memalignPages } from "./request.ts";
import { reservationOf, reservePages, unreservePages } from "./reserve.ts";
import type { ReservationForm } from "./reserve.ts";
import { newLiteralState } from "./state.ts";
import type { LiteralOptions, LiteralState, PointerConversions } from "./state.ts";
import { viewAreas } from "./view.ts";
import type { Observer, Sight } from "./view.ts";

export { hasAreas } from "./area_allocator.ts";
export type { AreaAllocator } from "./area_allocator.ts";
export { ANY_AREA } from "./init_area.ts";
export { pageBehaviourOf } from "./behaviour.ts";
export type { PageBehaviour } from "./behaviour.ts";
export { descriptorLayout } from "./descriptor.ts";
export type { DescriptorLayout } from "./descriptor.ts";
export { decodePageState, encodePageState, isUsable, pageStateFormatOf } from "./page_state.ts";
export type { PageState } from "./page_state.ts";
export { opsEnableAssertion } from "./state.ts";
export { reservationOf };
export type {
  AreaContent,
  ListContent,
  LiteralOptions,
  Observer,
  PointerConversions,
  ReservationForm,
};

/**
 * The areas of an allocator that does not run, as memory holds them: of a dump, for one.
 *
 * @param options where its descriptors lie, and of which architecture and edition it is
 * @param areasMask the slots that are initialised, as a mask
 * @param memory the memory; it has to hold the descriptors
 * @returns a view of each area, by ascending slot
 */
export function areasInMemory(
  options: LiteralOptions,
  areasMask: number,
  memory: Observer,
): AreaView[] {
  const state = newLiteralState(options);
  state.areasMask = areasMask;
  return viewAreas(state, memory, null).areas.map(({ view }) => view);
}

/** The literal page allocator. */
export class LiteralPageAllocator implements AreaAllocator {
  /** Who is told of each call; null for nobody. */
  observer: AllocatorObserver | null = null;
  readonly #state: LiteralState;
  readonly #memory: Observer;
  /** What was seen last, and when. */
  #seen: Sight | null = null;

  /**
   * Makes an allocator without areas.
   *
   * @param options the parts of the machine that it works on
   * @param memory the same memory as an observer reads it
   */
  constructor(options: LiteralOptions, memory: Observer) {
    this.#state = newLiteralState(options);
    this.#memory = memory;
  }

  /** The areas that are initialised, as a mask. */
  get areasMask(): number {
    return this.#state.areasMask;
  }

  /** Whether the spinlock is held; it stays so after an assertion has failed. */
  get lock(): "free" | "held" {
    return this.#state.lock;
  }

  /** Says who is told of events from now on, and of which. */
  listen(scope: EventScope, listener: EventListener): void {
    this.#state.listener = heardIn(scope, listener);
  }

  /** Replaces `virt_to_pfn` and `pfn_to_virt`, as turning the MMU on does on arm and ppc64. */
  set conversions(conversions: PointerConversions) {
    this.#state.conversions = conversions;
  }

  /** Copies what the allocator knows outside of memory from another one, for a copied machine. */
  copyFrom(other: LiteralPageAllocator): void {
    this.#state.areasMask = other.#state.areasMask;
    this.#state.lock = other.#state.lock;
  }

  /**
   * Replaces what an initialised area holds, for tests: page states, free lists, `max_order`.
   *
   * @throws {RangeError} if there is no such area, or the states are not as many as its frames
   */
  rebuildArea(area: number, content: AreaContent): void {
    rebuildArea(this.#state, area, content);
  }

  /** `page_alloc_init_area`. */
  initArea(area: number, start: Pfn, top: Pfn): void {
    const call = { kind: "init-area", area, start, top } as const;
    observed(this.observer, call, () => initArea(this.#state, area, start, top));
  }

  /** `page_alloc_initialized`. */
  isInitialized(): boolean {
    return this.#state.areasMask !== 0;
  }

  /** `alloc_pages_flags`. */
  allocPages(order: number, flags: number): VirtAddr | null {
    const call = { kind: "alloc-pages", order, flags } as const;
    return observed(this.observer, call, () => allocPages(this.#state, order, flags));
  }

  /** `memalign_pages_flags`. */
  memalignPages(alignment: bigint, size: bigint, flags: number): VirtAddr | null {
    const call = { kind: "memalign-pages", alignment, size, flags } as const;
    return observed(this.observer, call, () => memalignPages(this.#state, alignment, size, flags));
  }

  /** `free_pages`. */
  freePages(address: VirtAddr): void {
    const call = { kind: "free-pages", address } as const;
    observed(this.observer, call, () => freePages(this.#state, address));
  }

  /** `reserve_pages` or `alloc_pages_special`. */
  reservePages(address: PhysAddr, count: PageCount): number | VirtAddr | null {
    const call = { kind: "reserve-pages", address, count } as const;
    return observed(this.observer, call, () => reservePages(this.#state, address, count));
  }

  /** `unreserve_pages` or `free_pages_special`. */
  unreservePages(address: PhysAddr, count: PageCount): void {
    const call = { kind: "unreserve-pages", address, count } as const;
    observed(this.observer, call, () => unreservePages(this.#state, address, count));
  }

  /** The areas, by ascending number. What was not written to since is the same object as before. */
  areas(): AreaView[] {
    this.#seen = viewAreas(this.#state, this.#memory, this.#seen);
    return this.#seen.areas.map(({ view }) => view);
  }
}
