/**
 * Running the operations of a trace on an engine of the page allocator.
 *
 * @module
 */

// bits: kinds of operations are below 8.

import {
  adoptAreas,
  fastRulesOf,
  listedBlocks,
  moveCountsOf,
  newFastState,
  newMoves,
  residentBytesOf,
  viewOf,
} from "../alloc_page_fast/mod.ts";
import type { FastRules, FastState, MoveCounts } from "../alloc_page_fast/mod.ts";
import { isMostlyUnused } from "../alloc_page_fast/pool.ts";
import { LiteralPageAllocator } from "../alloc_page/mod.ts";
import { ListPageAllocator } from "../alloc_page_list.ts";
import { type FreeCounts, freeCountsOf } from "../fragmentation/mod.ts";
import { cloneMachine } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { unreachable } from "../outcome.ts";
import type { AreaView } from "../page_allocator.ts";
import type { Pfn } from "../units.ts";
import { FastSide } from "./fast_side.ts";
import { Ledger } from "./ledger.ts";
import type { ReplayCounts, ReplayEnd } from "./ledger.ts";
import { machineOf, runLiterally, writeAreas } from "./literal_side.ts";
import { listenerFor } from "./moves.ts";
import { KIND_MASK, operationAt, WORDS_OF_KIND } from "./operations.ts";
import type { ReplayCopy, ReplayOptions } from "./replay_options.ts";
import { copyState, restoreState } from "./state_copy.ts";

/** After so many operations the fast engine was worth its start. */
const WORTHWHILE = 4096;
/** The most operations that the literal engine runs before the fast one is tried again. */
const LONGEST_WAIT = 65536;

/**
 * Runs operations one after the other.
 *
 * The fast engine runs while it can. What it cannot do (reservations; what ends in a failed assertion), the
 * literal engine does, on the same areas, written to memory; the fast one comes back when it finds all
 * areas sound, after a wait that grows.
 */
export class Replayer {
  readonly #options: ReplayOptions;
  readonly #keeps: "bounded" | "kept";
  readonly #rules: FastRules;
  readonly #ledger: Ledger;
  readonly #metadata: readonly Pfn[];
  /** The splits and joins of both engines. */
  readonly #moves = newMoves();
  /** The literal engine; behind the times while the fast one runs. */
  #machine: Machine;
  #fast: FastSide | null = null;
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
    this.#keeps = keeps;
    this.#machine = machineOf(options);
    this.#machine.pages.listen("all", listenerFor(this.#moves));
    const { arch, edition, pageShift, stopped } = this.#machine;
    this.#rules = fastRulesOf(arch, edition, pageShift);
    this.#ledger = new Ledger(options.failures ?? "stop", keeps);
    this.#metadata = this.#machine.pages.areas().map(({ metadata }) => metadata);
    this.#indexList();
    if (stopped === null) this.#tryFast();
    else this.#ledger.end = { kind: "stopped", operation: 0, outcome: stopped };
    if (this.#fast === null) this.#ledger.handles.knowFrames(() => 0);
  }

  /** What was counted. */
  get counts(): Readonly<ReplayCounts> {
    return this.#ledger.counts;
  }

  /** Why the replay ended; null while it goes on. */
  get end(): ReplayEnd | null {
    return this.#ledger.end;
  }

  /** The operation whose request was the first to find no block; null if all found one. */
  get firstFailedRequest(): number | null {
    return this.#ledger.firstFailedRequest;
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
    return this.handleBytes + (this.#fast === null ? 0 : residentBytesOf(this.#fast.state.pool));
  }

  /** The areas, by ascending slot. */
  areas(): AreaView[] {
    const fast = this.#fast;
    if (fast === null) return this.#machine.pages.areas();
    const { state } = fast;
    return state.areas.map((area, index) =>
      viewOf(state, area, this.#metadata[index] ?? unreachable("an area has no metadata"))
    );
  }

  /** Free blocks by order, of all areas. */
  freeCounts(): FreeCounts {
    return this.#fast === null ? freeCountsOf(this.areas()) : listedBlocks(this.#fast.state);
  }

  /** How often blocks were split and joined since the areas were handed over, going back or not. */
  moves(): MoveCounts {
    return moveCountsOf(this.#moves);
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
        at = this.#fast.run(words, at, end, left);
        if (!goesOn()) break;
        this.#leave(this.#fast);
      }
      const ran = runLiterally(this.#machine, ledger, operationAt(words, at));
      if (ran === "ended") break;
      at += WORDS_OF_KIND[(words[at] ?? 0) & KIND_MASK] ?? 1;
      if (this.#wait-- <= 0) this.#tryFast();
    }
    // Copies know blocks by nodes, which a move to new arrays would change.
    const mayMove = this.#keeps === "bounded";
    if (mayMove && this.#fast !== null && isMostlyUnused(this.#fast.state.pool)) {
      this.#compact(this.#fast);
    }
    return at;
  }

  #setFast(fast: FastState | null): void {
    this.#fast = fast === null ? null : new FastSide(fast, this.#options.edition, this.#ledger);
  }

  #adopted(views: readonly AreaView[]): FastState | null {
    const empty = { rules: this.#rules, wiper: null, moves: this.#moves };
    return adoptAreas(empty, this.#options.edition, views);
  }

  /** The one list of the allocator before the rewrite has no fast engine, but it need not be walked. */
  #indexList(): void {
    const { pages } = this.#machine;
    if (this.#options.engine !== "literal" && pages instanceof ListPageAllocator) pages.indexRuns();
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

  #leave(fast: FastSide): void {
    fast.knowFrames();
    writeAreas(this.#machine, this.areas());
    this.#setFast(null);
    if (this.counts.operations - this.#startedAt >= WORTHWHILE) this.#nextWait = 1;
    this.#waitLonger();
  }

  /** Moves everything to new arrays, so that memory is given back. */
  #compact(fast: FastSide): void {
    fast.knowFrames();
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
      knows: this.#ledger.handles.knows,
      engine: this.#fast === null
        ? { kind: "literal", machine: cloneMachine(this.#machine) }
        : { kind: "fast", state: copyState(this.#fast.state) },
    };
  }

  /**
   * Goes back to a copy, or forward to it.
   *
   * @param copy the copy
   * @param from the replay that was copied, with the same options; the blocks of its handles are shared
   * @internal
   */
  restore(copy: ReplayCopy, from: Replayer): void {
    Object.assign(this.#ledger.counts, copy.counts);
    this.#ledger.end = null;
    this.#ledger.handles.restore(from.#ledger.handles, copy.uses, copy.knows);
    this.#wait = 0;
    this.#nextWait = 1;
    if (copy.engine.kind === "literal") {
      this.#machine = cloneMachine(copy.engine.machine);
      this.#setFast(null);
      return;
    }
    // The literal engine may have been stopped, or its areas damaged.
    if (this.#fast === null) this.#machine = machineOf(this.#options);
    const fast = this.#fast?.state ?? newFastState(this.#rules, null, this.#moves);
    restoreState(fast, copy.engine.state);
    this.#setFast(fast);
  }
}
