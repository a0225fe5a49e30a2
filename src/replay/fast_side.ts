/**
 * The fast engine behind a replay.
 *
 * @module
 */

// bits: words are unsigned, below 2^32, and their fields below 2^29.

import { freeBlock, freeFrame, freeNode, takeNode, wishesOf } from "../alloc_page_fast/mod.ts";
import type { FastState, Wishes } from "../alloc_page_fast/mod.ts";
import * as constants from "../alloc_page_fast/constants.ts";
import { pfnOfNode } from "../alloc_page_fast/pool.ts";
import type { Edition } from "../edition.ts";
import * as uses from "./handles.ts";
import type { Ledger } from "./ledger.ts";
import { editionFlags } from "./literal_side.ts";
import * as operations from "./operations.ts";
import { plainRunOn, runPlain } from "./plain_run.ts";
import type { PlainRun } from "./plain_run.ts";

/** Imported constants are slow; these are compiled in. */
const { DONE, NONE } = constants;
const { LIVE } = uses;
const { FLAGS_SHIFT, KIND_BITS, KIND_MASK, OP_ALLOC, OP_FREE, ORDER_LIMIT } = operations;

/** Runs operations on the fast engine: the plain ones in a loop of their own, others one by one. */
export class FastSide {
  /** The engine. */
  readonly state: FastState;
  readonly #edition: Edition;
  readonly #ledger: Ledger;
  /** Requests' flags that were read. */
  readonly #wishes = new Map<number, Wishes>();
  readonly #plain: PlainRun;
  /** What the plain requests ask for. */
  #served: Wishes;

  /**
   * Makes the side of an engine whose areas do not change.
   *
   * @param state the engine, without memory to be kept
   * @param edition the edition
   * @param ledger the books
   */
  constructor(state: FastState, edition: Edition, ledger: Ledger) {
    this.state = state;
    this.#edition = edition;
    this.#ledger = ledger;
    this.#plain = plainRunOn(state, ledger.handles);
    this.#served = this.#serve(0);
  }

  /**
   * Runs operations, up to one that the fast engine leaves alone or that ends the replay.
   *
   * @param words whole operations
   * @param from where the first of them begins
   * @param end the number of words
   * @param most how many operations to run at most
   * @returns the position of the first operation that was not run
   */
  run(words: Uint32Array, from: number, end: number, most: number): number {
    const { counts, handles } = this.#ledger;
    const limit = counts.operations + most;
    // Each request has a handle, for a block or for nothing.
    const withoutHandle = counts.requests - handles.count;
    let at = from;
    while (true) {
      const before = at;
      at = runPlain(this.#plain, words, at, Math.min(end, at + limit - counts.operations));
      counts.operations += at - before;
      if (at >= end || counts.operations >= limit) break;
      const next = this.#runOne(words, at);
      if (next === at) break;
      counts.operations++;
      at = next;
    }
    counts.requests = withoutHandle + handles.count;
    return at;
  }

  /** Handles stand for frames from now on: nodes change, or blocks go without their handles. */
  knowFrames(): void {
    const { pool } = this.state;
    this.#ledger.handles.knowFrames((node) => pfnOfNode(pool, node));
  }

  /** Runs an operation of any kind; gives where the next one begins, or the same if it is left. */
  #runOne(words: Uint32Array, at: number): number {
    const word = words[at] ?? 0;
    const kind = word & KIND_MASK;
    if (kind === OP_FREE) return this.#release(word >>> KIND_BITS) === "ran" ? at + 1 : at;
    if (kind !== OP_ALLOC) return this.#runRare(words, at) === "ran" ? at + 2 : at;
    const flags = word >>> FLAGS_SHIFT;
    if (flags !== this.#plain.flags) this.#serve(flags);
    const order = (word >>> KIND_BITS) & (ORDER_LIMIT - 1);
    return this.#request(this.#served, order, order) === "ran" ? at + 1 : at;
  }

  /** Makes the requests with some flags the plain ones. */
  #serve(flags: number): Wishes {
    const { first, fresh } = this.#served = this.#wishesOf(flags);
    this.#plain.flags = flags;
    this.#plain.slot = first === null || fresh === 1 ? -1 : first.slot;
    return this.#served;
  }

  #request(wishes: Wishes, alignOrder: number, sizeOrder: number): "ran" | "left" {
    const { pool, rules } = this.state;
    if (alignOrder >= rules.listCount || sizeOrder >= rules.listCount) return "left";
    const node = rules.swapsOrders === 1
      ? takeNode(this.state, wishes, sizeOrder, alignOrder)
      : takeNode(this.state, wishes, alignOrder, sizeOrder);
    const { counts, handles } = this.#ledger;
    if (node >= 0) {
      handles.add(handles.knows === "frames" ? pfnOfNode(pool, node) : 0, LIVE, node);
      return "ran";
    }
    if (node !== NONE) return "left";
    return this.#ledger.failRequest(counts.operations + 1, sizeOrder) === "ran" ? "ran" : "left";
  }

  #release(handle: number): "ran" | "left" {
    const { counts, handles } = this.#ledger;
    const position = handles.positionOf(handle);
    if (position < 0 || handles.uses[position] !== LIVE) {
      const ran = this.#ledger.releaseNothing(counts.operations + 1, handle);
      return ran === "ran" ? "ran" : "left";
    }
    const node = handles.nodes[position] ?? 0;
    const done = handles.knows === "nodes"
      ? freeNode(this.state, node)
      : freeBlock(this.state, handles.pfns[position] ?? 0, node);
    if (done !== DONE) return "left";
    handles.drop(handle, position);
    return "ran";
  }

  /** A request with an alignment of its own, or a release by frame: both have two words. */
  #runRare(words: Uint32Array, at: number): "ran" | "left" {
    const operation = operations.operationAt(words, at);
    if (operation.kind === "free-at") return this.#releaseFrame(operation.pfn);
    if (operation.kind !== "alloc") return "left";
    const wishes = this.#wishesOf(operation.flags);
    return this.#request(wishes, operation.alignOrder, operation.sizeOrder);
  }

  #releaseFrame(pfn: number): "ran" | "left" {
    this.knowFrames();
    if (pfn > 0 && freeFrame(this.state, pfn) === DONE) return "ran";
    if (pfn === 0 || this.#ledger.policy === "stop") return "left";
    return this.#ledger.leaveOut() === "ran" ? "ran" : "left";
  }

  #wishesOf(flags: number): Wishes {
    const known = this.#wishes.get(flags);
    if (known !== undefined) return known;
    const wishes = wishesOf(this.state, this.#edition, editionFlags(this.#edition, flags));
    this.#wishes.set(flags, wishes);
    return wishes;
  }
}
