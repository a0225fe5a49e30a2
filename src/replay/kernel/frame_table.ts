/**
 * What is known of a kernel's frames: unseen, free, or in a block that is in use.
 *
 * @module
 */

import { unreachable } from "../../outcome.ts";

/** The trace has not told of the frame. */
export const UNSEEN = 0;
/** The frame was freed. */
export const FREED = 1;
/** The frame is in a block in use, not at its head, or in a block that is freed in parts. */
export const INSIDE = 2;
/** The frame is the head of a block in use; its order is added to this. */
export const HEAD = 3;

/** The largest order of a block: kernels have 10, or up to 13 with pages of 64 KiB. */
export const MOST_ORDER = 20;

const SIZES: readonly number[] = Array.from({ length: MOST_ORDER + 1 }, (_, order) => 2 ** order);

/**
 * How many frames a block has.
 *
 * @param order its order, at most {@linkcode MOST_ORDER}
 * @returns the number, looked up: a power takes longer than the rest of a line
 */
export function framesIn(order: number): number {
  return SIZES[order] ?? 0;
}

const SLAB_FRAMES = 512;
/** 2^28 frames: 1 TiB of pages of 4 KiB. */
const MOST_SLABS = 2 ** 19;

/**
 * A state and the handle of its block for each frame, in slabs of 512: of those only that the trace names.
 * Positions follow one another within a slab.
 */
export class FrameTable {
  /** The states, by position; another array once a position was asked for. */
  states: Uint8Array = new Uint8Array(SLAB_FRAMES);
  /** The handle of the block, by position; another array likewise. */
  handles: Uint32Array = new Uint32Array(SLAB_FRAMES);
  readonly #slabs = new Map<number, number>();
  readonly #mostSlabs: number;
  /** The slab that was asked for last, and the position of its first frame. */
  #last = -1;
  #lastPosition = 0;

  /**
   * Makes a table of frames that are unseen.
   *
   * @param mostSlabs how many stretches of 512 frames it may hold
   */
  constructor(mostSlabs: number = MOST_SLABS) {
    this.#mostSlabs = mostSlabs;
  }

  /**
   * The position of a frame.
   *
   * @param pfn the frame
   * @returns the position
   * @throws {RangeError} if the frames are too many
   */
  positionOf(pfn: number): number {
    const slab = Math.floor(pfn / SLAB_FRAMES);
    if (slab !== this.#last) {
      this.#lastPosition = this.#slabs.get(slab) ?? this.#makeSlab(slab);
      this.#last = slab;
    }
    return this.#lastPosition + pfn - slab * SLAB_FRAMES;
  }

  #makeSlab(slab: number): number {
    const count = this.#slabs.size;
    if (count >= this.#mostSlabs) {
      throw new RangeError(
        `Cannot map the trace: its frames must lie in at most ${this.#mostSlabs} stretches of ` +
          `${SLAB_FRAMES}, cut the trace into parts`,
      );
    }
    const position = count * SLAB_FRAMES;
    if (position >= this.states.length) {
      const length = Math.ceil((count + 1) * 1.5) * SLAB_FRAMES;
      const [states, handles] = [new Uint8Array(length), new Uint32Array(length)];
      states.set(this.states);
      handles.set(this.handles);
      this.states = states;
      this.handles = handles;
    }
    this.#slabs.set(slab, position);
    return position;
  }

  /** The state of a frame. */
  stateOf(pfn: number): number {
    const position = this.positionOf(pfn);
    return this.states[position] ?? UNSEEN;
  }

  /** The handle of the block that a frame is in; it means nothing where it is in none. */
  handleOf(pfn: number): number {
    const position = this.positionOf(pfn);
    return this.handles[position] ?? 0;
  }

  /**
   * Gives frames a state, and the handle of their block.
   *
   * @param first the first frame
   * @param count how many
   * @param state their state
   * @param handle their handle; it means nothing where they are in no block
   */
  fill(first: number, count: number, state: number, handle = 0): void {
    const top = first + count;
    for (let pfn = first; pfn < top;) {
      const position = this.positionOf(pfn);
      const length = Math.min(top - pfn, SLAB_FRAMES - pfn % SLAB_FRAMES);
      this.states.fill(state, position, position + length);
      if (state >= INSIDE) this.handles.fill(handle, position, position + length);
      pfn += length;
    }
  }

  /**
   * The next frame that is in use.
   *
   * @param first the frame to begin with
   * @param top the frame to end before
   * @returns the frame; `top` if there is none
   */
  nextInUse(first: number, top: number): number {
    for (let pfn = first; pfn < top;) {
      const position = this.positionOf(pfn);
      const end = position + Math.min(top - pfn, SLAB_FRAMES - pfn % SLAB_FRAMES);
      const { states } = this;
      let at = position;
      while (at < end && (states[at] ?? 0) < INSIDE) at++;
      pfn += at - position;
      if (at < end) return pfn;
    }
    return top;
  }

  /**
   * The head of the whole block that a frame is inside of.
   *
   * @param pfn the frame
   * @returns the head
   */
  headOf(pfn: number): number {
    const handle = this.handleOf(pfn);
    for (let order = 0; order <= MOST_ORDER; order++) {
      const head = pfn - pfn % framesIn(order);
      const position = this.positionOf(head);
      if ((this.states[position] ?? 0) >= HEAD && this.handles[position] === handle) return head;
    }
    return unreachable("a frame is inside of a block without a head");
  }
}
