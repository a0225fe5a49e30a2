/**
 * The repaired edition's page allocator: what each promise means beyond its smallest scenario, which
 * `promises_test.ts` and `editions_test.ts` run.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { coalesce } from "../src/alloc_page/coalesce.ts";
import { hasAreas } from "../src/alloc_page/mod.ts";
import { areaInSlot, newLiteralState } from "../src/alloc_page/state.ts";
import { findViolations, Ledger } from "../src/check/mod.ts";
import {
  ANY_AREA,
  cloneMachine,
  createMachine,
  declareRam,
  descriptorLayout,
  type Machine,
  order,
  pageCount,
  pfn,
  physAddr,
  takeEvents,
  virtAddr,
  zoneOf,
} from "../mod.ts";
import { alloc, areaRanges, small } from "./promises.ts";
import { randomCall, randomNumbers } from "./random_calls.ts";
import { addRange, arch, assertState, bareMachine, edition, lists, states } from "./support.ts";

const REPAIRED = edition("repaired");

/** `[1000, 1018)`: blocks 1001/0 1002/1 1004/2 1008/3 1010/3. */
function two(): Machine {
  return bareMachine(0x1000, 0x1018, { edition: REPAIRED, arch: arch("arm64") });
}

/** The frames that the host has something behind. */
function touched(machine: Machine): string {
  return [...machine.ram.touchedPages()].filter(({ first }) => first < 2n ** 40n)
    .map(({ first, count }) => `${(first >> 12n).toString(16)}+${count}`).join(" ");
}

const FRESH = { fresh: true, dontZero: true };

// before  ## .0 .1 -- .2 -- -- -- .3 --      after  ## .0 .0 A0 .2 -- -- -- .3 --
Deno.test("a request for one fresh page gets the second page of the smallest larger block", () => {
  const machine = small(REPAIRED);
  assertEquals(touched(machine), "1000+3 1004+1 1008+1");
  assertEquals(alloc(machine, 0, FRESH), 0x1003000n);
  assertState(machine, { states: "0*2 80*1 2*4 3*8", lists: "0:1001,1002 2:1004 3:1008" });
  assertEquals(touched(machine), "1000+3 1004+1 1008+1");
});

// before  .3 -- -- -- -- -- -- --      after  .2 -- -- -- A0 .0 .1 --
Deno.test("a fresh request with a larger alignment gives back what lies behind its pages", () => {
  const machine = small(REPAIRED);
  const flags = 0x30000;
  assertEquals(machine.pages.memalignPages(0x4000n, 0x1000n, flags), 0x100c000n);
  assertState(machine, {
    states: "0*1 1*2 2*8 80*1 0*1 1*2",
    lists: "0:1001,100d 1:1002,100e 2:1004,1008",
  });
  // The nodes of 1001, 1002, 1004, 1008 and of what was given back; not the page handed out.
  assertEquals(touched(machine), "1000+3 1004+1 1008+1 100d+2");
  assertEquals(findViolations(machine), []);
});

Deno.test("fresh requests take every page but the first of each block, each once", () => {
  const machine = small(REPAIRED);
  const pages = Array.from({ length: 16 }, () => Number(alloc(machine, 0, FRESH) >> 12n));
  const served = pages.filter((page) => page !== 0).toSorted();
  assertEquals(served, [0x1003, 0x1005, 0x1007, 0x1009, 0x100b, 0x100d, 0x100f]);
  assertEquals(states(machine), "0*2 80*1 0*1 80*1 0*1 80*1 0*1 80*1 0*1 80*1 0*1 80*1 0*1 80*1");
});

Deno.test("a fresh request is zeroed like any other, and nothing else is", () => {
  const machine = bareMachine(0x1000, 0x1010, { edition: REPAIRED, arch: arch("arm64") });
  const [left, right] = [virtAddr(0x100bff8n), virtAddr(0x1010000n)];
  declareRam(machine, pfn(0x1010), pfn(0x1011));
  for (const word of [left, right]) machine.ram.writeWord(word, 0x1234n, "a test");
  assertEquals(alloc(machine, 2, { fresh: true }), 0x100c000n);
  for (const word of [left, right]) assertEquals(machine.ram.readWord(word, "a test"), 0x1234n);
  assertEquals(touched(machine), "1000+3 1004+1 1008+1 100b+6");
});

Deno.test("a freed block is no longer fresh, nor is what it was joined with", () => {
  const machine = small(REPAIRED);
  const page = alloc(machine, 0, FRESH);
  machine.pages.freePages(page);
  assertState(machine, { states: "0*1 41*2 2*4 3*8", lists: "0:1001 1:1002 2:1004 3:1008" });
  assertEquals(alloc(machine, 0, FRESH), 0x1005000n);
});

// Each page of a block of eight is reserved alone, and put back.
Deno.test("a reservation and its end leave no trace but a block that is free", () => {
  for (let frame = 0x1008; frame < 0x1010; frame++) {
    const machine = small(REPAIRED);
    const address = physAddr(BigInt(frame) << 12n);
    assertEquals(machine.pages.reservePages(address, pageCount(1)), 0);
    assertEquals(findViolations(machine), []);
    assertEquals(machine.pages.reservePages(address, pageCount(1)), -1);
    machine.pages.unreservePages(address, pageCount(1));
    assertState(machine, { states: "0*1 1*2 2*4 43*8", lists: "0:1001 1:1002 2:1004 3:1008" });
  }
});

Deno.test("a reservation spans fresh and freed blocks", () => {
  const machine = two();
  machine.pages.freePages(alloc(machine, 2));
  assertEquals(states(machine), "0*1 1*2 42*4 3*16");
  assertEquals(machine.pages.reservePages(physAddr(0x1003000n), pageCount(10)), 0);
  assertEquals(states(machine), "0*2 c0*10 0*1 1*2 3*8");
  assertEquals(findViolations(machine), []);
  assertEquals(machine.pages.reservePages(physAddr(0x100d000n), pageCount(11)), 0);
  assertEquals(machine.pages.reservePages(physAddr(0x1001000n), pageCount(3)), -1);
});

Deno.test("a reservation that cannot be had touches no page, however long it is", () => {
  const machine = small(REPAIRED);
  const before = touched(machine);
  for (const count of [9, 2 ** 40]) {
    assertEquals(machine.pages.reservePages(physAddr(0x1008000n), pageCount(count)), -1);
  }
  assertEquals(touched(machine), before);
  assertEquals(lists(machine), "0:1001 1:1002 2:1004 3:1008");
});

Deno.test("orders and sizes that cannot be had give NULL and change nothing", () => {
  for (const name of ["arm64", "arm", "ppc64", "i386"]) {
    const machine = bareMachine(0x1000, 0x1010, { edition: REPAIRED, arch: arch(name) });
    const before = `${states(machine)} ${lists(machine)}`;
    const { listCount } = descriptorLayout(arch(name), REPAIRED, machine.pageShift);
    for (const order of [listCount - 1, listCount, 64, 255, 256, 260, 2 ** 32 - 1]) {
      assertEquals(machine.pages.allocPages(order, 0), null, `order ${order}`);
    }
    const word = 2n ** BigInt(machine.arch.wordBits);
    for (const size of [word - 1n, word - 0xffen, word / 2n + 1n, word / 2n]) {
      assertEquals(machine.pages.memalignPages(1n, size, 0), null, `size ${size}`);
    }
    assertEquals(machine.pages.memalignPages(word / 2n, 1n, 0), null);
    assertEquals(`${states(machine)} ${lists(machine)}`, before);
  }
});

/** Four ranges of s390x: two below 2 GiB, two above. */
function fourRanges(): Machine {
  const machine = bareMachine(0x100, 0x109, { edition: REPAIRED, arch: arch("s390x") });
  addRange(machine, 0x200, 0x209);
  addRange(machine, 0x80000, 0x80009);
  addRange(machine, 0x90000, 0x90009);
  return machine;
}

Deno.test("further ranges of a zone live in slots of their own, with the zone's bit in masks", () => {
  const machine = fourRanges();
  const zones = machine.pages.areas().map((view) => `${zoneOf(view)} ${view.base.toString(16)}`);
  assertEquals(zones, ["0 80001", "1 101", "1 201", "0 90001"]);
  assertEquals(areaRanges(machine), "0:80001-80009 1:101-109 2:201-209 3:90001-90009");
  assertEquals(machine.pages.areasMask, 15);
  const low = Array.from({ length: 17 }, () => alloc(machine, 0, { areasMask: 2 }));
  assertEquals(low.filter((page) => page !== 0n).length, 16);
  assert(low.every((page) => page < 2n ** 31n));
  // A bit of no zone allows nothing, though a slot has that number.
  assertEquals(alloc(machine, 0, { areasMask: 4 }), 0n);
  assertEquals(findViolations(machine), []);
});

Deno.test("a request for any zone takes all ranges of the first zone before the next", () => {
  const machine = fourRanges();
  const pages = Array.from({ length: 33 }, () => alloc(machine, 0));
  assert(pages.slice(0, 16).every((page) => page >= 2n ** 31n));
  assert(pages.slice(16, 32).every((page) => page < 2n ** 31n && page > 0n));
  assertEquals(pages[32], 0n);
  const copy = cloneMachine(machine);
  for (const page of pages.slice(0, 32)) copy.pages.freePages(page);
  assertEquals(findViolations(copy), []);
  assertEquals(copy.pages.areas().map(zoneOf), machine.pages.areas().map(zoneOf));
});

Deno.test("ranges are left out and reported when all slots are taken", () => {
  const machine = createMachine({ arch: arch("x86_64"), edition: REPAIRED });
  for (let range = 0; range < 14; range++) {
    addRange(machine, 0x2000 + 16 * range, 0x2008 + 16 * range);
  }
  // 13 of them have a slot: LOW's own and the 12 that are no zone's.
  const left = takeEvents(machine).filter(({ kind }) => kind === "left-out");
  assertEquals(left, [
    { kind: "left-out", start: pfn(0x20d0), top: pfn(0x20d8), reason: "no-slot" },
  ]);
  addRange(machine, 0x100000, 0x100008);
  assertEquals(machine.pages.areas().length, 14);
  assertEquals(findViolations(machine), []);
});

Deno.test("ranges of one to four frames are left out, whatever zone they are for", () => {
  for (let count = 1; count <= 6; count++) {
    const machine = createMachine({ arch: arch("i386"), edition: REPAIRED });
    declareRam(machine, pfn(0x1000), pfn(0x1010));
    machine.pages.initArea(count % 2 === 0 ? ANY_AREA : 0, pfn(0x1000), pfn(0x1000 + count));
    const wanted = count <= 4 ? ["left-out"] : ["area"];
    const kinds = takeEvents(machine).map(({ kind }) => kind);
    assertEquals(kinds.filter((kind) => kind === "left-out" || kind === "area"), wanted);
    assertEquals(machine.pages.isInitialized(), count > 4);
  }
});

Deno.test("areas that overlap still abort, as do slots that no zone has", () => {
  const machine = small(REPAIRED);
  const fails = (area: number, first: number, top: number): string => {
    const copy = cloneMachine(machine);
    declareRam(copy, pfn(first), pfn(top));
    try {
      copy.pages.initArea(area, pfn(first), pfn(top));
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "void";
  };
  assertEquals(
    fails(0, 0x1008, 0x1020),
    "lib/alloc_page.c:497: assert failed: !area_contains_pfn(areas + i, start_pfn)",
  );
  assertEquals(fails(1, 0x2000, 0x2010), "lib/alloc_page.c:472: assert failed: n < MAX_AREAS");
});

/** The blocks that carving makes, whatever their status. */
function shape(machine: Machine): string {
  return machine.pages.areas().flatMap(({ freeLists }) =>
    freeLists.map(({ order, forward }) => `${order}:${forward.pfns.toSorted().join(",")}`)
  ).join(" ");
}

Deno.test("when everything has come back, all blocks are as large as at the start", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const ranges = [[0x7ffe0, 0x80021], [0x90000, 0x90100]] as const;
    const machine = createMachine({ arch: arch("s390x"), edition: REPAIRED });
    for (const [first, top] of ranges) addRange(machine, first, top);
    const before = shape(machine);
    const ledger = new Ledger(machine);
    const random = randomNumbers(seed);
    const limits = { orders: 6, zones: [null, 1, 2], fresh: "sometimes" } as const;
    for (let step = 0; step < 300; step++) {
      ledger.run(randomCall(machine, ledger, random, { ...limits, reservations: "sometimes" }));
    }
    assertNotEquals(shape(machine), before);
    for (const { first } of ledger.holdings) {
      machine.pages.freePages(virtAddr(BigInt(first) << 12n));
    }
    for (const { first, top } of ledger.reserved) {
      machine.pages.unreservePages(physAddr(BigInt(first) << 12n), pageCount(top - first));
    }
    assertEquals(shape(machine), before);
    assertEquals(findViolations(machine), []);
  }
});

// before  .2 -- -- -- .2 -- -- --      after  .3 -- -- -- -- -- -- --
Deno.test("coalesce() makes a fresh block of two fresh ones, a free block of any others", () => {
  for (const [lower, upper, joined] of [[2, 2, 3], [2, 0x42, 0x43], [0x42, 2, 0x43]] as const) {
    const machine = small(REPAIRED);
    assert(hasAreas(machine.pages));
    const [rest, own] = [[{ state: 0x80, count: 7 }], [lower, upper]];
    machine.pages.rebuildArea(0, {
      states: [...rest, ...own.map((state) => ({ state, count: 4 }))],
      freeLists: [{ order: order(2), pfns: [pfn(0x1008), pfn(0x100c)] }],
      maxOrder: order(2),
    });
    const { options, space, pageShift } = machine;
    const descriptors = options.areasAddress;
    const state = newLiteralState({
      space,
      arch: options.arch,
      edition: REPAIRED,
      pageShift,
      descriptors,
    });
    const area = areaInSlot(state, 0);
    assertEquals(coalesce(state, area, order(2), pfn(0x1008), pfn(0x100c)), "joined");
    assertState(machine, { states: `80*7 ${joined.toString(16)}*8`, lists: "3:1008" });
    assertEquals(machine.pages.areas()[0]?.maxOrder, 3);
  }
});
