import { assert, assertEquals } from "@std/assert";
import { LiteralPageAllocator } from "../src/alloc_page/mod.ts";
import {
  CALL_RULES,
  findViolations,
  formatViolation,
  Ledger,
  type PageCall,
  type RuleName,
  STATE_RULES,
  type Violation,
} from "../src/check/mod.ts";
import {
  byteCount,
  createMachine,
  declareRam,
  type Edition,
  EDITIONS,
  type Machine,
  order,
  pageCount,
  pfn,
  physAddr,
  reservationOf,
  takeEvents,
  virtAddr,
} from "../mod.ts";
import { alloc, small } from "./promises.ts";
import { randomCall, randomNumbers } from "./random_calls.ts";
import { addRange, arch, bareMachine, edition } from "./support.ts";

const NO_WISHES = { areasMask: null, dontZero: false, fresh: false };

/** What no call changes: the release of NULL. */
const NOTHING: PageCall = { kind: "free-pages", address: virtAddr(0n) };

/**
 * Two blocks allocated.
 *
 * ## A0 .1 -- A2 -- -- -- .3 -- -- -- -- -- -- --
 */
function worked(): Machine {
  const machine = small(edition("repaired"));
  assertEquals([alloc(machine, 0), alloc(machine, 2)], [0x1001000n, 0x1004000n]);
  return machine;
}

/** Writes page states from a frame on. */
function poke(machine: Machine, frame: number, ...states: number[]): void {
  const metadata = machine.pages.areas()[0]?.metadata ?? 0;
  const base = machine.pages.areas()[0]?.base ?? 0;
  for (const [index, state] of states.entries()) {
    const address = BigInt(metadata) * 0x1000n + BigInt(frame - base + index);
    machine.ram.writeByte(virtAddr(address), state, "a test");
  }
}

function rules(violations: readonly Violation[]): RuleName[] {
  return [...new Set(violations.map(({ rule }) => rule))];
}

/** How a state is made in which only one rule is broken, and what is then said. */
const DAMAGES: readonly [keyof typeof STATE_RULES, () => Machine, string][] = [
  ["areas are disjoint", (): Machine => {
    const machine = worked();
    addRange(machine, 0x1010, 0x1020);
    poke(machine, 0x1010, 0x80);
    const { areasAddress } = machine.options;
    machine.ram.writeWord(virtAddr(areasAddress + 8n), 0x1011n, "a test");
    return machine;
  }, "0x1010 lies in area 0 and in area 1"],
  ["blocks tile the area", (): Machine => {
    const machine = worked();
    poke(machine, 0x1001, 0xbc);
    return machine;
  }, "0x1001 has state 0xbc, which no block has"],
  ["blocks are aligned", (): Machine => {
    const machine = worked();
    poke(machine, 0x1001, 0x81);
    return machine;
  }, "0x1001 has state 0x81, but no block of that order can begin there"],
  ["blocks end inside the area", (): Machine => {
    const machine = bareMachine(0x1000, 0x100f, { edition: edition("repaired") });
    assertEquals(alloc(machine, 0), 0x100e000n);
    poke(machine, 0x100e, 0x81);
    return machine;
  }, "0x100e has state 0x81, but a block of that order would reach beyond 0x100f"],
  ["states agree", (): Machine => {
    const machine = worked();
    poke(machine, 0x1006, 0x81);
    return machine;
  }, "0x1006 has state 0x81, its block at 0x1004 has 0x82"],
  ["usable blocks are listed", (): Machine => {
    const machine = worked();
    poke(machine, 0x1004, 0x42, 0x42, 0x42, 0x42);
    return machine;
  }, "0x1004 is free, of order 2, and stands on no list"],
  ["listed blocks are usable", (): Machine => {
    const machine = worked();
    poke(machine, 0x1002, 0x81, 0x81);
    return machine;
  }, "0x1002 is allocated and stands on the list of order 1 of area 0"],
  ["links are mutual", (): Machine => {
    const machine = worked();
    machine.ram.writeWord(virtAddr(0x1008000n), 0x1002000n, "a test");
    return machine;
  }, "the previous link of 0x1008 in the list of order 3 of area 0 leads to 0x1002"],
  ["max order is a bound", (): Machine => {
    const machine = worked();
    machine.ram.writeByte(virtAddr(machine.options.areasAddress + 24n), 2, "a test");
    return machine;
  }, "0x1008 stands on the list of order 3 of area 0, but max_order is 2"],
  ["no mergeable buddies are both usable", (): Machine => {
    const machine = worked();
    assert(machine.pages instanceof LiteralPageAllocator);
    machine.pages.rebuildArea(0, {
      states: [{ state: 0x80, count: 1 }, { state: 1, count: 2 }, { state: 0x82, count: 4 }, {
        state: 2,
        count: 8,
      }],
      freeLists: [
        { order: order(1), pfns: [pfn(0x1002)] },
        { order: order(2), pfns: [pfn(0x1008), pfn(0x100c)] },
      ],
      maxOrder: order(3),
    });
    return machine;
  }, "0x1008 and 0x100c are usable blocks of order 2"],
  ["a fresh frame was never touched", (): Machine => {
    const machine = worked();
    machine.ram.writeByte(virtAddr(0x100a800n), 0, "a test");
    return machine;
  }, "0x100a was touched, and lies inside the fresh block of order 3 at 0x1008"],
];

for (const [rule, damage, sentence] of DAMAGES) {
  Deno.test(`findViolations() finds a state in which only this is not so: ${rule}`, () => {
    assertEquals(findViolations(worked()), []);
    const violations = findViolations(damage());
    assertEquals(rules(violations), [rule]);
    assertEquals(violations[0]?.sentence, sentence);
    assertEquals(findViolations(damage(), { limit: 0 }), []);
    const others = Object.keys(STATE_RULES).filter((name) => name !== rule) as RuleName[];
    assertEquals(findViolations(damage(), { rules: others }), []);
    const { pfn: frame } = violations[0] ?? {};
    const except = violations.map(({ pfn }) => ({ first: Number(pfn), top: Number(pfn) + 1 }));
    assertEquals(frame === null ? [] : findViolations(damage(), { except }), []);
  });
}

Deno.test("findViolations() has a damage for each rule", () => {
  assertEquals(DAMAGES.map(([rule]) => rule), Object.keys(STATE_RULES));
});

Deno.test("findViolations() names where a block stands instead, and what stands twice", () => {
  const machine = worked();
  assert(machine.pages instanceof LiteralPageAllocator);
  const states = [{ state: 0x80, count: 1 }, { state: 1, count: 2 }, { state: 2, count: 4 }, {
    state: 3,
    count: 8,
  }];
  const freeLists = [
    { order: order(1), pfns: [pfn(0x1004), pfn(0x1005), pfn(0x1001)] },
    { order: order(3), pfns: [pfn(0x1008)] },
  ];
  machine.pages.rebuildArea(0, { states, freeLists, maxOrder: order(3) });
  assertEquals(
    findViolations(machine).map(formatViolation).filter((line) => !line.startsWith("a fresh")),
    [
      "usable blocks are listed: 0x1004 stands on the list of order 1 of area 0, not on the one of " +
      "its order 2 of area 0",
      "listed blocks are usable: 0x1005 lies inside the block at 0x1004 and stands on the list of " +
      "order 1 of area 0",
      "listed blocks are usable: 0x1001 is allocated and stands on the list of order 1 of area 0",
      "usable blocks are listed: 0x1002 is fresh, of order 1, and stands on no list",
    ],
  );
});

/** A call that is told to a ledger, so that only one rule is broken. */
const DEEDS: readonly [keyof typeof CALL_RULES, () => Violation[], string][] = [
  [
    "a valid call returns",
    (): Violation[] => {
      const source = { file: "lib/alloc_page.c", function: "split", line: 108 };
      const outcome = { kind: "assertion-failed", source, expression: "0", message: "" } as const;
      const call = { kind: "alloc-pages", order: 0, wishes: NO_WISHES } as const;
      return new Ledger(worked()).after(call, outcome);
    },
    "alloc-pages ends in lib/alloc_page.c:108: assert failed: 0",
  ],
  [
    "a valid request is refused only for want of room",
    (): Violation[] => told(worked(), { kind: "alloc-pages", order: 3, wishes: NO_WISHES }, null),
    "alloc-pages gave NULL, but the 8 frames from 0x1008 on are usable",
  ],
  [
    "a block handed out has the size and alignment asked for",
    (): Violation[] => {
      const machine = small(edition("repaired"));
      const ledger = new Ledger(machine);
      const value = virtAddr(alloc(machine, 0));
      const sizes = { alignment: 0x2000n, size: 1n };
      const call = { kind: "memalign-pages", ...sizes, wishes: NO_WISHES } as const;
      return ledger.after(call, { kind: "returned", value });
    },
    "0x1001 is not aligned to order 1",
  ],
  [
    "a block handed out lies in a zone asked for",
    (): Violation[] => {
      const machine = bareMachine(0xff0, 0x1010, { edition: edition("repaired") });
      const ledger = new Ledger(machine);
      const value = virtAddr(alloc(machine, 0, { areasMask: 4 }));
      const wishes = { ...NO_WISHES, areasMask: 8 };
      return ledger.after({ kind: "alloc-pages", order: 0, wishes }, { kind: "returned", value });
    },
    "0x1001 is handed out, but belongs to zone 2",
  ],
  [
    "a block asked for as fresh was never touched",
    (): Violation[] => {
      const machine = small(edition("repaired"));
      const ledger = new Ledger(machine);
      const value = virtAddr(alloc(machine, 0, { dontZero: true }));
      const wishes = { ...NO_WISHES, dontZero: true, fresh: true };
      return ledger.after({ kind: "alloc-pages", order: 0, wishes }, { kind: "returned", value });
    },
    "0x1001 had been touched before it was handed out as fresh",
  ],
  [
    "special pages are never handed out",
    (): Violation[] => {
      const machine = small(edition("repaired"));
      machine.pages.reservePages(physAddr(0x1001000n), pageCount(1));
      const ledger = new Ledger(machine);
      poke(machine, 0x1001, 0x80);
      const call = { kind: "alloc-pages", order: 0, wishes: NO_WISHES } as const;
      return ledger.after(call, { kind: "returned", value: virtAddr(0x1001000n) });
    },
    "0x1001 is handed out, but is reserved",
  ],
  [
    "no two live allocations overlap",
    (): Violation[] => {
      const call = { kind: "alloc-pages", order: 0, wishes: NO_WISHES } as const;
      return told(worked(), call, virtAddr(0x1001000n));
    },
    "0x1001 is handed out, but belongs to somebody already",
  ],
  [
    "nothing outside RAM is handed out",
    (): Violation[] => {
      const machine = createMachine({ arch: arch("arm64"), edition: edition("repaired") });
      declareRam(machine, pfn(0x1000), pfn(0x1001));
      const rest = { first: physAddr(0x1001000n), size: byteCount(0xf000n), kind: "reserved" };
      machine.ram.addRange({ ...rest, kind: "reserved" });
      machine.pages.initArea(0, pfn(0x1000), pfn(0x1010));
      const ledger = new Ledger(machine);
      return ledger.run({ kind: "alloc-pages", order: 0, wishes: NO_WISHES }).violations;
    },
    "0x1001 is handed out, but is no RAM",
  ],
  [
    "zeroed memory is zero",
    (): Violation[] => {
      const machine = small(edition("repaired"));
      machine.ram.writeByte(virtAddr(0x1001abcn), 1, "a test");
      const ledger = new Ledger(machine);
      const value = virtAddr(alloc(machine, 0, { dontZero: true }));
      const call = { kind: "alloc-pages", order: 0, wishes: NO_WISHES } as const;
      return ledger.after(call, { kind: "returned", value });
    },
    "the byte at 0x1001abc is not 0",
  ],
  [
    "nothing outside the block is written",
    (): Violation[] => {
      const machine = worked();
      const ledger = new Ledger(machine);
      ledger.before();
      machine.ram.writeByte(virtAddr(0x1001abcn), 1, "a test");
      return ledger.after(NOTHING, { kind: "returned", value: undefined });
    },
    "the byte at 0x1001abc changed, which belongs to somebody else",
  ],
  [
    "frames are conserved",
    (): Violation[] => {
      const machine = worked();
      const ledger = new Ledger(machine);
      poke(machine, 0x1001, 0x40);
      return ledger.after(NOTHING, { kind: "returned", value: undefined });
    },
    "0x1001 is free, but belongs to a live allocation",
  ],
];

/** What a ledger says of a call that was never made. */
function told(
  machine: Machine,
  call: PageCall,
  value: ReturnType<typeof virtAddr> | null,
): Violation[] {
  return new Ledger(machine).after(call, { kind: "returned", value });
}

for (const [rule, deed, sentence] of DEEDS) {
  Deno.test(`a Ledger finds a call after which only this is not so: ${rule}`, () => {
    const violations = deed();
    assertEquals(rules(violations), [rule]);
    assertEquals(violations[0]?.sentence, sentence);
  });
}

Deno.test("a Ledger has a deed for each rule", () => {
  assertEquals(DEEDS.map(([rule]) => rule), Object.keys(CALL_RULES));
});

Deno.test("a Ledger that saw a misused call return reports nothing more", () => {
  const machine = worked();
  const ledger = new Ledger(machine);
  const foreign = { kind: "free-pages", address: virtAddr(0x1002000n) } as const;
  assertEquals(ledger.after(foreign, { kind: "returned", value: undefined }), []);
  assertEquals(ledger.knowledge, "lost");
  poke(machine, 0x1001, 0x40);
  assertEquals(ledger.after(NOTHING, { kind: "returned", value: undefined }), []);
});

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

Deno.test("between the steps of a call the rules hold for all frames but those in hand", () => {
  const machine = small(edition("repaired"));
  for (let page = 0; page < 7; page++) alloc(machine, 0);
  const except = [{ first: 0x1008, top: 0x1010 }];
  const seen: RuleName[][] = [];
  assert(machine.pages instanceof LiteralPageAllocator);
  machine.pages.listener = (): void => {
    assertEquals(findViolations(machine, { except }), []);
    seen.push(rules(findViolations(machine)));
  };
  const page = alloc(machine, 0);
  machine.pages.freePages(page);
  assertEquals(page, 0x1008000n);
  assert(seen.length > 10, "the call has steps");
  assert(seen.some((found) => found.length > 0), "between them the frames in hand break rules");
});

Deno.test("findViolations() checks areas of 16 TiB by their runs", () => {
  const machine = bareMachine(0x100000, 0x100000000, { edition: edition("repaired") });
  const block = alloc(machine, 20);
  assertEquals(findViolations(machine), []);
  machine.ram.writeByte(virtAddr(block + (1n << 33n)), 1, "a test");
  const except = [{ first: 0x100000, top: 0x200000 }];
  assertEquals(findViolations(machine, { except }), []);
});

Deno.test("findViolations() survives any damage, and always finds it in the descriptors", () => {
  const random = randomNumbers(3);
  for (let round = 0; round < 400; round++) {
    const machine = worked();
    takeEvents(machine);
    const places = [machine.options.areasAddress, 0x1000000n, 0x1002000n, 0x1008000n];
    for (let write = 0; write < 3; write++) {
      const place = places[random(places.length)] ?? 0n;
      const value = [0n, 2n ** 64n - 1n, 0x1004000n, BigInt(random(2 ** 32)) << 30n][random(4)] ??
        0n;
      machine.ram.writeWord(virtAddr(place + BigInt(random(12)) * 4n), value, "a test");
    }
    for (const { rule, sentence } of findViolations(machine)) {
      assert(rule in STATE_RULES);
      assert(sentence.length > 0);
    }
  }
});
