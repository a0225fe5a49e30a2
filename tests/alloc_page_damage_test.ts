/**
 * What the page allocator asserts of damaged state: each assertion that a poked page state or a wiped
 * list node can break, with its text and line, at the very edge of what it lets pass.
 */

import { assertEquals } from "@std/assert";
import { type Machine, pageCount, physAddr, virtAddr } from "../mod.ts";
import { addRange, arch, bareMachine, edition, tell } from "./support.ts";
import { alloc } from "./promises.ts";

/** Frames [1000, top): metadata 1000, then blocks from 1001 on. */
function area(top: number, name = "head"): Machine {
  return bareMachine(0x1000, top, { edition: edition(name), arch: arch("arm64") });
}

/** Writes the page state of a frame. */
function poke(machine: Machine, frame: number, state: number): void {
  machine.space.writeByte(virtAddr(0x1000000n + BigInt(frame - 0x1001)), state, "a test");
}

/** Wipes the list node of a block, as `list_remove` leaves it. */
function wipeNode(machine: Machine, frame: number): void {
  const node = BigInt(frame) << 12n;
  machine.space.writeWord(virtAddr(node), 0n, "a test");
  machine.space.writeWord(virtAddr(node + 8n), 0n, "a test");
}

function reserve(machine: Machine, frame: number): string {
  return tell(() => machine.pages.reservePages(physAddr(BigInt(frame) << 12n), pageCount(1)));
}

function free(machine: Machine, frame: number): string {
  return tell(() => machine.pages.freePages(virtAddr(BigInt(frame) << 12n)));
}

interface Damage {
  readonly what: string;
  readonly run: () => string;
  readonly asserts: string;
}

/** Takes both blocks below 1004, so that the next request of order 1 splits the one at 1004. */
function untilSplit(machine: Machine): string {
  alloc(machine, 1);
  return tell(() => alloc(machine, 1));
}

const SPLITS: readonly Damage[] = [
  {
    what: "an order that its place does not allow",
    run: () => {
      const machine = area(0x1010);
      poke(machine, 0x1004, 3);
      return untilSplit(machine);
    },
    asserts: "109: assert failed: IS_ALIGNED_ORDER(pfn, order)",
  },
  {
    what: "a last frame right behind the area",
    run: () => {
      const machine = area(0x1007);
      poke(machine, 0x1004, 2);
      return reserve(machine, 0x1004);
    },
    asserts: "110: assert failed: usable_area_contains_pfn(a, pfn + BIT(order) - 1)",
  },
  {
    what: "the first order without a list",
    run: () => {
      const machine = area(0x1010);
      poke(machine, 0x1004, 52);
      return untilSplit(machine);
    },
    asserts: "108: assert failed: IS_USABLE(metadata) && order && (order < NLISTS)",
  },
  {
    what: "another state in its last frame",
    run: () => {
      const machine = area(0x1010);
      poke(machine, 0x1007, 3);
      return untilSplit(machine);
    },
    asserts: "117: assert failed: a->page_states[idx + i] == metadata",
  },
  {
    what: "no links, where removals are asserted",
    run: () => {
      const machine = area(0x1010, "areas-2021-01");
      wipeNode(machine, 0x1004);
      return reserve(machine, 0x1004);
    },
    asserts: "86: assert failed: p",
  },
];

for (const { what, run, asserts } of SPLITS) {
  Deno.test(`split() of a block with ${what} asserts`, () => {
    assertEquals(run(), `lib/alloc_page.c:${asserts}`);
  });
}

const FREES: readonly Damage[] = [
  {
    what: "the first order without a list",
    run: () => {
      const machine = area(0x1010);
      alloc(machine, 0);
      poke(machine, 0x1001, 0x80 + 52);
      return free(machine, 0x1001);
    },
    asserts: "287: assert failed: order < NLISTS",
  },
  {
    what: "a last frame right behind the area",
    run: () => {
      const machine = area(0x1007);
      alloc(machine, 1);
      alloc(machine, 1);
      poke(machine, 0x1004, 0x82);
      return free(machine, 0x1004);
    },
    asserts: "291: assert failed: usable_area_contains_pfn(a, pfn + BIT(order) - 1)",
  },
  {
    what: "another state in its last frame",
    run: () => {
      const machine = area(0x1010);
      alloc(machine, 2);
      poke(machine, 0x1007, 0x81);
      return free(machine, 0x1004);
    },
    asserts: "295: assert failed: a->page_states[p + i] == (STATUS_ALLOCATED | order)",
  },
];

for (const { what, run, asserts } of FREES) {
  Deno.test(`freePages() of a block with ${what} asserts`, () => {
    assertEquals(run(), `lib/alloc_page.c:${asserts}`);
  });
}

/** Two neighbouring blocks of two frames, both allocated, in an edition that coalesces. */
function neighbours(name: string): Machine {
  const machine = area(0x1008, name);
  for (const order of [1, 1, 1]) alloc(machine, order);
  return machine;
}

const JOINS: readonly Damage[] = [
  {
    what: "an upper buddy without links, where removals are asserted",
    run: () => {
      const machine = neighbours("areas-2021-01");
      free(machine, 0x1006);
      wipeNode(machine, 0x1006);
      return free(machine, 0x1004);
    },
    asserts: "183: assert failed: li",
  },
  {
    what: "a lower buddy without links, where removals are asserted",
    run: () => {
      const machine = neighbours("areas-2021-01");
      free(machine, 0x1004);
      wipeNode(machine, 0x1004);
      return free(machine, 0x1006);
    },
    asserts: "185: assert failed: li",
  },
  {
    what: "another state in the last frame of the upper buddy",
    run: () => {
      const machine = neighbours("pfn-2021-01");
      free(machine, 0x1006);
      poke(machine, 0x1007, 0);
      return free(machine, 0x1004);
    },
    asserts: "199: assert failed: a->page_states[first + i] == order",
  },
];

for (const { what, run, asserts } of JOINS) {
  Deno.test(`coalesce() with ${what} asserts`, () => {
    assertEquals(run(), `lib/alloc_page.c:${asserts}`);
  });
}

Deno.test("initArea() of a range that begins where another does asserts its first frame", () => {
  const machine = bareMachine(0x1000, 0x1010, { edition: edition("head") });
  assertEquals(
    tell(() => addRange(machine, 0x1000, 0x1020, 1)),
    "lib/alloc_page.c:497: assert failed: !area_contains_pfn(areas + i, start_pfn)",
  );
});
