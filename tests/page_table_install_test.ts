import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 } from "../arch/mod.ts";
import type { Arch } from "../src/arch.ts";
import {
  describeTables,
  formatTables,
  identityMapPages,
  installHugePage,
  installLargePage,
  installPage,
  openPageTables,
  splitLargePage,
  translate,
} from "../src/memory/page_table/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import { entryBytes, foldRequests, hexBytes, tablesOf } from "./page_table_support.ts";

Deno.test("installPage() overwrites what is mapped, and takes no further tables", () => {
  for (const arch of [X86_64, I386, ARM64, S390X, PPC64, RISCV64, RISCV32]) {
    const { tables, requests } = tablesOf(arch);
    installPage(tables, physAddr(0x12340000n), virtAddr(0x5670000n));
    const before = requests.length;
    installPage(tables, physAddr(0x56780000n), virtAddr(0x5670000n));
    assertEquals(translate(tables, virtAddr(0x5670abcn))?.physical, physAddr(0x56780abcn));
    assertEquals(requests.length, before, arch.name);
  }
});

Deno.test("installPage() fails upstream's assertions about its addresses", () => {
  const rows: readonly [Arch, bigint, bigint, number, string][] = [
    [S390X, 0x1800n, 0x1000n, 266, "IS_ALIGNED(phys, PAGE_SIZE)"],
    [S390X, 0x1000n, 0x1800n, 267, "IS_ALIGNED((uintptr_t)vaddr, PAGE_SIZE)"],
    [RISCV64, 1n << 56n, 0x1000n, 81, "phys == (phys & PHYS_MASK)"],
    [RISCV32, 1n << 34n, 0x1000n, 81, "phys == (phys & PHYS_MASK)"],
  ];
  for (const [arch, physical, virtual, line, expression] of rows) {
    const { tables, requests } = tablesOf(arch);
    const outcome = outcomeOf(() => installPage(tables, physAddr(physical), virtAddr(virtual)));
    assertEquals(outcome.kind === "assertion-failed" && outcome.source.line, line, arch.name);
    assertEquals(outcome.kind === "assertion-failed" && outcome.expression, expression);
    assertEquals(requests.length, 1, "only the root");
  }
});

Deno.test("installLargePage() fails the assertions of s390x about its addresses", () => {
  const { tables } = tablesOf(S390X);
  const line = (action: () => void): unknown => {
    const outcome = outcomeOf(action);
    return outcome.kind === "assertion-failed" && [outcome.source.line, outcome.expression];
  };
  const mib = 0x100000n;
  assertEquals(line(() => installLargePage(tables, physAddr(0x1000n), virtAddr(mib))), [
    273,
    "IS_ALIGNED(phys, SZ_1M)",
  ]);
  assertEquals(line(() => installLargePage(tables, physAddr(mib), virtAddr(0x1000n))), [
    274,
    "IS_ALIGNED((uintptr_t)vaddr, SZ_1M)",
  ]);
  assertEquals(line(() => installHugePage(tables, physAddr(mib), virtAddr(0n))), [
    280,
    "IS_ALIGNED(phys, SZ_2G)",
  ]);
});

Deno.test("installPage() without memory for a table clears page 0 of x86 and links address 0", () => {
  const made = tablesOf(X86_64);
  made.ram.fill(virtAddr(0n), byteCount(0x1000n), 0xcc, "the trampoline");
  made.exhaust();
  installPage(made.tables, physAddr(0x123000n), virtAddr(0xffff_ffff_ffff_e000n));
  assertEquals(hexBytes(made.ram, made.tables.root + 0xff8n, 8), "07 00 00 00 00 00 00 00");
  // The table of the next level is page 0 as well: it links itself, and in the end holds the page.
  assertEquals(foldRequests(made.requests), "page ×3");
  assertEquals(hexBytes(made.ram, 0xff8n, 8), "07 00 00 00 00 00 00 00");
  assertEquals(hexBytes(made.ram, 0xff0n, 8), "07 30 12 00 00 00 00 00");
  assertEquals(hexBytes(made.ram, 0n, 8), "00 00 00 00 00 00 00 00");
});

Deno.test("installPage() takes a large page on the way for a table, but on s390x splits it", () => {
  const x86 = tablesOf(X86_64);
  identityMapPages(x86.tables, physAddr(0n), physAddr(0x8000000n));
  installPage(x86.tables, physAddr(0x123000n), virtAddr(0x4005000n));
  assertEquals(hexBytes(x86.ram, 0x4000028n, 8), "07 30 12 00 00 00 00 00");
  assertEquals(translate(x86.tables, virtAddr(0x4005000n))?.physical, physAddr(0x4005000n));

  const s390x = tablesOf(S390X);
  installLargePage(s390x.tables, physAddr(0x6000000n), virtAddr(0x4000000n));
  installPage(s390x.tables, physAddr(0x123000n), virtAddr(0x4005000n));
  assertEquals(foldRequests(s390x.requests), "pages 2 ×4, pages 0");
  const pages = describeTables(s390x.tables).mapped;
  assertEquals(pages.map(({ virtual, physical, sizeBytes }) => [virtual, physical, sizeBytes]), [
    [0x4000000n, 0x6000000n, 0x5000n],
    [0x4005000n, 0x123000n, 0x1000n],
    [0x4006000n, 0x6006000n, 0xfa000n],
  ]);
});

Deno.test("installPage() splits a huge page of s390x twice", () => {
  const made = tablesOf(S390X);
  installHugePage(made.tables, physAddr(0n), virtAddr(1n << 31n));
  assertEquals(entryBytes(made, 1n << 31n).at(-1), "00 00 00 00 00 00 04 04");
  installPage(made.tables, physAddr(0x123000n), virtAddr(1n << 31n));
  assertEquals(foldRequests(made.requests), "pages 2 ×4, pages 0");
  assertEquals(entryBytes(made, (1n << 31n) + 0x1000n), [
    "00 00 00 00 01 00 40 0f",
    "00 00 00 00 01 00 80 0b",
    "00 00 00 00 01 00 c0 07",
    "00 00 00 00 01 01 00 00",
    "00 00 00 00 00 00 10 00",
  ]);
  assertEquals(entryBytes(made, (1n << 31n) + 0x100000n).at(-1), "00 00 00 00 00 10 04 00");
});

Deno.test("installLargePage() frees the tables that it replaces on s390x only", () => {
  const made = tablesOf(S390X);
  for (const virtual of [0n, 0x100000n, 0x200000n]) {
    installPage(made.tables, physAddr(0x5000n), virtAddr(virtual));
  }
  const [, , , segments = 0n, ...pages] = made.given;
  installLargePage(made.tables, physAddr(0n), virtAddr(0n));
  assertEquals(made.freed, pages.slice(0, 1));
  installHugePage(made.tables, physAddr(0n), virtAddr(0n));
  assertEquals(made.freed, [...pages, segments]);

  const x86 = tablesOf(X86_64);
  installPage(x86.tables, physAddr(0x5000n), virtAddr(0n));
  installLargePage(x86.tables, physAddr(0n), virtAddr(0n));
  assertEquals(x86.freed, []);
});

Deno.test("splitLargePage() keeps the flags of a large page of x86", () => {
  const made = tablesOf(X86_64);
  identityMapPages(made.tables, physAddr(0n), physAddr(0x8000000n));
  const slot = 0x1002000n + 8n * 32n;
  made.ram.write(virtAddr(slot), 8, 0x40000e7n, "the hardware");
  splitLargePage(made.tables, virtAddr(0x4123456n));
  assertEquals(foldRequests(made.requests), "page ×4");
  assertEquals(hexBytes(made.ram, slot, 8), "67 30 00 01 00 00 00 00");
  assertEquals(entryBytes(made, 0x4123456n).at(-1), "67 30 12 04 00 00 00 00");
  assertEquals(entryBytes(made, 0x41ff000n).at(-1), "67 f0 1f 04 00 00 00 00");
  assertEquals(translate(made.tables, virtAddr(0x4123456n))?.physical, physAddr(0x4123456n));
});

Deno.test("splitLargePage() makes 1024 pages of a large page of i386", () => {
  const made = tablesOf(I386);
  installLargePage(made.tables, physAddr(0x400000n), virtAddr(0x400000n));
  splitLargePage(made.tables, virtAddr(0x400000n));
  assertEquals(entryBytes(made, 0x7ff000n), ["07 10 00 01", "07 f0 7f 00"]);
});

Deno.test("splitLargePage() fails upstream's assertions", () => {
  const lineOf = (action: () => void): unknown => {
    const outcome = outcomeOf(action);
    return outcome.kind === "assertion-failed" && outcome.source.line;
  };
  const made = tablesOf(X86_64);
  installPage(made.tables, physAddr(0x1000n), virtAddr(0x1000n));
  assertEquals(lineOf(() => splitLargePage(made.tables, virtAddr(0x200000n))), 242);
  assertEquals(lineOf(() => splitLargePage(made.tables, virtAddr(0x1000n))), 243);
  installLargePage(made.tables, physAddr(0n), virtAddr(0x200000n));
  made.exhaust();
  assertEquals(lineOf(() => splitLargePage(made.tables, virtAddr(0x200000n))), 247);
  assertThrows(
    () => splitLargePage(tablesOf(ARM64).tables, virtAddr(0n)),
    RangeError,
    "never does",
  );
});

Deno.test("splitLargePage() makes a page table of a large page of s390x", () => {
  const made = tablesOf(S390X);
  installLargePage(made.tables, physAddr(0x6000000n), virtAddr(0x4000000n));
  splitLargePage(made.tables, virtAddr(0x4000000n));
  assertEquals(entryBytes(made, 0x40ff000n).at(-1), "00 00 00 00 06 0f f0 00");
});

Deno.test("identityMapPages() refuses a kind that the architecture does not tell apart", () => {
  const { tables } = tablesOf(X86_64);
  assertThrows(
    () => identityMapPages(tables, physAddr(0n), physAddr(0x1000n), "code"),
    RangeError,
    "Cannot map code",
  );
});

Deno.test("openPageTables() takes up tables that are in memory", () => {
  const made = tablesOf(RISCV64);
  installPage(made.tables, physAddr(0x9000n), virtAddr(0x5000n));
  const { format, physical, allocate, free } = made.tables;
  const again = openPageTables({ format, physical, allocate, free }, made.tables.root);
  assertEquals(translate(again, virtAddr(0x5004n))?.physical, physAddr(0x9004n));
});

Deno.test("describeTables() counts tables, folds pages and shows the root", () => {
  const made = tablesOf(ARM64);
  identityMapPages(made.tables, physAddr(0x40000000n), physAddr(0x40090000n), "code");
  identityMapPages(made.tables, physAddr(0x40090000n), physAddr(0x40400000n));
  installPage(made.tables, physAddr(0x40012000n), virtAddr(0xfffff000n));
  const summary = describeTables(made.tables);
  assertEquals(summary.rootBytes, [
    { byte: 0x03, count: 1 },
    { byte: 0x10, count: 1 },
    { byte: 0x00, count: 1 },
    { byte: 0x01, count: 1 },
    { byte: 0x00, count: 4092 },
  ]);
  assertEquals(formatTables(summary).split("\n"), [
    "root 0x1000000, tables: pgd 1, pud 1, pmd 2, pte 3",
    "virtual                            physical          page      flags",
    "0000000040000000-000000004008ffff  0000000040000000    4K  r-  0x7d3",
    "0000000040090000-00000000403fffff  0000000040090000    4K  rw  0x753",
    "00000000fffff000-00000000ffffffff  0000000040012000    4K  rw  0x753",
    "",
  ]);
});

Deno.test("describeTables() follows tables that contain themselves, and no further", () => {
  const made = tablesOf(X86_64);
  for (let index = 0n; index < 512n; index++) {
    made.ram.write(virtAddr(made.tables.root + 8n * index), 8, made.tables.root | 7n, "a test");
  }
  const summary = describeTables(made.tables);
  assert(!summary.isComplete);
});

Deno.test("describeTables() touches nothing: a table that the host took away stays away", () => {
  const made = tablesOf(ARM64);
  installPage(made.tables, physAddr(0x9000n), virtAddr(0x5000n));
  const leaves = physAddr(made.given[3] ?? 0n);
  made.ram.discard(leaves, byteCount(0x1000n));
  assertEquals(describeTables(made.tables).mapped, []);
  assertEquals(made.ram.backing(leaves), "discarded");
});
