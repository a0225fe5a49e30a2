/**
 * Splits and joins of the literal engine, for the books that the fast one keeps by itself.
 *
 * @module
 */

import { noteMoves } from "../alloc_page_fast/mod.ts";
import type { Moves } from "../alloc_page_fast/mod.ts";
import type { EventListener } from "../page_allocator.ts";

/**
 * Makes a listener that notes what is split and joined.
 *
 * @param moves the books
 * @returns the listener, for all events
 */
export function listenerFor({ splits, joins }: Moves): EventListener {
  return (event) => {
    if (event.kind === "split") noteMoves(splits, event.order, event.order - 1);
    if (event.kind === "coalesce") noteMoves(joins, event.order, event.order - 1);
  };
}
