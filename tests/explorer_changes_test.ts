/**
 * The bytes that a step changed: every one of them is told, with who wrote it and why.
 */

import { assert, assertEquals } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import { byteCount, cloneMachine, type Machine } from "../mod.ts";
import {
  type ChangeView,
  openSession,
  type RunSide,
  type StateView,
} from "../src/explorer/model/mod.ts";
import { lastWriters, type StepWrite, witnessWrites } from "../src/explorer/model/writes.ts";
import { differencesOf } from "../src/report/pairs.ts";

function sideOf(text: string, edition: string | null): RunSide {
  const input = {
    text,
    file: "test.buddy",
    editions: [edition],
    mapText: null,
    watch: "off",
  } as const;
  const opened = openSession(input, ARCHS);
  assert(opened.kind === "session", opened.kind === "session" ? "" : opened.problems[0]?.message);
  const [side] = opened.session.sides;
  assert(side !== undefined);
  return side;
}

/** Bytes `[first, end)`. */
interface Span {
  readonly first: bigint;
  readonly end: bigint;
}

/** The bytes of memory that differ between two machines, descriptors included. */
function changedBytes(before: Machine, after: Machine): Span[] {
  // A page that nobody has touched is as it was.
  return [...after.ram.touchedPages()].flatMap(({ first, count }) => {
    const size = byteCount(BigInt(count) * 0x1000n);
    const [one, other] = [before, after].map(({ ram }) =>
      ram.peekRuns(first, size).map(({ byte, count }) => ({ value: byte ?? "none", count }))
    );
    const differences = differencesOf(one ?? [], other ?? [], (a, b) => a === b);
    return differences.filter(({ left }) => left !== "none").map((pair) => {
      const at = first + BigInt(pair.first);
      return { first: at, end: at + BigInt(pair.count) };
    });
  });
}

/** The bytes that no span of a set holds. */
function without(bytes: readonly Span[], spans: readonly Span[]): Span[] {
  const ascending = (one: Span, other: Span): number => one.first < other.first ? -1 : 1;
  const sorted = spans.toSorted(ascending);
  const left: Span[] = [];
  let [index, behind] = [0, -1n];
  for (const { first, end } of bytes.toSorted(ascending)) {
    let at = first > behind ? first : behind;
    for (; at < end; index++) {
      const span = sorted[index];
      if (span === undefined || span.first >= end) break;
      if (span.first > at) left.push({ first: at, end: span.first });
      if (span.end > at) at = span.end;
    }
    if (at < end) left.push({ first: at, end });
    behind = at;
  }
  return left;
}

function spanOf({ address, count }: ChangeView): Span {
  return { first: BigInt(address), end: BigInt(address) + BigInt(count) };
}

/** The bytes that a step changed and that nothing in its view, or nobody who wrote, accounts for. */
function unexplained(side: RunSide, step: number): string[] {
  const view = side.view(step);
  const before = side.machineAt(step - 1);
  const changed = changedBytes(before, side.machineAt(step));
  const isFolded = view.changes.at(-1)?.what.startsWith("…") ?? false;
  const told = isFolded ? writtenIn(side, step, before) : view.changes.map(spanOf);
  const missing = without(changed, told).map(({ first, end }) => {
    return `step ${step}, ${view.statement}: 0x${first.toString(16)}, ${end - first} bytes`;
  });
  const silent = view.changes.filter(({ what, why, source }) =>
    !what.startsWith("…") && why + source === ""
  );
  return [...missing, ...silent.map(({ what }) => `step ${step}, ${view.statement}: why ${what}?`)];
}

function writtenIn(side: RunSide, step: number, before: Machine): readonly StepWrite[] {
  const machine = cloneMachine(before);
  const witnessed = witnessWrites(machine);
  side.run.stepOn(step, machine);
  const { writes, untold } = witnessed();
  assertEquals(untold, 0);
  return writes;
}

function unexplainedOf(text: string, edition: string | null): string[] {
  const side = sideOf(text, edition);
  return Array.from({ length: side.run.stepCount }, (_, step) => unexplained(side, step)).flat();
}

/** Every kind of call, on a machine with page tables. */
function stack(machine: string): string {
  return `machine ${machine}
boot early
m0 = malloc 100
setup_vm
a = malloc 8
b = malloc 9000
c = calloc 10 10
d = memalign 0x4000 100
p = alloc_pages 2
write p 0x1234
fill p 5000 0x5a
v = alloc_vpages 3
w = vmap p 0x2000
free a
free b
free c
free_pages p
try reserve_pages p 1
host poison 0xaa late
q = alloc_page
write q+16 1
free_page q
host discard p 1
try r = alloc_page
`;
}

/** The page allocator alone, its own bytes written over by the scenario. */
const BARE = `area any 0x1000 0x1040
a = alloc_page
b = alloc_pages 3
c = memalign_pages 0x4000 0x2000
free_pages a
reserve_pages 0x1030000 2
write 0x1000002 0x45 1
fill 0x1004000 16 0
try d = alloc_page
try free_pages b
try free_pages c
try unreserve_pages 0x1030000 2
try e = alloc_pages 1
`;

for (const edition of ["repaired", "head", "pfn-2021-01", "reserve-2020-10", "rfc-2020-08"]) {
  Deno.test(`no byte of the bare allocator is left unexplained on ${edition}`, () => {
    assertEquals(unexplainedOf(BARE, edition), []);
  });
}

Deno.test("no byte is left unexplained before the rewrite", () => {
  const text = `area any 0x1000 0x1010
a = alloc_page
b = alloc_pages 1
free_pages a
write 0x1005000 0x1006000
`;
  assertEquals(unexplainedOf(text, "list-2020"), []);
});

const STACKS: readonly (readonly [machine: string, edition: string])[] = [
  ["x86_64 ram=64M", "repaired"],
  ["x86_64 ram=64M", "head"],
  ["i386 ram=64M", "head"],
  ["arm64 ram=32M", "repaired"],
];

for (const [machine, edition] of STACKS) {
  Deno.test(`no byte of the whole stack is left unexplained on ${machine}, ${edition}`, () => {
    assertEquals(unexplainedOf(stack(machine), edition), []);
  });
}

Deno.test("no byte is left unexplained where the byte order is big", () => {
  const text = `${stack("s390x ram=16M").split("\n").slice(0, 8).join("\n")}\nfree b\n`;
  assertEquals(unexplainedOf(text, "head"), []);
});

Deno.test("no byte of the examples is left unexplained", async () => {
  const folder = new URL("../examples/", import.meta.url);
  let checked = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".buddy")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    for (const edition of [null, "repaired"]) assertEquals(unexplainedOf(text, edition), [], name);
    checked++;
  }
  assert(checked >= 7);
});

function viewOf(text: string, step: number, edition: string | null = null): StateView {
  return sideOf(text, edition).view(step);
}

Deno.test("the story of a step names the decision first, and the place of each event", () => {
  const text = "machine x86_64 edition=head\narea any 0x1000 0x1020\nreserve_pages 0x1006000 1\n";
  const { story } = viewOf(text, 2);
  assertEquals(story[0], {
    text: "splits 2 times, until each frame to be reserved is a block of its own",
    source: "_reserve_one_page(), lib/alloc_page.c:339",
  });
  assertEquals(story.at(-1), {
    text: "marks 1006 1 frame S0",
    source: "_reserve_one_page(), lib/alloc_page.c:342",
  });
  const refused = "machine x86_64 edition=pfn-2021-01\narea any 0x1000 0x1020\nalloc_pages 9\n";
  assertEquals(viewOf(refused, 2).story, [{
    text: "finds no block that is large and aligned enough in the areas asked for",
    source: "page_memalign_order(), lib/alloc_page.c:137",
  }]);
});

Deno.test("changes tell the byte, the hand that wrote it, and the place upstream", () => {
  const text =
    "machine x86_64 edition=head\narea any 0x1000 0x1020\na = alloc_page\nfree_pages a\n";
  assertEquals(viewOf(text, 3).changes, [
    {
      what: "page states of 1001, 1 frame",
      address: "0x1000000",
      count: 1,
      before: "80",
      after: "40",
      why: "A0 becomes f0",
      source: "_free_pages(), lib/alloc_page.c:297",
    },
    {
      what: "list node of 1001",
      address: "0x1001000",
      count: 16,
      before: "00 00 00 00 00 00 00 00 | 00 00 00 00 00 00 00 00",
      after: "e0 06 fe ff ff ff ff ff | e0 06 fe ff ff ff ff ff",
      why: "links 1001 order 0 at the front",
      source: "list_add(), lib/list.h:47, called by _free_pages(), lib/alloc_page.c:300",
    },
    {
      what: "head of the list of order 0, area 2",
      address: "0xfffffffffffe06e0",
      count: 16,
      before: "e0 06 fe ff ff ff ff ff | e0 06 fe ff ff ff ff ff",
      after: "00 10 00 01 00 00 00 00 | 00 10 00 01 00 00 00 00",
      why: "links 1001 order 0 at the front",
      source: "list_add(), lib/list.h:47, called by _free_pages(), lib/alloc_page.c:300",
    },
  ]);
});

Deno.test("changes tell what the scenario wrote, folded where it is long", () => {
  const text = `area any 0x1000 0x1020
write 0x1000001 0x7f 1
write 0x1010800 0x1122334455667788
fill 0x1010000 3000 0x5a
`;
  const told = [1, 2, 3].map((step) => {
    const change = viewOf(text, step).changes.at(-1);
    assert(change !== undefined);
    const { what, address, count, before, after, why, source } = change;
    return [what, address, count, before, after, why, source];
  });
  const [states, word, filled] = told;
  assertEquals(states, [
    "page states of 1002, 1 frame",
    "0x1000001",
    1,
    "01",
    "7f",
    ".1 becomes 0x7f: written by the scenario",
    "",
  ]);
  assertEquals(word, [
    "memory",
    "0x1010800",
    8,
    "00 00 00 00 00 00 00 00",
    "88 77 66 55 44 33 22 11",
    "written by the scenario",
    "",
  ]);
  assertEquals(filled?.slice(0, 3), ["memory", "0x1010010", 2984]);
  assertEquals(filled?.[4], "5a × 2984");
});

Deno.test("lastWriters() gives each byte to the write that came last", () => {
  const write = (first: number, end: number, by: string): StepWrite => {
    return { first: BigInt(first), end: BigInt(end), by, event: 0 };
  };
  const writes = [write(0, 10, "a"), write(4, 6, "b"), write(20, 30, "c"), write(8, 24, "d")];
  const cut = lastWriters(writes).map(({ first, end, write: { by } }) => `${first}-${end} ${by}`);
  assertEquals(cut, ["0-4 a", "4-6 b", "6-8 a", "8-24 d", "24-30 c"]);
  // Against a look at each byte, at random places.
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 16807) % 2147483647;
    return seed % limit;
  };
  for (let round = 0; round < 200; round++) {
    const some = Array.from({ length: 12 }, (_, index) => {
      const first = below(60);
      return write(first, first + 1 + below(20), `${index}`);
    });
    const expected = Array.from(
      { length: 80 },
      (_, at) => some.findLast(({ first, end }) => at >= first && at < end)?.by,
    );
    const found = lastWriters(some);
    const actual = Array.from(
      { length: 80 },
      (_, at) => found.find(({ first, end }) => at >= first && at < end)?.write.by,
    );
    assertEquals(actual, expected);
  }
});
