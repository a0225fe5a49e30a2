/**
 * What the cells of a page map mean, one after the other.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { StateRun } from "../page_allocator.ts";
import { PFN_LIMIT } from "../units.ts";
import { bareHex, counted } from "./columns.ts";
import { DISAGREES, METADATA, SAME_BLOCK } from "./map_rows.ts";
import { parseStateText, stateMeaning } from "./state_text.ts";

/** A line `state …`: what frames hold that disagree. */
export interface StateNote {
  /** The first frame. */
  readonly first: number;
  /** The last frame. */
  readonly last: number;
  /** The page state byte. */
  readonly state: number;
}

/** The block that the next cell lies in. */
interface OpenBlock {
  readonly state: number;
  readonly order: number;
  /** How many of its frames are still to come. */
  readonly left: number;
}

/**
 * Adds frames to runs of page states.
 *
 * @param runs the runs, changed
 * @param state the byte
 * @param count in frames
 */
export function addRun(runs: StateRun[], state: number, count: number): void {
  const last = runs.at(-1);
  if (last?.state === state) runs[runs.length - 1] = { state, count: last.count + count };
  else if (count > 0) runs.push({ state, count });
}

/** Turns cells into page states. A cell that cannot stand where it does is refused. */
export class MapReader {
  readonly #format: PageStateFormat;
  readonly #notes: readonly StateNote[];
  readonly #refuse: (what: string) => never;
  readonly #runs: StateRun[] = [];
  #block: OpenBlock = { state: 0, order: 0, left: 0 };
  #next: number;
  #base: number | null = null;
  #notesUsed = 0;
  /** How many frames of the note that comes next are used up. */
  #framesOfNote = 0;

  /** The frame of the first cell. */
  readonly first: number;

  /**
   * Begins a map.
   *
   * @param first the frame of the first cell that is not empty
   * @param format the encoding of page states
   * @param notes the states of cells that disagree, by ascending frame
   * @param refuse says what is wrong
   */
  constructor(
    first: number,
    format: PageStateFormat,
    notes: readonly StateNote[],
    refuse: (what: string) => never,
  ) {
    this.first = first;
    this.#next = first;
    this.#format = format;
    this.#notes = notes;
    this.#refuse = refuse;
  }

  /** The frame of the next cell. */
  get next(): number {
    return this.#next;
  }

  /** The first frame with a page state, and the states. Nothing may be missing by now. */
  finish(): { readonly base: number; readonly states: readonly StateRun[] } {
    const { left, order } = this.#block;
    if (left > 0) {
      this.#refuse(`${counted(left, "more cell")} of a block of order ${order} must follow`);
    }
    const note = this.#notes[this.#notesUsed];
    if (note !== undefined) this.#missing(note.first + this.#framesOfNote);
    if (this.#next >= PFN_LIMIT) this.#refuse("the map must end below frame 2^52");
    return { base: this.#base ?? this.#next, states: this.#runs };
  }

  /** Reads equal cells. */
  cells(cell: string, count: number): void {
    if (cell === METADATA) {
      if (this.#base !== null) this.#refuse("metadata must stand before all other frames");
      this.#next += count;
      return;
    }
    this.#base ??= this.#next;
    if (cell === SAME_BLOCK) this.#sameBlock(count);
    else if (cell === DISAGREES) this.#disagreeing(count);
    else this.#heads(cell, count);
  }

  /** Reads what follows the first row of the first of equal blocks. */
  moreBlocks(frames: number, blocks: number, order: number): void {
    const { state, left, order: found } = this.#block;
    const size = 2 ** order;
    if (found !== order || left === 0 || left >= size) {
      this.#refuse(`the row above must begin a block of order ${order}`);
    }
    if (blocks > 1 && frames !== left + (blocks - 1) * size) {
      this.#refuse(
        `the rest of ${blocks} blocks of order ${order} must be ${
          left + (blocks - 1) * size
        } frames`,
      );
    }
    if (blocks === 1) this.#sameBlock(frames);
    else {
      addRun(this.#runs, state, frames);
      this.#next += frames;
      this.#block = { ...this.#block, left: 0 };
    }
  }

  #sameBlock(count: number): void {
    const { state, left } = this.#block;
    if (left < count) {
      this.#refuse(`the cell of frame ${bareHex(this.#next + left)} must begin a block`);
    }
    addRun(this.#runs, state, count);
    this.#block = { ...this.#block, left: left - count };
    this.#next += count;
  }

  #disagreeing(count: number): void {
    for (let left = count; left > 0;) {
      const frame = this.#next;
      const note = this.#notes[this.#notesUsed];
      const noted = note === undefined ? Infinity : note.first + this.#framesOfNote;
      if (note === undefined || noted > frame) {
        this.#refuse(`a line "state ${bareHex(frame)}  …" must say what the cell !! stands for`);
      }
      if (noted < frame) this.#missing(noted);
      const taken = Math.max(1, Math.min(left, note.last + 1 - frame));
      this.#framesOfNote += taken;
      if (note.last < frame + taken) {
        this.#notesUsed++;
        this.#framesOfNote = 0;
      }
      addRun(this.#runs, note.state, taken);
      this.#block = { ...this.#block, left: Math.max(0, this.#block.left - taken) };
      this.#next += taken;
      left -= taken;
    }
  }

  /** Heads of equal blocks in a row; more than one can only be of order 0. */
  #heads(cell: string, count: number): void {
    this.#head(cell);
    if (count === 1) return;
    if (this.#block.left > 0) this.#head(cell);
    addRun(this.#runs, this.#block.state, count - 1);
    this.#next += count - 1;
  }

  #missing(frame: number): never {
    this.#refuse(`the cell of frame ${bareHex(frame)}, whose state is given, must be !!`);
  }

  #head(cell: string): void {
    const frame = this.#next;
    const { left, order } = this.#block;
    if (left > 0) {
      this.#refuse(
        `the cell of frame ${bareHex(frame)} must be -- or !!, inside a block of order ${order}`,
      );
    }
    const state = cell.length === 2 ? parseStateText(this.#format, cell) : null;
    const meaning = state === null ? null : stateMeaning(this.#format, state);
    if (state === null || meaning === null) {
      this.#refuse(`the cell of frame ${bareHex(frame)} must be a state such as .0, f2, A0 or S0`);
    }
    if (frame % 2 ** meaning.order !== 0) {
      this.#refuse(
        `no block of order ${meaning.order} can begin at frame ${bareHex(frame)}; ` +
          `write !! and a line "state ${bareHex(frame)}  ${cell}"`,
      );
    }
    addRun(this.#runs, state, 1);
    this.#block = { state, order: meaning.order, left: 2 ** meaning.order - 1 };
    this.#next++;
  }
}
