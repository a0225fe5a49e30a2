/**
 * Designs of metadata as JSON.
 *
 * @module
 */

import { DESIGNS, HAZARD_POLICIES } from "../metadata_design/mod.ts";
import type { SizeFigures } from "../metadata_design/mod.ts";
import type { TimedComparison } from "./designs_text.ts";

const FORMAT = "buddyscope-designs-1";

/**
 * Comparisons as plain data, with the designs, what they take on machines of each size, and the policies.
 *
 * @param comparisons the comparisons
 * @param sizes the designs on machines of each size
 * @returns plain data
 */
export function designsToJson(
  comparisons: readonly TimedComparison[],
  sizes: readonly SizeFigures[],
): Record<string, unknown> {
  return {
    format: FORMAT,
    designs: DESIGNS.map((design) => ({
      ...design,
      sizes: sizes.filter((one) => one.design === design.name)
        .map(({ design: _, ...figures }) => figures),
    })),
    policies: HAZARD_POLICIES.map(({ name, title }) => ({ name, title })),
    traces: comparisons.map(({ speeds, designs, ...trace }) => ({
      ...trace,
      designs: designs.map((figures, at) => ({
        ...figures,
        operationsPerSecond: speeds[at] ?? null,
      })),
    })),
  };
}
