/**
 * The early allocator: it gives out physical memory upwards and never takes it back. It serves malloc
 * until the page allocator exists, and then hands over what is left.
 *
 * ```text
 *   base ------------> base                      top
 *   [USED] [USED]      [FREE                     ]
 * ```
 *
 * Source: `lib/alloc_phys.c`, 8131e91a to 1da1819e.
 *
 * @module
 */

import type { StackAssertion, StackAssertionName } from "./assertions_stack.ts";
import type { Edition } from "./edition.ts";
import { cAssert } from "./outcome.ts";
import { byteCount, physAddr } from "./units.ts";
import type { ByteCount, PhysAddr } from "./units.ts";
import type { WordBits } from "./word.ts";
import { alignUpWrapped, isPowerOfTwo, wrapToWord } from "./word.ts";

/** How many regions the log has room for. */
export const EARLY_LOG_ROOM = 256;

/** `DEFAULT_MINIMUM_ALIGNMENT` of the header, in bytes; since 7e3e823b no code uses it. */
const DEFAULT_MINIMUM_ALIGNMENT = 32n;

/** Which allocator serves malloc (`alloc_ops`). */
export type Backend = "early" | "page" | "vmalloc";

/** The allocator that serves malloc; one for the whole machine. */
export interface AllocOps {
  /** The allocator. */
  current: Backend;
}

/** A region in the log: what a caller asked for, without the gap in front of it. */
export interface EarlyRegion {
  /** The first byte. */
  readonly base: PhysAddr;
  /** The size in bytes. */
  readonly size: ByteCount;
}

/** The early allocator. */
export interface EarlyAllocator {
  /** The width of a word: on 32 bits it gives out nothing above 4 GiB. */
  readonly wordBits: WordBits;
  /** The edition. */
  readonly edition: Edition;
  /** The first byte that is free. */
  base: PhysAddr;
  /** The first byte after. */
  top: PhysAddr;
  /** The log. It has room for 256, but the last hand-over is written behind the end too. */
  regions: EarlyRegion[];
  /** The minimum alignment, in bytes. */
  alignMin: bigint;
  /** Whether it has said that the log is full. */
  warned: boolean;
  /** Takes each line that the guest prints. */
  print: (line: string) => void;
}

/**
 * An assertion of the early allocator, of vmalloc or of malloc.
 *
 * Editions: `stackAssertions`.
 *
 * @param edition the edition
 * @param name the assertion's name
 * @returns where it stands, and its text
 */
export function stackAssertionOf(edition: Edition, name: StackAssertionName): StackAssertion {
  return edition.stackAssertions[name];
}

/**
 * Upstream's `assert` in the early allocator, in vmalloc and in malloc.
 *
 * @param edition the edition
 * @param condition what has to hold
 * @param name the assertion's name
 * @param message the formatted text of `assert_msg`
 */
export function assertInStack(
  edition: Edition,
  condition: boolean,
  name: StackAssertionName,
  message = "",
): asserts condition {
  const { source, expression } = stackAssertionOf(edition, name);
  cAssert(condition, source, expression, message);
}

/** The minimum alignment where nobody sets it, in bytes. */
function defaultAlignment(edition: Edition): bigint {
  const isDropped = edition.earlyMinimumAlignment === "applied" &&
    edition.earlyDefaultAlignment === "none";
  return isDropped ? 0n : DEFAULT_MINIMUM_ALIGNMENT;
}

/**
 * Makes an early allocator that has no memory.
 *
 * Editions: `earlyMinimumAlignment`, `earlyDefaultAlignment`.
 *
 * @param wordBits the width of a word
 * @param edition the edition
 * @param print takes each line that the guest prints
 * @returns the allocator
 */
export function newEarlyAllocator(
  wordBits: WordBits,
  edition: Edition,
  print: (line: string) => void,
): EarlyAllocator {
  return {
    wordBits,
    edition,
    base: physAddr(0n),
    top: physAddr(0n),
    regions: [],
    alignMin: defaultAlignment(edition),
    warned: false,
    print,
  };
}

/**
 * Copies what an early allocator knows into another one of the same kind.
 *
 * @param target the other
 * @param source the allocator
 */
export function copyEarlyAllocator(target: EarlyAllocator, source: EarlyAllocator): void {
  const { base, top, regions, alignMin, warned } = source;
  Object.assign(target, { base, top, regions: [...regions], alignMin, warned });
}

/**
 * Gives the allocator its memory and empties the log. The minimum alignment stays as it is.
 *
 * Source: `lib/alloc_phys.c`, `phys_alloc_init()`, 1da1819e.
 *
 * @param early the allocator
 * @param base the first byte
 * @param size in bytes; the end wraps round at 2^64
 */
export function physAllocInit(early: EarlyAllocator, base: PhysAddr, size: bigint): void {
  early.base = base;
  early.top = physAddr(wrapToWord(64, base + size));
  early.regions = [];
}

/**
 * Sets the minimum alignment.
 *
 * Ends in a failed assertion unless it is a power of two.
 *
 * Source: `lib/alloc_phys.c`, `phys_alloc_set_minimum_alignment()`, 1da1819e.
 *
 * @param early the allocator
 * @param alignment in bytes
 */
export function physAllocSetMinimumAlignment(early: EarlyAllocator, alignment: bigint): void {
  assertInStack(early.edition, isPowerOfTwo(alignment), "earlyMinimumPowerOfTwo");
  early.alignMin = alignment;
}

/**
 * Allocates memory for good. Memory above 4 GiB is out of reach of a 32-bit machine.
 *
 * Assumes that something is left: an allocator that is used up is not asked. The repaired code gives
 * null then.
 *
 * Changes the log, and prints a line if there is not enough, or, once, if the log is full.
 *
 * Ends in a failed assertion if the assumption does not hold, or if the alignment is no power of two.
 *
 * Editions: `earlyMinimumAlignment`, `earlyExhaustion`.
 *
 * Source: `lib/alloc_phys.c`, `early_memalign()` and `phys_alloc_aligned_safe()`, 1da1819e.
 *
 * @param early the allocator
 * @param alignment in bytes
 * @param size in bytes
 * @returns the address, or null if there is not enough
 */
export function earlyMemalign(
  early: EarlyAllocator,
  alignment: bigint,
  size: bigint,
): PhysAddr | null {
  assertInStack(early.edition, isPowerOfTwo(alignment), "earlyPowerOfTwo");
  const wordLimit = 1n << 32n;
  const topSafe = early.wordBits === 32 && early.top > wordLimit ? wordLimit : early.top;
  const isAsserted = early.edition.earlyExhaustion === "asserted";
  assertInStack(early.edition, early.base < topSafe || !isAsserted, "earlyNotExhausted");
  const applied = early.edition.earlyMinimumAlignment === "applied" && alignment < early.alignMin;
  const align = applied ? early.alignMin : alignment;

  const address = alignUpWrapped(64, early.base, align);
  const need = wrapToWord(64, size + address - early.base);
  const free = early.base < topSafe ? topSafe - early.base : 0n;
  if (free < need) {
    early.print(
      `phys_alloc: requested=${hex(size)} (align=${hex(align)}), need=${hex(need)}, ` +
        `but free=${hex(free)}. top=${hex(early.top)}, top_safe=${hex(topSafe)}`,
    );
    return null;
  }
  early.base = physAddr(early.base + need);
  log(early, { base: physAddr(address), size: byteCount(size) });
  return physAddr(address);
}

function log(early: EarlyAllocator, region: EarlyRegion): void {
  if (early.regions.length < EARLY_LOG_ROOM) {
    early.regions.push(region);
  } else if (!early.warned) {
    early.print(
      "WARNING: phys_alloc: No free log entries, can no longer log allocations...",
    );
    early.warned = true;
  }
}

/** Memory that one allocator hands over to another, `[base, top)`. */
export interface UnusedMemory {
  /** The first byte. */
  readonly base: PhysAddr;
  /** The first byte after. */
  readonly top: PhysAddr;
}

/**
 * Hands everything over that is left, and logs it without a look at the room in the log: the 257th
 * region lands behind its end. The repaired code leaves it out.
 *
 * Editions: `earlyLogOfTheRest`.
 *
 * Source: `lib/alloc_phys.c`, `phys_alloc_get_unused()`, 8131e91a to 1da1819e.
 *
 * @param early the allocator
 * @returns the memory; empty, with base equal to top, if nothing is left
 */
export function physAllocGetUnused(early: EarlyAllocator): UnusedMemory {
  const { base, top } = early;
  if (base !== top) {
    const rest = { base, size: byteCount(wrapToWord(64, top - base)) };
    if (early.edition.earlyLogOfTheRest === "checked") log(early, rest);
    else early.regions.push(rest);
    early.base = top;
  }
  return { base, top };
}

/**
 * What the guest prints about the early allocator.
 *
 * Source: `lib/alloc_phys.c`, `phys_alloc_show()`, 1da1819e.
 *
 * @param early the allocator
 * @returns the lines
 */
export function physAllocShow(early: EarlyAllocator): string[] {
  const used = early.regions.map(({ base, size }) => rangeLine(base, base + size - 1n, "USED"));
  return [
    `phys_alloc minimum alignment: ${hex(early.alignMin)}`,
    ...used,
    rangeLine(early.base, early.top - 1n, "FREE"),
  ];
}

/** `%#lx`: zero has no prefix. */
function hex(value: bigint): string {
  return value === 0n ? "0" : `0x${value.toString(16)}`;
}

function rangeLine(first: bigint, last: bigint, what: string): string {
  const padded = (address: bigint): string =>
    wrapToWord(64, address).toString(16).padStart(16, "0");
  return `${padded(first)}-${padded(last)} [${what}]`;
}
