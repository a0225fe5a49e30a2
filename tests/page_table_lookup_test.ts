import { assert, assertEquals } from "@std/assert";
import { ARM, ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 } from "../arch/mod.ts";
import type { Arch } from "../src/arch.ts";
import {
  identityMapPages,
  installHugePage,
  installLargePage,
  installPage,
  translate,
  virtToPtePhys,
} from "../src/memory/page_table/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { physAddr, virtAddr } from "../src/units.ts";
import { entryBytes, foldRequests, type Tables, tablesOf } from "./page_table_support.ts";

/** Looks an address up: the result, and what was allocated on the way. */
function lookUp({ tables, requests }: Tables, virtual: bigint): readonly [bigint, string] {
  const before = requests.length;
  const physical = virtToPtePhys(tables, virtAddr(virtual));
  return [physical, foldRequests(requests.slice(before))];
}

Deno.test("virtToPtePhys() finds a page with the offset in it, and allocates nothing", () => {
  for (const arch of [X86_64, I386, ARM, ARM64, S390X, PPC64, RISCV64, RISCV32]) {
    for (const pageShift of arch.pageShifts) {
      const made = tablesOf(arch, { pageShift });
      installPage(made.tables, physAddr(0x12340000n), virtAddr(0x5670000n));
      assertEquals(lookUp(made, 0x5670abcn), [0x12340abcn, ""], `${arch.name} ${pageShift}`);
    }
  }
});

Deno.test("virtToPtePhys() loses a part of the offset inside a large page of x86", () => {
  const made = tablesOf(X86_64);
  identityMapPages(made.tables, physAddr(0n), physAddr(0x2000000n));
  assertEquals(lookUp(made, 0x1234567n), [0x1200567n, ""]);
  assertEquals(translate(made.tables, virtAddr(0x1234567n))?.physical, physAddr(0x1234567n));
  const small = tablesOf(I386);
  installLargePage(small.tables, physAddr(0x1000000n), virtAddr(0x1000000n));
  assertEquals(lookUp(small, 0x1234567n), [0x1000567n, ""]);
});

Deno.test("virtToPtePhys() knows large pages elsewhere", () => {
  const rows: readonly [Arch, number][] = [[ARM, 12], [ARM64, 12], [ARM64, 14], [ARM64, 16]];
  for (const [arch, pageShift] of rows) {
    const made = tablesOf(arch, { pageShift });
    installLargePage(made.tables, physAddr(0x20000000n), virtAddr(0x60000000n));
    assertEquals(lookUp(made, 0x60123456n), [0x20123456n, ""], `${arch.name} ${pageShift}`);
  }
  const s390x = tablesOf(S390X);
  installLargePage(s390x.tables, physAddr(0x1200000n), virtAddr(0x5600000n));
  installHugePage(s390x.tables, physAddr(2n << 31n), virtAddr(5n << 31n));
  assertEquals(lookUp(s390x, 0x5612345n), [0x1212345n, ""]);
  assertEquals(lookUp(s390x, (5n << 31n) + 0x12345678n), [(2n << 31n) + 0x12345678n, ""]);
});

Deno.test("virtToPtePhys() reads the word at address 0 where x86 has no table", () => {
  for (const arch of [X86_64, I386]) {
    const made = tablesOf(arch);
    made.ram.write(virtAddr(0n), 4, 0x66c0200fn, "the trampoline");
    assertEquals(lookUp(made, 0x80000123n), [0x66c02123n, ""], arch.name);
  }
});

Deno.test("virtToPtePhys() takes an empty entry of x86 for page 0 if its table is there", () => {
  const made = tablesOf(X86_64);
  installPage(made.tables, physAddr(0x1000n), virtAddr(0x1000n));
  made.ram.write(virtAddr(0n), 4, 0x66c0200fn, "the trampoline");
  assertEquals(lookUp(made, 0x2123n), [0x123n, ""]);
});

Deno.test("virtToPtePhys() maps a page onto itself where arm, arm64 and ppc64 find none", () => {
  const rows: readonly [Arch, number, string][] = [
    [ARM, 12, "page ×2"],
    [ARM64, 12, "page ×3"],
    [ARM64, 14, "page ×3"],
    [ARM64, 16, "page ×2"],
    [PPC64, 16, "memalign 0x10000, memalign 0x1000, memalign 0x100"],
    [PPC64, 12, "memalign 0x10000, memalign 0x1000 ×2"],
  ];
  for (const [arch, pageShift, expected] of rows) {
    const made = tablesOf(arch, { pageShift });
    assertEquals(translate(made.tables, virtAddr(0n)), null);
    assertEquals(lookUp(made, 0n), [0n, expected], `${arch.name} ${pageShift}`);
    const found = translate(made.tables, virtAddr(0n));
    assertEquals([found?.physical, found?.isWritable], [physAddr(0n), true]);
    const page = 1n << BigInt(pageShift);
    assertEquals(lookUp(made, page), [page, ""], "the tables are there");
  }
});

Deno.test("virtToPtePhys() on a miss lets stray low bits of the address into the entry", () => {
  const made = tablesOf(ARM64);
  assertEquals(lookUp(made, 0x40000084n), [0x40000084n, "page ×3"]);
  assertEquals(entryBytes(made, 0x40000000n).at(-1), "d7 07 00 40 00 00 00 00");
  assert(!translate(made.tables, virtAddr(0x40000000n))?.isWritable);
});

Deno.test("virtToPtePhys() makes the missing tables of s390x and gives the offset", () => {
  const made = tablesOf(S390X);
  assertEquals(lookUp(made, 0x12345678n), [0x678n, "pages 2 ×3, pages 0"]);
  assertEquals(lookUp(made, 0x12345678n), [0x678n, ""]);
  assertEquals(translate(made.tables, virtAddr(0x12345678n)), null);
  assertEquals(entryBytes(made, 0x12345678n).at(-1), "00 00 00 00 00 00 04 00");
});

Deno.test("virtToPtePhys() makes the missing tables of arm too, before 2023", () => {
  const options = { lookupMiss: "makes-tables-blindly" } as const;
  const made = tablesOf(ARM64, { options });
  assertEquals(lookUp(made, 0x40000678n), [0x678n, "page ×3"]);
  assertEquals(translate(made.tables, virtAddr(0x40000678n)), null);
  // A section is taken for a table, and the first words of its memory for entries.
  installLargePage(made.tables, physAddr(0x60000000n), virtAddr(0x60000000n));
  made.ram.write(virtAddr(0x60000008n), 8, 0x12345003n, "a test");
  assertEquals(lookUp(made, 0x60001678n), [0x12345678n, ""]);
});

Deno.test("virtToPtePhys() gives 0 on riscv and changes nothing", () => {
  for (const arch of [RISCV64, RISCV32]) {
    const made = tablesOf(arch);
    assertEquals(lookUp(made, 0x80000123n), [0n, ""], "no tables");
    installPage(made.tables, physAddr(0x80001000n), virtAddr(0x80001000n));
    assertEquals(lookUp(made, 0x80000123n), [0n, ""], "no entry");
  }
});

Deno.test("virtToPtePhys() gives 34 bits on riscv32 and 32 on arm", () => {
  const riscv = tablesOf(RISCV32);
  installPage(riscv.tables, physAddr(0x3_1234_5000n), virtAddr(0x5000n));
  assertEquals(lookUp(riscv, 0x5678n), [0x3_1234_5678n, ""]);
  const arm = tablesOf(ARM);
  installPage(arm.tables, physAddr(0x3_1234_5000n), virtAddr(0x5000n));
  assertEquals(lookUp(arm, 0x5678n), [0x1234_5678n, ""]);
  assertEquals(translate(arm.tables, virtAddr(0x5678n))?.physical, physAddr(0x3_1234_5678n));
});

Deno.test("virtToPtePhys() fails riscv's assertion about the root if there was no memory for it", () => {
  const made = tablesOf(RISCV64, { isEmpty: true });
  const lookup = outcomeOf(() => lookUp(made, 0n));
  assertEquals(lookup.kind === "assertion-failed" && lookup.source.line, 185);
  const install = outcomeOf(() => installPage(made.tables, physAddr(0n), virtAddr(0n)));
  assertEquals(install.kind === "assertion-failed" && install.source.line, 42);
});

Deno.test("virtToPtePhys() cuts an address to the width of a word", () => {
  const made = tablesOf(RISCV32);
  installPage(made.tables, physAddr(0x9000n), virtAddr(0xfffff000n));
  assertEquals(lookUp(made, 0xffff_ffff_ffff_f004n), [0x9004n, ""]);
});
