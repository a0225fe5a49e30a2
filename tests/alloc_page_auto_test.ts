/**
 * The allocator on two engines against the literal one alone: calls, accesses of others to the same memory,
 * damage, the host; every observable.
 */

import { assert, assertEquals } from "@std/assert";
import {
  byteCount,
  cloneMachine,
  createMachine,
  declareRam,
  type Edition,
  EDITIONS,
  type Machine,
  type Outcome,
  pageCount,
  pfn,
  physAddr,
  recordEvents,
  requestFlags,
  runOnMachine,
  takeEvents,
  virtAddr,
} from "../mod.ts";
import { pageBehaviourOf } from "../src/alloc_page/mod.ts";
import { AutoPageAllocator } from "../src/alloc_page_fast/mod.ts";
import type { Layout } from "./alloc_page_fast_support.ts";
import { randomNumbers } from "./random_calls.ts";
import { arch, edition, flags, told } from "./support.ts";

type Random = (bound: number) => number;

/** Two machines that differ in their engine only. */
interface Twins {
  literal: Machine;
  auto: Machine;
  /** The blocks in use, and how many pages they have at least. */
  readonly live: { readonly address: bigint; readonly pages: number }[];
  /** Every block that was ever handed out. */
  readonly known: bigint[];
  /** What was done, one line each. */
  readonly calls: string[];
  /** How many steps the fast engine was running after. */
  fastSteps: number;
}

function machineOn(layout: Layout, of: Edition, engine: "literal" | "auto"): Machine | null {
  const pageShift = layout.pageShift ?? 12;
  const powerOn = { kind: "garbage", seed: 7 } as const;
  const machine = createMachine({ arch: layout.arch, edition: of, pageShift, powerOn, engine });
  for (const [area, start, top] of layout.ranges) {
    declareRam(machine, pfn(start), pfn(top));
    runOnMachine(machine, () => machine.pages.initArea(area, pfn(start), pfn(top)));
    if (machine.stopped !== null) return null;
  }
  return machine;
}

function twinsOn(layout: Layout, of: Edition): Twins | null {
  const literal = machineOn(layout, of, "literal");
  const auto = machineOn(layout, of, "auto");
  if (literal === null || auto === null) return null;
  return { literal, auto, live: [], known: [], calls: [], fastSteps: 0 };
}

/** Runs something on both and compares how it ended. */
function both(twins: Twins, what: string, action: (machine: Machine) => unknown): Outcome<unknown> {
  twins.calls.push(what);
  const wanted = runOnMachine(twins.literal, () => action(twins.literal));
  const got = runOnMachine(twins.auto, () => action(twins.auto));
  assertEquals(told(got), told(wanted), twins.calls.join("\n"));
  const { pages } = twins.auto;
  if (pages instanceof AutoPageAllocator && pages.engine === "fast") twins.fastSteps++;
  return wanted;
}

/** Everything that can be seen of a machine's memory, as far as it is touched or an area of few frames. */
function memoryOf(machine: Machine): unknown {
  const pageBytes = 1n << BigInt(machine.pageShift);
  const small = machine.pages.areas().filter(({ metadata, top }) => top - metadata < 4096);
  return {
    touched: [...machine.ram.touchedPages()],
    refaults: machine.ram.refaults,
    descriptors: machine.ram.peekRuns(physAddr(machine.options.areasAddress), byteCount(0x1000n)),
    areas: small.map(({ metadata, top }) => {
      const size = byteCount(BigInt(top - metadata) * pageBytes);
      return machine.ram.peekRuns(physAddr(BigInt(metadata) * pageBytes), size);
    }),
  };
}

function assertSame(twins: Twins, what: "areas" | "memory too"): void {
  const { literal, auto, calls } = twins;
  assertEquals(auto.pages.areas(), literal.pages.areas(), calls.join("\n"));
  if (what === "memory too") assertEquals(memoryOf(auto), memoryOf(literal), calls.join("\n"));
}

/** A random address of an area, its metadata included, or just behind it. */
function someAddress({ literal }: Twins, random: Random): bigint {
  const areas = literal.pages.areas();
  const view = areas[random(areas.length)];
  const frame = view === undefined ? 0 : view.metadata + random(view.top - view.metadata + 1);
  return BigInt(frame) << BigInt(literal.pageShift);
}

function alloc(twins: Twins, random: Random): void {
  const areasMask = random(4) > 0 ? null : 1 + random(15);
  const fresh = random(8) === 0;
  // Upstream zeroes twice the frames that a fresh request got, which soon stops the machine.
  const dontZero = random(2) === 0 || (fresh && random(16) > 0);
  const wishes = { areasMask, dontZero, fresh };
  const requested = requestFlags(twins.literal.edition, wishes);
  const page = 1n << BigInt(twins.literal.pageShift);
  const [order, alignment, size] = [
    random(6),
    page << BigInt(random(6)),
    page * BigInt(random(20)),
  ];
  const isPlain = random(4) > 0;
  const outcome = isPlain
    ? both(twins, `alloc ${order} ${requested}`, ({ pages }) => pages.allocPages(order, requested))
    : both(
      twins,
      `memalign ${alignment} ${size} ${requested}`,
      ({ pages }) => pages.memalignPages(alignment, size, requested),
    );
  if (outcome.kind !== "returned" || typeof outcome.value !== "bigint") return;
  twins.live.push({ address: outcome.value, pages: isPlain && !wishes.fresh ? 2 ** order : 1 });
  twins.known.push(outcome.value);
}

function free(twins: Twins, random: Random): void {
  const [block] = twins.live.splice(random(twins.live.length), 1);
  if (block === undefined) return;
  both(twins, `free ${block.address}`, ({ pages }) => pages.freePages(virtAddr(block.address)));
}

/** Writes to a block, often to the words of a page in it where a list node may have been. */
function writeToLive(twins: Twins, random: Random): void {
  const block = twins.live[random(twins.live.length)];
  if (block === undefined) return;
  const inPage = random(2) === 0 ? random(16) : random(4090);
  const offset = BigInt(random(block.pages)) << BigInt(twins.literal.pageShift);
  const [at, value] = [virtAddr(block.address + offset + BigInt(inPage)), BigInt(random(1000))];
  both(twins, `write ${at} ${value}`, ({ space }) => space.write(at, 4, value, "a test"));
}

function readKnown(twins: Twins, random: Random): void {
  const address = twins.known[random(twins.known.length)];
  if (address === undefined) return;
  const at = virtAddr(address + BigInt(random(40)));
  both(twins, `read ${at}`, ({ space }) => space.read(at, 8, "a test"));
}

/** Reserves some frames, or gives some that are reserved back: at times one more, at times one by one. */
function reserve(twins: Twins, random: Random): void {
  const [at, count] = [someAddress(twins, random), pageCount(random(4))];
  const outcome = both(
    twins,
    `reserve ${at} ${count}`,
    ({ pages }) => pages.reservePages(physAddr(at), count),
  );
  const page = 1n << BigInt(twins.literal.pageShift);
  if (outcome.kind !== "returned" || outcome.value !== 0 || random(3) === 0) return;
  for (let index = 0n; index < count; index++) {
    const frame = physAddr(at + index * page);
    both(twins, `unreserve ${frame}`, ({ pages }) => pages.unreservePages(frame, pageCount(1)));
  }
}

/** What the host does to several pages at once: it takes them away, or poisons them. */
function hostStep(twins: Twins, random: Random, at: bigint): void {
  const size = byteCount(0x1000n * BigInt(1 + random(100)));
  const isMemory = twins.literal.ram.peekRuns(physAddr(at), size).every(({ byte }) =>
    byte !== null
  );
  if (!isMemory) return;
  if (random(2) === 0) {
    both(twins, `balloon ${at} ${size}`, ({ ram }) => ram.discard(physAddr(at), size));
  } else {both(twins, `poison ${at} ${size}`, ({ ram }) =>
      ram.fill(virtAddr(at), size, 0xaa, "the host"));}
}

function rareStep(twins: Twins, random: Random): void {
  const at = someAddress(twins, random);
  const order = [52, 64, 255, 256, 258, 2 ** 32 - 1][random(6)] ?? 0;
  switch (random(9)) {
    case 8:
      hostStep(twins, random, at);
      break;
    case 0:
      both(twins, `peek ${at}`, ({ ram }) => ram.peek(physAddr(at), 8));
      break;
    case 1:
      both(twins, `poke ${at}`, ({ space }) => space.writeByte(virtAddr(at), 0x12, "a test"));
      break;
    case 2:
      both(twins, `free ${at}`, ({ pages }) => pages.freePages(virtAddr(at)));
      break;
    case 3:
      both(twins, `discard ${at}`, ({ ram }) => {
        if (ram.peekByte(physAddr(at)) !== null) ram.discard(physAddr(at), byteCount(0x1000n));
      });
      break;
    case 4:
      if (twins.literal.edition.reservation === "none") break;
      both(twins, `reserve ${at}`, ({ pages }) => pages.reservePages(physAddr(at), pageCount(2)));
      break;
    case 5:
      both(twins, `alloc ${order}`, ({ pages }) => pages.allocPages(order, 0));
      break;
    case 6:
      twins.calls.push("clone");
      twins.literal = cloneMachine(twins.literal);
      twins.auto = cloneMachine(twins.auto);
      break;
    default:
      both(twins, "free null", ({ pages }) => pages.freePages(virtAddr(0n)));
  }
}

function randomStep(twins: Twins, random: Random, rarely: number): void {
  const choice = random(20);
  const reserves = pageBehaviourOf(twins.literal.edition).reservedFrames === "leave-their-list";
  if (random(rarely) === 0) rareStep(twins, random);
  else if (reserves && random(8) === 0) reserve(twins, random);
  else if (choice < 10) alloc(twins, random);
  else if (choice < 16) free(twins, random);
  else if (choice < 19) writeToLive(twins, random);
  else readKnown(twins, random);
}

const LAYOUTS: readonly Layout[] = [
  { arch: arch("arm64"), ranges: [[255, 0x1000, 0x1047]] },
  { arch: arch("x86_64"), ranges: [[255, 0xff0, 0x1200]] },
  { arch: arch("s390x"), ranges: [[255, 0x7ffc0, 0x80233]] },
  { arch: arch("i386"), ranges: [[255, 0xfe00, 0x10a01]] },
  { arch: arch("arm64"), pageShift: 16, ranges: [[255, 0x33, 0x333]] },
  { arch: arch("arm64"), ranges: [[255, 0x3fd, 0x1805]] },
  { arch: arch("x86_64"), ranges: [[255, 0xff0, 0x100100]] },
  { arch: arch("x86_64"), ranges: [[255, 0xff0, 0x1080], [255, 0x2000, 0x2203]] },
  { arch: arch("arm64"), ranges: [[255, 0x12345, 2 ** 26 + 77]] },
  {
    arch: arch("arm64"),
    ranges: [[255, 0x1000, 0x1020], [255, 0x2000, 0x2203], [255, 0x1100, 0x1120]],
  },
];

for (const of of EDITIONS.filter(({ pageAllocator }) => pageAllocator === "buddy-areas")) {
  Deno.test(`engine auto cannot be told from literal, whoever accesses memory: ${of.name}`, () => {
    let fastSteps = 0;
    for (const [number, layout] of LAYOUTS.entries()) {
      const random = randomNumbers(300 + number);
      const twins = twinsOn(layout, of);
      if (twins === null) continue;
      for (let step = 0; step < 120 && twins.literal.stopped === null; step++) {
        // At first nothing stops the fast engine, so that it runs through many calls.
        randomStep(twins, random, step < 60 ? 1e9 : 8);
        assertSame(twins, step % 40 === 39 ? "memory too" : "areas");
      }
      assertSame(twins, "memory too");
      fastSteps += twins.fastSteps;
    }
    assert(fastSteps > 30, `only ${fastSteps} steps on the fast engine`);
  });
}

for (const name of ["pfn-2021-01", "repaired"]) {
  Deno.test(`engine auto leaves no list node inside of a large block that was joined: ${name}`, () => {
    const twins = twinsOn({ arch: arch("arm64"), ranges: [[255, 0xfff, 0x3000]] }, edition(name));
    assert(twins !== null);
    const wanted = flags(twins.literal, { dontZero: true });
    const pages: bigint[] = [];
    for (let page = 0; page < 1600; page++) {
      const outcome = both(twins, "alloc 0", (machine) => machine.pages.allocPages(0, wanted));
      assert(outcome.kind === "returned" && typeof outcome.value === "bigint");
      pages.push(outcome.value);
    }
    // Every third first, so that blocks of several sizes are joined.
    for (const rest of [0, 1, 2]) {
      for (const page of pages.filter((_, index) => index % 3 === rest)) {
        both(twins, `free ${page}`, (machine) => machine.pages.freePages(virtAddr(page)));
      }
    }
    for (const order of [11, 10, 9, 8]) {
      const outcome = both(twins, `alloc ${order}`, ({ pages }) => pages.allocPages(order, wanted));
      assert(outcome.kind === "returned" && typeof outcome.value === "bigint");
      const first = outcome.value;
      for (let page = 0n; page < 2n ** BigInt(order); page += 7n) {
        const at = virtAddr(first + page * 0x1000n);
        both(twins, `read ${at}`, ({ space }) => space.read(at, 8, "a test"));
        both(twins, `write ${at}`, ({ space }) => space.write(at, 4, page + 1n, "a test"));
      }
    }
    assert(twins.fastSteps > 3000);
    assertSame(twins, "memory too");
    const top = { first: physAddr(0xfff000n), size: byteCount(0x2001000n) };
    assertEquals(
      twins.auto.ram.peekRuns(top.first, top.size),
      twins.literal.ram.peekRuns(top.first, top.size),
    );
  });
}

Deno.test("AutoPageAllocator holds at most 16 bytes for a page in use, and gives them back", () => {
  const machine = createMachine({
    arch: arch("arm64"),
    edition: edition("repaired"),
    engine: "auto",
  });
  declareRam(machine, pfn(0x10000), pfn(0x30000));
  const { pages } = machine;
  pages.initArea(255, pfn(0x10000), pfn(0x30000));
  assert(pages instanceof AutoPageAllocator);
  const wanted = flags(machine, { dontZero: true });
  const given = Array.from({ length: 130_000 }, () => pages.allocPages(0, wanted) ?? 0n);
  assert(pages.residentBytes < 16 * given.length, `${pages.residentBytes} bytes`);
  for (const page of given) pages.freePages(virtAddr(page));
  assert(pages.residentBytes < 2 ** 20, `${pages.residentBytes} bytes`);
  assertEquals(pages.engine, "fast");
  // All is joined again, from the first usable frame 0x10020 on: one block each of orders 5 to 16.
  assertEquals(pages.areas()[0]?.freeLists.length, 12);
});

/** A machine with a fast engine that has begun to run, and its allocator. */
function running(): { machine: Machine; pages: AutoPageAllocator; page: bigint } {
  const layout = { arch: arch("arm64"), ranges: [[255, 0x1000, 0x1400]] } as const;
  const machine = machineOn(layout, edition("repaired"), "auto");
  assert(machine !== null && machine.pages instanceof AutoPageAllocator);
  const page = machine.pages.allocPages(0, flags(machine));
  assert(page !== null);
  assertEquals(machine.pages.engine, "fast");
  return { machine, pages: machine.pages, page };
}

Deno.test("AutoPageAllocator runs on while others use memory that they were given", () => {
  const { machine, pages, page } = running();
  machine.space.fill(virtAddr(page), byteCount(0x1000n), 0xaa, "a test");
  assertEquals(machine.ram.peekByte(physAddr(page + 8n)), 0xaa);
  assertEquals(pages.engine, "fast");
});

Deno.test("AutoPageAllocator runs on through reservations that do no damage", () => {
  const { pages } = running();
  const frame = physAddr(0x1234000n);
  assertEquals(pages.reservePages(frame, pageCount(3)), 0);
  assertEquals(pages.reservePages(frame, pageCount(1)), -1);
  pages.unreservePages(frame, pageCount(3));
  assertEquals(pages.engine, "fast");
});

Deno.test("AutoPageAllocator shows a list node, a page state, a descriptor to whoever looks", () => {
  for (const place of ["node", "state", "descriptor"]) {
    const { machine, pages, page } = running();
    pages.freePages(virtAddr(page));
    assertEquals(pages.engine, "fast");
    const { areasAddress } = machine.options;
    const at = place === "node" ? page : place === "state" ? 0x1000000n : areasAddress;
    assert(machine.space.read(virtAddr(at), 1, "a test") !== null);
    assertEquals(pages.engine, "literal", place);
  }
});

Deno.test("AutoPageAllocator stops at a write through a window that was open when the page was freed", () => {
  const { machine, pages, page } = running();
  machine.space.writeWord(virtAddr(page), 1n, "a test");
  pages.freePages(virtAddr(page));
  machine.space.writeWord(virtAddr(page), 0n, "a test");
  assertEquals(pages.engine, "literal");
  assertEquals(machine.ram.peek(physAddr(page), 8), 0n);
  assert(machine.ram.peek(physAddr(page + 8n), 8) !== 0n);
});

Deno.test("AutoPageAllocator comes back to the fast engine if all is sound, and waits if not", () => {
  const { machine, pages, page } = running();
  machine.ram.peekByte(physAddr(0x1000000n));
  assertEquals(pages.engine, "literal");
  for (let call = 0; call < 4; call++) {
    pages.freePages(virtAddr(pages.allocPages(0, flags(machine)) ?? 0n));
  }
  assertEquals(pages.engine, "fast");
  // The page that is in use reads as free, but no list knows it.
  machine.space.writeByte(virtAddr(0x1000000n), 0x40, "a test");
  pages.allocPages(1, flags(machine));
  for (let call = 0; call < 20; call++) {
    pages.freePages(virtAddr(pages.allocPages(1, flags(machine)) ?? 0n));
  }
  assertEquals(pages.engine, "literal");
  assert(page > 0n);
});

Deno.test("AutoPageAllocator leaves lists to the literal engine whose links back are damaged", () => {
  const { machine, pages, page } = running();
  const other = pages.allocPages(0, flags(machine));
  assert(other !== null);
  // Freed one after the other, so that they are not joined: their buddies are in use.
  for (let call = 0; call < 6; call++) pages.allocPages(0, flags(machine));
  pages.freePages(virtAddr(page));
  pages.freePages(virtAddr(other));
  machine.space.writeWord(virtAddr(page), page, "a test");
  for (let call = 0; call < 20; call++) pages.freePages(virtAddr(0n));
  assertEquals(pages.engine, "literal");
});

Deno.test("recordEvents() has the literal engine run while all events are recorded", () => {
  const { machine, pages } = running();
  assertEquals(takeEvents(machine).map(({ kind }) => kind), ["area"]);
  recordEvents(machine, "all");
  assertEquals(pages.engine, "literal");
  pages.allocPages(0, flags(machine));
  assertEquals(takeEvents(machine)[0]?.kind, "unlink");
  const copy = cloneMachine(machine);
  copy.pages.allocPages(0, flags(copy));
  assertEquals([copy.events.at(-1)?.kind, machine.events.length], ["zero", 0]);
  recordEvents(machine, "areas");
  pages.allocPages(0, flags(machine));
  pages.allocPages(0, flags(machine));
  assertEquals([pages.engine, machine.events.length], ["fast", 0]);
});

Deno.test("recordEvents() records the same with either engine, with either scope", () => {
  const layout = { arch: arch("arm64"), ranges: [[255, 0x1000, 0x1400]] } as const;
  for (const scope of ["all", "areas"] as const) {
    const recorded = (["literal", "auto"] as const).map((engine) => {
      const machine = machineOn(layout, edition("repaired"), engine);
      assert(machine !== null);
      recordEvents(machine, scope);
      machine.pages.allocPages(0, flags(machine));
      const page = machine.pages.allocPages(0, flags(machine)) ?? 0n;
      machine.pages.freePages(virtAddr(page));
      declareRam(machine, pfn(0x2000), pfn(0x2103));
      machine.pages.initArea(255, pfn(0x2000), pfn(0x2003));
      machine.pages.initArea(255, pfn(0x2003), pfn(0x2103));
      return takeEvents(machine);
    });
    assertEquals(recorded[0], recorded[1]);
    assertEquals(recorded[0]?.filter(({ kind }) => kind === "left-out").length, 1);
    assertEquals(recorded[0]?.some(({ kind }) => kind === "split"), scope === "all");
  }
});
