/**
 * The long comparison of the two engines: every state of areas of 4 to 8 frames, lists in order, with every
 * call in each: up to some 200,000 states an edition. Takes some twenty minutes.
 */

import { assert } from "@std/assert";
import { EDITIONS } from "../../mod.ts";
import { exploreSmallArea } from "../alloc_page_fast_small.ts";

/** More states than an area of 8 frames has, in any edition. */
const ALL = 1_000_000;

for (const edition of EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas")) {
  Deno.test(`fast and literal engine agree in every state of small areas: ${edition.name}`, () => {
    for (const frames of [4, 5, 6, 7, 8]) {
      const states = exploreSmallArea(frames, edition, ALL);
      assert(states > 20 && states < ALL, `${states} states of ${frames} frames`);
    }
  });
}
