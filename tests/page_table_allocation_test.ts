/**
 * How many tables a range takes and in which order they are asked for. The numbers are those of real
 * guests; the ranges are what their `setup_mmu` maps.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ARM, ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 } from "../arch/mod.ts";
import type { Arch, MappingKind } from "../src/arch.ts";
import {
  describeTables,
  identityMapLargePages,
  identityMapPages,
  installPage,
} from "../src/memory/page_table/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { physAddr, virtAddr } from "../src/units.ts";
import { foldRequests, type Tables, tablesOf } from "./page_table_support.ts";

const MIB = 1n << 20n;
const GIB = 1n << 30n;

/** The range of a region, and what it is for. */
type Range = readonly [first: bigint, end: bigint, kind?: MappingKind];

function mapAll({ tables }: Tables, ranges: readonly Range[]): void {
  for (const [first, end, kind] of ranges) {
    identityMapPages(tables, physAddr(first), physAddr(end), kind);
  }
}

/** The requests that some ranges cause, folded. */
function requestsFor(made: Tables, ranges: readonly Range[]): string {
  const before = made.requests.length;
  mapAll(made, ranges);
  return foldRequests(made.requests.slice(before));
}

Deno.test("identityMapPages() takes a table for each GiB on x86_64, and one for a remainder", () => {
  const rows: readonly [end: bigint, pages: number][] = [
    [4n * GIB, 6],
    [0x1c0000000n, 9],
    [8n * GIB, 10],
    [71n * GIB, 73],
    [512n * GIB, 514],
    [513n * GIB, 516],
    [4n * GIB + 0x1000n, 8],
  ];
  for (const [end, pages] of rows) {
    const made = tablesOf(X86_64);
    mapAll(made, [[0n, end]]);
    assertEquals(foldRequests(made.requests), `page ×${pages}`, end.toString(16));
  }
});

Deno.test("identityMapPages() takes only the root on i386", () => {
  const made = tablesOf(I386);
  mapAll(made, [[0n, 2n * GIB], [3n * GIB, 4n * GIB]]);
  assertEquals(made.requests, ["page"]);
  const { mapped } = describeTables(made.tables);
  assertEquals(mapped.map(({ virtual, sizeBytes }) => [virtual, sizeBytes]), [
    [0n, 2n * GIB],
    [3n * GIB, GIB],
  ]);
});

Deno.test("identityMapPages() takes the tables that real arm and arm64 guests take", () => {
  const rows: readonly [Arch, number, bigint, before: number, string][] = [
    [ARM, 12, 128n * MIB, 4, "page ×65"],
    [ARM, 12, 512n * MIB, 4, "page ×257"],
    [ARM, 12, 2n * GIB, 4, "page ×1026"],
    [ARM64, 12, 128n * MIB, 5, "page ×65"],
    [ARM64, 12, 3n * GIB, 5, "page ×1539"],
    [ARM64, 12, 5n * GIB, 5, "page ×2565"],
    [ARM64, 14, 128n * MIB, 5, "page ×4"],
    [ARM64, 14, 512n * MIB, 5, "page ×16"],
    [ARM64, 14, 3n * GIB, 5, "page ×96"],
    [ARM64, 16, 128n * MIB, 3, "page"],
    [ARM64, 16, 3n * GIB, 3, "page ×6"],
  ];
  for (const [arch, pageShift, ram, before, expected] of rows) {
    const made = tablesOf(arch, { pageShift });
    const page = 1n << BigInt(pageShift);
    mapAll(made, [[0x9000000n, 0x9000000n + page, "io"], [0xa000000n, 0xa004000n, "io"]]);
    const what = `${arch.name} ${page} ${ram}`;
    assertEquals(made.requests.length, before, what);
    const text = 0x40090000n;
    assertEquals(requestsFor(made, [[GIB, text, "code"], [text, GIB + ram]]), expected, what);
  }
});

Deno.test("identityMapPages() alternates four pages and one on s390x, as real guests do", () => {
  const rows: readonly [bigint, string][] = [
    [128n * MIB, "pages 2 ×4, pages 0 ×128"],
    [GIB, "pages 2 ×4, pages 0 ×1024"],
    [3n * GIB, "pages 2 ×4, pages 0 ×2048, pages 2, pages 0 ×1024"],
    [5n * GIB, "pages 2 ×4, pages 0 ×2048, pages 2, pages 0 ×2048, pages 2, pages 0 ×1024"],
  ];
  for (const [ram, expected] of rows) {
    const made = tablesOf(S390X);
    mapAll(made, [[0n, ram]]);
    assertEquals(foldRequests(made.requests), expected, ram.toString(16));
    const top = (1n << 64n) - 128n * MIB;
    assertEquals(requestsFor(made, [[top, 0n]]), "pages 2 ×3, pages 0 ×128");
    const last = describeTables(made.tables).mapped.at(-1);
    assertEquals([last?.virtual, last?.physical, last?.sizeBytes], [top, top, 128n * MIB]);
  }
});

Deno.test("identityMapPages() takes the tables that real ppc64 guests take", () => {
  const rows: readonly [number, bigint, string][] = [
    [16, 256n * MIB, "memalign 0x10000 ×2, memalign 0x1000, memalign 0x100 ×128"],
    [16, 512n * MIB, "memalign 0x10000 ×2, memalign 0x1000, memalign 0x100 ×256"],
    [12, 512n * MIB, "memalign 0x10000 ×2, memalign 0x1000 ×257"],
    [12, GIB, "memalign 0x10000 ×2, memalign 0x1000 ×513"],
  ];
  for (const [pageShift, ram, expected] of rows) {
    const made = tablesOf(PPC64, { pageShift });
    mapAll(made, [[1n << BigInt(pageShift), ram]]);
    assertEquals(foldRequests(made.requests), expected, `${pageShift} ${ram}`);
    assertEquals(describeTables(made.tables).mapped[0]?.virtual, 1n << BigInt(pageShift));
  }
});

Deno.test("identityMapPages() takes the tables that real riscv guests take", () => {
  const rows: readonly [Arch, bigint, before: number, string][] = [
    [RISCV64, 128n * MIB, 3, "page ×65"],
    [RISCV64, GIB, 3, "page ×513"],
    [RISCV64, 3n * GIB, 3, "page ×1539"],
    [RISCV64, 5n * GIB, 3, "page ×2565"],
    [RISCV32, 128n * MIB, 2, "page ×32"],
    [RISCV32, GIB, 2, "page ×256"],
  ];
  for (const [arch, ram, before, expected] of rows) {
    const made = tablesOf(arch);
    mapAll(made, [[0x10000000n, 0x10001000n, "io"]]);
    assertEquals(made.requests.length, before, `${arch.name} ${ram}`);
    const text = 0x80200000n;
    const ranges: Range[] = [[2n * GIB, text, "code"], [text, 2n * GIB + ram]];
    assertEquals(requestsFor(made, ranges), expected, `${arch.name} ${ram}`);
  }
});

Deno.test("identityMapPages() maps nothing on riscv32 if the end is 4 GiB", () => {
  const made = tablesOf(RISCV32);
  assertEquals(requestsFor(made, [[3n * GIB, 4n * GIB]]), "");
  assertEquals(describeTables(made.tables).mapped, []);
});

Deno.test("identityMapPages() cuts start and end to a word on arm", () => {
  const upToWrap = tablesOf(ARM);
  assertEquals(requestsFor(upToWrap, [[GIB, 5n * GIB]]), "");
  const above = tablesOf(ARM);
  mapAll(above, [[4n * GIB, 4n * GIB + 2n * MIB]]);
  const { mapped } = describeTables(above.tables);
  assertEquals(mapped.map(({ virtual, physical }) => [virtual, physical]), [[0n, 0n]]);
});

Deno.test("identityMapPages() never ends where upstream's loop does not", () => {
  const rows: readonly [Arch, bigint, bigint][] = [
    [S390X, 0n, 0n],
    [RISCV32, 0xffffe000n, 0xfffff800n],
    [ARM, 0xffffe000n, 0xfffff800n],
  ];
  for (const [arch, first, end] of rows) {
    const made = tablesOf(arch);
    const outcome = outcomeOf(() => mapAll(made, [[first, end]]));
    assertEquals(outcome.kind, "undefined-behaviour", arch.name);
  }
});

Deno.test("identityMapPages() fails upstream's assertions about its bounds", () => {
  const rows: readonly [Arch, bigint, bigint, number, string][] = [
    [X86_64, 0n, 0x201800n, 121, "len % PAGE_SIZE == 0"],
    [RISCV64, 1n << 56n, (1n << 56n) + 0x1000n, 95, "phys_start == (phys_start & PHYS_MASK)"],
    [RISCV64, 0n, 1n << 56n, 96, "phys_end == (phys_end & PHYS_MASK)"],
    [RISCV64, 0x1000n, 0x1000n, 97, "phys_start < phys_end"],
  ];
  for (const [arch, first, end, line, expression] of rows) {
    const made = tablesOf(arch);
    const outcome = outcomeOf(() => mapAll(made, [[first, end]]));
    assertEquals(outcome.kind === "assertion-failed" && outcome.source.line, line, arch.name);
    assertEquals(outcome.kind === "assertion-failed" && outcome.expression, expression);
  }
});

Deno.test("identityMapLargePages() maps devices by sections, as the arm of 2020 did", () => {
  const made = tablesOf(ARM64, { pageShift: 12 });
  const first = physAddr(512n * GIB);
  identityMapLargePages(made.tables, first, physAddr(1024n * GIB), "io");
  // The root, one table of pud entries, and 512 of pmd entries.
  assertEquals(foldRequests(made.requests), "page ×514");
  const [run] = describeTables(made.tables).mapped;
  assertEquals([run?.virtual, run?.sizeBytes, run?.pageBytes, run?.flags], [
    first,
    512n * GIB,
    2n * MIB,
    0x745n,
  ]);
});

Deno.test("the first page of vmalloc takes the tables that real guests take", () => {
  const rows: readonly [Arch, number, Range, bigint, string][] = [
    [X86_64, 12, [0n, 4n * GIB], 0xffffffffffffe000n, "page ×3"],
    [I386, 12, [0n, 2n * GIB], 0xbffff000n, "page"],
    [ARM64, 12, [GIB, 3n * GIB], 0xfffff000n, "page ×2"],
    [ARM64, 12, [GIB, 4n * GIB], 0xfffff000n, ""],
    [ARM, 12, [GIB, 3n * GIB], 0xfffff000n, "page ×2"],
    [S390X, 12, [(1n << 64n) - 128n * MIB, 0n], 0xfffffffff7fff000n, "pages 0"],
    [PPC64, 16, [0x10000n, 512n * MIB], 0x7ffff0000n, "memalign 0x1000, memalign 0x100"],
    [RISCV64, 12, [2n * GIB, 3n * GIB], 0xfffff000n, "page ×2"],
    [RISCV32, 12, [2n * GIB, 3n * GIB], 0xfffff000n, "page"],
  ];
  for (const [arch, pageShift, range, virtual, expected] of rows) {
    const made = tablesOf(arch, { pageShift });
    mapAll(made, [range]);
    const before = made.requests.length;
    installPage(made.tables, physAddr(0x2000000n), virtAddr(virtual));
    assertEquals(foldRequests(made.requests.slice(before)), expected, arch.name);
  }
});
