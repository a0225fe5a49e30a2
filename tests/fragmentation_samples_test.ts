import { assert, assertEquals } from "@std/assert";
import {
  compareIndices,
  externalFragmentationIndex,
  freePagesOf,
  isIndexTable,
  largestOrderOf,
  readFreeMemory,
  shareInBlocks,
  unusableIndex,
  WOULD_SUCCEED,
  writeFreeMemory,
  zoneCountsOf,
} from "../src/fragmentation/mod.ts";
import type { FreeMemoryTable, IndexTable, PageTypeInfo } from "../src/fragmentation/mod.ts";

const FOLDER = new URL("../../shared/samples/", import.meta.url);

/** What people posted, where it lies beside the project: files whose names tell of free memory. */
function namesOfSamples(): string[] {
  try {
    return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
      .filter((name) => /buddyinfo|pagetypeinfo|extfrag|unusable/.test(name)).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const NAMES = namesOfSamples();
const ignore = NAMES.length === 0;

function tablesOf(name: string): FreeMemoryTable[] {
  return readFreeMemory(Deno.readTextFileSync(new URL(name, FOLDER)), name);
}

Deno.test({
  name: "readFreeMemory reads every sample, and gives back what writeFreeMemory makes of it",
  ignore,
  fn: () => {
    for (const name of NAMES) {
      const tables = tablesOf(name);
      assert(tables.length > 0, name);
      for (const table of tables) {
        assert(table.rows.length > 0, name);
        assertEquals(readFreeMemory(writeFreeMemory(table), name), [table], name);
      }
      const { differences } = compareIndices(tables);
      assertEquals(differences, [], name);
    }
  },
});

Deno.test({
  name: "the samples of counts give the figures that were computed apart, with other means",
  ignore,
  fn: () => {
    const shown = NAMES.flatMap((name) =>
      tablesOf(name).flatMap((table) =>
        isIndexTable(table) ? [] : zoneCountsOf(table).map(({ node, zone, counts, atLeast }) => {
          const bound = atLeast.length > 0 ? "over " : "";
          const [unusable, share] = [unusableIndex(counts, 10), shareInBlocks(counts, 10)];
          return `${node} ${zone} ${bound}${freePagesOf(counts)} ${largestOrderOf(counts)} ` +
            `${unusable} ${share} ${externalFragmentationIndex(counts, 11)}`;
        })
      )
    );
    assertEquals(shown, [
      "0 DMA 3975 10 227 772 755",
      "0 DMA32 420151 10 15 984 710",
      "0 Normal 614178 10 21 978 776",
      "0 DMA 3979 10 485 514 853",
      "0 DMA32 488785 10 34 965 836",
      "0 Normal 108323 10 26 973 856",
      "0 Normal over 3177750 10 622 377 995",
    ]);
  },
});

/** Tells whether some number of blocks and pages gives two indices of one zone. */
function isPossible(at: number, index: number, above: number): boolean {
  // Of blocks much smaller than the request, an index tells the average block's share of it.
  const least = (1000 - index) * 2 ** at;
  const most = (1001 - index) * 2 ** at;
  return (1000 - above) * 2 ** (at + 1) < most && least < (1001 - above) * 2 ** (at + 1);
}

Deno.test({
  name: "indices of the sample agree with each other as those of one zone must",
  ignore,
  fn: () => {
    const tables = NAMES.flatMap(tablesOf).filter((table): table is IndexTable =>
      isIndexTable(table)
    );
    const rows = tables.flatMap(({ rows }) => rows);
    assert(rows.length > 0);
    for (const { node, zone, indices } of rows) {
      const failing = indices.findIndex((index) => index !== WOULD_SUCCEED);
      const first = failing < 0 ? indices.length : failing;
      const place = `node ${node} ${zone}`;
      assert(indices.slice(first).every((index) => index >= 0), place);
      for (let order = first; order + 1 < indices.length; order++) {
        assert(isPossible(order, indices[order] ?? 0, indices[order + 1] ?? 0), place);
      }
    }
  },
});

Deno.test({
  name: "the samples of pagetypeinfo tell the page blocks, and which counts were cut short",
  ignore,
  fn: () => {
    const tables = NAMES.flatMap(tablesOf).filter((table): table is PageTypeInfo =>
      table.kind === "pagetypeinfo"
    );
    assertEquals(tables.map(({ blockOrder }) => blockOrder), [9, 10, null]);
    assertEquals(tables.map(({ rows }) => rows.length), [10, 6, 1]);
    const [first, , capped] = tables;
    assertEquals(first?.blocks?.types, [
      "Unmovable",
      "Reclaimable",
      "Movable",
      "Reserve",
      "Isolate",
    ]);
    assertEquals(first?.blocks?.rows.map(({ blocks }) => blocks), [
      [2, 0, 5, 1, 0],
      [41, 6, 967, 2, 0],
    ]);
    assertEquals(capped?.rows[0]?.atLeast, [0]);
  },
});
