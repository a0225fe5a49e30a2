/**
 * Ranges of frames to hand over: small, at awkward places, around the borders of zones.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { areaTableOf } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { pfn } from "../../units.ts";
import type { PageOp } from "../counterexample/mod.ts";
import type { FrameRange } from "../invariants/mod.ts";
import type { Choices } from "./plan.ts";

/** Any area. */
const ANY = 0xff;
/** How many places there are beside each border, 64 frames from each other. */
const PLACES = 3;
const PLACE_FRAMES = 64;

/** Where ranges may lie. */
export interface RangePlaces {
  /** The frames near which ranges begin. */
  readonly anchors: readonly [number, ...number[]];
  /** The zones by which a range can be handed over, apart from any. */
  readonly zones: readonly number[];
}

/**
 * The places at which ranges may lie on an architecture.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns frame 0x1000, and what lies around the borders of zones
 */
export function placesOf(arch: Arch, edition: Edition): RangePlaces {
  const { zones } = areaTableOf(arch, edition);
  const borders = zones.map(({ cutoff }) => Number(cutoff)).filter((cutoff) => cutoff > 0x800);
  return { anchors: [0x1000, ...borders], zones: zones.map(({ area }) => Number(area)) };
}

/**
 * The range that a number stands for.
 *
 * @param choices the number
 * @param places where ranges may lie
 * @param taken what was handed over before
 * @param limit the first frame that a word has no address for
 * @returns the call; null if its frames are taken, or do not exist
 */
export function rangeOf(
  choices: Choices,
  places: RangePlaces,
  taken: readonly FrameRange[],
  limit: number,
): PageOp | null {
  const size = choices.below(4) === 0 ? 1 + choices.below(80) : 6 + choices.below(40);
  const anchor = choices.of(places.anchors);
  const before = choices.below(3) === 0 ? choices.below(size + 1) : 0;
  const shift = choices.of([0, 0, 0, 1, 2, 3, 5, 8, 16]);
  const first = anchor - before + shift + PLACE_FRAMES * choices.below(PLACES);
  const range = { first, top: first + size };
  const isFree = taken.every((one) => one.first >= range.top || range.first >= one.top);
  if (!isFree || range.top >= limit) return null;
  const zone = choices.below(5) === 0 ? places.zones[choices.below(places.zones.length)] : ANY;
  return { kind: "init-area", area: zone ?? ANY, start: pfn(first), top: pfn(range.top) };
}
