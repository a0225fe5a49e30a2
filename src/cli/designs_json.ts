/**
 * Designs of metadata as JSON.
 *
 * @module
 */

import { designBytesOf, DESIGNS } from "../metadata_design/mod.ts";
import { RAM_SIZES } from "./designs_text.ts";
import type { TimedComparison } from "./designs_text.ts";

const FORMAT = "buddyscope-designs-1";
const PAGE_BYTES = 4096;

/**
 * Comparisons as plain data, with the designs and what they take of RAM on 64 bits.
 *
 * @param comparisons the comparisons
 * @returns plain data
 */
export function designsToJson(comparisons: readonly TimedComparison[]): unknown {
  return {
    format: FORMAT,
    designs: DESIGNS.map((design) => ({
      ...design,
      sizes: RAM_SIZES.map((ram) => ({
        ram,
        ...designBytesOf(design, ram / PAGE_BYTES, 8),
      })),
    })),
    traces: comparisons.map(({ speeds, designs, ...trace }) => ({
      ...trace,
      designs: designs.map((figures, at) => ({
        ...figures,
        operationsPerSecond: speeds[at] ?? null,
      })),
    })),
  };
}
