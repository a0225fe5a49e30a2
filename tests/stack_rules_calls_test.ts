import { assertEquals } from "@std/assert";
import {
  cloneMachine,
  EDITIONS,
  type Fault,
  installPage,
  type Machine,
  type Outcome,
  physAddr,
  requestFlags,
  virtAddr,
} from "../mod.ts";
import { unreachable } from "../src/outcome.ts";
import {
  checkEndState,
  formatViolation,
  STACK_CALL_RULES,
  type StackCall,
  type Violation,
} from "../src/check/mod.ts";
import { randomNumbers } from "./random_calls.ts";
import { booted, doing, HEALTHY_GUESTS, makeCall, Watched } from "./stack_rules_support.ts";

const FAULT: Fault = {
  kind: "fault",
  address: 0x10n,
  reason: "unmapped",
  by: "a test",
  access: { kind: "read", address: 0x10n, sizeBytes: 8n, byte: null },
};

/** A machine whose calls do what a test wants instead of what they say. */
function lied(
  call: StackCall | ((block: bigint) => StackCall),
  make: (machine: Machine, block: bigint) => Outcome<bigint | null | undefined>,
): Violation[] {
  const watched = new Watched(booted("x86_64-128M", "repaired"));
  const block = watched.do({ kind: "malloc", size: 16n });
  watched.do({ kind: "user-write", address: block, size: 16n });
  assertEquals(watched.lines, []);
  const told = typeof call === "function" ? call(block) : call;
  watched.do(told, () => make(watched.machine, block));
  return watched.found;
}

/** A call that is told as another. */
function made(call: StackCall): (machine: Machine) => Outcome<bigint | null | undefined> {
  return (machine) => makeCall(machine, call);
}

/** A page that was allocated, and is not given back. */
function leak(): Violation[] {
  const machine = booted("x86_64-128M", "repaired");
  const zero = cloneMachine(machine);
  const flags = requestFlags(machine.edition, { areasMask: null, dontZero: false, fresh: false });
  machine.pages.allocPages(0, flags);
  return checkEndState(zero, machine);
}

/** How a call is made that breaks only one rule, and what is then said. */
const BROKEN: readonly [keyof typeof STACK_CALL_RULES, () => Violation[], string][] = [
  [
    "boot ends in a running machine",
    () => lied({ kind: "boot" }, () => FAULT),
    "boot ends in fault: a test reads 8 bytes at 0x10, which is not mapped",
  ],
  [
    "a valid call of malloc or vmalloc returns",
    () => lied((address) => ({ kind: "free", address }), () => FAULT),
    "free ends in fault: a test reads 8 bytes at 0x10, which is not mapped",
  ],
  [
    "a block from malloc is as large and aligned as asked for",
    () =>
      lied(
        { kind: "memalign", alignment: 64n, size: 8n },
        made({ kind: "memalign", alignment: 32n, size: 8n }),
      ),
    "0xffffffffffffd020 is no multiple of 64",
  ],
  [
    "memory from calloc is zero",
    () =>
      lied({ kind: "calloc", count: 2n, size: 8n }, (machine) => {
        const outcome = makeCall(machine, { kind: "malloc", size: 16n });
        const address = outcome.kind === "returned" ? outcome.value ?? 0n : 0n;
        machine.space.writeByte(virtAddr(address + 15n), 1, "a test");
        return outcome;
      }),
    "of the block at 0xffffffffffffd008, the byte at physical 0x106f017 is not 0",
  ],
  [
    "a size that cannot be had is refused",
    () => lied({ kind: "malloc", size: 1n << 40n }, made({ kind: "malloc", size: 8n })),
    "malloc of 1099511627776 bytes gave 0xffffffffffffd008",
  ],
  [
    "vmap covers its whole range",
    () =>
      lied(
        { kind: "vmap", physical: 0x2000000n, size: 0x2000n },
        made({ kind: "vmap", physical: 0x2001000n, size: 0x2000n }),
      ),
    "frame 0x2000 of the 8192 bytes at 0x2000000 cannot be reached in page 0xffffffffffffc",
  ],
  [
    "free(NULL) changes nothing",
    () =>
      lied({ kind: "free", address: 0n }, (machine) =>
        doing(() => {
          const tables = machine.mmu.tables ?? unreachable("it has booted");
          installPage(tables, physAddr(0x2000000n), virtAddr(0x2000000n));
        })()),
    "free(NULL) changed page tables",
  ],
  [
    "live blocks hold what their owners wrote",
    () =>
      lied(
        { kind: "page-call" },
        (machine, block) =>
          doing(() => machine.space.writeByte(virtAddr(block + 15n), 1, "a test"))(),
      ),
    "the byte at physical 0x106b017 changed, which belongs to the block at 0xffffffffffffe008",
  ],
  [
    "after everything is freed the machine is as fresh",
    leak,
    "area 2 has lost 1 frame, the first is 0x106b",
  ],
];

for (const [rule, act, sentence] of BROKEN) {
  Deno.test(`StackWatch and checkEndState, broken by a test: ${rule}`, () => {
    const violations = act();
    assertEquals([...new Set(violations.map((one) => one.rule))], [rule]);
    assertEquals(violations[0]?.sentence, sentence);
  });
}

Deno.test("STACK_CALL_RULES has a test for each rule that breaks it", () => {
  assertEquals(BROKEN.map(([rule]) => rule), Object.keys(STACK_CALL_RULES));
});

/** Those that have little memory, so that page tables are read fast. */
const SMALL_GUESTS = HEALTHY_GUESTS.filter((name) => name.includes("M"));

/** The calls of a random user of malloc and vmap, who frees everything in the end. */
function useAtRandom(watched: Watched, random: (below: number) => number): void {
  const blocks: bigint[] = [];
  for (let step = 0; step < 25; step++) {
    const size = BigInt(random(3) === 0 ? random(0x9000) : random(300));
    const choice = random(6);
    if (choice === 0) watched.do({ kind: "free", address: blocks.splice(random(4), 1)[0] ?? 0n });
    else if (choice === 1) {
      const address = blocks[random(4)] ?? 0n;
      if (address !== 0n) watched.do({ kind: "user-write", address, size: 1n });
    } else if (choice === 2) {
      watched.do({ kind: "alloc-vpages", count: BigInt(random(4)), alignOrder: random(3) });
    } else if (choice === 3) {
      blocks.push(watched.do({ kind: "calloc", count: 3n, size }));
    } else if (choice === 4) {
      const alignment = 1n << BigInt(random(15));
      blocks.push(watched.do({ kind: "memalign", alignment, size }));
    } else blocks.push(watched.do({ kind: "malloc", size }));
  }
  for (const address of blocks) watched.do({ kind: "free", address });
}

Deno.test("StackWatch is silent on repaired under random calls, and everything comes back", () => {
  for (const [seed, name] of SMALL_GUESTS.entries()) {
    const watched = new Watched(booted(name, "repaired"));
    const zero = cloneMachine(watched.machine);
    useAtRandom(watched, randomNumbers(seed + 1));
    assertEquals(watched.watch.knowledge, "complete", name);
    assertEquals(watched.lines, [], `${name}, seed ${seed + 1}`);
    assertEquals(checkEndState(zero, watched.machine).map(formatViolation), [], name);
  }
});

Deno.test("StackWatch finds nothing but stale mappings in head under random calls", () => {
  for (const [seed, name] of SMALL_GUESTS.entries()) {
    const watched = new Watched(booted(name, "head"));
    useAtRandom(watched, randomNumbers(seed + 1));
    assertEquals(watched.watch.knowledge, "complete", name);
    assertEquals(watched.rules, ["what was given back is not mapped"], `${name}, seed ${seed + 1}`);
  }
});

Deno.test("StackWatch finds nothing but stale mappings in every edition before repaired", () => {
  for (const { name } of EDITIONS.filter((one) => one.name !== "repaired")) {
    const watched = new Watched(booted("i386-128M", name));
    const blocks = [8n, 5000n, 300n].map((size) => watched.do({ kind: "malloc", size }));
    assertEquals(watched.lines, [], name);
    for (const address of blocks) watched.do({ kind: "free", address });
    assertEquals(watched.rules, ["what was given back is not mapped"], name);
  }
});

Deno.test("StackWatch.copy goes on by itself on a copy of the machine", () => {
  const watched = new Watched(booted("x86_64-128M", "repaired"));
  const address = watched.do({ kind: "malloc", size: 16n });
  const machine = cloneMachine(watched.machine);
  const copy = watched.watch.copy();
  watched.do({ kind: "free", address });
  copy.before(machine);
  const written = doing(() => machine.space.writeByte(virtAddr(address), 7, "a test"))();
  const lines = copy.after(machine, { kind: "page-call" }, written).map(formatViolation);
  assertEquals([watched.watch.live.length, copy.live.length], [0, 1]);
  assertEquals(lines.length, 1);
  assertEquals(watched.lines, []);
});

Deno.test("StackWatch knows no more after the release of what nobody owns", () => {
  const watched = new Watched(booted("x86_64-128M", "repaired"));
  const address = watched.do({ kind: "malloc", size: 16n });
  watched.do({ kind: "free", address: address + 8n }, () => FAULT);
  assertEquals(watched.watch.knowledge, "lost");
  assertEquals(watched.lines, []);
});

Deno.test("checkEndState: head joins no blocks (D1), so that the largest one is lost", () => {
  const machine = booted("x86_64-32M");
  const zero = cloneMachine(machine);
  const { pages } = machine;
  const blocks = [];
  for (let block = pages.allocPages(0, 0); block !== null; block = pages.allocPages(0, 0)) {
    blocks.push(block);
  }
  for (const block of blocks) pages.freePages(block);
  assertEquals(checkEndState(zero, machine).map(formatViolation), [
    "after everything is freed the machine is as fresh: " +
    "the most that area 2 can give is a block of order 0, and was a block of order 10",
  ]);
});
