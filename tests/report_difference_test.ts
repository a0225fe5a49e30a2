import { assert, assertEquals, assertThrows } from "@std/assert";
import { ARCHS } from "../arch/mod.ts";
import fc from "fast-check";
import {
  byteCount,
  EDITIONS,
  type Machine,
  parseScenario,
  pfn,
  physAddr,
  type Run,
  runScenario,
  virtAddr,
} from "../mod.ts";
import { differencesOfBytes } from "../src/report/memory_difference.ts";
import { diffRuns, printRunDifference, type RunDifference } from "../src/report/mod.ts";
import { bareMachine, edition } from "./support.ts";

function runOf(lines: readonly string[], name: string): Run {
  const { scenario } = parseScenario(`${lines.join("\n")}\n`, { archs: ARCHS });
  return runScenario(scenario, { archs: ARCHS, edition: edition(name) });
}

function diff(
  lines: readonly string[],
  left: string,
  right: string,
): { found: RunDifference | null; text: string[] } {
  const [one, other] = [runOf(lines, left), runOf(lines, right)];
  const found = diffRuns(one, other);
  return { found, text: printRunDifference(found, one, other).split("\n") };
}

/*
 *          before free_page         bcffccfc joins           dbad82e3 does not
 *   1000   ## A0 A0 f0 .2 -- ...    ## A0 f1 -- .2 -- ...    ## A0 f0 .0 .2 -- ...
 *
 * Expect the last step, the rows of both sides with marks, and the lists.
 */
Deno.test("diffRuns() finds where coalescing stopped working", () => {
  const lines = ["area 0 0x1000 0x1010", "p = alloc_page", "q = alloc_page", "free_page q"];
  const { found, text } = diff(lines, "max-order-2021-01", "status-2021-01");
  assertEquals(found?.step, 3);
  assertEquals(text, [
    "first difference after step 3",
    "  step   free_page q",
    "  left   x86_64  max-order-2021-01",
    "  right  x86_64  status-2021-01",
    "",
    "  both  returns nothing",
    "",
    "area 0  normal",
    "  the states of 2 frames differ",
    "                   0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f",
    "  left     1000   ## A0 f1 -- f2 -- -- -- f3 -- -- -- -- -- -- --",
    "  right    1000   ## A0 f0 .0 .2 -- -- -- .3 -- -- -- -- -- -- --",
    "                        ^^ ^^",
    "  0x1000001  1 byte  left 01  right 40",
    "  0x1000002  1 byte  left 01  right 00",
    "  the lists of order 0 differ",
    "  left   0",
    "  right  2  1002 1003",
    "  the lists of order 1 differ",
    "  left   1  1002",
    "  right  0",
    "",
  ]);
});

Deno.test("diffRuns() finds another outcome", () => {
  const lines = ["area 0 0x1000 0x1010", "reserve_pages 0x1008000 2", "alloc_page"];
  const { found, text } = diff(lines, "areas-2021-01", "pfn-2021-01");
  assertEquals([found?.left.outcome, found?.right.outcome], ["returns 0x1008000", "returns 0"]);
  assertEquals(text.slice(0, 8), [
    "first difference after step 1",
    "  step   reserve_pages 0x1008000 2",
    "  left   x86_64  areas-2021-01",
    "  right  x86_64  pfn-2021-01",
    "",
    "outcome",
    "  left   returns 0x1008000",
    "  right  returns 0",
  ]);
});

Deno.test("diffRuns() finds bytes of memory, where nothing else differs", () => {
  const lines = [
    "area 0 0x1000 0x1010",
    "p = alloc_page",
    "write p+0x10 0x1122334455667788",
    "fill p+0x100 16 5",
    "free_page p",
    "q = alloc_page",
  ];
  const { found, text } = diff(lines, "flags-2021-01", "zero-2021-01");
  assertEquals(found?.step, 5);
  assertEquals(found?.areas, []);
  assertEquals(found?.touched, []);
  assertEquals(found?.bytes[0], { address: physAddr(0x1001010n), count: 1, left: 0x88, right: 0 });
  assertEquals(text.slice(5), [
    "  both  returns 0x1001000",
    "",
    "24 bytes of memory differ, besides page states and links",
    "  0x1001010   8 bytes  left 88 77 66 55 44 33 22 11  right 00 00 00 00 00 00 00 00",
    "  0x1001100  16 bytes  left all 05                   right all 00",
    "",
  ]);
});

Deno.test("diffRuns() finds pages that only one of the two touched", () => {
  const { found, text } = diff(
    ["area 0 0x1000 0x1010", "alloc_pages 2"],
    "flags-2021-01",
    "zero-2021-01",
  );
  assertEquals(found?.areas, []);
  assertEquals(found?.bytes, []);
  assertEquals(text.slice(5), [
    "  both  returns 0x1004000",
    "",
    "the host sees 3 pages of 4 KiB in another way",
    "  0x1005000  3 pages  left untouched  right touched",
    "",
  ]);
});

Deno.test("diffRuns() compares states by their meaning where the encodings differ", () => {
  const lines = ["area 0 0x1000 0x1010", "p = alloc_pages 1", "free_pages p", "alloc_pages 1"];
  assertEquals(diff(lines, "pfn-2021-01", "status-2021-01").found, null);
});

Deno.test("diffRuns() does not take lines of assertions for a difference", () => {
  const lines = ["area 0 0x1000 0x1010", "p = alloc_page dontzero", "free_pages p+1"];
  const { found, text } = diff(lines, "pfn-2021-01", "max-order-2021-01");
  assertEquals(found, null);
  assertEquals(text, [
    "no difference in 3 steps",
    "  left   x86_64  pfn-2021-01",
    "  right  x86_64  max-order-2021-01",
    "",
  ]);
});

Deno.test("diffRuns() finds no difference between a run and itself, on every edition", () => {
  const lines = [
    "area any 0x1000 0x1040",
    "p = alloc_page",
    "q = alloc_pages 2",
    "write q 1",
    "free_pages p",
    "reserve_pages 0x1010000 1",
    "free_pages p",
    "alloc_page",
  ];
  for (const { name } of EDITIONS) assertEquals(diff(lines, name, name).found, null, name);
});

Deno.test("printRunDifference() stays narrow and short for large areas and damaged lists", () => {
  const lines = [
    "area 0 0x100000 0x110000",
    "p = alloc_pages 8 dontzero",
    "alloc_pages 3 fresh",
    "write 0x108000008 0x100001000",
    "free_pages p",
  ];
  for (
    const [left, right] of [["list-2020", "head"], ["buddy-2020-10", "rfc-2020-08"], [
      "zero-2021-01",
      "head",
    ]]
  ) {
    const { text } = diff(lines, left ?? "", right ?? "");
    assert(text.every((line) => [...line].length <= 100));
    assert(text.length <= 80, `${text.length} lines`);
  }
});

Deno.test("diffRuns() refuses runs that cannot be compared", () => {
  const area = "area 0 0x1000 0x1010";
  const run = runOf([area], "head");
  assertThrows(
    () => diffRuns(run, runOf([area, "alloc_page"], "head")),
    RangeError,
    "the same scenario",
  );
  assertThrows(() => diffRuns(run, runOf(["machine s390x", area], "head")), RangeError, "the same");
});

/** A byte that one of two machines is given after the same calls. */
interface Written {
  readonly side: 0 | 1;
  readonly address: number;
  readonly byte: number;
  readonly count: number;
}

const WRITTEN: fc.Arbitrary<Written> = fc.record({
  side: fc.constantFrom(0, 1),
  address: fc.integer({ min: 0x1000000, max: 0x100cf00 }),
  byte: fc.nat(3),
  count: fc.integer({ min: 1, max: 0x80 }),
});

/** Byte by byte: what differs in RAM, without page states and the links of listed blocks. */
function dumbDifference(machines: readonly Machine[]): string[] {
  const listed = machines.flatMap(({ pages }) => pages.areas())
    .flatMap(({ freeLists }) => freeLists)
    .flatMap(({ forward, backward }) => [...forward.pfns, ...(backward?.pfns ?? [])]);
  const found: string[] = [];
  for (let address = 0x1001000; address < 0x100d000; address++) {
    const frame = Math.floor(address / 0x1000);
    if (listed.includes(pfn(frame)) && address % 0x1000 < 16) continue;
    const [left, right] = machines.map(({ ram }) => ram.peekByte(physAddr(BigInt(address))));
    if (left !== right) found.push(`${address.toString(16)} ${left} ${right}`);
  }
  return found;
}

Deno.test("differencesOfBytes() finds what a comparison byte by byte finds", () => {
  fc.assert(
    fc.property(fc.array(WRITTEN, { maxLength: 12 }), (writes) => {
      const machines = [0, 1].map(() => bareMachine(0x1000, 0x100d));
      for (const machine of machines) machine.pages.allocPages(1, 0);
      for (const { side, address, byte, count } of writes) {
        const first = virtAddr(BigInt(address));
        machines[side]?.space.fill(first, byteCount(BigInt(count)), byte, "a test");
      }
      const [left, right] = machines.map((machine) => ({ machine, areas: machine.pages.areas() }));
      assert(left !== undefined && right !== undefined);
      const found = differencesOfBytes(left, right).flatMap(({ address, count, left, right }) => {
        return Array.from({ length: count }, (_, index) => {
          return `${(address + BigInt(index)).toString(16)} ${left} ${right}`;
        });
      });
      assertEquals(found, dumbDifference(machines));
    }),
    { seed: 20201002, numRuns: 25 },
  );
});
