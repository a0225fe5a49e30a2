/**
 * What Linux's files about free memory hold.
 *
 * @module
 */

import type { FreeCounts } from "./indices.ts";

/** A zone of a node. */
export interface ZonePlace {
  /** The node. */
  readonly node: number;
  /** The zone, such as `Normal`. */
  readonly zone: string;
}

/** A row of {@linkcode BuddyInfo}. */
export interface CountRow extends ZonePlace {
  /** Free blocks by order. */
  readonly counts: FreeCounts;
}

/** `/proc/buddyinfo`: free blocks by order. */
export interface BuddyInfo {
  /** Tells the tables apart. */
  readonly kind: "buddyinfo";
  /** One for each zone. */
  readonly rows: readonly CountRow[];
}

/** A row of the first table of {@linkcode PageTypeInfo}. */
export interface TypeRow extends CountRow {
  /** The migrate type, such as `Movable`. */
  readonly type: string;
  /** The orders whose counts are lower bounds: the kernel stopped to count, and printed `>`. */
  readonly atLeast: readonly number[];
}

/** A row of {@linkcode BlockTable}. */
export interface BlockRow extends ZonePlace {
  /** Page blocks by migrate type. */
  readonly blocks: readonly number[];
}

/** A table of `/proc/pagetypeinfo` that counts page blocks. */
export interface BlockTable {
  /** The migrate types, in the order of the columns. */
  readonly types: readonly string[];
  /** One for each zone. */
  readonly rows: readonly BlockRow[];
}

/** `/proc/pagetypeinfo`: free blocks by order and migrate type, of one node. */
export interface PageTypeInfo {
  /** Tells the tables apart. */
  readonly kind: "pagetypeinfo";
  /** The order of a page block, of which each has a migrate type; null where the text has no such line. */
  readonly blockOrder: number | null;
  /** Free blocks. */
  readonly rows: readonly TypeRow[];
  /** How many page blocks have which type; null where the text does not tell. */
  readonly blocks: BlockTable | null;
  /** How many of them hold pages of another type too; null where the text does not tell. */
  readonly mixed: BlockTable | null;
}

/** Which index a file holds. */
export type IndexKind = "extfrag_index" | "unusable_index";

/** A row of {@linkcode IndexTable}. */
export interface IndexRow extends ZonePlace {
  /** The index of requests by order, in thousandths. */
  readonly indices: readonly number[];
}

/** `extfrag_index` or `unusable_index` of `/sys/kernel/debug/extfrag`. */
export interface IndexTable {
  /** Tells the tables apart. */
  readonly kind: IndexKind;
  /** One for each zone. */
  readonly rows: readonly IndexRow[];
}

/** A table of one of the files. */
export type FreeMemoryTable = BuddyInfo | PageTypeInfo | IndexTable;

/**
 * Tells whether a table holds indices, and not counts.
 *
 * @param table the table
 * @returns true for `extfrag_index` and `unusable_index`
 */
export function isIndexTable(table: FreeMemoryTable): table is IndexTable {
  return table.kind === "extfrag_index" || table.kind === "unusable_index";
}

/** Free blocks of a zone, whatever their migrate type. */
export interface ZoneCounts extends CountRow {
  /** The orders whose counts are lower bounds. */
  readonly atLeast: readonly number[];
}

/**
 * The free blocks of each zone of a table.
 *
 * @param table `/proc/buddyinfo`, or `/proc/pagetypeinfo`, whose migrate types are added up
 * @returns the zones, in the order of the table
 */
export function zoneCountsOf(table: BuddyInfo | PageTypeInfo): ZoneCounts[] {
  if (table.kind === "buddyinfo") return table.rows.map((row) => ({ ...row, atLeast: [] }));
  const zones = new Map<string, ZoneCounts>();
  for (const { node, zone, counts, atLeast } of table.rows) {
    const key = `${node} ${zone}`;
    const known = zones.get(key);
    zones.set(key, {
      node,
      zone,
      counts: known === undefined
        ? counts
        : counts.map((count, order) => count + (known.counts[order] ?? 0)),
      atLeast: [...new Set([...known?.atLeast ?? [], ...atLeast])].toSorted((one, other) =>
        one - other
      ),
    });
  }
  return [...zones.values()];
}
