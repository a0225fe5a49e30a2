/**
 * Blocks of vmalloc and page tables in dumps: what xray finds is what the machine's own tables say.
 */

// bits: frame numbers and page sizes below 2^31, and bigints.

import { assert, assertEquals } from "@std/assert";
import { ARCHS, RISCV32, S390X, X86_64 } from "../arch/mod.ts";
import { type Machine, parseScenario, physAddr, type Run, runScenario, virtAddr } from "../mod.ts";
import { translate } from "../src/memory/page_table/mod.ts";
import { bytesSource, type Xray, xray } from "../src/xray/mod.ts";
import { BUILDS, dumpOf, xrayOf } from "./xray_support.ts";

/** Calls after which blocks of both forms are in use, some in pages that others gave back. */
const MALLOCS = `boot
a = malloc 100
b = malloc 10000
c = malloc 200000
d = malloc 8
free d
e = memalign 16384 70000
free b
f = malloc 130000
`;
const FREED = ["b", "d"];

/** The addresses that steps gave and no step took back, ascending. */
function blocksOf(run: Run): bigint[] {
  const given = run.steps.flatMap(({ statement, outcome }) => {
    const name = statement.kind === "call" ? statement.result : null;
    if (name === null || FREED.includes(name) || outcome.kind !== "returned") return [];
    return outcome.value.kind === "address" ? [outcome.value.value] : [];
  });
  return given.toSorted((one, other) => one < other ? -1 : 1);
}

/** The builds that are tried with holes in the virtual addresses, too. */
const REPAIRED = BUILDS.filter(({ arch }) => arch === X86_64 || arch === RISCV32);

/** A machine behind a scenario. */
function machineAfter(text: string): { machine: Machine; run: Run } {
  const run = runScenario(parseScenario(text).scenario, { archs: ARCHS });
  return { run, machine: run.machineAfter(run.steps.length - 1) };
}

Deno.test("xray() finds vmalloc's blocks, their addresses and frames, and the page tables", () => {
  for (const name of ["head", "repaired"]) {
    for (const { arch, pageShift, byteOrder } of name === "head" ? BUILDS : REPAIRED) {
      const machineLine = `machine ${arch.name} edition=${name} ` +
        `page-size=${2 ** (pageShift - 10)}K byte-order=${byteOrder}\n`;
      const { machine, run } = machineAfter(machineLine + MALLOCS);
      const { mmu: { tables }, ram } = machine;
      assert(tables !== null);
      const { vmalloc, pageTables } = xrayOf(machine, "elf");
      assertEquals(pageTables, { root: tables.root, by: "its contents" }, machineLine);
      assertEquals(vmalloc.map(({ virtual }) => virtual), blocksOf(run), machineLine);
      for (const { magic, size, virtual, frames, pages } of vmalloc) {
        assertEquals(ram.peek(physAddr(magic), arch.wordBits === 64 ? 8 : 4), 0x7e57c0den);
        assertEquals(size, "plausible");
        const seen = frames.flatMap(([first, count]) =>
          Array.from({ length: count }, (_, index) => first + index)
        );
        const mapped = Array.from({ length: Number(pages ?? 1n) }, (_, index) => {
          const at = translate(tables, virtAddr((virtual ?? 0n) + BigInt(index << pageShift)));
          return Number((at?.physical ?? 0n) >> BigInt(pageShift));
        });
        assertEquals(seen, mapped, machineLine);
      }
    }
  }
});

/** A core with a note more: its program headers stand at the end, and the notes behind them. */
function withNote(file: Uint8Array, type: number, name: string, size: number): Uint8Array {
  const isLittle = file[5] === 1;
  const count = new DataView(file.buffer).getUint16(56, isLittle);
  const notes = file.length + 56 * (count + 1);
  const result = new Uint8Array(notes + 20 + size);
  result.set(file);
  result.set(file.subarray(64, 64 + 56 * count), file.length);
  result.set(new TextEncoder().encode(name), notes + 12);
  const view = new DataView(result.buffer);
  view.setBigUint64(32, BigInt(file.length), isLittle);
  view.setUint16(56, count + 1, isLittle);
  view.setUint32(notes - 56, 4, isLittle); // PT_NOTE
  view.setBigUint64(notes - 56 + 8, BigInt(notes), isLittle);
  view.setBigUint64(notes - 56 + 32, BigInt(20 + size), isLittle);
  for (const [index, value] of [name.length + 1, size, type].entries()) {
    view.setUint32(notes + 4 * index, value, isLittle);
  }
  return result;
}

/** What QEMU writes of a CPU on x86_64 and s390x: a word at an offset, and nothing else. */
const NOTES = [
  { arch: X86_64, type: 0, name: "QEMU", size: 440, offset: 416 },
  { arch: S390X, type: 0x304, name: "CORE", size: 128, offset: 8 },
] as const;

Deno.test("xray() takes the root of the page tables from the notes of an ELF core, if it leads anywhere", () => {
  for (const { arch, type, name, size, offset } of NOTES) {
    const [byteOrder] = arch.byteOrders;
    const machine = machineAfter(`machine ${arch.name} ram=32M edition=head\n${MALLOCS}`).machine;
    const root = machine.mmu.tables?.root ?? 0n;
    const sound = dumpOf(machine, "elf");
    const wanted = xray(bytesSource(sound), { archs: ARCHS });
    const file = withNote(sound, type, name, size);
    const view = new DataView(file.buffer, file.length - size - 20);
    const isLittle = byteOrder === "little";
    const look = (register: bigint, bytes: number): Xray => {
      view.setUint32(4, bytes, isLittle);
      view.setBigUint64(20 + offset, register, isLittle);
      return xray(bytesSource(file), { archs: ARCHS });
    };
    const flags = arch === S390X ? 0xfn : 0n;
    const found = look(root | flags, size);
    assertEquals(found.pageTables, { root, by: "a register" }, arch.name);
    assertEquals(found.vmalloc, wanted.vmalloc, arch.name);
    for (const other of [look(0x1234000n, size), look(2n ** 64n - 4096n, size), look(root, 8)]) {
      assertEquals(other.pageTables, { root, by: "its contents" }, arch.name);
    }
  }
});

Deno.test("xray() says of a block of vmalloc if so many pages are not in use as its number says", () => {
  const { machine } = machineAfter(`machine arm64 ram=32M edition=head page-size=4K\n${MALLOCS}`);
  const sound = xrayOf(machine, "elf").vmalloc;
  const file = dumpOf(machine, "elf");
  const view = new DataView(file.buffer);
  const LITTLE = true;
  for (const { magic, pages } of sound) {
    if (pages === null) continue;
    view.setBigUint64(Number(magic - 0x40000000n) + 4096 - 8, pages + 64n, LITTLE);
  }
  const { vmalloc } = xray(bytesSource(file), { archs: ARCHS });
  assertEquals(
    vmalloc.map(({ virtual, pages, size }) => [virtual, pages, size]),
    sound.map(({ virtual, pages }) =>
      pages === null ? [virtual, null, "plausible"] : [virtual, pages + 64n, "too many pages"]
    ),
  );
});

Deno.test("xray() leaves the addresses of vmalloc's blocks out if no page table in the dump leads to them", () => {
  const { machine } = machineAfter(`machine arm64 ram=32M edition=head page-size=4K\n${MALLOCS}`);
  const root = machine.mmu.tables?.root ?? 0n;
  const file = dumpOf(machine, "raw");
  file.fill(0, Number(root - 0x40000000n), Number(root - 0x40000000n) + 4096);
  const { pageTables, vmalloc } = xray(bytesSource(file), { archs: ARCHS });
  assertEquals(pageTables, null);
  assertEquals(vmalloc.map(({ virtual }) => virtual), [null, null, null, null]);
});
