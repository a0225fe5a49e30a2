import { assertEquals, assertThrows } from "@std/assert";
import { cloneMachine, pageCount, physAddr, type VirtAddr, virtAddr } from "../mod.ts";
import { addRange, arch, bareMachine, edition, lists, tell } from "./support.ts";

function machineOf(first: number, top: number): ReturnType<typeof bareMachine> {
  return bareMachine(first, top, { edition: edition("list-2020"), arch: arch("arm64") });
}

function alloc(machine: ReturnType<typeof bareMachine>, order: number): VirtAddr {
  return machine.pages.allocPages(order, 0) ?? virtAddr(0n);
}

Deno.test("the list allocator hands pages out in ascending order, zeroed, and takes the last back first", () => {
  const machine = machineOf(0x1000, 0x1006);
  machine.space.write(virtAddr(0x1000800n), 4, 0x77n, "a test");
  const [first, second] = [alloc(machine, 0), alloc(machine, 0)];
  assertEquals([first, second], [0x1000000n, 0x1001000n]);
  assertEquals(machine.space.read(virtAddr(0x1000800n), 4, "a test"), 0n);
  machine.pages.freePages(first);
  assertEquals(lists(machine), "0:1000,1002,1003,1004,1005");
  assertEquals(machine.space.readWord(first, "a test"), 0x1002000n);
});

Deno.test("the list allocator finds an ascending aligned run, and does not find a scattered one", () => {
  const machine = machineOf(0x1001, 0x1009);
  assertEquals(alloc(machine, 2), 0x1004000n);
  assertEquals(lists(machine), "0:1001,1002,1003,1008");
  assertEquals(alloc(machine, 1), 0x1002000n);
  machine.pages.freePages(virtAddr(0x1002000n));
  // 1003 stands behind 1002 again, but a page freed alone goes in front.
  const pages = [alloc(machine, 0), alloc(machine, 0)];
  for (const page of pages) machine.pages.freePages(page);
  assertEquals(lists(machine), "0:1003,1002,1001,1008");
  assertEquals(alloc(machine, 1), 0n);
});

Deno.test("the list allocator ignores an alignment larger than the size", () => {
  const machine = machineOf(0x1001, 0x1009);
  assertEquals(machine.pages.memalignPages(0x8000n, 0x1000n, 0), 0x1001000n);
});

Deno.test("the list allocator frees a block with the size that was asked for", () => {
  const machine = machineOf(0x1000, 0x1008);
  const block = alloc(machine, 3);
  const copy = cloneMachine(machine);
  machine.pages.freePages(block);
  assertEquals(lists(machine), "0:1000,1001,1002,1003,1004,1005,1006,1007");
  copy.pages.freePages(block);
  assertEquals(lists(copy), lists(machine));
});

Deno.test("the list allocator follows what is in memory: a damaged link, and a list that never ends", () => {
  const machine = machineOf(0x1000, 0x1004);
  machine.space.writeWord(virtAddr(0x1002000n), 0x1001000n, "a test");
  assertEquals(lists(machine), "0:1000,1001,1002 then cycle");
  assertEquals(
    tell(() => alloc(machine, 3)),
    "undefined behaviour: lib/alloc_page.c:?, alloc_pages() walks a list that never ends",
  );
  machine.space.writeWord(virtAddr(0x1002000n), 0x66600000n, "a test");
  assertEquals(lists(machine), "0:1000,1001,1002 then wild");
});

Deno.test("the list allocator takes further ranges, gives null when it is empty, and cannot reserve", () => {
  const machine = machineOf(0x1000, 0x1001);
  addRange(machine, 0x2000, 0x2001);
  assertEquals([alloc(machine, 0), alloc(machine, 0), alloc(machine, 0)], [
    0x2000000n,
    0x1000000n,
    0n,
  ]);
  assertEquals(alloc(machine, 60), 0n);
  assertThrows(
    () => machine.pages.reservePages(physAddr(0n), pageCount(1)),
    RangeError,
    "edition list-2020 has no such call",
  );
});

Deno.test("the list allocator refuses more frames than it can link one by one", () => {
  const error = assertThrows(() => machineOf(0x1000, 0x1000 + 2 ** 22 + 1), RangeError);
  assertEquals(
    error.message,
    "Cannot hand 4194305 frames to edition list-2020: it writes into each, the number must be at most 4194304, take less or another edition",
  );
});
