/**
 * The promises of vmalloc and malloc: for each the fact that says whether it is kept, and the smallest run
 * that tells the two apart. Used by the tests of editions; the scenarios are in `src/check/promises/`.
 *
 * @module
 */

import {
  boot,
  byteCount,
  type Edition,
  free,
  type Machine,
  malloc,
  physAddr,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import { allocVpage, allocVpages, vmap } from "../src/vmalloc/mod.ts";
import type { PromiseCase } from "./promises.ts";
import { arch, tell } from "./support.ts";

/** A machine that booted. */
function booted(archName: string, of: Edition): Machine {
  return boot({ arch: arch(archName), edition: of }).machine;
}

/** An address as text: `null` for NULL. */
function hex(address: bigint | null): string {
  return address === null ? "null" : `0x${address.toString(16)}`;
}

/** A block that has to be there. */
function block(address: VirtAddr | null): VirtAddr {
  if (address === null) throw new RangeError("Cannot show the promise: there is no block");
  return address;
}

/** Takes all pages from the page allocator, the largest blocks first; gives the last one. */
function takeAllPages({ pages }: Machine): VirtAddr {
  let last: VirtAddr | null = null;
  for (let order = 16; order >= 0; order--) {
    for (let one = pages.allocPages(order, 0); one !== null; one = pages.allocPages(order, 0)) {
      last = one;
    }
  }
  return block(last);
}

/** The promises of vmalloc and malloc that the newest edition of the page allocator does not keep. */
export const STACK_PROMISES: readonly PromiseCase[] = [
  {
    fact: "freedVirtualPages",
    promise: "memory that vmalloc freed cannot be used any more",
    run: (of) => {
      const machine = booted("x86_64", of);
      const object = block(malloc(machine, 100n));
      machine.space.writeWord(virtAddr(object + 16n), 7n, "the test");
      free(machine, object);
      return tell(() => machine.space.readWord(virtAddr(object + 16n), "the test"));
    },
    results: [
      "0x7",
      "fault: the test reads 8 bytes at 0xffffffffffffe018, which is not mapped",
    ],
  },
  {
    fact: "virtualPagesAreGiven",
    promise: "virtual pages that were freed are given out again",
    run: (of) => {
      const machine = booted("x86_64", of);
      free(machine, malloc(machine, 5000n));
      return hex(malloc(machine, 5000n));
    },
    results: ["0xffffffffffffa000", "0xffffffffffffd000"],
  },
  {
    fact: "virtualPagesEnd",
    promise: "virtual pages never meet what is mapped already",
    run: (of) => {
      const machine = booted("i386", of);
      const all = allocVpages(machine, 0x40000n);
      return `${hex(all)} ${hex(allocVpage(machine))}`;
    },
    results: ["0x80000000 0x7ffff000", "0x80000000 null"],
  },
  {
    fact: "missingBlockPages",
    promise: "vmalloc without a page for a block gives NULL",
    run: (of) => {
      const machine = booted("ppc64", of);
      malloc(machine, 100n);
      takeAllPages(machine);
      return tell(() => malloc(machine, 100n));
    },
    results: ["0x7fffe0008", "null"],
  },
  {
    fact: "missingPageTables",
    promise: "a page that cannot be mapped for lack of a page table is not handed out",
    run: (of) => {
      const machine = booted("ppc64", of);
      machine.pages.freePages(takeAllPages(machine));
      return tell(() => malloc(machine, 100n));
    },
    results: [
      "fault: install_page() fills 4096 bytes from 0x0 with 0x0, which is not mapped",
      "null",
    ],
  },
  {
    fact: "mallocWithoutMemory",
    promise: "malloc gives NULL when there is no memory",
    run: (of) => {
      const machine = booted("arm64", of);
      machine.ops.current = "page";
      return tell(() => malloc(machine, 1n << 30n));
    },
    results: ["lib/alloc.c:40: assert failed: p", "null"],
  },
  {
    fact: "wrappingMallocSizes",
    promise: "a size that wraps round with its alignment gives NULL",
    run: (of) => hex(malloc(booted("x86_64", of), 2n ** 64n - 1n)),
    results: ["0xffffffffffffe008", "null"],
  },
  {
    fact: "vmapCovers",
    promise: "vmap maps every byte of the range",
    run: (of) => {
      const machine = booted("x86_64", of);
      machine.space.writeWord(virtAddr(0x1801000n), 0x3344n, "the test");
      const mapped = block(vmap(machine, physAddr(0x1800ffcn), byteCount(8n)));
      return tell(() => machine.space.readWord(virtAddr(mapped + 0x1000n), "the test"));
    },
    results: [
      "fault: the test reads 8 bytes at 0xfffffffffffff000, which is not mapped",
      "0x3344",
    ],
  },
];
