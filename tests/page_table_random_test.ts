/**
 * Page tables against dumber ways to the same end: pages installed one by one, and a plain map from
 * pages to pages.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import type { Arch } from "../src/arch.ts";
import {
  describeTables,
  identityMapPages,
  installLargePage,
  installPage,
  translate,
} from "../src/memory/page_table/mod.ts";
import { TranslatedSpace } from "../src/memory/translated_space.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import { type Tables, tablesOf } from "./page_table_support.ts";

const BY = "a test";

/** A generator of numbers below a limit, the same for the same seed. */
function dice(seed: number): (limit: number) => number {
  let state = BigInt(seed);
  return (limit) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 33n) % limit;
  };
}

/** All memory that was touched, as text. */
function touchedBytes({ ram }: Tables): string[] {
  return [...ram.touchedPages()].map(({ first, count }) => {
    const runs = ram.peekRuns(physAddr(BigInt(first) << 12n), byteCount(BigInt(count) << 12n));
    return `${first}: ${runs.map(({ byte, count }) => `${byte}*${count}`).join(" ")}`;
  });
}

/** Each architecture with each of its page sizes. */
function forEachFormat(use: (arch: Arch, pageShift: number) => void): void {
  for (const arch of ARCHS) for (const pageShift of arch.pageShifts) use(arch, pageShift);
}

Deno.test("identityMapPages() leaves the bytes and asks for the tables of single installations", () => {
  forEachFormat((arch, pageShift) => {
    const roll = dice(pageShift);
    const page = 1n << BigInt(pageShift);
    const ranges = Array.from({ length: 4 }, () => {
      // Around an address at which new tables of two or three levels begin.
      const first = (2n << 30n) + BigInt(roll(3000) - 1500) * page;
      return { first, end: first + BigInt(roll(3000) + 1) * page };
    });
    const together = tablesOf(arch, { pageShift });
    const single = tablesOf(arch, { pageShift });
    for (const { first, end } of ranges) {
      identityMapPages(together.tables, physAddr(first), physAddr(end));
      let at = first;
      if (together.tables.format.rangeLoop === "large-pages-first") {
        const large = arch.wordBits === 64 ? 1n << 21n : 1n << 22n;
        for (; at + large <= end; at += large) {
          installLargePage(single.tables, physAddr(at), virtAddr(at));
        }
      }
      for (; at < end; at += page) installPage(single.tables, physAddr(at), virtAddr(at));
    }
    assertEquals(together.requests, single.requests, `${arch.name} ${pageShift}`);
    assertEquals(touchedBytes(together), touchedBytes(single), `${arch.name} ${pageShift}`);
  });
});

Deno.test("translate() and TranslatedSpace agree with a plain map, whatever is installed", () => {
  forEachFormat((arch, pageShift) => {
    const roll = dice(100 + pageShift);
    const made = tablesOf(arch, { pageShift, pool: 0x4000_0000n });
    const space = new TranslatedSpace(made.tables);
    const page = 1n << BigInt(pageShift);
    const plain = new Map<bigint, bigint>();
    const bytes = new Map<bigint, number>();
    for (let step = 0; step < 400; step++) {
      const virtual = BigInt(roll(40)) * page + (BigInt(roll(3)) << 30n);
      if (roll(4) === 0) {
        const physical = BigInt(roll(20)) * page;
        installPage(made.tables, physAddr(physical), virtAddr(virtual));
        plain.set(virtual, physical);
      }
      const offset = BigInt(roll(Number(page)));
      const expected = plain.get(virtual);
      const found = translate(made.tables, virtAddr(virtual + offset));
      assertEquals(
        found?.physical,
        expected === undefined ? undefined : physAddr(expected + offset),
      );
      if (expected === undefined) continue;
      assertEquals(
        space.readByte(virtAddr(virtual + offset), BY),
        bytes.get(expected + offset) ?? 0,
      );
      const byte = roll(256);
      space.writeByte(virtAddr(virtual + offset), byte, BY);
      bytes.set(expected + offset, byte);
    }
    const described = describeTables(made.tables).mapped.reduce(
      (pages, { sizeBytes }) => pages + sizeBytes / page,
      0n,
    );
    assertEquals(described, BigInt(plain.size), `${arch.name} ${pageShift}`);
  });
});
