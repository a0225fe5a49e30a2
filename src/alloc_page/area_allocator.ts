/**
 * What a page allocator with areas offers beside the calls, whichever engine runs.
 *
 * @module
 */

import type { PageAllocator } from "../page_allocator.ts";
import type { AreaContent } from "./build.ts";
import type { PointerConversions } from "./state.ts";

/** A page allocator with areas, whose descriptors lie in memory. */
export interface AreaAllocator extends PageAllocator {
  /** Whether the spinlock is held; it stays so after an assertion has failed. */
  readonly lock: "free" | "held";
  /** Replaces `virt_to_pfn` and `pfn_to_virt`, which matter once page tables are in use. */
  set conversions(conversions: PointerConversions);
  /**
   * Replaces what an initialised area holds, for tests: page states, free lists, `max_order`.
   *
   * @throws {RangeError} if there is no such area, or the states are not as many as its frames
   */
  rebuildArea(area: number, content: AreaContent): void;
}

/**
 * Tells whether a page allocator has areas.
 *
 * @param pages the page allocator
 * @returns false for the allocator before the rewrite
 */
export function hasAreas(pages: object): pages is AreaAllocator {
  return "rebuildArea" in pages;
}
