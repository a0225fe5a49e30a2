/**
 * Writing traces in binary: the header as text, then the operations as little-endian words.
 *
 * ```text
 *   buddyscope-packed 1
 *   arch x86_64
 *   area any 0x100000 0x200000
 *   operations 0000000001000000 0000000001000000      how many operations, how many words
 *   0 to 3 bytes of 0, so that the words begin at a multiple of 4 bytes
 *   words
 * ```
 *
 * @module
 */

// bits: numbers of bytes are below 2^31.

import { printHeader } from "./header.ts";
import { operationsIn } from "./operations.ts";
import type { Trace, TraceHeader } from "./operations.ts";

/** The first line of a packed trace. */
export const PACKED_MAGIC = "buddyscope-packed 1";
/** The size of a word, in bytes. */
export const WORD_BYTES = 4;
/** Counts are written with so many digits, so that a header does not grow when they are known. */
const COUNT_DIGITS = 16;

/** The bytes of 0 between a header of a length and the words. */
export function paddingBehind(length: number): number {
  return -length & (WORD_BYTES - 1);
}

/**
 * Packs a trace piece by piece. A header says how many operations follow: as long as nobody knows, it
 * says none, and is written again in the end.
 */
export class PackedWriter {
  readonly #header: TraceHeader;
  #operations = 0;
  #words = 0;

  /** Begins a trace for a machine. */
  constructor(header: TraceHeader) {
    this.#header = header;
  }

  /** How many operations were packed. */
  get operations(): number {
    return this.#operations;
  }

  /** The bytes with which the file begins: always as many, with the counts up to now. */
  get head(): Uint8Array {
    const [operations, words] = [this.#operations, this.#words].map((count) =>
      `${count}`.padStart(COUNT_DIGITS, "0")
    );
    const text = `${PACKED_MAGIC}\n${printHeader(this.#header)}operations ${operations} ${words}\n`;
    const bytes = new TextEncoder().encode(text);
    const head = new Uint8Array(bytes.length + paddingBehind(bytes.length));
    head.set(bytes);
    return head;
  }

  /**
   * Packs operations. Typed arrays are little-endian on everything that Deno runs on.
   *
   * @param words whole operations
   * @param length how many words
   * @returns the bytes that follow those before, valid as long as the words are
   */
  pack(words: Uint32Array, length: number): Uint8Array {
    this.#operations += operationsIn(words, length);
    this.#words += length;
    return new Uint8Array(words.buffer, words.byteOffset, length * WORD_BYTES);
  }
}

/**
 * Packs a trace.
 *
 * @param trace the trace
 * @returns the bytes of the file
 */
export function packTrace({ header, words }: Trace): Uint8Array {
  const writer = new PackedWriter(header);
  const packed = writer.pack(words, words.length);
  const { head } = writer;
  const bytes = new Uint8Array(head.length + packed.length);
  bytes.set(head);
  bytes.set(packed, head.length);
  return bytes;
}
