/**
 * An area's page states as blocks, by the meaning of the byte at each block's head. The cost follows the
 * runs of equal states, not the frames.
 *
 * @module
 */

import { decodePageState } from "../../alloc_page/mod.ts";
import type { PageStateFormat, PageStatus } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import type { FrameRange } from "../../frame_ranges.ts";

/** Equal blocks, each right behind the other. */
export interface Blocks {
  /** The first frame of the first block. */
  readonly first: number;
  /** How many blocks. */
  readonly count: number;
  /** The order of each. */
  readonly order: number;
  /** The size of each in frames. */
  readonly size: number;
  /** The status of each. */
  readonly status: PageStatus;
  /** Whether each may be handed out. */
  readonly use: "usable" | "in-use";
}

/** Frames inside a block whose state is not that of its head. */
export interface Deviation {
  /** The frames. */
  readonly frames: FrameRange;
  /** Their state. */
  readonly state: number;
  /** The block's first frame. */
  readonly head: number;
  /** The state there. */
  readonly wanted: number;
}

/** Frames that are in no block, and why. */
export interface Stray {
  /** The frames. */
  readonly frames: FrameRange;
  /** Their state; null if it cannot be read. */
  readonly state: number | null;
  /** No block has the state; or a block of that order cannot begin, or would not end, here. */
  readonly reason: "no-state-of-a-block" | "misaligned" | "beyond-the-top";
}

/** What the page states of an area say. */
export interface Survey {
  /** The area. */
  readonly view: AreaView;
  /** The blocks, ascending. */
  readonly blocks: readonly Blocks[];
  /** Where frames of a block disagree. */
  readonly deviations: readonly Deviation[];
  /** What is in no block. */
  readonly strays: readonly Stray[];
}

/** How page states are read. */
export interface Encoding {
  /** The edition's format. */
  readonly format: PageStateFormat;
  /** The number of free lists: an order must be below it. */
  readonly listCount: number;
}

/** The status and the order of a block whose head has a state; null if no block has it. */
function meaningOf({ format, listCount }: Encoding, state: number): Meaning | null {
  const { status, order } = decodePageState(format, state);
  const bits = format[status];
  // A byte with bits of two statuses, or a reserved frame with an order, is nothing that anybody writes.
  if (bits === null || bits + order !== state || order >= listCount) return null;
  if (status === "special" && order !== 0) return null;
  return { status, order, size: 2 ** order };
}

interface Meaning {
  readonly status: PageStatus;
  readonly order: number;
  readonly size: number;
}

/** Page states as they are used up. */
class Cursor {
  #index = 0;
  #used = 0;
  readonly #states: AreaView["states"];

  constructor(states: AreaView["states"]) {
    this.#states = states;
    this.skip(0);
  }

  /** The run of equal states that comes next; null at the end. */
  get next(): { state: number; left: number } | null {
    const run = this.#states[this.#index];
    return run === undefined ? null : { state: run.state, left: run.count - this.#used };
  }

  /** Goes on, over at most what is left of the run. */
  skip(count: number): void {
    this.#used += count;
    while (this.#used >= (this.#states[this.#index]?.count ?? Infinity)) {
      this.#index++;
      this.#used = 0;
    }
  }
}

/** Reads the page states of one area. */
class Surveyor {
  readonly blocks: Blocks[] = [];
  readonly deviations: Deviation[] = [];
  readonly strays: Stray[] = [];
  readonly #cursor: Cursor;
  readonly #top: number;
  readonly #encoding: Encoding;

  constructor(view: AreaView, encoding: Encoding) {
    this.#cursor = new Cursor(view.states);
    this.#top = view.top;
    this.#encoding = encoding;
    let at: number = view.base;
    if (!Number.isSafeInteger(view.top)) at = this.#unreadable(at);
    while (at < view.top) {
      const next = this.#cursor.next;
      at = next === null ? this.#unreadable(at) : this.#piece(at, next.state, next.left);
    }
  }

  #unreadable(at: number): number {
    const frames = { first: at, top: this.#top };
    this.strays.push({ frames, state: null, reason: "no-state-of-a-block" });
    return this.#top;
  }

  #stray(at: number, count: number, state: number, reason: Stray["reason"]): number {
    this.strays.push({ frames: { first: at, top: at + count }, state, reason });
    this.#cursor.skip(count);
    return at + count;
  }

  /** Takes what begins at a frame: as many equal blocks as there are, or one, or a stray. */
  #piece(at: number, state: number, left: number): number {
    const meaning = meaningOf(this.#encoding, state);
    if (meaning === null) return this.#stray(at, left, state, "no-state-of-a-block");
    const { size, status, order } = meaning;
    const over = at % size;
    if (over !== 0) return this.#stray(at, Math.min(left, size - over), state, "misaligned");
    if (at + size > this.#top) return this.#stray(at, left, state, "beyond-the-top");
    const count = Math.max(1, Math.floor(left / size));
    const use = status === "fresh" || status === "free" ? "usable" : "in-use";
    this.blocks.push({ first: at, count, order, size, status, use });
    if (left >= size) this.#cursor.skip(count * size);
    else this.#mixedBlock(at, size, state);
    return at + count * size;
  }

  /** Goes through a block whose frames do not all have the same state. */
  #mixedBlock(head: number, size: number, wanted: number): void {
    for (let at = head; at < head + size;) {
      const next = this.#cursor.next;
      if (next === null) {
        const frames = { first: at, top: head + size };
        this.strays.push({ frames, state: null, reason: "no-state-of-a-block" });
        return;
      }
      const frames = { first: at, top: Math.min(at + next.left, head + size) };
      if (next.state !== wanted) this.deviations.push({ frames, state: next.state, head, wanted });
      this.#cursor.skip(frames.top - at);
      at = frames.top;
    }
  }
}

/**
 * Tells whether an area keeps page states at all: the allocator before the rewrite has none.
 *
 * @param view the area
 * @returns true if it has metadata
 */
export function hasPageStates(view: AreaView): boolean {
  return view.metadata !== view.base || view.states.length > 0;
}

/** What was made of a view: as long as nothing is written, an allocator gives the same views. */
const SURVEYS = new WeakMap<AreaView, Survey>();

/**
 * Reads an area's page states. A view is read once.
 *
 * @param view the area
 * @param encoding how they are read
 * @returns the blocks, and what is wrong with them
 */
export function surveyArea(view: AreaView, encoding: Encoding): Survey {
  const known = SURVEYS.get(view);
  if (known !== undefined) return known;
  const survey = readStates(view, encoding);
  SURVEYS.set(view, survey);
  return survey;
}

function readStates(view: AreaView, encoding: Encoding): Survey {
  if (!hasPageStates(view)) return { view, blocks: [], deviations: [], strays: [] };
  const { blocks, deviations, strays } = new Surveyor(view, encoding);
  return { view, blocks, deviations, strays };
}

/**
 * The blocks that hold a frame.
 *
 * @param survey the area
 * @param frame the frame
 * @returns the run of equal blocks, or null if the frame is in no block
 */
export function blocksAt(survey: Survey, frame: number): Blocks | null {
  const { blocks } = survey;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((blocks[middle]?.first ?? Infinity) <= frame) low = middle + 1;
    else high = middle;
  }
  const found = blocks[low - 1];
  return found !== undefined && frame < found.first + found.count * found.size ? found : null;
}
