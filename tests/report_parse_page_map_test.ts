import { assertEquals, assertThrows } from "@std/assert";
import { X86_64 } from "../arch/mod.ts";
import {
  createMachine,
  type Machine,
  outcomeOf,
  pageCount,
  pfn,
  physAddr,
  virtAddr,
} from "../mod.ts";
import {
  areaFromMap,
  pageMapOf,
  parsePageMap,
  printFreeLists,
  printPageMap,
} from "../src/report/mod.ts";
import { assertState, edition, lists, states } from "./support.ts";

const HEAD = { arch: X86_64, edition: edition("head") };

function emptyMachine(name = "head"): Machine {
  return createMachine({ arch: X86_64, edition: edition(name) });
}

function refused(text: string, first?: number): string {
  const options = first === undefined ? {} : { first };
  return assertThrows(() => parsePageMap(HEAD, text, options), SyntaxError).message
    .replace("Cannot read the page map: ", "");
}

Deno.test("parsePageMap() reads bare cells", () => {
  assertEquals(parsePageMap(HEAD, "## ## .0 A0 S0 f0 .1 --\n.1 -- .2 -- -- --", { first: 0x1fe }), {
    area: null,
    metadata: pfn(0x1fe),
    base: pfn(0x200),
    top: pfn(0x20c),
    maxOrder: null,
    states: [
      { state: 0x00, count: 1 },
      { state: 0x80, count: 1 },
      { state: 0xc0, count: 1 },
      { state: 0x40, count: 1 },
      { state: 0x01, count: 4 },
      { state: 0x02, count: 4 },
    ],
  });
});

Deno.test("parsePageMap() reads a whole map, indented as a test has it", () => {
  const map = parsePageMap(
    HEAD,
    `
      legend  . fresh   f free

      area 3  lowest  base 29  top 34  max order 2

                0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
          20                           ## .0 A1 -- .2 !! !! --
          30   f2 -- -- --
      state 2d..2e        A1, in the block .2 at 2c
    `,
  );
  assertEquals([map.area, map.metadata, map.base, map.top, map.maxOrder], [3, 0x28, 0x29, 0x34, 2]);
  assertEquals(map.states.map(({ state, count }) => `${state.toString(16)}*${count}`), [
    "0*1",
    "81*2",
    "2*1",
    "81*2",
    "2*1",
    "42*4",
  ]);
});

Deno.test("parsePageMap() writes the bytes of the edition", () => {
  const old = { arch: X86_64, edition: edition("pfn-2021-01") };
  const map = parsePageMap(old, "f0 A0 S0 f1 --", { first: 0 + 1 });
  assertThrows(() => parsePageMap(old, "f0 A0 S0 f1 --", { first: 0 }), SyntaxError);
  assertEquals(map.states.map(({ state }) => state), [0x00, 0x40, 0x80, 0x01]);
  const first = { arch: X86_64, edition: edition("buddy-2020-10") };
  assertThrows(() => parsePageMap(first, "S0", { first: 0 }), SyntaxError, "must be a state");
});

Deno.test("parsePageMap() says which line is wrong, and what must stand there", () => {
  assertEquals(refused(""), "there must be a row of cells");
  assertEquals(
    refused("f0 A0"),
    "line 1: the row must begin with a pfn, or the first frame must be given",
  );
  assertEquals(refused("f2 -- --", 4), "line 1: 1 more cell of a block of order 2 must follow");
  assertEquals(refused("f1 -- --", 4), "line 1: the cell of frame 6 must begin a block");
  assertEquals(
    refused("f1 f0", 4),
    "line 1: the cell of frame 5 must be -- or !!, inside a block of order 1",
  );
  assertEquals(
    refused("f1 --", 5),
    'line 1: no block of order 1 can begin at frame 5; write !! and a line "state 5  f1"',
  );
  assertEquals(
    refused("f0 x0", 5),
    "line 1: the cell of frame 6 must be a state such as .0, f2, A0 or S0",
  );
  assertEquals(refused("f0 ##", 5), "line 1: metadata must stand before all other frames");
  assertEquals(
    refused("f0 !!", 5),
    'line 1: a line "state 6  …" must say what the cell !! stands for',
  );
  assertEquals(
    refused("f0 f0\nstate 6  A0", 5),
    "line 1: the cell of frame 6, whose state is given, must be !!",
  );
  assertEquals(refused("    10   f0 f0\n    30   f0"), "line 2: the row must begin at frame 12");
  assertEquals(
    refused("    10   f0 f0 f"),
    "line 1: it must have at most 16 cells of two characters, a space apart",
  );
  assertEquals(
    refused("area 0  base 10  top 12\n    10   f0"),
    "the top 12 must be that of its rows, 11",
  );
  assertEquals(
    refused("area 0  base 10000000000000  top 0"),
    "line 1: the pfn 10000000000000 must be below 2^52",
  );
  assertEquals(refused("area 32  base 0  top 0"), "line 1: the area 32 must lie between 0 and 31");
  assertEquals(refused("area x\n    10   f0"), 'line 1: it must say "area N  base PFN  top PFN"');
  assertEquals(
    refused("area 0  base 0  top 0\narea 1  base 0  top 0"),
    "line 2: one area must stand alone",
  );
  assertEquals(refused("    10  … 12 rows not shown: 192 fresh\n", 0x10).slice(0, 7), "line 1:");
  assertEquals(
    refused(
      "    10   f4 -- -- -- -- -- -- -- -- -- -- -- -- -- -- --\n  … 3 rows not shown: 48 free",
    ),
    "line 2: rows must not be left out",
  );
});

Deno.test("areaFromMap() builds an area that works", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## A0 f1 -- A2 -- -- -- .3 -- -- -- -- -- -- --", { first: 0x1000 });
  assertState(machine, { states: "80*1 41*2 82*4 3*8", lists: "1:1002 3:1008" });
  assertEquals(machine.pages.areas()[0]?.maxOrder, 3);
  assertEquals(machine.pages.allocPages(1, 0), 0x1002000n);
  machine.pages.freePages(virtAddr(0x1001000n));
  assertState(machine, { states: "40*1 81*2 82*4 3*8", lists: "0:1001 3:1008" });
  assertEquals(machine.events.filter(({ kind }) => kind === "area"), []);
});

Deno.test("areaFromMap() gives back what was printed", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## A0 f1 -- A2 -- -- -- .3 -- -- -- -- -- -- -- S0", { first: 0x1000 });
  machine.pages.reservePages(physAddr(0x1008000n), pageCount(1));
  const [view] = machine.pages.areas();
  const text = printPageMap(machine, machine.pages.areas());
  const other = emptyMachine();
  assertEquals(areaFromMap(other, 0, text), view === undefined ? null : pageMapOf(view));
  assertEquals(printPageMap(other, other.pages.areas()), text);
  assertEquals(states(other), states(machine));
});

Deno.test("areaFromMap() builds the lists that it is given, front to back", () => {
  const machine = emptyMachine();
  const freeLists = [{ order: 0, pfns: [0x1004, 0x1001, 0x1002] }, { order: 5, pfns: [0x1003] }];
  areaFromMap(machine, 0, "## f0 f0 f0 A0", { first: 0x1000, freeLists });
  assertEquals(lists(machine), "0:1004,1001,1002 5:1003");
  assertEquals(machine.pages.areas()[0]?.maxOrder, 5);
});

Deno.test("areaFromMap() wipes the links of blocks that initialising had listed", () => {
  const machine = emptyMachine();
  areaFromMap(machine, 0, "## A0 A1 -- A2 -- -- --", { first: 0x1000 });
  assertEquals(printFreeLists(machine, machine.pages.areas()).split("\n")[1], "none");
  for (const address of [0x1001000n, 0x1002000n, 0x1004008n]) {
    assertEquals(machine.ram.peek(physAddr(address), 8), 0n);
  }
});

Deno.test("areaFromMap() refuses what upstream would not make", () => {
  const wrong: [string, string][] = [
    ["f0 f0 f0 f0 f0 f0", "the first usable frame must be 1001, not 1000"],
    ["## ## f0 f0 f0 f0 f0 f0", "the first usable frame must be 1001, not 1002"],
    ["## f0 f0 f0", "top_pfn - start_pfn > 4"],
  ];
  for (const [text, message] of wrong) {
    const build = (): unknown => areaFromMap(emptyMachine(), 0, text, { first: 0x1000 });
    assertThrows(build, RangeError, message);
  }
  const list = (): unknown => areaFromMap(emptyMachine("list-2020"), 0, "f0", { first: 1 });
  assertThrows(list, RangeError, "the edition must have areas");
});

Deno.test("areaFromMap() can build damage, with the consequences that it has", () => {
  const machine = emptyMachine();
  const map = "## f0 f1 -- !! !! A1 --\nstate 1004..1005  f1";
  areaFromMap(machine, 0, map, { first: 0x1000, freeLists: [{ order: 1, pfns: [0x1002] }] });
  machine.pages.freePages(virtAddr(0x1006000n));
  assertEquals(states(machine), "40*1 41*6");
  const outcome = outcomeOf(() => machine.pages.freePages(virtAddr(0x1005000n)));
  assertEquals(
    outcome.kind === "assertion-failed" ? outcome.expression : "",
    "IS_ALLOCATED(a->page_states[p])",
  );
});
