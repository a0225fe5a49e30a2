/**
 * Reading traces in binary.
 *
 * @module
 */

// bits: words are unsigned, below 2^32; the numbers of bytes are below 2^17.

import { found, HeaderReader, numberOf, traceError } from "./header.ts";
import { FLAGS_LIMIT, KIND_MASK, OP_ALIGNED, OP_ALLOC, WORDS_OF_KIND } from "./operations.ts";
import type { TraceHeader } from "./operations.ts";
import { PACKED_MAGIC, paddingBehind, WORD_BYTES } from "./packed_writer.ts";
import { BATCH_WORDS, beginsWithLine } from "./reader.ts";
import type { OperationSink, TraceFormat, TraceReader } from "./reader.ts";

const NEWLINE = 10;
/** A header is not longer than this. */
const MOST_HEADER_BYTES = 65536;
const BATCH_BYTES = BATCH_WORDS * WORD_BYTES;

/** The words that the last line of a header announces. */
interface Announced {
  readonly operations: number;
  readonly words: number;
}

/** Reads a packed trace. Typed arrays are little-endian on everything that Deno runs on. */
class PackedReader implements TraceReader {
  header: TraceHeader | null = null;
  readonly #headerBytes: number[] = [];
  #announced: Announced = { operations: 0, words: 0 };
  /** Bytes of 0 that are still to come before the words. */
  #padding = 0;
  readonly #words = new Uint32Array(BATCH_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  /** The bytes in the batch. */
  #filled = 0;
  #wordsRead = 0;
  #operationsRead = 0;
  /** Operations before the batch that the sink has. */
  #operationsBefore = 0;

  counts(): [] {
    return [];
  }

  placeOf(index: number): string {
    return `operation ${this.#operationsBefore + index + 1}`;
  }

  get #place(): string {
    return `operation ${this.#operationsRead + 1}`;
  }

  read(chunk: Uint8Array, sink: OperationSink): void {
    let at = this.header === null ? this.#readHeader(chunk) : 0;
    for (; this.#padding > 0 && at < chunk.length; at++, this.#padding--) {
      if (chunk[at] !== 0) throw traceError("the header", "the bytes up to the words must be 0");
    }
    while (at < chunk.length) {
      const count = Math.min(chunk.length - at, BATCH_BYTES - this.#filled);
      this.#bytes.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      this.#handOver(sink);
    }
  }

  /** Reads bytes of the header; gives the position behind it, or behind the chunk. */
  #readHeader(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.header === null) {
      const byte = chunk[at++] ?? 0;
      this.#headerBytes.push(byte);
      if (this.#headerBytes.length > MOST_HEADER_BYTES) {
        throw traceError("the header", `it must be at most ${MOST_HEADER_BYTES} bytes long`);
      }
      if (byte === NEWLINE) this.#tryHeader();
    }
    return at;
  }

  /** Takes the header for complete if its last line says how many operations follow. */
  #tryHeader(): void {
    const start = this.#headerBytes.lastIndexOf(NEWLINE, -2) + 1;
    const last = String.fromCharCode(...this.#headerBytes.slice(start)).trimEnd();
    if (!last.startsWith("operations ")) return;
    const bytes = new Uint8Array(this.#headerBytes);
    const lines = new TextDecoder().decode(bytes.subarray(0, start)).split("\n");
    const reader = new HeaderReader();
    for (const [index, line] of lines.entries()) {
      if (index === 0 || line.trim() === "") continue;
      const place = `line ${index + 1}`;
      if (reader.read(line, place) === "header") continue;
      throw traceError(place, `the header has no line ${found(line)}`);
    }
    const place = `line ${lines.length}`;
    const [operations, words, ...more] = last.split(" ").slice(1).map(numberOf);
    if (operations === undefined || words === undefined || more.length > 0) {
      throw traceError(place, "behind operations there must be how many, and how many words");
    }
    if (!(operations <= words)) {
      throw traceError(
        place,
        `there must be a word for each operation, the line is ${found(last)}`,
      );
    }
    this.#announced = { operations, words };
    this.header = reader.finish(place);
    this.#padding = paddingBehind(bytes.length);
  }

  /** Hands the whole operations of the batch over, and moves the rest to its front. */
  #handOver(sink: OperationSink): void {
    const words = this.#words;
    const length = this.#filled >>> 2;
    const before = this.#operationsRead;
    let at = 0;
    while (at < length) {
      const first = words[at] ?? 0;
      const kind = first & KIND_MASK;
      const next = at + (WORDS_OF_KIND[kind] ?? 0);
      if (next === at) {
        throw traceError(this.#place, `the kind must be 0 to 5, it is ${kind}`);
      }
      if (next > length) break;
      if (kind <= OP_ALIGNED) this.#checkFlags(kind, first, words[at + 1] ?? 0);
      at = next;
      this.#operationsRead++;
    }
    this.#wordsRead += at;
    if (this.#wordsRead > this.#announced.words) {
      throw traceError(
        this.#place,
        `there must be ${this.#announced.words} words, there are more`,
      );
    }
    this.#operationsBefore = before;
    if (at > 0) sink(words, at);
    this.#bytes.copyWithin(0, at * WORD_BYTES, this.#filled);
    this.#filled -= at * WORD_BYTES;
  }

  #checkFlags(kind: number, first: number, second: number): void {
    const flags = kind === OP_ALLOC ? 0 : second;
    const unused = kind === OP_ALLOC ? first >>> 29 : first >>> 19;
    if (flags < FLAGS_LIMIT && unused === 0) return;
    throw traceError(this.#place, `the flags must be below ${FLAGS_LIMIT}, unused bits 0`);
  }

  end(): void {
    if (this.header === null) {
      throw traceError("the header", 'it must end with a line "operations COUNT WORDS"');
    }
    const { operations, words } = this.#announced;
    if (this.#operationsRead === operations && this.#wordsRead === words && this.#filled === 0) {
      return;
    }
    throw traceError(
      this.#place,
      `there must be ${operations} operations in ${words} words; is the file cut off?`,
    );
  }
}

/** Packed traces. */
export const PACKED_FORMAT: TraceFormat = {
  name: "packed",
  beginning: JSON.stringify(PACKED_MAGIC),
  detects: (first) => beginsWithLine(first, PACKED_MAGIC),
  open: () => new PackedReader(),
};
