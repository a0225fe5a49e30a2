/**
 * Running the operations of a trace on an engine of the page allocator.
 *
 * @module
 */

// bits: words are unsigned, below 2^32, and their fields below 2^29.

import {
  adoptAreas,
  fastRulesOf,
  freeBlock,
  freeFrame,
  newFastState,
  residentBytesOf,
  takeNode,
  viewOf,
  wishesOf,
} from "../alloc_page_fast/mod.ts";
import type { FastRules, FastState, Wishes } from "../alloc_page_fast/mod.ts";
import * as constants from "../alloc_page_fast/constants.ts";
import { isMostlyUnused, pfnOfNode } from "../alloc_page_fast/pool.ts";
import { LiteralPageAllocator } from "../alloc_page/mod.ts";
import { cloneMachine } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { unreachable } from "../outcome.ts";
import type { AreaView } from "../page_allocator.ts";
import type { Pfn } from "../units.ts";
import * as uses from "./handles.ts";
import { Ledger } from "./ledger.ts";
import type { FailurePolicy, ReplayCounts, ReplayEnd } from "./ledger.ts";
import { editionFlags, machineOf, runLiterally, writeAreas } from "./literal_side.ts";
import type { ReplayMachine } from "./literal_side.ts";
import * as operations from "./operations.ts";
import { copyState, restoreState } from "./state_copy.ts";
import type { StateCopy } from "./state_copy.ts";

/** Imported constants are slow; these are compiled in. */
const { DONE, LEAVE, NONE } = constants;
const { LIVE } = uses;
const { FLAGS_SHIFT, KIND_BITS, KIND_MASK, OP_ALLOC, OP_FREE, ORDER_LIMIT } = operations;

/** How a replay is run. */
export interface ReplayOptions extends ReplayMachine {
  /**
   * The fast engine, which leaves what it cannot do to the literal one; or the literal one only. Fast by
   * default.
   */
  readonly engine?: "fast" | "literal";
  /** What happens at a request that fails, and at a release of what is not in use; stop by default. */
  readonly failures?: FailurePolicy;
}

/** A replay after some of its operations. */
export interface ReplayCopy {
  /** What was counted up to there. */
  readonly counts: Readonly<ReplayCounts>;
  /** Which handles were in use. */
  readonly uses: Uint8Array;
  /** The engine that ran. */
  readonly engine:
    | { readonly kind: "fast"; readonly state: StateCopy }
    | { readonly kind: "literal"; readonly machine: Machine };
}

/** After so many operations the fast engine was worth its start. */
const WORTHWHILE = 4096;
/** The most operations that the literal engine runs before the fast one is tried again. */
const LONGEST_WAIT = 65536;
/** The fast engine wipes list nodes out of memory; a replay has no memory while it runs. */
const NO_MEMORY = { wipe(): void {} };

/**
 * Runs operations one after the other.
 *
 * The fast engine runs while it can. What it cannot do (reservations; what ends in a failed assertion), the
 * literal engine does, on the same areas, written to memory; the fast one comes back when it finds all
 * areas sound, after a wait that grows.
 */
export class Replayer {
  readonly #options: ReplayOptions;
  readonly #rules: FastRules;
  readonly #ledger: Ledger;
  readonly #metadata: readonly Pfn[];
  /** The literal engine; behind the times while the fast one runs. */
  #machine: Machine;
  #fast: FastState | null = null;
  /** Requests' flags that were read, while the areas are what they are. */
  readonly #wishes = new Map<number, Wishes>();
  /** Operations to wait before the fast engine is started, and how many after the next stop. */
  #wait = 0;
  #nextWait = 1;
  #startedAt = 0;

  /**
   * Hands the areas over.
   *
   * @param options what the replay runs on, and how
   * @param keeps whether handles that are given back are forgotten, or all are kept for copies
   * @throws {RangeError} if the machine cannot be made
   */
  constructor(options: ReplayOptions, keeps: "bounded" | "kept" = "bounded") {
    this.#options = options;
    this.#machine = machineOf(options);
    const { arch, edition, pageShift, stopped } = this.#machine;
    this.#rules = fastRulesOf(arch, edition, pageShift);
    this.#ledger = new Ledger(options.failures ?? "stop", keeps);
    this.#metadata = this.#machine.pages.areas().map(({ metadata }) => metadata);
    if (stopped === null) this.#tryFast();
    else this.#ledger.end = { kind: "stopped", operation: 0, outcome: stopped };
  }

  /** What was counted. */
  get counts(): Readonly<ReplayCounts> {
    return this.#ledger.counts;
  }

  /** Why the replay ended; null while it goes on. */
  get end(): ReplayEnd | null {
    return this.#ledger.end;
  }

  /** Which engine runs the next operation. */
  get engine(): "fast" | "literal" {
    return this.#fast === null ? "literal" : "fast";
  }

  /** The base-2 logarithm of the page size. */
  get pageShift(): number {
    return this.#machine.pageShift;
  }

  /** The memory that the table of handles takes, in bytes. */
  get handleBytes(): number {
    return this.#ledger.handles.residentBytes;
  }

  /** The memory that handles and the fast engine take, in bytes. */
  get residentBytes(): number {
    return this.handleBytes + (this.#fast === null ? 0 : residentBytesOf(this.#fast.pool));
  }

  /** The areas, by ascending slot. */
  areas(): AreaView[] {
    const fast = this.#fast;
    if (fast === null) return this.#machine.pages.areas();
    return fast.areas.map((area, index) =>
      viewOf(fast, area, this.#metadata[index] ?? unreachable("an area has no metadata"))
    );
  }

  /**
   * Runs operations, as long as there are any and none ends the replay.
   *
   * @param words whole operations
   * @param from where the first of them begins
   * @param end the number of words
   * @param most how many operations to run at most
   * @returns the position behind the last operation that was run
   */
  run(words: Uint32Array, from: number, end: number, most = Infinity): number {
    const ledger = this.#ledger;
    const limit = ledger.counts.operations + most;
    const goesOn = (): boolean =>
      at < end && ledger.end === null && ledger.counts.operations < limit;
    let at = from;
    while (goesOn()) {
      if (this.#fast !== null) {
        const left = Math.min(limit - ledger.counts.operations, end - at);
        at = this.#runFast(this.#fast, words, at, end, left);
        if (!goesOn()) break;
        this.#leaveFast();
      }
      const ran = runLiterally(this.#machine, ledger, operations.operationAt(words, at));
      if (ran === "ended") break;
      at += operations.WORDS_OF_KIND[(words[at] ?? 0) & KIND_MASK] ?? 1;
      if (this.#wait-- <= 0) this.#tryFast();
    }
    if (this.#fast !== null && isMostlyUnused(this.#fast.pool)) this.#compact();
    return at;
  }

  /** Runs operations on the fast engine, up to one that it leaves alone or that ends the replay. */
  #runFast(
    fast: FastState,
    words: Uint32Array,
    from: number,
    end: number,
    most: number,
  ): number {
    const ledger = this.#ledger;
    const { counts, handles } = ledger;
    const { listCount } = this.#rules;
    const before = counts.operations + 1;
    let flags = 0;
    let wishes = this.#wishesOf(fast, 0);
    let done = 0;
    let requests = 0;
    let at = from;
    while (at < end && done < most) {
      const word = words[at] ?? 0;
      const kind = word & KIND_MASK;
      if (kind === OP_ALLOC) {
        if (word >>> FLAGS_SHIFT !== flags) {
          flags = word >>> FLAGS_SHIFT;
          wishes = this.#wishesOf(fast, flags);
        }
        const order = (word >>> KIND_BITS) & (ORDER_LIMIT - 1);
        const node = order < listCount ? takeNode(fast, wishes, order, order) : LEAVE;
        if (node >= 0) handles.add(pfnOfNode(fast.pool, node), LIVE, node);
        else if (node !== NONE || ledger.failRequest(before + done, order) === "ended") break;
        requests++;
        at++;
      } else if (kind === OP_FREE) {
        const handle = word >>> KIND_BITS;
        const position = handles.positionOf(handle);
        if (position >= 0 && handles.uses[position] === LIVE) {
          const pfn = handles.pfns[position] ?? 0;
          if (freeBlock(fast, pfn, handles.hints[position] ?? 0) !== DONE) break;
          handles.drop(handle, position);
        } else if (ledger.releaseNothing(before + done, handle) === "ended") break;
        at++;
      } else {
        const taken = this.#runRare(fast, words, at, before + done);
        if (taken === "left") break;
        requests += taken === "request" ? 1 : 0;
        at += 2;
      }
      done++;
    }
    counts.operations += done;
    counts.requests += requests;
    return at;
  }

  /** A request with an alignment of its own, or a release by frame: both have two words. */
  #runRare(
    fast: FastState,
    words: Uint32Array,
    at: number,
    number: number,
  ): "request" | "release" | "left" {
    const operation = operations.operationAt(words, at);
    if (operation.kind === "free-at") {
      return operation.pfn > 0 && freeFrame(fast, operation.pfn) === DONE ? "release" : "left";
    }
    if (operation.kind !== "alloc") return "left";
    const { alignOrder, sizeOrder } = operation;
    if (Math.max(alignOrder, sizeOrder) >= this.#rules.listCount) return "left";
    const wishes = this.#wishesOf(fast, operation.flags);
    const node = this.#rules.swapsOrders === 1
      ? takeNode(fast, wishes, sizeOrder, alignOrder)
      : takeNode(fast, wishes, alignOrder, sizeOrder);
    if (node >= 0) this.#ledger.handles.add(pfnOfNode(fast.pool, node), LIVE, node);
    else if (node !== NONE || this.#ledger.failRequest(number, sizeOrder) === "ended") {
      return "left";
    }
    return "request";
  }

  #wishesOf(fast: FastState, flags: number): Wishes {
    const known = this.#wishes.get(flags);
    if (known !== undefined) return known;
    const { edition } = this.#options;
    const wishes = wishesOf(fast, edition, editionFlags(edition, flags));
    this.#wishes.set(flags, wishes);
    return wishes;
  }

  #setFast(fast: FastState | null): void {
    this.#fast = fast;
    this.#wishes.clear();
  }

  #adopted(views: readonly AreaView[]): FastState | null {
    const empty = { rules: this.#rules, wiper: NO_MEMORY };
    return adoptAreas(empty, this.#options.edition, views);
  }

  /** Starts the fast engine if it may run and the areas are sound. */
  #tryFast(): void {
    const { pages } = this.#machine;
    if (this.#options.engine === "literal" || !(pages instanceof LiteralPageAllocator)) return;
    const views = pages.areas();
    this.#setFast(views.length === 0 ? null : this.#adopted(views));
    this.#startedAt = this.counts.operations;
    if (this.#fast === null) this.#waitLonger();
  }

  #waitLonger(): void {
    this.#wait = this.#nextWait;
    this.#nextWait = Math.min(this.#nextWait * 2, LONGEST_WAIT);
  }

  #leaveFast(): void {
    writeAreas(this.#machine, this.areas());
    this.#setFast(null);
    if (this.counts.operations - this.#startedAt >= WORTHWHILE) this.#nextWait = 1;
    this.#waitLonger();
  }

  /** Moves everything to new arrays, so that memory is given back. */
  #compact(): void {
    const smaller = this.#adopted(this.areas());
    this.#setFast(smaller ?? unreachable("the fast engine does not take its own areas for sound"));
  }

  /**
   * Copies a replay that goes on, and whose handles are kept.
   *
   * @internal
   */
  copy(): ReplayCopy {
    return {
      counts: { ...this.counts },
      uses: this.#ledger.handles.copyUses(),
      engine: this.#fast === null
        ? { kind: "literal", machine: cloneMachine(this.#machine) }
        : { kind: "fast", state: copyState(this.#fast) },
    };
  }

  /**
   * Goes back to a copy, or forward to it.
   *
   * @param copy the copy
   * @param from the replay that was copied, with the same options; the frames of its handles are shared
   * @internal
   */
  restore(copy: ReplayCopy, from: Replayer): void {
    Object.assign(this.#ledger.counts, copy.counts);
    this.#ledger.end = null;
    this.#ledger.handles.restore(from.#ledger.handles, copy.uses);
    this.#wait = 0;
    this.#nextWait = 1;
    if (copy.engine.kind === "literal") {
      this.#machine = cloneMachine(copy.engine.machine);
      this.#setFast(null);
      return;
    }
    // The literal engine may have been stopped, or its areas damaged.
    if (this.#fast === null) this.#machine = machineOf(this.#options);
    const fast = this.#fast ?? newFastState(this.#rules, NO_MEMORY);
    restoreState(fast, copy.engine.state);
    this.#setFast(fast);
  }
}
