/**
 * How many states there must be: the counts that follow from what coalescing promises.
 *
 * @module
 */

import type { Folding } from "./key.ts";
import { FREE } from "./model.ts";
import type { Model } from "./model.ts";
import { carvedBlocks } from "./initial.ts";
import type { ExploreOperation } from "./packed_call.ts";

/** What a single frame can be, besides usable and allocated. */
export interface FrameStates {
  /** Whether it can be reserved. */
  readonly reserved: "no" | "yes";
  /** Whether usable is two things: fresh and free. */
  readonly fresh: "folded" | "told-apart";
}

/**
 * The number of states of 2^order frames that begin as one block, where buddies that are both usable are
 * always one block.
 *
 * A frame is usable or allocated: 2 states, with reservation 3. A larger block is whole and in one of
 * these two states, or it is two halves in any states, except that both are wholly usable, for then it
 * is whole: a(k) = a(k−1)² − 1 + 2. With fresh told from free, a frame has one state more, a whole block
 * 3 and a pair of wholly usable halves 4: a(k) = a(k−1)² − 1. The latter is a bound: some mixtures of
 * fresh and free cannot be reached.
 *
 * @param order the order, 0 or more
 * @param frame what a frame can be
 * @returns such as 2, 5, 26, 677, 458330 for orders 0 to 4
 *
 * @example 16 frames
 * ```ts
 * import { closedForm } from "@buddyscope/sim/check";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(closedForm(4, { reserved: "no", fresh: "folded" }), 458330n);
 * ```
 */
export function closedForm(order: number, frame: FrameStates): bigint {
  const isFolded = frame.fresh === "folded";
  let states = 2n + (isFolded ? 0n : 1n) + (frame.reserved === "yes" ? 1n : 0n);
  for (let level = 0; level < order; level++) states = states ** 2n + (isFolded ? 1n : -1n);
  return states;
}

/** How many states an exploration must find. */
export interface ExpectedStates {
  /** The number. */
  readonly states: bigint;
  /** Whether it is the number, or one that cannot be exceeded. */
  readonly relation: "exactly" | "at-most";
}

/** Whether an edition joins all usable buddies, and keeps reserved frames off its lists. */
function keepsItsPromises({ behaviour, encodings }: Model, reserves: boolean): boolean {
  const joins = behaviour.mergeableBuddies === "usable" || encodings[FREE] === 0;
  return joins && (!reserves || behaviour.reservedFrames === "leave-their-list");
}

/**
 * The number of states of a configuration, if a closed form gives it.
 *
 * A block that an area was carved into never joins another, so the counts of the blocks multiply.
 *
 * @param model the edition and the areas
 * @param folding what is left out of states
 * @param operations what is done
 * @returns the number; null if the order of lists or `max_order` is part of a state, if the edition does
 * not coalesce, or if blocks are not both allocated and freed
 */
export function expectedStates(
  model: Model,
  folding: Folding,
  operations: ReadonlySet<ExploreOperation>,
): ExpectedStates | null {
  const reserves = operations.has("reserve") && model.behaviour.reservationForm !== null;
  if (folding.lists === "exact" || folding.maxOrder === "kept") return null;
  if (!operations.has("alloc") || !operations.has("free")) return null;
  if (!keepsItsPromises(model, reserves)) return null;
  const frame: FrameStates = { reserved: reserves ? "yes" : "no", fresh: folding.fresh };
  let states = 1n;
  for (const { order } of carvedBlocks(model.geometry)) states *= closedForm(order, frame);
  return { states, relation: folding.fresh === "folded" ? "exactly" : "at-most" };
}
