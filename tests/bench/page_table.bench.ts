import { ARM64, S390X, X86_64 } from "../../arch/mod.ts";
import { describeTables, identityMapPages, installPage } from "../../src/memory/page_table/mod.ts";
import { TranslatedSpace } from "../../src/memory/translated_space.ts";
import { byteCount, physAddr, virtAddr } from "../../src/units.ts";
import { tablesOf } from "../page_table_support.ts";

const GIB = 1n << 30n;

Deno.bench("arm64, 3 GiB onto itself in pages of 4 KiB", () => {
  identityMapPages(tablesOf(ARM64).tables, physAddr(GIB), physAddr(4n * GIB));
});

Deno.bench("s390x, 3 GiB onto itself in pages of 4 KiB", () => {
  identityMapPages(tablesOf(S390X).tables, physAddr(0n), physAddr(3n * GIB));
});

Deno.bench("x86_64, 4 GiB onto itself in pages of 2 MiB", () => {
  identityMapPages(tablesOf(X86_64).tables, physAddr(0n), physAddr(4n * GIB));
});

const arm64 = tablesOf(ARM64, { pool: GIB }).tables;
identityMapPages(arm64, physAddr(GIB), physAddr(4n * GIB));
const space = new TranslatedSpace(arm64);

Deno.bench("arm64, 1000 single pages installed", () => {
  for (let page = 0n; page < 1000n; page++) {
    installPage(arm64, physAddr(GIB + (page << 12n)), virtAddr(5n * GIB + (page << 12n)));
  }
});

Deno.bench("arm64, 1000 single pages installed through the tables themselves", () => {
  arm64.memory = space;
  for (let page = 0n; page < 1000n; page++) {
    installPage(arm64, physAddr(GIB + (page << 12n)), virtAddr(5n * GIB + (page << 12n)));
  }
  arm64.memory = arm64.physical;
});

Deno.bench("arm64, 1000 words read through the tables, each of another page", () => {
  for (let page = 0n; page < 1000n; page++) {
    space.readWord(virtAddr(2n * GIB + (page << 12n)), "a bench");
  }
});

Deno.bench("arm64, 1 GiB filled through the tables", () => {
  space.fill(virtAddr(2n * GIB), byteCount(GIB), 0, "a bench");
});

Deno.bench("arm64, tables of 3 GiB described", () => {
  describeTables(arm64);
});
