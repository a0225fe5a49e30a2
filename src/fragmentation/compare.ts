/**
 * Indices that a kernel printed, beside those that its counts give.
 *
 * @module
 */

import { externalFragmentationIndex, unusableIndex } from "./indices.ts";
import { isIndexTable, zoneCountsOf } from "./tables.ts";
import type { BuddyInfo, FreeMemoryTable, IndexKind, PageTypeInfo, ZoneCounts } from "./tables.ts";

/** An index that is another than the counts give. */
export interface IndexDifference {
  /** The node. */
  readonly node: number;
  /** The zone. */
  readonly zone: string;
  /** Which index. */
  readonly kind: IndexKind;
  /** The order. */
  readonly order: number;
  /** The index that was printed, in thousandths. */
  readonly printed: number;
  /** The one that the counts give. */
  readonly computed: number;
}

/** What a comparison found. */
export interface IndexComparison {
  /** How many indices were compared. */
  readonly compared: number;
  /** Those that differ. */
  readonly differences: readonly IndexDifference[];
}

/** Gives the first table's row of a zone when first asked for it, then the second's, and so on. */
class Readings {
  readonly #zones = new Map<string, ZoneCounts[]>();
  readonly #given = new Map<string, number>();

  constructor(zones: readonly ZoneCounts[]) {
    for (const one of zones) {
      const key = `${one.node} ${one.zone}`;
      const known = this.#zones.get(key);
      if (known === undefined) this.#zones.set(key, [one]);
      else known.push(one);
    }
  }

  next(kind: IndexKind, node: number, zone: string): ZoneCounts | undefined {
    const key = `${kind} ${node} ${zone}`;
    const given = this.#given.get(key) ?? 0;
    this.#given.set(key, given + 1);
    return this.#zones.get(`${node} ${zone}`)?.[given];
  }
}

/**
 * Compares printed indices with those of printed counts, where both are there for a zone: the first reading
 * with the first, the second with the second. Counts that are lower bounds only are left out.
 *
 * @param tables the tables of one machine
 * @returns what was compared, and what differs
 */
export function compareIndices(tables: readonly FreeMemoryTable[]): IndexComparison {
  const readings = new Readings(
    tables.filter((table): table is BuddyInfo | PageTypeInfo => !isIndexTable(table))
      .flatMap(zoneCountsOf),
  );
  const differences: IndexDifference[] = [];
  let compared = 0;
  for (const { kind, rows } of tables.filter(isIndexTable)) {
    const indexOf = kind === "extfrag_index" ? externalFragmentationIndex : unusableIndex;
    for (const { node, zone, indices } of rows) {
      const reading = readings.next(kind, node, zone);
      if (reading === undefined || reading.atLeast.length > 0) continue;
      indices.forEach((printed, order) => {
        compared++;
        const computed = indexOf(reading.counts, order);
        if (computed !== printed) {
          differences.push({ node, zone, kind, order, printed, computed });
        }
      });
    }
  }
  return { compared, differences };
}
