import { assertEquals, assertThrows } from "@std/assert";
import {
  ANY_AREA,
  createMachine,
  declareRam,
  outcomeOf,
  pageCount,
  pfn,
  physAddr,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import {
  addRange,
  arch,
  assertState,
  bareMachine,
  edition,
  flags,
  lists,
  tell,
} from "./support.ts";

/** `[1000, 1010)` in one area: metadata 1000, then blocks of order 0, 1, 2 and 3. */
function small(name = "head"): ReturnType<typeof bareMachine> {
  return bareMachine(0x1000, 0x1010, { edition: edition(name), arch: arch("arm64") });
}

function alloc(machine: ReturnType<typeof bareMachine>, order: number, wishes = {}): VirtAddr {
  return machine.pages.allocPages(order, flags(machine, wishes)) ?? virtAddr(0n);
}

// ## .0 .1 -- .2 -- -- -- .3 -- -- -- -- -- -- --
// Expect the largest aligned blocks, behind one page of metadata.
Deno.test("initArea() carves the range into the largest naturally aligned blocks", () => {
  const machine = small();
  assertState(machine, { states: "0*1 1*2 2*4 3*8", lists: "0:1001 1:1002 2:1004 3:1008" });
  const [view] = machine.pages.areas();
  assertEquals([view?.metadata, view?.base, view?.top, view?.maxOrder], [
    0x1000,
    0x1001,
    0x1010,
    3,
  ]);
});

// The example that was run on the real code: base 100004, blocks 2 3 4 5 6 1 0.
Deno.test("initArea() pushes later blocks in front and goes down again at the end", () => {
  const machine = bareMachine(0x100003, 0x100083, { arch: arch("arm64") });
  assertState(machine, {
    states: "2*4 3*8 4*16 5*32 6*64 1*2 0*1",
    lists: "0:100082 1:100080 2:100004 3:100008 4:100010 5:100020 6:100040",
  });
});

Deno.test("initArea() keeps one byte for each frame: 4097 frames need one page, 4098 need two", () => {
  for (const [count, pages] of [[4097, 1], [4098, 2]] as const) {
    const machine = bareMachine(0x10000, 0x10000 + count, { arch: arch("arm64") });
    assertEquals(machine.pages.areas()[0]?.base, 0x10000 + pages);
  }
});

Deno.test("initArea() splits a range of x86 at 16 MiB and 4 GiB and never fills NORMAL", () => {
  const machine = createMachine({ arch: arch("x86_64"), edition: edition("head") });
  declareRam(machine, pfn(0x800), pfn(0x1100000));
  machine.pages.initArea(ANY_AREA, pfn(0x800), pfn(0x1100000));
  const areas = machine.pages.areas().map(({ area, metadata, top }) => [area, metadata, top]);
  assertEquals(areas, [[1, 0x100000, 0x1100000], [2, 0x1000, 0x100000], [3, 0x800, 0x1000]]);
  assertEquals(machine.pages.allocPages(0, flags(machine, { areasMask: 1 })), null);
});

Deno.test("initArea() asserts that slots are free, ranges larger than 4 frames and inside a word", () => {
  const cases: [number, number, number, string][] = [
    [4, 0x2000, 0x2010, "lib/alloc_page.c:472: assert failed: n < MAX_AREAS"],
    [0, 0x2000, 0x2010, "lib/alloc_page.c:474: assert failed: !(areas_mask & BIT(n))"],
    [1, 0x2010, 0x2000, "lib/alloc_page.c:477: assert failed: top_pfn > start_pfn"],
    [1, 0x2000, 0x2004, "lib/alloc_page.c:478: assert failed: top_pfn - start_pfn > 4"],
    [
      1,
      0xff000,
      0x100000,
      "lib/alloc_page.c:479: assert failed: top_pfn < BIT_ULL(sizeof(void *) * 8 - PAGE_SHIFT)",
    ],
    [
      1,
      0x1008,
      0x1020,
      "lib/alloc_page.c:497: assert failed: !area_contains_pfn(areas + i, start_pfn)",
    ],
    [
      1,
      0xff0,
      0x1008,
      "lib/alloc_page.c:498: assert failed: !area_contains_pfn(areas + i, top_pfn - 1)",
    ],
    [
      1,
      0xff0,
      0x1020,
      "lib/alloc_page.c:499: assert failed: !area_contains_pfn(a, virt_to_pfn(areas[i].page_states))",
    ],
  ];
  for (const [area, start, top, wanted] of cases) {
    const machine = createMachine({ arch: arch("i386"), edition: edition("head") });
    declareRam(machine, pfn(0xf00), pfn(0x2100));
    machine.pages.initArea(0, pfn(0x1000), pfn(0x1010));
    assertEquals(tell(() => machine.pages.initArea(area, pfn(start), pfn(top))), wanted);
  }
});

// before  ## .0 .1 -- .2 -- -- -- .3 ...     after  ## A0 .1 -- .2 -- -- -- .3 ...
Deno.test("allocPages() takes the smallest block that fits, zeroed", () => {
  const machine = small();
  machine.space.write(virtAddr(0x1001800n), 8, 0x1234n, "a test");
  assertEquals(alloc(machine, 0), 0x1001000n);
  assertEquals(
    machine.space.firstDifferent(virtAddr(0x1001000n), 0x1000n as never, 0, "a test"),
    null,
  );
  assertState(machine, { states: "80*1 1*2 2*4 3*8", lists: "1:1002 2:1004 3:1008" });
});

Deno.test("allocPages() splits down, hands out the lower half and ascends through a fresh block", () => {
  const machine = small();
  const pages = Array.from({ length: 4 }, () => alloc(machine, 0));
  assertEquals(pages, [0x1001000n, 0x1002000n, 0x1003000n, 0x1004000n]);
  assertState(machine, { states: "80*4 0*1 1*2 3*8", lists: "0:1005 1:1006 3:1008" });
});

Deno.test("allocPages() leaves the content but for the list node if it is not to be zeroed", () => {
  const machine = small();
  const page = alloc(machine, 0);
  machine.space.fill(page, 0x1000n as never, 0x5a, "a test");
  machine.pages.freePages(page);
  assertEquals(alloc(machine, 0, { dontZero: true }), page);
  assertEquals(machine.space.firstDifferent(page, 16n as never, 0, "a test"), null);
  assertEquals(machine.space.readByte(virtAddr(page + 16n), "a test"), 0x5a);
});

Deno.test("allocPages() cuts the order to 8 bits and asserts the rest", () => {
  const machine = small();
  assertEquals(alloc(machine, 258), 0x1004000n);
  assertEquals(
    tell(() => alloc(machine, 255)),
    "lib/alloc_page.c:148: assert failed: (al < NLISTS) && (sz < NLISTS)",
  );
});

Deno.test("allocPages() searches allowed areas by ascending number and gives null if none has room", () => {
  const machine = bareMachine(0x100, 0x110, { arch: arch("s390x") });
  addRange(machine, 0x80000, 0x80010);
  assertEquals(alloc(machine, 3), 0x80008000n);
  assertEquals(alloc(machine, 3), 0x108000n);
  assertEquals(alloc(machine, 3), 0n);
  assertEquals(alloc(machine, 2, { areasMask: 2 }), 0x104000n);
  assertEquals(alloc(machine, 2, { areasMask: 2 }), 0n);
  assertEquals(alloc(machine, 2), 0x80004000n);
});

Deno.test("memalignPages() aligns beyond the size and gives the rest of the block to the lists", () => {
  const machine = small();
  assertEquals(machine.pages.memalignPages(0x8000n, 0x1000n, 0), 0x1008000n);
  assertState(machine, {
    states: "0*1 1*2 2*4 80*1 0*1 1*2 2*4",
    lists: "0:1001,1009 1:1002,100a 2:1004,100c",
  });
});

Deno.test("memalignPages() takes sizes 0 and 2^64 - 1 for one page, and asserts the others", () => {
  const machine = small();
  assertEquals(machine.pages.memalignPages(1n, 0n, 0), 0x1001000n);
  assertEquals(machine.pages.memalignPages(1n, (1n << 64n) - 1n, 0), 0x1002000n);
  const fails = (alignment: bigint, size: bigint): string =>
    tell(() => small().pages.memalignPages(alignment, size, 0));
  assertEquals(fails(3n, 1n), "lib/alloc_page.c:424: assert failed: is_power_of_2(alignment)");
  assertEquals(fails(0n, 1n), "lib/alloc_page.c:424: assert failed: is_power_of_2(alignment)");
  assertEquals(fails(1n, (1n << 63n) + 1n), "lib/alloc_page.c:428: assert failed: size < NLISTS");
});

Deno.test("freePages() coalesces upwards where the edition can, whatever the order of frees", () => {
  const machine = small("pfn-2021-01");
  const pages = Array.from({ length: 8 }, () => alloc(machine, 0));
  for (const index of [3, 5, 7, 1, 6, 2, 4, 0]) {
    machine.pages.freePages(pages[index] ?? virtAddr(0n));
  }
  assertEquals(lists(machine), "0:1001 1:1002 2:1004 3:1008");
});

Deno.test("freePages() joins nothing since the two-bit status", () => {
  const machine = small();
  const pages = [alloc(machine, 0), alloc(machine, 0), alloc(machine, 0)];
  for (const page of pages) machine.pages.freePages(page);
  assertState(machine, { states: "40*3 2*4 3*8", lists: "0:1003,1002,1001 2:1004 3:1008" });
});

Deno.test("freePages() ignores NULL and asserts what upstream asserts of a block", () => {
  const machine = small();
  const block = alloc(machine, 1);
  const fails = (address: bigint): string => tell(() => machine.pages.freePages(virtAddr(address)));
  assertEquals(fails(0n), "void");
  const cases: [bigint, string][] = [
    [block + 8n, "275: assert failed: IS_ALIGNED((uintptr_t)mem, PAGE_SIZE)"],
    [0x9000000n, "279: assert failed: a: memory does not belong to any area: 0x9000000"],
    [0x1001000n, "285: assert failed: IS_ALLOCATED(a->page_states[p])"],
    [block + 0x1000n, "289: assert failed: IS_ALIGNED_ORDER(pfn, order)"],
  ];
  for (const [address, wanted] of cases) {
    const copy = small();
    alloc(copy, 1);
    assertEquals(tell(() => copy.pages.freePages(virtAddr(address))), `lib/alloc_page.c:${wanted}`);
  }
});

Deno.test("an assertion leaves the lock held: a further call would wait for ever", () => {
  const machine = small();
  tell(() => machine.pages.freePages(virtAddr(0x9000000n)));
  const outcome = outcomeOf(() => machine.pages.freePages(virtAddr(0n)));
  assertEquals(outcome.kind, "undefined-behaviour");
});

// before  ## .0 .1 -- .2 -- -- -- .3 ...   after  ## .0 .1 -- S0 .0 .1 -- .3 ...
Deno.test("reservePages() splits down to the page and leaves it on its list", () => {
  const machine = small();
  assertEquals(machine.pages.reservePages(physAddr(0x1004000n), pageCount(1)), 0);
  assertState(machine, {
    states: "0*1 1*2 c0*1 0*1 1*2 3*8",
    lists: "0:1001,1004,1005 1:1002,1006 3:1008",
  });
  assertEquals([alloc(machine, 0), alloc(machine, 0)], [0x1001000n, 0x1004000n]);
});

Deno.test("reservePages() undoes what it did when a page cannot be had, and links twice", () => {
  const machine = small();
  assertEquals(machine.pages.reservePages(physAddr(0x100e000n), pageCount(3)), -1);
  assertEquals(lists(machine), "0:100f,100e,1001 then cycle 1:1002,100c 2:1004,1008");
});

Deno.test("reservePages() of nothing fails, and of a page in a freed block asserts", () => {
  const machine = small();
  assertEquals(machine.pages.reservePages(physAddr(0x1004000n), pageCount(0)), -1);
  machine.pages.freePages(alloc(machine, 2));
  const reserved = (): unknown => machine.pages.reservePages(physAddr(0x1006000n), pageCount(1));
  assertEquals(
    tell(reserved),
    "lib/alloc_page.c:108: assert failed: IS_USABLE(metadata) && order && (order < NLISTS)",
  );
});

Deno.test("a shift beyond the word does on each target what was seen there", () => {
  const results = ["x86_64", "ppc64", "riscv32", "arm"].map((name) => {
    const machine = bareMachine(0x1000, 0x1010, { arch: { ...arch(name), pageShifts: [12] } });
    machine.pages.freePages(machine.pages.allocPages(2, 0) ?? virtAddr(0n));
    const page = physAddr(0x1006000n);
    return tell(() => machine.pages.reservePages(page, pageCount(1))).replace(
      "lib/alloc_page.c:",
      "",
    );
  });
  const masked = "108: assert failed: IS_USABLE(metadata) && order && (order < NLISTS)";
  const zero = "104: assert failed: a && usable_area_contains_pfn(a, pfn)";
  assertEquals(results, [masked, zero, zero, zero]);
});

Deno.test("a request for fresh frames gives the upper half of what was asked", () => {
  const machine = small();
  assertEquals(alloc(machine, 2, { fresh: true, dontZero: true }), 0x100a000n);
  assertState(machine, {
    states: "0*1 1*2 2*4 1*2 81*2 2*4",
    lists: "0:1001 1:1002,1008 2:1004,100c",
  });
});

Deno.test("a request for fresh frames clears what it asked for, beyond what it got", () => {
  const machine = small();
  alloc(machine, 2, { fresh: true });
  assertEquals(lists(machine), "0:1001 1:1002,1008 2:1004,100c then null");
});

Deno.test("a request for one fresh frame fills 2^63 page states", () => {
  assertEquals(
    tell(() => alloc(small(), 0, { fresh: true })),
    "fault: page_memalign_order() fills 0x8000000000000000 bytes from 0x1000001 with 0xff and reaches " +
      "0x1010000, where there is no memory",
  );
  const ppc64 = bareMachine(0x1000, 0x1010, { arch: arch("ppc64") });
  assertEquals(tell(() => alloc(ppc64, 0, { fresh: true })), "lib/list.h:46: assert failed: head");
});

Deno.test("unreservePages() asserts that a page is reserved, and frees it", () => {
  const machine = small();
  machine.pages.reservePages(physAddr(0x1001000n), pageCount(1));
  assertEquals(
    tell(() => machine.pages.unreservePages(physAddr(0x1001000n), pageCount(2))),
    "lib/alloc_page.c:354: assert failed: a->page_states[i] == STATUS_SPECIAL",
  );
  assertEquals(
    tell(() => small().pages.unreservePages(physAddr(0x9000000n), pageCount(1))),
    "lib/alloc_page.c:352: assert failed: a",
  );
  assertEquals(
    tell(() => small().pages.reservePages(physAddr(0x1001008n), pageCount(1))),
    "lib/alloc_page.c:364: assert failed: IS_ALIGNED(addr, PAGE_SIZE)",
  );
});

Deno.test("reservePages() of an edition without it is wrong use, and says since when it exists", () => {
  const machine = small("buddy-2020-10");
  assertThrows(
    () => machine.pages.reservePages(physAddr(0x1001000n), pageCount(1)),
    RangeError,
    "Cannot reserve pages: edition buddy-2020-10 has no such call, it came with 34c95065",
  );
});

Deno.test("areas() touches nothing and follows what is really in memory", () => {
  const machine = small();
  const before = [...machine.ram.touchedPages()];
  machine.pages.areas();
  assertEquals([...machine.ram.touchedPages()], before);
  machine.space.writeByte(virtAddr(0x1000000n), 0xc0, "a test");
  machine.space.writeWord(virtAddr(0x1002008n), 0x1008000n, "a test");
  assertState(machine, {
    states: "c0*1 1*2 2*4 3*8",
    lists: "0:1001 1:1002,1008 then other-head 2:1004 3:1008",
  });
});

Deno.test("createMachine() refuses area descriptors that do not fit below the end of addresses", () => {
  const make = (name: string, address: bigint): unknown =>
    createMachine({ arch: arch(name), edition: edition("head"), areasAddress: virtAddr(address) });
  assertThrows(
    () => make("x86_64", 0xfffffffffffffff0n),
    RangeError,
    "Cannot make the machine: the area descriptors at 0xfffffffffffffff0 need 13824 bytes",
  );
  assertThrows(() => make("i386", 0x100000000n), RangeError, "must end inside 32 bits");
});
