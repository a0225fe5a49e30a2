/**
 * The promises of the page allocator.
 *
 * @module
 */

import type { KeptPromise } from "./kept_promise.ts";

/** A block of 1, 2, 4 and 8 frames from frame 0x1001 on. */
const FOUR_BLOCKS = `machine arm64
area any 0x1000 0x1010
`;

/** What becomes of blocks that are freed or reserved. */
const BLOCK_PROMISES: readonly KeptPromise[] = [
  {
    fact: "mergeableBuddies",
    promise: "a freed block is joined with its usable buddy",
    madeBy: "8131e91a, which made it a buddy allocator; its cover letter promises coalescing",
    broken:
      "coalesce() in lib/alloc_page.c compares page states with the bare order. Since dbad82e3 " +
      "a freed block has a status bit beside its order, so no two blocks are ever alike.",
    defect: "D1",
    scenario: `${FOUR_BLOCKS}a = alloc_page
b = alloc_page
free_pages b
expect b has order 1
`,
  },
  {
    fact: "maxOrderRaisedBy",
    promise:
      "a block of the top order that comes back after the last one was split can be had again",
    madeBy: "bcffccfc: an area's max_order is the highest order that is worth searching",
    broken: "_free_pages() in lib/alloc_page.c links the block without raising max_order, which " +
      "split() had lowered: the search never looks at its list.",
    defect: "D7",
    scenario: `machine arm64
area any 0x1007 0x1018
a = alloc_pages 3
b = alloc_page
free_pages a
c = alloc_pages 3
expect c == a
`,
  },
  {
    fact: "reservedFrames",
    promise: "a reserved page is not handed out",
    madeBy: "34c95065, which made reservation: reserved pages are removed from the free pool",
    broken:
      "_reserve_one_page() in lib/alloc_page.c marks the page and leaves it on its free list.",
    defect: "D2",
    scenario: `${FOUR_BLOCKS}reserve_pages 0x1001000 1
p = alloc_page
expect p != 0x1001000
`,
  },
  {
    fact: "reservedBlockOrder",
    promise: "a page of a block that was freed can be reserved",
    madeBy: "34c95065: any page that is not in use can be reserved",
    broken:
      "_reserve_one_page() in lib/alloc_page.c takes the whole page state for the order. Since " +
      "dbad82e3 it has a status bit in it once the block was freed, and split() aborts.",
    defect: "D3",
    scenario: `${FOUR_BLOCKS}p = alloc_pages 2
free_pages p
reserve_pages p 1
expect p has status special
`,
  },
  {
    fact: "failedReservation",
    promise: "a reservation that fails half-way is undone completely",
    madeBy: "34c95065: a reservation that cannot be had as a whole is taken back",
    broken:
      "reserve_pages() in lib/alloc_page.c frees the pages that it got one by one. They are on " +
      "their lists still, are linked twice, and are not joined.",
    defect: "D2b",
    scenario: `${FOUR_BLOCKS}reserve_pages 0x100e000 3
p = alloc_page
expect p == 0x1001000
`,
  },
  {
    fact: "reservationOfNothing",
    promise: "the reservation of an empty range succeeds",
    madeBy: "01d8952b: reserve_pages() returns 0 if it got all pages of the range",
    broken:
      "reserve_pages() in lib/alloc_page.c returns -(n == 0): failure for a range of no pages, " +
      "though none is missing.",
    defect: "D21",
    scenario: `${FOUR_BLOCKS}r = reserve_pages 0x1001000 0
expect r != -1
`,
  },
  {
    fact: "freshRequestsGet",
    promise: "a request for fresh pages gets as many as it asks for",
    madeBy: "4a54e8a3: FLAG_FRESH asks for a block of the given order that was never touched",
    broken:
      "page_memalign_order() in lib/alloc_page.c splits a block one order too far, and hands " +
      "out the upper half of a block of the order asked for.",
    defect: "D4a",
    scenario: `${FOUR_BLOCKS}p = alloc_pages 2 fresh dontzero
expect p has order 2
`,
  },
];

/** Which ranges an allocator takes. */
const RANGE_PROMISES: readonly KeptPromise[] = [
  {
    fact: "zonesFilled",
    promise: "x86 has an area for the frames from 64 GiB up",
    madeBy: "322cdd64: lib/x86/asm/memory_areas.h says that AREA_NORMAL begins at 64 GiB",
    broken:
      "page_alloc_init_area() in lib/alloc_page.c fills AREA_HIGH, whose cutoff is lower, before " +
      "AREA_NORMAL, and nothing is left for it.",
    defect: "D6",
    scenario: `machine x86_64
area any 0xffff00 0x1000100
p = alloc_page area=NORMAL
expect p at 0x1000001000
`,
  },
  {
    fact: "rangesPerZone",
    promise: "a zone can have a second range",
    madeBy: '8131e91a: page_alloc_init_area() with "any" area takes any range of memory',
    broken:
      "_page_alloc_init_area() in lib/alloc_page.c asserts that the zone's slot is not taken, " +
      "which stopped guests on VMware.",
    defect: "two-ranges",
    scenario: `${FOUR_BLOCKS}area any 0x2000 0x2010
expect last returns nothing
`,
  },
  {
    fact: "smallRanges",
    promise: "a range that is too small for metadata is left out and reported",
    madeBy: "8131e91a: a range is cut at the borders of zones, wherever it begins and ends",
    broken: "_page_alloc_init_area() in lib/alloc_page.c asserts that each part has more than 4 " +
      "frames, and a zone's border may leave fewer.",
    defect: "D23",
    scenario: `machine x86_64
area any 0xffe 0x1010
expect last returns nothing
`,
  },
];

/** What becomes of arguments at the edge of their range. */
const ARGUMENT_PROMISES: readonly KeptPromise[] = [
  {
    fact: "wrappingSizes",
    promise: "a size that wraps round gives NULL",
    madeBy: "8131e91a: memalign_pages() gives a block that holds the size asked for, or NULL",
    broken:
      "memalign_pages() in lib/alloc_page.c rounds the size up to pages in a word: the largest " +
      "sizes become 0, and one page is handed out.",
    defect: "D9",
    scenario: `${FOUR_BLOCKS}p = memalign_pages 1 0xffffffffffffffff
expect p is null
`,
  },
  {
    fact: "excessiveOrders",
    promise: "an order beyond the largest gives NULL",
    madeBy: "8131e91a: alloc_pages() gives a block of 2^order pages, or NULL",
    broken:
      "page_memalign_order_flags() in lib/alloc_page.c takes the order as 8 bits: 258 is 2. What " +
      "has no list after that fails an assertion.",
    defect: "D20",
    scenario: `${FOUR_BLOCKS}p = alloc_pages 258
expect p is null
`,
  },
  {
    fact: "freedNull",
    promise: "free of NULL looks nothing up",
    madeBy: "8131e91a: free_pages() of NULL does nothing",
    broken:
      "_free_pages() in lib/alloc_page.c looks up the pfn of NULL before it tests for NULL. On " +
      "arm that maps page 0, for which it wants a page, and waits for its own lock.",
    defect: "D8",
    scenario: `machine arm64
boot
free_pages NULL
expect last returns nothing
`,
  },
];

/** The promises of the page allocator that the repaired edition keeps. */
export const PAGE_PROMISES: readonly KeptPromise[] = [
  ...BLOCK_PROMISES,
  ...RANGE_PROMISES,
  ...ARGUMENT_PROMISES,
];
