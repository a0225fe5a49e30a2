import { assertEquals, assertThrows } from "@std/assert";
import { ARCHS, ARM, ARM64, I386, PPC64, RISCV32, RISCV64, S390X, X86_64 } from "../arch/mod.ts";
import type { Arch, MappingKind } from "../src/arch.ts";
import { pageTableFormatOf } from "../src/arch.ts";
import { identityMapPages, installLargePage, installPage } from "../src/memory/page_table/mod.ts";
import { physAddr, virtAddr } from "../src/units.ts";
import type { ByteOrder } from "../src/word.ts";
import { entryBytes, foldRequests, hexBytes, tablesOf } from "./page_table_support.ts";

/** One page mapped onto itself, and the entries that map it, as bytes in memory. */
interface Row {
  readonly arch: Arch;
  readonly pageShift?: number;
  readonly byteOrder?: ByteOrder;
  readonly kind?: MappingKind;
  readonly address: bigint;
  readonly entries: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    arch: ARM,
    address: 0x40000000n,
    entries: ["03 10 00 01 00 00 00 00", "03 20 00 01 00 00 00 00", "5f 07 00 40 00 00 00 00"],
  },
  {
    arch: ARM,
    kind: "code",
    address: 0x40000000n,
    entries: ["03 10 00 01 00 00 00 00", "03 20 00 01 00 00 00 00", "df 07 00 40 00 00 00 00"],
  },
  {
    arch: ARM,
    kind: "io",
    address: 0x09000000n,
    entries: ["03 10 00 01 00 00 00 00", "03 20 00 01 00 00 00 00", "43 07 00 09 00 00 60 00"],
  },
  {
    arch: ARM64,
    address: 0x40000000n,
    entries: [
      "03 10 00 01 00 00 00 00",
      "03 20 00 01 00 00 00 00",
      "03 30 00 01 00 00 00 00",
      "53 07 00 40 00 00 00 00",
    ],
  },
  {
    arch: ARM64,
    kind: "code",
    address: 0x40000000n,
    entries: [
      "03 10 00 01 00 00 00 00",
      "03 20 00 01 00 00 00 00",
      "03 30 00 01 00 00 00 00",
      "d3 07 00 40 00 00 00 00",
    ],
  },
  {
    arch: ARM64,
    kind: "io",
    address: 0x09000000n,
    entries: [
      "03 10 00 01 00 00 00 00",
      "03 20 00 01 00 00 00 00",
      "03 30 00 01 00 00 00 00",
      "47 07 00 09 00 00 60 00",
    ],
  },
  {
    arch: ARM64,
    pageShift: 14,
    address: 0x40004000n,
    entries: [
      "03 40 00 01 00 00 00 00",
      "03 80 00 01 00 00 00 00",
      "03 c0 00 01 00 00 00 00",
      "53 47 00 40 00 00 00 00",
    ],
  },
  {
    arch: ARM64,
    pageShift: 16,
    address: 0x40010000n,
    entries: ["03 00 01 01 00 00 00 00", "03 00 02 01 00 00 00 00", "53 07 01 40 00 00 00 00"],
  },
  {
    arch: S390X,
    address: 0x12345000n,
    entries: [
      "00 00 00 00 01 00 40 0f",
      "00 00 00 00 01 00 80 0b",
      "00 00 00 00 01 00 c0 07",
      "00 00 00 00 01 01 00 00",
      "00 00 00 00 12 34 50 00",
    ],
  },
  ...(["little", "big"] as const).map((byteOrder): Row => ({
    arch: PPC64,
    byteOrder,
    address: 0x1000000n,
    entries: [
      "80 00 00 00 01 01 00 09",
      "80 00 00 00 01 02 00 09",
      "80 00 00 00 01 03 00 05",
      "c0 00 00 00 01 00 01 87",
    ],
  })),
  {
    arch: PPC64,
    pageShift: 12,
    address: 0x1000000n,
    entries: [
      "80 00 00 00 01 01 00 09",
      "80 00 00 00 01 02 00 09",
      "80 00 00 00 01 02 10 09",
      "c0 00 00 00 01 00 01 87",
    ],
  },
  {
    arch: RISCV64,
    address: 0x80000000n,
    entries: ["01 04 40 00 00 00 00 00", "01 08 40 00 00 00 00 00", "c7 00 00 20 00 00 00 00"],
  },
  {
    arch: RISCV64,
    kind: "code",
    address: 0x80000000n,
    entries: ["01 04 40 00 00 00 00 00", "01 08 40 00 00 00 00 00", "cb 00 00 20 00 00 00 00"],
  },
  { arch: RISCV32, address: 0x80000000n, entries: ["01 04 40 00", "c7 00 00 20"] },
  { arch: RISCV32, kind: "code", address: 0x80000000n, entries: ["01 04 40 00", "cb 00 00 20"] },
  {
    arch: X86_64,
    address: 0x123000n,
    entries: [
      "07 10 00 01 00 00 00 00",
      "07 20 00 01 00 00 00 00",
      "07 30 00 01 00 00 00 00",
      "07 30 12 00 00 00 00 00",
    ],
  },
  { arch: I386, address: 0x123000n, entries: ["07 10 00 01", "07 30 12 00"] },
];

Deno.test("identityMapPages() writes the entries of each architecture, in their byte order", () => {
  for (const { arch, kind = "data", address, entries, ...wanted } of ROWS) {
    const made = tablesOf(arch, wanted);
    const end = physAddr(address + (1n << BigInt(made.tables.format.pageShift)));
    identityMapPages(made.tables, physAddr(address), end, kind);
    assertEquals(entryBytes(made, address), entries, `${arch.name} ${kind}`);
  }
});

Deno.test("installPage() writes the same entries as data mapped onto itself", () => {
  for (const { arch, kind, address, entries, ...wanted } of ROWS) {
    if (kind !== undefined) continue;
    const made = tablesOf(arch, wanted);
    installPage(made.tables, physAddr(address), virtAddr(address));
    assertEquals(entryBytes(made, address), entries, arch.name);
  }
});

Deno.test("installLargePage() writes entries for large pages", () => {
  const rows: readonly [Arch, number | undefined, string[]][] = [
    [X86_64, 12, [
      "07 10 00 01 00 00 00 00",
      "07 20 00 01 00 00 00 00",
      "87 00 00 60 00 00 00 00",
    ]],
    [I386, 12, ["87 00 00 60"]],
    [ARM, 12, ["03 10 00 01 00 00 00 00", "5d 07 00 60 00 00 00 00"]],
    [ARM64, 16, ["03 00 01 01 00 00 00 00", "51 07 00 60 00 00 00 00"]],
    [S390X, 12, [
      "00 00 00 00 01 00 40 0f",
      "00 00 00 00 01 00 80 0b",
      "00 00 00 00 01 00 c0 07",
      "00 00 00 00 60 00 04 00",
    ]],
  ];
  for (const [arch, pageShift, entries] of rows) {
    const made = tablesOf(arch, pageShift === undefined ? {} : { pageShift });
    installLargePage(made.tables, physAddr(0x60000000n), virtAddr(0x60000000n));
    assertEquals(entryBytes(made, 0x60000000n), entries, arch.name);
  }
});

Deno.test("installLargePage() refuses where upstream makes no large pages", () => {
  for (const arch of [PPC64, RISCV64, RISCV32]) {
    const { tables } = tablesOf(arch);
    assertThrows(
      () => installLargePage(tables, physAddr(0n), virtAddr(0n)),
      RangeError,
      "makes none",
    );
  }
});

Deno.test("createPageTables() sets option bits in every entry instead of the user bit", () => {
  const made = tablesOf(X86_64, { options: { optionBits: 1n << 51n } });
  installPage(made.tables, physAddr(0x123000n), virtAddr(0x123000n));
  assertEquals(entryBytes(made, 0x123000n), [
    "03 10 00 01 00 00 08 00",
    "03 20 00 01 00 00 08 00",
    "03 30 00 01 00 00 08 00",
    "03 30 12 00 00 00 08 00",
  ]);
});

Deno.test("fresh tables of s390x are filled with invalid entries, page tables in part", () => {
  const { tables, ram, given } = tablesOf(S390X);
  installPage(tables, physAddr(0n), virtAddr(0n));
  const fills = ["2c", "28", "24", "20"].map((byte) => `00 00 00 00 00 00 00 ${byte}`);
  fills.push("00 00 00 00 00 00 04 00");
  for (const [depth, fill] of fills.entries()) {
    const entries = BigInt(tables.levels[depth]?.entries ?? 0);
    const table = given[depth] ?? 0n;
    assertEquals(hexBytes(ram, table + 8n, 8), fill, `second entry of level ${depth}`);
    assertEquals(hexBytes(ram, table + 8n * (entries - 1n), 8), fill, `last of level ${depth}`);
  }
  assertEquals(hexBytes(ram, (given[4] ?? 0n) + 0x800n, 8), "00 00 00 00 00 00 00 00");
});

Deno.test("fresh tables are cleared by x86 and ppc64, and left as they are by arm and riscv", () => {
  const left = "aa aa aa aa aa aa aa aa";
  const cleared = "00 00 00 00 00 00 00 00";
  const rows: readonly [Arch, string][] = [
    [X86_64, cleared],
    [I386, cleared],
    [PPC64, cleared],
    [ARM, left],
    [ARM64, left],
    [RISCV64, left],
    [RISCV32, left],
  ];
  for (const [arch, expected] of rows) {
    const pool = 0x100_0000n;
    const made = tablesOf(arch, { pool });
    const second = pool + (1n << BigInt(made.tables.format.pageShift));
    for (let at = 8n; at < 16n; at++) made.ram.writeByte(virtAddr(second + at), 0xaa, "a test");
    installPage(made.tables, physAddr(0n), virtAddr(0n));
    assertEquals(hexBytes(made.ram, second + 8n, 8), expected, arch.name);
  }
});

Deno.test("tables are asked for as each architecture does, top first", () => {
  const rows: readonly [Arch, number, string][] = [
    [X86_64, 12, "page ×4"],
    [I386, 12, "page ×2"],
    [ARM, 12, "page ×3"],
    [ARM64, 12, "page ×4"],
    [ARM64, 14, "page ×4"],
    [ARM64, 16, "page ×3"],
    [S390X, 12, "pages 2 ×4, pages 0"],
    [PPC64, 16, "memalign 0x10000 ×2, memalign 0x1000, memalign 0x100"],
    [PPC64, 12, "memalign 0x10000 ×2, memalign 0x1000 ×2"],
    [RISCV64, 12, "page ×3"],
    [RISCV32, 12, "page ×2"],
  ];
  for (const [arch, pageShift, expected] of rows) {
    const { tables, requests } = tablesOf(arch, { pageShift });
    installPage(tables, physAddr(0n), virtAddr(0n));
    assertEquals(foldRequests(requests), expected, `${arch.name} ${pageShift}`);
  }
});

Deno.test("each architecture has page tables for each of its page sizes", () => {
  for (const arch of ARCHS) {
    assertEquals(
      arch.pageTables.map((format) => format.pageShift),
      [...arch.pageShifts],
      arch.name,
    );
    for (const format of arch.pageTables) {
      assertEquals(format.levels.at(-1)?.shift, format.pageShift, arch.name);
      for (const [depth, level] of format.levels.entries()) {
        const above = format.levels[depth - 1]?.shift ?? format.virtualBits;
        const covered = level.shift + Math.log2(level.entries);
        assertEquals(covered, above, `${arch.name} ${level.name}`);
      }
    }
  }
});

Deno.test("pageTableFormatOf() refuses a page size that the architecture lacks", () => {
  assertThrows(() => pageTableFormatOf(X86_64, 14), RangeError, "not one of 12");
});
