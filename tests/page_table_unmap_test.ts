/** Unmapping pages, and finding where mappings end. */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { boot, describeTables, installPage, type Machine, physAddr, virtAddr } from "../mod.ts";
import { mappedEndBelow, type PageTables, unmapPage } from "../src/memory/page_table/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { edition } from "./support.ts";

function tablesOf({ mmu }: Machine): PageTables {
  assert(mmu.tables !== null);
  return mmu.tables;
}

/** The end of the highest page that is mapped below a limit, from the list of all that is. */
function endByList(tables: PageTables, limit: bigint): bigint {
  const ends = describeTables(tables).mapped.filter(({ virtual }) => virtual < limit)
    .map(({ virtual, sizeBytes, pageBytes }) => {
      const last = virtual + sizeBytes < limit ? virtual + sizeBytes - 1n : limit - 1n;
      return last - last % pageBytes + pageBytes;
    });
  return ends.reduce((highest, end) => end > highest ? end : highest, 0n);
}

for (const arch of ARCHS) {
  Deno.test(`mappedEndBelow() on ${arch.name} finds what the list of mappings says`, () => {
    const { machine } = boot({ arch, edition: edition("head") });
    const tables = tablesOf(machine);
    const random = randomNumbers(11);
    for (let round = 0; round < 12; round++) {
      const limit = 1n + BigInt(random(2 ** 32 - 2)) * 3n / 4n;
      assertEquals(mappedEndBelow(tables, limit, 0n), endByList(tables, limit), `${limit}`);
    }
    assertEquals(mappedEndBelow(tables, 0x1000n, 0x1000n), 0x1000n);
  });
}

Deno.test("unmapPage() undoes installPage(), and leaves other pages and large pages alone", () => {
  for (const arch of ARCHS) {
    const { machine } = boot({ arch, edition: edition("head") });
    const tables = tablesOf(machine);
    const page = 1n << BigInt(machine.pageShift);
    const virtual = 0xe0000000n;
    const frame = physAddr(arch.boot.defaults.memory[0]?.first ?? 0n);
    const mapped = (): string =>
      describeTables(tables).mapped.map((run) => `${run.virtual} ${run.sizeBytes}`).join();
    const isCovered = endByList(tables, virtual + page) > virtual;
    const before = mapped();
    if (isCovered) {
      unmapPage(tables, virtAddr(virtual));
      assertEquals(mapped(), before, `${arch.name}: a large page`);
      continue;
    }
    installPage(tables, frame, virtAddr(virtual));
    const one = mapped();
    installPage(tables, frame, virtAddr(virtual + page));
    unmapPage(tables, virtAddr(virtual + page + 5n));
    assertEquals(mapped(), one, arch.name);
    unmapPage(tables, virtAddr(virtual));
    unmapPage(tables, virtAddr(virtual));
    assertEquals(mapped(), before, arch.name);
  }
});
