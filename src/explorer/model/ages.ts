/**
 * Since when blocks are what they are: read off what the allocator reported.
 *
 * @module
 */

import type { AllocatorEvent } from "../../page_allocator.ts";
import type { Step } from "../../scenario/mod.ts";

/** Frames `[first, end)` that a step marked together. */
interface WideMark {
  readonly first: number;
  readonly end: number;
  readonly step: number;
}

/** Which step last marked or linked each block, at any step of a run. */
export class BlockAges {
  /** The steps, ascending, by the first frame of what they marked or linked. */
  readonly #exact = new Map<number, number[]>();
  /** Marks of more than one block: areas, for the most part. */
  readonly #wide: WideMark[] = [];
  readonly #orderMask: number;

  /**
   * Reads the events of a run.
   *
   * @param steps its steps
   * @param orderMask the order bits of a page state
   */
  constructor(steps: readonly Step[], orderMask: number) {
    this.#orderMask = orderMask;
    for (const { index, events, effect } of steps) {
      if (effect === "kept") { for (const event of events) this.#note(event, index); }
    }
  }

  #note(event: AllocatorEvent, step: number): void {
    if (event.kind === "area") this.#wide.push({ first: event.base, end: event.top, step });
    else if (event.kind === "link") this.#noteAt(event.pfn, step);
    else if (event.kind === "state") {
      const { pfn, count, state } = event;
      this.#noteAt(pfn, step);
      const frames = 2 ** (state & this.#orderMask); // bits: a byte and a mask of its order bits.
      if (count > frames) this.#wide.push({ first: pfn, end: pfn + count, step });
    }
  }

  #noteAt(frame: number, step: number): void {
    const steps = this.#exact.get(frame);
    if (steps === undefined) this.#exact.set(frame, [step]);
    else if (steps.at(-1) !== step) steps.push(step);
  }

  /**
   * Finds the step since which a block is what it is.
   *
   * @param first its first frame
   * @param atStep the step at which it is looked at
   * @returns the step; null if no event tells
   */
  since(first: number, atStep: number): number | null {
    let found = lastUpTo(this.#exact.get(first) ?? [], atStep);
    for (let index = this.#wide.length - 1; index >= 0; index--) {
      const wide = this.#wide[index];
      if (wide === undefined || wide.step <= (found ?? -1)) break;
      if (wide.step <= atStep && wide.first <= first && first < wide.end) found = wide.step;
    }
    return found;
  }
}

/** The last of ascending numbers that is not above a limit. */
function lastUpTo(numbers: readonly number[], limit: number): number | null {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((numbers[middle] ?? Infinity) <= limit) low = middle + 1;
    else high = middle;
  }
  return numbers[low - 1] ?? null;
}
