/**
 * What the literal page allocator reports on the way, the lock that each call takes, and other edges that
 * only a careless change would touch.
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { LiteralPageAllocator } from "../src/alloc_page/mod.ts";
import { eventText } from "../src/report/events.ts";
import {
  type AllocatorEvent,
  createMachine,
  declareRam,
  descriptorLayout,
  type Machine,
  pageCount,
  pageStateFormatOf,
  pfn,
  physAddr,
  virtAddr,
} from "../mod.ts";
import { alloc, small } from "./promises.ts";
import { addRange, arch, bareMachine, edition, states, tell } from "./support.ts";

const HEAD = edition("head");
const REPAIRED = edition("repaired");
const PFN = edition("pfn-2021-01");

/** What an action reports, a line each. */
function reports(machine: Machine, action: () => unknown): string[] {
  const events: AllocatorEvent[] = [];
  machine.pages.listen("all", (event) => void events.push(event));
  tell(action);
  return events.map((event) => eventText(event, pageStateFormatOf(machine.edition)));
}

function reserve(machine: Machine, frame: number, count = 1): string {
  return tell(() => machine.pages.reservePages(physAddr(BigInt(frame) << 12n), pageCount(count)));
}

Deno.test("allocPages() reports what it takes off its list, splits, links, marks and zeroes", () => {
  const machine = small(HEAD);
  alloc(machine, 0);
  assertEquals(reports(machine, () => alloc(machine, 0)), [
    "unlinks 1002 order 1",
    "splits 1002 order 1",
    "links 1002 order 0 at the back",
    "links 1003 order 0 at the back",
    "unlinks 1002 order 0",
    "marks 1002 1 frame A0",
    "zeroes 1002 1 frame",
  ]);
});

Deno.test("freePages() reports each block that it joins", () => {
  const machine = small(PFN);
  const pages = [alloc(machine, 0), alloc(machine, 0), alloc(machine, 0)];
  machine.pages.freePages(pages[1] ?? virtAddr(0n));
  assertEquals(reports(machine, () => machine.pages.freePages(pages[2] ?? virtAddr(0n))), [
    "links 1003 order 0 at the front",
    "unlinks 1003 order 0",
    "unlinks 1002 order 0",
    "links 1002 order 1 at the front",
    "joins 1002 to order 1",
  ]);
});

Deno.test("reservePages() reports the page that it marks", () => {
  assertEquals(reports(small(HEAD), () => reserve(small(HEAD), 0x1001)), []);
  const machine = small(HEAD);
  assertEquals(reports(machine, () => reserve(machine, 0x1001)), ["marks 1001 1 frame S0"]);
});

Deno.test("a shift by the width of a word is reported, with what the target makes of it", () => {
  const shiftOf = (name: string): string[] => {
    const machine = bareMachine(0x1000, 0x1010, {
      edition: HEAD,
      arch: { ...arch(name), pageShifts: [12] },
    });
    machine.pages.freePages(alloc(machine, 0));
    return reports(machine, () => reserve(machine, 0x1001)).slice(0, 1);
  };
  assertEquals(shiftOf("x86_64"), [
    "undefined: shifts a 64-bit value by 64 (this target shifts by 0)",
  ]);
  assertEquals(shiftOf("ppc64"), [
    "undefined: shifts a 64-bit value by 64 (this target gives 0)",
  ]);
});

Deno.test("a fresh request for one page reports the shift by 255", () => {
  const machine = small(HEAD);
  const [, , ...rest] = reports(machine, () => alloc(machine, 0, { fresh: true }));
  assertStringIncludes(
    rest.join("\n"),
    "shifts a 64-bit value by 255 (this target gives 0x8000000000000000)",
  );
});

Deno.test("every call takes the allocator's lock: held by a failed assertion, it is waited for", () => {
  const calls: Record<string, (machine: Machine) => unknown> = {
    "page_memalign_order_flags": (machine) => machine.pages.allocPages(0, 0),
    "free_pages": (machine) => machine.pages.freePages(virtAddr(0x1001000n)),
    "reserve_pages": (machine) => machine.pages.reservePages(physAddr(0x1001000n), pageCount(1)),
    "unreserve_pages": (machine) =>
      machine.pages.unreservePages(physAddr(0x1001000n), pageCount(1)),
    "page_alloc_init_area": (machine) => machine.pages.initArea(0xff, pfn(0x2000), pfn(0x2010)),
  };
  for (const [name, call] of Object.entries(calls)) {
    const machine = small(REPAIRED);
    declareRam(machine, pfn(0x2000), pfn(0x2010));
    tell(() => machine.pages.freePages(virtAddr(0x1001008n)));
    assertStringIncludes(tell(() => call(machine)), `${name}() waits for the allocator's lock`);
  }
});

Deno.test("reservePages() of the repaired edition looks at every page before it takes one", () => {
  const machine = small(REPAIRED);
  alloc(machine, 1);
  const before = states(machine);
  assertEquals(reserve(machine, 0x1001, 2), "-1");
  assertEquals(states(machine), before);
});

Deno.test("unreservePages() asserts alignment, and is wrong use where there is no such call", () => {
  const unreserve = (machine: Machine, address: bigint): unknown =>
    machine.pages.unreservePages(physAddr(address), pageCount(0));
  assertEquals(
    tell(() => unreserve(small(HEAD), 0x1001008n)),
    "lib/alloc_page.c:384: assert failed: IS_ALIGNED(addr, PAGE_SIZE)",
  );
  assertThrows(
    () => unreserve(small(edition("buddy-2020-10")), 0x1001000n),
    RangeError,
    "has no such call",
  );
});

Deno.test("memalignPages() of the repaired edition gives a page for nothing, as head does", () => {
  assertEquals(tell(() => small(REPAIRED).pages.memalignPages(1n, 0n, 0)), "0x1001000");
});

Deno.test("initArea() begins with max_order 0, whatever the descriptor held", () => {
  const machine = createMachine({ arch: arch("arm64"), edition: HEAD });
  const { maxOrder } = descriptorLayout(machine.arch, HEAD, machine.pageShift);
  const at = machine.options.areasAddress + BigInt(maxOrder ?? 0);
  machine.space.writeByte(virtAddr(at), 9, "a test");
  addRange(machine, 0x1000, 0x1010);
  assertEquals(machine.pages.areas()[0]?.maxOrder, 3);
});

Deno.test("initArea() asserts a last frame that is the first of another area", () => {
  const machine = bareMachine(0x1010, 0x1020, { edition: HEAD });
  assertEquals(
    tell(() => addRange(machine, 0x1000, 0x1011, 1)),
    "lib/alloc_page.c:498: assert failed: !area_contains_pfn(areas + i, top_pfn - 1)",
  );
  assert(machine.pages instanceof LiteralPageAllocator);
});
