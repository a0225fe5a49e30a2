/**
 * A range is mapped as by single installations also where the tables are damaged on the way.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ARM64, X86_64 } from "../arch/mod.ts";
import {
  identityMapPages,
  installLargePage,
  installPage,
  type PageTables,
} from "../src/memory/page_table/mod.ts";
import { TranslatedSpace } from "../src/memory/translated_space.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import { hexBytes, type Tables, tablesOf } from "./page_table_support.ts";

const GIB = 1n << 30n;
const MIB = 1n << 20n;
const ZERO_ENTRY = "00 00 00 00 00 00 00 00";

/** Maps three pages in one call and one by one, on tables made alike, and compares. */
function assertSameAsSingle(
  make: () => Tables,
  first: bigint,
  install: (tables: PageTables, address: bigint) => void,
  pageBytes: bigint,
): Tables {
  const together = make();
  const single = make();
  identityMapPages(together.tables, physAddr(first), physAddr(first + 3n * pageBytes));
  for (let page = 0n; page < 3n; page++) install(single.tables, first + page * pageBytes);
  assertEquals(together.requests, single.requests);
  const pages = [0n, 0x1000n, GIB, ...together.given];
  for (const page of pages) {
    for (let at = 0n; at < 0x1000n; at += 64n) {
      assertEquals(hexBytes(together.ram, page + at, 64), hexBytes(single.ram, page + at, 64));
    }
  }
  return together;
}

Deno.test("identityMapPages() walks again if a page's entry lies in a table above it", () => {
  const make = (): Tables => {
    const made = tablesOf(X86_64);
    // The root is its own table of all levels: the first entry that is written replaces the link.
    made.ram.write(virtAddr(made.tables.root), 8, made.tables.root | 7n, "a test");
    return made;
  };
  const made = assertSameAsSingle(
    make,
    0n,
    (tables, address) => installLargePage(tables, physAddr(address), virtAddr(address)),
    2n * MIB,
  );
  assertEquals(hexBytes(made.ram, made.tables.root, 16), "87 00 00 00 00 00 00 00 " + ZERO_ENTRY);
});

Deno.test("identityMapPages() does as single installations without memory for tables", () => {
  // All tables are page 0: the first entry overwrites that of the root.
  const made = assertSameAsSingle(
    () => tablesOf(X86_64, { isEmpty: true }),
    GIB,
    (tables, address) => installLargePage(tables, physAddr(address), virtAddr(address)),
    2n * MIB,
  );
  assert(made.requests.length > 3);
});

Deno.test("identityMapPages() walks again after an allocation, which may damage tables", () => {
  const make = (): Tables => {
    const made = tablesOf(ARM64);
    const { tables, ram } = made;
    let count = 0;
    const allocate: PageTables["allocate"] = (request, level) => {
      // As if the root were on a free list: the last table wipes it.
      if (++count === 3) ram.fill(virtAddr(tables.root), byteCount(0x1000n), 0, "alloc_page()");
      return tables.allocate(request, level);
    };
    return { ...made, tables: { ...tables, allocate } };
  };
  const made = assertSameAsSingle(
    make,
    GIB,
    (tables, address) => installPage(tables, physAddr(address), virtAddr(address)),
    0x1000n,
  );
  assertEquals(made.requests.length, 1 + 3 + 3);
});

Deno.test("identityMapPages() walks again if a page may be one through which tables are seen", () => {
  const make = (): Tables => {
    const made = tablesOf(ARM64, { pool: 0x40300000n });
    const { tables, ram } = made;
    identityMapPages(tables, physAddr(GIB), physAddr(GIB + 4n * MIB));
    const [, , middle = 0n, , second = 0n] = made.given;
    assertEquals([middle, second], [0x40302000n, 0x40304000n]);
    // Both halves share a table, so that a page of the first changes how the second is seen.
    ram.write(virtAddr(middle), 8, second | 3n, "a test");
    tables.memory = new TranslatedSpace(tables);
    return made;
  };
  const made = assertSameAsSingle(
    make,
    0x40102000n,
    (tables, address) => installPage(tables, physAddr(address), virtAddr(address)),
    0x1000n,
  );
  assertEquals(made.requests.length, 6);
});
