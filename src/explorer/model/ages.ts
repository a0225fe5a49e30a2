/**
 * Since when blocks are what they are: read off what the allocator reported.
 *
 * @module
 */

import type { AllocatorEvent } from "../../page_allocator.ts";
import type { LongRun, MadeCall } from "./long_run.ts";
import type { BlockSpan, Since, StepMarks } from "./state_view.ts";

/**
 * The blocks that a step marked or linked.
 *
 * @param events what the allocator did
 * @param orderMask the order bits of a page state
 * @returns their first frames, and the frames of what is more than one block
 */
export function marksOf(events: readonly AllocatorEvent[], orderMask: number): StepMarks {
  const frames = new Set<number>();
  const wide: [number, number][] = [];
  for (const event of events) {
    if (event.kind === "area") wide.push([event.base, event.top]);
    else if (event.kind === "link") frames.add(event.pfn);
    else if (event.kind === "state") {
      const { pfn, count, state } = event;
      frames.add(pfn);
      const one = 2 ** (state & orderMask); // bits: a byte and a mask of its order bits.
      if (count > one) wide.push([pfn, pfn + count]);
    }
  }
  return { frames: [...frames], wide };
}

/** Whether a step marked or linked a block. */
function isMarked({ frames, wide }: StepMarks, frame: number): boolean {
  return frames.includes(frame) || wide.some(([first, end]) => first <= frame && frame < end);
}

/** Calls that do nothing to page states and lists: they write, or look. */
const HARMLESS: readonly string[] = [
  "write",
  "read",
  "fill",
  "virt_to_pte_phys",
  "phys_alloc_show",
];

const NO_FRAMES: BlockSpan = { first: 0, frames: 0 };

/** The frames that a call names or returns; null for one that may do something to any block. */
function framesOf(call: MadeCall | null, pageShift: number): BlockSpan | null {
  if (call === null || HARMLESS.includes(call.name)) return NO_FRAMES;
  const { name, args: [address = 0n, count = 0n], end } = call;
  // bits: a bigint.
  const frameOf = (value: bigint): number => Number(value >> BigInt(pageShift));
  switch (name) {
    case "free_page":
    case "free_pages":
      return { first: frameOf(address), frames: 1 };
    case "reserve_pages":
    case "unreserve_pages":
      return { first: frameOf(address), frames: Number(count) };
    case "alloc_page":
    case "alloc_pages":
    case "memalign_pages":
      if (end.kind !== "returned") return null;
      if (end.value.kind !== "address") return NO_FRAMES;
      return { first: frameOf(end.value.value), frames: 1 };
    default:
      return null;
  }
}

/** Calls are made again in stretches of so many steps. */
const STRETCH = 1024;

/** So many stretches are looked through for one question. */
const MOST_STRETCHES = 8;

/** A block at a step. */
export interface AgedBlock {
  /** The step at which it is looked at. */
  readonly step: number;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** The order bits of a page state. */
  readonly orderMask: number;
  /** Its first frame. */
  readonly frame: number;
  /** How many frames. */
  readonly frames: number;
}

/**
 * Finds the step that last marked or linked a block.
 *
 * A block comes to be by a call about a frame of the block of which it is a half: it was split off, or
 * given back, or joined. Only where such a call stands are calls made again.
 *
 * @param run the run
 * @param block the block
 * @returns the step, or how far back it was looked for in vain; null if no step did
 */
export function sinceOf(run: LongRun, block: AgedBlock): Since | null {
  const { frame, frames, pageShift, orderMask } = block;
  const size = 2 * frames;
  const parent = frame - frame % size;
  const isCandidate = (step: number): boolean => {
    const about = framesOf(run.madeCall(step), pageShift);
    if (about === null) return true;
    return about.first < parent + size && parent < about.first + about.frames;
  };
  let end = block.step + 1;
  for (let looked = 0; looked < MOST_STRETCHES; looked++) {
    while (end > 0 && !isCandidate(end - 1)) end--;
    if (end === 0) return null;
    const first = Math.max(0, end - STRETCH);
    let found: number | null = null;
    run.eventsOf(first, end, (step, events) => {
      if (isMarked(marksOf(events, orderMask), frame)) found = step;
    });
    if (found !== null) return { kind: "at", step: found };
    end = first;
  }
  return end === 0 ? null : { kind: "before", step: end };
}
