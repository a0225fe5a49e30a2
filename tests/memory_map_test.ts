import { assertEquals, assertThrows } from "@std/assert";
import {
  formatMemoryRange,
  isMemory,
  type MemoryKind,
  memoryMap,
  type MemoryRange,
  rangeAt,
  usableRamBytes,
} from "../src/memory/mod.ts";
import { byteCount, physAddr } from "../src/units.ts";

function range(first: bigint, end: bigint, kind: MemoryKind): MemoryRange {
  return { first: physAddr(first), size: byteCount(end - first), kind };
}

const PC = memoryMap([
  range(0x100000n, 0xbffe0000n, "ram"),
  range(0n, 0x9fc00n, "ram"),
  range(0x9fc00n, 0xa0000n, "reserved"),
  range(0xfee00000n, 0xfee01000n, "mmio"),
]);

Deno.test("memoryMap() sorts its ranges", () => {
  assertEquals(PC.ranges.map(formatMemoryRange), [
    "0x0-0x9fc00 ram",
    "0x9fc00-0xa0000 reserved",
    "0x100000-0xbffe0000 ram",
    "0xfee00000-0xfee01000 mmio",
  ]);
});

Deno.test("memoryMap() takes a range up to the end of 64 bits", () => {
  const map = memoryMap([range(1n << 63n, 1n << 64n, "ram")]);
  assertEquals(map.ranges.map(formatMemoryRange), ["0x8000000000000000-0x10000000000000000 ram"]);
  assertEquals(rangeAt(map, physAddr((1n << 64n) - 1n)), map.ranges[0]);
});

Deno.test("memoryMap() refuses ranges that overlap, and names both", () => {
  assertThrows(
    () => memoryMap([range(0x1000n, 0x3000n, "ram"), range(0x2fffn, 0x4000n, "mmio")]),
    RangeError,
    "Cannot map 0x2fff-0x4000 mmio: the range must not overlap 0x1000-0x3000 ram",
  );
  assertThrows(
    () => memoryMap([range(0x1000n, 0x3000n, "ram"), range(0x1000n, 0x1001n, "ram")]),
    RangeError,
    "must not overlap",
  );
});

Deno.test("memoryMap() refuses an empty range", () => {
  assertThrows(
    () => memoryMap([range(0x1000n, 0x1000n, "ram")]),
    RangeError,
    "Cannot map 0x1000-0x1000 ram: the range must have at least one byte",
  );
});

Deno.test("memoryMap() refuses a range that wraps round", () => {
  const first = physAddr((1n << 64n) - 0x1000n);
  assertThrows(
    () => memoryMap([{ first, size: byteCount(0x1001n), kind: "ram" }]),
    RangeError,
    "Cannot map 0xfffffffffffff000-0x10000000000000001 ram: the range must end at or below 2^64",
  );
});

Deno.test("rangeAt() tells ranges from holes to the byte", () => {
  const kinds = [0n, 0x9fbffn, 0x9fc00n, 0x9ffffn, 0xa0000n, 0xfffffn, 0x100000n, 0xfee00fffn]
    .map((address) => rangeAt(PC, physAddr(address))?.kind ?? "hole");
  assertEquals(kinds, ["ram", "ram", "reserved", "reserved", "hole", "hole", "ram", "mmio"]);
});

Deno.test("usableRamBytes() counts RAM only", () => {
  assertEquals(usableRamBytes(PC), byteCount(0x9fc00n + 0xbffe0000n - 0x100000n));
  assertEquals(usableRamBytes(memoryMap([])), byteCount(0n));
});

Deno.test("isMemory() is true for all but devices", () => {
  assertEquals(PC.ranges.map(isMemory), [true, true, true, false]);
});
