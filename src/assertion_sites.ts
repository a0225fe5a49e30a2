/**
 * The assertions of the page allocator as a table: text and line at each commit that moved them.
 *
 * Source: `lib/alloc_page.c` at the commits of the columns.
 *
 * @module
 */

/** The commits at which the line numbers of the page allocator's assertions changed, oldest first. */
export const ASSERTION_COLUMNS = [
  "8131e91a",
  "34c95065",
  "322cdd64",
  "01d8952b",
  "bcffccfc",
  "dbad82e3",
  "550b4683",
  "0f4f39bd",
  "4a54e8a3",
] as const;

/** One of {@linkcode ASSERTION_COLUMNS}. */
export type AssertionColumn = typeof ASSERTION_COLUMNS[number];

/** The line in each column of {@linkcode ASSERTION_COLUMNS}; null where the edition has no such assertion. */
export type Lines = ReadonlyArray<number | null>;

/** An assertion at all commits. */
export interface Site {
  /** The function it stands in. */
  readonly function: string;
  /** The text, or its texts with the column from which each holds. */
  readonly text: string | ReadonlyArray<readonly [AssertionColumn, string]>;
  /** The line in each column. */
  readonly lines: Lines;
}

/** Adds a distance to each line: neighbouring assertions moved together. */
function linesAfter(lines: Lines, distance: number): Lines {
  return lines.map((line) => line === null ? null : line + distance);
}

const MEMORY_OF_NO_AREA: Lines = [217, 225, 223, 234, 240, 251, 251, 251, 279];
const INIT_SLOT: Lines = [360, 428, 426, 425, 430, 441, 441, 443, 472];
const OVERLAP: Lines = [384, 452, 450, 449, 455, 466, 466, 468, 497];
const LAST_PAGE = [
  ["8131e91a", "area_contains(a, pfn + BIT(order) - 1)"],
  ["01d8952b", "usable_area_contains_pfn(a, pfn + BIT(order) - 1)"],
] as const;

function overlapText(old: string, text: string): Site["text"] {
  return [["8131e91a", `!area_or_metadata_contains(${old})`], [
    "01d8952b",
    `!area_contains_pfn(${text})`,
  ]];
}

/** The name of an assertion of the page allocator. */
export type AssertionName =
  | "splitRange"
  | "splitOrder"
  | "splitAligned"
  | "splitLastPage"
  | "splitRemoved"
  | "splitStates"
  | "searchOrders"
  | "coalesceAligned"
  | "coalesceBuddy"
  | "coalesceArea"
  | "coalesceRemovedUpper"
  | "coalesceRemovedLower"
  | "coalesceStates"
  | "freeAligned"
  | "freeArea"
  | "freeAllocated"
  | "freeOrder"
  | "freeBlockAligned"
  | "freeLastPage"
  | "freeStates"
  | "reserveArea"
  | "unreserveArea"
  | "unreserveSpecial"
  | "reserveAligned"
  | "unreserveAligned"
  | "memalignPowerOfTwo"
  | "memalignAlignment"
  | "memalignSize"
  | "opsEnableInitialized"
  | "initSlot"
  | "initSlotFree"
  | "initTopAbove"
  | "initEnough"
  | "initTopInWord"
  | "initMetadataFits"
  | "initOverlapStart"
  | "initOverlapTop"
  | "initOverlapOldStart"
  | "initOverlapOldTop"
  | "initOrderAboveZero"
  | "initOrderInLists";

/** The assertions, by name. */
export const SITES: Readonly<Record<AssertionName, Site>> = {
  splitRange: {
    function: "split",
    text: [
      ["8131e91a", "a && area_contains(a, pfn)"],
      ["01d8952b", "a && usable_area_contains_pfn(a, pfn)"],
    ],
    lines: [78, 79, 77, 92, 94, 104, 104, 104, 104],
  },
  splitOrder: {
    function: "split",
    text: [
      ["8131e91a", "!(order & ~ORDER_MASK) && order && (order < NLISTS)"],
      ["dbad82e3", "IS_USABLE(metadata) && order && (order < NLISTS)"],
    ],
    lines: [81, 82, 80, 95, 97, 108, 108, 108, 108],
  },
  splitAligned: {
    function: "split",
    text: "IS_ALIGNED_ORDER(pfn, order)",
    lines: [82, 83, 81, 96, 98, 109, 109, 109, 109],
  },
  splitLastPage: {
    function: "split",
    text: LAST_PAGE,
    lines: [83, 84, 82, 97, 99, 110, 110, 110, 110],
  },
  splitRemoved: {
    function: "split",
    text: "p",
    lines: [87, 88, 86, null, null, null, null, null, null],
  },
  splitStates: {
    function: "split",
    text: [
      ["8131e91a", "a->page_states[idx + i] == order"],
      ["dbad82e3", "a->page_states[idx + i] == metadata"],
    ],
    lines: [91, 92, 90, 104, 106, 117, 117, 117, 117],
  },
  searchOrders: {
    function: "page_memalign_order",
    text: "(al < NLISTS) && (sz < NLISTS)",
    lines: [112, 113, 111, 125, 129, 140, 140, 140, 148],
  },
  coalesceAligned: {
    function: "coalesce",
    text: "IS_ALIGNED_ORDER(pfn, order) && IS_ALIGNED_ORDER(pfn2, order)",
    lines: [159, 170, 168, 181, 185, 196, 196, 196, 224],
  },
  coalesceBuddy: {
    function: "coalesce",
    text: "pfn2 == pfn + BIT(order)",
    lines: [160, 171, 169, 182, 186, 197, 197, 197, 225],
  },
  coalesceArea: {
    function: "coalesce",
    text: "a",
    lines: [161, 172, 170, 183, 187, 198, 198, 198, 226],
  },
  coalesceRemovedUpper: {
    function: "coalesce",
    text: "li",
    lines: [174, 185, 183, null, null, null, null, null, null],
  },
  coalesceRemovedLower: {
    function: "coalesce",
    text: "li",
    lines: [176, 187, 185, null, null, null, null, null, null],
  },
  coalesceStates: {
    function: "coalesce",
    text: "a->page_states[first + i] == order",
    lines: [179, 190, 188, 199, 203, 214, 214, 214, 242],
  },
  freeAligned: {
    function: "_free_pages",
    text: "IS_ALIGNED((uintptr_t)mem, PAGE_SIZE)",
    lines: [210, 221, 219, 230, 236, 247, 247, 247, 275],
  },
  freeArea: { function: "_free_pages", text: "a", lines: MEMORY_OF_NO_AREA },
  freeAllocated: {
    function: "_free_pages",
    text: [
      ["8131e91a", "a->page_states[p] == (order | ALLOC_MASK)"],
      ["dbad82e3", "IS_ALLOCATED(a->page_states[p])"],
    ],
    lines: linesAfter(MEMORY_OF_NO_AREA, 6),
  },
  freeOrder: {
    function: "_free_pages",
    text: "order < NLISTS",
    lines: linesAfter(MEMORY_OF_NO_AREA, 8),
  },
  freeBlockAligned: {
    function: "_free_pages",
    text: "IS_ALIGNED_ORDER(pfn, order)",
    lines: linesAfter(MEMORY_OF_NO_AREA, 10),
  },
  freeLastPage: {
    function: "_free_pages",
    text: LAST_PAGE,
    lines: linesAfter(MEMORY_OF_NO_AREA, 12),
  },
  freeStates: {
    function: "_free_pages",
    text: [
      ["8131e91a", "a->page_states[p + i] == (ALLOC_MASK | order)"],
      ["dbad82e3", "a->page_states[p + i] == (STATUS_ALLOCATED | order)"],
    ],
    lines: linesAfter(MEMORY_OF_NO_AREA, 16),
  },
  reserveArea: {
    function: "_reserve_one_page",
    text: "a",
    lines: [null, 279, 277, null, null, null, null, null, null],
  },
  unreserveArea: {
    function: "_unreserve_one_page",
    text: "a",
    lines: [null, 297, 295, 307, 313, 324, 324, 324, 352],
  },
  unreserveSpecial: {
    function: "_unreserve_one_page",
    text: [
      ["34c95065", "a->page_states[i] == SPECIAL_MASK"],
      ["dbad82e3", "a->page_states[i] == STATUS_SPECIAL"],
    ],
    lines: [null, 299, 297, 309, 315, 326, 326, 326, 354],
  },
  reserveAligned: {
    function: "reserve_pages",
    text: "IS_ALIGNED(addr, PAGE_SIZE)",
    lines: [null, 308, 306, 319, 325, 336, 336, 336, 364],
  },
  unreserveAligned: {
    function: "unreserve_pages",
    text: "IS_ALIGNED(addr, PAGE_SIZE)",
    lines: [null, 326, 324, 339, 345, 356, 356, 356, 384],
  },
  memalignPowerOfTwo: {
    function: "memalign_pages_flags",
    text: "is_power_of_2(alignment)",
    lines: [299, 367, 365, 376, 382, 393, 393, 395, 424],
  },
  memalignAlignment: {
    function: "memalign_pages_flags",
    text: "alignment < NLISTS",
    lines: [302, 370, 368, 379, 385, 396, 396, 398, 427],
  },
  memalignSize: {
    function: "memalign_pages_flags",
    text: "size < NLISTS",
    lines: [303, 371, 369, 380, 386, 397, 397, 399, 428],
  },
  opsEnableInitialized: {
    function: "page_alloc_ops_enable",
    text: "page_alloc_initialized()",
    lines: [335, 403, 401, 400, 405, 416, 416, 418, 447],
  },
  initSlot: { function: "_page_alloc_init_area", text: "n < MAX_AREAS", lines: INIT_SLOT },
  initSlotFree: {
    function: "_page_alloc_init_area",
    text: "!(areas_mask & BIT(n))",
    lines: linesAfter(INIT_SLOT, 2),
  },
  initTopAbove: {
    function: "_page_alloc_init_area",
    text: "top_pfn > start_pfn",
    lines: linesAfter(INIT_SLOT, 5),
  },
  initEnough: {
    function: "_page_alloc_init_area",
    text: "top_pfn - start_pfn > 4",
    lines: linesAfter(INIT_SLOT, 6),
  },
  initTopInWord: {
    function: "_page_alloc_init_area",
    text: "top_pfn < BIT_ULL(sizeof(void *) * 8 - PAGE_SHIFT)",
    lines: linesAfter(INIT_SLOT, 7),
  },
  initMetadataFits: {
    function: "_page_alloc_init_area",
    text: "(a->base - start_pfn) * PAGE_SIZE >= npages",
    lines: [378, 446, 444, 443, 449, 460, 460, 462, 491],
  },
  initOverlapStart: {
    function: "_page_alloc_init_area",
    text: overlapText("areas + i, start_pfn", "areas + i, start_pfn"),
    lines: OVERLAP,
  },
  initOverlapTop: {
    function: "_page_alloc_init_area",
    text: overlapText("areas + i, top_pfn - 1", "areas + i, top_pfn - 1"),
    lines: linesAfter(OVERLAP, 1),
  },
  initOverlapOldStart: {
    function: "_page_alloc_init_area",
    text: overlapText("a, PFN(areas[i].page_states)", "a, virt_to_pfn(areas[i].page_states)"),
    lines: linesAfter(OVERLAP, 2),
  },
  initOverlapOldTop: {
    function: "_page_alloc_init_area",
    text: overlapText("a, areas[i].top - 1", "a, areas[i].top - 1"),
    lines: linesAfter(OVERLAP, 3),
  },
  initOrderAboveZero: {
    function: "_page_alloc_init_area",
    text: "order",
    lines: [397, 465, 463, 462, 468, 479, 479, 481, 510],
  },
  initOrderInLists: {
    function: "_page_alloc_init_area",
    text: "order < NLISTS",
    lines: [407, 475, 473, 472, 478, 489, 489, 491, 520],
  },
};
