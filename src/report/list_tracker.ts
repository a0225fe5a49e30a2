/**
 * How many blocks the free lists of each area hold, followed from event to event: a look at all of memory
 * after each step would cost a thousand times as much.
 *
 * @module
 */

import type { AllocatorEvent, AreaView } from "../page_allocator.ts";
import { isSound } from "./free_lists.ts";

/** The lists of an area. */
interface TrackedArea {
  readonly view: AreaView;
  /** The number of blocks by order. */
  readonly counts: number[];
  /** The order of the list that each block stands on, by its first frame. */
  readonly listed: Map<number, number>;
}

/** What came of following a step: the slots of the areas that it changed, or that nobody can tell. */
export type Followed = ReadonlySet<number> | "lost";

/**
 * The lists of all areas. As long as they are sound, and only the allocator writes to them, its events say
 * all that happens to them; if that is not so, the tracker is lost until it sees the areas again.
 */
export class ListTracker {
  #areas: readonly TrackedArea[] = [];
  #state: "following" | "lost" = "lost";

  /**
   * Begins anew with the areas as they are.
   *
   * @param views the areas
   */
  see(views: readonly AreaView[]): void {
    const isFollowed = views.every(({ freeLists }) => freeLists.every(isSound));
    this.#state = isFollowed ? "following" : "lost";
    this.#areas = isFollowed ? views.map(trackedArea) : [];
  }

  /**
   * Follows the events of a step.
   *
   * @param events the events, all of them
   * @returns the areas in which something happened
   */
  follow(events: readonly AllocatorEvent[]): Followed {
    const changed = new Set<number>();
    for (const event of events) {
      const slot = this.#state === "lost" ? null : this.#followOne(event);
      if (slot === null) {
        this.#state = "lost";
        return "lost";
      }
      changed.add(slot);
    }
    return this.#state === "lost" ? "lost" : changed;
  }

  /**
   * The blocks on the lists of an area.
   *
   * @param slot the area
   * @returns their number by order, from 0; orders without blocks may be missing at the end
   */
  countsOf(slot: number): readonly number[] {
    return this.#areas.find(({ view }) => view.area === slot)?.counts ?? [];
  }

  /** The slot of the area in which something happened; null if its lists are not known any more. */
  #followOne(event: AllocatorEvent): number | null {
    if (!("pfn" in event)) return null;
    const { pfn } = event;
    const area = this.#areas.find(({ view }) => pfn >= view.base && pfn < view.top);
    if (area === undefined) return null;
    const isKnown = changeLists(area, event);
    return isKnown ? area.view.area : null;
  }
}

function trackedArea(view: AreaView): TrackedArea {
  const listed = new Map<number, number>();
  const counts: number[] = [];
  for (const { order, forward } of view.freeLists) {
    while (counts.length <= order) counts.push(0);
    counts[order] = forward.pfns.length;
    for (const frame of forward.pfns) listed.set(frame, order);
  }
  return { view, counts, listed };
}

/** Does to the lists what an event tells; tells whether they are sound still. */
function changeLists({ counts, listed }: TrackedArea, event: AllocatorEvent): boolean {
  switch (event.kind) {
    case "link": {
      const { pfn, order } = event;
      if (listed.has(pfn)) return false;
      listed.set(pfn, order);
      while (counts.length <= order) counts.push(0);
      counts[order] = (counts[order] ?? 0) + 1;
      return true;
    }
    case "unlink": {
      const order = listed.get(event.pfn);
      if (order === undefined) return false;
      listed.delete(event.pfn);
      counts[order] = (counts[order] ?? 0) - 1;
      return true;
    }
    case "zero":
      return !holdsAny(listed, event.pfn, event.count);
    default:
      return true;
  }
}

/** Tells whether a block that is listed begins in some frames: its links are gone if they are wiped. */
function holdsAny(listed: ReadonlyMap<number, number>, first: number, count: number): boolean {
  if (count > listed.size) {
    for (const frame of listed.keys()) if (frame >= first && frame < first + count) return true;
    return false;
  }
  for (let frame = first; frame < first + count; frame++) if (listed.has(frame)) return true;
  return false;
}
