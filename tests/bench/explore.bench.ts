/**
 * Exhaustive exploration: calls made and checked. The number of calls stands in the name, so that the
 * rate is that number by the time.
 */

import { X86_64 } from "../../arch/mod.ts";
import { explore, type ExploreOptions } from "../../src/check/mod.ts";
import { edition } from "../support.ts";

/** Explores areas of the repaired edition. */
function visit(frames: number, options: Partial<ExploreOptions> = {}): number {
  const areas = [{ frames }];
  return explore({ edition: edition("repaired"), arch: X86_64, areas, ...options }).transitions;
}

const FRESH = { operations: ["alloc", "free", "fresh"] } as const;
const EXACT = { lists: "exact", maxStates: 100_000 } as const;

for (
  const [what, frames, options] of [
    ["8 pages, alloc and free", 8, {}],
    ["8 pages, fresh too", 8, FRESH],
    ["11 pages, alloc and free", 11, {}],
    ["8 pages, exact lists", 8, EXACT],
    ["14 pages, alloc and free", 14, {}],
  ] as const
) {
  const calls = visit(frames, options);
  Deno.bench({ name: `${what}: ${calls} calls`, group: "explore" }, () => {
    visit(frames, options);
  });
}
