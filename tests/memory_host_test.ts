import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Ram } from "../src/memory/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { byteCount, type PhysAddr, physAddr, virtAddr } from "../src/units.ts";
import { BY, bytesAt, ramOf, range, TIB, touched } from "./memory_support.ts";

Deno.test("Ram holds zeroes at power-on, and reading does not touch it", () => {
  const ram = ramOf();
  assertEquals(ram.readWord(virtAddr(0x5008n), BY), 0n);
  assertEquals(ram.readByte(virtAddr(0x5fffn), BY), 0);
  assertEquals(ram.firstDifferent(virtAddr(0n), byteCount(0x100000n), 0, BY), null);
  assertEquals(touched(ram), []);
});

Deno.test("Ram's garbage at power-on depends on address and seed only", () => {
  const [one, other] = [7, 8].map((seed) => ramOf({ powerOn: { kind: "garbage", seed } }));
  const again = ramOf({ powerOn: { kind: "garbage", seed: 7 } });
  assert(one !== undefined && other !== undefined);
  const before = bytesAt(one, 0x5000n, 4096);
  // Another size, another order, a write next to it, a copy: all see the same bytes.
  again.writeWord(virtAddr(0x5000n), 0n, BY);
  again.writeWord(virtAddr(0x5ff0n), 0n, BY);
  assertEquals(bytesAt(again, 0x5008n, 4072), before.slice(8, 4080));
  assertEquals(bytesAt(one.clone(), 0x5000n, 4096), before);
  assertEquals(one.readByte(virtAddr(0x5001n), BY), before[1]);
  assertNotEquals(bytesAt(other, 0x5000n, 64), before.slice(0, 64));
  assertNotEquals(bytesAt(one, 0x6000n, 64), before.slice(0, 64));
  const counts = new Map<number | null, number>();
  for (const byte of before) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  assert(counts.size > 250 && Math.max(...counts.values()) < 50, "the bytes are spread");
  assertEquals(touched(one), []);
});

Deno.test("Ram fills 16 TiB at once and finds single bytes in it", () => {
  const ram = ramOf({ ranges: [range(0n, 64n * TIB)] });
  const before = ram.residentBytes();
  const first = virtAddr(TIB + 0x123n);
  const size = byteCount(16n * TIB);
  ram.fill(first, size, 0x4a, BY);
  assertEquals(ram.firstDifferent(first, size, 0x4a, BY), null);
  assertEquals(ram.runs(first, size, BY), [{ byte: 0x4a, count: Number(size) }]);
  ram.writeByte(virtAddr(9n * TIB + 0x777n), 1, BY);
  ram.writeByte(virtAddr(9n * TIB + 0x8001n), 2, BY);
  const offset = 9n * TIB + 0x777n - first;
  assertEquals(ram.firstDifferent(first, size, 0x4a, BY), offset);
  const start = virtAddr(9n * TIB);
  assertEquals(ram.firstDifferent(start, byteCount(0x777n), 0x4a, BY), null);
  assertEquals(ram.runs(first, size, BY), [
    { byte: 0x4a, count: Number(offset) },
    { byte: 1, count: 1 },
    { byte: 0x4a, count: 0x8001 - 0x778 },
    { byte: 2, count: 1 },
    { byte: 0x4a, count: Number(first + size - start) - 0x8002 },
  ]);
  assertEquals(touched(ram), [`0x${TIB.toString(16)}+${2 ** 32 + 1} touched`]);
  assert(ram.residentBytes() - before < 200_000, `${ram.residentBytes()} bytes`);
});

Deno.test("Ram of 64 TiB costs what one of 64 MiB costs", () => {
  const [small, large] = [1n << 26n, 64n * TIB].map((size) => {
    const ram = ramOf({ ranges: [range(0n, size)] });
    for (let page = 0n; page < 1000n; page++) {
      ram.writeWord(virtAddr(page * (size / 1000n / 4096n) * 4096n), page, BY);
    }
    return ram.residentBytes();
  });
  assert(small !== undefined && large !== undefined);
  assert(small < 1_000_000, `small: ${small} bytes`);
  assert(large < 3_000_000, `large: ${large} bytes`);
});

Deno.test("Ram keeps a list node in each of 100,000 pages at about 80 bytes each", () => {
  const ram = ramOf({ ranges: [range(0n, TIB)] });
  for (let page = 0n; page < 100_000n; page++) ram.writeWord(virtAddr(page * 4096n), page, BY);
  assert(ram.residentBytes() < 8_500_000, `${ram.residentBytes()} bytes`);
  ram.fill(virtAddr(0n), byteCount(TIB), 0, BY);
  assertEquals(touched(ram), [`0x0+${2 ** 28} touched`]);
  for (let page = 0n; page < 100_000n; page++) ram.writeWord(virtAddr(page * 4096n), page, BY);
  assert(ram.residentBytes() < 8_500_000, "what a fill frees is used again");
});

Deno.test("Ram.clone() is independent in both directions", () => {
  const ram = ramOf({ ranges: [range(0n, TIB)] });
  ram.writeWord(virtAddr(0x2ff8n), 2n, BY);
  ram.fill(virtAddr(1n << 30n), byteCount(1n << 30n), 3, BY);
  ram.writeWord(virtAddr(0x1000n), 1n, BY);
  const copy = ram.clone();
  ram.writeWord(virtAddr(0x1000n), 10n, BY);
  copy.writeWord(virtAddr(0x1008n), 20n, BY);
  copy.writeWord(virtAddr(0x2ff8n), 30n, BY);
  copy.fill(virtAddr(1n << 30n), byteCount(1n << 29n), 4, BY);
  ram.writeWord(virtAddr(0x9000n), 5n, BY);
  copy.addRange(range(TIB, 2n * TIB));
  const words = (one: Ram): bigint[] =>
    [0x1000n, 0x1008n, 0x2ff8n, 0x9000n, 1n << 30n].map((at) => one.readWord(virtAddr(at), BY));
  assertEquals(words(ram), [10n, 0n, 2n, 5n, 0x0303030303030303n]);
  assertEquals(words(copy), [1n, 20n, 30n, 0n, 0x0404040404040404n]);
  assertEquals(ram.map.ranges.length, 1);
  assertEquals(copy.map.ranges.length, 2);
  assertEquals(touched(ram), ["0x1000+2 touched", "0x9000+1 touched", "0x40000000+262144 touched"]);
  assertEquals(touched(copy), ["0x1000+2 touched", "0x40000000+262144 touched"]);
});

Deno.test("Ram.discard() empties pages, and an access brings them back", () => {
  const ram = ramOf({ powerOn: { kind: "garbage", seed: 1 } });
  const backing = (address: bigint): string => ram.backing(physAddr(address));
  ram.writeWord(virtAddr(0x1000n), 0x77n, BY);
  ram.discard(physAddr(0x1000n), byteCount(0x4000n));
  assertEquals(touched(ram), ["0x1000+4 discarded"]);
  assertEquals(bytesAt(ram, 0x1000n, 4), [0, 0, 0, 0]);
  assertEquals([backing(0x1000n), backing(0x4fffn), backing(0x5000n)], [
    "discarded",
    "discarded",
    "untouched",
  ]);
  assertEquals(ram.refaults, 0, "looking is no access");
  assertEquals(ram.readWord(virtAddr(0x1000n), BY), 0n);
  ram.writeByte(virtAddr(0x2fffn), 1, BY);
  assertEquals(ram.refaults, 2);
  ram.readWord(virtAddr(0x1ff8n), BY);
  assertEquals(ram.refaults, 2, "a page comes back once");
  assertEquals(touched(ram), ["0x1000+2 touched", "0x3000+2 discarded"]);
  assertEquals(ram.firstDifferent(virtAddr(0x3000n), byteCount(0x1001n), 0, BY), null);
  assertEquals(ram.refaults, 4);
});

Deno.test("Ram.discard() takes a terabyte away and counts the pages that come back", () => {
  const ram = ramOf({ ranges: [range(0n, 2n * TIB)] });
  ram.fill(virtAddr(0n), byteCount(2n * TIB), 9, BY);
  ram.discard(physAddr(0n), byteCount(TIB));
  assertEquals(touched(ram), [`0x0+${2 ** 28} discarded`, `0x10000000000+${2 ** 28} touched`]);
  assertEquals(ram.firstDifferent(virtAddr(0n), byteCount(TIB), 9, BY), 0n);
  assertEquals(ram.refaults, 1);
  ram.fill(virtAddr(0n), byteCount(2n * TIB), 9, BY);
  assertEquals(ram.refaults, 2 ** 28);
  assertEquals(touched(ram), [`0x0+${2 ** 29} touched`]);
});

Deno.test("Ram.discard() refuses what the host cannot take away", () => {
  const ram = ramOf();
  const discard = (first: bigint, size: bigint): void =>
    ram.discard(physAddr(first), byteCount(size));
  const rows: readonly [bigint, bigint, string][] = [
    [0x1234n, 0x1000n, "Cannot discard 4096 bytes at 0x1234: the address must be a multiple of"],
    [0x1000n, 0x10n, "Cannot discard 16 bytes at 0x1000: the size must be a multiple of 0x1000"],
    [0xff000n, 0x2000n, "Cannot discard 8192 bytes at 0xff000: all of it must be memory"],
  ];
  for (const [first, size, message] of rows) {
    assertThrows(() => discard(first, size), RangeError, message);
  }
  discard(0x2000n, 0n);
  assertEquals(touched(ram), []);
});

Deno.test("Ram.addRange() makes memory of a hole", () => {
  const ram = ramOf({ ranges: [range(0n, 0x1800n)] });
  const write = (): void => ram.write(virtAddr(0x17fcn), 8, -1n, BY);
  assertEquals(outcomeOf(write).kind, "fault");
  ram.addRange(range(0x1800n, 0x3000n));
  assertEquals(outcomeOf(write).kind, "returned");
  assertThrows(() => ram.addRange(range(0x2000n, 0x4000n)), RangeError, "must not overlap");
});

Deno.test("Ram.peekRuns() shows what is there, what is not, and what nobody wrote", () => {
  const ram = ramOf({
    ranges: [range(0x1000n, 0x100000n), range(0x200000n, 0x201000n, "mmio")],
    powerOn: { kind: "garbage", seed: 3 },
  });
  ram.fill(virtAddr(0x8000n), byteCount(0x2000n), 0, BY);
  const look = (first: PhysAddr, size: bigint): unknown => ram.peekRuns(first, byteCount(size));
  assertEquals(look(physAddr(0n), 0x300000n), [
    { byte: null, count: 0x1000 },
    { byte: "garbage", count: 0x7000 },
    { byte: 0, count: 0x2000 },
    { byte: "garbage", count: 0x100000 - 0xa000 },
    { byte: null, count: 0x200000 },
  ]);
  assertEquals(look(physAddr(0x9000n), 0n), []);
  assertThrows(() => look(physAddr(1n << 63n), 1n << 54n), RangeError, "must be at most 2^53");
  assertThrows(() => look(physAddr((1n << 64n) - 1n), 2n), RangeError, "must end at or below 2^64");
  assertEquals(ram.peek(physAddr(0xffffcn), 8), null);
});
