/**
 * Free blocks as bits: a tree for each order of each range, whose nodes are cache lines.
 *
 * @module
 */

// bits: words have 32 bits and are compared with 0 only.

import type { Account } from "./account.ts";
import type { Cells } from "./cells.ts";
import { LINE_BYTES, NODE_BITS } from "./design.ts";
import { LISTS_PER_RANGE, NO_BLOCK } from "./free_set.ts";
import type { FreeRange, FreeSet } from "./free_set.ts";

const NODE_WORDS = NODE_BITS / 32;

/** A tree. */
interface Tree {
  /** The block that bit 0 stands for, in blocks of the tree's order. */
  readonly firstBlock: number;
  /** The size of such a block. */
  readonly blockFrames: number;
  /** The first node of each level; the one with a bit for each block is first. */
  readonly levels: readonly number[];
}

/** What trees are made of. */
export interface BitTreesOptions {
  /** The ranges, in the order of their lists. */
  readonly ranges: readonly FreeRange[];
  /** 4 or 8. */
  readonly wordBytes: number;
  /** Who counts; null for nobody. */
  readonly account: Account | null;
  /** Makes words of 32 bits, all 0. */
  readonly makeWords: (count: number) => Cells;
}

/** Trees of bits. */
export class BitTrees implements FreeSet {
  readonly #account: Account | null;
  readonly #trees: readonly Tree[];
  readonly #words: Cells;
  /** The bytes of all trees, and of the words that say which of them hold a block. */
  readonly bytes: number;
  /** The blocks of each list. */
  readonly #counts: Int32Array;

  /** Makes empty trees. */
  constructor({ ranges, wordBytes, account, makeWords }: BitTreesOptions) {
    this.#account = account;
    const trees: Tree[] = [];
    let nodes = 0;
    for (const { start, frames } of ranges) {
      for (let order = 0; order < LISTS_PER_RANGE; order++) {
        const blockFrames = 2 ** order;
        const firstBlock = Math.ceil(start / blockFrames);
        const blocks = Math.floor((start + frames) / blockFrames) - firstBlock;
        const levels: number[] = [];
        for (let bits = blocks; bits > 0; bits = bits <= NODE_BITS ? 0 : levelNodes(bits)) {
          levels.push(nodes);
          nodes += levelNodes(bits);
        }
        trees.push({ firstBlock, blockFrames, levels });
      }
    }
    this.#trees = trees;
    this.bytes = nodes * LINE_BYTES + ranges.length * wordBytes;
    this.#words = makeWords(nodes * NODE_WORDS);
    this.#counts = new Int32Array(trees.length);
  }

  add(list: number, frame: number): void {
    this.#set(list, frame, "set");
    const count = this.#counts[list] ?? 0;
    this.#counts[list] = count + 1;
    if (count === 0) this.#touchSummary(list, "write");
  }

  remove(list: number, frame: number): void {
    this.#set(list, frame, "clear");
    const count = this.#counts[list] ?? 0;
    this.#counts[list] = count - 1;
    if (count === 1) this.#touchSummary(list, "write");
  }

  next(list: number): number {
    this.#touchSummary(list, "read");
    const tree = this.#trees[list];
    if (tree === undefined || this.#counts[list] === 0) return NO_BLOCK;
    let position = 0;
    for (let level = tree.levels.length - 1; level >= 0; level--) {
      const node = (tree.levels[level] ?? 0) + position;
      this.#account?.touchTree(node, "read");
      position = position * NODE_BITS + this.#firstBit(node);
    }
    return (tree.firstBlock + position) * tree.blockFrames;
  }

  /** Tells whether a block is noted. */
  holds(list: number, frame: number): boolean {
    const tree = this.#trees[list];
    const [leaves] = tree?.levels ?? [];
    if (tree === undefined || leaves === undefined) return false;
    const position = frame / tree.blockFrames - tree.firstBlock;
    this.#account?.touchTree(leaves + Math.floor(position / NODE_BITS), "read");
    const word = this.#words.get(leaves * NODE_WORDS + Math.floor(position / 32));
    return (word & (1 << position % 32)) !== 0;
  }

  /** One word of the range says which of its trees hold a block. */
  #touchSummary(list: number, access: "read" | "write"): void {
    this.#account?.touchHead(Math.floor(list / LISTS_PER_RANGE), 1, access);
  }

  #firstBit(node: number): number {
    const words = this.#words;
    for (let index = 0; index < NODE_WORDS; index++) {
      const word = words.get(node * NODE_WORDS + index);
      if (word !== 0) return index * 32 + 31 - Math.clz32(word & -word);
    }
    return 0;
  }

  #isEmpty(node: number): boolean {
    const words = this.#words;
    for (let index = 0; index < NODE_WORDS; index++) {
      if (words.get(node * NODE_WORDS + index) !== 0) return false;
    }
    return true;
  }

  /** Changes a bit, and those above it as long as a node becomes empty or ceases to be. */
  #set(list: number, frame: number, how: "set" | "clear"): void {
    const tree = this.#trees[list];
    if (tree === undefined) return;
    let position = frame / tree.blockFrames - tree.firstBlock;
    for (const level of tree.levels) {
      const node = level + Math.floor(position / NODE_BITS);
      const at = level * NODE_WORDS + Math.floor(position / 32);
      const mask = 1 << position % 32;
      this.#account?.touchTree(node, "write");
      const wasEmpty = how === "set" && this.#isEmpty(node);
      const word = this.#words.get(at);
      this.#words.set(at, how === "set" ? word | mask : word & ~mask);
      const goesOn = how === "set" ? wasEmpty : this.#isEmpty(node);
      if (!goesOn) return;
      position = Math.floor(position / NODE_BITS);
    }
  }
}

function levelNodes(bits: number): number {
  return Math.ceil(bits / NODE_BITS);
}
