import { assert, assertEquals } from "@std/assert";
import { X86_64 } from "../arch/mod.ts";
import {
  areaNumber,
  type AreaView,
  createMachine,
  descriptorLayout,
  type FreeListView,
  type Machine,
  order,
  pfn,
  type StateRun,
  virtAddr,
} from "../mod.ts";
import { areaFromMap, printBlockTable, printFreeLists } from "../src/report/mod.ts";
import { addRange, bareMachine, edition, flags } from "./support.ts";

function emptyMachine(): Machine {
  return createMachine({ arch: X86_64, edition: edition("head") });
}

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

/*
 *           0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
 *   1000   ## .0 A1 -- f2 -- -- -- .3 -- -- -- -- -- -- --
 *
 * Expect a line for each block, with its place on a free list.
 */
Deno.test("printBlockTable() has a line for each block", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## .0 A1 -- f2 -- -- -- .3 -- -- -- -- -- -- --", { first: 0x1000 });
  assertEquals(
    printBlockTable(machine, machine.pages.areas()),
    `\
area 0  normal  base 1001  top 1010  max order 3

   pfn  frames  order  status     free list
  1001       1      0  fresh      0[0]
  1002       2      1  allocated  -
  1004       4      2  free       2[0]
  1008       8      3  fresh      3[0]
`,
  );
});

/*
 *   1000   ## f0 f0 A0 f0 f0 f1 -- f2 !! -- -- S0 .0 .0 .0
 *
 * Expect each thing that is wrong to be named behind the block that it is wrong with.
 */
Deno.test("printBlockTable() says what is wrong with a block", () => {
  const machine = emptyMachine();
  const map = "## f0 f0 A0 f0 f0 f1 -- f2 !! -- -- S0 .0 .0 .0\nstate 1009  A2";
  areaFromMap(machine, 0, map, {
    first: 0x1000,
    freeLists: [
      { order: 0, pfns: [0x1002, 0x1003, 0x1006, 0x100c, 0x100d] },
      { order: 1, pfns: [0x1004, 0x1009] },
      { order: 2, pfns: [0x1008] },
    ],
  });
  assertEquals(printBlockTable(machine, machine.pages.areas()).split("\n").slice(2), [
    "   pfn  frames  order  status     free list",
    "  1001       1      0  free       -         not listed",
    "  1002       1      0  free       0[0]",
    "  1003       1      0  allocated  0[1]      listed but allocated",
    "  1004       1      0  free       1[0]      listed on order 1",
    "  1005       1      0  free       -         not listed",
    "  1006       2      1  free       0[2]      listed on order 0",
    "  1008       4      2  free       2[0]      state disagrees at 1009 (A2)",
    "  100c       1      0  special    0[3]      listed but special",
    "  100d       1      0  fresh      0[4]",
    "  100e       1      0  fresh      -         not listed",
    "  100f       1      0  fresh      -         not listed",
    "  1009       1      -  -          1[1]      listed, but no block begins there",
    "",
  ]);
});

/** A list whose two walks agree. */
function list(listed: number, pfns: readonly number[]): FreeListView {
  return {
    order: order(listed),
    forward: { pfns: pfns.map(pfn), end: { kind: "own-head" } },
    backward: null,
  };
}

function area(
  slot: number,
  first: number,
  states: readonly StateRun[],
  freeLists: readonly FreeListView[],
): AreaView {
  const frames = states.reduce((sum, { count }) => sum + count, 0);
  return {
    area: areaNumber(slot),
    metadata: pfn(first),
    base: pfn(first + 1),
    top: pfn(first + 1 + frames),
    maxOrder: null,
    states,
    freeLists,
  };
}

Deno.test("printBlockTable() names blocks that are listed twice or in another area", () => {
  const states = [{ state: 0, count: 1 }, { state: 0xc3, count: 2 }, { state: 0x01, count: 2 }];
  const areas = [
    area(0, 0x10, states, [list(0, [0x11]), list(1, [0x14, 0x11, 0x10])]),
    area(1, 0x20, [{ state: 0x80, count: 5 }], [list(1, [0x14])]),
  ];
  const subject = { arch: X86_64, edition: edition("head") };
  assertEquals(printBlockTable(subject, areas).split("\n").slice(3, 7), [
    "    11       1      0  fresh      0[0] 1[1]  listed twice; listed on order 1",
    "    12       2      -  -          -         S3 where no block of that order fits",
    "    14       2      1  fresh      1[0] area 1 1[0]  listed twice; listed in area 1",
    "    10       1      -  -          1[2]      listed, but metadata",
  ]);
});

Deno.test("printBlockTable() folds what is alike in a large area", () => {
  const machine = bareMachine(0x100000, 0x200000);
  for (let call = 0; call < 2000; call++) {
    machine.pages.allocPages(call % 100 === 0 ? 3 : 0, flags(machine, { dontZero: true }));
  }
  machine.space.writeByte(virtAddr(0x100000000n), 0xff, "a test");
  const text = printBlockTable(machine, machine.pages.areas());
  const lines = text.split("\n");
  assert(lines.length <= 61 && widest(text) <= 100);
  assertEquals(lines.slice(2, 9), [
    "   pfn   frames  order  status     free list",
    "100100        1      -  -          -         0xff where no block of that order fits",
    "100101        7      -  -          -         A3 where no block of that order fits",
    "100108        1      0  allocated  -",
    "        … 103 more like it, up to the block at 10016f",
    "100170        8      3  allocated  -",
    "100178        1      0  allocated  -",
  ]);
  assertEquals(lines.at(-2), "180000   524288     19  fresh      19[0]");
  const all = printBlockTable(machine, machine.pages.areas(), { folding: "none" });
  assert(all.split("\n").length > 2000);
});

Deno.test("printBlockTable() keeps remarks of the middle and counts what it leaves out", () => {
  const machine = emptyMachine();
  const cells = Array.from({ length: 200 }, (_, index) => index % 2 === 0 ? "A0" : "f0");
  const freeLists = [{
    order: 0,
    pfns: cells.flatMap((cell, index) => cell === "f0" && index !== 99 ? [0x1001 + index] : []),
  }];
  areaFromMap(machine, 0, `## ${cells.join(" ")}`, { first: 0x1000, freeLists });
  const lines = printBlockTable(machine, machine.pages.areas()).split("\n");
  assertEquals(lines.slice(27, 30), [
    "  1064       1      0  free       -         not listed",
    "        … 169 blocks not shown; in this part 85 allocated, 85 free",
    "  10c3       1      0  allocated  -",
  ]);
});

Deno.test("printFreeLists() shows each list from the front", () => {
  const machine = emptyMachine();
  addRange(machine, 0x1000, 0x1030, 0);
  assertEquals(
    printFreeLists(machine, machine.pages.areas()),
    `\
area 0  normal  listed blocks, front to back
order 0  1  1001
order 1  1  1002
order 2  1  1004
order 3  1  1008
order 4  2  1020 1010
`,
  );
  assertEquals(printFreeLists(machine, []), "no areas\n");
});

/*
 * Expect, for links that a guest overwrote:
 *   order 0   the next link of 1002 is null
 *   order 1   the next link of 1004 leads back to 1004
 *   order 2   the next link of 1008 leads to the head of order 0
 *   order 3   the next link of 1010 is no frame
 */
Deno.test("printFreeLists() says in words where a damaged list leads", () => {
  const machine = emptyMachine();
  const rows = ["## f0 f0 f0 f1 -- f1 -- f2 -- -- -- f2 -- -- --", "f3 -- -- -- -- -- -- --"];
  areaFromMap(machine, 0, rows.join("\n"), { first: 0x1000 });
  const { freeLists } = descriptorLayout(machine.arch, machine.edition, machine.pageShift);
  const head = machine.options.areasAddress + BigInt(freeLists);
  const links: [bigint, bigint][] = [
    [0x1002008n, 0n],
    [0x1004008n, 0x1004000n],
    [0x1008008n, head],
    [0x1010008n, 0xdead0000n],
  ];
  for (const [address, link] of links) machine.space.writeWord(virtAddr(address), link, "a test");
  assertEquals(
    printFreeLists(machine, machine.pages.areas()),
    `\
area 0  normal  listed blocks, front to back
order 0  2  1001 1002
            then null
            backwards 3  1003 1002 1001
            then its own head, but this is no mirror of the walk forwards
order 1  1  1004
            then 1004 again: a cycle
            backwards 2  1006 1004
            then its own head, but this is no mirror of the walk forwards
order 2  1  1008
            then the head of order 0 of area 0
            backwards 2  100c 1008
            then its own head, but this is no mirror of the walk forwards
order 3  1  1010
            then 0xdead0000, which is no frame of an area and no head: a wild link
            backwards 1  1010
            then its own head, but this is no mirror of the walk forwards
`,
  );
});

Deno.test("printFreeLists() shows a long list by its ends", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, `## ${Array(300).fill("f0").join(" ")}`, { first: 0x1000 });
  assertEquals(printFreeLists(machine, machine.pages.areas()).split("\n").slice(1), [
    "order 0  300  1001 1002 1003 1004 1005 1006 1007 1008 1009 100a 100b 100c 100d 100e 100f 1010 1011",
    "              1012 1013 1014 … 276 blocks not shown … 1129 112a 112b 112c",
    "",
  ]);
  const short = printFreeLists(machine, machine.pages.areas(), { mostBlocks: 4 });
  assertEquals(short.split("\n")[1], "order 0  300  1001 1002 … 296 blocks not shown … 112b 112c");
});
