/**
 * The long comparison of the two engines: every state of areas of 4 to 8 frames, or 100,000 of them.
 */

import { assert } from "@std/assert";
import { EDITIONS } from "../../mod.ts";
import { exploreSmallArea } from "../alloc_page_fast_small.ts";

for (const edition of EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas")) {
  Deno.test(`fast and literal engine agree in every state of small areas: ${edition.name}`, () => {
    for (const frames of [4, 5, 6, 7, 8]) {
      assert(exploreSmallArea(frames, edition, 100_000) > 0);
    }
  });
}
