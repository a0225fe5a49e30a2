/**
 * The operations of a trace as 32-bit words: what readers give, replays run, and packed files hold.
 *
 * ```text
 *   bits 0-2   kind          the rest of the first word                  further words
 *          0   alloc         order (8 bits), flags (18 bits)
 *          1   alloc         alignment order (8 bits), size order (8)    flags
 *          2   free          handle (29 bits)
 *          3   free at       pfn / 2^32 (20 bits)                        pfn mod 2^32
 *          4   reserve       pfn / 2^32                                  pfn mod 2^32, count
 *          5   unreserve     pfn / 2^32                                  pfn mod 2^32, count
 * ```
 *
 * @module
 */

// bits: a word is below 2^32 and its fields are taken out unsigned, each below 2^29.

import type { Pfn } from "../units.ts";

/** A request whose alignment is its size. */
export const OP_ALLOC = 0;
/** A request with an alignment of its own. */
export const OP_ALIGNED = 1;
/** A release by handle. */
export const OP_FREE = 2;
/** A release by frame, whoever has the block. */
export const OP_FREE_AT = 3;
/** A reservation of frames. */
export const OP_RESERVE = 4;
/** The end of a reservation. */
export const OP_UNRESERVE = 5;

/** The number of words of an operation, by kind; 0 for a kind that there is not. */
export const WORDS_OF_KIND: Uint8Array = new Uint8Array([1, 2, 1, 2, 3, 3, 0, 0]);
/** The most words of an operation. */
export const MOST_WORDS = 3;
/** The part of a first word that is the kind. */
export const KIND_MASK = 7;
/** Where the payload of a first word begins. */
export const KIND_BITS = 3;
/** Where the flags of an {@linkcode OP_ALLOC} begin. */
export const FLAGS_SHIFT = 11;
/** What an order is below: upstream takes an `unsigned int` and looks at 8 bits. */
export const ORDER_LIMIT = 256;
/** What flags are below: 16 areas, {@linkcode FLAG_DONT_ZERO}, {@linkcode FLAG_FRESH}. */
export const FLAGS_LIMIT: number = 2 ** 18;
/** What handles are below. */
export const HANDLE_LIMIT: number = 2 ** 29;
/** What the count of a reservation is below. */
export const COUNT_LIMIT: number = 2 ** 32;
/** The flags' part that is a mask of areas; 0 stands for any area. */
export const FLAG_AREAS = 0xffff;
/** The block may keep what it held. */
export const FLAG_DONT_ZERO = 0x10000;
/** The frames must never have been touched. */
export const FLAG_FRESH = 0x20000;

const HIGH = 2 ** 32;

/** Frames that a trace hands over. */
export interface TraceArea {
  /** The area's number, or 255 for any. */
  readonly area: number;
  /** The first frame. */
  readonly first: Pfn;
  /** The first frame after. */
  readonly top: Pfn;
}

/** What a trace says of the machine that it ran on. */
export interface TraceHeader {
  /** The name of the architecture. */
  readonly arch: string;
  /** The name of the edition; null for whichever is asked for. */
  readonly edition: string | null;
  /** The base-2 logarithm of the page size; null for the architecture's own. */
  readonly pageShift: number | null;
  /** What the allocator is given before the first operation, in order. */
  readonly areas: readonly TraceArea[];
}

/** A trace in memory. */
export interface Trace {
  /** The machine. */
  readonly header: TraceHeader;
  /** The operations. */
  readonly words: Uint32Array;
  /** How many operations the words are. */
  readonly operations: number;
}

/** An operation in words of its own: slow, for reports and for traces as text. */
export type TraceOperation =
  | {
    readonly kind: "alloc";
    readonly alignOrder: number;
    readonly sizeOrder: number;
    readonly flags: number;
  }
  | { readonly kind: "free"; readonly handle: number }
  | { readonly kind: "free-at"; readonly pfn: number }
  | { readonly kind: "reserve" | "unreserve"; readonly pfn: number; readonly count: number };

/**
 * The operation that begins at a word.
 *
 * @param words the operations
 * @param at where it begins
 * @returns the operation
 * @throws {RangeError} if there is no such kind
 */
export function operationAt(words: Uint32Array, at: number): TraceOperation {
  const first = words[at] ?? 0;
  const second = words[at + 1] ?? 0;
  const payload = first >>> KIND_BITS;
  const frame = payload * HIGH + second;
  switch (first & KIND_MASK) {
    case OP_ALLOC: {
      const order = payload % ORDER_LIMIT;
      return { kind: "alloc", alignOrder: order, sizeOrder: order, flags: first >>> FLAGS_SHIFT };
    }
    case OP_ALIGNED: {
      const sizeOrder = Math.floor(payload / ORDER_LIMIT);
      return { kind: "alloc", alignOrder: payload % ORDER_LIMIT, sizeOrder, flags: second };
    }
    case OP_FREE:
      return { kind: "free", handle: payload };
    case OP_FREE_AT:
      return { kind: "free-at", pfn: frame };
    case OP_RESERVE:
      return { kind: "reserve", pfn: frame, count: words[at + 2] ?? 0 };
    case OP_UNRESERVE:
      return { kind: "unreserve", pfn: frame, count: words[at + 2] ?? 0 };
    default:
      throw new RangeError(
        `Cannot take word ${at} for an operation: the kind must be 0 to 5, it is ${
          first & KIND_MASK
        }`,
      );
  }
}

/**
 * Writes an operation as words.
 *
 * @param words where to
 * @param at where it begins; there must be room for {@linkcode MOST_WORDS}
 * @param operation the operation, its numbers within their limits
 * @returns where the next one begins
 */
export function writeOperation(words: Uint32Array, at: number, operation: TraceOperation): number {
  switch (operation.kind) {
    case "alloc":
      return writeAlloc(words, at, operation);
    case "free":
      words[at] = operation.handle * 2 ** KIND_BITS + OP_FREE;
      return at + 1;
    case "free-at":
      writeFrame(words, at, OP_FREE_AT, operation.pfn);
      return at + 2;
    case "reserve":
    case "unreserve": {
      const kind = operation.kind === "reserve" ? OP_RESERVE : OP_UNRESERVE;
      writeFrame(words, at, kind, operation.pfn);
      words[at + 2] = operation.count;
      return at + 3;
    }
  }
}

function writeAlloc(
  words: Uint32Array,
  at: number,
  operation: TraceOperation & { readonly kind: "alloc" },
): number {
  const { alignOrder, sizeOrder, flags } = operation;
  const orders = alignOrder * 2 ** KIND_BITS;
  if (alignOrder === sizeOrder) {
    words[at] = orders + flags * 2 ** FLAGS_SHIFT + OP_ALLOC;
    return at + 1;
  }
  words[at] = orders + sizeOrder * 2 ** KIND_BITS * ORDER_LIMIT + OP_ALIGNED;
  words[at + 1] = flags;
  return at + 2;
}

function writeFrame(words: Uint32Array, at: number, kind: number, frame: number): void {
  words[at] = Math.floor(frame / HIGH) * 2 ** KIND_BITS + kind;
  words[at + 1] = frame % HIGH;
}

/** Operations that are put one behind the other. */
export class TraceBuilder {
  #words = new Uint32Array(1024);
  #length = 0;
  #operations = 0;
  #handles = 0;

  /** How many operations there are. */
  get operations(): number {
    return this.#operations;
  }

  /**
   * Puts an operation at the end.
   *
   * @param operation the operation
   * @returns the handle of what it allocates; -1 if it allocates nothing
   */
  add(operation: TraceOperation): number {
    if (this.#length + MOST_WORDS > this.#words.length) this.#grow(this.#length + MOST_WORDS);
    this.#length = writeOperation(this.#words, this.#length, operation);
    this.#operations++;
    return operation.kind === "alloc" ? this.#handles++ : -1;
  }

  /** Puts a request for 2^order frames at the end, and gives its handle. */
  alloc(order: number): number {
    return this.add({ kind: "alloc", alignOrder: order, sizeOrder: order, flags: 0 });
  }

  /** Puts the release of a handle at the end. */
  free(handle: number): void {
    this.add({ kind: "free", handle });
  }

  /**
   * Puts operations at the end that are words already.
   *
   * @param words the words, as readers give them
   * @param length how many of them
   */
  addWords(words: Uint32Array, length: number): void {
    if (this.#length + length > this.#words.length) this.#grow(this.#length + length);
    this.#words.set(words.subarray(0, length), this.#length);
    this.#length += length;
    this.#operations += operationsIn(words, length);
  }

  #grow(wanted: number): void {
    const larger = new Uint32Array(Math.max(wanted, Math.ceil(this.#words.length * 1.5)));
    larger.set(this.#words);
    this.#words = larger;
  }

  /**
   * Makes the trace.
   *
   * @param header the machine
   * @returns the trace
   */
  build(header: TraceHeader): Trace {
    const words = this.#words.slice(0, this.#length);
    return { header, words, operations: this.#operations };
  }
}

/**
 * The number of words of an operation.
 *
 * @param words the operations
 * @param at where it begins
 * @returns 1 to {@linkcode MOST_WORDS}
 */
export function wordsAt(words: Uint32Array, at: number): number {
  return WORDS_OF_KIND[(words[at] ?? 0) & KIND_MASK] || 1;
}

/**
 * Counts operations.
 *
 * @param words whole operations
 * @param length how many words
 * @returns how many operations
 */
export function operationsIn(words: Uint32Array, length: number): number {
  let count = 0;
  for (let at = 0; at < length; at += wordsAt(words, at)) count++;
  return count;
}
