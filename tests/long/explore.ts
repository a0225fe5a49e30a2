/**
 * Exhaustive explorations that take longer than the tests before each change.
 */

import { assertEquals } from "@std/assert";
import { X86_64 } from "../../arch/mod.ts";
import { explore, type ExploredArea, type ExploreOperation } from "../../src/check/mod.ts";
import { edition } from "../support.ts";

/** What exploring an edition gives. */
function counts(
  name: string,
  areas: readonly ExploredArea[],
  operations: readonly ExploreOperation[],
  lists: "exact" | "folded" = "folded",
): { states: number; agrees: string | null; broken: number } {
  const { states, agrees, violations } = explore({
    edition: edition(name),
    arch: X86_64,
    areas,
    operations,
    lists,
  });
  return { states, agrees, broken: violations.length };
}

for (const name of ["repaired", "pfn-2021-01"]) {
  Deno.test(`explore() finds 458,330 states of 16 coalescing pages, ${name}`, () => {
    const result = counts(name, [{ frames: 16 }], ["alloc", "free"]);
    assertEquals(result, { states: 458_330, agrees: "yes", broken: 0 });
  });
}

Deno.test("explore() finds nothing in 8 pages, all operations, lists folded or not", () => {
  const all = ["alloc", "free", "memalign", "reserve", "fresh"] as const;
  const result = counts("repaired", [{ frames: 8 }], all);
  assertEquals(result, { states: 49_673, agrees: "yes", broken: 0 });
  const exact = counts("repaired", [{ frames: 8 }], all, "exact");
  assertEquals(exact, { states: 332_401, agrees: null, broken: 0 });
});

Deno.test("explore() finds the states of 2 areas of 8 pages, repaired", () => {
  const result = counts("repaired", [{ frames: 8 }, { frames: 8 }], ["alloc", "free"]);
  assertEquals(result, { states: 677 * 677, agrees: "yes", broken: 0 });
});
