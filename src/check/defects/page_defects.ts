/**
 * The known defects of the page allocator.
 *
 * @module
 */

import { reservationOf } from "../../alloc_page/mod.ts";
import type { Edition } from "../../edition.ts";
import type { RuleName } from "../invariants/mod.ts";
import type { Defect, Hunt } from "./defect.ts";
import { between, hasAreas, isHistoric } from "./history.ts";

/** A machine whose one block, of 16 frames, begins at frame 0x1000, behind a frame of metadata. */
const ONE_BLOCK = { machine: "machine arm64", setUp: ["area any 0xfff 0x1010"] } as const;

/** A machine with blocks of 1, 2, 4 and 8 frames from frame 0x1001 on. */
const FOUR_BLOCKS = { machine: "machine arm64", setUp: ["area any 0x1000 0x1010"] } as const;

/** A machine with two blocks of 8 frames, from frame 0x1008 on. */
const TWO_BLOCKS = { machine: "machine arm64", setUp: ["area any 0x1007 0x1018"] } as const;

/** x86_64 has the most zones. */
const RANDOM_CALLS = { arch: "x86_64", layer: "pages" } as const;

function hunt(
  place: Pick<Hunt, "machine" | "setUp">,
  mostCalls: number,
  ...calls: readonly string[]
): Hunt {
  return { ...place, mostCalls, calls };
}

const RETURNS: RuleName = "a valid call returns";
const SIZE: RuleName = "a block handed out has the size and alignment asked for";
const ROOM: RuleName = "a valid request is refused only for want of room";
const BROKEN_LISTS: readonly RuleName[] = [
  "links are mutual",
  "usable blocks are listed",
  "listed blocks are usable",
];

/** Whether an edition can reserve, and does it as it always was done. */
function reservesBadly(edition: Edition): boolean {
  return reservationOf(edition) !== null && isHistoric(edition);
}

/** Whether an edition has the allocator of blocks, and is not the repaired one. */
function isBuddyAllocator(edition: Edition): boolean {
  return hasAreas(edition) && isHistoric(edition);
}

/** The defects of merging and reservation. */
const BLOCK_DEFECTS: readonly Defect[] = [
  {
    id: "D1",
    title: "coalescing is dead",
    cause: "Buddies are compared with the bare order, but what was freed is marked as free too: " +
      "no block is ever joined again, and memory only gets more fragmented.",
    source: "lib/alloc_page.c, coalesce(), since dbad82e3",
    isIn: between("dbad82e3", null),
    signature: { rules: ["no mergeable buddies are both usable"], calls: ["free_pages"] },
    hunt: hunt(ONE_BLOCK, 3, "= alloc_page", "free_pages $"),
    explored: { frames: 4, operations: ["alloc", "free"] },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D2",
    title: "reserved pages are handed out",
    cause: "A reserved page stays on its free list, and whoever asks for a page gets it.",
    source: "lib/alloc_page.c, _reserve_one_page(), since 34c95065",
    isIn: reservesBadly,
    signature: { rules: ["special pages are never handed out"] },
    hunt: hunt(FOUR_BLOCKS, 3, "reserve_pages 0x1001000 1", "= alloc_page"),
    explored: {
      frames: 4,
      operations: ["alloc", "reserve"],
      tolerated: ["listed blocks are usable"],
    },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D2b",
    title: "reserve and unreserve corrupt a list",
    cause: "A reserved page stays on its free list; unreserve frees it and links it once more.",
    source: "lib/alloc_page.c, _unreserve_one_page(), since 34c95065",
    isIn: reservesBadly,
    signature: { rules: [...BROKEN_LISTS, RETURNS], calls: ["unreserve_pages"] },
    hunt: hunt(FOUR_BLOCKS, 3, "reserve_pages 0x1002000 1", "unreserve_pages 0x1002000 1"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D3",
    title: "reserving in a freed block aborts",
    cause: "The status bits of the page state are taken for a part of the block's order.",
    source: "lib/alloc_page.c, _reserve_one_page(), since dbad82e3",
    isIn: between("dbad82e3", null),
    signature: { rules: [RETURNS], calls: ["reserve_pages"], stop: /IS_USABLE/ },
    hunt: hunt(FOUR_BLOCKS, 3, "= alloc_page", "free_pages $", "reserve_pages 0x1001000 1"),
    explored: {
      frames: 4,
      operations: ["alloc", "free", "reserve"],
      tolerated: ["no mergeable buddies are both usable"],
    },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D7",
    title: "blocks of the top order are lost",
    cause: "Splitting the last block of an order lowers max_order, and freeing another one does " +
      "not raise it: the search never looks at its list again.",
    source: "lib/alloc_page.c, split() and _free_pages(), since bcffccfc",
    isIn: between("bcffccfc", null),
    signature: { rules: ["max order is a bound"], calls: ["free_pages"] },
    hunt: hunt(TWO_BLOCKS, 3, "= alloc_pages 3", "= alloc_page", "free_pages $"),
    explored: { frames: 4, operations: ["alloc", "free"] },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D21",
    title: "reserving nothing fails",
    cause: "Whether all pages were had is computed from the last one, of which there is none.",
    source: "lib/alloc_page.c, reserve_pages(), since 01d8952b",
    isIn: between("01d8952b", null),
    signature: { rules: [ROOM], calls: ["reserve_pages of nothing"] },
    hunt: hunt(FOUR_BLOCKS, 2, "reserve_pages 0x1001000 0"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
];

/** The defects of requests. */
const REQUEST_DEFECTS: readonly Defect[] = [
  {
    id: "D4a",
    title: "fresh blocks have half the size",
    cause: "A larger block is split down to the order asked for, and then its upper half is given.",
    source: "lib/alloc_page.c, page_memalign_order(), since 4a54e8a3",
    isIn: between("4a54e8a3", null),
    signature: { rules: [SIZE], calls: ["alloc_pages of a fresh block"] },
    hunt: hunt(ONE_BLOCK, 1, "= alloc_pages 2 fresh dontzero"),
    explored: { frames: 8, operations: ["alloc", "fresh"] },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D4b",
    title: "a fresh block of order 0 wrecks the metadata",
    cause:
      "The order below 0 is 255, and 2^255 bytes of metadata are written: the guest hangs or " +
      "faults.",
    source: "lib/alloc_page.c, page_memalign_order(), since 4a54e8a3",
    isIn: between("4a54e8a3", null),
    signature: { rules: [RETURNS], calls: ["alloc_pages of a fresh block"] },
    hunt: hunt(ONE_BLOCK, 1, "= alloc_page fresh dontzero"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D4c",
    title: "clearing a fresh block goes beyond it",
    cause:
      "As many pages are cleared as were asked for, twice as many as were found; the nodes of " +
      "free blocks behind are among them.",
    source: "lib/alloc_page.c, page_memalign_order_flags(), since 4a54e8a3",
    isIn: between("4a54e8a3", null),
    signature: {
      rules: [...BROKEN_LISTS, "nothing outside the block is written"],
      calls: ["alloc_pages of a fresh block"],
    },
    hunt: hunt(ONE_BLOCK, 1, "= alloc_pages 2 fresh"),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D5",
    title: "size and alignment are swapped",
    cause: "The two orders change places on the way to the search: a block is as large as its " +
      "alignment.",
    source: "lib/alloc_page.c, page_memalign_order_area(), 8131e91a to 550b4683",
    isIn: (edition) => isBuddyAllocator(edition) && !between("550b4683", null)(edition),
    isSoughtIn: hasAreas,
    signature: { rules: [SIZE], calls: ["memalign_pages"] },
    hunt: hunt(ONE_BLOCK, 1, "= memalign_pages 0x1000 0x4000"),
    explored: { frames: 8, operations: ["memalign"] },
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "not-zeroed",
    title: "memory is not zeroed",
    cause: "The rewrite dropped what the allocator before it did: pages hold what was there.",
    source: "lib/alloc_page.c, 8131e91a to 0f4f39bd",
    isIn: (edition) => isBuddyAllocator(edition) && !between("0f4f39bd", null)(edition),
    signature: { rules: ["zeroed memory is zero"], calls: ["alloc_pages"] },
    hunt: hunt({ ...ONE_BLOCK, machine: "machine arm64 power-on=garbage" }, 1, "= alloc_page"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D9",
    title: "sizes that wrap round give a page",
    cause: "A size near the end of the address space, rounded up to pages, becomes 0.",
    source: "lib/alloc_page.c, memalign_pages(), since 8131e91a",
    isIn: isBuddyAllocator,
    isSoughtIn: hasAreas,
    signature: { rules: [SIZE], calls: ["memalign_pages of a size that wraps"] },
    hunt: hunt(ONE_BLOCK, 1, "= memalign_pages 0x1000 0xffffffffffffffff"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D20",
    title: "orders are cut to 8 bits",
    cause: "An order is an unsigned int to the caller and a u8 inside: 260 is taken for 4.",
    source: "lib/alloc_page.c, page_memalign_order(), since 8131e91a",
    isIn: isBuddyAllocator,
    signature: { rules: [SIZE], calls: ["alloc_pages of an order that no list has"] },
    hunt: hunt(ONE_BLOCK, 1, "= alloc_pages 258"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
];

/** The defects of areas. */
const AREA_DEFECTS: readonly Defect[] = [
  {
    id: "two-ranges",
    title: "two ranges in one area abort",
    cause: "A zone has one area, and a second range of memory in it finds the slot taken.",
    source: "lib/alloc_page.c, _page_alloc_init_area(), since 8131e91a",
    isIn: isBuddyAllocator,
    signature: { rules: [RETURNS], calls: ["area"], stop: /areas_mask/ },
    hunt: hunt(FOUR_BLOCKS, 1, "area any 0x2000 0x2010"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D6",
    title: "an area of x86 can never be filled",
    cause:
      "The steps by which a range is cut take HIGH, from 4 GiB on, before NORMAL, from 64 GiB " +
      "on, and nothing is left.",
    source: "lib/alloc_page.c, page_alloc_init_area(), since 322cdd64",
    isIn: between("322cdd64", null),
    signature: { rules: [ROOM], calls: ["alloc_pages"] },
    hunt: hunt(
      { machine: "machine x86_64", setUp: ["area any 0x1000000 0x1000100"] },
      1,
      "= alloc_page area=NORMAL",
    ),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D23",
    title: "an area of a few pages aborts",
    cause: "A zone's part of a range that is too small for metadata is an assertion, not left out.",
    source: "lib/alloc_page.c, _page_alloc_init_area(), since 8131e91a",
    isIn: isBuddyAllocator,
    signature: { rules: [RETURNS], calls: ["area"], stop: /> 4$/ },
    hunt: hunt(
      { machine: "machine x86_64", setUp: [] },
      1,
      "area any 0xffe 0x1010",
      "area any 0x1000 0x1003",
    ),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
];

/** The known defects of the page allocator. */
export const PAGE_DEFECTS: readonly Defect[] = [
  ...BLOCK_DEFECTS,
  ...REQUEST_DEFECTS,
  ...AREA_DEFECTS,
];
