/**
 * The walk that makes the tables it misses, as `install_pte`, `get_pte` and `get_dat_entry` do it.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { unreachable } from "../../outcome.ts";
import {
  decodeAddress,
  encodeAddress,
  type EntrySeries,
  holds,
  levelAt,
  makeTable,
  type PageTables,
  readEntry,
  type Slot,
  slotAt,
  slotFor,
  tableMemory,
  writeEntries,
  writeEntry,
} from "./tables.ts";

/** What a walk found: the table at the depth asked for, and how it got there. */
export interface Walk {
  /** The address of the table. */
  readonly table: bigint;
  /** The addresses of the tables above it, the root first. */
  readonly above: readonly bigint[];
  /** Whether the walk wrote anything. */
  readonly madeTables: boolean;
}

/**
 * Walks to the table at a depth and makes the tables that are missing on the way, from the top down.
 *
 * Follows whatever is not missing: a large page on the way is split on s390x and taken for a table
 * elsewhere.
 *
 * Changes page tables in memory. Tables that it made stay, even if it cannot make the next one. Ends in
 * a fault if a table is not where the code can reach it.
 *
 * Source: `lib/x86/vm.c`, `install_pte()`; `lib/s390x/mmu.c`, `get_dat_entry()`; elsewhere `get_pte()`,
 * 1da1819e.
 *
 * @param tables the tables
 * @param address the virtual address, not wider than a word
 * @param depth the level of the table wanted; 0 for the root
 * @param by who walks
 * @returns the table; null if there was no memory for one and the tables refuse to go on
 */
export function walkMakingTables(
  tables: PageTables,
  address: bigint,
  depth: number,
  by: string,
): Walk | null {
  const above: bigint[] = [];
  let table: bigint = tables.root;
  let madeTables = false;
  for (let at = 0; at < depth; at++) {
    const level = levelAt(tables, at);
    const slot = slotFor(tables, level, table, address);
    let entry: bigint | null = readEntry(tables, slot, by);
    if (holds(level.missing, entry)) {
      entry = linkNewTable(tables, at, slot, by);
      madeTables = true;
    } else if (tables.format.splitsOnInstall === "yes" && holds(level.leaf?.seen ?? null, entry)) {
      entry = splitEntry(tables, at, slot, by);
      madeTables = true;
    }
    if (entry === null) return null;
    above.push(table);
    table = tableBelow(tables, at, entry);
  }
  return { table, above, madeTables };
}

/**
 * Makes a table and lets an entry point to it.
 *
 * @param tables the tables
 * @param depth the level of the entry
 * @param slot the entry
 * @param by who does it
 * @returns the entry's new value; null if there is no memory and the tables refuse to go on
 */
export function linkNewTable(
  tables: PageTables,
  depth: number,
  slot: Slot,
  by: string,
): bigint | null {
  const format = levelAt(tables, depth).table ?? unreachable(`no tables below level ${depth}`);
  const below = makeTable(tables, depth + 1, by);
  if (below === null) return null;
  const entry = encodeAddress(tables, below, format.address) | format.bits | tables.optionBits;
  return writeOneEntry(tables, slot, entry, by);
}

/** Writes an entry and gives it back as a later read would: cut to its width. */
function writeOneEntry(tables: PageTables, slot: Slot, entry: bigint, by: string): bigint {
  writeEntry(tables, slot, entry, by);
  return BigInt.asUintN(tables.format.entryBytes * 8, entry);
}

/** The table to which an entry points, as a pointer: no wider than a word. */
export function tableBelow(tables: PageTables, depth: number, entry: bigint): bigint {
  const format = levelAt(tables, depth).table ?? unreachable(`no tables below level ${depth}`);
  return BigInt.asUintN(tables.memory.wordBits, decodeAddress(tables, entry, format.address));
}

/**
 * Replaces a large page by a table that maps the same memory in smaller pages with the same flags.
 *
 * Source: `lib/s390x/mmu.c`, `split_pmd()`, `split_pud()`; `lib/x86/vm.c`, `split_large_page()`,
 * 1da1819e.
 *
 * @param tables the tables
 * @param depth the level of the large page
 * @param slot its entry
 * @param by who splits
 * @param check what upstream does with the address of the new table, 0 if there was no memory
 * @returns the entry's new value; null if there is no memory and the tables refuse to go on
 */
export function splitEntry(
  tables: PageTables,
  depth: number,
  slot: Slot,
  by: string,
  check: (table: bigint) => void = () => {},
): bigint | null {
  const level = levelAt(tables, depth);
  const below = levelAt(tables, depth + 1);
  const { leaf } = level;
  const split = leaf?.split ?? null;
  if (leaf === null || split === null) unreachable(`level ${depth} has no pages to split`);
  const large = readEntry(tables, slot, by);
  const table = tableMemory(tables, below.allocation, below);
  check(table ?? 0n);
  if (table === null) return null;
  const series: EntrySeries = {
    first: (large & (leaf.lookup.entry | split.keeps | tables.optionBits)) | split.adds,
    step: 1n << BigInt(below.shift),
  };
  writeEntries(tables, slotAt(tables, table, 0), below.entries, series, by);
  const kept = large & (split.tableKeeps | tables.optionBits);
  return writeOneEntry(tables, slot, table | kept | split.tableAdds, by);
}
