import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { parseMemoryMapText, qemuMemoryMap } from "../src/memory/mod.ts";
import { QEMU_ARM_VIRT, QEMU_FROM_ZERO, QEMU_PC, QEMU_RISCV_VIRT } from "../src/memory/mod.ts";
import type { QemuLayout } from "../src/memory/mod.ts";
import { boot } from "../src/boot/mod.ts";
import type { BootOptions } from "../src/boot/mod.ts";
import {
  bootToJson,
  type BootVerdict,
  bootVerdict,
  lossesOf,
  printBootVerdicts,
  sizeWords,
  verdictText,
} from "../src/report/mod.ts";
import { byteCount } from "../src/units.ts";
import { arch, edition } from "./support.ts";

const GIB = 2n ** 30n;

/** Boots on a map from text. */
function verdictOn(
  text: string,
  options: Partial<BootOptions> & { archName?: string; editionName?: string } = {},
): BootVerdict {
  const { archName = "x86_64", editionName = "head", inputs = {}, ...rest } = options;
  const { ranges, notes } = parseMemoryMapText(text);
  const booted = boot({
    arch: arch(archName),
    edition: edition(editionName),
    inputs: { firmwareLimit: 2n ** 64n - 1n, ...inputs, memory: ranges },
    ...rest,
  });
  return bootVerdict(booted, { name: "a test", numbers: "line", ranges, notes });
}

/** Boots on RAM as QEMU lays it out. */
function verdictOnRam(archName: string, ram: bigint, editionName = "head"): BootVerdict {
  const layouts: Readonly<Record<string, QemuLayout>> = {
    arm: QEMU_ARM_VIRT,
    arm64: QEMU_ARM_VIRT,
    s390x: QEMU_FROM_ZERO,
    ppc64: QEMU_FROM_ZERO,
    riscv64: QEMU_RISCV_VIRT,
    riscv32: QEMU_RISCV_VIRT,
  };
  const { ranges } = qemuMemoryMap(layouts[archName] ?? QEMU_PC, byteCount(ram));
  const booted = boot({
    arch: arch(archName),
    edition: edition(editionName),
    inputs: { memory: ranges },
  });
  const lines = ranges.map((range, index) => ({ ...range, line: index + 1, text: "" }));
  return bootVerdict(booted, { name: "RAM", numbers: "range", ranges: lines, notes: [] });
}

/** What was lost, as `reason MiB`. */
function losses(verdict: BootVerdict): string[] {
  return lossesOf(verdict).map(({ reason, bytes }) => `${reason} ${sizeWords(bytes)}`);
}

Deno.test("bootVerdict() gives each byte of RAM one use, on all architectures", () => {
  for (const { name } of ARCHS) {
    for (const editionName of ["buddy-2020-10", "areas-2021-01", "head", "repaired"]) {
      const verdict = verdictOnRam(name, GIB, editionName);
      const ram = verdict.map.ranges.filter(({ kind }) => kind === "ram");
      const total = ram.reduce((sum, { size }) => sum + size, 0n);
      const told = verdict.parts.reduce((sum, { first, end }) => sum + (end - first), 0n);
      assertEquals(told, total, `${name} ${editionName}`);
      for (const [index, part] of verdict.parts.entries()) {
        assert(part.first < part.end, `${name} ${editionName}: part ${index} is empty`);
        const next = verdict.parts[index + 1];
        assert(next === undefined || next.first >= part.end, `${name}: part ${index} overlaps`);
      }
    }
  }
});

Deno.test("bootVerdict() counts as many pages for boot as page states say", () => {
  for (const target of ARCHS) {
    for (const pageShift of target.pageShifts) {
      const booted = boot({ arch: target, edition: edition("head"), pageShift });
      const ranges = booted.machine.platform?.inputs.memory ?? [];
      const lines = ranges.map(({ first, size, kind }, index) => ({
        first,
        size,
        kind,
        line: index + 1,
        text: "",
      }));
      const verdict = bootVerdict(booted, {
        name: "the recorded guest",
        numbers: "range",
        ranges: lines,
        notes: [],
      });
      const taken = verdict.allocations.reduce((sum, { frames }) => sum + frames, 0);
      const inUse = booted.machine.pages.areas().flatMap(({ states }) => states)
        .filter(({ state }) => state >= 0x80 && state < 0xc0)
        .reduce((sum, { count }) => sum + count, 0);
      assertEquals(taken, inUse, `${target.name} ${pageShift}`);
    }
  }
});

Deno.test("bootVerdict() agrees with the counts of recorded guests", () => {
  const pages = (name: string, ram: bigint): string => {
    const { allocations } = verdictOnRam(name, ram);
    const sum = (wanted: string): number =>
      allocations.filter(({ when }) => when === wanted).reduce(
        (all, { frames }) => all + frames,
        0,
      );
    return `${sum("before setup_mmu")} ${sum("in setup_mmu")}`;
  };
  assertEquals(pages("x86_64", 8n * GIB), "0 6");
  assertEquals(pages("i386", 2n * GIB), "0 1");
  assertEquals(pages("arm", 2n * GIB), "4 1026");
  assertEquals(pages("arm64", 5n * GIB), "5 2565");
  assertEquals(pages("s390x", 3n * GIB), "1 3232");
  assertEquals(pages("ppc64", GIB), "0 516");
  assertEquals(pages("riscv64", 5n * GIB), "3 2565");
  assertEquals(pages("riscv32", 2n * GIB), "2 256");
});

const LOW = "0-0x9fbff ram\n0x100000-0x3fffffff ram\n";

Deno.test("bootVerdict() says why find_highmem passes ranges over", () => {
  const verdict = verdictOn(
    `${LOW}0x100000000-0x10fffffff ram\n0x200000000-0x27fffffff ram\n0x300000000-0x3bfffffff ram\n`,
  );
  assertEquals(losses(verdict), [
    "last-mebibyte 1 MiB",
    "shorter-than-low-memory 256 MiB",
    "only-one-further-range 2 GiB",
  ]);
  assertEquals(verdict.areas.map(({ area }) => area), [1, 2]);
});

Deno.test("bootVerdict() tells limits of find_highmem apart", () => {
  const map = `${LOW}0x100000000-0x1ffffffff ram\n`;
  const limited = (memLimitMib: bigint | null, firmwareLimit: bigint | null): string[] =>
    losses(verdictOn(map, { inputs: { memLimitMib, firmwareLimit } }));
  assertEquals(limited(null, null), ["last-mebibyte 1 MiB", "beyond-firmware-limit 4 GiB"]);
  assertEquals(limited(6144n, null), ["last-mebibyte 1 MiB", "cut-at-firmware-limit 2 GiB"]);
  assertEquals(limited(8192n, null), ["last-mebibyte 1 MiB"]);
  assertEquals(limited(null, 2n ** 64n - 1n), ["last-mebibyte 1 MiB"]);
});

Deno.test("bootVerdict() counts the ends that are no whole large page", () => {
  const verdict = verdictOn(`${LOW}0x100001000-0x1fffffffe ram\n`);
  assertEquals(losses(verdict), ["last-mebibyte 1 MiB", "rounded-to-large-pages 4.0 MiB"]);
});

Deno.test("bootVerdict() gives i386 low memory only", () => {
  const verdict = verdictOn(`${LOW}0x50000000-0xafffffff ram\n`, { archName: "i386" });
  assertEquals(losses(verdict), ["last-mebibyte 1 MiB", "only-low-memory 1.5 GiB"]);
});

Deno.test("bootVerdict() finds what a gap and a half increment cost on s390x", () => {
  const verdict = verdictOn("0-0x100807ff ram\n0x20000000-0x2fffffff ram\n", { archName: "s390x" });
  assertEquals(losses(verdict), ["part-of-an-increment 514 KiB", "beyond-a-gap 256 MiB"]);
});

Deno.test("bootVerdict() finds regions that are not that of the image", () => {
  const map = "0x40000000-0x4fffffff ram\n0x50000000-0x5fffffff ram\n";
  assertEquals(losses(verdictOn(map, { archName: "arm64" })), [
    "not-the-region-of-the-image 256 MiB",
  ]);
});

Deno.test("bootVerdict() names the line that stops a boot", () => {
  const { cause, stopped, map } = verdictOn(`${LOW}0x50000000-0xafffffff ram\n`);
  assertEquals(stopped?.kind, "assertion-failed");
  assertEquals(map.ranges[cause?.range ?? -1]?.line, 3);
});

Deno.test("bootVerdict() names no line where the image lies outside of memory", () => {
  const verdict = verdictOn("0x40000000-0x400dffff ram\n", { archName: "arm64" });
  assertEquals(verdict.cause, {
    range: null,
    text: "0x401e0000, the end of the image, lies in no line of the map",
  });
});

Deno.test("verdictText() says losses and risks, and nothing where there are none", () => {
  assertEquals(verdictText(verdictOnRam("s390x", GIB)), "boots");
  assertEquals(
    verdictText(verdictOnRam("x86_64", GIB / 8n)),
    "boots, but loses 1 MiB of 127.5 MiB",
  );
  assertEquals(
    verdictText(verdictOnRam("ppc64", 32n * GIB)),
    "boots, but hands out 1 GiB that it does not map",
  );
});

Deno.test("printBootVerdicts() writes no line of more than 100 columns", () => {
  for (const { name } of ARCHS) {
    const verdicts = ["buddy-2020-10", "head"].map((one) => verdictOnRam(name, GIB, one));
    for (const line of printBootVerdicts(verdicts).split("\n")) {
      assert([...line].length <= 100, line);
    }
  }
});

Deno.test("printBootVerdicts() draws blocks if it is told to", () => {
  const text = printBootVerdicts([verdictOnRam("i386", 3n * GIB)], { glyphs: "blocks" });
  assert(text.includes(`0x0  ${"█".repeat(32)}${"▚".repeat(16)}  0xbffe0000`), text);
});

Deno.test("bootToJson() is plain data with the members that it documents", () => {
  const json = bootToJson([verdictOnRam("x86_64", 8n * GIB)]);
  const back: unknown = JSON.parse(JSON.stringify(json));
  assertEquals(back, json);
  assertEquals(Object.keys(json ?? {}), [
    "format",
    "arch",
    "pageSize",
    "firmware",
    "map",
    "verdicts",
  ]);
});

Deno.test("bootVerdict() takes a map of 10,000 ranges, and the text names the first of them", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => {
    const first = 0x1_0000_0000n + BigInt(index) * 0x4000n;
    return `0x${first.toString(16)}-0x${(first + 0x1fffn).toString(16)} ram`;
  });
  const verdict = verdictOn(`${LOW}${lines.join("\n")}\n`);
  assertEquals(losses(verdict), ["last-mebibyte 1 MiB", "shorter-than-low-memory 78.1 MiB"]);
  assert(printBootVerdicts([verdict]).includes("lines 3, 4, 5, 6, 7, 8, 9, 10 and 9992 more"));
});
