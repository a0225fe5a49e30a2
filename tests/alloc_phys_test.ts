/** The early allocator: addresses, log, messages, the hand-over of what is left. */

import { assert, assertEquals } from "@std/assert";
import { EARLY_LOG_ROOM, type EarlyAllocator, physAddr, physAllocShow } from "../mod.ts";
import {
  copyEarlyAllocator,
  earlyMemalign,
  newEarlyAllocator,
  physAllocGetUnused,
  physAllocInit,
  physAllocSetMinimumAlignment,
} from "../src/alloc_phys.ts";
import { edition, tell } from "./support.ts";

interface Early {
  readonly early: EarlyAllocator;
  readonly printed: string[];
}

/** An early allocator of `[base, base + size)`. */
function early(base: bigint, size: bigint, name = "head", wordBits: 32 | 64 = 64): Early {
  const printed: string[] = [];
  const allocator = newEarlyAllocator(wordBits, edition(name), (line) => void printed.push(line));
  physAllocInit(allocator, physAddr(base), size);
  return { early: allocator, printed };
}

Deno.test("physAllocShow() prints what a real guest printed", () => {
  const { early: one } = early(0x103a000n, 0x6ea6000n);
  earlyMemalign(one, 8n, 0x64n);
  earlyMemalign(one, 4096n, 0x64n);
  physAllocGetUnused(one);
  assertEquals(physAllocShow(one), [
    "phys_alloc minimum alignment: 0",
    "000000000103a000-000000000103a063 [USED]",
    "000000000103b000-000000000103b063 [USED]",
    "000000000103b064-0000000007edffff [USED]",
    "0000000007ee0000-0000000007edffff [FREE]",
  ]);
});

Deno.test("earlyMemalign() aligns, and logs the size that was asked for", () => {
  const { early: one } = early(0x1001n, 0x10000n);
  assertEquals(earlyMemalign(one, 16n, 5n), 0x1010n);
  assertEquals(earlyMemalign(one, 1n, 1n), 0x1015n);
  assertEquals(one.regions, [{ base: 0x1010n, size: 5n }, { base: 0x1015n, size: 1n }]);
  assertEquals(one.base, 0x1016n);
});

Deno.test("earlyMemalign() applies the minimum alignment since 7e3e823b, whose default is 0", () => {
  for (const [name, minimum] of [["pfn-2021-01", 32n], ["max-order-2021-01", 0n]] as const) {
    const { early: one } = early(0x1000n, 0x10000n, name);
    assertEquals(one.alignMin, minimum, name);
    earlyMemalign(one, 8n, 1n);
    assertEquals(earlyMemalign(one, 8n, 1n), physAddr(0x1008n), name);
  }
  const { early: set } = early(0x1000n, 0x10000n);
  physAllocSetMinimumAlignment(set, 64n);
  earlyMemalign(set, 8n, 1n);
  assertEquals(earlyMemalign(set, 8n, 1n), 0x1040n);
});

Deno.test("earlyMemalign() prints one line and gives null if there is not enough", () => {
  const { early: one, printed } = early(0x1000n, 0x100n);
  assertEquals(earlyMemalign(one, 0x200n, 0x101n), null);
  assertEquals(printed, [
    "phys_alloc: requested=0x101 (align=0x200), need=0x101, but free=0x100. top=0x1100, " +
    "top_safe=0x1100",
  ]);
  assertEquals([one.base, one.regions.length], [0x1000n, 0]);
});

Deno.test("earlyMemalign() keeps below 4 GiB on a 32-bit machine", () => {
  const { early: one, printed } = early(0xffff0000n, 0x20000n, "head", 32);
  assertEquals(earlyMemalign(one, 1n, 0x10001n), null);
  assert(printed[0]?.endsWith("top=0x100010000, top_safe=0x100000000"));
  assertEquals(earlyMemalign(one, 1n, 0x10000n), 0xffff0000n);
  const used = tell(() => earlyMemalign(one, 1n, 1n));
  assertEquals(used, "lib/alloc_phys.c:84: assert failed: base < top_safe");
});

Deno.test("earlyMemalign() succeeds if size and gap wrap round to something small", () => {
  const { early: one } = early(0x1008n, 0x1000n);
  assertEquals(earlyMemalign(one, 16n, 2n ** 64n - 8n), 0x1010n);
  assertEquals(one.base, 0x1008n);
});

Deno.test("the assertions of the early allocator stand where each edition has them", () => {
  const failing = (name: string): string[] => {
    const { early: one } = early(0x1000n, 0n, name);
    return [
      () => physAllocSetMinimumAlignment(one, 3n),
      () => earlyMemalign(one, 8n, 1n),
      () => earlyMemalign(one, 0n, 1n),
    ].map((action) => tell(action).replace(": assert failed", ""));
  };
  const texts = [
    "align && !(align & (align - 1))",
    "base < top_safe",
    "alignment && !(alignment & (alignment - 1))",
  ];
  const at = (lines: readonly (number | string)[]): string[] =>
    lines.map((line, index) => `lib/alloc_phys.c:${line}: ${texts[index]}`);
  assertEquals(failing("head"), at([64, 84, 137]));
  assertEquals(failing("zero-2021-01"), at([64, 84, 137]));
  assertEquals(failing("buddy-2020-10"), at([65, 85, 136]));
  assertEquals(failing("list-2020"), at(["?", "?", "?"]));
});

Deno.test("the log has room for 256 regions; what is left lands behind its end", () => {
  const { early: one, printed } = early(0x1000n, 0x10000n);
  for (let count = 0; count < EARLY_LOG_ROOM + 3; count++) earlyMemalign(one, 1n, 1n);
  assertEquals(one.regions.length, EARLY_LOG_ROOM);
  assertEquals(printed, [
    "WARNING: phys_alloc: No free log entries, can no longer log allocations...",
  ]);
  assertEquals(physAllocGetUnused(one), { base: 0x1103n, top: 0x11000n });
  assertEquals(one.regions.length, EARLY_LOG_ROOM + 1);
  assertEquals(one.regions.at(-1), { base: 0x1103n, size: 0xfefdn });
});

Deno.test("physAllocGetUnused() hands everything over once", () => {
  const { early: one } = early(0x1000n, 0x100n);
  assertEquals(physAllocGetUnused(one), { base: 0x1000n, top: 0x1100n });
  assertEquals(physAllocGetUnused(one), { base: 0x1100n, top: 0x1100n });
  assertEquals(one.regions.length, 1);
});

Deno.test("physAllocInit() empties the log, and keeps the minimum alignment", () => {
  const { early: one } = early(0x1000n, 0x100n);
  physAllocSetMinimumAlignment(one, 64n);
  physAllocGetUnused(one);
  physAllocInit(one, physAddr(0xffff_ffff_ffff_f000n), 0x2000n);
  assertEquals([one.top, one.regions.length, one.alignMin], [0x1000n, 0, 64n]);
});

Deno.test("copyEarlyAllocator() shares nothing that changes", () => {
  const { early: one } = early(0x1000n, 0x100n);
  const { early: other } = early(0n, 0n);
  copyEarlyAllocator(other, one);
  earlyMemalign(one, 1n, 1n);
  assertEquals([other.base, other.top, other.regions.length], [0x1000n, 0x1100n, 0]);
});
