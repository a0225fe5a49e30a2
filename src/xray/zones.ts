/**
 * Which zone frames belong to, so which slot an area has that was handed over for any area.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import type { Edition } from "../edition.ts";

/**
 * The zone of a range, as `page_alloc_init_area` chooses it.
 *
 * @param arch the architecture
 * @param edition the edition
 * @param metadata the first frame of the range
 * @returns the number of the zone
 */
export function zoneOfFrames(arch: Arch, edition: Edition, metadata: number): number {
  const zones = areaTableOf(arch, edition).zones.filter(({ step }) => step !== "never");
  return zones.find(({ cutoff }) => metadata >= cutoff)?.area ?? 0;
}
