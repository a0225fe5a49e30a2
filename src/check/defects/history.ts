/**
 * Questions about the order of editions, for the list of defects.
 *
 * @module
 */

import { editionNamed, EDITIONS } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { unreachable } from "../../outcome.ts";

/** The place of the edition that has no defects: the last. */
const REPAIRED = EDITIONS.length - 1;

function placeOf(commit: string): number {
  const edition = editionNamed(commit) ?? unreachable(`no edition has the commit ${commit}`);
  return EDITIONS.indexOf(edition);
}

/**
 * A test for the editions from a commit on, as far as they are history: not the repaired one.
 *
 * @param first the commit of the first
 * @param last the commit of the first that is no longer meant; null for all that follow
 * @returns tells whether an edition is one of them
 */
export function between(first: string, last: string | null): (edition: Edition) => boolean {
  const from = placeOf(first);
  const to = last === null ? REPAIRED : placeOf(last);
  return (edition) => {
    const at = EDITIONS.indexOf(edition);
    return from <= at && at < to;
  };
}

/** Tells whether an edition is history, and not the repaired one. */
export function isHistoric(edition: Edition): boolean {
  return EDITIONS.indexOf(edition) < REPAIRED;
}

/** Tells whether an edition has areas and blocks: all but the allocator before the rewrite, the first. */
export function hasAreas(edition: Edition): boolean {
  return EDITIONS.indexOf(edition) > 0;
}
