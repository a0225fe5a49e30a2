/** The journal by which calls are judged, and what was seen last: both equal to looking at everything. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ARCHS, X86_64 } from "../arch/mod.ts";
import { areaTableOf } from "../src/edition.ts";
import { findViolations, Ledger } from "../src/check/invariants/mod.ts";
import {
  byteCount,
  cloneMachine,
  createMachine,
  declareRam,
  type Machine,
  memoryMap,
  pfn,
  physAddr,
  Ram,
  virtAddr,
} from "../mod.ts";
import { WriteLog } from "../src/memory/write_log.ts";
import { randomCall, randomNumbers } from "./random_calls.ts";
import { edition } from "./support.ts";

const PAGES = 256;
const PAGE = 0x1000n;

function memory(seed: number): Ram {
  const all = { first: physAddr(0n), size: byteCount(BigInt(PAGES) * PAGE), kind: "ram" } as const;
  const powerOn = seed % 2 === 0 ? { kind: "zero" as const } : { kind: "garbage" as const, seed };
  return new Ram({ map: memoryMap([all]), wordBits: 64, byteOrder: "little", powerOn });
}

/** A write, a fill of any size or a loss of pages. */
function change(ram: Ram, random: (bound: number) => number): void {
  const [page, count] = [random(PAGES), 1 + random(random(4) === 0 ? 100 : 2)];
  const first = BigInt(page) * PAGE;
  const size = BigInt(Math.min(count, PAGES - page)) * PAGE;
  switch (random(5)) {
    case 0:
      return ram.discard(physAddr(first), byteCount(size));
    case 1:
      return ram.fill(virtAddr(first), byteCount(size), random(2), "a test");
    case 2:
      return void ram.readWord(virtAddr(first), "a test");
    default: {
      const offset = random(3) === 0 ? random(4000) : random(60);
      return ram.writeByte(virtAddr(first + BigInt(offset)), random(3), "a test");
    }
  }
}

function firstChange(before: Ram, after: Ram, first: number, end: number): bigint | null {
  for (let address = BigInt(first) * PAGE; address < BigInt(end) * PAGE; address++) {
    const at = physAddr(address);
    if (before.peekByte(at) !== after.peekByte(at)) return address;
  }
  return null;
}

function firstTouched(ram: Ram, first: number, end: number): number | null {
  for (let page = first; page < end; page++) {
    if (ram.backing(physAddr(BigInt(page) * PAGE)) === "touched") return page;
  }
  return null;
}

Deno.test("WriteJournal equals a copy of memory, and gives it back", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = randomNumbers(seed);
    const ram = memory(seed);
    for (let step = 0; step < 30; step++) change(ram, random);
    const before = ram.clone();
    const journal = ram.beginJournal();
    for (let step = 0; step < 12; step++) change(ram, random);
    ram.endJournal();
    const after = ram.clone();
    for (let step = 0; step < 4; step++) change(after, random);
    const restored = ram.clone();
    restored.restore(journal);
    assertEquals(firstChange(before, restored, 0, 16), null, `seed ${seed}`);
    const first = random(PAGES - 8);
    const range = [first, first + 8] as const;
    assertEquals(journal.firstChange(...range), firstChange(before, ram, ...range), `seed ${seed}`);
    const touched = firstTouched(before, 0, PAGES);
    assertEquals(journal.firstTouchedBefore(0, PAGES), touched, `seed ${seed}`);
  }
});

Deno.test("Ram.writes.count is another number after every write, and the same after a look", () => {
  const ram = memory(0);
  const at = virtAddr(0x1008n);
  for (let value = 0; value < 8; value++) {
    const before = ram.writes.count;
    ram.peekByte(physAddr(at));
    assertEquals(ram.writes.count, before);
    ram.readWord(at, "a test");
    ram.writeWord(at, BigInt(value), "a test");
    assertNotEquals(ram.writes.count, before);
  }
});

/** Areas and violations as a machine sees them that has seen nothing before. */
function afresh(machine: Machine): unknown {
  const copy = cloneMachine(machine);
  return [copy.pages.areas(), findViolations(copy)];
}

for (const name of ["repaired", "fresh-2021-01", "pfn-2021-01", "list-2020"]) {
  Deno.test(`what was seen last is what there is, after every call and poke (${name})`, () => {
    for (const [index, arch] of ARCHS.entries()) {
      const random = randomNumbers(index);
      const machine = createMachine({ arch, edition: edition(name) });
      const areas = Math.min(3, areaTableOf(arch, machine.edition).maxAreas);
      for (let area = 0; area < areas; area++) {
        const first = 0x1000 + area * 0x40;
        declareRam(machine, pfn(first), pfn(first + 0x21));
        machine.pages.initArea(area, pfn(first), pfn(first + 0x21));
      }
      const ledger = new Ledger(machine);
      for (let step = 0; step < 60 && machine.stopped === null; step++) {
        const call = randomCall(machine, ledger, random, {
          orders: 4,
          zones: [null],
          fresh: "sometimes",
          reservations: "sometimes",
        });
        ledger.run(call);
        const seen = [machine.pages.areas(), findViolations(machine)];
        assertEquals(seen, afresh(machine), `${arch.name}, step ${step}`);
        if (random(12) > 0) continue;
        const page = 0x1000n + BigInt(random(areas) * 0x40 + random(8));
        const address = random(4) === 0
          ? machine.options.areasAddress + BigInt(random(400))
          : page * BigInt(2 ** machine.pageShift) + BigInt(random(32));
        machine.ram.writeByte(virtAddr(address), random(256), "a test");
        const poked = [machine.pages.areas(), findViolations(machine)];
        assertEquals(poked, afresh(machine), `${arch.name}, step ${step}, poked`);
      }
    }
  });
}

Deno.test("an area that nobody wrote to is not read again: its view is the same object", () => {
  const machine = createMachine({ arch: X86_64, edition: edition("repaired"), engine: "literal" });
  for (const first of [0x1000, 0x2000]) {
    declareRam(machine, pfn(first), pfn(first + 0x21));
    machine.pages.initArea(0xff, pfn(first), pfn(first + 0x21));
  }
  const [one, other] = machine.pages.areas();
  const address = machine.pages.allocPages(0, 0) ?? virtAddr(0n);
  const [after, otherAfter] = machine.pages.areas();
  assertEquals([after === one, otherAfter === other], [false, true]);
  machine.ram.writeByte(virtAddr(0x2000fffn), 1, "a test");
  assert(machine.pages.areas()[0] === after);
  assert(machine.pages.areas()[1] !== other);
  machine.pages.freePages(address);
  assertEquals(findViolations(machine), []);
});

Deno.test("WriteLog knows the last writes, and says no of what is too long ago", () => {
  const log = new WriteLog();
  log.note(4, 6);
  const { count } = log;
  assertEquals([log.isAsItWas(0, 4, 0), log.isAsItWas(5, 9, 0), log.isAsItWas(6, 9, 0)], [
    true,
    false,
    true,
  ]);
  for (let write = 0; write < 128; write++) log.note(1000, 1001);
  assert(log.isAsItWas(0, 10, count));
  log.note(1000, 1001);
  assert(!log.isAsItWas(0, 10, count));
});
