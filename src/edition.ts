/**
 * The editions of the modelled code: one table of named facts, oldest first.
 *
 * Each edition is its predecessor with differences, pinned to a commit of kvm-unit-tests, so that the
 * file reads as the history. No other file mentions an edition's name, and each fact is read in
 * exactly one source file.
 *
 * @module
 */

import type { Arch, AreaTable, AreaTableName } from "./arch.ts";
import type { AssertionTable } from "./assertions.ts";
import { BOOT_PROMISES_BROKEN, BOOT_PROMISES_KEPT } from "./boot_promise_facts.ts";
import type { BootPromiseFacts } from "./boot_promise_facts.ts";
import { ALLOCATED_BIT, SPECIAL_BIT, TWO_BIT_STATUS } from "./page_state_format.ts";
import type { PageStateFormat, PageStatus } from "./page_state_format.ts";
import type { PromiseFacts } from "./promise_facts.ts";
import { textAt } from "./sources.ts";
import type { SourceText } from "./sources.ts";
import { stackAssertionsAt } from "./assertions_stack.ts";
import type { StackFacts } from "./stack_facts.ts";
import type { VmallocPromiseFacts } from "./vmalloc_promise_facts.ts";

export type { PageStateFormat, PageStatus };

/** The values of the request flags and of "any area" in an edition. */
export interface FlagValues {
  /** `AREA_ANY`. */
  readonly any: number;
  /** `FLAG_DONTZERO`; 0 where the edition has no such flag. */
  readonly dontzero: number;
  /** `FLAG_FRESH`; 0 where the edition has no such flag. */
  readonly fresh: number;
  /** The bits that choose areas. */
  readonly areaMask: number;
}

/** The facts of an edition. A fact's values are words that say what the code does. */
export interface Facts extends PromiseFacts, StackFacts, BootPromiseFacts, VmallocPromiseFacts {
  /** The shape of the page allocator: one list of single pages, or areas with lists for each order. */
  readonly pageAllocator: "one-list" | "buddy-areas";
  /** Which generation of area tables holds (322cdd64). */
  readonly areaTable: AreaTableName;
  /** The type of a pfn: `uintptr_t`, or 64 bits everywhere (01d8952b). */
  readonly pfnWidth: "long" | "64-bit";
  /** Whether areas remember the highest order that is worth searching (bcffccfc). */
  readonly maxOrderHint: "none" | "kept";
  /** The encoding of page states (34c95065, dbad82e3). */
  readonly pageStateFormat: PageStateFormat;
  /** Whether the order of a block to be split is the whole state byte or its order bits (dbad82e3). */
  readonly splitOrderIs: "whole-byte" | "order-bits";
  /** Whether `split` and `coalesce` assert that a list removal removed something (01d8952b). */
  readonly listRemovals: "asserted" | "unchecked";
  /** The flags of a request; before 550b4683 it is a bare area mask. */
  readonly flagValues: FlagValues;
  /** Whether `memalign` hands size and alignment to the search in the right places (550b4683). */
  readonly memalignArguments: "swapped" | "in-order";
  /** Whether pages are zeroed unless the request says not to (0f4f39bd). */
  readonly zeroesByDefault: "yes" | "no";
  /** Whether a request can ask for frames that were never touched (4a54e8a3). */
  readonly freshRequests: "not-known" | "served";
  /** Where `split` puts the halves of a fresh block (4a54e8a3). */
  readonly freshHalvesGo: "to-front" | "to-back";
  /** How frames are taken out of use: not at all, by the calls of 34c95065, or of 01d8952b. */
  readonly reservation: "none" | "alloc-pages-special" | "reserve-pages";
  /** The page allocator's assertions: text and line. */
  readonly assertions: AssertionTable;
  /** Whose lines the statements of the page allocator have. */
  readonly sourceLines: SourceText;
}

/** One historic behaviour of the modelled code. */
export interface Edition extends Facts {
  /** Its name: subject and date. */
  readonly name: string;
  /** Other names. */
  readonly aliases: readonly string[];
  /** The commit of kvm-unit-tests; null where there is none. */
  readonly commit: string | null;
  /** What it changed, in a line. */
  readonly summary: string;
}

const AREA_MASK_ONLY: FlagValues = { any: -1, dontzero: 0, fresh: 0, areaMask: 0xffffffff };
const FLAGS: FlagValues = { any: 0, dontzero: 0x10000, fresh: 0x20000, areaMask: 0xffff };

const LIST_2020: Edition = {
  name: "list-2020",
  aliases: [],
  commit: "3f6fee0d^",
  summary: "the allocator before the rewrite: one list of single pages",
  pageAllocator: "one-list",
  areaTable: "six-slots",
  pfnWidth: "long",
  maxOrderHint: "none",
  pageStateFormat: ALLOCATED_BIT,
  splitOrderIs: "whole-byte",
  listRemovals: "asserted",
  flagValues: AREA_MASK_ONLY,
  memalignArguments: "swapped",
  zeroesByDefault: "no",
  freshRequests: "not-known",
  freshHalvesGo: "to-front",
  reservation: "none",
  ...textAt("8131e91a", "3f6fee0d^"),
  mergeableBuddies: "bare-order",
  maxOrderRaisedBy: "carving-and-joining",
  reservedFrames: "stay-listed",
  reservedBlockOrder: "whole-byte",
  failedReservation: "frees-one-by-one",
  reservationOfNothing: "fails",
  freshRequestsGet: "half-the-size",
  zonesFilled: "in-fixed-steps",
  rangesPerZone: "one",
  smallRanges: "abort",
  wrappingSizes: "give-small-blocks",
  excessiveOrders: "cut-and-asserted",
  freedNull: "converted",
  freedVirtualPages: "stay-mapped",
  virtualPagesAreGiven: "once",
  virtualPagesEnd: "nowhere",
  missingBlockPages: "taken-to-be-at-0",
  missingPageTables: "taken-to-be-at-0",
  mallocWithoutMemory: "is-asserted",
  wrappingMallocSizes: "give-small-blocks",
  vmapCovers: "the-size-alone",
  earlyMinimumAlignment: "kept-for-malloc",
  mallocHeader: "slack-and-size",
  vmallocMetadata: "none",
  vmallocChecks: "few",
  pointerConversions: "casts",
  x86VirtualTop: "left-at-0",
  x86ImageBegin: "elf-header",
  armMapping: "devices-first",
  armLookupMiss: "makes-tables",
  ppcAllocators: "early-only",
  s390xCpuTable: "pointers",
  s390xLowcore: "cleared-by-hand",
  riscvPort: "not-yet",
  archSourceLines: "not-known",
  stackAssertions: stackAssertionsAt("unknown"),
  ...BOOT_PROMISES_BROKEN,
};

const RFC_2020_08: Edition = {
  ...LIST_2020,
  name: "rfc-2020-08",
  commit: null,
  summary: "the rewrite as first posted: four pools, with reservation; it never landed",
  pageAllocator: "buddy-areas",
  areaTable: "rfc-pools",
  pageStateFormat: SPECIAL_BIT,
  reservation: "alloc-pages-special",
  ...textAt("34c95065", "not-known"),
  vmallocMetadata: "in-front",
};

const BUDDY_2020_10: Edition = {
  ...RFC_2020_08,
  name: "buddy-2020-10",
  commit: "8131e91a",
  summary: "the rewrite as it landed: areas, a buddy allocator in each",
  areaTable: "six-slots",
  pageStateFormat: ALLOCATED_BIT,
  reservation: "none",
  ...textAt("8131e91a"),
  stackAssertions: stackAssertionsAt("8131e91a"),
};

const MALLOC_2020_10: Edition = {
  ...BUDDY_2020_10,
  name: "malloc-2020-10",
  commit: "f90ddba3",
  summary: "malloc without a header of its own, free without a size",
  mallocHeader: "none",
  stackAssertions: stackAssertionsAt("f90ddba3"),
};

const RESERVE_2020_10: Edition = {
  ...MALLOC_2020_10,
  name: "reserve-2020-10",
  commit: "34c95065",
  summary: "reservation of given pages",
  pageStateFormat: SPECIAL_BIT,
  reservation: "alloc-pages-special",
  ...textAt("34c95065"),
};

const AREAS_2021_01: Edition = {
  ...RESERVE_2020_10,
  name: "areas-2021-01",
  commit: "322cdd64",
  summary: "areas for each architecture corrected",
  areaTable: "per-architecture",
  ...textAt("322cdd64"),
  vmallocChecks: "all",
  stackAssertions: stackAssertionsAt("322cdd64"),
};

const PFN_2021_01: Edition = {
  ...AREAS_2021_01,
  name: "pfn-2021-01",
  commit: "01d8952b",
  summary: "64-bit pfns, reserve and unreserve",
  pfnWidth: "64-bit",
  listRemovals: "unchecked",
  reservation: "reserve-pages",
  ...textAt("01d8952b"),
  pointerConversions: "of-the-architecture",
};

const MAX_ORDER_2021_01: Edition = {
  ...PFN_2021_01,
  name: "max-order-2021-01",
  commit: "bcffccfc",
  summary: "areas remember their highest order",
  maxOrderHint: "kept",
  ...textAt("bcffccfc"),
  earlyMinimumAlignment: "applied",
  stackAssertions: stackAssertionsAt("7e3e823b"),
};

const STATUS_2021_01: Edition = {
  ...MAX_ORDER_2021_01,
  name: "status-2021-01",
  commit: "dbad82e3",
  summary: "two-bit status; coalescing stops working",
  pageStateFormat: TWO_BIT_STATUS,
  splitOrderIs: "order-bits",
  ...textAt("dbad82e3"),
};

const FLAGS_2021_01: Edition = {
  ...STATUS_2021_01,
  name: "flags-2021-01",
  commit: "550b4683",
  summary: "flags instead of areas; size and alignment no longer swapped",
  flagValues: FLAGS,
  memalignArguments: "in-order",
  ...textAt("550b4683"),
};

const ZERO_2021_01: Edition = {
  ...FLAGS_2021_01,
  name: "zero-2021-01",
  commit: "0f4f39bd",
  summary: "pages are zeroed by default",
  zeroesByDefault: "yes",
  ...textAt("0f4f39bd"),
};

const FRESH_2021_01: Edition = {
  ...ZERO_2021_01,
  name: "fresh-2021-01",
  aliases: ["head"],
  commit: "4a54e8a3",
  summary: "requests for fresh blocks; the code as of June 2026",
  freshRequests: "served",
  freshHalvesGo: "to-back",
  ...textAt("4a54e8a3"),
  x86VirtualTop: "last-page",
  x86ImageBegin: "multiboot-header",
  armMapping: "region-by-region",
  armLookupMiss: "maps-identity",
  ppcAllocators: "all",
  s390xCpuTable: "structures",
  s390xLowcore: "left-to-the-allocator",
  riscvPort: "there",
  archSourceLines: "known",
  stackAssertions: stackAssertionsAt("1da1819e"),
};

const REPAIRED: Edition = {
  ...FRESH_2021_01,
  name: "repaired",
  aliases: [],
  commit: null,
  summary: "what the authors describe: head, with their promises kept",
  sourceLines: "departs-from-4a54e8a3",
  mergeableBuddies: "usable",
  maxOrderRaisedBy: "every-link",
  reservedFrames: "leave-their-list",
  reservedBlockOrder: "order-bits",
  failedReservation: "changes-nothing",
  reservationOfNothing: "succeeds",
  freshRequestsGet: "the-whole-size",
  zonesFilled: "by-descending-cutoff",
  rangesPerZone: "several",
  smallRanges: "left-out",
  wrappingSizes: "give-null",
  excessiveOrders: "give-null",
  freedNull: "not-looked-up",
  freedVirtualPages: "are-unmapped",
  virtualPagesAreGiven: "again",
  virtualPagesEnd: "above-other-mappings",
  missingBlockPages: "give-null",
  missingPageTables: "refused",
  mallocWithoutMemory: "gives-null",
  wrappingMallocSizes: "give-null",
  vmapCovers: "the-whole-range",
  ...BOOT_PROMISES_KEPT,
};

/** All editions, oldest first. */
export const EDITIONS: readonly Edition[] = [
  LIST_2020,
  RFC_2020_08,
  BUDDY_2020_10,
  MALLOC_2020_10,
  RESERVE_2020_10,
  AREAS_2021_01,
  PFN_2021_01,
  MAX_ORDER_2021_01,
  STATUS_2021_01,
  FLAGS_2021_01,
  ZERO_2021_01,
  FRESH_2021_01,
  REPAIRED,
];

/** The edition that runs where none is named: what the authors describe. */
export const DEFAULT_EDITION: Edition = REPAIRED;

/**
 * Finds an edition by its name, by an alias, or by the commit that made it.
 *
 * @param name such as `pfn-2021-01`, `head` or `01d8952b`
 * @returns the edition, or null if there is none of that name
 */
export function editionNamed(name: string): Edition | null {
  return EDITIONS.find((edition) =>
    edition.name === name || edition.aliases.includes(name) || edition.commit === name
  ) ?? null;
}

/**
 * The areas that an edition knows on an architecture.
 *
 * Editions: `areaTable`.
 *
 * Source: `lib/<arch>/asm/memory_areas.h`, 8131e91a and 322cdd64.
 *
 * @param arch the architecture
 * @param edition the edition
 * @returns the table
 */
export function areaTableOf(arch: Arch, edition: Edition): AreaTable {
  return arch.areaTables[edition.areaTable];
}
