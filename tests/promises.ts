/**
 * The page allocator's promises: for each the fact that says whether it is kept, and the smallest
 * scenario that tells the two apart. Used by the tests of editions and of the repaired one.
 *
 * @module
 */

import { hasAreas } from "../src/alloc_page/mod.ts";
import {
  createMachine,
  type Edition,
  type Facts,
  type Machine,
  pageCount,
  pfn,
  physAddr,
  takeEvents,
  type VirtAddr,
  virtAddr,
} from "../mod.ts";
import { addRange, arch, bareMachine, flags, lists, states, tell } from "./support.ts";

/** A promise of the authors, as a run of the model itself, where the table has a scenario. */
export interface PromiseCase {
  readonly fact: keyof Facts;
  /** What is promised, in the words of the table in `src/check/promises/`. */
  readonly promise: string;
  readonly run: (edition: Edition) => string;
  /** What the scenario gives in the newest edition that breaks the promise, and where it is kept. */
  readonly results: readonly [broken: string, kept: string];
}

/** Area [1000, 1010): metadata 1000; blocks 1001/0 1002/1 1004/2 1008/3. */
export function small(of: Edition): Machine {
  return bareMachine(0x1000, 0x1010, { edition: of, arch: arch("arm64") });
}

/** Allocates, and gives 0 for NULL. */
export function alloc(
  machine: Machine,
  order: number,
  wishes: { areasMask?: number; dontZero?: boolean; fresh?: boolean } = {},
): VirtAddr {
  return machine.pages.allocPages(order, flags(machine, wishes)) ?? virtAddr(0n);
}

/** The areas as text: slot, base and top, in hex. */
export function areaRanges(machine: Machine): string {
  return machine.pages.areas()
    .map(({ area, base, top }) => `${area}:${base.toString(16)}-${top.toString(16)}`).join(" ");
}

/** The pfns for which `free_pages(NULL)` converts a pointer. */
function conversionsOfNull(machine: Machine): string {
  const converted: string[] = [];
  if (hasAreas(machine.pages)) {
    machine.pages.conversions = {
      virtToPfn: (address) => {
        converted.push(address.toString(16));
        return pfn(Number(address >> 12n));
      },
      pfnToVirt: (frame) => virtAddr(BigInt(frame) << 12n),
    };
  }
  machine.pages.freePages(virtAddr(0n));
  return converted.length === 0 ? "nothing" : converted.join(" ");
}

/** The promises of the page allocator that its newest edition does not keep. */
export const PROMISES: readonly PromiseCase[] = [
  {
    fact: "mergeableBuddies",
    promise: "a freed block is joined with its usable buddy",
    run: (of) => {
      const machine = small(of);
      alloc(machine, 0);
      machine.pages.freePages(alloc(machine, 0));
      return states(machine);
    },
    results: ["80*1 40*1 0*1 2*4 3*8", "80*1 41*2 2*4 3*8"],
  },
  {
    fact: "maxOrderRaisedBy",
    promise:
      "a block of the top order that comes back after the last one was split can be had again",
    run: (of) => {
      const machine = bareMachine(0x1000, 0x1018, { edition: of, arch: arch("arm64") });
      const top = alloc(machine, 3);
      for (let page = 0; page < 8; page++) alloc(machine, 0);
      machine.pages.freePages(top);
      return tell(() => alloc(machine, 3));
    },
    results: ["0x0", "0x1010000"],
  },
  {
    fact: "reservedFrames",
    promise: "a reserved page is not handed out",
    run: (of) => {
      const machine = small(of);
      machine.pages.reservePages(physAddr(0x1001000n), pageCount(1));
      return tell(() => alloc(machine, 0));
    },
    results: ["0x1001000", "0x1002000"],
  },
  {
    fact: "reservedBlockOrder",
    promise: "a page of a block that was freed can be reserved",
    run: (of) => {
      const machine = small(of);
      machine.pages.freePages(alloc(machine, 2));
      return tell(() => machine.pages.reservePages(physAddr(0x1006000n), pageCount(1)));
    },
    results: [
      "lib/alloc_page.c:108: assert failed: IS_USABLE(metadata) && order && (order < NLISTS)",
      "0",
    ],
  },
  {
    fact: "failedReservation",
    promise: "a reservation that fails half-way is undone completely",
    run: (of) => {
      const machine = small(of);
      const result = tell(() => machine.pages.reservePages(physAddr(0x100e000n), pageCount(3)));
      return `${result}, ${states(machine)}, ${lists(machine)}`;
    },
    results: [
      "-1, 0*1 1*2 2*8 1*2 40*2, 0:100f,100e,1001 then cycle 1:1002,100c 2:1004,1008",
      "-1, 0*1 1*2 2*4 3*8, 0:1001 1:1002 2:1004 3:1008",
    ],
  },
  {
    fact: "reservationOfNothing",
    promise: "the reservation of an empty range succeeds",
    run: (of) => tell(() => small(of).pages.reservePages(physAddr(0x1001000n), pageCount(0))),
    results: ["-1", "0"],
  },
  {
    fact: "freshRequestsGet",
    promise: "a request for fresh pages gets as many as it asks for",
    run: (of) => {
      const machine = small(of);
      alloc(machine, 2, { fresh: true, dontZero: true });
      return states(machine);
    },
    results: ["0*1 1*2 2*4 1*2 81*2 2*4", "0*1 1*2 2*8 82*4"],
  },
  {
    fact: "zonesFilled",
    promise: "x86 has an area for the frames from 64 GiB up",
    run: (of) => areaRanges(bareMachine(0xffff00, 0x1000100, { edition: of })),
    results: ["1:ffff01-1000100", "0:1000001-1000100 1:ffff01-1000000"],
  },
  {
    fact: "rangesPerZone",
    promise: "a zone can have a second range",
    run: (of) => {
      const machine = small(of);
      const result = tell(() => addRange(machine, 0x2000, 0x2010));
      return `${result}, ${areaRanges(machine)}`;
    },
    results: [
      "lib/alloc_page.c:474: assert failed: !(areas_mask & BIT(n)), 0:1001-1010",
      "void, 0:1001-1010 1:2001-2010",
    ],
  },
  {
    fact: "smallRanges",
    promise: "a range that is too small for metadata is left out and reported",
    run: (of) => {
      const machine = createMachine({ arch: arch("x86_64"), edition: of });
      const result = tell(() => addRange(machine, 0xffe, 0x1010));
      const left = takeEvents(machine).flatMap((event) =>
        event.kind === "left-out" ? [`${event.start.toString(16)} is ${event.reason}`] : []
      );
      return [result, areaRanges(machine), ...left].join(", ");
    },
    results: [
      "lib/alloc_page.c:478: assert failed: top_pfn - start_pfn > 4, 2:1001-1010",
      "void, 2:1001-1010, ffe is too-small",
    ],
  },
  {
    fact: "wrappingSizes",
    promise: "a size that wraps round gives NULL",
    run: (of) => tell(() => small(of).pages.memalignPages(1n, 2n ** 64n - 1n, 0)),
    results: ["0x1001000", "null"],
  },
  {
    fact: "excessiveOrders",
    promise: "an order beyond the largest gives NULL",
    run: (of) => tell(() => small(of).pages.allocPages(258, 0)),
    results: ["0x1004000", "null"],
  },
  {
    fact: "freedNull",
    promise: "free of NULL looks nothing up",
    run: (of) => conversionsOfNull(small(of)),
    results: ["0", "nothing"],
  },
];
