/**
 * The rules about what lies above the page allocator: what each means.
 *
 * @module
 */

import type { StackCallRuleName, StackStateRuleName } from "../invariants/mod.ts";

/** The rules about a state of page tables and vmalloc: what each means. */
export const STACK_STATE_RULES: Readonly<Record<StackStateRuleName, string>> = {
  "nothing outside memory is mapped":
    "A page leads to memory or to a device of the map, or it is one that boot maps onto itself on " +
    "purpose, or a caller of vmap asked for it.",
  "every frame handed over is mapped onto itself":
    "While page tables are in use, each frame that the page allocator was given can be written at " +
    "the address that has its number, for there it is handed out.",
  "virtual pages given out are nobody's memory":
    "The addresses that vmalloc has given out are not those at which a frame of an area is used.",
  "page tables lie in frames of their own":
    "Each page table lies in frames that the page allocator calls allocated, and in no block and no " +
    "other table.",
  "a live block keeps its pages and its marks":
    "Every page of a block of vmalloc's is mapped, writable, to a frame that is allocated, and the " +
    "words in front of the block are what vmalloc wrote there.",
  "live blocks do not overlap": "No virtual address belongs to two live blocks.",
  "no frame lies behind two live blocks":
    "No frame belongs to two live blocks, but by vmap, which shares frames on purpose.",
  "what was given back is not mapped":
    "A virtual page of vmalloc's leads to no frame that is usable, and to none at all if no live " +
    "block has it.",
  "nothing is mapped at frame 0 that nobody owns":
    "No virtual page of vmalloc's leads to frame 0, unless that is allocated or a caller of vmap " +
    "asked for it: it is what a failed request is taken for.",
};

/** The rules about a call of boot, malloc and vmalloc: what each means. */
export const STACK_CALL_RULES: Readonly<Record<StackCallRuleName, string>> = {
  "boot ends in a running machine": "boot and setup_vm end in a return.",
  "a valid call of malloc or vmalloc returns":
    "A call whose arguments are right ends in a return, or, for want of memory, in an assertion.",
  "a block from malloc is as large and aligned as asked for":
    "Its address is a multiple of the alignment, and all its bytes are mapped and can be written.",
  "memory from calloc is zero": "Every byte of the block is 0.",
  "a size that cannot be had is refused":
    "A request for more bytes than there are usable gives NULL, or fails in an assertion.",
  "vmap covers its whole range":
    "Each byte of the range can be reached at its distance from the range's first page.",
  "free(NULL) changes nothing": "It returns; areas, page tables and addresses are what they were.",
  "live blocks hold what their owners wrote":
    "A call changes no byte of a live block, unless its owner writes there.",
  "after everything is freed the machine is as fresh":
    "Each area has the usable frames that it had after set-up, joined to blocks as they were then.",
};
