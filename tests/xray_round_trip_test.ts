/**
 * Dumps of the model's own machines, read back: what xray finds is what the machine has.
 */

import { assert, assertEquals } from "@std/assert";
import { ARM64, I386, S390X, X86_64 } from "../arch/mod.ts";
import { boot, byteCount, EDITIONS, physAddr } from "../mod.ts";
import { ARCHS } from "../arch/mod.ts";
import { qemuMemoryOf } from "../src/boot/mod.ts";
import { planDump, xray } from "../src/xray/mod.ts";
import { edition } from "./support.ts";
import {
  areasOf,
  bareMachineOf,
  bootedMachine,
  BUILDS,
  buildText,
  foundAreas,
  sparse,
  xrayOf,
} from "./xray_support.ts";

Deno.test("xray() finds the areas of a booted machine of every build, in both forms", () => {
  for (const build of BUILDS) {
    const machine = bootedMachine(build, edition("head"));
    for (const form of ["raw", "elf"] as const) {
      const found = xrayOf(machine, form, form === "raw" ? { archs: [build.arch] } : {});
      const where = `${buildText(build)} ${form}`;
      assertEquals(foundAreas(found), areasOf(machine), where);
      assertEquals(found.corrupt, [], where);
      assertEquals(found.subject.arch.name, build.arch.name, where);
      assertEquals(found.subject.pageShift, build.pageShift, where);
      assertEquals(found.byteOrder, build.byteOrder, where);
      assertEquals(found.descriptors, machine.options.areasAddress, where);
      assert(found.editions.includes(machine.edition), where);
    }
  }
});

Deno.test("xray() finds the area of a bare machine of every build, with and without its descriptor", () => {
  for (const build of BUILDS) {
    const machine = bareMachineOf(build, edition("head"));
    const [elf, raw] = [xrayOf(machine, "elf"), xrayOf(machine, "raw", { archs: [build.arch] })];
    assertEquals(foundAreas(elf), areasOf(machine), buildText(build));
    assertEquals(foundAreas(raw), areasOf(machine, "left out"), buildText(build));
    assertEquals(elf.areas.map(({ origin }) => origin), ["found"], buildText(build));
    assertEquals(raw.areas.map(({ origin }) => origin), ["worked out"], buildText(build));
    assertEquals([...elf.corrupt, ...raw.corrupt], [], buildText(build));
  }
});

Deno.test("xray() reads the areas of every edition that has some, and lists it as fitting", () => {
  for (const one of EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas")) {
    for (const arch of [ARM64, I386, S390X]) {
      const build = { arch, pageShift: 12, byteOrder: arch.byteOrders[0] };
      const machine = bareMachineOf(build, one);
      for (const form of ["raw", "elf"] as const) {
        const found = xrayOf(machine, form, { archs: [arch] });
        const where = `${one.name} ${buildText(build)} ${form}`;
        const maxOrder = form === "raw" ? "left out" : "kept";
        assertEquals(foundAreas(found), areasOf(machine, maxOrder), where);
        const isShown = found.editions.includes(one);
        // On a machine with one zone the repaired edition's descriptors are those of upstream's.
        assert(
          isShown || one.commit === null,
          `${where} fits ${found.editions.map((e) => e.name)}`,
        );
      }
    }
  }
});

Deno.test("xray() finds several areas, each in its slot", () => {
  const cases = [
    { arch: S390X, ram: 3n << 30n },
    { arch: X86_64, ram: 5n << 30n },
  ];
  for (const { arch, ram } of cases) {
    const memory = qemuMemoryOf(arch, byteCount(ram));
    const limit = arch === X86_64 ? { memLimitMib: 0x100000n } : {};
    const machine =
      boot({ arch, edition: edition("repaired"), inputs: { memory, ...limit } }).machine;
    const found = xray(sparse(planDump(machine, "elf")).source, { archs: ARCHS });
    assert(found.areas.length > 1, `${arch.name} has several areas`);
    assertEquals(foundAreas(found), areasOf(machine), arch.name);
    assertEquals(found.corrupt, [], arch.name);
  }
});

Deno.test("xray() reads less than a hundredth of a dump of 4 GiB", () => {
  for (const form of ["raw", "elf"] as const) {
    const memory = qemuMemoryOf(ARM64, byteCount(4n << 30n));
    const machine = boot({ arch: ARM64, edition: edition("head"), inputs: { memory } }).machine;
    const plan = planDump(machine, form);
    const { source, read } = sparse(plan);
    const found = xray(source, { archs: ARCHS });
    assertEquals(foundAreas(found), areasOf(machine));
    assertEquals([found.subject.arch.name, found.otherArchs], ["arm64", []]);
    assert(plan.size >= 2 ** 32);
    assert(read() < plan.size / 100, `${read()} of ${plan.size} bytes`);
  }
});

Deno.test("xray() takes the address of the descriptors, and searches for nothing then", () => {
  const build = { arch: X86_64, pageShift: 12, byteOrder: "little" } as const;
  const machine = bareMachineOf(build, edition("head"));
  const descriptors = physAddr(machine.options.areasAddress);
  const found = xrayOf(machine, "elf", { descriptors });
  assertEquals(foundAreas(found), areasOf(machine));
  assertEquals(found.areas.map(({ origin }) => origin), ["given"]);
});
