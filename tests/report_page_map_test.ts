import { assert, assertEquals } from "@std/assert";
import { X86_64 } from "../arch/mod.ts";
import {
  areaNumber,
  type AreaView,
  createMachine,
  type Machine,
  order,
  pageCount,
  pfn,
  physAddr,
  type StateRun,
  virtAddr,
} from "../mod.ts";
import { type Paint, printPageMap } from "../src/report/mod.ts";
import { addRange, bareMachine, edition, flags } from "./support.ts";

const HEAD = { arch: X86_64, edition: edition("head") };

/** The state of the style guide's example: five calls on an area of 33 frames. */
function fiveCalls(): Machine {
  const machine = createMachine({ arch: X86_64, edition: edition("head") });
  addRange(machine, 0x100000, 0x100021, 0);
  const { pages } = machine;
  const page = pages.allocPages(0, flags(machine));
  const block = pages.allocPages(2, flags(machine));
  pages.allocPages(1, flags(machine, { fresh: true, dontZero: true }));
  pages.reservePages(physAddr(0x100010000n), pageCount(1));
  pages.freePages(virtAddr(block ?? 0n));
  pages.freePages(virtAddr(page ?? 0n));
  return machine;
}

function view(first: number, metadata: number, states: readonly StateRun[]): AreaView {
  const frames = states.reduce((sum, { count }) => sum + count, 0);
  return {
    area: areaNumber(0),
    metadata: pfn(first),
    base: pfn(first + metadata),
    top: pfn(first + metadata + frames),
    maxOrder: order(9),
    states,
    freeLists: [],
  };
}

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

Deno.test("printPageMap() draws a cell for each frame, 16 to a row", () => {
  const machine = fiveCalls();
  assertEquals(
    printPageMap(machine, machine.pages.areas()),
    `\
legend  . fresh   f free   A allocated   S special   digit: order   -- same block   ## metadata

area 0  normal  base 100001  top 100021  max order 3

          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
100000   ## .0 .1 -- f2 -- -- -- .0 A0 .1 -- .2 -- -- --
100010   S0 .0 .1 -- .2 -- -- -- .3 -- -- -- -- -- -- --
100020   f0
`,
  );
});

Deno.test("printPageMap() marks states that disagree and says what they are", () => {
  const machine = fiveCalls();
  for (
    const [frame, state] of [[0x05, 0x82], [0x06, 0x82], [0x0e, 0xff], [0x12, 0x43], [0x18, 0x04]]
  ) {
    machine.space.writeByte(
      virtAddr(0x100000000n + BigInt((frame ?? 0) - 1)),
      state ?? 0,
      "a test",
    );
  }
  const lines = printPageMap(machine, machine.pages.areas()).split("\n");
  assertEquals(lines.slice(1, 2), [
    "legend  !! a state that disagrees with its block's head, or can be no head's",
  ]);
  assertEquals(lines.slice(5), [
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "100000   ## .0 .1 -- f2 !! !! -- .0 A0 .1 -- .2 -- !! --",
    "100010   S0 .0 !! !! .2 -- -- -- !! !! !! !! !! !! !! !!",
    "100020   f0",
    "state 100005..100006  A2, in the block f2 at 100004",
    "state 10000e          0xff, in the block .2 at 10000c",
    "state 100012          f3, where no block of that order fits",
    "state 100013          .1, where no block of that order fits",
    "state 100018          .4, where no block of that order fits",
    "state 100019..10001f  .3, where no block of that order fits",
    "",
  ]);
});

Deno.test("printPageMap() begins inside a row and names orders above 9", () => {
  const big = view(0x7fe, 2, [{ state: 0x8a, count: 1024 }]);
  const lines = printPageMap(HEAD, [big]).split("\n");
  assertEquals(
    lines[1],
    "legend  digits above 9: a is order 10, b is 11, up to z, 35; then A is 36",
  );
  assertEquals(lines.slice(5), [
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "   7f0                                             ## ##",
    "   800   Aa -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "        … 63 rows: 1008 frames of one block, order 10",
    "",
  ]);
});

Deno.test("printPageMap() shows each area, and an area that is damaged", () => {
  const machine = bareMachine(0x1000, 0x1010);
  addRange(machine, 0x20, 0x28, 3);
  assertEquals(printPageMap(machine, machine.pages.areas()).split("\n").slice(2), [
    "area 2  low  base 1001  top 1010  max order 3",
    "",
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "  1000   ## .0 .1 -- .2 -- -- -- .3 -- -- -- -- -- -- --",
    "",
    "area 3  lowest  base 21  top 28  max order 2",
    "",
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "    20   ## .0 .1 -- .2 -- -- --",
    "",
  ]);
  const moved = { ...view(0x10, 0, [{ state: 0, count: 3 }]), metadata: pfn(0x99), maxOrder: null };
  assertEquals(printPageMap(HEAD, [moved]).split("\n").slice(2), [
    "area 0  normal  base 10  top 13  metadata 99",
    "",
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "    10   .0 .0 .0",
    "",
  ]);
});

Deno.test("printPageMap() says that there are no areas, or no page states", () => {
  assertEquals(printPageMap(HEAD, []), "no areas\n");
  const list = bareMachine(0x10, 0x20, { edition: edition("list-2020") });
  const text = printPageMap(list, list.pages.areas());
  assertEquals(text.split("\n").at(-2), "no page states");
});

Deno.test("printPageMap() colours cells by status and keeps the text", () => {
  const mark = (name: string) => (text: string): string => `<${name} ${text}>`;
  const paint: Paint = {
    fresh: mark("fresh"),
    free: mark("free"),
    allocated: mark("allocated"),
    special: mark("special"),
    dim: mark("dim"),
    bold: mark("bold"),
    bad: mark("bad"),
  };
  const machine = bareMachine(0x10, 0x16);
  machine.pages.allocPages(0, 0);
  machine.space.writeByte(virtAddr(0x10004n), 0x41, "a test");
  const text = printPageMap(machine, machine.pages.areas(), { paint });
  assertEquals(text.split("\n").slice(-3), [
    "<dim     10>   <dim ##> <allocated A0> <fresh .1> <dim --> <fresh .1> <bad !!>",
    "<bad state 15              f1, in the block .1 at 14>",
    "",
  ]);
  assertEquals(
    text.replaceAll(/<\w+ |>/g, ""),
    printPageMap(machine, machine.pages.areas()),
  );
});

Deno.test("printPageMap() folds rows inside blocks, equal rows and equal blocks of a large area", () => {
  const large = view(0x3f8, 8, [
    { state: 0x80, count: 0x100 },
    { state: 0x40, count: 1 },
    { state: 0x80, count: 0xff },
    { state: 0x06, count: 0x400 },
    { state: 0x83, count: 0x10 },
    { state: 0x43, count: 0x10 },
    { state: 0x05, count: 0x20 },
    { state: 0x80, count: 0x20 },
    { state: 0x00, count: 3 },
  ]);
  assertEquals(printPageMap(HEAD, [large]).split("\n").slice(4), [
    "          0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "   3f0                           ## ## ## ## ## ## ## ##",
    "   400   A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0",
    "        … 15 rows like it",
    "   500   f0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0",
    "   510   A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0",
    "        … 14 rows like it",
    "   600   .6 -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "        … 63 rows: 1008 frames of 16 blocks, order 6",
    "   a00   A3 -- -- -- -- -- -- -- A3 -- -- -- -- -- -- --",
    "   a10   f3 -- -- -- -- -- -- -- f3 -- -- -- -- -- -- --",
    "   a20   .5 -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "   a30   -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "   a40   A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0",
    "   a50   A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0",
    "   a60   .0 .0 .0",
    "",
  ]);
});

/** Churn: many blocks of small orders in a large area, and what is left of it. */
function churned(): Machine {
  const machine = bareMachine(0x100000, 0x100000 + 4_194_304);
  const blocks: bigint[] = [];
  for (let call = 0; call < 900; call++) {
    const block = machine.pages.allocPages(call * 7 % 5, flags(machine, { dontZero: true }));
    if (call % 3 === 0) blocks.push(block ?? 0n);
  }
  for (const block of blocks) machine.pages.freePages(virtAddr(block));
  return machine;
}

Deno.test("printPageMap() shows 4194304 frames in at most 60 lines, and says what it leaves out", () => {
  const machine = churned();
  const text = printPageMap(machine, machine.pages.areas());
  const lines = text.split("\n");
  assert(lines.length <= 61, `${lines.length} lines`);
  assert(widest(text) <= 100);
  const counts = lines.flatMap((line) => [...line.matchAll(/(\d+) rows? not shown/g)])
    .map((match) => Number(match[1]));
  const rows = lines.filter((line) => /^ *[0-9a-f]+ {3}/.test(line)).length;
  const like = lines.flatMap((line) => [...line.matchAll(/… (\d+) rows(?: like|:)/g)])
    .map((match) => Number(match[1]));
  const all = [...counts, ...like].reduce((sum, count) => sum + count, rows);
  assertEquals(all, 4_194_304 / 16, "no row is lost");
  assertEquals(lines.slice(-5), [
    "200000   .l -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "        … 131071 rows: 2097136 frames of one block, order 21",
    "400000   .k -- -- -- -- -- -- -- -- -- -- -- -- -- -- --",
    "        … 65535 rows: 1048560 frames of one block, order 20",
    "",
  ]);
});

Deno.test("printPageMap() counts what it leaves out of the middle by status", () => {
  const mixed = Array.from({ length: 4096 }, (_, index) => {
    return { state: [0x00, 0x40, 0x80, 0x81, 0xc0][index * index % 5] ?? 0, count: 1 };
  });
  const text = printPageMap(HEAD, [view(0, 0, mixed)]);
  const left = text.split("\n").filter((line) => line.includes("not shown"));
  const told = new Map<string, number>();
  for (
    const [, count, name] of left.join("\n").matchAll(
      /(\d+) (fresh|free|allocated|special|disagreeing)/g,
    )
  ) {
    told.set(name ?? "", (told.get(name ?? "") ?? 0) + Number(count));
  }
  const rows = [...text.matchAll(/(\d+) rows? not shown/g)].map((match) => Number(match[1]));
  const frames = 16 * rows.reduce((sum, count) => sum + count, 0);
  assert(frames > 2000);
  assertEquals([...told.values()].reduce((sum, count) => sum + count, 0), frames);
});
