import { assert, assertEquals } from "@std/assert";
import { hasAreas } from "../src/alloc_page/mod.ts";
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
  type Machine,
  order,
  pageCount,
  pfn,
  physAddr,
  takeEvents,
  virtAddr,
} from "../mod.ts";
import { alloc, small } from "./promises.ts";
import { randomNumbers } from "./random_calls.ts";
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
    assert(hasAreas(machine.pages));
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
  assert(hasAreas(machine.pages));
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
    "a refused request changes nothing",
    (): Violation[] => {
      const machine = worked();
      const ledger = new Ledger(machine);
      ledger.before();
      machine.pages.freePages(machine.pages.allocPages(1, 0) ?? virtAddr(0n));
      const call = { kind: "alloc-pages", order: 4, wishes: NO_WISHES } as const;
      return ledger.after(call, { kind: "returned", value: null });
    },
    "area 0 is not what it was",
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

Deno.test("findViolations() survives any damage", () => {
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
