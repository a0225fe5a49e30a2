// deno-lint-ignore-file no-boolean-literal-for-arguments -- the values compared are truth values
import { assertEquals } from "@std/assert";
import {
  addToBack,
  addToFront,
  isListEmpty,
  makeEmptyList,
  readNext,
  readPrevious,
  removeFromList,
} from "../src/linked_list.ts";
import { byteCount, memoryMap, physAddr, Ram, type VirtAddr, virtAddr } from "../mod.ts";
import { tell } from "./support.ts";

const HEAD = virtAddr(0x1008n);
const [A, B, C] = [virtAddr(0x2000n), virtAddr(0x3000n), virtAddr(0x4000n)];

function memory(wordBits: 32 | 64 = 64, byteOrder: "little" | "big" = "little"): Ram {
  const all = { first: physAddr(0n), size: byteCount(0x10000n), kind: "ram" } as const;
  const ram = new Ram({ map: memoryMap([all]), wordBits, byteOrder, powerOn: { kind: "zero" } });
  makeEmptyList(ram, HEAD, "a test");
  return ram;
}

/** The nodes that a walk meets, up to the head or six steps. */
function walk(ram: Ram, link: typeof readNext): string {
  const met: string[] = [];
  for (let node = link(ram, HEAD, "a test"); node !== HEAD && met.length < 6;) {
    met.push(node.toString(16));
    if (node === 0n) break;
    node = link(ram, node, "a test");
  }
  return met.join(" ");
}

function bytes(ram: Ram, address: VirtAddr, count: number): string {
  return Array.from(
    { length: count },
    (_, index) =>
      ram.readByte(virtAddr(address + BigInt(index)), "a test").toString(16).padStart(2, "0"),
  ).join(" ");
}

Deno.test("addToFront() and addToBack() link nodes in both directions", () => {
  const ram = memory();
  addToFront(ram, HEAD, A);
  addToFront(ram, HEAD, B);
  addToBack(ram, HEAD, C);
  assertEquals(walk(ram, readNext), "3000 2000 4000");
  assertEquals(walk(ram, readPrevious), "4000 2000 3000");
});

Deno.test("addToFront() writes prev before next, in the machine's width and byte order", () => {
  const big = memory(64, "big");
  addToFront(big, HEAD, A);
  assertEquals(bytes(big, A, 16), "00 00 00 00 00 00 10 08 00 00 00 00 00 00 10 08");
  const narrow = memory(32);
  addToFront(narrow, HEAD, A);
  assertEquals(bytes(narrow, A, 8), "08 10 00 00 08 10 00 00");
});

Deno.test("removeFromList() wipes the links of what it removes and nothing else", () => {
  const ram = memory();
  addToFront(ram, HEAD, A);
  addToFront(ram, HEAD, B);
  ram.write(virtAddr(A + 16n), 8, 0x77n, "a test");
  assertEquals(removeFromList(ram, A), "removed");
  assertEquals(bytes(ram, A, 17), `${"00 ".repeat(16)}77`);
  assertEquals(walk(ram, readNext), "3000");
  assertEquals(removeFromList(ram, A), "nothing");
});

Deno.test("isListEmpty() takes a node with one null link for an empty list", () => {
  const ram = memory();
  assertEquals(isListEmpty(ram, HEAD), true);
  addToFront(ram, HEAD, A);
  assertEquals([isListEmpty(ram, HEAD), isListEmpty(ram, A)], [false, false]);
  ram.writeWord(A, 0n, "a test");
  assertEquals(isListEmpty(ram, A), true);
});

Deno.test("addToFront() of a listed node makes a cycle that never meets the head again", () => {
  const ram = memory();
  addToFront(ram, HEAD, A);
  addToFront(ram, HEAD, B);
  addToFront(ram, HEAD, A);
  assertEquals(walk(ram, readNext), "2000 3000 2000 3000 2000 3000");
  assertEquals(walk(ram, readPrevious), "2000");
});

Deno.test("addToFront() of the first node again makes the list look empty from the front", () => {
  const ram = memory();
  addToFront(ram, HEAD, A);
  addToFront(ram, HEAD, A);
  assertEquals(readNext(ram, A, "a test"), A);
  assertEquals(isListEmpty(ram, A), true);
});

Deno.test("list functions assert upstream's text for null, and fault where nothing is", () => {
  const ram = memory();
  assertEquals(tell(() => addToFront(ram, HEAD, virtAddr(0n))), "lib/list.h:45: assert failed: li");
  assertEquals(tell(() => addToFront(ram, virtAddr(0n), A)), "lib/list.h:46: assert failed: head");
  assertEquals(tell(() => addToBack(ram, virtAddr(0n), A)), "lib/list.h:58: assert failed: head");
  assertEquals(
    tell(() => isListEmpty(ram, virtAddr(0x20000n))),
    "fault: is_list_empty() reads 8 bytes at 0x20008, where there is no memory",
  );
});
