/**
 * What surfaces mean: the words of legends.
 *
 * @module
 */

import type { PageStateFormat, PageStatus } from "../../edition.ts";
import { STATUSES } from "../state_text.ts";
import type { LegendEntry } from "./picture.ts";

/**
 * What is never told apart in an encoding has one mark: without fresh, frames that were never handed out
 * are free like all others.
 *
 * @param format the encoding of page states
 * @returns the statuses that it knows, each with its letter, in the order of the documentation
 */
export function statusLegend(format: PageStateFormat): LegendEntry[] {
  const words: Readonly<Record<PageStatus, string>> = {
    fresh: ". fresh",
    free: "f free",
    allocated: "A allocated",
    special: "S special",
  };
  return STATUSES.filter((status) => isKnown(format, status))
    .map((status) => ({ mark: status, text: words[status] }));
}

function isKnown(format: PageStateFormat, status: PageStatus): boolean {
  return format[status] !== null && !(status === "fresh" && format.fresh === format.free);
}

/**
 * The class of what frames are counted as.
 *
 * @param key a status, or that states disagree
 * @returns the class
 */
export function markOf(key: PageStatus | "disagreeing"): string {
  return key === "disagreeing" ? "wrong" : key;
}
