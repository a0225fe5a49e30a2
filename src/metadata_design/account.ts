/**
 * The account of a design: which bytes of which memory the allocator reads and writes.
 *
 * @module
 */

import { Backing } from "./backing.ts";
import { entryBytesOf, EXTERNAL_NODE_WORDS, LINE_BYTES } from "./design.ts";
import type { MetadataDesign } from "./design.ts";
import type { Access } from "./free_set.ts";
import { LineSet } from "./line_set.ts";
import { PageSet } from "./page_set.ts";

/** What operations of a kind cost. */
export interface OperationCost {
  /** How many there were. */
  count: number;
  /** The different cache lines that they touched, one operation after the other. */
  lines: number;
  /** The most that one of them touched. */
  mostLines: number;
}

/** The memories begin so many lines apart: each holds less than 2^50 bytes. */
const LINES_APART = 2 ** 44;
/** The metadata are dirtied page by page, whatever the size of a frame. */
const METADATA_PAGE_BYTES = 4096;

/** A memory of metadata beside the frames. */
class SideMemory {
  readonly #firstLine: number;
  readonly #lines: LineSet;
  /** Which of its pages were written to. */
  readonly #written = new PageSet();

  constructor(number: number, lines: LineSet) {
    this.#firstLine = number * LINES_APART;
    this.#lines = lines;
  }

  get writtenPages(): number {
    return this.#written.size;
  }

  touch(first: number, bytes: number, access: Access): void {
    const top = first + bytes;
    this.#lines.add(
      this.#firstLine + Math.floor(first / LINE_BYTES),
      this.#firstLine + Math.ceil(top / LINE_BYTES),
    );
    if (access === "read") return;
    this.#written.add(
      Math.floor(first / METADATA_PAGE_BYTES),
      Math.floor((top - 1) / METADATA_PAGE_BYTES),
    );
  }
}

/** What an account is of. */
export interface AccountOptions {
  /** The design. */
  readonly design: MetadataDesign;
  /** 4 or 8. */
  readonly wordBytes: number;
  /** The base-2 logarithm of the size of a frame. */
  readonly pageShift: number;
}

function noCost(): OperationCost {
  return { count: 0, lines: 0, mostLines: 0 };
}

/** Keeps the account of one design on one trace. Frames are counted from 0 here. */
export class Account {
  readonly #lines = new LineSet();
  readonly #map = new SideMemory(1, this.#lines);
  readonly #nodes = new SideMemory(2, this.#lines);
  readonly #trees = new SideMemory(3, this.#lines);
  readonly #heads = new SideMemory(4, this.#lines);
  readonly #own = new SideMemory(5, this.#lines);
  readonly #entryBytes: number;
  readonly #wordBytes: number;
  readonly #linesOfPage: number;
  readonly #fills: boolean;
  /** The pages as the host sees them; null where the allocator writes to none of them. */
  readonly backing: Backing | null;
  /** What allocations cost. */
  readonly allocations: OperationCost = noCost();
  /** What releases cost. */
  readonly releases: OperationCost = noCost();
  /** The most external nodes that were in use at once. */
  mostNodes = 0;

  /** Opens the account. */
  constructor({ design, wordBytes, pageShift }: AccountOptions) {
    this.#entryBytes = entryBytesOf(design, wordBytes);
    this.#wordBytes = wordBytes;
    this.#linesOfPage = 2 ** pageShift / LINE_BYTES;
    this.#fills = design.written === "every-page";
    this.backing = design.links === "free-page" ? new Backing() : null;
  }

  /** The pages of metadata that were written to. */
  get writtenPages(): number {
    return [this.#map, this.#nodes, this.#trees, this.#heads, this.#own]
      .reduce((sum, { writtenPages }) => sum + writtenPages, 0);
  }

  /** Begins an operation. */
  begin(): void {
    this.#lines.clear();
  }

  /** Ends an operation. */
  end(cost: OperationCost): void {
    const { lines } = this.#lines;
    cost.count++;
    cost.lines += lines;
    if (lines > cost.mostLines) cost.mostLines = lines;
  }

  /** The entry of a block's first page is read. */
  readEntry(frame: number): void {
    if (this.#entryBytes === 0) return;
    this.#map.touch(frame * this.#entryBytes, this.#entryBytes, "read");
  }

  /** A block's status or order is written: to its first entry, or to all of them. */
  writeEntries(frame: number, order: number): void {
    if (this.#entryBytes === 0) return;
    const entries = this.#fills ? 2 ** order : 1;
    this.#map.touch(frame * this.#entryBytes, entries * this.#entryBytes, "write");
  }

  /** The head of a list, or the word that says which trees hold a block. */
  touchHead(list: number, words: number, access: Access): void {
    this.#heads.touch(list * words * this.#wordBytes, words * this.#wordBytes, access);
  }

  /** Links in a free page. */
  touchPage(frame: number, access: Access): void {
    const line = frame * this.#linesOfPage;
    this.#lines.add(line, line + 1);
    if (access === "write") this.backing?.link(frame);
  }

  /** Links in a block's entry. */
  touchEntry(frame: number, access: Access): void {
    this.#map.touch(frame * this.#entryBytes, this.#entryBytes, access);
  }

  /** An external node. */
  touchNode(node: number, access: Access): void {
    const bytes = EXTERNAL_NODE_WORDS * this.#wordBytes;
    this.#nodes.touch(node * bytes, bytes, access);
  }

  /** A node of a tree of bits. */
  touchTree(node: number, access: Access): void {
    this.#trees.touch(node * LINE_BYTES, LINE_BYTES, access);
  }

  /** Memory of a free set that the design brings. */
  touchOwn(first: number, bytes: number, access: Access): void {
    if (bytes > 0) this.#own.touch(first, bytes, access);
  }
}
