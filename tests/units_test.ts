// deno-lint-ignore-file no-boolean-literal-for-arguments -- the values compared are truth values
import { assertEquals, assertThrows } from "@std/assert";
import { assertType, type IsExact } from "@std/testing/types";
import {
  alignUpWrapped,
  areaNumber,
  byteCount,
  bytesOfPages,
  isAlignedToOrder,
  isPowerOfTwo,
  order,
  orderOfPages,
  pageCount,
  pagesBetween,
  pagesOfOrder,
  type Pfn,
  pfn,
  pfnAfter,
  pfnOfPhysAddr,
  type PhysAddr,
  physAddr,
  physAddrOfPfn,
  shiftLeft,
  type VirtAddr,
  virtAddr,
  wrapToWord,
} from "../mod.ts";

/** Whether a value of the first type can be passed where the second is wanted. */
type CanPass<From, To> = From extends To ? true : false;

Deno.test("units cannot be mixed up, which the compiler checks", () => {
  assertType<IsExact<CanPass<Pfn, PhysAddr>, false>>(true);
  assertType<IsExact<CanPass<PhysAddr, VirtAddr>, false>>(true);
  assertType<IsExact<CanPass<VirtAddr, PhysAddr>, false>>(true);
  assertType<IsExact<CanPass<ReturnType<typeof pageCount>, Pfn>, false>>(true);
  assertType<IsExact<CanPass<ReturnType<typeof order>, ReturnType<typeof areaNumber>>, false>>(
    true,
  );
  assertType<IsExact<CanPass<number, Pfn>, false>>(true);
  assertType<IsExact<CanPass<bigint, VirtAddr>, false>>(true);
  assertType<IsExact<CanPass<Pfn, number>, true>>(true);
});

Deno.test("arithmetic takes the unit away, which the compiler checks", () => {
  const sum = pfn(1) + pageCount(2);
  assertType<IsExact<typeof sum, number>>(true);
  assertEquals(pfnAfter(pfn(1), pageCount(2)), 3);
});

Deno.test("unit constructors name the value, the rule and the range", () => {
  assertThrows(
    () => pfn(-1),
    RangeError,
    "Cannot make a pfn of -1: it must be an integer from 0 to",
  );
  assertThrows(() => pfn(0.5), RangeError, "0.5");
  assertThrows(() => pfn(2 ** 52), RangeError, "4503599627370495");
  assertThrows(() => order(256), RangeError, "from 0 to 255");
  assertThrows(() => areaNumber(32), RangeError, "from 0 to 31");
  assertThrows(() => physAddr(-1n), RangeError, "between 0 and 0xffffffffffffffff");
  assertThrows(() => virtAddr(1n << 64n), RangeError, "Cannot make a virtual address");
  assertThrows(() => byteCount((1n << 64n) + 1n), RangeError, "0x10000000000000000");
  // A caller without a compiler may pass a number.
  assertThrows(() => physAddr(4096 as unknown as bigint), TypeError, "must be a bigint");
});

Deno.test("pfns and addresses convert for each page size, up to the end of 64 bits", () => {
  for (const shift of [12, 14, 16]) {
    const last = pfn(2 ** (64 - shift) - 1);
    const address = physAddrOfPfn(last, shift);
    assertEquals(address, (1n << 64n) - (1n << BigInt(shift)));
    assertEquals(pfnOfPhysAddr(address, shift), last);
    assertEquals(pfnOfPhysAddr(physAddr(address + 1n), shift), last);
  }
  assertThrows(() => physAddrOfPfn(pfn(2 ** 51), 16), RangeError);
  assertEquals(bytesOfPages(pageCount(2 ** 52), 12), 1n << 64n);
});

Deno.test("orderOfPages() is 0 for 0 and rounds up", () => {
  const orders = [0, 1, 2, 3, 4, 5, 1024, 1025].map((count) => orderOfPages(pageCount(count)));
  assertEquals(orders, [0, 0, 1, 2, 2, 3, 10, 11]);
});

Deno.test("pagesOfOrder() and isAlignedToOrder() are exact beyond 32 bits", () => {
  assertEquals(pagesOfOrder(order(36)), 2 ** 36);
  assertEquals(isAlignedToOrder(pfn(2 ** 40), order(36)), true);
  assertEquals(isAlignedToOrder(pfn(2 ** 40 + 2 ** 35), order(36)), false);
  assertThrows(() => pagesOfOrder(order(53)), RangeError);
  assertEquals(pagesBetween(pfn(5), pfn(9)), 4);
  assertThrows(() => pagesBetween(pfn(9), pfn(5)), RangeError);
});

Deno.test("words wrap round at 32 and 64 bits", () => {
  assertEquals(wrapToWord(32, -1n), 0xffffffffn);
  assertEquals(wrapToWord(64, 1n << 64n), 0n);
  assertEquals(alignUpWrapped(32, 0xfffff001n, 0x1000n), 0n);
  assertEquals(alignUpWrapped(64, 0xfffff001n, 0x1000n), 0x100000000n);
  assertEquals([0n, 1n, 2n, 3n, 1n << 63n].map(isPowerOfTwo), [false, true, true, false, true]);
});

Deno.test("shiftLeft() does with a count of the width or more what the target does", () => {
  const table: [32 | 64, number, "count-modulo-width" | "gives-zero", bigint][] = [
    [64, 3, "gives-zero", 8n],
    [64, 255, "count-modulo-width", 1n << 63n],
    [64, 255, "gives-zero", 0n],
    [32, 255, "count-modulo-width", 1n << 31n],
    [32, 32, "count-modulo-width", 1n],
    [32, 32, "gives-zero", 0n],
  ];
  for (const [bits, count, wide, wanted] of table) {
    assertEquals(shiftLeft(bits, 1n, count, wide), wanted, `${bits} bits by ${count}, ${wide}`);
  }
});
