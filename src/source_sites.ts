/**
 * Where the page allocator's code does what: the line of each statement that changes something, and the
 * range of each function, at each commit that moved them.
 *
 * The lines are counted in the text of the commit, or in that of a neighbour and the patch between the
 * two. A test compares them with the lines of the assertions, which were recorded apart.
 *
 * Source: `lib/alloc_page.c` at the commits of {@linkcode ASSERTION_COLUMNS}; `lib/list.h` and
 * `lib/vmalloc.c`, whose statements of this table stand at one line in all of them.
 *
 * @module
 */

import type { AssertionColumn, Lines } from "./assertion_sites.ts";

/** A function of the page allocator at all commits. */
export interface FunctionSite {
  /** Its name, or its names with the column from which each holds. */
  readonly name: string | ReadonlyArray<readonly [AssertionColumn, string]>;
  /** The first line in each column; null where the edition has no such function. */
  readonly first: Lines;
  /** The last line in each column. */
  readonly last: Lines;
}

/** A function of the page allocator that changes something. */
export type FunctionKey =
  | "split"
  | "take"
  | "merge"
  | "free"
  | "reserve"
  | "unreserve"
  | "request"
  | "init";

/** The functions. */
export const FUNCTION_SITES: Readonly<Record<FunctionKey, FunctionSite>> = {
  split: {
    name: "split",
    first: [71, 72, 70, 86, 88, 99, 99, 99, 99],
    last: [99, 100, 98, 112, 116, 127, 127, 127, 134],
  },
  take: {
    name: "page_memalign_order",
    first: [107, 108, 106, 120, 124, 135, 135, 135, 142],
    last: [137, 138, 136, 150, 154, 165, 165, 165, 193],
  },
  merge: {
    name: "coalesce",
    first: [154, 165, 163, 177, 181, 192, 192, 192, 220],
    last: [185, 196, 194, 205, 211, 222, 222, 222, 250],
  },
  free: {
    name: "_free_pages",
    first: [201, 212, 210, 221, 227, 238, 238, 238, 266],
    last: [256, 264, 262, 273, 279, 290, 290, 290, 318],
  },
  reserve: {
    name: [["8131e91a", "_alloc_page_special"], ["01d8952b", "_reserve_one_page"]],
    first: [null, 273, 271, 282, 288, 299, 299, 299, 327],
    last: [null, 289, 287, 299, 305, 316, 316, 316, 344],
  },
  unreserve: {
    name: [["8131e91a", "_free_page_special"], ["01d8952b", "_unreserve_one_page"]],
    first: [null, 291, 289, 301, 307, 318, 318, 318, 346],
    last: [null, 302, 300, 312, 318, 329, 329, 329, 357],
  },
  request: {
    name: [["8131e91a", "page_memalign_order_area"], ["550b4683", "page_memalign_order_flags"]],
    first: [265, 333, 331, 347, 353, 364, 364, 364, 392],
    last: [277, 345, 343, 359, 365, 376, 376, 378, 407],
  },
  init: {
    name: "_page_alloc_init_area",
    first: [353, 421, 419, 418, 423, 434, 434, 436, 465],
    last: [414, 482, 480, 479, 487, 498, 498, 500, 529],
  },
};

/** A statement at all commits. */
export interface StatementSite {
  /** The function it stands in. */
  readonly in: FunctionKey;
  /** The line in each column; null where the edition has no such statement. */
  readonly lines: Lines;
}

/** A statement of the page allocator that changes something, or decides. */
export type StatementName =
  | "splitUnlinks"
  | "splitStates"
  | "splitLowersMaxOrder"
  | "splitLinksLower"
  | "splitLinksUpper"
  | "splitLinksFreshLower"
  | "splitLinksFreshUpper"
  | "takeSearches"
  | "takeFindsNone"
  | "takeUnlinks"
  | "takeFreshStates"
  | "takeLinksFresh"
  | "takeStates"
  | "mergeCompares"
  | "mergeUnlinksUpper"
  | "mergeUnlinksLower"
  | "mergeStates"
  | "mergeLinks"
  | "mergeRaisesMaxOrder"
  | "freeStates"
  | "freeLinks"
  | "reserveMasks"
  | "reserveStates"
  | "unreserveStates"
  | "requestZeroes"
  | "initChecksSlot"
  | "initChecksSize"
  | "initDescribes"
  | "initEmptiesLists"
  | "initStates"
  | "initLinks"
  | "initRaisesMaxOrder";

/** The statements. */
export const STATEMENT_SITES: Readonly<Record<StatementName, StatementSite>> = {
  splitUnlinks: { in: "split", lines: [86, 87, 85, 100, 102, 113, 113, 113, 113] },
  splitStates: { in: "split", lines: [92, 93, 91, 105, 107, 118, 118, 118, 118] },
  splitLowersMaxOrder: {
    in: "split",
    lines: [null, null, null, null, 110, 121, 121, 121, 121],
  },
  splitLinksLower: { in: "split", lines: [96, 97, 95, 109, 113, 124, 124, 124, 131] },
  splitLinksUpper: { in: "split", lines: [98, 99, 97, 111, 115, 126, 126, 126, 132] },
  splitLinksFreshLower: {
    in: "split",
    lines: [null, null, null, null, null, null, null, null, 127],
  },
  splitLinksFreshUpper: {
    in: "split",
    lines: [null, null, null, null, null, null, null, null, 128],
  },
  takeSearches: { in: "take", lines: [117, 118, 116, 130, 134, 145, 145, 145, 159] },
  takeFindsNone: { in: "take", lines: [124, 125, 123, 137, 141, 152, 152, 152, 171] },
  takeUnlinks: { in: "take", lines: [134, 135, 133, 147, 151, 162, 162, 162, 181] },
  takeFreshStates: { in: "take", lines: [null, null, null, null, null, null, null, null, 186] },
  takeLinksFresh: { in: "take", lines: [null, null, null, null, null, null, null, null, 187] },
  takeStates: { in: "take", lines: [135, 136, 134, 148, 152, 163, 163, 163, 191] },
  mergeCompares: { in: "merge", lines: [169, 180, 178, 191, 195, 206, 206, 206, 234] },
  mergeUnlinksUpper: { in: "merge", lines: [173, 184, 182, 195, 199, 210, 210, 210, 238] },
  mergeUnlinksLower: { in: "merge", lines: [175, 186, 184, 196, 200, 211, 211, 211, 239] },
  mergeStates: { in: "merge", lines: [180, 191, 189, 200, 204, 215, 215, 215, 243] },
  mergeLinks: { in: "merge", lines: [183, 194, 192, 203, 207, 218, 218, 218, 246] },
  mergeRaisesMaxOrder: {
    in: "merge",
    lines: [null, null, null, null, 209, 220, 220, 220, 248],
  },
  freeStates: { in: "free", lines: [235, 243, 241, 252, 258, 269, 269, 269, 297] },
  freeLinks: { in: "free", lines: [238, 246, 244, 255, 261, 272, 272, 272, 300] },
  reserveMasks: { in: "reserve", lines: [null, 284, 282, 294, 300, 311, 311, 311, 339] },
  reserveStates: { in: "reserve", lines: [null, 287, 285, 297, 303, 314, 314, 314, 342] },
  unreserveStates: { in: "unreserve", lines: [null, 300, 298, 310, 316, 327, 327, 327, 355] },
  requestZeroes: {
    in: "request",
    lines: [null, null, null, null, null, null, null, 376, 405],
  },
  initChecksSlot: { in: "init", lines: [362, 430, 428, 427, 432, 443, 443, 445, 474] },
  initChecksSize: { in: "init", lines: [366, 434, 432, 431, 436, 447, 447, 449, 478] },
  initDescribes: { in: "init", lines: [374, 442, 440, 439, 444, 455, 455, 457, 486] },
  initEmptiesLists: { in: "init", lines: [391, 459, 457, 456, 462, 473, 473, 475, 504] },
  initStates: { in: "init", lines: [409, 477, 475, 474, 480, 491, 491, 493, 522] },
  initLinks: { in: "init", lines: [410, 478, 476, 475, 481, 492, 492, 494, 523] },
  initRaisesMaxOrder: {
    in: "init",
    lines: [null, null, null, null, 483, 494, 494, 496, 525],
  },
};

/** A statement of the allocator before the rewrite that changes something. */
export type ListStatementName = "listGives" | "listLinks" | "listUnlinks" | "listZeroes";

/**
 * The statements of the allocator before the rewrite.
 *
 * Source: `lib/alloc_page.c`, 3f6fee0d^.
 */
export const LIST_STATEMENT_SITES: Readonly<
  Record<ListStatementName, { readonly function: string; readonly line: number }>
> = {
  listGives: { function: "free_pages", line: 45 },
  listLinks: { function: "free_pages", line: 52 },
  listUnlinks: { function: "alloc_pages", line: 129 },
  listZeroes: { function: "alloc_pages", line: 137 },
};

/**
 * Where the functions of lists store their first word.
 *
 * Source: `lib/list.h`, 8131e91a to 1da1819e.
 */
export const LIST_STORES = { list_remove: 33, list_add: 47 } as const;

/** A statement of vmalloc that changes memory. */
export type VmallocStatementName =
  | "onePageMagic"
  | "blockCount"
  | "blockMagic";

/**
 * The statements of vmalloc.
 *
 * Source: `lib/vmalloc.c`, 8131e91a to 1da1819e.
 */
export const VMALLOC_STATEMENT_SITES: Readonly<
  Record<VmallocStatementName, { readonly function: string; readonly line: number }>
> = {
  onePageMagic: { function: "vm_alloc_one_page", line: 113 },
  blockCount: { function: "vm_memalign", line: 157 },
  blockMagic: { function: "vm_memalign", line: 158 },
};
