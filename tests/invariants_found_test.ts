/**
 * What the rules find: each defect in the editions that have it and in no other, and nothing in the
 * repaired one.
 */

import { assert, assertEquals } from "@std/assert";
import {
  findViolations,
  formatViolation,
  Ledger,
  type PageCall,
  type RuleName,
  type Violation,
} from "../src/check/mod.ts";
import {
  areaTableOf,
  byteCount,
  createMachine,
  declareRam,
  type Edition,
  EDITIONS,
  pageCount,
  pfn,
  physAddr,
  reservationOf,
  virtAddr,
} from "../mod.ts";
import { alloc, PROMISES, small } from "./promises.ts";
import { randomCall, randomNumbers } from "./random_calls.ts";
import { arch, bareMachine, edition } from "./support.ts";

const NO_WISHES = { areasMask: null, dontZero: false, fresh: false };

function rules(violations: readonly Violation[]): RuleName[] {
  return [...new Set(violations.map(({ rule }) => rule))];
}

/** All rules that a few calls break, in one edition. */
function broken(of: Edition, calls: readonly PageCall[]): RuleName[] {
  const machine = bareMachine(0x1000, 0x1018, { edition: of, arch: arch("arm64") });
  const ledger = new Ledger(machine);
  const violations = calls.flatMap((call) => [
    ...ledger.run(call).violations,
    ...findViolations(machine),
  ]);
  return rules(violations);
}

/** The editions in which a few calls break a rule. */
function editionsThatBreak(rule: RuleName, calls: readonly PageCall[]): string[] {
  return EDITIONS.filter((one) => {
    if (one.pageAllocator === "one-list") return false;
    const isReserved = calls.some(({ kind }) => kind === "reserve-pages");
    if (isReserved && reservationOf(one) === null) return false;
    return broken(one, calls).includes(rule);
  }).map(({ name }) => name);
}

const SINCE_RESERVE = [
  "reserve-2020-10",
  "areas-2021-01",
  "pfn-2021-01",
  "max-order-2021-01",
  "status-2021-01",
  "flags-2021-01",
  "zero-2021-01",
  "fresh-2021-01",
];

const AS_IS = { ...NO_WISHES, dontZero: true };
const ONE_PAGE: PageCall = { kind: "alloc-pages", order: 0, wishes: AS_IS };

Deno.test("dead coalescing (D1) is found in three calls, where it is", () => {
  const first = { kind: "free-pages", address: virtAddr(0x1002000n) } as const;
  const calls = [ONE_PAGE, ONE_PAGE, first];
  const found = editionsThatBreak("no mergeable buddies are both usable", calls);
  assertEquals(found, SINCE_RESERVE.slice(4));
});

Deno.test("reserved pages that stay listed and are handed out (D2) are found, where they are", () => {
  const address = physAddr(0x1001000n);
  const reserve: PageCall = { kind: "reserve-pages", address, count: pageCount(1) };
  const reserving = ["rfc-2020-08", ...SINCE_RESERVE];
  assertEquals(editionsThatBreak("listed blocks are usable", [reserve]), reserving);
  const handedOut = editionsThatBreak("special pages are never handed out", [reserve, ONE_PAGE]);
  assertEquals(handedOut, reserving);
});

Deno.test("a failed reservation that leaves a trace is found, where it is", () => {
  const call = {
    kind: "reserve-pages",
    address: physAddr(0x1016000n),
    count: pageCount(3),
  } as const;
  const rule = "a refused request changes nothing";
  // Before 01d8952b it does not come so far: giving the first page back aborts.
  assertEquals(editionsThatBreak(rule, [call]), SINCE_RESERVE.slice(2));
  const early = ["rfc-2020-08", ...SINCE_RESERVE.slice(0, 2)];
  assertEquals(editionsThatBreak("a valid call returns", [call]), early);
});

Deno.test("orders cut to 8 bits, sizes that wrap, reservations of nothing (D9, D20, D21) are found", () => {
  const everywhere = EDITIONS.map(({ name }) => name).slice(1, -1);
  const sizeRule = "a block handed out has the size and alignment asked for";
  const cut: PageCall = { kind: "alloc-pages", order: 257, wishes: AS_IS };
  assertEquals(editionsThatBreak(sizeRule, [cut]), everywhere);
  const size = 2n ** 64n - 1n;
  const wrapped: PageCall = { kind: "memalign-pages", alignment: 1n, size, wishes: AS_IS };
  assertEquals(editionsThatBreak(sizeRule, [wrapped]), everywhere);
  const address = physAddr(0x1008000n);
  const nothing: PageCall = { kind: "reserve-pages", address, count: pageCount(0) };
  const refused = "a valid request is refused only for want of room";
  assertEquals(editionsThatBreak(refused, [nothing]), SINCE_RESERVE.slice(2));
});

Deno.test("a page in a block that was freed (D3) cannot be reserved, which is found, where it is", () => {
  const free = { kind: "free-pages", address: virtAddr(0x1010000n) } as const;
  const whole: PageCall = { kind: "alloc-pages", order: 3, wishes: AS_IS };
  const address = physAddr(0x1011000n);
  const reserve: PageCall = { kind: "reserve-pages", address, count: pageCount(1) };
  const found = editionsThatBreak("a valid call returns", [whole, free, reserve]);
  assertEquals(found, SINCE_RESERVE.slice(4));
});

Deno.test("fresh blocks of half the size (D4) are found, where they are", () => {
  const calls = [{ kind: "alloc-pages", order: 2, wishes: { ...AS_IS, fresh: true } }] as const;
  const rule = "a block handed out has the size and alignment asked for";
  assertEquals(editionsThatBreak(rule, calls), ["fresh-2021-01"]);
  const zeroed = [{ ...calls[0], wishes: { ...NO_WISHES, fresh: true } }] as const;
  assertEquals(editionsThatBreak("a fresh frame was never touched", zeroed), ["fresh-2021-01"]);
  const single = [{ ...calls[0], order: 0 }] as const;
  assertEquals(editionsThatBreak("a valid call returns", single), ["fresh-2021-01"]);
});

Deno.test("size and alignment in each other's place (D5) are found, where they are", () => {
  const call: PageCall = { kind: "memalign-pages", alignment: 1n, size: 0x4000n, wishes: AS_IS };
  const rule = "a block handed out has the size and alignment asked for";
  const swapped = ["rfc-2020-08", "buddy-2020-10", "malloc-2020-10", ...SINCE_RESERVE.slice(0, 5)];
  assertEquals(editionsThatBreak(rule, [call]), swapped);
});

Deno.test("blocks above max_order (D7) are found, where they are", () => {
  const whole: PageCall = { kind: "alloc-pages", order: 3, wishes: AS_IS };
  const free: PageCall = { kind: "free-pages", address: virtAddr(0x1010000n) };
  const calls = [whole, ...Array(8).fill(ONE_PAGE), free];
  const since = SINCE_RESERVE.slice(3);
  assertEquals(editionsThatBreak("max order is a bound", calls), since);
  const refused = "a valid request is refused only for want of room";
  assertEquals(editionsThatBreak(refused, [...calls, whole]), since);
});

// 8 MiB of x86 around each cutoff, s390x around 2 GiB, several ranges in a zone, a page size of 64 KiB.
const WORLDS: readonly [string, number, readonly (readonly [number, number])[]][] = [
  ["arm64", 12, [[0x1000, 0x1021]]],
  ["arm64", 16, [[0x1000, 0x1041]]],
  ["s390x", 12, [[0x7ffe0, 0x80030]]],
  ["x86_64", 12, [[0xff0, 0x1030], [0xfffff0, 0x1000040], [0x2003, 0x2024], [0xffffe, 0x100020]]],
  ["i386", 12, [[0x800, 0x820], [0x840, 0x860], [0x880, 0x8a1]]],
];

for (const [index, [name, pageShift, ranges]] of WORLDS.entries()) {
  const title = `${name} with pages of ${2 ** (pageShift - 10)} KiB`;
  Deno.test(`1200 random calls break no rule where all promises are kept: ${title}`, () => {
    const powerOn = index % 2 === 0
      ? { kind: "zero" } as const
      : { kind: "garbage", seed: 7 } as const;
    const options = { arch: arch(name), edition: edition("repaired"), pageShift, powerOn };
    const machine = createMachine(options);
    const ledger = new Ledger(machine);
    const random = randomNumbers(index + 1);
    const perform = (call: PageCall): void => {
      const { outcome, violations } = ledger.run(call);
      assertEquals([...violations, ...findViolations(machine)].map(formatViolation), []);
      if (outcome.kind !== "returned" || typeof outcome.value !== "bigint") return;
      machine.ram.fill(outcome.value, byteCount(256n), 0x5a, "a test");
    };
    for (const [start, top] of ranges) {
      declareRam(machine, pfn(start), pfn(top));
      perform({ kind: "init-area", area: 0xff, start: pfn(start), top: pfn(top) });
    }
    const zones = [null, null, 1, 2, 4, 8, 3];
    const limits = { orders: 5, zones, fresh: "sometimes", reservations: "sometimes" } as const;
    for (let step = 0; step < 1200; step++) perform(randomCall(machine, ledger, random, limits));
    assertEquals(ledger.knowledge, "complete");
  });
}

/** Whether random calls break a rule within a few hundred steps, whatever the rule. */
function isFoundByChance(of: Edition, seed: number): boolean {
  const machine = createMachine({ arch: arch("x86_64"), edition: of });
  const ledger = new Ledger(machine);
  const random = randomNumbers(seed);
  const breaks = (call: PageCall): boolean =>
    ledger.run(call).violations.length > 0 || findViolations(machine).length > 0;
  for (const [first, top] of WORLDS[3]?.[2] ?? []) {
    const range = { start: pfn(first), top: pfn(top) };
    declareRam(machine, range.start, range.top);
    if (breaks({ kind: "init-area", area: 0xff, ...range })) return true;
  }
  const zones = [null, null, 1, 2, 4, 8];
  const limits = { orders: 5, zones, fresh: "sometimes", reservations: "sometimes" } as const;
  for (let step = 0; step < 200; step++) {
    if (breaks(randomCall(machine, ledger, random, limits))) return true;
  }
  return false;
}

for (const { fact, promise } of PROMISES) {
  // That free(NULL) walks page tables shows only where there are some.
  if (fact === "freedNull") continue;
  Deno.test(`random calls find it if only this is broken: ${promise}`, () => {
    const of = { ...edition("repaired"), [fact]: edition("head")[fact] };
    assert([1, 2, 3, 4, 5, 6].some((seed) => isFoundByChance(of, seed)));
  });
}

Deno.test("between the steps of a call the rules hold for all frames but those in hand", () => {
  const machine = small(edition("repaired"));
  for (let page = 0; page < 7; page++) alloc(machine, 0);
  const except = [{ first: 0x1008, top: 0x1010 }];
  const seen: RuleName[][] = [];
  machine.pages.listen("all", () => {
    assertEquals(findViolations(machine, { except }), []);
    seen.push(rules(findViolations(machine)));
  });
  const page = alloc(machine, 0);
  machine.pages.freePages(page);
  assertEquals(page, 0x1008000n);
  assert(seen.length > 10, "the call has steps");
  assert(seen.some((found) => found.length > 0), "between them the frames in hand break rules");
});

Deno.test("findViolations() checks areas of 16 TiB by their runs", () => {
  const machine = bareMachine(0x100000, 0x100000000, { edition: edition("repaired") });
  assert(alloc(machine, 20) > 0n);
  assertEquals(findViolations(machine), []);
  machine.ram.writeByte(virtAddr(0x7fff_ffff_000n), 1, "a test");
  assertEquals(findViolations(machine).map(({ pfn }) => Number(pfn)), [0x7fff_ffff]);
});

/** The zones of x86 that refuse a page although they were given frames. */
function zonesThatRefuse(of: Edition): string[] {
  const machine = createMachine({ arch: arch("x86_64"), edition: of });
  const ledger = new Ledger(machine);
  const give = (first: number, top: number): Violation[] => {
    const range = { start: pfn(first), top: pfn(top) };
    declareRam(machine, range.start, range.top);
    return ledger.run({ kind: "init-area", area: 0xff, ...range }).violations;
  };
  assertEquals(give(0x800, 0x1000100), []);
  return areaTableOf(machine.arch, of).zones.filter(({ area }) => {
    const wishes = { ...NO_WISHES, areasMask: 2 ** area };
    const { violations } = ledger.run({ kind: "alloc-pages", order: 4, wishes });
    return rules(violations).includes("a valid request is refused only for want of room");
  }).map(({ name }) => name);
}

Deno.test("an area of x86 that can never be filled (D6) is found, where it is", () => {
  const editions = EDITIONS.filter((one) => one.pageAllocator !== "one-list");
  const found = editions.map((one) => [one.name, ...zonesThatRefuse(one)].join(" "));
  assertEquals(found, [
    "rfc-2020-08",
    "buddy-2020-10 PAE_HIGH",
    "malloc-2020-10 PAE_HIGH",
    "reserve-2020-10 PAE_HIGH",
    ...SINCE_RESERVE.slice(1).map((name) => `${name} NORMAL`),
    "repaired",
  ]);
});

Deno.test("a block of HIGH that lies above 64 GiB (D6) is found, where it is", () => {
  const broken = EDITIONS.filter((of) => {
    if (of.pageAllocator === "one-list") return false;
    const machine = createMachine({ arch: arch("x86_64"), edition: of });
    const ledger = new Ledger(machine);
    const range = { start: pfn(0xffff00), top: pfn(0x1000100) };
    declareRam(machine, range.start, range.top);
    ledger.run({ kind: "init-area", area: 0xff, ...range });
    const wishes = { ...AS_IS, areasMask: 2 };
    const { violations } = ledger.run({ kind: "alloc-pages", order: 8, wishes });
    return rules(violations).includes("a block handed out lies in a zone asked for");
  });
  assertEquals(broken.map(({ name }) => name), SINCE_RESERVE.slice(1));
});
