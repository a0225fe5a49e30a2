/**
 * Mutants that no test can tell from the original, and why.
 *
 * @module
 */

import type { Mutant } from "./mutants.ts";

/** Changes that change nothing that anybody can see. */
export interface Equivalent {
  /** The file. */
  readonly path: string;
  /** What the mutant's `before` begins with. */
  readonly before: string;
  /** The kinds of change. */
  readonly operators: readonly string[];
  /** Why nothing changes. */
  readonly reason: string;
}

/** All of them. A row that fits no survivor is reported, so that the list stays true. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    path: "src/alloc_page/areas.ts",
    before: "for (let slot = 0; slot <",
    operators: ["flip a comparison"],
    reason: "No bit of the mask stands for the slot behind the last.",
  },
  {
    path: "src/alloc_page/areas.ts",
    before: "for (let zone = 0; zone <",
    operators: ["flip a comparison"],
    reason: "No area is of the zone behind the last.",
  },
  {
    path: "src/alloc_page/blocks.ts",
    before: "if (good > 0n)",
    operators: ["flip a comparison"],
    reason: "A fill of no bytes changes nothing.",
  },
  {
    path: "src/alloc_page/blocks.ts",
    before: "if (blockOrder < state.layout.listCount)",
    operators: ["flip a comparison"],
    reason: "Orders end below the number of lists, but for 255.",
  },
  {
    path: "src/alloc_page/coalesce.ts",
    before: "const aligned =",
    operators: ["and becomes or"],
    reason:
      "The caller computes both from one another: either both are aligned or an assertion failed before.",
  },
  {
    path: "src/alloc_page/coalesce.ts",
    before: "assertThat(state, aligned",
    operators: ["drop an assertion"],
    reason: "Upstream asserts what its only caller has just made sure of.",
  },
  {
    path: "src/alloc_page/coalesce.ts",
    before: "assertThat(state, upper ===",
    operators: ["drop an assertion"],
    reason: "Upstream asserts what its only caller has just made sure of.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "assertThat(state, (base - start)",
    operators: ["drop an assertion", "minus becomes plus"],
    reason: "The metadata always fit: upstream says so in a comment.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "const otherLast =",
    operators: ["one more"],
    reason:
      "No range can hold the last frame of another area and pass the three assertions before.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "assertThat(state, !areaContains(state, area, otherLast)",
    operators: ["drop an assertion"],
    reason:
      "No range can hold the last frame of another area and pass the three assertions before.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "assertThat(state, blockOrder !== 0",
    operators: ["drop an assertion"],
    reason: "A block of one frame always fits.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "let larger =",
    operators: ["one less"],
    reason: "The first round asks for the order that it has, and goes on.",
  },
  {
    path: "src/alloc_page/init_area.ts",
    before: "assertThat(state, blockOrder < state.layout.listCount",
    operators: ["drop an assertion", "flip a comparison"],
    reason: "There are lists for all orders of blocks that fit the address space.",
  },
  {
    path: "src/alloc_page/request.ts",
    before: "assertThat(state, alignOrder <",
    operators: ["drop an assertion", "flip a comparison"],
    reason: "There is a list for every power of two that fits a word.",
  },
  {
    path: "src/alloc_page/search.ts",
    before: "assertThat(state, alignOrder <",
    operators: ["flip a comparison", "and becomes or"],
    reason:
      "Both orders are one and the same, or were asserted before; none equals the number of lists, for the check in front.",
  },
  {
    path: "src/alloc_page/search.ts",
    before: "if (halfOrder >=",
    operators: ["flip a comparison"],
    reason: "No order equals the width of a word.",
  },
  {
    path: "src/alloc_page/search.ts",
    before: "while (part.order >",
    operators: ["flip a comparison"],
    reason:
      "Orders are equal only where the block has order 0, and then the fill before does not return.",
  },
  {
    path: "src/alloc_page/search.ts",
    before: "if (count <=",
    operators: ["flip a comparison"],
    reason: "No block has 2^52 frames.",
  },
  {
    path: "src/alloc_page/search.ts",
    before: "const highest =",
    operators: ["one more"],
    reason: "No area can hold a block of the largest order: it would have to begin at frame 0.",
  },
  {
    path: "src/alloc_page/state.ts",
    before: "if (maxOrder !== null && blockOrder >",
    operators: ["flip a comparison"],
    reason: "It stores the value that is there.",
  },
  {
    path: "src/alloc_page/state.ts",
    before: "state.slotAreas.set(",
    operators: ["drop a call"],
    reason: "Addresses are computed again each time: slower, and the same.",
  },
];

/**
 * The reason why a mutant cannot be caught, if it is known.
 *
 * @param mutant the mutant
 * @returns the row, or null
 */
export function equivalentOf(mutant: Mutant): Equivalent | null {
  return EQUIVALENTS.find(({ path, before, operators }) =>
    mutant.path === path && mutant.before.startsWith(before) && operators.includes(mutant.operator)
  ) ?? null;
}
