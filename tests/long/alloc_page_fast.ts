/**
 * The long comparison of the two engines: every state of areas of 4 to 6 frames, and the 3,000 nearest states
 * of areas of 7 and 8, with every call in each. Takes some minutes.
 */

import { assert } from "@std/assert";
import { EDITIONS } from "../../mod.ts";
import { exploreSmallArea } from "../alloc_page_fast_small.ts";

/** More states than an area of 6 frames has, in any edition. */
const ALL = 100_000;
const NEAREST = 3_000;

for (const edition of EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas")) {
  Deno.test(`fast and literal engine agree in every state of small areas: ${edition.name}`, () => {
    for (const frames of [4, 5, 6]) {
      const states = exploreSmallArea(frames, edition, ALL);
      assert(states > 20 && states < ALL, `${states} states of ${frames} frames`);
    }
    for (const frames of [7, 8]) assert(exploreSmallArea(frames, edition, NEAREST) > 20);
  });
}
