/**
 * The rules that a sound allocator keeps, by name.
 *
 * @module
 */

import type { AreaNumber, Pfn } from "../../units.ts";

/** A rule about a state: it can be checked whenever no operation is under way. */
export type StateRuleName =
  | "areas are disjoint"
  | "blocks tile the area"
  | "blocks are aligned"
  | "blocks end inside the area"
  | "states agree"
  | "usable blocks are listed"
  | "listed blocks are usable"
  | "links are mutual"
  | "max order is a bound"
  | "no mergeable buddies are both usable"
  | "a fresh frame was never touched";

/** A rule about a call and its result: it needs to know who owns what. */
export type CallRuleName =
  | "a valid call returns"
  | "a valid request is refused only for want of room"
  | "a refused request changes nothing"
  | "a block handed out has the size and alignment asked for"
  | "a block handed out lies in a zone asked for"
  | "a block asked for as fresh was never touched"
  | "special pages are never handed out"
  | "no two live allocations overlap"
  | "nothing outside RAM is handed out"
  | "zeroed memory is zero"
  | "nothing outside the block is written"
  | "frames are conserved";

/** A rule about the state of what lies above the page allocator: page tables and vmalloc. */
export type StackStateRuleName =
  | "nothing outside memory is mapped"
  | "every frame handed over is mapped onto itself"
  | "virtual pages given out are nobody's memory"
  | "page tables lie in frames of their own"
  | "a live block keeps its pages and its marks"
  | "live blocks do not overlap"
  | "no frame lies behind two live blocks"
  | "what was given back is not mapped"
  | "nothing is mapped at frame 0 that nobody owns";

/** A rule about a call above the page allocator: boot, malloc, vmalloc. */
export type StackCallRuleName =
  | "boot ends in a running machine"
  | "a valid call of malloc or vmalloc returns"
  | "a block from malloc is as large and aligned as asked for"
  | "memory from calloc is zero"
  | "a size that cannot be had is refused"
  | "vmap covers its whole range"
  | "free(NULL) changes nothing"
  | "live blocks hold what their owners wrote"
  | "after everything is freed the machine is as fresh";

/** The name of a rule about what lies above the page allocator. */
export type StackRuleName = StackStateRuleName | StackCallRuleName;

/** The name of a rule: what holds, as a sentence. */
export type RuleName = StateRuleName | CallRuleName | StackRuleName;

/** The rules about a state: what each means. */
export const STATE_RULES: Readonly<Record<StateRuleName, string>> = {
  "areas are disjoint": "No frame lies in two areas; the frames of their metadata count.",
  "blocks tile the area":
    "The page state of each usable frame of an area is one that a block can have, so that the frame " +
    "is in exactly one block.",
  "blocks are aligned": "The order of a block divides the number of its first frame.",
  "blocks end inside the area": "The last frame of a block lies below the top of its area.",
  "states agree": "All frames of a block have the page state of its first.",
  "usable blocks are listed":
    "A block that is fresh or free stands once on the free lists: on the one of its area and order.",
  "listed blocks are usable": "What stands on a free list is the first frame of a usable block.",
  "links are mutual":
    "The next block's previous is this block, the previous block's next too, and the list comes back " +
    "to its own head.",
  "max order is a bound": "No block of a higher order than the area's max_order is listed.",
  "no mergeable buddies are both usable":
    "Of two buddies of the same order at most one is usable: free joins them.",
  "a fresh frame was never touched":
    "The host has nothing behind a fresh frame, but for the first of a block, which holds the node.",
};

/** The rules about a call: what each means. */
export const CALL_RULES: Readonly<Record<CallRuleName, string>> = {
  "a valid call returns": "A call whose arguments are right ends in a return.",
  "a valid request is refused only for want of room":
    "NULL and -1 mean that the allowed zones have no aligned run of usable frames that is large " +
    "enough, or that a frame to be reserved is not usable.",
  "a refused request changes nothing":
    "After NULL and -1 all page states and free lists are what they were.",
  "a block handed out has the size and alignment asked for":
    "The block is aligned as asked for, and its frames are marked as one block of the size asked for.",
  "a block handed out lies in a zone asked for":
    "Each frame belongs, by the zones' cutoffs, to a zone that the request allows.",
  "a block asked for as fresh was never touched":
    "Nobody had written to a block for which a fresh one was asked.",
  "special pages are never handed out": "No frame of the block is reserved.",
  "no two live allocations overlap": "No frame belongs to two who asked for it.",
  "nothing outside RAM is handed out":
    "Each frame of the block is RAM that the allocator was given, and not its metadata.",
  "zeroed memory is zero": "Every byte of the block is 0, unless the request said not to zero it.",
  "nothing outside the block is written": "A call changes no byte that belongs to somebody else.",
  "frames are conserved":
    "Frames that were handed over are in an area, and there each is usable, or owned and allocated, " +
    "or reserved and special.",
};

/** A place at which a rule does not hold. */
export interface Violation {
  /** The rule. */
  readonly rule: RuleName;
  /** The area; null where it is no matter of one. */
  readonly area: AreaNumber | null;
  /** The frame; null where it is no matter of one. */
  readonly pfn: Pfn | null;
  /** What is the case instead, as a sentence without a period. */
  readonly sentence: string;
}

/**
 * A violation as a line.
 *
 * @param violation the violation
 * @returns such as `listed blocks are usable: 0x100010 is special and stands on list 0`
 */
export function formatViolation(violation: Violation): string {
  return `${violation.rule}: ${violation.sentence}`;
}
