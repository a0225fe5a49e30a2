/** Memory that is exchanged when page tables come into use, and reached in part before. */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  byteCount,
  cloneMachine,
  memoryMap,
  physAddr,
  Ram,
  SwitchableSpace,
  virtAddr,
} from "../mod.ts";
import { ARCHS } from "../arch/mod.ts";
import { arch, edition, tell } from "./support.ts";

function ramOf(kib: bigint): Ram {
  const range = { first: physAddr(0n), size: byteCount(kib << 10n), kind: "ram" } as const;
  return new Ram({
    map: memoryMap([range]),
    wordBits: 64,
    byteOrder: "little",
    powerOn: { kind: "zero" },
  });
}

const AT = virtAddr(0x1ffcn);
const UNMAPPED = "which is not mapped";

Deno.test("SwitchableSpace passes every access on to its memory", () => {
  const one = ramOf(64n);
  const space = new SwitchableSpace(one);
  space.write(AT, 4, 0x11223344n, "the test");
  space.writeByte(virtAddr(0x2000n), 0x55, "the test");
  space.writeWord(virtAddr(0x3000n), 0x66n, "the test");
  space.writeEntry(4, 8, 4, 0x77n, "big", "the test");
  space.fill(virtAddr(0x5000n), byteCount(3n), 0x88, "the test");
  assertEquals(space.read(AT, 8, "the test"), 0x5511223344n);
  assertEquals(space.readByte(AT, "the test"), 0x44);
  assertEquals(space.readWord(virtAddr(0x3000n), "the test"), 0x66n);
  assertEquals(space.readEntry(4, 8, 4, "little", "the test"), 0x77000000n);
  assertEquals(space.runs(virtAddr(0x5000n), byteCount(4n), "the test"), [
    { byte: 0x88, count: 3 },
    { byte: 0, count: 1 },
  ]);
  assertEquals(space.firstDifferent(virtAddr(0x5000n), byteCount(9n), 0x88, "the test"), 3n);
  const other = ramOf(64n);
  space.switchTo(other, null);
  assertEquals(space.read(AT, 8, "the test"), 0n);
  assertEquals(one.read(AT, 4, "the test"), 0x11223344n);
  assertEquals([space.target === other, space.reach], [true, null]);
});

Deno.test("SwitchableSpace refuses every access at and beyond its reach", () => {
  const space = new SwitchableSpace(ramOf(64n));
  space.switchTo(space.target, byteCount(0x2000n));
  const accesses: readonly (() => unknown)[] = [
    () => space.read(AT, 8, "the test"),
    () => space.write(AT, 8, 0n, "the test"),
    () => space.readByte(virtAddr(0x2000n), "the test"),
    () => space.writeByte(virtAddr(0x2000n), 0, "the test"),
    () => space.readWord(AT, "the test"),
    () => space.writeWord(AT, 0n, "the test"),
    () => space.readEntry(1, 0xffc, 8, "little", "the test"),
    () => space.writeEntry(2, 0, 8, 0n, "little", "the test"),
    () => space.runs(AT, byteCount(5n), "the test"),
    () => space.firstDifferent(AT, byteCount(5n), 0, "the test"),
  ];
  for (const [index, access] of accesses.entries()) {
    assert(tell(access).endsWith(UNMAPPED), `access ${index}: ${tell(access)}`);
  }
  assertEquals(tell(() => space.read(AT, 4, "the test")), "0x0");
  assertEquals(tell(() => space.fill(virtAddr(0x9000n), byteCount(0n), 1, "the test")), "void");
});

Deno.test("SwitchableSpace fills up to its reach before it refuses", () => {
  const space = new SwitchableSpace(ramOf(64n));
  space.switchTo(space.target, byteCount(0x2000n));
  const told = tell(() => space.fill(AT, byteCount(8n), 0x5a, "the test"));
  assertEquals(
    told,
    "fault: the test fills 8 bytes from 0x1ffc with 0x5a and reaches 0x2000, " + UNMAPPED,
  );
  assertEquals(space.read(AT, 4, "the test"), 0x5a5a5a5an);
  assertEquals(space.target.read(virtAddr(0x2000n), 4, "the test"), 0n);
});

Deno.test("a copy of a machine sees memory as the original does", () => {
  const options = { arch: arch("x86_64"), edition: edition("head") };
  const early = cloneMachine(boot({ ...options, until: "main" }).machine);
  assertEquals(early.space.reach, byteCount(1n << 32n));
  const late = cloneMachine(boot(options).machine);
  assertEquals(late.space.reach, null);
  assert(tell(() => late.space.readByte(virtAddr(1n << 40n), "the test")).endsWith(UNMAPPED));
});

Deno.test("what RAM holds at power-on does not matter to boot, as every table is cleared", () => {
  for (const target of ARCHS) {
    const options = { arch: target, edition: edition("head") };
    const clean = boot(options);
    const dirty = boot({ ...options, powerOn: { kind: "garbage", seed: 7 } });
    assertEquals(dirty.outcome.kind, "returned", target.name);
    assertEquals(dirty.machine.pages.areas(), clean.machine.pages.areas(), target.name);
    assertEquals(dirty.events, clean.events);
  }
});
