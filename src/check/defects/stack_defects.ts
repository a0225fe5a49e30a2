/**
 * The known defects above the page allocator: boot, page tables, vmalloc.
 *
 * @module
 */

import type { Edition } from "../../edition.ts";
import type { RuleName } from "../invariants/mod.ts";
import type { Defect, Hunt } from "./defect.ts";
import { between, hasAreas, isHistoric } from "./history.ts";

const BOOT_RETURNS: RuleName = "boot ends in a running machine";
const MAPPED: RuleName = "every frame handed over is mapped onto itself";

/** i386 boots fastest. */
const RANDOM_CALLS = { arch: "i386", layer: "stack" } as const;

function isHistoricWithAreas(edition: Edition): boolean {
  return isHistoric(edition) && hasAreas(edition);
}

function booted(machine: string, mostCalls: number, ...calls: readonly string[]): Hunt {
  return { machine: `machine ${machine}`, setUp: ["boot"], calls, mostCalls };
}

function boots(machine: string): Hunt {
  return { machine: `machine ${machine}`, setUp: [], calls: ["boot"], mostCalls: 1 };
}

/** Memory as EFI lists it, of a machine whose largest free range lies above 4 GiB. */
const EFI_MAP = {
  name: "efi_largest_above_4g.txt",
  text: [
    "mem00: [Conventional Memory] range=[0x0000000000001000-0x000000000009ffff]",
    "mem01: [Conventional Memory] range=[0x0000000000100000-0x000000007bffffff]",
    "mem02: [Loader Code] range=[0x000000007c000000-0x000000007d0fffff]",
    "mem03: [Conventional Memory] range=[0x0000000100000000-0x000000027fffffff]",
    "",
  ].map((line) => line === "" ? line : `efi: ${line}`).join("\n"),
};

/** The defects of boot: what it hands over, and what it maps. */
const BOOT_DEFECTS: readonly Defect[] = [
  {
    id: "D10",
    title: "vmalloc hands out addresses of RAM",
    cause: "arm64 maps RAM onto itself beyond 3 GiB, where virtual pages are handed out too; the " +
      "limit is computed and dropped.",
    source: "lib/arm/mmu.c, setup_mmu()",
    isIn: isHistoricWithAreas,
    isSoughtIn: hasAreas,
    signature: { rules: ["virtual pages given out are nobody's memory"] },
    hunt: booted("arm64 ram=4G", 1, "= malloc 8"),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D12",
    title: "metadata faults under EFI",
    cause:
      "The largest free range is used, wherever it is; above 4 GiB it is not mapped yet when " +
      "the page states are written.",
    source: "lib/x86/setup.c, setup_efi(); lib/vmalloc.c, setup_vm()",
    isIn: isHistoric,
    signature: { rules: [BOOT_RETURNS] },
    hunt: { ...boots(`x86_64 map=${EFI_MAP.name}`), map: EFI_MAP },
    explored: null,
    fuzzed: null,
  },
  {
    id: "D13",
    title: "i386 hands out memory that is not mapped",
    cause: "All memory below 4 GiB is handed over, but nothing is mapped from 2 to 3 GiB.",
    source: "lib/x86/vm.c, setup_mmu()",
    isIn: isHistoricWithAreas,
    isSoughtIn: hasAreas,
    signature: { rules: [MAPPED] },
    hunt: boots("i386 ram=3G"),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D14",
    title: "arm loses RAM that ends at 4 GiB",
    cause: "The end is cut with a mask of 32 bits, and becomes 0.",
    source: "lib/arm/setup.c, mem_allocator_init()",
    isIn: isHistoric,
    signature: { rules: [BOOT_RETURNS] },
    hunt: boots("arm ram=3G"),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D16",
    title: "ppc64 hands out memory that is not mapped",
    cause: "All memory is handed over, but only the first 31 GiB are mapped.",
    source: "lib/ppc64/mmu.c, setup_mmu()",
    isIn: between("4a54e8a3", null),
    signature: { rules: [MAPPED] },
    hunt: boots("ppc64 ram=33G"),
    explored: null,
    fuzzed: null,
  },
];

/** The defects of vmalloc and of the functions below it. */
const VMALLOC_DEFECTS: readonly Defect[] = [
  {
    id: "D8",
    title: "free(NULL) walks the page tables",
    cause:
      "The pointer is converted before it is compared with NULL, with the lock held: on arm64 " +
      "the walk maps page 0, asks for a table and waits for the lock for ever.",
    source: "lib/alloc_page.c, free_pages(), since 01d8952b",
    isIn: between("01d8952b", null),
    isSoughtIn: hasAreas,
    signature: { rules: ["a valid call returns", "free(NULL) changes nothing"] },
    hunt: booted("arm64", 1, "free_pages NULL"),
    explored: null,
    fuzzed: null,
  },
  {
    id: "D17",
    title: "mappings outlive vfree",
    cause: "A freed block stays mapped: a use after free goes unnoticed, and hits the next owner.",
    source: "lib/vmalloc.c, vm_free()",
    isIn: isHistoric,
    signature: { rules: ["what was given back is not mapped"], calls: ["free"] },
    hunt: booted("x86_64", 2, "= malloc 8", "free $"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D18",
    title: "vmap maps a page too few",
    cause: "The offset in the first page is left out of the length.",
    source: "lib/vmalloc.c, vmap()",
    isIn: isHistoric,
    signature: { rules: ["vmap covers its whole range"] },
    hunt: booted("x86_64", 1, "= vmap 0xfffffffc 8"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
  {
    id: "D9b",
    title: "malloc of a size that wraps round gives a page",
    cause: "Alignment and size are added in a word, and the sum is small.",
    source: "lib/vmalloc.c, vm_memalign(), since 3f6fee0d",
    isIn: isHistoric,
    signature: { rules: ["a size that cannot be had is refused"] },
    hunt: booted("x86_64", 1, "= malloc 0xffffffffffffffff"),
    explored: null,
    fuzzed: RANDOM_CALLS,
  },
];

/** The known defects above the page allocator. */
export const STACK_DEFECTS: readonly Defect[] = [...BOOT_DEFECTS, ...VMALLOC_DEFECTS];
