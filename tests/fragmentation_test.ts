import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compareIndices,
  externalFragmentationIndex,
  freePagesOf,
  hugePageOrder,
  indexText,
  indicesOf,
  largestOrderOf,
  readFreeMemory,
  shareInBlocks,
  unusableIndex,
  writeFreeMemory,
  zoneCountsOf,
} from "../src/fragmentation/mod.ts";
import type { FreeMemoryTable } from "../src/fragmentation/mod.ts";

/** The orders of Linux's lists: 0 to 10, as far as no more are given. */
const countsOf = (...counts: number[]): number[] =>
  Array.from({ length: 11 }, (_, order) => counts[order] ?? 0);
const rowOf = (values: readonly number[]): string => values.map(indexText).join(" ");

Deno.test("externalFragmentationIndex gives what two published pairs of buddyinfo and extfrag_index have", () => {
  // Posted with "mm, compaction: correct the bounds of __fragmentation_index()", linux-mm, February 2018.
  const pieces = countsOf(1983);
  assertEquals(
    rowOf(pieces.map((_, order) => externalFragmentationIndex(pieces, order))),
    "-1.000 0.500 0.750 0.875 0.937 0.969 0.984 0.992 0.996 0.998 0.999",
  );
  const single = countsOf(1);
  assertEquals(
    rowOf(single.map((_, order) => externalFragmentationIndex(single, order))),
    "-1.000 0.-500 0.-250 0.-125 0.-62 0.-31 0.-15 0.-07 0.-03 0.-01 0.000",
  );
});

Deno.test("externalFragmentationIndex rounds twice, as the kernel does", () => {
  // 5 blocks, 9 pages; order 3: 9000 / 8 = 1125; 2125 / 5 = 425; 1000 - 425.
  assertEquals(externalFragmentationIndex([3, 1, 1], 3), 575);
  // Order 4: 9000 / 16 = 562.5, 562; 1562 / 5 = 312.4, 312.
  assertEquals(externalFragmentationIndex([3, 1, 1], 4), 688);
  assertEquals(externalFragmentationIndex([3, 1, 1], 2), -1000);
  assertEquals(externalFragmentationIndex([0, 0, 0], 2), 0);
  // Two halves of what is wanted: no memory is missing but 1000 thousandths are in 2 blocks.
  assertEquals(externalFragmentationIndex([0, 2], 2), 0);
});

Deno.test("unusableIndex and shareInBlocks count pages below and from an order", () => {
  // 3 + 2 + 4 pages: 3 of 9 are below order 1, 5 below order 2, all below order 3.
  const counts = [3, 1, 1];
  assertEquals([0, 1, 2, 3].map((order) => unusableIndex(counts, order)), [0, 333, 555, 1000]);
  assertEquals([0, 1, 2, 3].map((order) => shareInBlocks(counts, order)), [1000, 666, 444, 0]);
  assertEquals([unusableIndex([], 0), shareInBlocks([], 0)], [1000, 0]);
  assertEquals([freePagesOf(counts), largestOrderOf(counts), largestOrderOf([0])], [9n, 2, null]);
  assertEquals(indicesOf(counts)[2], { order: 2, external: -1000, unusable: 555, share: 444 });
  assertEquals([12, 14, 16].map(hugePageOrder), [9, 11, 13]);
});

Deno.test("the indices are exact for 2^40 blocks of each order, and refuse what is no count", () => {
  const many = 2 ** 40 + 1;
  const counts = countsOf(...new Array<number>(11).fill(many));
  assertEquals(freePagesOf(counts), (2n ** 40n + 1n) * 2047n);
  assertEquals(unusableIndex(counts, 10), 499); // 1023 of 2047.
  // Of order 11 by 11 equal lists: 2047000 / 2048 of a list's blocks, by 11 lists.
  const blocks = 2n ** 40n + 1n;
  const expected = 1000n - (1000n + blocks * 2047n * 1000n / 2048n) / (11n * blocks);
  assertEquals(externalFragmentationIndex(counts, 11), Number(expected));
  for (const wrong of [-1, 1.5, NaN, 2 ** 53]) {
    assertThrows(() => unusableIndex([0, wrong], 0), RangeError, "the free blocks of order 1");
  }
});

Deno.test("the indices agree with each other on random counts", () => {
  let seed = 11;
  const below = (bound: number): number => (seed = seed * 48271 % 2147483647) % bound;
  for (let round = 0; round < 500; round++) {
    const counts = Array.from({ length: 1 + below(12) }, () => below(4) === 0 ? below(5000) : 0);
    const shown = `counts ${counts.join(" ")}`;
    const [external, unusable] = [externalFragmentationIndex, unusableIndex]
      .map((indexOf) => [...counts, 0].map((_, order) => indexOf(counts, order)));
    const sorted = (row: number[] = []): boolean =>
      row.every((one, at) => at === 0 || one >= (row[at - 1] ?? 0));
    assert(sorted(external) && sorted(unusable), shown);
    const largest = largestOrderOf(counts);
    for (let order = 0; order <= counts.length; order++) {
      const fits = largest !== null && largest >= order;
      const index = external?.[order] ?? 0;
      assertEquals(index === -1000, fits, `${shown}, order ${order}`);
      assert(fits || (index >= -500 && index <= 1000), `${shown}, order ${order}`);
      const sum = (unusable?.[order] ?? 0) + shareInBlocks(counts, order);
      assert(sum === 1000 || sum === 999, `${shown}, order ${order}`);
    }
  }
});

const BUDDYINFO = `Node 0, zone      DMA      1      0      2 
Node 0, zone   Normal    400     30      0 
Node 1, zone   Normal      0      0 123456 
`;

const PAGETYPEINFO = `Page block order: 9
Pages per block:  512

Free pages count per migrate type at order       0      1      2 
Node    0, zone      DMA, type    Unmovable      1      0      0 
Node    0, zone      DMA, type      Movable      0      0      2 
Node    0, zone   Normal, type    Unmovable      7      8      0 
Node    0, zone   Normal, type      Movable >100000     22      0 

Number of blocks type     Unmovable      Movable 
Node 0, zone      DMA            1            7 
Node 0, zone   Normal          200         1800 

Number of mixed blocks    Unmovable      Movable 
Node 0, zone      DMA            0            0 
Node 0, zone   Normal            3            9 
`;

const EXTFRAG = `Node 0, zone      DMA -1.000 -1.000 -1.000 
Node 0, zone   Normal -1.000 -1.000  0.733 
Node 1, zone   Normal -1.000 -1.000 -1.000 
Node 2, zone   Normal -1.000  0.-500  0.-07 
`;

const UNUSABLE = `Node 0, zone      DMA 0.000 0.111 0.111 
Node 0, zone   Normal 0.000 0.869 1.000 
Node 1, zone   Normal 1.000 1.000 1.000 
`;

Deno.test("readFreeMemory takes each file, and writeFreeMemory gives back the kernel's own text", () => {
  for (const text of [BUDDYINFO, PAGETYPEINFO, EXTFRAG, UNUSABLE]) {
    const tables = readFreeMemory(text);
    assertEquals(tables.length, 1);
    assertEquals(tables.map(writeFreeMemory).join(""), text);
  }
  const whole = [BUDDYINFO, PAGETYPEINFO, EXTFRAG, UNUSABLE].join("");
  const kinds = ["buddyinfo", "pagetypeinfo", "extfrag_index", "unusable_index"];
  assertEquals(readFreeMemory(whole).map(({ kind }) => kind), kinds);
  // The first zones of all rows of the block tables, seen again, begin the next file.
  assertEquals(readFreeMemory(PAGETYPEINFO + BUDDYINFO).map(({ kind }) => kind), [
    "pagetypeinfo",
    "buddyinfo",
  ]);
});

Deno.test("readFreeMemory gives back what writeFreeMemory makes of random tables", () => {
  let seed = 5;
  const below = (bound: number): number => (seed = seed * 48271 % 2147483647) % bound;
  for (let round = 0; round < 200; round++) {
    const orders = 1 + below(14);
    const list = (length: number, bound: number): number[] =>
      Array.from({ length }, () => below(bound));
    const places = Array.from({ length: 1 + below(3) }, (_, node) => ({ node, zone: `Z${node}` }));
    const types = ["Unmovable", "Movable", "CMA"].slice(0, 1 + below(3));
    const blocksOf = () => ({
      types,
      rows: places.map((place) => ({ ...place, blocks: list(types.length, 1e6) })),
    });
    const tables: FreeMemoryTable[] = [
      { kind: "buddyinfo", rows: places.map((one) => ({ ...one, counts: list(orders, 1e9) })) },
      {
        kind: "pagetypeinfo",
        blockOrder: below(2) === 0 ? null : below(14),
        rows: places.flatMap((place) =>
          types.map((type) => {
            const atLeast = below(3) === 0 ? [below(orders)] : [];
            return { ...place, type, counts: list(orders, 1e5), atLeast };
          })
        ),
        blocks: below(3) === 0 ? null : blocksOf(),
        mixed: null,
      },
      {
        kind: "extfrag_index",
        rows: places.map((one) => ({
          ...one,
          indices: [-1000, ...list(orders, 1501).map((value) => value - 500)],
        })),
      },
      {
        kind: "unusable_index",
        rows: places.map((one) => ({ ...one, indices: [0, ...list(orders, 1001), 1000] })),
      },
    ];
    for (const table of tables) assertEquals(readFreeMemory(writeFreeMemory(table)), [table]);
  }
});

Deno.test("readFreeMemory takes a reading of every minute, and what pages make of the columns", () => {
  const log = "# 10:00\r\nNode 0, zone Normal 1 2\r\n\r\n# 10:01\nNode 0, zone\tNormal 3 4";
  assertEquals(readFreeMemory(log), [
    { kind: "buddyinfo", rows: [{ node: 0, zone: "Normal", counts: [1, 2] }] },
    { kind: "buddyinfo", rows: [{ node: 0, zone: "Normal", counts: [3, 4] }] },
  ]);
  // A pagetypeinfo for each node, as kernels with several nodes print it.
  const second = PAGETYPEINFO.replaceAll("Node    0", "Node    1").replaceAll("Node 0", "Node 1");
  assertEquals(readFreeMemory(PAGETYPEINFO + second).length, 2);
  const [one] = readFreeMemory(PAGETYPEINFO);
  assert(one?.kind === "pagetypeinfo");
  assertEquals(zoneCountsOf(one), [
    { node: 0, zone: "DMA", counts: [1, 0, 2], atLeast: [] },
    { node: 0, zone: "Normal", counts: [100007, 30, 0], atLeast: [0] },
  ]);
});

Deno.test("readFreeMemory names the line and the rule that a text breaks", () => {
  const cases: [string, string][] = [
    ["", 'line 1: there must be a row such as "Node 0, zone Normal 1 2 3", there is none'],
    ["Node 0, zone", "line 1: it must be a row such as"],
    ["Node 0, zone DMA", "line 1: behind the zone there must be 1 to 64 numbers, there are 0"],
    ["\n\nhello", 'line 3: it must be a row such as "Node 0, zone Normal 1 2 3", or a heading of'],
    ["Node 0, zone DMA 1 2\nNode 0, zone Normal 1", "line 2: a row must have 2 counts"],
    ["Node 0, zone DMA 1 -2", 'line 1: a count must be a whole number below 10^15, it is "-2"'],
    ["Node 0, zone DMA 1 >2", 'line 1: a count must be a whole number below 10^15, it is ">2"'],
    ["Node 0, zone DMA 1 9999999999999999", "line 1: a count must be a whole number below 10^15"],
    ["Node 0, zone DMA 1.000 7", 'line 1: an index must be from -1.000 to 1.000, it is "7"'],
    ["Node 0, zone DMA 0.000 1.001", "line 1: an index must be from -1.000 to 1.000"],
    ["Node 0, zone DMA 0.000 0.-100", "line 1: the first index must be -1.000"],
    ["Node 0, zone DMA 0.000 0.000", "line 1: indices that are all 0.000 must stand in a file"],
    [`${EXTFRAG}Node 3, zone DMA 0.000 0.5 0.500`, "line 5: an index must be from -1.000 to 1.000"],
    [`${EXTFRAG}Node 3, zone DMA 0.000 0.500 0.500`, "line 5: a row must be one of extfrag_index"],
    [`Node 0, zone DMA ${"1 ".repeat(65)}`, "line 1: behind the zone there must be 1 to 64"],
    ["Page block order: 9\nPages per block:  511", "line 2: a page block of order 9 must have 512"],
    ["Page block order: 9", "line 1: below a heading of pagetypeinfo there must be rows"],
    ["Free pages count per migrate type at order 0 1 3", "line 1: the orders must be 0, 1, 2"],
    ["Free pages count per migrate type at order", "line 1: the orders must be 0, 1, 2 and so on"],
    [PAGETYPEINFO.replace("7      8      0", "7      8"), "line 7: a row must have 3 counts"],
    [PAGETYPEINFO.replace("200         1800", "200"), "line 12: a row must have 2 counts, one for"],
    ["Number of blocks type", "line 1: behind the heading there must be migrate types"],
    [`Node 0, zone DMA 1\n${"x".repeat(99)}`, `line 2: it must be a row such as`],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => readFreeMemory(text), SyntaxError, `Cannot read ${message}`);
  }
  const lines = PAGETYPEINFO.split("\n");
  for (const [cut, rows] of [[4, 0], [10, 4], [14, 2]] as const) {
    assertThrows(
      () => readFreeMemory(lines.slice(0, cut).join("\n")),
      SyntaxError,
      "below a heading of pagetypeinfo there must be rows, the file ends here",
      `${cut} lines, ${rows} rows before`,
    );
  }
});

Deno.test("readFreeMemory tells two indices apart by the file's name where all are 0", () => {
  const zeros = "Node 0, zone DMA 0.000 0.000\n";
  for (const kind of ["extfrag_index", "unusable_index"]) {
    assertEquals(readFreeMemory(zeros, `/sys/kernel/debug/extfrag/${kind}`)[0]?.kind, kind);
  }
});

Deno.test("compareIndices finds each index that is another than the counts give", () => {
  const counts = "Node 0, zone DMA 1983 0 0\nNode 0, zone Normal 0 0 1\n";
  const indices = "Node 0, zone DMA -1.000 0.500 0.751\nNode 7, zone DMA -1.000 0.000 0.000\n";
  const later = counts.replace("1983", "1").concat("Node 0, zone DMA -1.000 0.-500 0.-250\n");
  assertEquals(compareIndices(readFreeMemory(counts + indices + later)), {
    compared: 6,
    differences: [
      { node: 0, zone: "DMA", kind: "extfrag_index", order: 2, printed: 751, computed: 750 },
    ],
  });
  const unusable = "Node 0, zone Normal 0.000 0.000 0.000\nNode 0, zone DMA 0.000 1.000 1.000\n";
  assertEquals(compareIndices(readFreeMemory(counts + unusable)), { compared: 6, differences: [] });
  // A count that the kernel capped proves nothing.
  assertEquals(compareIndices(readFreeMemory(PAGETYPEINFO + EXTFRAG)).compared, 3);
});
