/**
 * Blocks of vmalloc in a dump, by the marks in front of them.
 *
 * ```text
 *   a block within a page    magic in front of an address that is a power of two in its page
 *   a block of whole pages   number of pages and magic at the end of the page in front
 * ```
 *
 * Source: `lib/vmalloc.c`, `struct metadata`, `do_alloc_one_page()`, `vm_memalign()`, 4a54e8a3.
 *
 * @module
 */

import type { Survey } from "../check/invariants/mod.ts";
import { VM_MAGIC } from "../vmalloc/mod.ts";
import type { DumpMemory } from "./memory.ts";
import { wordOf } from "./shapes.ts";
import type { Shape } from "./shapes.ts";

/** A mark that vmalloc left in a page that is in use. */
export interface VmallocMark {
  /** The frame that holds it. */
  readonly frame: number;
  /** Where the magic stands, as a physical address. */
  readonly magic: bigint;
  /** Whether the block begins behind it in the same page, or in the next virtual page. */
  readonly form: "within a page" | "whole pages";
  /** The number of whole pages; null for a block within a page. */
  readonly pages: bigint | null;
  /** The bytes in front of a block within a page: its alignment. */
  readonly offset: number;
  /** Whether the allocator can have handed out so many pages. */
  readonly size: "plausible" | "too many pages";
}

/** Pages are read in pieces of this size. */
const PIECE_BYTES = 2 ** 20;
/** More marks are not listed. */
const MOST_MARKS = 100_000;

/** Reads the marks of a page that stands in a view. */
class PageReader {
  readonly #word: 4 | 8;
  readonly #isLittle: boolean;
  readonly #pageBytes: number;

  constructor(shape: Shape) {
    this.#word = wordOf(shape);
    this.#isLittle = shape.byteOrder === "little";
    this.#pageBytes = 2 ** shape.pageShift;
  }

  #isMagic(view: DataView, at: number): boolean {
    const low = this.#word === 8 && !this.#isLittle ? 4 : 0;
    if (view.getUint32(at + low, this.#isLittle) !== Number(VM_MAGIC)) return false;
    return this.#word === 4 || view.getUint32(at + 4 - low, this.#isLittle) === 0;
  }

  #wordAt(view: DataView, at: number): bigint {
    if (this.#word === 8) return view.getBigUint64(at, this.#isLittle);
    return BigInt(view.getUint32(at, this.#isLittle));
  }

  /** The place of the first byte behind the magic of the page at a position; null if there is none. */
  read(view: DataView, at: number): { end: number; pages: bigint | null } | null {
    for (let end = this.#word; end < this.#pageBytes; end *= 2) {
      if (this.#isMagic(view, at + end - this.#word)) return { end, pages: null };
    }
    const last = at + this.#pageBytes - this.#word;
    if (!this.#isMagic(view, last)) return null;
    return { end: this.#pageBytes, pages: this.#wordAt(view, last - this.#word) };
  }
}

/**
 * Finds the marks of vmalloc in the pages that are in use: it takes pages one by one.
 *
 * @param memory the dump
 * @param shape the shape
 * @param surveys the areas
 * @returns the marks by ascending frame in each area
 */
export function findVmallocMarks(
  memory: DumpMemory,
  shape: Shape,
  surveys: readonly Survey[],
): VmallocMark[] {
  const reader = new PageReader(shape);
  const pageBytes = 2 ** shape.pageShift;
  const buffer = new Uint8Array(PIECE_BYTES);
  const view = new DataView(buffer.buffer);
  const singles = surveys.flatMap(({ blocks }) =>
    blocks.filter(({ order, status }) => order === 0 && status === "allocated")
  );
  const total = BigInt(singles.reduce((sum, { count }) => sum + count, 0));
  const perPiece = PIECE_BYTES / pageBytes;
  const marks: VmallocMark[] = [];
  for (const { first, count } of singles) {
    for (let done = 0; done < count && marks.length < MOST_MARKS; done += perPiece) {
      const pages = Math.min(perPiece, count - done);
      const start = BigInt(first + done) << BigInt(shape.pageShift);
      memory.readInto(start, buffer.subarray(0, pages * pageBytes));
      for (let page = 0; page < pages; page++) {
        const found = reader.read(view, page * pageBytes);
        if (found === null) continue;
        const within = found.end - wordOf(shape);
        marks.push({
          frame: first + done + page,
          magic: start + BigInt(page * pageBytes + within),
          form: found.pages === null ? "within a page" : "whole pages",
          pages: found.pages,
          offset: found.end % pageBytes,
          size: found.pages !== null && (found.pages === 0n || found.pages >= total)
            ? "too many pages"
            : "plausible",
        });
      }
    }
  }
  return marks;
}
