/**
 * The allocator on two engines behind page tables: calls, vmalloc, changes of the tables, the host; every
 * observable.
 */

import { assert, assertEquals } from "@std/assert";
import {
  boot,
  byteCount,
  cloneMachine,
  free,
  installPage,
  type Machine,
  malloc,
  memalign,
  type Outcome,
  outcomeOf,
  physAddr,
  runOnMachine,
  translate,
  virtAddr,
} from "../mod.ts";
import { AutoPageAllocator } from "../src/alloc_page_fast/mod.ts";
import { walkAsHardware } from "../src/memory/page_table/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch, edition, flags, told } from "./support.ts";

type Random = (bound: number) => number;

/** Two guests that differ in their engine only, with page tables in use. */
interface Twins {
  literal: Machine;
  auto: Machine;
  readonly blocks: bigint[];
  readonly pages: bigint[];
  readonly calls: string[];
  fastSteps: number;
}

function bootedTwins(name: string, on: string): Twins {
  const [literal, auto] = (["literal", "auto"] as const).map((engine) => {
    const booted = boot({ arch: arch(name), edition: edition(on), engine });
    assertEquals([booted.outcome.kind, booted.machine.mmu.state], ["returned", "on"]);
    return booted.machine;
  });
  assert(literal !== undefined && auto !== undefined);
  return { literal, auto, blocks: [], pages: [], calls: [], fastSteps: 0 };
}

function engineOf({ pages }: Machine): string {
  return pages instanceof AutoPageAllocator ? pages.engine : "none";
}

function both(twins: Twins, what: string, action: (machine: Machine) => unknown): Outcome<unknown> {
  twins.calls.push(what);
  const wanted = runOnMachine(twins.literal, () => action(twins.literal));
  const got = runOnMachine(twins.auto, () => action(twins.auto));
  assertEquals(told(got), told(wanted), twins.calls.join("\n"));
  if (engineOf(twins.auto) === "fast") twins.fastSteps++;
  return wanted;
}

function memoryOf({ ram, pages, pageShift }: Machine): unknown {
  // A damaged descriptor can tell of areas that are none.
  const areas = pages.areas().filter(({ metadata, top }) =>
    top > metadata && top - metadata < 2 ** 24
  );
  return {
    touched: [...ram.touchedPages()],
    refaults: ram.refaults,
    areas: areas.map(({ metadata, top }) => {
      const first = physAddr(BigInt(metadata) << BigInt(pageShift));
      const size = byteCount(BigInt(top - metadata) << BigInt(pageShift));
      return ram.peekRuns(first, size).length;
    }),
  };
}

function assertSame({ literal, auto, calls }: Twins, what: "areas" | "memory too"): void {
  assertEquals(auto.pages.areas(), literal.pages.areas(), calls.join("\n"));
  if (what === "memory too") assertEquals(memoryOf(auto), memoryOf(literal), calls.join("\n"));
}

function take(twins: Twins, random: Random): void {
  const size = BigInt(1 + random(random(2) === 0 ? 60 : 40_000));
  if (random(3) > 0) {
    const outcome = both(twins, `malloc ${size}`, (machine) => malloc(machine, size));
    if (outcome.kind === "returned" && typeof outcome.value === "bigint") {
      twins.blocks.push(outcome.value);
    }
    return;
  }
  if (random(4) === 0) {
    const alignment = 1n << BigInt(random(15));
    const outcome = both(
      twins,
      `memalign ${alignment} ${size}`,
      (machine) => memalign(machine, alignment, size),
    );
    if (outcome.kind === "returned" && typeof outcome.value === "bigint") {
      twins.blocks.push(outcome.value);
    }
    return;
  }
  const order = random(5);
  const wanted = flags(twins.literal, random(2) === 0 ? { dontZero: true } : {});
  const outcome = both(twins, `pages ${order}`, ({ pages }) => pages.allocPages(order, wanted));
  if (outcome.kind === "returned" && typeof outcome.value === "bigint") {
    twins.pages.push(outcome.value);
  }
}

function give(twins: Twins, random: Random): void {
  const list = random(2) === 0 ? twins.blocks : twins.pages;
  const [address] = list.splice(random(list.length), 1);
  if (address === undefined) return;
  if (list === twins.blocks) {
    both(twins, `free ${address}`, (machine) => free(machine, virtAddr(address)));
  } else both(twins, `free pages ${address}`, ({ pages }) => pages.freePages(virtAddr(address)));
}

function use(twins: Twins, random: Random): void {
  const list = random(2) === 0 ? twins.blocks : twins.pages;
  const address = list[random(list.length)];
  if (address === undefined) return;
  const value = BigInt(random(1000));
  both(
    twins,
    `write ${address}`,
    ({ space }) => space.write(virtAddr(address), 4, value, "a test"),
  );
}

/** An address of the allocator's, or near. */
function ownAddress({ literal }: Twins, random: Random): bigint {
  const areas = literal.pages.areas();
  const view = areas[random(areas.length)];
  assert(view !== undefined);
  const near = random(2) === 0 ? random(40) : random(view.top - view.metadata);
  return BigInt(view.metadata + near) << BigInt(literal.pageShift);
}

/** Where the entries lie that map an address, the last one first. */
function entriesOf(machine: Machine, address: bigint): { at: bigint; entry: bigint }[] {
  const { tables } = machine.mmu;
  assert(tables !== null);
  const walked = outcomeOf(() => walkAsHardware(tables, virtAddr(address)));
  const steps = walked.kind === "returned" ? walked.value.steps : [];
  return steps.map(({ slot, entry }) => ({
    at: (BigInt(slot.page) << 12n) + BigInt(slot.offset),
    entry,
  })).toReversed();
}

function changeTables(twins: Twins, random: Random): void {
  const block = twins.blocks[random(twins.blocks.length * 3 + 1)];
  const address = block ?? ownAddress(twins, random);
  const found = entriesOf(twins.literal, address);
  const chosen = found[Math.min(random(8), found.length - 1)];
  if (chosen === undefined) return;
  const { at, entry } = chosen;
  const { tables } = twins.literal.mmu;
  assert(tables !== null);
  const { entryBytes, entryByteOrder } = tables.format;
  const write = (value: bigint) => ({ space }: Machine): void =>
    space.writeEntry(
      Number(at >> 12n),
      Number(at & 0xfffn),
      entryBytes,
      value,
      entryByteOrder,
      "a",
    );
  switch (random(6)) {
    case 0:
      both(twins, `entry ${at} again`, write(entry));
      break;
    case 1:
      both(twins, `entry ${at} cleared`, write(0n));
      break;
    case 2:
      both(twins, `entry ${at} cleared and back`, write(0n));
      if (twins.literal.stopped === null) both(twins, `entry ${at} back`, write(entry));
      break;
    case 3: {
      const table = at - at % (1n << BigInt(twins.literal.pageShift));
      both(twins, `free of the table ${table}`, ({ pages }) => pages.freePages(virtAddr(table)));
      break;
    }
    case 4: {
      const page = address & ~((1n << BigInt(twins.literal.pageShift)) - 1n);
      const to = random(2) === 0 ? page : page ^ 0x10000n;
      both(twins, `${page} mapped to ${to}`, ({ mmu }) => {
        assert(mmu.tables !== null);
        return installPage(mmu.tables, physAddr(to), virtAddr(page));
      });
      break;
    }
    default: {
      const page = random(2) === 0 ? at : ownAddress(twins, random);
      both(twins, `the host takes ${page} away`, ({ ram }) => {
        ram.discard(physAddr(page - page % 0x1000n), byteCount(0x1000n));
      });
    }
  }
}

function rareStep(twins: Twins, random: Random): void {
  const at = virtAddr(ownAddress(twins, random));
  if (random(2) === 0) return changeTables(twins, random);
  if (random(3) === 0) {
    twins.calls.push("clone");
    twins.literal = cloneMachine(twins.literal);
    twins.auto = cloneMachine(twins.auto);
    return;
  }
  if (random(2) === 0) both(twins, `read ${at}`, ({ space }) => space.read(at, 4, "a test"));
  else both(twins, `write ${at}`, ({ space }) => space.writeByte(at, 0x12, "a test"));
}

const GUESTS = ["x86_64", "i386", "s390x", "riscv64", "riscv32", "arm64", "arm", "ppc64"];
const RUNS = 4;

for (const on of ["head", "repaired"]) {
  Deno.test(`engine auto cannot be told from literal behind page tables: ${on}`, () => {
    let fastSteps = 0;
    for (const [number, name] of GUESTS.entries()) {
      const start = bootedTwins(name, on);
      for (let run = 0; run < RUNS; run++) {
        const random = randomNumbers(50 + 1000 * number + run);
        const [literal, auto] = [cloneMachine(start.literal), cloneMachine(start.auto)];
        const twins: Twins = { ...start, literal, auto, blocks: [], pages: [], calls: [name] };
        for (let step = 0; step < 60 && twins.literal.stopped === null; step++) {
          const choice = random(10);
          if (step > 20 && random(6) === 0) rareStep(twins, random);
          else if (choice < 5) take(twins, random);
          else if (choice < 8) give(twins, random);
          else use(twins, random);
          assertSame(twins, step % 30 === 29 ? "memory too" : "areas");
        }
        assertSame(twins, "memory too");
        fastSteps += twins.fastSteps;
      }
    }
    assert(fastSteps > 100, `only ${fastSteps} steps on the fast engine`);
  });
}

/** A guest of x86_64 behind page tables, with the fast engine running, and a page. */
function running(): { machine: Machine; page: bigint } {
  const { machine } = boot({ arch: arch("x86_64"), edition: edition("repaired") });
  let page: bigint | null = null;
  for (let call = 0; call < 200 && (page === null || engineOf(machine) !== "fast"); call++) {
    page = machine.pages.allocPages(0, flags(machine));
  }
  assert(page !== null);
  assertEquals([machine.mmu.state, engineOf(machine)], ["on", "fast"]);
  return { machine, page };
}

Deno.test("AutoPageAllocator runs on while vmalloc maps and unmaps pages", () => {
  const { machine } = running();
  for (let round = 0; round < 50; round++) free(machine, malloc(machine, BigInt(1 + 999 * round)));
  assertEquals(engineOf(machine), "fast");
});

Deno.test("AutoPageAllocator stops before the next call when its own frames are mapped elsewhere", () => {
  const { machine, page } = running();
  const at = virtAddr(page);
  const { tables } = machine.mmu;
  assert(tables !== null);
  assertEquals(translate(tables, at)?.physical, physAddr(page));
  const [last] = entriesOf(machine, page);
  assert(last !== undefined);
  machine.space.write(virtAddr(last.at), 8, 0n, "a test");
  const outcome = runOnMachine(machine, () => machine.pages.freePages(at));
  assertEquals([outcome.kind, engineOf(machine)], ["fault", "literal"]);
});

Deno.test("AutoPageAllocator leaves it to the literal engine to free a page table", () => {
  const { machine, page } = running();
  const [last] = entriesOf(machine, page);
  assert(last !== undefined);
  const table = virtAddr(last.at & ~0xfffn);
  const outcome = runOnMachine(machine, () => machine.pages.freePages(table));
  // The list node lies over the entries of the first 4 MiB.
  assertEquals([outcome.kind, engineOf(machine)], ["returned", "literal"]);
});

Deno.test("engine auto cannot be told from literal where a table of vmalloc is freed by mistake", () => {
  for (const dontZero of [true, false]) {
    const twins = bootedTwins("x86_64", "repaired");
    for (let call = 0; call < 40; call++) both(twins, "malloc", (machine) => malloc(machine, 100n));
    const outcome = both(twins, "malloc", (machine) => malloc(machine, 100n));
    assert(outcome.kind === "returned" && typeof outcome.value === "bigint");
    const block = virtAddr(outcome.value);
    both(twins, "write", ({ space }) => space.writeByte(block, 0x5a, "a test"));
    const [last] = entriesOf(twins.literal, block);
    assert(last !== undefined);
    assertEquals(engineOf(twins.auto), "fast");
    both(twins, "free", ({ pages }) => pages.freePages(virtAddr(last.at & ~0xfffn)));
    const wanted = flags(twins.literal, { dontZero });
    both(twins, "pages", ({ pages }) => pages.allocPages(0, wanted));
    const end = both(twins, "read", ({ space }) => space.readByte(block, "a test"));
    assertEquals(end.kind, dontZero ? "returned" : "fault");
    assertSame(twins, "memory too");
  }
});
