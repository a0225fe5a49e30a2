import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { newHost, perform, reportFreePages, setBalloon, setPolicies } from "../src/host/mod.ts";
import { cloneMachine, createMachine, type Machine } from "../src/machine.ts";
import { HostAccount, type HostEvent } from "../src/memory/mod.ts";
import { outcomeOf } from "../src/outcome.ts";
import { nestedObservers } from "../src/page_allocator.ts";
import { byteCount, pageCount, physAddr, virtAddr } from "../src/units.ts";
import { BY, ramOf, range, TIB } from "./memory_support.ts";
import { addRange, arch, edition, lists } from "./support.ts";

/** An x86_64 machine with 32 usable frames from 0x101 on. */
function machineOf(name = "repaired"): Machine {
  const machine = createMachine({ arch: arch("x86_64"), edition: edition(name) });
  addRange(machine, 0x100, 0x121);
  return machine;
}

/** What happened, by kind. */
function kindsOf({ host }: Machine): HostEvent["kind"][] {
  return host.account.takeEvents().map(({ kind }) => kind);
}

const at = (address: bigint): ReturnType<typeof physAddr> => physAddr(address);

Deno.test("HostAccount.discard() counts the pages that the host had something behind", () => {
  const ram = ramOf();
  const account = new HostAccount(ram);
  ram.writeByte(virtAddr(0x1000n), 1, BY);
  account.discard(at(0x1000n), byteCount(0x3000n), "asked");
  account.discard(at(0x1000n), byteCount(0x1000n), "asked");
  assertEquals(account.taken, 1);
  const resident = account.takeEvents().map((e) => e.kind === "discard" ? e.resident : -1);
  assertEquals(resident, [1, 0]);
});

Deno.test("HostAccount.reclaim() takes unused pages and volatile ones that nobody wrote to", () => {
  const ram = ramOf();
  const account = new HostAccount(ram);
  ram.fill(virtAddr(0n), byteCount(0x8000n), 7, BY);
  account.mark(at(0n), byteCount(0x4000n), "unused");
  account.mark(at(0x1000n), byteCount(0x1000n), "stable");
  account.mark(at(0x4000n), byteCount(0x3000n), "potentially-volatile");
  account.mark(at(0x6000n), byteCount(0x1000n), "stable");
  assertEquals([account.unused, account.potentiallyVolatile], [3, 2]);
  ram.writeByte(virtAddr(0x5fffn), 8, BY);
  assertEquals(account.reclaim(), 4);
  const first = [0, 1, 2, 3, 4, 5, 6, 7].map((page) => ram.peekByte(at(BigInt(page) * 0x1000n)));
  assertEquals(first, [0, 7, 0, 0, 0, 7, 7, 7]);
});

Deno.test("HostAccount.verifyPoison() finds each page whose poison is broken, once", () => {
  const ram = ramOf();
  const account = new HostAccount(ram);
  ram.fill(virtAddr(0x1000n), byteCount(0x4000n), 0xaa, BY);
  account.noteFill(at(0x1000n), byteCount(0x4000n), 0xaa, "poison");
  assertEquals(account.verifyAllPoison(), 0);
  ram.writeWord(virtAddr(0x1ffcn), 0n, BY);
  ram.discard(at(0x4000n), byteCount(0x1000n));
  assertEquals(account.verifyPoison(at(0x1000n), byteCount(0x3000n)), 2);
  assertEquals(account.verifyAllPoison(), 3);
  const [, first, second] = account.takeEvents();
  const page = at(0x1000n);
  assertEquals(first, { kind: "broken-poison", page, first: at(0x1ffcn), bytes: 4 });
  assertEquals(second?.kind === "broken-poison" && second.first, at(0x2000n));
  account.forgetPoison(at(0n), byteCount(0x5000n));
  assertEquals([account.poisoned, account.verifyAllPoison()], [0, 0]);
});

Deno.test("HostAccount costs what was said of pages, not how many there are", () => {
  const ram = ramOf({ ranges: [range(0n, 64n * TIB)] });
  const host = newHost(ram);
  host.account.mark(at(0n), byteCount(64n * TIB), "unused");
  assertEquals(host.account.reclaim(), 2 ** 34);
});

Deno.test("setBalloon() takes frames from the allocator and gives the newest back first", () => {
  const machine = machineOf();
  const before = lists(machine);
  assertEquals(setBalloon(machine, 3), 3);
  assertEquals(machine.host.balloon, [0x120000n, 0x101000n, 0x102000n].map(virtAddr));
  assertEquals(machine.ram.backing(at(0x101000n)), "discarded");
  assertEquals(setBalloon(machine, 1), 1);
  assertEquals(machine.host.balloon, [virtAddr(0x120000n)]);
  assertEquals(setBalloon(machine, 1000), 32, "no more than there are");
  assertEquals(machine.pages.allocPages(0, 0), null);
  assertEquals(setBalloon(machine, 0), 0);
  assertEquals(lists(machine).split("\n").length, before.split("\n").length);
});

for (const name of ["reserve-2020-10", "pfn-2021-01", "head", "repaired", "list-2020"]) {
  Deno.test(`reportFreePages() leaves the same free blocks on ${name}`, () => {
    const machine = machineOf(name);
    machine.pages.allocPages(1, 0);
    const counts = (): string[] =>
      machine.pages.areas().flatMap(({ area, freeLists }) =>
        freeLists.map(({ order, forward }) =>
          `${area} ${order} ${[...forward.pfns].sort()} ${forward.end.kind}`
        )
      );
    const before = counts();
    const frames = before.length > 1 ? 24 + 4 : 0;
    assertEquals(reportFreePages(machine, 2, "isolated"), frames);
    assertEquals(counts(), before);
  });
}

Deno.test("reportFreePages() isolated costs one refault for each block put back", () => {
  const machine = machineOf("head");
  assertEquals(reportFreePages(machine, 1, "isolated"), 30);
  assertEquals(machine.ram.refaults, 4);
  assertEquals(reportFreePages(machine, 1, "isolated"), 30);
  assertEquals([machine.ram.refaults, machine.host.account.taken], [8, 8]);
});

Deno.test("reportFreePages() in place loses the links of each block", () => {
  const machine = machineOf("head");
  assertEquals(reportFreePages(machine, 1, "in-place"), 30);
  const ends = machine.pages.areas().flatMap(({ freeLists }) =>
    freeLists.map(({ order, forward }) => `${order} ${forward.end.kind}`)
  );
  assertEquals(ends, ["0 own-head", "1 null", "2 null", "3 null", "4 null"]);
});

Deno.test("hooks of CMA mark what is freed as unused and what is handed out as stable", () => {
  const machine = machineOf();
  setPolicies(machine, { cma: "on" });
  const block = machine.pages.allocPages(2, 0) ?? virtAddr(0n);
  machine.pages.freePages(block);
  assertEquals(machine.host.account.unused, 4);
  machine.pages.reservePages(at(block + 0x1000n), pageCount(1));
  assertEquals(machine.host.account.unused, 3);
  assertEquals(kindsOf(machine), ["mark", "mark", "mark"]);
  setPolicies(machine, null);
  machine.pages.allocPages(0, 0);
  assertEquals(kindsOf(machine), []);
});

Deno.test("an access to what z/VM has taken by its mark is a fault, until the page is stable", () => {
  const machine = machineOf();
  const { account } = machine.host;
  const { space } = machine;
  setPolicies(machine, { cma: "faults" });
  space.fill(virtAddr(0x110000n), byteCount(0x3000n), 7, BY);
  account.mark(at(0x110000n), byteCount(0x1000n), "unused");
  account.mark(at(0x111000n), byteCount(0x1000n), "potentially-volatile");
  assertEquals(account.reclaim(), 2);
  const reasonOf = (action: () => unknown): string => {
    const outcome = outcomeOf(action);
    return outcome.kind === "fault" ? `${outcome.reason} ${outcome.address.toString(16)}` : "none";
  };
  const length = byteCount(0x2000n);
  const accesses: readonly (readonly [() => unknown, string])[] = [
    [() => space.readByte(virtAddr(0x110123n), BY), "unused-block 110123"],
    [() => space.writeWord(virtAddr(0x110ff8n), 1n, BY), "unused-block 110ff8"],
    [() => space.read(virtAddr(0x10fffcn), 8, BY), "unused-block 110000"],
    [() => space.fill(virtAddr(0x111010n), byteCount(4n), 0, BY), "volatile-block 111010"],
    [() => space.fill(virtAddr(0x111800n), length, 0, BY), "volatile-block 111800"],
    [() => space.firstDifferent(virtAddr(0x111000n), length, 0, BY), "volatile-block 111000"],
    [
      () => space.firstDifferent(virtAddr(0x111008n), byteCount(8n), 0, BY),
      "volatile-block 111008",
    ],
    [() => space.runs(virtAddr(0x110800n), length, BY), "unused-block 110800"],
    [() => space.readByte(virtAddr(0x112000n), BY), "none"],
    [() => machine.ram.peekByte(at(0x110000n)), "none"],
  ];
  for (const [action, wanted] of accesses) assertEquals(reasonOf(action), wanted);
  const copy = cloneMachine(machine);
  account.mark(at(0x110000n), byteCount(0x1000n), "stable");
  assertEquals(reasonOf(() => space.readByte(virtAddr(0x110123n), BY)), "none");
  assertEquals(reasonOf(() => copy.space.readByte(virtAddr(0x110123n), BY)), "unused-block 110123");
  setPolicies(copy, null);
  assertEquals(reasonOf(() => copy.space.readByte(virtAddr(0x110123n), BY)), "none");
});

Deno.test("hooks fill what is freed in front of the node, or late over it", () => {
  const machine = machineOf();
  const [one, other] = [0, 0].map((order) => machine.pages.allocPages(order, 0) ?? virtAddr(0n));
  setPolicies(machine, { initOnFree: "early" });
  machine.pages.freePages(one ?? virtAddr(0n));
  assertNotEquals(machine.ram.peek(at(one ?? 0n), 8), 0n, "the node stands there");
  setPolicies(machine, { initOnFree: "late" });
  machine.pages.freePages(other ?? virtAddr(0n));
  assertEquals(machine.ram.peek(at(other ?? 0n), 8), 0n, "the node is gone");
});

Deno.test("hooks verify poison as it was before the request cleared the block", () => {
  const machine = machineOf();
  const block = machine.pages.allocPages(1, 0) ?? virtAddr(0n);
  setPolicies(machine, { poison: { byte: 0x55, place: "early" }, initOnAlloc: "on" });
  machine.pages.freePages(block);
  assertEquals(machine.pages.allocPages(1, 0), block);
  const { account } = machine.host;
  assertEquals([account.brokenPoison, account.poisoned], [1, 0]);
  assertEquals(kindsOf(machine), ["fill", "broken-poison", "fill"]);
});

Deno.test("hooks leave what reserved frames hold as it is, and fill what comes back", () => {
  const machine = machineOf();
  machine.ram.writeByte(virtAddr(0x111800n), 7, BY);
  setPolicies(machine, { initOnAlloc: "on", poison: { byte: 0x66, place: "early" } });
  assertEquals(machine.pages.reservePages(at(0x111000n), pageCount(2)), 0);
  assertEquals(machine.ram.peekByte(at(0x111800n)), 7);
  machine.pages.unreservePages(at(0x111000n), pageCount(2));
  assertEquals(machine.ram.peekByte(at(0x112fffn)), 0x66);
  assertEquals(kindsOf(machine), ["fill"]);
});

Deno.test("a copied machine has the host's state and hooks of its own", () => {
  const machine = machineOf();
  setPolicies(machine, { cma: "on" });
  const block = machine.pages.allocPages(2, 0) ?? virtAddr(0n);
  setBalloon(machine, 2);
  const copy = cloneMachine(machine);
  copy.pages.freePages(block);
  assertEquals([machine.host.account.unused, copy.host.account.unused], [0, 4]);
  assertEquals(perform(copy, { kind: "reclaim" }), 4);
  assertEquals(machine.ram.backing(at(block)), "touched");
  setBalloon(copy, 0);
  assertEquals(machine.host.balloon.length, 2);
});

Deno.test("setPolicies() refuses an allocator without page states", () => {
  assertThrows(
    () => setPolicies(machineOf("list-2020"), { cma: "on" }),
    RangeError,
    "Cannot put hooks around the page allocator of list-2020: it must keep page states",
  );
});

Deno.test("nestedObservers() tells the outer one first of a beginning and last of an end", () => {
  const told: string[] = [];
  const named = (name: string) => ({
    before: (): void => void told.push(`${name} before`),
    after: (): void => void told.push(`${name} after`),
  });
  const machine = machineOf();
  machine.pages.observer = nestedObservers(named("outer"), named("inner"));
  machine.pages.allocPages(0, 0);
  assertEquals(told, ["outer before", "inner before", "inner after", "outer after"]);
  assertEquals(nestedObservers(null, null), null);
});
