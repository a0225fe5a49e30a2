/**
 * The cells that stand for a design's memory.
 *
 * @module
 */

import { DenseCells, SparseCells } from "./cells.ts";
import type { Cells } from "./cells.ts";
import { entryBytesOf, EXTERNAL_NODE_WORDS } from "./design.ts";
import type { MetadataDesign } from "./design.ts";

/** The memory of a design. */
export interface Layout {
  /** The design. */
  readonly design: MetadataDesign;
  /** Status and order of the block that begins at a frame. */
  readonly states: Cells;
  /** Writes a state at all frames of a block; null where the head's stands for all. */
  readonly fillStates: ((state: number, first: number, end: number) => void) | null;
  /** The link to the next node, by node. */
  readonly next: Cells;
  /** The link to the previous node, by node. */
  readonly previous: Cells;
  /** The frame that an external node stands for. */
  readonly frames: Cells;
  /** The external node of a block, by frame. */
  readonly nodeOf: Cells;
  /** Makes words of 32 bits for trees, all 0. */
  readonly makeWords: (count: number) => Cells;
  /** Makes all frames be in no block. Links need not be wiped: they are written before they are read. */
  readonly wipeStates: () => void;
}

const MOST_NARROW = 2 ** 31;

/**
 * Memory for counting: as small as it can be, wherever the design has things. It costs what is written
 * to it, so 64 TiB cost no more than 64 MiB.
 *
 * @param design the design
 * @param frames how many
 * @returns the cells, all 0
 */
export function sparseLayout(design: MetadataDesign, frames: number): Layout {
  const links = (): SparseCells =>
    new SparseCells((length) =>
      frames < MOST_NARROW ? new Int32Array(length) : new Float64Array(length)
    );
  const states = new SparseCells((length) => new Uint8Array(length));
  return {
    design,
    states,
    fillStates: null,
    next: links(),
    previous: links(),
    frames: links(),
    nodeOf: links(),
    makeWords: () => new SparseCells((length) => new Int32Array(length)),
    wipeStates: () => states.clear(),
  };
}

/** Where Linux has page_type, as of 2021, in an entry of 64 bytes. */
const PAGE_TYPE_OFFSET = 48;
/** The lru field, in words of 32 bits. */
const LRU_OFFSET = 2;
/** Where an entry of two words says which node is its block's, in words of 32 bits. */
const NODE_OFFSET = 2;

/**
 * Memory for measuring: things are as far apart as the design puts them on a 64-bit machine.
 *
 * @param design the design
 * @param frames how many; the frames themselves are part of the memory where they hold links
 * @param pageShift the base-2 logarithm of the size of a frame
 * @returns the cells, all 0
 */
export function realLayout(design: MetadataDesign, frames: number, pageShift: number): Layout {
  const entryBytes = Math.max(1, entryBytesOf(design, 8));
  const map = new ArrayBuffer(Math.ceil(frames * entryBytes / 4) * 4);
  const mapWords = new Int32Array(map);
  const isStructPage = design.links === "map";
  const offset = isStructPage ? PAGE_TYPE_OFFSET : 0;
  const bytes = new Uint8Array(map);
  const states = new DenseCells(bytes, entryBytes, offset);
  const { words, stride, at } = linksFor(design, frames, pageShift, mapWords, entryBytes);
  return {
    design,
    states,
    fillStates: design.written === "every-page" ? (...range) => states.fill(...range) : null,
    next: new DenseCells(words, stride, at),
    previous: new DenseCells(words, stride, at + 1),
    frames: new DenseCells(words, stride, at + 2),
    nodeOf: new DenseCells(mapWords, entryBytes / 4, NODE_OFFSET),
    makeWords: (count) => new DenseCells(new Int32Array(count)),
    wipeStates: () => {
      for (let frame = 0; frame < frames; frame++) states.set(frame, 0);
    },
  };
}

function linksFor(
  { links }: MetadataDesign,
  frames: number,
  pageShift: number,
  map: Int32Array,
  entryBytes: number,
): { readonly words: Int32Array; readonly stride: number; readonly at: number } {
  if (links === "map") return { words: map, stride: entryBytes / 4, at: LRU_OFFSET };
  const stride = links === "free-page" ? 2 ** pageShift / 4 : 2 * EXTERNAL_NODE_WORDS;
  const words = links === "none" || links === "own" ? 0 : frames * stride;
  return { words: new Int32Array(words), stride, at: 0 };
}
