/**
 * A trace on a design: handles, failures, and what was counted.
 *
 * @module
 */

// bits: flags are below 2^32.

import { FLAG_AREAS, operationAt } from "../replay/mod.ts";
import type { TraceOperation } from "../replay/mod.ts";
import { HANDLE_LIMIT } from "../replay/operations.ts";
import { Account } from "./account.ts";
import { Buddy, REFUSED } from "./buddy.ts";
import { SparseCells } from "./cells.ts";
import type { MetadataDesign } from "./design.ts";
import type { TakePolicy } from "./free_set.ts";
import { realLayout, sparseLayout } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { LiveBlocks } from "./live_blocks.ts";
import { placeRanges } from "./ranges.ts";
import { rangesOfTrace, wordsAt } from "./trace.ts";
import type { DesignMachine, DesignTrace } from "./trace.ts";
import type { ManagedRange } from "./ranges.ts";

/** How a design is run. */
export interface DesignRunOptions extends DesignMachine {
  /** The design. */
  readonly design: MetadataDesign;
  /** All ranges that will be handed over. */
  readonly ranges: readonly ManagedRange[];
  /**
   * Whether bytes are counted, on arrays as small as can be, or time can be measured, on memory as the
   * design lays it out.
   */
  readonly purpose: "counting" | "timing";
  /** Which block is taken; by default the front one where there are lists. */
  readonly policy?: TakePolicy;
}

/** What became of the operations of a trace. */
export interface RunCounts {
  /** Requests, failed ones included. */
  requests: number;
  /** Requests that found no block. */
  failedRequests: number;
  /** Blocks that came back. */
  releases: number;
  /** Releases, reservations and their ends that were refused. */
  refused: number;
}

/** A design that runs operations. */
export class DesignRun {
  /** The design. */
  readonly design: MetadataDesign;
  /** The machine. */
  readonly machine: DesignMachine;
  /** The allocator. */
  readonly buddy: Buddy;
  /** What became of the operations. */
  readonly counts: RunCounts = { requests: 0, failedRequests: 0, releases: 0, refused: 0 };
  /** The blocks in use; a request has the number of those before it as its handle. */
  readonly #live = new LiveBlocks();
  /** A bit for each request that failed and was not given back. */
  readonly #failed = new SparseCells((length) => new Uint8Array(length));
  readonly #options: DesignRunOptions;
  readonly #memory: Layout;
  #handedOver = 0;

  /**
   * Makes a run that was handed nothing yet.
   *
   * @param options the design and the machine
   * @param memory the memory of an earlier run that is over, with the same options; new memory by default
   * @throws {RangeError} if there are too many frames
   */
  constructor(options: DesignRunOptions, memory: Layout | null = null) {
    const { design, ranges, purpose, policy, arch, wordBytes, pageShift } = options;
    const { placed, length } = placeRanges(ranges);
    this.design = design;
    this.machine = { arch, wordBytes, pageShift };
    this.#options = options;
    this.#memory = memory ??
      (purpose === "counting"
        ? sparseLayout(design, length)
        : realLayout(design, length, pageShift));
    this.buddy = new Buddy({
      ranges: placed,
      layout: this.#memory,
      account: purpose === "counting" ? new Account({ design, wordBytes, pageShift }) : null,
      wordBytes,
      policy: policy ?? "front",
    });
  }

  /**
   * Makes a new run on the memory of this one, which is over: the system has put pages behind what is used
   * of it, which would cost time.
   *
   * @returns a run that was handed nothing yet
   */
  again(): DesignRun {
    this.#memory.wipeStates();
    return new DesignRun(this.#options, this.#memory);
  }

  /**
   * Hands over the next ranges.
   *
   * @param count how many
   */
  handOver(count: number): void {
    for (let left = count; left > 0; left--) this.buddy.handOver(this.#handedOver++);
  }

  /**
   * Runs operations.
   *
   * @param words whole operations
   * @param length how many words
   * @param seen told of what each request gave; for tests
   */
  run(words: Uint32Array, length: number, seen: (frame: number) => void = () => {}): void {
    for (let at = 0; at < length;) {
      const operation = operationAt(words, at);
      at += wordsAt(words, at);
      if (operation.kind === "alloc") seen(this.#request(operation));
      else this.#other(operation);
    }
  }

  #request({ alignOrder, sizeOrder, flags }: TraceOperation & { readonly kind: "alloc" }): number {
    const { account } = this.buddy;
    account?.begin();
    const frame = this.buddy.take(alignOrder, sizeOrder, flags & FLAG_AREAS);
    if (account !== null) account.end(account.allocations);
    const handle = this.counts.requests++;
    if (handle >= HANDLE_LIMIT) {
      throw new RangeError("Cannot run the trace: it must have fewer than 2^29 requests");
    }
    if (frame !== REFUSED) this.#live.add(handle, frame);
    else {
      this.counts.failedRequests++;
      // A trace may hold millions of requests that fail: a bit remembers each.
      this.#markFailed(handle, "failed");
    }
    return frame;
  }

  /** Tells whether a request failed, and notes whether its handle is still to be given back. */
  #markFailed(handle: number, as: "failed" | "given back"): boolean {
    const at = Math.floor(handle / 8);
    const bit = 2 ** (handle % 8);
    const known = this.#failed.get(at);
    const isFailed = Math.floor(known / bit) % 2 === 1;
    if (as === "failed" && !isFailed) this.#failed.set(at, known + bit);
    if (as === "given back" && isFailed) this.#failed.set(at, known - bit);
    return isFailed;
  }

  #other(operation: TraceOperation): void {
    switch (operation.kind) {
      case "free":
        this.#release(operation.handle);
        break;
      case "free-at":
        this.#giveBack(() => this.buddy.give(operation.pfn));
        break;
      case "reserve":
        this.#reserve(operation.pfn, operation.count);
        break;
      case "unreserve":
        this.#unreserve(operation.pfn, operation.count);
        break;
      case "alloc":
        break;
    }
  }

  #release(handle: number): void {
    const frame = this.#live.take(handle);
    if (frame >= 0) this.#giveBack(() => this.buddy.give(frame));
    else if (!this.#markFailed(handle, "given back")) this.counts.refused++;
  }

  /** Gives frames back, up to the first that is not reserved. */
  #unreserve(first: number, count: number): void {
    for (let frame = first; frame < first + count; frame++) {
      if (this.#giveBack(() => this.buddy.unreserve(frame)) === REFUSED) return;
    }
  }

  #giveBack(action: () => number): number {
    const { account } = this.buddy;
    account?.begin();
    const given = action();
    if (given === REFUSED) this.counts.refused++;
    else {
      if (account !== null) account.end(account.releases);
      this.counts.releases++;
    }
    return given;
  }

  /** Takes frames out of use, all or none; each counts as an allocation. */
  #reserve(first: number, count: number): void {
    const { account } = this.buddy;
    for (let taken = 0; taken < count; taken++) {
      account?.begin();
      if (this.buddy.reserve(first + taken) === REFUSED) {
        for (let index = 0; index < taken; index++) this.buddy.unreserve(first + index);
        this.counts.refused++;
        return;
      }
      if (account !== null) account.end(account.allocations);
    }
  }
}

/**
 * Runs a whole trace on a design.
 *
 * @param trace the trace
 * @param design the design
 * @param purpose whether bytes are counted, or time is measured
 * @returns the run
 * @throws {RangeError} if there are too many frames
 */
export function runTrace(
  trace: DesignTrace,
  design: MetadataDesign,
  purpose: DesignRunOptions["purpose"] = "counting",
): DesignRun {
  const ranges = rangesOfTrace(trace);
  const { arch, wordBytes, pageShift } = trace;
  const run = new DesignRun({ design, ranges, purpose, arch, wordBytes, pageShift });
  for (const part of trace.parts) {
    run.handOver(part.ranges.length);
    run.run(part.words, part.words.length);
  }
  return run;
}
