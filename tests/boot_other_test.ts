/** Boot of s390x, ppc64 and riscv, and what all architectures have in common. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import {
  boot,
  type BootInputs,
  type BootPoint,
  cloneMachine,
  createMachine,
  EDITIONS,
  formatStopped,
  type Machine,
  malloc,
  setUpVm,
  smpCpuDestroy,
  smpCpuSetup,
  virtAddr,
} from "../mod.ts";
import { guestOptions, ram } from "./boot_support.ts";
import { arch, edition, tell } from "./support.ts";

const GIB = 1n << 30n;

function booted(archName: string, inputs: Partial<BootInputs> = {}, name = "head"): Machine {
  return boot({ arch: arch(archName), edition: edition(name), inputs }).machine;
}

function endOf(archName: string, inputs: Partial<BootInputs>): string {
  const { outcome } = boot({ arch: arch(archName), edition: edition("head"), inputs });
  return outcome.kind === "returned" ? "" : formatStopped(outcome);
}

function canWrite(machine: Machine, address: bigint): boolean {
  return tell(() => machine.space.write(virtAddr(address), 1, 0n, "the test")) === "void";
}

Deno.test("s390x finds RAM increment by increment", () => {
  const top = (inputs: Partial<BootInputs>): bigint => booted("s390x", inputs).early.top;
  assertEquals(top({ memory: [ram(0n, 0x8012345n)] }), 0x8000000n);
  assertEquals(top({ memory: [ram(0n, 0x4000000n), ram(0x4000000n, 0x4000000n)] }), 0x8000000n);
  assertEquals(top({ memory: [ram(0n, 0x4000000n), ram(0x8000000n, 0x4000000n)] }), 0x4000000n);
});

Deno.test("smpCpuSetup() takes a lowcore below 2 GiB and a stack from anywhere", () => {
  const machine = booted("s390x", { memory: [ram(0n, 3n * GIB)] });
  machine.space.write(virtAddr(0x1a0n), 8, 0x1122n, "the test");
  machine.space.write(virtAddr(0x208n), 8, 0x3344n, "the test");
  const cpu = smpCpuSetup(machine);
  assert(cpu.lowcore !== null && cpu.stack !== null);
  assert(cpu.lowcore < 2n * GIB && cpu.lowcore % 0x2000n === 0n && cpu.stack >= 2n * GIB);
  assertEquals(machine.space.read(virtAddr(cpu.lowcore + 0x1a0n), 8, "the test"), 0x1122n);
  assertEquals(machine.space.read(virtAddr(cpu.lowcore + 0x208n), 8, "the test"), 0n);
  const before = machine.pages.areas().flatMap(({ freeLists }) => freeLists).length;
  smpCpuDestroy(machine, cpu);
  assert(machine.pages.areas().flatMap(({ freeLists }) => freeLists).length >= before);
  assert(tell(() => smpCpuDestroy(machine, cpu)).startsWith("lib/alloc_page.c:285"));
});

Deno.test("smpCpuSetup() of 2020 clears the lowcore itself, and does not notice a missing one", () => {
  const machine = booted("s390x", {}, "buddy-2020-10");
  const first = smpCpuSetup(machine);
  assert(first.lowcore !== null);
  machine.space.write(virtAddr(first.lowcore + 0x1ff8n), 8, 5n, "the test");
  smpCpuDestroy(machine, first);
  const again = smpCpuSetup(machine);
  assertEquals(again.lowcore, first.lowcore);
  assertEquals(machine.space.read(virtAddr(first.lowcore + 0x1ff8n), 8, "the test"), 0n);
  for (let order = 20; order >= 0; order--) while (machine.pages.allocPages(order, -1) !== null);
  assertEquals(smpCpuSetup(machine), { lowcore: null, stack: null });
});

Deno.test("smpCpuSetup() is for s390x only", () => {
  assertThrows(() => smpCpuSetup(booted("i386")), RangeError, "the machine must be s390x");
});

Deno.test("ppc64 maps no more than 31 GiB, and not page 0", () => {
  const machine = booted("ppc64", { memory: [ram(0n, 32n * GIB)] });
  assertEquals(machine.pages.areas()[0]?.top, 0x80000);
  assert(canWrite(machine, 31n * GIB - 1n));
  assert(!canWrite(machine, 31n * GIB));
  assert(!canWrite(machine, 0n));
  assert(canWrite(machine, 0x10000n));
});

Deno.test("ppc64 without radix tables cannot set up vmalloc", () => {
  assertEquals(
    endOf("ppc64", { powerMmu: "hash" }),
    "lib/vmalloc.c:218: assert failed: vm_available(): Virtual memory not available. " +
      "Must check vm_available() before calling setup_vm()",
  );
});

Deno.test("ppc64 of 2020 has the early allocator only", () => {
  const { machine, notes } = boot({ arch: arch("ppc64"), edition: edition("zero-2021-01") });
  assertEquals([machine.ops.current, machine.pages.areas().length], ["early", 0]);
  assertEquals(malloc(machine, 8n), 0x480000n);
  assertEquals(notes, [
    "this edition has no page allocator on ppc64: boot ends with early memory",
  ]);
});

Deno.test("riscv64 sets memory from 3 GiB on aside, and maps it", () => {
  const machine = booted("riscv64", { memory: [ram(2n * GIB, 2n * GIB)] });
  assertEquals(machine.platform?.regions.at(-1)?.kind, "unused");
  assertEquals(machine.pages.areas()[0]?.top, 0xc0000);
  assert(canWrite(machine, 0xc0000000n));
  assert(!canWrite(machine, 0x80000000n));
});

Deno.test("riscv32 with RAM up to 4 GiB maps nothing of what it set aside", () => {
  const machine = booted("riscv32", { memory: [ram(2n * GIB, 2n * GIB)] });
  assert(canWrite(machine, 0xbffff000n));
  assert(!canWrite(machine, 0xc0000000n));
});

Deno.test("riscv64 wants 16 MiB", () => {
  assertEquals(
    endOf("riscv64", { memory: [ram(2n * GIB, 0x1200000n)] }),
    "lib/riscv/setup.c:?: assert failed: freemem_end - freemem_start >= SZ_1M * 16",
  );
  assertEquals(endOf("riscv64", { memory: [ram(2n * GIB, 0x1300000n)] }), "");
});

Deno.test("every edition boots every architecture of the recorded guests", () => {
  for (const one of EDITIONS) {
    for (const target of ARCHS) {
      const { outcome, notes } = boot({ arch: target, edition: one });
      assertEquals(outcome.kind, "returned", `${one.name} on ${target.name}`);
      const isPort = target.boot.family === "riscv" && one.riscvPort === "not-yet";
      const isEarly = target.boot.family === "ppc64" && one.ppcAllocators === "early-only";
      assertEquals(notes.length, isPort || isEarly ? 1 : 0);
    }
  }
});

Deno.test("boot() can stop before setup_vm, or where the test begins", () => {
  for (const target of ARCHS) {
    const points: BootPoint[] = [];
    const observe = (point: BootPoint): void => void points.push(point);
    const options = { arch: target, edition: edition("head") };
    const { machine } = boot({ ...options, until: "setup-vm", observe });
    assert(machine.ops.current !== "vmalloc", target.name);
    assert(!points.includes("before-setup-mmu"));
    setUpVm(machine, observe);
    assertEquals(points.at(-1), "after-setup-vm");
    const whole = boot(options).machine;
    assertEquals(machine.pages.areas(), whole.pages.areas(), target.name);
    assertEquals(machine.vmalloc, whole.vmalloc);
    const isBefore = boot({ ...options, until: "main" }).machine.ops.current !== "vmalloc";
    assertEquals(isBefore, ["x86", "s390x", "ppc64"].includes(target.boot.family));
  }
});

Deno.test("a copy of a machine that booted half boots on like the original", () => {
  const { machine } = boot({ ...guestOptions("x86_64-5G-q35-memlimit"), until: "setup-vm" });
  const copy = cloneMachine(machine);
  const [one, other] = [setUpVm(machine), setUpVm(copy)];
  assertEquals(other.events, one.events);
  assertEquals(copy.pages.areas(), machine.pages.areas());
});

Deno.test("setUpVm() needs a machine that booted", () => {
  const machine = createMachine({ arch: arch("s390x"), edition: edition("head") });
  assertThrows(() => setUpVm(machine), RangeError, "did not boot");
});

Deno.test("the steps of each architecture end with main and setup_vm, in one order or the other", () => {
  for (const target of ARCHS) {
    for (const steps of Object.values(target.boot.steps)) {
      assertEquals(steps.slice(-2).toSorted(), ["main", "setup-vm"], target.name);
      assertEquals(new Set(steps).size, steps.length, target.name);
    }
  }
});

Deno.test("boot() of riscv64 by EFI takes the largest free range, cut at 3 GiB", () => {
  const memory = [
    ram(0x80000000n, 0x80000n, "reserved"),
    ram(0x80080000n, 0x180000n, "loader-code"),
    ram(0x80200000n, 0x7fe00000n, "conventional"),
  ];
  const machine = booted("riscv64", { firmware: "efi", memory });
  const area = machine.pages.areas()[0];
  assertEquals([area?.metadata, area?.top], [0x80202, 0xc0000]);
  assertEquals(machine.platform?.regions.map(({ kind }) => kind), [
    "reserved",
    "code",
    "data",
    "unused",
  ]);
});

Deno.test("boot() refuses more memory than page tables of 1 GiB can map", () => {
  for (const name of ["arm64", "riscv64", "s390x"]) {
    const [first] = arch(name).boot.defaults.memory;
    const memory = [ram(first?.first ?? 0n, 1n << 46n)];
    assertThrows(() => booted(name, { memory }), RangeError, "at most 2^39 bytes");
  }
});
