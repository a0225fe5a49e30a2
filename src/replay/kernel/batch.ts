/**
 * Operations that a reader collects before it hands them over, each with its line.
 *
 * @module
 */

// bits: handles are below 2^29, orders below 256.

import { HANDLE_LIMIT, KIND_BITS, OP_ALLOC, OP_FREE } from "../operations.ts";
import { BATCH_WORDS } from "../reader.ts";
import type { OperationSink } from "../reader.ts";

/** Collects requests and releases; each is one word. */
export class Batch {
  readonly #words = new Uint32Array(BATCH_WORDS);
  readonly #lines = new Float64Array(BATCH_WORDS);
  #length = 0;
  #handles = 0;
  /** Takes the operations. */
  sink: OperationSink = () => {};
  /** The line at hand. */
  line = 0;

  /** The line of an operation that the sink has. */
  lineOf(index: number): number {
    return this.#lines[index] ?? this.line;
  }

  /**
   * Adds a request.
   *
   * @param order the order of the block
   * @returns its handle
   * @throws {RangeError} if there are too many
   */
  alloc(order: number): number {
    if (this.#handles >= HANDLE_LIMIT) {
      throw new RangeError("Cannot read the trace: it must have fewer than 2^29 allocations");
    }
    this.#add((order << KIND_BITS) | OP_ALLOC);
    return this.#handles++;
  }

  /** Adds the release of a handle. */
  free(handle: number): void {
    this.#add(((handle << KIND_BITS) | OP_FREE) >>> 0);
  }

  #add(word: number): void {
    this.#words[this.#length] = word;
    this.#lines[this.#length] = this.line;
    if (++this.#length === BATCH_WORDS) this.hand();
  }

  /** Hands over what there is. */
  hand(): void {
    if (this.#length > 0) this.sink(this.#words, this.#length);
    this.#length = 0;
  }
}
