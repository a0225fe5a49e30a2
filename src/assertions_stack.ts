/**
 * The assertions of the early allocator, of vmalloc and of malloc: text and line in each edition.
 *
 * @module
 */

import type { SourceLine } from "./outcome.ts";

/**
 * The commits at which a line number or a text of these assertions changed, oldest first. The last
 * column is the code as of June 2026; "unknown" stands before the first commit.
 */
export const STACK_ASSERTION_COLUMNS = [
  "unknown",
  "8131e91a",
  "f90ddba3",
  "322cdd64",
  "7e3e823b",
  "1da1819e",
] as const;

/** One of {@linkcode STACK_ASSERTION_COLUMNS}. */
export type StackAssertionColumn = typeof STACK_ASSERTION_COLUMNS[number];

/** The line in each column; null where it is not known, or the edition has no such assertion. */
type Lines = readonly [
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
];

/** An assertion at all commits. */
interface StackSite {
  readonly file: string;
  readonly function: string;
  /** The text, or its texts with the column from which each holds. */
  readonly text: string | ReadonlyArray<readonly [StackAssertionColumn, string]>;
  readonly lines: Lines;
}

const PHYS = "lib/alloc_phys.c";
const VMALLOC = "lib/vmalloc.c";
const ALLOC = "lib/alloc.c";

const POWER_OF_TWO = "is_power_of_2(alignment)";
const NOT_VMALLOC = "alloc_ops != &vmalloc_ops";
const SETUP_VM = "__setup_vm";

/** The name of an assertion of the early allocator, of vmalloc or of malloc. */
export type StackAssertionName =
  | "earlyMinimumPowerOfTwo"
  | "earlyNotExhausted"
  | "earlyPowerOfTwo"
  | "onePageRoomForMagic"
  | "onePageSmallAlignment"
  | "vmallocPowerOfTwo"
  | "vmallocHasPage"
  | "vmallocAlignmentInPage"
  | "freeOnePageMagic"
  | "freeOnePageMapped"
  | "freeMagic"
  | "freeSomePages"
  | "freeNotTooManyPages"
  | "freeMapped"
  | "virtualTopBeforeVmalloc"
  | "vmAvailable"
  | "setupHasMemory"
  | "setupOnce"
  | "callocFits"
  | "mallocAlignment"
  | "mallocHasBackend"
  | "mallocSucceeds";

const SITES: Readonly<Record<StackAssertionName, StackSite>> = {
  earlyMinimumPowerOfTwo: {
    file: PHYS,
    function: "phys_alloc_set_minimum_alignment",
    text: "align && !(align & (align - 1))",
    lines: [null, 65, 65, 65, 64, 64],
  },
  earlyNotExhausted: {
    file: PHYS,
    function: "phys_alloc_aligned_safe",
    text: "base < top_safe",
    lines: [null, 85, 85, 85, 84, 84],
  },
  earlyPowerOfTwo: {
    file: PHYS,
    function: "early_memalign",
    text: "alignment && !(alignment & (alignment - 1))",
    lines: [null, 136, 136, 136, 137, 137],
  },
  onePageRoomForMagic: {
    file: VMALLOC,
    function: "vm_alloc_one_page",
    text: "alignment >= sizeof(uintptr_t)",
    lines: [null, 107, 107, 107, 107, 107],
  },
  onePageSmallAlignment: {
    file: VMALLOC,
    function: "vm_alloc_one_page",
    text: "alignment < PAGE_SIZE",
    lines: [null, 108, 108, 108, 108, 108],
  },
  vmallocPowerOfTwo: {
    file: VMALLOC,
    function: "vm_memalign",
    text: POWER_OF_TWO,
    lines: [null, 133, 133, 133, 133, 133],
  },
  vmallocHasPage: {
    file: VMALLOC,
    function: "vm_memalign",
    text: "pa",
    lines: [null, 153, 153, 153, 153, 153],
  },
  vmallocAlignmentInPage: {
    file: VMALLOC,
    function: "vm_memalign",
    text: "alignment <= PAGE_SIZE",
    lines: [null, null, null, null, null, null],
  },
  freeOnePageMagic: {
    file: VMALLOC,
    function: "vm_free",
    text: "GET_MAGIC(mem) == VM_MAGIC",
    lines: [null, 169, 169, 171, 171, 171],
  },
  freeOnePageMapped: {
    file: VMALLOC,
    function: "vm_free",
    text: "page",
    lines: [null, null, null, 173, 173, 173],
  },
  freeMagic: {
    file: VMALLOC,
    function: "vm_free",
    text: "m->magic == VM_MAGIC",
    lines: [null, 177, 177, 180, 180, 180],
  },
  freeSomePages: {
    file: VMALLOC,
    function: "vm_free",
    text: "m->npages > 0",
    lines: [null, 178, 178, 181, 181, 181],
  },
  freeNotTooManyPages: {
    file: VMALLOC,
    function: "vm_free",
    text: "m->npages < BIT_ULL(BITS_PER_LONG - PAGE_SHIFT)",
    lines: [null, null, null, 182, 182, 182],
  },
  freeMapped: {
    file: VMALLOC,
    function: "vm_free",
    text: "page",
    lines: [null, null, null, 187, 187, 187],
  },
  virtualTopBeforeVmalloc: {
    file: VMALLOC,
    function: "init_alloc_vpage",
    text: NOT_VMALLOC,
    lines: [null, 201, 201, 205, 204, 204],
  },
  vmAvailable: {
    file: VMALLOC,
    function: SETUP_VM,
    text: "vm_available()",
    lines: [null, null, null, null, null, 218],
  },
  setupHasMemory: {
    file: VMALLOC,
    function: SETUP_VM,
    text: "base != top || page_alloc_initialized()",
    lines: [null, 214, 214, 218, 217, 224],
  },
  setupOnce: {
    file: VMALLOC,
    function: SETUP_VM,
    text: NOT_VMALLOC,
    lines: [null, 236, 236, 240, 239, 246],
  },
  callocFits: {
    file: ALLOC,
    function: "calloc",
    text: [
      ["unknown", "!mult_overflow(nmemb, size)"],
      ["1da1819e", "!check_mul_overflow(nmemb, size)"],
    ],
    lines: [null, 46, null, null, null, 16],
  },
  mallocAlignment: {
    file: ALLOC,
    function: "memalign",
    text: [
      ["unknown", "alignment >= sizeof(void *) && is_power_of_2(alignment)"],
      ["f90ddba3", POWER_OF_TWO],
    ],
    lines: [null, 88, null, null, null, 36],
  },
  mallocHasBackend: {
    file: ALLOC,
    function: "memalign",
    text: "alloc_ops && alloc_ops->memalign",
    lines: [null, 89, null, null, null, 37],
  },
  mallocSucceeds: {
    file: ALLOC,
    function: "memalign",
    text: "p",
    lines: [null, 95, null, null, null, 40],
  },
};

/** An assertion of one edition: where it stands and what it prints. */
export interface StackAssertion {
  /** Where it stands. */
  readonly source: SourceLine;
  /** The condition's text, exactly as upstream prints it. */
  readonly expression: string;
}

/** The assertions of one edition, by name. */
export type StackAssertionTable = Readonly<Record<StackAssertionName, StackAssertion>>;

function textAt(site: StackSite, column: number): string {
  if (typeof site.text === "string") return site.text;
  let text = site.text[0]?.[1] ?? "";
  for (const [from, candidate] of site.text) {
    if (STACK_ASSERTION_COLUMNS.indexOf(from) <= column) text = candidate;
  }
  return text;
}

/**
 * The assertions of one edition.
 *
 * Source: `lib/alloc_phys.c`, `lib/vmalloc.c` and `lib/alloc.c` at the commits of the columns.
 *
 * @param column the commit whose text runs
 * @returns each assertion by name; one whose line is not known, or that the edition lacks, has none
 */
export function stackAssertionsAt(column: StackAssertionColumn): StackAssertionTable {
  const index = STACK_ASSERTION_COLUMNS.indexOf(column);
  const table = Object.entries(SITES).map(([name, site]) => {
    const source = { file: site.file, function: site.function, line: site.lines[index] ?? null };
    return [name, { source, expression: textAt(site, index) }];
  });
  return Object.fromEntries(table) as StackAssertionTable;
}
