/**
 * What boot allocated from the page allocator, and for what.
 *
 * @module
 */

import type { Booted } from "../boot/mod.ts";
import type { MemalignEvent, PagesEvent } from "../boot_event.ts";
import type { SourceLine } from "../outcome.ts";

/** Allocations of boot that serve the same end. */
export interface BootAllocation {
  /** When they were made. */
  readonly when: "before setup_mmu" | "in setup_mmu" | "after setup_mmu";
  /** What for, in words. */
  readonly purpose: string;
  /** How many calls there were. */
  readonly calls: number;
  /** How many of them got nothing. */
  readonly failed: number;
  /** How many frames the others got. */
  readonly frames: number;
  /** Who called. */
  readonly by: SourceLine;
}

/** The frames of a block. */
function framesOf(event: PagesEvent | MemalignEvent, pageShift: number): number {
  if (event.call === "alloc_pages_flags") return 2 ** event.order;
  const wanted = Math.ceil(Number(event.size) / 2 ** pageShift);
  return 2 ** Math.ceil(Math.log2(Math.max(1, wanted)));
}

/**
 * Sums up what boot allocated, by time and purpose.
 *
 * @param booted the machine
 * @returns the allocations, in the order of their first calls
 */
export function allocationsOf({ events, machine }: Booted): BootAllocation[] {
  const found = new Map<string, BootAllocation>();
  let when: BootAllocation["when"] = "before setup_mmu";
  for (const event of events) {
    if (event.call === "setup_mmu_begin") when = "in setup_mmu";
    if (event.call === "setup_mmu_end") when = "after setup_mmu";
    if (event.call !== "alloc_pages_flags" && event.call !== "memalign_pages_flags") continue;
    const { purpose, by, count, first } = event;
    const key = `${when} ${purpose}`;
    const before = found.get(key) ?? { when, purpose, calls: 0, failed: 0, frames: 0, by };
    const got = first === null ? 0 : count;
    found.set(key, {
      ...before,
      calls: before.calls + count,
      failed: before.failed + count - got,
      frames: before.frames + got * framesOf(event, machine.pageShift),
    });
  }
  return [...found.values()];
}
