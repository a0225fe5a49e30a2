/**
 * Traces as text: one operation a line.
 *
 * @module
 */

// bits: letters and digits are bytes, a hex digit is below 16; words are unsigned, below 2^32.

import { found, HeaderReader, numberOf, traceError } from "./header.ts";
import {
  COUNT_LIMIT,
  FLAGS_LIMIT,
  HANDLE_LIMIT,
  KIND_BITS,
  MOST_WORDS,
  OP_ALLOC,
  OP_FREE,
  ORDER_LIMIT,
  writeOperation,
} from "./operations.ts";
import type { TraceHeader, TraceOperation } from "./operations.ts";
import { BATCH_WORDS, beginsWithLine } from "./reader.ts";
import type { OperationSink, TraceFormat, TraceReader } from "./reader.ts";

/** The first line of a trace as text. */
export const TEXT_MAGIC = "buddyscope-trace 1";

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const ZERO = 48;
const NINE = 57;
const LETTER_A = 97;
const LETTER_F = 102;

/** A line is not longer than this. */
const MOST_LINE_BYTES = 1024;
/** Letter, space, nine digits, newline: what the short way reads. */
const SHORT_LINE_BYTES = 12;
/** So many lines without an operation are remembered until operations are handed over. */
const MOST_GAPS = 65536;

/** What an operation has behind its letter: names and limits of its numbers. */
interface LineForm {
  readonly names: readonly string[];
  readonly limits: readonly number[];
  /** How many of the numbers may be left out, at the end; they are 0 then. */
  readonly optional: number;
  readonly operation: (numbers: readonly number[]) => TraceOperation;
}

const FRAME_LIMIT = 2 ** 52;

const FORMS: Readonly<Record<string, LineForm>> = {
  a: {
    names: ["order", "flags"],
    limits: [ORDER_LIMIT, FLAGS_LIMIT],
    optional: 1,
    operation: ([order = 0, flags = 0]) => {
      return { kind: "alloc", alignOrder: order, sizeOrder: order, flags };
    },
  },
  m: {
    names: ["alignment order", "size order", "flags"],
    limits: [ORDER_LIMIT, ORDER_LIMIT, FLAGS_LIMIT],
    optional: 1,
    operation: ([alignOrder = 0, sizeOrder = 0, flags = 0]) => {
      return { kind: "alloc", alignOrder, sizeOrder, flags };
    },
  },
  f: {
    names: ["handle"],
    limits: [HANDLE_LIMIT],
    optional: 0,
    operation: ([handle = 0]) => ({ kind: "free", handle }),
  },
  p: {
    names: ["frame"],
    limits: [FRAME_LIMIT],
    optional: 0,
    operation: ([pfn = 0]) => ({ kind: "free-at", pfn }),
  },
  r: {
    names: ["frame", "count"],
    limits: [FRAME_LIMIT, COUNT_LIMIT],
    optional: 0,
    operation: ([pfn = 0, count = 0]) => ({ kind: "reserve", pfn, count }),
  },
  u: {
    names: ["frame", "count"],
    limits: [FRAME_LIMIT, COUNT_LIMIT],
    optional: 0,
    operation: ([pfn = 0, count = 0]) => ({ kind: "unreserve", pfn, count }),
  },
};

/** Reads the operation of a line. */
function operationOf(line: string, place: string): TraceOperation {
  const [letter = "", ...words] = line.split(/[ \t]+/).filter((word) => word !== "");
  const form = Object.hasOwn(FORMS, letter) ? FORMS[letter] : undefined;
  if (form === undefined) {
    const letters = Object.keys(FORMS).join(", ");
    throw traceError(place, `an operation must be one of ${letters}, it is ${found(letter)}`);
  }
  const { names, limits, optional, operation } = form;
  const least = names.length - optional;
  if (words.length < least || words.length > names.length) {
    const wanted = names.map((name, index) => index < least ? name : `[${name}]`).join(", ");
    throw traceError(place, `behind ${letter} there must be ${wanted}`);
  }
  return operation(words.map((word, index) => {
    const value = numberOf(word);
    if (value < (limits[index] ?? 0)) return value;
    throw traceError(
      place,
      `the ${names[index]} must be a number below ${limits[index]}, it is ${found(word)}`,
    );
  }));
}

/** Reads a trace as text. Lines that are neither blank nor comments become operations one to one. */
class TextReader implements TraceReader {
  header: TraceHeader | null = null;
  readonly #headerReader = new HeaderReader();
  readonly #batch = new Uint32Array(BATCH_WORDS);
  readonly #decoder = new TextDecoder();
  /** The words and the operations of the batch. */
  #length = 0;
  #operations = 0;
  /** The line with which the batch begins, and where in it lines are that are no operations. */
  #firstLine = 1;
  #gaps: number[] = [];
  /** The beginning of a line whose end is still to come. */
  readonly #rest = new Uint8Array(MOST_LINE_BYTES);
  #restLength = 0;

  counts(): [] {
    return [];
  }

  placeOf(index: number): string {
    const before = this.#gaps.filter((at) => at <= index).length;
    return `line ${this.#firstLine + index + before}`;
  }

  /** The line at hand. */
  get #place(): string {
    return `line ${this.#firstLine + this.#operations + this.#gaps.length}`;
  }

  read(chunk: Uint8Array, sink: OperationSink): void {
    let at = 0;
    if (this.#restLength > 0) {
      const end = chunk.indexOf(NEWLINE);
      at = end < 0 ? chunk.length : end + 1;
      this.#keep(chunk.subarray(0, at));
      if (end < 0) return;
      this.#line(this.#rest.subarray(0, this.#restLength - 1));
      this.#restLength = 0;
    }
    at = this.#lines(chunk, at, sink);
    this.#keep(chunk.subarray(at));
    this.#hand(sink);
  }

  end(sink: OperationSink): void {
    if (this.#restLength > 0) {
      throw traceError(this.#place, "it must end with a newline; is the file cut off?");
    }
    this.header ??= this.#headerReader.finish(this.#place);
    this.#hand(sink);
  }

  #keep(bytes: Uint8Array): void {
    if (this.#restLength + bytes.length > MOST_LINE_BYTES) {
      throw traceError(this.#place, `a line must not be longer than ${MOST_LINE_BYTES} bytes`);
    }
    this.#rest.set(bytes, this.#restLength);
    this.#restLength += bytes.length;
  }

  #hand(sink: OperationSink): void {
    if (this.#length > 0) sink(this.#batch, this.#length);
    this.#firstLine += this.#operations + this.#gaps.length;
    this.#length = this.#operations = 0;
    if (this.#gaps.length > 0) this.#gaps = [];
  }

  /** Reads whole lines; gives the position behind the last one. */
  #lines(bytes: Uint8Array, from: number, sink: OperationSink): number {
    let at = from;
    while (true) {
      if (this.header !== null) at = this.#shortLines(bytes, at);
      if (this.#length > BATCH_WORDS - MOST_WORDS || this.#gaps.length >= MOST_GAPS) {
        this.#hand(sink);
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) return at;
      this.#line(bytes.subarray(at, end));
      at = end + 1;
    }
  }

  /**
   * Reads lines of the two usual forms, `a ORDER` and `f HANDLE` in decimal, as long as there is nothing
   * else and the batch has room.
   */
  #shortLines(bytes: Uint8Array, from: number): number {
    const batch = this.#batch;
    const last = bytes.length - SHORT_LINE_BYTES;
    const first = this.#length;
    const room = BATCH_WORDS - MOST_WORDS;
    let length = first;
    let at = from;
    while (at <= last && length <= room) {
      const letter = bytes[at] ?? 0;
      if (bytes[at + 1] !== SPACE) break;
      let next = at + 2;
      let value = 0;
      let byte = bytes[next] ?? 0;
      while (byte >= ZERO && byte <= NINE && next < at + SHORT_LINE_BYTES - 1) {
        value = value * 10 + byte - ZERO;
        byte = bytes[++next] ?? 0;
      }
      if (byte !== NEWLINE || next === at + 2) break;
      if (letter === LETTER_F && value < HANDLE_LIMIT) {
        batch[length++] = (value << KIND_BITS) | OP_FREE;
      } else if (letter === LETTER_A && value < ORDER_LIMIT) {
        batch[length++] = (value << KIND_BITS) | OP_ALLOC;
      } else break;
      at = next + 1;
    }
    this.#operations += length - first;
    this.#length = length;
    return at;
  }

  /** Reads a line of any form, without its newline. */
  #line(bytes: Uint8Array): void {
    if (bytes.length > MOST_LINE_BYTES) {
      throw traceError(this.#place, `a line must not be longer than ${MOST_LINE_BYTES} bytes`);
    }
    const line = bytes[0] === HASH ? "" : this.#decoder.decode(bytes).replace(/#.*$/s, "").trim();
    if (line === "" || (this.header === null && this.#isHeader(line))) {
      this.#gaps.push(this.#operations);
      return;
    }
    const operation = operationOf(line, this.#place);
    this.header ??= this.#headerReader.finish(this.#place);
    this.#length = writeOperation(this.#batch, this.#length, operation);
    this.#operations++;
  }

  #isHeader(line: string): boolean {
    const isMagic = line === TEXT_MAGIC && this.#firstLine + this.#gaps.length === 1;
    return isMagic || this.#headerReader.read(line, this.#place) === "header";
  }
}

/** Traces as text. */
export const TEXT_FORMAT: TraceFormat = {
  name: "text",
  beginning: JSON.stringify(TEXT_MAGIC),
  detects: (first) => beginsWithLine(first, TEXT_MAGIC),
  open: () => new TextReader(),
};
