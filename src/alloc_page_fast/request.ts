/**
 * Requests of the fast engine: size and alignment, the areas that are allowed.
 *
 * @module
 */

import { readRequestFlags } from "../request_flags.ts";
import type { Edition } from "../edition.ts";
import { pfnOfNode } from "./pool.ts";
import type { FastArea, FastState } from "./state.ts";
import { takeFreshFromArea, takeFromArea, takeFront } from "./take.ts";
import * as constants from "./constants.ts";

/** Imported constants are slow; these are compiled in. */
const { LEAVE, NONE } = constants;

/** What a request's flags mean while the areas are what they are. */
export interface Wishes {
  /** The flags. */
  readonly flags: number;
  /** The areas to be searched, in order. */
  readonly areas: readonly FastArea[];
  /** The first of them; null if there are none. */
  readonly first: FastArea | null;
  /** 1 where frames are to be had that were never touched. */
  readonly fresh: number;
  /** 1 where what is found is to be zeroed. */
  readonly zeroes: number;
}

/**
 * Reads a request's flags.
 *
 * @param state the engine
 * @param edition the edition
 * @param flags the flags or areas, as the edition's call takes them
 * @returns what they mean
 */
export function wishesOf(state: FastState, edition: Edition, flags: number): Wishes {
  const zones = new Set(state.areas.map(({ zone }) => zone));
  const zonesMask = [...zones].reduce((mask, zone) => mask + 2 ** zone, 0);
  const { areasMask, fresh, dontZero } = readRequestFlags(edition, flags, zonesMask);
  const isAllowed = (zone: number): boolean => Math.floor(areasMask / 2 ** zone) % 2 === 1;
  const areas = state.areas.filter(({ zone }) => isAllowed(zone))
    .toSorted((one, other) => one.zone - other.zone || one.slot - other.slot);
  const zeroes = state.rules.zeroes === 1 && !dontZero;
  return { flags, areas, first: areas[0] ?? null, fresh: fresh ? 1 : 0, zeroes: zeroes ? 1 : 0 };
}

/**
 * Takes a block from the first area that has one. What it held is left as it is, and so is its list node.
 *
 * @param state the engine
 * @param wishes what is allowed
 * @param alignOrder the order of the alignment, with a list
 * @param sizeOrder the order of the size, with a list
 * @returns the block's first frame, {@linkcode NONE}, or {@linkcode LEAVE}
 */
export function takeBlock(
  state: FastState,
  wishes: Wishes,
  alignOrder: number,
  sizeOrder: number,
): number {
  const node = takeNode(state, wishes, alignOrder, sizeOrder);
  return node < 0 ? node : pfnOfNode(state.pool, node);
}

/**
 * Does what {@linkcode takeBlock} does, for those who go on with nodes.
 *
 * @param state the engine
 * @param wishes what is allowed
 * @param alignOrder the order of the alignment, with a list
 * @param sizeOrder the order of the size, with a list
 * @returns the node of the block's first frame, {@linkcode NONE}, or {@linkcode LEAVE}
 */
export function takeNode(
  state: FastState,
  wishes: Wishes,
  alignOrder: number,
  sizeOrder: number,
): number {
  const { first } = wishes;
  if (first !== null && alignOrder <= sizeOrder && wishes.fresh === 0) {
    const front = takeFront(state, first, sizeOrder);
    if (front !== NONE) return front;
  }
  return searchAreas(state, wishes, alignOrder, sizeOrder);
}

/** Takes a block from the first area that has one, where that is not just the front of a list. */
function searchAreas(
  state: FastState,
  wishes: Wishes,
  alignOrder: number,
  sizeOrder: number,
): number {
  const { areas } = wishes;
  if (wishes.fresh === 1) return takeFreshBlock(state, wishes, alignOrder, sizeOrder);
  for (let index = 0; index < areas.length; index++) {
    const area = areas[index];
    if (area === undefined) break;
    const found = takeFromArea(state, area, alignOrder, sizeOrder);
    if (found !== NONE) return found;
  }
  return NONE;
}

/** Half a block that is zeroed as a whole damages what lies behind it. */
function takeFreshBlock(
  state: FastState,
  wishes: Wishes,
  alignOrder: number,
  sizeOrder: number,
): number {
  if (wishes.zeroes === 1 && state.rules.freshIsWhole === 0) return LEAVE;
  for (const area of wishes.areas) {
    const found = takeFreshFromArea(state, area, alignOrder, sizeOrder);
    if (found !== NONE) return found;
  }
  return NONE;
}

/**
 * The order of a size or an alignment in bytes.
 *
 * @param bytes 0 or more; exact as a number
 * @param pageBytes the size of a page
 * @returns the smallest order whose block holds it; 0 for 0
 */
export function orderOfBytes(bytes: number, pageBytes: number): number {
  let order = 0;
  for (let size = pageBytes; size < bytes; size *= 2) order++;
  return order;
}
