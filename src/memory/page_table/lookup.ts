/**
 * Upstream's own translation of an address, `virt_to_pte_phys`, with what it does on a miss.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import { type PhysAddr, physAddr, type VirtAddr, virtAddr } from "../../units.ts";
import { checkRoot, installPage } from "./install.ts";
import {
  decodeAddress,
  holds,
  levelAt,
  type PageTables,
  readEntry,
  slotFor,
  type WalkLevel,
} from "./tables.ts";
import { linkNewTable, tableBelow } from "./walk.ts";

const BY = "virt_to_pte_phys()";

/**
 * Translates a virtual address as upstream's code does, which is not always what the hardware does.
 *
 * For an address that is not mapped,
 * - x86 follows a null pointer and takes the entry for the word at address 0; if only the page's own
 *   entry is missing, it takes that, which is 0;
 * - arm, arm64 and ppc64 map the page onto itself, with the tables that it needs, and give the address;
 * - s390x makes the missing tables and gives the offset in the page; so did arm until 2023;
 * - riscv gives 0.
 *
 * Without memory for a table it gives 0, if the tables refuse a missing table.
 *
 * Inside a large page, x86 loses the part of the offset above 4 KiB; on arm, the result has 32 bits.
 * Tables whose lookups are as translated give the address that the hardware finds.
 *
 * Changes page tables and the page allocator where the miss does.
 *
 * Source: `virt_to_pte_phys()`, 1da1819e.
 *
 * @param tables the tables
 * @param virtual the virtual address
 * @returns the physical address, or what upstream takes for it
 */
export function virtToPtePhys(tables: PageTables, virtual: VirtAddr): PhysAddr {
  checkRoot(tables, "virt_to_pte_phys", 185);
  const address = BigInt.asUintN(tables.memory.wordBits, virtual);
  const makes = tables.lookupMiss === "makes-tables" ||
    tables.lookupMiss === "makes-tables-blindly";
  const last = tables.levels.length - 1;
  let table: bigint = tables.root;
  for (let depth = 0; depth < last; depth++) {
    const level = levelAt(tables, depth);
    const slot = slotFor(tables, level, table, address);
    let entry: bigint | null = readEntry(tables, slot, BY);
    if (makes && holds(level.missing, entry)) entry = linkNewTable(tables, depth, slot, BY);
    if (entry === null) return physAddr(0n);
    if (!makes && holds(level.absent, entry)) return lookupMiss(tables, address);
    if (seesLargePage(tables, level, entry)) return addressIn(tables, level, entry, address);
    table = tableBelow(tables, depth, entry);
  }
  const level = levelAt(tables, last);
  const entry = readEntry(tables, slotFor(tables, level, table, address), BY);
  if (!makes && holds(level.absent, entry)) return lookupMiss(tables, address);
  return addressIn(tables, level, entry, address);
}

function seesLargePage(tables: PageTables, level: WalkLevel, entry: bigint): boolean {
  return tables.lookupMiss !== "makes-tables-blindly" && holds(level.leaf?.seen ?? null, entry);
}

function addressIn(
  tables: PageTables,
  level: WalkLevel,
  entry: bigint,
  address: bigint,
): PhysAddr {
  const { leaf } = level;
  if (tables.lookupAddresses === "as-translated" && leaf !== null && holds(leaf.is, entry)) {
    const offset = address & ((1n << level.indexShift) - 1n);
    return physAddr(decodeAddress(tables, entry, leaf.address) | offset);
  }
  const lookup = leaf?.lookup ?? { entry: 0n, offset: 0n };
  return physAddr(decodeAddress(tables, entry, lookup.entry) + (address & lookup.offset));
}

function lookupMiss(tables: PageTables, address: bigint): PhysAddr {
  switch (tables.lookupMiss) {
    case "maps-identity": {
      const end = installPage(tables, physAddr(address), virtAddr(address));
      return physAddr(end === "installed" ? address : 0n);
    }
    case "reads-word-0": {
      const entry = readEntry(tables, { page: 0, offset: 0 }, BY);
      return addressIn(tables, levelAt(tables, tables.levels.length - 1), entry, address);
    }
    case "gives-0":
    case "makes-tables":
    case "makes-tables-blindly":
      return physAddr(0n);
  }
}
