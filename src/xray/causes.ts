/**
 * What could have left a wrong byte, as far as its value and what stands around it tell.
 *
 * @module
 */

// bits: page states are bytes, and words are compared a byte at a time.

import { decodePageState } from "../alloc_page/mod.ts";
import type { PageStateFormat } from "../edition.ts";
import { VM_MAGIC } from "../vmalloc/mod.ts";
import type { DumpMemory } from "./memory.ts";

/** The number of bits in which two bytes differ. */
function bitsBetween(one: number, other: number): number {
  let count = 0;
  for (let rest = (one ^ other) & 0xff; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}

const FLIP = "one bit that flipped";

/**
 * What could have left a wrong page state.
 *
 * @param format the encoding
 * @param found the byte
 * @param expected what it should be; empty where that is not known
 * @returns the likeliest first
 */
export function stateCauses(
  format: PageStateFormat,
  found: number,
  expected: readonly number[],
): string[] {
  const state = decodePageState(format, found);
  const causes: string[] = [];
  for (const wanted of expected) {
    const { status, order } = decodePageState(format, wanted);
    if (found === 0 && wanted !== 0) {
      causes.push("memory that the host took away (balloon, discard), or that somebody cleared");
    }
    if (state.order === order && state.status !== status) {
      causes.push(`a write that made it ${state.status}: a free or a request that did not finish`);
    }
    if (state.order + 1 === order) {
      causes.push("a split that did not finish, or the free of one half of the block");
    }
    if (state.status === status && state.order === order + 1) {
      causes.push("a coalesce that did not finish");
    }
    if (bitsBetween(found, wanted) === 1) causes.push(FLIP);
  }
  if (causes.length === 0) {
    causes.push("a write beyond the end of something, or through a wild pointer");
  }
  return [...new Set(causes)];
}

/** A link that is wrong, with what is known of it. */
export interface WrongLink {
  /** The word. */
  readonly found: bigint;
  /** What it should be; null where that is not known. */
  readonly wanted: bigint | null;
  /** The address of the node. */
  readonly node: bigint;
  /** Whether the node is a list head, which is in a descriptor. */
  readonly kind: "head" | "block";
  /** The size of a word. */
  readonly word: 4 | 8;
  /** Whether the word is the address of a frame in an area. */
  readonly leadsTo: "a frame" | "a head" | "elsewhere";
}

/** The byte of which some bytes consist; null if they differ. */
function repeated(bytes: Uint8Array | null): number | null {
  const [first] = bytes ?? [];
  return first !== undefined && bytes?.every((byte) => byte === first) === true ? first : null;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
}

/** Whether two words differ in one bit. */
function isFlip(found: bigint, wanted: bigint): boolean {
  const difference = found ^ wanted;
  return difference !== 0n && (difference & (difference - 1n)) === 0n;
}

/**
 * What could have left a wrong link.
 *
 * @param memory the dump
 * @param link the link
 * @returns the likeliest first
 */
export function linkCauses(memory: DumpMemory, link: WrongLink): string[] {
  const { found, wanted, node, kind, word, leadsTo } = link;
  const after = memory.peekBytes(node, 8 * word);
  const own = memory.peekBytes(node, 2 * word);
  const fill = repeated(after);
  const causes: string[] = [];
  if (found === 0n && kind === "block") {
    const page = repeated(memory.peekBytes(node, 4096)) === 0;
    causes.push(
      page
        ? "a page that the host took away (balloon, discard, free page reporting), or that was cleared"
        : "a node that was removed from its list, which leaves zeroes, or was cleared",
    );
  } else if (fill !== null) {
    causes.push(
      `a fill with 0x${fill.toString(16).padStart(2, "0")}: poison, or memset of a freed page`,
    );
  }
  if (found === VM_MAGIC) causes.push("malloc: the word is vmalloc's magic, so the page is in use");
  if (wanted !== null && isFlip(found, wanted)) causes.push(FLIP);
  if (leadsTo === "a frame") {
    causes.push("a block that was linked twice: freed twice, or reserved and given back");
  } else if (leadsTo === "a head") causes.push("a list that was cut: a node before was cleared");
  if (own !== null && found !== 0n && fill === null && isText(own)) {
    causes.push("use after free: text was written to the page");
  }
  if (causes.length === 0) {
    causes.push(
      kind === "block"
        ? "use after free: the first words of a freed page hold the node"
        : "a write beyond the end of something in the image, or through a wild pointer",
    );
  }
  return causes;
}
