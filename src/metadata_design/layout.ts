/**
 * The arrays that stand for a design's memory.
 *
 * @module
 */

import { entryBytesOf, EXTERNAL_NODE_WORDS } from "./design.ts";
import type { MetadataDesign } from "./design.ts";

/** Words of 32 bits at equal distances: so many from one frame to the next, at an offset. */
export interface Words {
  /** All words. */
  readonly words: Int32Array;
  /** How many words a frame or a node has. */
  readonly stride: number;
  /** Where among them the wanted ones begin. */
  readonly offset: number;
}

/** The memory of a design. */
export interface Layout {
  /** The design. */
  readonly design: MetadataDesign;
  /** Status and order of the block that begins at a frame. */
  readonly states: { readonly bytes: Uint8Array; readonly stride: number; readonly offset: number };
  /** The list links, by node: next, previous, and the frame where nodes are external. */
  readonly links: Words;
  /** The external node of a block, by frame. */
  readonly nodeOf: Words;
}

/** Links take two words of 32 bits in the model, whatever a word is there. */
const LINK_WORDS = 2;

/**
 * Memory for counting: as small as it can be, wherever the design has things.
 *
 * @param design the design
 * @param frames how many
 * @returns the arrays, all 0
 */
export function compactLayout(design: MetadataDesign, frames: number): Layout {
  const isExternal = design.links === "external";
  const stride = isExternal ? EXTERNAL_NODE_WORDS : LINK_WORDS;
  const words = design.links === "none" ? 0 : frames * stride;
  return {
    design,
    states: { bytes: new Uint8Array(frames), stride: 1, offset: 0 },
    links: { words: new Int32Array(words), stride, offset: 0 },
    nodeOf: { words: new Int32Array(isExternal ? frames : 0), stride: 1, offset: 0 },
  };
}

/** Where Linux has page_type, as of 2021, in an entry of 64 bytes. */
const PAGE_TYPE_OFFSET = 48;
/** The lru field, in words of 32 bits. */
const LRU_OFFSET = 2;

/**
 * Memory for measuring: things are as far apart as the design puts them on a 64-bit machine.
 *
 * @param design the design
 * @param frames how many; the frames themselves are part of the memory where they hold links
 * @param pageShift the base-2 logarithm of the size of a frame
 * @returns the arrays, all 0
 */
export function realLayout(design: MetadataDesign, frames: number, pageShift: number): Layout {
  const entryBytes = Math.max(1, entryBytesOf(design, 8));
  const map = new ArrayBuffer(Math.ceil(frames * entryBytes / 4) * 4);
  const mapWords = new Int32Array(map);
  const inMap = { words: mapWords, stride: entryBytes / 4 };
  const isStructPage = design.links === "map";
  const states = { bytes: new Uint8Array(map), stride: entryBytes };
  return {
    design,
    states: { ...states, offset: isStructPage ? PAGE_TYPE_OFFSET : 0 },
    links: linksFor(design, frames, pageShift, mapWords, entryBytes),
    nodeOf: { ...inMap, offset: LINK_WORDS },
  };
}

function linksFor(
  { links }: MetadataDesign,
  frames: number,
  pageShift: number,
  map: Int32Array,
  entryBytes: number,
): Words {
  if (links === "map") return { words: map, stride: entryBytes / 4, offset: LRU_OFFSET };
  const stride = links === "free-page" ? 2 ** pageShift / 4 : 2 * EXTERNAL_NODE_WORDS;
  const words = links === "none" ? 0 : frames * stride;
  return { words: new Int32Array(words), stride, offset: 0 };
}

/**
 * Makes all frames be in no block. Links need not be wiped: they are written before they are read.
 *
 * @param layout the memory
 */
export function wipeStates({ states: { bytes, stride, offset } }: Layout): void {
  for (let at = offset; at < bytes.length; at += stride) bytes[at] = 0;
}
