import { assertEquals, assertThrows } from "@std/assert";
import { formatMemoryRange } from "../src/memory/memory_map.ts";
import {
  QEMU_ARM_VIRT,
  QEMU_FROM_ZERO,
  QEMU_PC,
  QEMU_PC_AMD,
  QEMU_Q35,
  QEMU_Q35_AMD,
  QEMU_RISCV_VIRT,
  type QemuLayout,
  qemuMemoryMap,
} from "../src/memory/qemu_layout.ts";
import { byteCount } from "../src/units.ts";

const MIB = 2n ** 20n;
const GIB = 2n ** 30n;

function ranges(layout: QemuLayout, size: bigint): string[] {
  return qemuMemoryMap(layout, byteCount(size)).ranges.map(formatMemoryRange);
}

/** The RAM from 1 MiB on. */
function ramOf(layout: QemuLayout, size: bigint): string[] {
  return ranges(layout, size).filter((range) => range.endsWith(" ram")).slice(1);
}

Deno.test("qemuMemoryMap() lays a small PC out as its firmware reports it", () => {
  assertEquals(ranges(QEMU_PC_AMD, 128n * MIB), [
    "0x0-0x9fc00 ram",
    "0x9fc00-0xa0000 reserved",
    "0xf0000-0x100000 reserved",
    "0x100000-0x7fe0000 ram",
    "0x7fe0000-0x8000000 reserved",
    "0xfffc0000-0x100000000 reserved",
    "0xfd00000000-0x10000000000 reserved",
  ]);
});

Deno.test("qemuMemoryMap() leaves the HyperTransport window to CPUs of AMD", () => {
  for (const layout of [QEMU_PC, QEMU_Q35]) {
    assertEquals(ranges(layout, 512n * MIB).at(-1), "0xfffc0000-0x100000000 reserved");
  }
});

Deno.test("qemuMemoryMap() splits the RAM of a PC from 3.5 GiB on", () => {
  const low = "0x100000-0xbffe0000 ram";
  assertEquals(ramOf(QEMU_PC, 0xe0000000n - 0x1000n), ["0x100000-0xdffdf000 ram"]);
  assertEquals(ramOf(QEMU_PC, 0xe0000000n), [low, "0x100000000-0x120000000 ram"]);
  assertEquals(ramOf(QEMU_PC_AMD, 5n * GIB), [low, "0x100000000-0x180000000 ram"]);
});

Deno.test("qemuMemoryMap() splits the RAM of a q35 from 2.75 GiB on", () => {
  assertEquals(ramOf(QEMU_Q35, 0xb0000000n - 0x1000n), ["0x100000-0xaffdf000 ram"]);
  assertEquals(ranges(QEMU_Q35_AMD, 5n * GIB), [
    "0x0-0x9fc00 ram",
    "0x9fc00-0xa0000 reserved",
    "0xf0000-0x100000 reserved",
    "0x100000-0x7ffe0000 ram",
    "0x7ffe0000-0x80000000 reserved",
    "0xb0000000-0xc0000000 reserved",
    "0xfed1c000-0xfed20000 reserved",
    "0xfffc0000-0x100000000 reserved",
    "0x100000000-0x1c0000000 ram",
    "0xfd00000000-0x10000000000 reserved",
  ]);
});

Deno.test("qemuMemoryMap() gives a page more to the firmware's tables beyond 64 GiB", () => {
  assertEquals(ramOf(QEMU_PC_AMD, 64n * GIB)[0], "0x100000-0xbffe0000 ram");
  assertEquals(ramOf(QEMU_PC_AMD, 70n * GIB), [
    "0x100000-0xbffdf000 ram",
    "0x100000000-0x11c0000000 ram",
  ]);
});

Deno.test("qemuMemoryMap() moves RAM beyond 1 TiB where it would reach the HyperTransport window", () => {
  // 1012 GiB from 0 on; below it lie 4 GiB, high RAM, and a window of 2 or 32 GiB.
  assertEquals(ramOf(QEMU_PC_AMD, 1009n * GIB)[1], "0x100000000-0xfc80000000 ram");
  assertEquals(ramOf(QEMU_PC_AMD, 1010n * GIB)[1], "0x10000000000-0x1fbc0000000 ram");
  assertEquals(ramOf(QEMU_Q35_AMD, 978n * GIB)[1], "0x100000000-0xf500000000 ram");
  assertEquals(ramOf(QEMU_Q35_AMD, 979n * GIB)[1], "0x10000000000-0x1f440000000 ram");
  assertEquals(ramOf(QEMU_PC, 2n ** 46n)[1], "0x100000000-0x400040000000 ram");
});

Deno.test("qemuMemoryMap() lays other machines out in one piece", () => {
  assertEquals(ranges(QEMU_ARM_VIRT, 3n * GIB), ["0x40000000-0x100000000 ram"]);
  assertEquals(ranges(QEMU_RISCV_VIRT, 2n * GIB), ["0x80000000-0x100000000 ram"]);
  assertEquals(ranges(QEMU_FROM_ZERO, 256n * MIB), ["0x0-0x10000000 ram"]);
});

Deno.test("qemuMemoryMap() refuses odd and tiny amounts of RAM", () => {
  const wanted = (layout: QemuLayout, size: bigint): void => {
    qemuMemoryMap(layout, byteCount(size));
  };
  assertThrows(
    () => wanted(QEMU_PC, 2n * MIB - 0x1000n),
    RangeError,
    "Cannot lay out 0x1ff000 bytes of RAM: the size must be a multiple of 0x1000, and at least 0x200000",
  );
  assertThrows(() => wanted(QEMU_ARM_VIRT, 0n), RangeError, "at least 0x1000");
  assertThrows(() => wanted(QEMU_ARM_VIRT, 0x1800n), RangeError, "a multiple of 0x1000");
  assertThrows(() => wanted(QEMU_ARM_VIRT, 2n ** 64n), RangeError);
});
