/**
 * Mapping a range onto itself, in the order in which each architecture's `setup_mmu` does it.
 *
 * @module
 */

// bits: entries and addresses are bigints.

import type { MappingKind } from "../../arch.ts";
import { cAssert, stop } from "../../outcome.ts";
import type { PhysAddr } from "../../units.ts";
import { checkRoot, installRun, largePageDepth, tableSource } from "./install.ts";
import { levelAt, type PageTables } from "./tables.ts";

/**
 * Maps `[first, end)` onto itself by the loop of the architecture, with all its peculiarities.
 *
 * - x86 maps large pages as long as one fits, then pages. It takes data only.
 * - arm, arm64 and riscv round `first` down to a page and map pages up to a virtual end that has the
 *   width of a word: on a 32-bit machine an end of 4 GiB is 0, and nothing is mapped. On arm the start
 *   is cut to a word as well.
 * - s390x maps pages until the address reaches `end`; if `end` lies below `first`, until it wraps.
 * - ppc64 maps pages as long as they begin below `end`. Its caller leaves page 0 out.
 *
 * Changes page tables in memory and the page allocator.
 *
 * Ends in a failed assertion on x86 if the rest is no number of pages, and on riscv if a bound is too
 * wide or the range is empty; in undefined behaviour if the loop would never end.
 *
 * Source: `lib/x86/vm.c`, `__setup_mmu_range()`; `lib/arm/mmu.c` and `lib/riscv/mmu.c`,
 * `mmu_set_range_ptes()`; `lib/s390x/mmu.c`, `setup_identity()`; `lib/ppc64/mmu.c`, `setup_mmu()`,
 * 1da1819e.
 *
 * @param tables the tables
 * @param first the first address
 * @param end the address after the last
 * @param kind what the range is for; readable and writable data by default
 * @throws {RangeError} if upstream has no entry bits for that on this architecture
 */
export function identityMapPages(
  tables: PageTables,
  first: PhysAddr,
  end: PhysAddr,
  kind: MappingKind = "data",
): void {
  switch (tables.format.rangeLoop) {
    case "large-pages-first":
      return mapLargePagesFirst(tables, first, end, kind);
    case "to-virtual-end":
      return mapToVirtualEnd(tables, first, end, kind);
    case "until-wrap":
      return mapUntilWrap(tables, first, end, kind);
    case "below-end":
      return mapPages(tables, first, pagesUpTo(tables, first, end), kind, "setup_mmu()");
  }
}

function pageBytesOf(tables: PageTables): bigint {
  return 1n << BigInt(tables.format.pageShift);
}

/** How many pages begin in `[first, end)`. */
function pagesUpTo(tables: PageTables, first: bigint, end: bigint): bigint {
  const pageBytes = pageBytesOf(tables);
  return end <= first ? 0n : (end - first + pageBytes - 1n) / pageBytes;
}

function mapPages(
  tables: PageTables,
  first: bigint,
  count: bigint,
  kind: MappingKind,
  by: string,
): void {
  const depth = tables.levels.length - 1;
  const virtual = BigInt.asUintN(tables.memory.wordBits, first);
  installRun(tables, { depth, physical: first, virtual, count: Number(count), kind }, by);
}

function mapLargePagesFirst(
  tables: PageTables,
  first: bigint,
  end: bigint,
  kind: MappingKind,
): void {
  const by = "setup_mmu_range()";
  const depth = largePageDepth(tables);
  const shift = levelAt(tables, depth).indexShift;
  const count = end <= first ? 0n : (end - first) >> shift;
  const virtual = BigInt.asUintN(tables.memory.wordBits, first);
  installRun(tables, { depth, physical: first, virtual, count: Number(count), kind }, by);
  const rest = first + (count << shift);
  const pageBytes = pageBytesOf(tables);
  const source = (line: number) => tableSource(tables, "install_pages", line);
  cAssert(rest % pageBytes === 0n, source(119), "phys % PAGE_SIZE == 0");
  cAssert((end - rest) % pageBytes === 0n, source(121), "len % PAGE_SIZE == 0");
  mapPages(tables, rest, pagesUpTo(tables, rest, end), kind, by);
}

function mapToVirtualEnd(
  tables: PageTables,
  first: bigint,
  end: bigint,
  kind: MappingKind,
): void {
  const { format, memory: { wordBits } } = tables;
  const name = "mmu_set_range_ptes";
  if (format.installAsserts === "width") {
    const source = (line: number) => tableSource(tables, name, line);
    const fits = (address: bigint): boolean => address >> BigInt(format.physicalBits) === 0n;
    cAssert(fits(first), source(95), "phys_start == (phys_start & PHYS_MASK)");
    cAssert(fits(end), source(96), "phys_end == (phys_end & PHYS_MASK)");
    cAssert(first < end, source(97), "phys_start < phys_end");
  }
  const physical = first & format.rangeMask;
  const virtual = BigInt.asUintN(wordBits, first & format.rangeMask);
  const virtualEnd = BigInt.asUintN(wordBits, end - physical + virtual);
  const count = pagesUpTo(tables, virtual, virtualEnd);
  if (count > 0n) checkRoot(tables, "get_pte", 42);
  const depth = tables.levels.length - 1;
  installRun(tables, { depth, physical, virtual, count: Number(count), kind }, `${name}()`);
  if (virtual + count * pageBytesOf(tables) === 1n << BigInt(wordBits)) neverEnds(tables, name);
}

function mapUntilWrap(tables: PageTables, first: bigint, end: bigint, kind: MappingKind): void {
  const name = "setup_identity";
  const start = first & tables.format.rangeMask;
  const addressEnd = 1n << 64n;
  if (start === end) neverEnds(tables, name);
  const isUpwards = start < end;
  const count = pagesUpTo(tables, start, isUpwards ? end : addressEnd);
  mapPages(tables, start, count, kind, `${name}()`);
  const wraps = start + count * pageBytesOf(tables) === addressEnd;
  if (isUpwards && wraps) neverEnds(tables, name);
}

function neverEnds(tables: PageTables, name: string): never {
  stop({
    kind: "undefined-behaviour",
    source: tableSource(tables, name, null),
    what: "maps page after page and never ends",
    seen: "",
  });
}

/**
 * Maps `[first, end)` onto itself by large pages: rounds `first` down to one and maps as long as they
 * begin below the end, which has the width of a word. With this the arm of 2020 mapped its devices.
 *
 * Source: `lib/arm/mmu.c`, `mmu_set_range_sect()`, 8131e91a.
 *
 * @param tables the tables
 * @param first the first address
 * @param end the address after the last
 * @param kind what the range is for
 * @throws {RangeError} if upstream has no large pages on this architecture, or no entry bits for that
 */
export function identityMapLargePages(
  tables: PageTables,
  first: PhysAddr,
  end: PhysAddr,
  kind: MappingKind,
): void {
  const { wordBits } = tables.memory;
  const depth = largePageDepth(tables);
  const shift = levelAt(tables, depth).indexShift;
  const physical = (first >> shift) << shift;
  const virtual = BigInt.asUintN(wordBits, physical);
  const virtualEnd = BigInt.asUintN(wordBits, end - physical + virtual);
  const bytes = virtualEnd <= virtual ? 0n : virtualEnd - virtual;
  const count = Number((bytes + (1n << shift) - 1n) >> shift);
  installRun(tables, { depth, physical, virtual, count, kind }, "mmu_set_range_sect()");
}
