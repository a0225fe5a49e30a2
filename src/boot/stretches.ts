/**
 * Stretches of addresses, and what is left of them without others.
 *
 * @module
 */

/** A stretch of addresses, `[first, end)`, in bytes. */
export interface Stretch {
  /** The first byte. */
  readonly first: bigint;
  /** The first address after. */
  readonly end: bigint;
}

function byAddress(stretches: readonly Stretch[]): Stretch[] {
  return stretches.toSorted((one, other) =>
    one.first === other.first ? 0 : one.first < other.first ? -1 : 1
  );
}

/**
 * What is left of a stretch without some others.
 *
 * @param stretch the stretch
 * @param others what to take away, in any order
 * @returns the pieces, by ascending address
 */
export function without(stretch: Stretch, others: readonly Stretch[]): Stretch[] {
  const near = others.filter(({ first, end }) => first < stretch.end && end > stretch.first);
  const left: Stretch[] = [];
  let from = stretch.first;
  for (const { first, end } of byAddress(near)) {
    if (first > from) left.push({ first: from, end: first });
    if (end > from) from = end;
  }
  if (from < stretch.end) left.push({ first: from, end: stretch.end });
  return left;
}

/**
 * Joins stretches that touch or overlap.
 *
 * @param stretches the stretches, in any order
 * @returns the same addresses, by ascending address, with a gap between any two
 */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const stretch of byAddress(stretches)) {
    const last = found.at(-1);
    if (last === undefined || stretch.first > last.end) found.push(stretch);
    else if (stretch.end > last.end) found[found.length - 1] = { ...last, end: stretch.end };
  }
  return found;
}

/**
 * The parts of stretches that are whole granules.
 *
 * @param stretches the stretches
 * @param granule the size of a granule in bytes
 * @returns what is left, empty ones left out
 */
export function wholeGranules(stretches: readonly Stretch[], granule: bigint): Stretch[] {
  return stretches.map(({ first, end }) => ({
    first: (first + granule - 1n) / granule * granule,
    end: end - end % granule,
  })).filter(({ first, end }) => first < end);
}
