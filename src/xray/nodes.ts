/**
 * List nodes in a dump: the first two words of the first page of each block that may be handed out.
 *
 * @module
 */

import type { ByteOrder } from "../word.ts";
import type { DumpMemory } from "./memory.ts";
import { wordOf } from "./shapes.ts";
import type { Shape } from "./shapes.ts";

/** The two links of a node or a head. */
export interface Links {
  /** What stands at the first word. */
  readonly prev: bigint;
  /** What stands at the second word. */
  readonly next: bigint;
}

/** A block that may be handed out, by its first frame. */
export interface NodeBlock {
  /** The first frame. */
  readonly frame: number;
  /** The order. */
  readonly order: number;
}

/** Reads nodes of the shape that a guest has. */
export class NodeReader {
  /** The size of a word in bytes. */
  readonly word: 4 | 8;
  readonly #memory: DumpMemory;
  readonly #shift: bigint;
  readonly #byteOrder: ByteOrder;

  /** Makes a reader. */
  constructor(memory: DumpMemory, shape: Shape) {
    this.#memory = memory;
    this.#byteOrder = shape.byteOrder;
    this.#shift = BigInt(shape.pageShift);
    this.word = wordOf(shape);
  }

  /** The address of a frame. */
  addressOf(frame: number): bigint {
    return BigInt(frame) << this.#shift;
  }

  /** The frame that begins at an address; null if none does. */
  frameAt(address: bigint): number | null {
    const bytes = 1n << this.#shift;
    return address % bytes === 0n ? Number(address / bytes) : null;
  }

  /** The word at an address; null where the dump has none. */
  wordAt(address: bigint): bigint | null {
    return this.#memory.peek(address, this.word, this.#byteOrder);
  }

  /** The byte at an address; null where the dump has none. */
  byteAt(address: bigint): number | null {
    const byte = this.#memory.peek(address, 1, this.#byteOrder);
    return byte === null ? null : Number(byte);
  }

  /** The links of a node or head at an address; null where the dump has none. */
  linksAt(address: bigint): Links | null {
    const prev = this.wordAt(address);
    const next = this.wordAt(address + BigInt(this.word));
    return prev === null || next === null ? null : { prev, next };
  }
}

/** What the nodes of an area's blocks say. */
export interface NodeEvidence {
  /** How many blocks have a node: each link leads to a node that leads back, or to a list head. */
  readonly sound: number;
  /** The address of the list head of order 0; null if no link leads to one. */
  readonly heads: bigint | null;
}

/** The value that occurs most often, and how often. */
function mostFrequent(values: Iterable<bigint>): bigint | null {
  const counts = new Map<bigint, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: bigint | null = null;
  for (const [value, count] of counts) {
    if (best === null || count > (counts.get(best) ?? 0)) best = value;
  }
  return best;
}

/**
 * Judges the nodes of blocks that may be handed out. Where the list heads lie is worked out: the links
 * of a list's ends lead to its head, and the heads of all orders stand in a row.
 *
 * @param reader reads the nodes
 * @param blocks the blocks
 * @param range the frames of the area, metadata included: a head lies outside
 * @returns how many of them have a node, and where the heads are
 */
export function judgeNodes(
  reader: NodeReader,
  blocks: readonly NodeBlock[],
  range: { readonly first: number; readonly top: number },
): NodeEvidence {
  const headBytes = BigInt(2 * reader.word);
  const isInside = (address: bigint): boolean =>
    address >= reader.addressOf(range.first) && address < reader.addressOf(range.top);
  const headsOf = (order: number, { prev, next }: Links): bigint[] =>
    [prev, next].filter((link) => link > 0n && link % BigInt(reader.word) === 0n && !isInside(link))
      .map((link) => link - BigInt(order) * headBytes).filter((heads) => heads > 0n);
  const read = blocks.map(({ frame, order }) => {
    const address = reader.addressOf(frame);
    return { order, address, links: reader.linksAt(address) };
  });
  const heads = mostFrequent(
    read.flatMap(({ order, links }) => links === null ? [] : headsOf(order, links)),
  );
  const isSound = (order: number, address: bigint, link: bigint, back: keyof Links): boolean => {
    if (heads !== null && link === heads + BigInt(order) * headBytes) return true;
    if (reader.frameAt(link) === null || !isInside(link)) return false;
    return reader.linksAt(link)?.[back] === address;
  };
  const sound = read.filter(({ order, address, links }) =>
    links !== null && isSound(order, address, links.next, "prev") &&
    isSound(order, address, links.prev, "next")
  );
  return { sound: sound.length, heads };
}
