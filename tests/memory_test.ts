import { assertEquals, assertThrows } from "@std/assert";
import type { AccessSize } from "../src/memory/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { byteCount, physAddr, virtAddr } from "../src/units.ts";
import type { ByteOrder } from "../src/word.ts";
import { BY, bytesAt, endOf, ramOf, range, touched } from "./memory_support.ts";

const SIZES: readonly AccessSize[] = [1, 2, 4, 8];
const ORDERS: readonly ByteOrder[] = ["little", "big"];

Deno.test("Ram stores words in its byte order", () => {
  const value = 0x0102030405060708n;
  const rows: readonly [ByteOrder, AccessSize, number[]][] = [
    ["little", 1, [8, 0, 0, 0, 0, 0, 0, 0]],
    ["little", 2, [8, 7, 0, 0, 0, 0, 0, 0]],
    ["little", 4, [8, 7, 6, 5, 0, 0, 0, 0]],
    ["little", 8, [8, 7, 6, 5, 4, 3, 2, 1]],
    ["big", 1, [8, 0, 0, 0, 0, 0, 0, 0]],
    ["big", 2, [7, 8, 0, 0, 0, 0, 0, 0]],
    ["big", 4, [5, 6, 7, 8, 0, 0, 0, 0]],
    ["big", 8, [1, 2, 3, 4, 5, 6, 7, 8]],
  ];
  for (const [byteOrder, size, bytes] of rows) {
    const ram = ramOf({ byteOrder });
    ram.write(virtAddr(0x2000n), size, value, BY);
    assertEquals(bytesAt(ram, 0x2000n, 8), bytes, `${byteOrder} ${size}`);
  }
});

Deno.test("Ram reads back what it wrote, in every size, byte order and alignment", () => {
  const offsets = [0n, 1n, 2n, 3n, 7n, 57n, 60n, 63n, 64n, 65n, 2048n, 4088n, 4089n, 4093n, 4095n];
  for (const byteOrder of ORDERS) {
    for (const size of SIZES) {
      for (const offset of offsets) {
        const ram = ramOf({ byteOrder });
        const address = virtAddr(0x2000n + offset);
        const value = BigInt.asUintN(8 * size, 0xf1e2d3c4b5a69788n);
        ram.write(address, size, -1n, BY);
        ram.write(address, size, value + (1n << 64n), BY);
        const what = `${byteOrder} ${size} at ${offset}`;
        assertEquals(ram.read(address, size, BY), value, what);
        assertEquals(ram.peek(physAddr(address), size), value, what);
        const around = [
          ...bytesAt(ram, address - 1n, 1),
          ...bytesAt(ram, address + BigInt(size), 1),
        ];
        assertEquals(around, [0, 0], what);
      }
    }
  }
});

Deno.test("Ram's words have the width of the machine", () => {
  for (const wordBits of [32, 64] as const) {
    const ram = ramOf({ wordBits });
    ram.writeWord(virtAddr(0x10n), -1n, BY);
    assertEquals(ram.readWord(virtAddr(0x10n), BY), (1n << BigInt(wordBits)) - 1n);
    assertEquals(ram.readByte(virtAddr(0x14n), BY), wordBits === 64 ? 0xff : 0);
    ram.writeByte(virtAddr(0x10n), 0x1ab, BY);
    assertEquals(ram.readByte(virtAddr(0x10n), BY), 0xab);
  }
});

Deno.test("Ram reads and writes tables in a byte order that is not the machine's", () => {
  for (const byteOrder of ORDERS) {
    const ram = ramOf({ byteOrder });
    ram.writeEntry(3, 0xff8, 8, 0x0102030405060708n, "big", BY);
    assertEquals(bytesAt(ram, 0x3ff8n, 8), [1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals(ram.readEntry(3, 0xff8, 8, "little", BY), 0x0807060504030201n);
    assertEquals(ram.readEntry(3, 0xff8, 8, "big", BY), 0x0102030405060708n);
    ram.writeEntry(3, 0xffc, 4, 0xaabbccddn, "little", BY);
    assertEquals(bytesAt(ram, 0x3ff8n, 8), [1, 2, 3, 4, 0xdd, 0xcc, 0xbb, 0xaa]);
    assertEquals(ram.readEntry(3, 0xffc, 4, "big", BY), 0xddccbbaan);
  }
});

Deno.test("Ram's addresses wrap round at 2^32 on a 32-bit machine, physical ones do not", () => {
  const ranges = [range(0n, 0x1000n), range(0xfffff000n, 0x1_0000_1000n)];
  const ram = ramOf({ ranges, wordBits: 32 });
  ram.write(virtAddr(0xfffffffcn), 8, 0x1122334455667788n, BY);
  assertEquals(ram.readWord(virtAddr(0n), BY), 0x11223344n);
  assertEquals(ram.readWord(virtAddr(0x1_0000_0000n), BY), 0x11223344n);
  ram.fill(virtAddr(0xffffffffn), byteCount(3n), 0x5a, BY);
  assertEquals(bytesAt(ram, 0n, 3), [0x5a, 0x5a, 0x22]);
  assertEquals(ram.firstDifferent(virtAddr(0xffffffffn), byteCount(5n), 0x5a, BY), 3n);
  assertEquals(ram.runs(virtAddr(0xffffffffn), byteCount(4n), BY), [
    { byte: 0x5a, count: 3 },
    { byte: 0x22, count: 1 },
  ]);
  ram.writeEntry(0xfffff, 0xffc, 8, -1n, "little", BY);
  assertEquals(ram.readWord(virtAddr(0n), BY), 0x11225a5an);
  assertEquals(ram.peek(physAddr(0x1_0000_0000n), 4), 0xffffffffn);
});

Deno.test("Ram faults in a hole and on a device, and names the first byte missing", () => {
  const ram = ramOf({ ranges: [range(0n, 0x9fc00n), range(0xa0000n, 0xb0000n, "mmio")] });
  const at = virtAddr(0x9fbfcn);
  const expected = "fault: the test writes 8 bytes at 0x9fbfc and reaches 0x9fc00, " +
    "where there is no memory";
  assertEquals(endOf(() => ram.write(at, 8, -1n, BY)), expected);
  assertEquals(touched(ram), [], "a write that faults writes nothing");
  assertEquals(
    endOf(() => ram.readWord(virtAddr(0xa0008n), BY)),
    "fault: the test reads 8 bytes at 0xa0008, which is a device, not memory",
  );
  assertEquals(
    endOf(() => ram.readEntry(0x9f, 0xc00, 4, "big", BY)),
    "fault: the test reads 4 bytes at 0x9fc00, where there is no memory",
  );
  assertEquals(endOf(() => ram.write(at, 4, -1n, BY)), "returned");
  assertEquals(bytesAt(ram, 0x9fbfan, 8), [0, 0, 255, 255, 255, 255, null, null]);
});

Deno.test("Ram.fill() fills up to the byte that faults", () => {
  const ram = ramOf({ ranges: [range(0n, 0x9fc00n), range(0xa0000n, 0xb0000n, "mmio")] });
  const outcome = outcomeOf(() => ram.fill(virtAddr(0x9eff0n), byteCount(0x2000n), 0x55, BY));
  assertEquals(outcome, {
    kind: "fault",
    address: 0x9fc00n,
    reason: "hole",
    by: BY,
    access: { kind: "fill", address: 0x9eff0n, sizeBytes: byteCount(0x2000n), byte: 0x55 },
  });
  assertEquals(ram.peekRuns(physAddr(0x9efe0n), byteCount(0x1000n)), [
    { byte: 0, count: 0x10 },
    { byte: 0x55, count: 0xc10 },
    { byte: null, count: 0x3e0 },
  ]);
  assertEquals(touched(ram), ["0x9e000+2 touched"]);
  const read = endOf(() => ram.firstDifferent(virtAddr(0x9f000n), byteCount(0x1000n), 0x55, BY));
  assertEquals(
    read,
    "fault: the test reads 4096 bytes at 0x9f000 and reaches 0x9fc00, " +
      "where there is no memory",
  );
  assertEquals(ram.firstDifferent(virtAddr(0x9e000n), byteCount(0x4000n), 0x55, BY), 0n);
});

Deno.test("Ram lets reserved memory be read and written", () => {
  const ram = ramOf({ ranges: [range(0n, 0x1800n), range(0x1800n, 0x3000n, "reserved")] });
  ram.write(virtAddr(0x17fcn), 8, 0x1234567890abcdefn, BY);
  assertEquals(ram.read(virtAddr(0x17fcn), 8, BY), 0x1234567890abcdefn);
});

Deno.test("Ram reaches the last bytes of 64 bits", () => {
  const ram = ramOf({ ranges: [range((1n << 64n) - 0x200000n, 1n << 64n)] });
  ram.fill(virtAddr((1n << 64n) - 0x200000n), byteCount(0x200000n), 0x11, BY);
  ram.writeWord(virtAddr((1n << 64n) - 8n), 0x22n, BY);
  assertEquals(ram.readWord(virtAddr((1n << 64n) - 9n), BY), 0x2211n);
  assertEquals(touched(ram), ["0xffffffffffe00000+512 touched"]);
  assertEquals(
    endOf(() => ram.readWord(virtAddr((1n << 64n) - 4n), BY)),
    "fault: the test reads 8 bytes at 0xfffffffffffffffc and reaches 0x0, where there is no memory",
  );
});

Deno.test("Ram refuses lengths beyond its address space and seeds beyond 32 bits", () => {
  const ram = ramOf({ wordBits: 32 });
  const size = byteCount((1n << 32n) + 1n);
  assertThrows(
    () => ram.fill(virtAddr(0n), size, 0, BY),
    RangeError,
    "Cannot access 4294967297 bytes: the length must be at most 2^32",
  );
  assertThrows(
    () => ramOf({ powerOn: { kind: "garbage", seed: 2 ** 32 } }),
    RangeError,
    "the seed must be an integer from 0 to 2^32 - 1",
  );
});
