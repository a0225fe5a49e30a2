/**
 * One minimal case for each fact, on both sides of the change that introduced it. Each case is run a
 * third time on the later edition with the one fact flipped back: it must notice.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  descriptorLayout,
  type Edition,
  editionNamed,
  EDITIONS,
  type Facts,
  pageCount,
  physAddr,
  requestFlags,
  virtAddr,
} from "../mod.ts";
import { PROMISES } from "./promises.ts";
import { BOOT_PROMISES } from "./promises_boot.ts";
import { STACK_PROMISES } from "./promises_stack.ts";
import { codeOf, isModelSource, readFiles } from "./source_text.ts";
import { addRange, arch, bareMachine, edition, flags, lists, states, tell } from "./support.ts";

interface FactCase {
  readonly fact: keyof Facts;
  readonly before: string;
  readonly after: string;
  /** What the scenario shows, in words. */
  readonly shows: string;
  readonly run: (edition: Edition) => string;
  readonly results: readonly [before: string, after: string];
}

/** Area [1000, 1010): metadata 1000; blocks 1001/0 1002/1 1004/2 1008/3. */
function small(of: Edition): ReturnType<typeof bareMachine> {
  return bareMachine(0x1000, 0x1010, { edition: of, arch: arch("arm64") });
}

const CASES: readonly FactCase[] = [
  {
    fact: "pageAllocator",
    before: "list-2020",
    after: "rfc-2020-08",
    shows: "pages come out of a list in ascending order, or out of the smallest block",
    run: (of) => {
      const machine = small(of);
      return tell(() => machine.pages.allocPages(0, flags(machine)));
    },
    results: ["0x1000000", "0x1001000"],
  },
  {
    fact: "areaTable",
    before: "rfc-2020-08",
    after: "buddy-2020-10",
    shows: "frames below and above 4 GiB on x86: two pools, or one slot for all below 64 GiB",
    run: (of) => areaRanges(bareMachine(0xffff0, 0x100010, { edition: of })),
    results: ["0:100001-100010 1:ffff1-100000", "2:ffff1-100010"],
  },
  {
    fact: "areaTable",
    before: "reserve-2020-10",
    after: "areas-2021-01",
    shows: "frames above 4 GiB get an area of their own, and a second range can follow",
    run: (of) => {
      const machine = bareMachine(0x10000, 0x10010, { edition: of });
      return tell(() => addRange(machine, 0x100000, 0x100010));
    },
    results: ["lib/alloc_page.c:430: assert failed: !(areas_mask & BIT(n))", "void"],
  },
  {
    fact: "pageStateFormat",
    before: "malloc-2020-10",
    after: "reserve-2020-10",
    shows: "a reserved page has a state of its own",
    run: (of) => `special is ${of.pageStateFormat.special}`,
    results: ["special is null", "special is 128"],
  },
  {
    fact: "pageStateFormat",
    before: "max-order-2021-01",
    after: "status-2021-01",
    shows: "a freed page joins its buddy, or keeps a status that keeps it apart",
    run: (of) => {
      const machine = small(of);
      const block = machine.pages.allocPages(1, flags(machine)) ?? virtAddr(0n);
      machine.pages.freePages(machine.pages.allocPages(0, flags(machine)) ?? virtAddr(0n));
      machine.pages.freePages(block);
      return states(machine);
    },
    results: ["0*1 1*2 2*4 3*8", "40*1 41*2 2*4 3*8"],
  },
  {
    fact: "splitOrderIs",
    before: "max-order-2021-01",
    after: "status-2021-01",
    shows: "a freed block of order 3 is split by its order bits, or by the whole byte",
    run: (of) => {
      const machine = small(of);
      machine.pages.freePages(machine.pages.allocPages(3, flags(machine)) ?? virtAddr(0n));
      for (let page = 0; page < 7; page++) machine.pages.allocPages(0, flags(machine));
      return tell(() => machine.pages.allocPages(0, flags(machine)));
    },
    results: ["0x1008000", "0x1008000"],
  },
  {
    fact: "listRemovals",
    before: "areas-2021-01",
    after: "pfn-2021-01",
    shows: "giving a reserved page back joins it with a buddy that is off its list",
    run: (of) => {
      const machine = small(of);
      reserve(machine, 0x1009000n, 1);
      return tell(() => machine.pages.unreservePages(physAddr(0x1009000n), pageCount(1)));
    },
    results: ["lib/alloc_page.c:183: assert failed: li", "void"],
  },
  {
    fact: "pfnWidth",
    before: "areas-2021-01",
    after: "pfn-2021-01",
    shows: "the size of an area descriptor on i386",
    run: (of) => String(descriptorLayout(arch("i386"), of, 12).sizeBytes),
    results: ["172", "180"],
  },
  {
    fact: "reservation",
    before: "areas-2021-01",
    after: "pfn-2021-01",
    shows: "reserving a page of no area asserts, or returns -1",
    run: (of) => {
      const machine = small(of);
      return tell(() => machine.pages.reservePages(physAddr(0x9000000n), pageCount(1)));
    },
    results: ["lib/alloc_page.c:277: assert failed: a", "-1"],
  },
  {
    fact: "maxOrderHint",
    before: "pfn-2021-01",
    after: "max-order-2021-01",
    shows: "a block of the top order that comes back after the last one was split is lost",
    run: (of) => {
      const machine = bareMachine(0x1000, 0x1018, { edition: of, arch: arch("arm64") });
      const top = machine.pages.allocPages(3, flags(machine)) ?? virtAddr(0n);
      for (let page = 0; page < 8; page++) machine.pages.allocPages(0, flags(machine));
      machine.pages.freePages(top);
      return tell(() => machine.pages.allocPages(3, flags(machine)));
    },
    results: ["0x1010000", "null"],
  },
  {
    fact: "flagValues",
    before: "status-2021-01",
    after: "flags-2021-01",
    shows: "a request with 0 allows no area, or any",
    run: (of) => {
      const machine = small(of);
      return tell(() => machine.pages.allocPages(0, 0));
    },
    results: ["null", "0x1001000"],
  },
  {
    fact: "memalignArguments",
    before: "status-2021-01",
    after: "flags-2021-01",
    shows: "memalign of 4 pages takes 1, or 4",
    run: (of) => {
      const machine = small(of);
      machine.pages.memalignPages(0x1000n, 0x4000n, flags(machine));
      return states(machine);
    },
    results: ["0*1 1*2 80*1 0*1 1*2 3*8", "0*1 1*2 82*4 3*8"],
  },
  {
    fact: "zeroesByDefault",
    before: "flags-2021-01",
    after: "zero-2021-01",
    shows: "what a page held before",
    run: (of) => {
      const machine = small(of);
      const page = machine.pages.allocPages(0, flags(machine)) ?? virtAddr(0n);
      machine.space.write(virtAddr(page + 64n), 4, 0x5a5an, "a test");
      machine.pages.freePages(page);
      machine.pages.allocPages(0, flags(machine));
      return machine.space.read(virtAddr(page + 64n), 4, "a test").toString(16);
    },
    results: ["5a5a", "0"],
  },
  {
    fact: "freshRequests",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the flag is ignored, or gives half a block",
    run: (of) => {
      const machine = small(of);
      machine.pages.allocPages(1, flags(machine, { fresh: true, dontZero: true }));
      return states(machine);
    },
    results: ["0*1 81*2 2*4 3*8", "0*1 1*2 0*1 80*1 1*2 3*8"],
  },
  {
    fact: "freshHalvesGo",
    before: "zero-2021-01",
    after: "fresh-2021-01",
    shows: "the halves of a split fresh block go before or behind what is listed",
    run: (of) => {
      const machine = small(of);
      machine.pages.memalignPages(0x8000n, 0x1000n, flags(machine));
      return lists(machine);
    },
    results: ["0:1009,1001 1:100a,1002 2:100c,1004", "0:1001,1009 1:1002,100a 2:1004,100c"],
  },
  {
    fact: "assertions",
    before: "flags-2021-01",
    after: "zero-2021-01",
    shows: "the line of an assertion",
    run: (of) => tell(() => small(of).pages.memalignPages(3n, 1n, 0)),
    results: [
      "lib/alloc_page.c:393: assert failed: is_power_of_2(alignment)",
      "lib/alloc_page.c:395: assert failed: is_power_of_2(alignment)",
    ],
  },
];

function areaRanges(machine: ReturnType<typeof bareMachine>): string {
  return machine.pages.areas()
    .map(({ area, base, top }) => `${area}:${base.toString(16)}-${top.toString(16)}`).join(" ");
}

function reserve(machine: ReturnType<typeof bareMachine>, address: bigint, count: number): void {
  machine.pages.reservePages(physAddr(address), pageCount(count));
}

/** What the repaired edition changes: each promise that its predecessor does not keep. */
const PROMISE_CASES = [...PROMISES, ...STACK_PROMISES, ...BOOT_PROMISES].map(
  ({ promise, ...rest }): FactCase => {
    return { before: "fresh-2021-01", after: "repaired", shows: promise, ...rest };
  },
);

for (const { fact, before, after, shows, run, results } of [...CASES, ...PROMISE_CASES]) {
  Deno.test(`${fact}, ${before} to ${after}: ${shows}`, () => {
    const older = edition(before);
    const newer = edition(after);
    assertEquals([run(older), run(newer)], [...results]);
    assertNotEquals(run({ ...newer, [fact]: older[fact] }), run(newer));
  });
}

Deno.test("EDITIONS differ from their predecessors in facts that have a case each", () => {
  const cases = [...CASES, ...PROMISE_CASES];
  const covered = new Set(cases.map(({ fact, after }) => `${fact} ${after}`));
  const facts = new Set(cases.map(({ fact }) => fact));
  for (const [index, edition] of EDITIONS.entries()) {
    const predecessor = EDITIONS[index - 1];
    if (predecessor === undefined) continue;
    for (const fact of facts) {
      if (fact === "assertions" || edition[fact] === predecessor[fact]) continue;
      // The posted RFC had reservation, the first landed edition had not: a step back, no change of code.
      if (["rfc-2020-08", "buddy-2020-10", "reserve-2020-10"].includes(edition.name)) continue;
      assert(covered.has(`${fact} ${edition.name}`), `${fact} changes in ${edition.name}`);
    }
  }
});

Deno.test("editionNamed() finds names, aliases and commits, and nothing else", () => {
  assertEquals(editionNamed("head")?.name, "fresh-2021-01");
  assertEquals(editionNamed("8131e91a")?.name, "buddy-2020-10");
  assertEquals(editionNamed("list-2020")?.name, "list-2020");
  assertEquals(editionNamed("nonsense"), null);
  assertEquals(new Set(EDITIONS.map(({ name }) => name)).size, EDITIONS.length);
});

Deno.test("requestFlags() writes a wish as each edition's call takes it", () => {
  const wishes = { areasMask: 4, dontZero: true, fresh: true };
  assertEquals(requestFlags(edition("pfn-2021-01"), wishes), 4);
  assertEquals(requestFlags(edition("pfn-2021-01"), { ...wishes, areasMask: null }), -1);
  assertEquals(requestFlags(edition("head"), wishes), 0x30004);
  assertEquals(requestFlags(edition("head"), { ...wishes, areasMask: null }), 0x30000);
});

Deno.test("each fact of an edition is read in exactly one source file", () => {
  const sources = readFiles(isModelSource).filter(({ path }) => path.startsWith("src/"));
  const edition = EDITIONS[0];
  assert(edition !== undefined);
  const facts = Object.keys(edition).filter((key) =>
    !["name", "aliases", "commit", "summary"].includes(key)
  );
  for (const fact of facts) {
    const reads = new RegExp(`\\bedition\\.${fact}\\b`);
    const readers = sources.filter(({ text }) => reads.test(codeOf(text))).map(({ path }) => path);
    assertEquals(readers.length, 1, `${fact} is read in [${readers.join(", ")}]`);
  }
});
