/**
 * What a design of a page allocator's metadata is: where it keeps what, and how many bytes that takes.
 *
 * @module
 */

import type { FreeSet, FreeSetRoom } from "./free_set.ts";

/**
 * Where a free block's two list links live; `none` where bits take the place of lists, `own` where the
 * design brings a way of its own to note free blocks.
 */
export type LinkPlace = "free-page" | "map" | "external" | "none" | "own";

/** How a design says what it says of a frame or a block. */
export interface Encoding {
  /** Whether the block is free. */
  readonly status: string;
  /** Its order. */
  readonly order: string;
  /** Its node and zone. */
  readonly nodeAndZone: string;
}

/** A design. */
export interface MetadataDesign {
  /** Its name in tables. */
  readonly name: string;
  /** Whose it is, in a line. */
  readonly title: string;
  /** The size of a frame's entry in the map beside the memory: 1 byte, so many words, or nothing. */
  readonly entry: { readonly bytes: 1 } | { readonly words: number };
  /** Which entries of a block are written when its status or order changes. */
  readonly written: "every-page" | "first-page" | "none";
  /** Where the links of a free block are. */
  readonly links: LinkPlace;
  /** Makes what free blocks are noted in, where `links` is `own`. */
  readonly freeSet?: (room: FreeSetRoom) => FreeSet;
  /** How status, order, node and zone are told. */
  readonly encoding: Encoding;
  /** What must exist before the first allocation, besides the map. */
  readonly bootstrap: string;
  /** What an allocation and a release read and write. */
  readonly operation: string;
}

/** The bytes of a cache line, and of a node of a tree of bits. */
export const LINE_BYTES = 64;
/** The bits of a node of a tree of bits. */
export const NODE_BITS = 512;
/** Words of an external node: two links, and the frame that it stands for. */
export const EXTERNAL_NODE_WORDS = 3;

/**
 * The size of a frame's entry.
 *
 * @param design the design
 * @param wordBytes 4 or 8
 * @returns in bytes
 */
export function entryBytesOf({ entry }: MetadataDesign, wordBytes: number): number {
  return "bytes" in entry ? entry.bytes : entry.words * wordBytes;
}

/**
 * The bytes of the trees of bits over a number of frames: for each order one, with nodes of one cache line
 * and a bit for each node below.
 *
 * @param frames how many; more than 0
 * @returns in bytes
 */
export function treeBytesOf(frames: number): number {
  let nodes = 0;
  for (let blocks = frames; blocks >= 1; blocks = Math.floor(blocks / 2)) {
    let level = blocks;
    do {
      level = Math.ceil(level / NODE_BITS);
      nodes += level;
    } while (level > 1);
  }
  return nodes * LINE_BYTES;
}

/** The bytes that a design takes for a number of frames. */
export interface DesignBytes {
  /** Beside the memory, whatever happens. */
  readonly fixed: number;
  /** The same and what the worst case adds: every second frame is a free block of its own. */
  readonly worst: number;
}

/**
 * The bytes that a design takes for a number of frames, without list heads, which take two words for each
 * order, and without what a free set of its own takes. A run tells all of it.
 *
 * @param design the design
 * @param frames how many; more than 0
 * @param wordBytes 4 or 8
 * @returns in bytes
 */
export function designBytesOf(
  design: MetadataDesign,
  frames: number,
  wordBytes: number,
): DesignBytes {
  const trees = design.links === "none" ? treeBytesOf(frames) : 0;
  const fixed = frames * entryBytesOf(design, wordBytes) + trees;
  const nodes = design.links === "external" ? Math.ceil(frames / 2) : 0;
  return { fixed, worst: fixed + nodes * EXTERNAL_NODE_WORDS * wordBytes };
}
