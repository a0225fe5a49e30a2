/**
 * Installing pages: what `install_page`, `install_large_page` and their like do.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import type { LeafFormat, MappingKind } from "../../arch.ts";
import { cAssert, type SourceLine } from "../../outcome.ts";
import { type PhysAddr, type VirtAddr, virtAddr } from "../../units.ts";
import {
  assertTable,
  decodeAddress,
  encodeAddress,
  holds,
  levelAt,
  type PageTables,
  readEntry,
  slotAt,
  slotFor,
  type WalkLevel,
  writeEntries,
  writeEntry,
} from "./tables.ts";
import { splitEntry, tableBelow, type Walk, walkMakingTables } from "./walk.ts";

/** Pages that follow each other in both address spaces. */
export interface PageRun {
  /** The level of the entries that map them. */
  readonly depth: number;
  /** The physical address of the first. */
  readonly physical: bigint;
  /** The virtual address of the first, not wider than a word. */
  readonly virtual: bigint;
  /** How many there are. */
  readonly count: number;
  /** What they are for. */
  readonly kind: MappingKind;
}

/** How an installation ended: done, or left undone because there was no memory for a table. */
export type Installation = "installed" | "no-memory";

/** A place in upstream's page-table code. The lines are those of 1da1819e. */
export function tableSource(tables: PageTables, name: string, line: number | null): SourceLine {
  return { file: tables.format.file, function: name, line };
}

/**
 * The depth of the level at which upstream makes large pages.
 *
 * @param tables the tables
 * @param name the level's name; by default the lowest that has large pages
 * @returns the depth
 * @throws {RangeError} if upstream makes no large pages there
 */
export function largePageDepth(tables: PageTables, name?: "pud" | "pmd"): number {
  const last = tables.levels.length - 1;
  const depth = tables.levels.findLastIndex((level, index) =>
    index < last && (name === undefined || level.name === name) &&
    level.leaf?.bits.data !== undefined
  );
  if (depth < 0) {
    throw new RangeError(
      `Cannot find large pages: ${tables.format.file} makes none${name ? ` at level ${name}` : ""}`,
    );
  }
  return depth;
}

function leafFor(level: WalkLevel, kind: MappingKind): { leaf: LeafFormat; bits: bigint } {
  const { leaf } = level;
  const bits = leaf?.bits[kind];
  if (leaf === null || bits === undefined) {
    throw new RangeError(`Cannot map ${kind}: level ${level.name} has no entry bits for it`);
  }
  return { leaf, bits };
}

/**
 * Maps pages that follow each other, one by one in ascending order: to an observer the same as one
 * installation for each.
 *
 * A walk that made no table would find the same table for all pages below it, so that their entries
 * are written in one go. That does not hold if the entries overwrite the tables above, or may change
 * what the code sees at the tables' own addresses.
 *
 * Ends in a failed assertion without memory for a table, if the tables refuse a missing one.
 *
 * @param tables the tables
 * @param run the pages
 * @param by who maps
 */
export function installRun(tables: PageTables, run: PageRun, by: string): void {
  const level = levelAt(tables, run.depth);
  const { leaf, bits } = leafFor(level, run.kind);
  const pageBytes = 1n << level.indexShift;
  const step = encodeAddress(tables, pageBytes, leaf.address);
  for (let done = 0; done < run.count;) {
    const virtual = run.virtual + BigInt(done) * pageBytes;
    const physical = run.physical + BigInt(done) * pageBytes;
    const found = walkMakingTables(tables, virtual, run.depth, by);
    const walk = assertTable(tables, found, by.replace("()", ""));
    const first = encodeAddress(tables, physical, leaf.address) | bits | tables.optionBits;
    const index = Number((virtual >> level.indexShift) & level.indexMask);
    const room = isSteady(tables, walk, level) ? level.entries - index : 1;
    const count = Math.min(room, run.count - done);
    writeEntries(tables, slotAt(tables, walk.table, index), count, { first, step }, by);
    done += count;
  }
}

/** Tells whether further walks find the same table, whatever is written into it. */
function isSteady(tables: PageTables, walk: Walk, level: WalkLevel): boolean {
  if (walk.madeTables || tables.memory !== tables.physical) return false;
  const bytes = BigInt(level.entries * tables.format.entryBytes);
  const end = walk.table + bytes;
  return walk.above.every((table, depth) => {
    const aboveEnd = table + BigInt(levelAt(tables, depth).entries * tables.format.entryBytes);
    return end <= table || aboveEnd <= walk.table;
  });
}

/**
 * Maps one page, readable and writable, with the tables that it needs. An entry that is there already
 * is overwritten.
 *
 * Changes page tables in memory, and the page allocator where tables are missing.
 *
 * Ends in a failed assertion on s390x unless both addresses are those of pages, on riscv if the
 * physical address is too wide. Elsewhere, stray low bits of the physical address end up as flags.
 *
 * Source: `install_page()`, 1da1819e.
 *
 * @param tables the tables
 * @param physical the physical address of the page
 * @param virtual the virtual address
 * @returns whether there was memory for its tables; where a missing table is taken to be at address 0,
 *   there always is
 */
export function installPage(
  tables: PageTables,
  physical: PhysAddr,
  virtual: VirtAddr,
): Installation {
  checkInstallation(tables, physical, virtual, tables.levels.length - 1);
  return installAt(tables, physical, virtual, tables.levels.length - 1);
}

/**
 * Maps one large page: 2 MiB on x86_64, 4 MiB on i386, 1 MiB on s390x, a section on arm and arm64.
 *
 * Ends in a failed assertion on s390x unless both addresses are those of such pages. There, the table
 * that the large page replaces is freed; elsewhere it is forgotten.
 *
 * Source: `install_large_page()`, on arm and arm64 `mmu_set_range_sect()`, 1da1819e.
 *
 * @param tables the tables
 * @param physical the physical address of the page
 * @param virtual the virtual address
 * @returns whether there was memory for its tables, as of {@linkcode installPage}
 * @throws {RangeError} if upstream has no large pages on this architecture
 */
export function installLargePage(
  tables: PageTables,
  physical: PhysAddr,
  virtual: VirtAddr,
): Installation {
  const depth = largePageDepth(tables);
  checkInstallation(tables, physical, virtual, depth);
  return installAt(tables, physical, virtual, depth);
}

/**
 * Maps one huge page of 2 GiB, which s390x alone has; the tables that it replaces are freed.
 *
 * Source: `lib/s390x/mmu.c`, `install_huge_page()`, 1da1819e.
 *
 * @param tables the tables
 * @param physical the physical address of the page
 * @param virtual the virtual address
 * @returns whether there was memory for its tables, as of {@linkcode installPage}
 * @throws {RangeError} if upstream has no huge pages on this architecture
 */
export function installHugePage(
  tables: PageTables,
  physical: PhysAddr,
  virtual: VirtAddr,
): Installation {
  const depth = largePageDepth(tables, "pud");
  checkInstallation(tables, physical, virtual, depth);
  return installAt(tables, physical, virtual, depth);
}

/** What `install_page` and its like assert for s390x, by level: line, and the page's size. */
const ALIGNMENT_ASSERTIONS: Readonly<Record<string, { name: string; line: number; size: string }>> =
  {
    pte: { name: "install_page", line: 266, size: "PAGE_SIZE" },
    pmd: { name: "install_large_page", line: 273, size: "SZ_1M" },
    pud: { name: "install_huge_page", line: 280, size: "SZ_2G" },
  };

function checkInstallation(
  tables: PageTables,
  physical: bigint,
  virtual: bigint,
  depth: number,
): void {
  const { installAsserts, physicalBits } = tables.format;
  const level = levelAt(tables, depth);
  const assertion = ALIGNMENT_ASSERTIONS[level.name];
  if (installAsserts === "alignment" && assertion !== undefined) {
    const { name, line, size } = assertion;
    const offsetMask = (1n << level.indexShift) - 1n;
    const fits = (address: bigint): boolean => (address & offsetMask) === 0n;
    cAssert(fits(physical), tableSource(tables, name, line), `IS_ALIGNED(phys, ${size})`);
    const virtualLine = tableSource(tables, name, line + 1);
    cAssert(fits(virtual), virtualLine, `IS_ALIGNED((uintptr_t)vaddr, ${size})`);
  }
  if (installAsserts === "width") {
    const source = tableSource(tables, "install_page", 81);
    cAssert(physical >> BigInt(physicalBits) === 0n, source, "phys == (phys & PHYS_MASK)");
    checkRoot(tables, "get_pte", 42);
  }
}

/** What riscv asserts of the root before it walks. */
export function checkRoot(tables: PageTables, name: string, line: number): void {
  if (tables.format.installAsserts !== "width") return;
  const isPage = tables.root !== 0n && (tables.root & 0xfffn) === 0n;
  const expression = "pgtable && !((uintptr_t)pgtable & ~PAGE_MASK)";
  cAssert(isPage, tableSource(tables, name, line), expression);
}

function installAt(
  tables: PageTables,
  physical: bigint,
  virtual: bigint,
  depth: number,
): Installation {
  const by = depth === tables.levels.length - 1 ? "install_page()" : "install_large_page()";
  const level = levelAt(tables, depth);
  const { leaf, bits } = leafFor(level, "data");
  const address = BigInt.asUintN(tables.memory.wordBits, virtual);
  const walk = walkMakingTables(tables, address, depth, by);
  if (walk === null) return "no-memory";
  const slot = slotFor(tables, level, walk.table, address);
  if (tables.format.splitsOnInstall === "yes" && level.table !== null) {
    freeTablesBelow(tables, depth, readEntry(tables, slot, by), by);
  }
  const entry = encodeAddress(tables, physical, leaf.address) | bits | tables.optionBits;
  writeEntry(tables, slot, entry, by);
  return "installed";
}

/** Frees the tables below an entry, the lowest first (`cleanup_pmd`, `cleanup_pud`). */
function freeTablesBelow(tables: PageTables, depth: number, entry: bigint, by: string): void {
  const level = levelAt(tables, depth);
  if (level.table === null) return;
  if (holds(level.missing, entry) || holds(level.leaf?.seen ?? null, entry)) return;
  const table = decodeAddress(tables, entry, -1n << BigInt(tables.format.pageShift));
  const below = levelAt(tables, depth + 1);
  for (let index = 0; below.table !== null && index < below.entries; index++) {
    freeTablesBelow(tables, depth + 1, readEntry(tables, slotAt(tables, table, index), by), by);
  }
  tables.free(virtAddr(table));
}

/**
 * Splits the large page at an address into pages of the size below with the same flags.
 *
 * Ends in a failed assertion on x86 if there is no large page, or no memory for the table; on s390x it
 * does nothing then, or goes on at address 0.
 *
 * Source: `lib/x86/vm.c`, `split_large_page()`; `lib/s390x/mmu.c`, `split_page()`, 1da1819e.
 *
 * @param tables the tables
 * @param virtual an address in the page
 * @throws {RangeError} if upstream splits no pages on this architecture
 */
export function splitLargePage(tables: PageTables, virtual: VirtAddr): void {
  const depth = largePageDepth(tables);
  if (levelAt(tables, depth).leaf?.split === null) {
    throw new RangeError(`Cannot split a page: ${tables.format.file} never does`);
  }
  const by = "split_large_page()";
  const address = BigInt.asUintN(tables.memory.wordBits, virtual);
  if (tables.format.splitsOnInstall === "yes") {
    walkMakingTables(tables, address, tables.levels.length - 1, by);
    return;
  }
  let table: bigint = tables.root;
  for (let at = 0; at < depth; at++) {
    const level = levelAt(tables, at);
    table = tableBelow(tables, at, readEntry(tables, slotFor(tables, level, table, address), by));
  }
  const slot = slotFor(tables, levelAt(tables, depth), table, address);
  const large = readEntry(tables, slot, by);
  const source = (line: number): SourceLine => tableSource(tables, "split_large_page", line);
  cAssert((large & 0x1n) !== 0n, source(242), "pte & PT_PRESENT_MASK");
  cAssert((large & 0x80n) !== 0n, source(243), "pte & PT_PAGE_SIZE_MASK");
  splitEntry(tables, depth, slot, by, (made) => cAssert(made !== 0n, source(247), "new_pt"));
}
