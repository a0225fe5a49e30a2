/**
 * Taking mappings back, and finding room between them. Upstream does neither.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { type VirtAddr, virtAddr } from "../../units.ts";
import { holds, levelAt, type PageTables, readEntry, slotFor, writeEntry } from "./tables.ts";
import { readHardwareEntry, type Step, walkAsHardware } from "./translate.ts";
import { tableBelow } from "./walk.ts";

/**
 * Unmaps one page: its entry becomes what it was when its table was made. The counterpart of
 * {@linkcode installPage}. Does nothing to an address that no table of the last level covers, such as one
 * in a large page.
 *
 * Changes the entry in memory. The tables stay, even one whose last entry this was: they serve again when
 * something is mapped there.
 *
 * @param tables the tables
 * @param virtual an address in the page
 */
export function unmapPage(tables: PageTables, virtual: VirtAddr): void {
  const by = "unmap_page()";
  const address = BigInt.asUintN(tables.memory.wordBits, virtual);
  const last = tables.levels.length - 1;
  let table: bigint = tables.root;
  for (let depth = 0; depth < last; depth++) {
    const level = levelAt(tables, depth);
    const entry = readEntry(tables, slotFor(tables, level, table, address), by);
    if (holds(level.leaf?.is ?? null, entry)) return;
    if (level.table === null || !holds(level.table.is, entry)) return;
    table = tableBelow(tables, depth, entry);
  }
  const level = levelAt(tables, last);
  writeEntry(tables, slotFor(tables, level, table, address), level.fill?.entry ?? 0n, by);
}

/**
 * Finds where the mappings below an address end, as the hardware sees them. All addresses down to the
 * bottom have to be such that it translates.
 *
 * @param tables the tables
 * @param limit the address
 * @param bottom how far down to look
 * @returns the end of the highest page that is mapped in `[bottom, limit)`; `bottom` if there is none
 */
export function mappedEndBelow(tables: PageTables, limit: bigint, bottom: bigint): bigint {
  for (let at = limit - 1n; at >= bottom;) {
    const { steps, translation } = walkAsHardware(tables, virtAddr(at));
    if (translation !== null) return (at | (translation.pageBytes - 1n)) + 1n;
    const missed = steps.at(-1);
    if (missed === undefined) return bottom;
    const { indexShift, indexMask } = levelAt(tables, missed.depth);
    const below = equalEntriesBelow(tables, missed, Number((at >> indexShift) & indexMask));
    at = (((at >> indexShift) - BigInt(below)) << indexShift) - 1n;
  }
  return bottom;
}

/** How many of the entries right before one are equal to it: they map nothing either. */
function equalEntriesBelow(tables: PageTables, step: Step, index: number): number {
  let { page, offset } = step.slot;
  for (let count = 0; count < index; count++) {
    offset -= tables.format.entryBytes;
    if (offset < 0) {
      offset += 4096;
      page--;
    }
    if (readHardwareEntry(tables, { page, offset }) !== step.entry) return count;
  }
  return index;
}
