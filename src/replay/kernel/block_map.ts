/**
 * From a kernel's blocks to operations: each frame in use knows the handle of its block.
 *
 * @module
 */

import type { Batch } from "./batch.ts";
import type { KernelCounts } from "./counts.ts";
import { framesIn, FrameTable, FREED, HEAD, INSIDE, UNSEEN } from "./frame_table.ts";

/** Maps allocations and frees, and counts what cannot be mapped. */
export class BlockMap {
  readonly #frames = new FrameTable();
  /** How many frames of a block are still in use, by its handle: of blocks that are freed in parts. */
  readonly #parts = new Map<number, { readonly size: number; left: number }>();
  readonly #batch: Batch;
  readonly #counts: KernelCounts;

  /** Makes a map without blocks. */
  constructor(batch: Batch, counts: KernelCounts) {
    this.#batch = batch;
    this.#counts = counts;
  }

  /**
   * A block was given out.
   *
   * @param pfn its first frame
   * @param order its order, of which the frame is a multiple
   */
  alloc(pfn: number, order: number): void {
    const frames = this.#frames;
    const size = framesIn(order);
    if (order > 0 || frames.stateOf(pfn) >= INSIDE) this.#forget(pfn, size);
    const handle = this.#batch.alloc(order);
    if (order > 0) frames.fill(pfn, size, INSIDE, handle);
    const position = frames.positionOf(pfn);
    frames.states[position] = HEAD + order;
    frames.handles[position] = handle;
    const counts = this.#counts;
    counts.allocations++;
    counts.frames += size;
    if (counts.frames > counts.mostFrames) counts.mostFrames = counts.frames;
  }

  /**
   * Frames were given back.
   *
   * @param pfn the first frame
   * @param order how many: a power of two, of which the frame is a multiple
   */
  free(pfn: number, order: number): void {
    const counts = this.#counts;
    const state = this.#frames.stateOf(pfn);
    if (state === HEAD + order) {
      counts.frees++;
      this.#release(pfn, framesIn(order));
    } else if (state === FREED) counts.duplicateFrees++;
    else if (state === UNSEEN) {
      counts.earlierFrees++;
      this.#clear(pfn, framesIn(order));
    } else if (state === INSIDE || state > HEAD + order) {
      counts.partialFrees++;
      this.#freeParts(pfn, framesIn(order));
      if (order > 0) this.#clear(pfn, framesIn(order));
    } else {
      counts.largerFrees++;
      this.#release(pfn, framesIn(state - HEAD));
      this.#clear(pfn, framesIn(order));
    }
  }

  /** Frees a whole block. */
  #release(head: number, size: number): void {
    this.#batch.free(this.#frames.handleOf(head));
    this.#frames.fill(head, size, FREED);
    this.#counts.frames -= size;
  }

  /**
   * Frees frames of the block that the first of them is in, as kernels do that split it. The frame after
   * which none is left frees the block. Until then, its other frames may be in blocks of their own.
   */
  #freeParts(first: number, count: number): void {
    const frames = this.#frames;
    const handle = frames.handleOf(first);
    const parts = this.#parts.get(handle) ?? this.#split(first, handle);
    for (let frame = first; frame < first + count; frame++) {
      const position = frames.positionOf(frame);
      if (frames.states[position] !== INSIDE || frames.handles[position] !== handle) continue;
      frames.states[position] = FREED;
      parts.left--;
    }
    if (parts.left > 0) return;
    this.#parts.delete(handle);
    this.#batch.free(handle);
    this.#counts.frames -= parts.size;
  }

  /** From now on a block has no head: its frames are freed one by one. */
  #split(pfn: number, handle: number): { readonly size: number; left: number } {
    const frames = this.#frames;
    const head = frames.headOf(pfn);
    const size = framesIn(frames.stateOf(head) - HEAD);
    frames.fill(head, 1, INSIDE, handle);
    const parts = { size, left: size };
    this.#parts.set(handle, parts);
    return parts;
  }

  /** Frees what frames are in, though the trace does not tell of it, and makes them free. */
  #clear(first: number, count: number): void {
    this.#forget(first, count);
    this.#frames.fill(first, count, FREED);
  }

  /** Frees what frames are in: the trace does not tell of it, but they appear otherwise. */
  #forget(first: number, count: number): void {
    const frames = this.#frames;
    const top = first + count;
    for (
      let frame = frames.nextInUse(first, top);
      frame < top;
      frame = frames.nextInUse(frame + 1, top)
    ) {
      this.#counts.missedFrees++;
      if (frames.stateOf(frame) === INSIDE && this.#parts.has(frames.handleOf(frame))) {
        this.#freeParts(frame, top - frame);
      } else {
        const head = frames.headOf(frame);
        this.#release(head, framesIn(frames.stateOf(head) - HEAD));
      }
    }
  }
}
