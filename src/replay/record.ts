/**
 * Recording a replay, so that the state after each of its operations can be had again at once.
 *
 * @module
 */

// bits: kinds of operations are below 8.

import type { AreaView } from "../page_allocator.ts";
import type { ReplayCounts, ReplayEnd } from "./ledger.ts";
import { KIND_MASK, operationAt, WORDS_OF_KIND } from "./operations.ts";
import type { Trace, TraceOperation } from "./operations.ts";
import { Replayer } from "./replayer.ts";
import type { ReplayCopy, ReplayOptions } from "./replay_options.ts";
import { bytesOfCopy } from "./state_copy.ts";

/** How a recording is made. */
export interface RecordOptions extends ReplayOptions {
  /** The most bytes that copies of the state may take; 64 MiB by default. The first one stays. */
  readonly mostCopyBytes?: number;
}

/** A state that is kept. */
interface Checkpoint {
  /** The operations before it. */
  readonly step: number;
  /** The position of the next operation. */
  readonly at: number;
  readonly copy: ReplayCopy;
  readonly bytes: number;
}

const MOST_COPY_BYTES = 64 * 2 ** 20;
/** Copies are so many operations apart, until they take too much. */
const LEAST_DISTANCE = 65536;
/** What the copy of a machine is taken to cost, which nobody can measure. */
const MACHINE_BYTES = 4 * 2 ** 20;

/** Makes copies on the way, and thins them when they take too much. */
class Checkpoints {
  readonly list: Checkpoint[] = [];
  readonly #mostBytes: number;
  #bytes = 0;
  #distance = LEAST_DISTANCE;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a state; gives the number of operations up to the next one. */
  add(replayer: Replayer, at: number): number {
    const copy = replayer.copy();
    const { engine, uses } = copy;
    const engineBytes = engine.kind === "fast" ? bytesOfCopy(engine.state) : MACHINE_BYTES;
    const bytes = engineBytes + uses.length;
    this.list.push({ step: copy.counts.operations, at, copy, bytes });
    this.#bytes += bytes;
    if (this.#bytes > this.#mostBytes && this.list.length > 2) this.#thin();
    return this.#distance;
  }

  /** Drops every second one; from now on they are twice as far apart. */
  #thin(): void {
    const kept = this.list.filter((_, index) => index % 2 === 0);
    this.list.splice(0, this.list.length, ...kept);
    this.#bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#distance *= 2;
  }

  /** The last one that is not behind a step. */
  before(step: number): Checkpoint | undefined {
    return this.list.findLast((one) => one.step <= step);
  }
}

/** A replay that was recorded. */
export class Recording {
  /** The trace. */
  readonly trace: Trace;
  /** How many operations were run. */
  readonly steps: number;
  /** Why the replay ended before its trace; null if it did not. */
  readonly end: ReplayEnd | null;
  /** What was counted. */
  readonly counts: Readonly<ReplayCounts>;
  readonly #checkpoints: Checkpoints;
  readonly #recorded: Replayer;
  readonly #cursor: Replayer;
  /** The position of the cursor's next operation; the cursor is nowhere at first. */
  #at = Infinity;

  /**
   * Runs a trace.
   *
   * @param trace the trace
   * @param options on which machine, and how
   * @throws {RangeError} if the machine cannot be made
   */
  constructor(trace: Trace, options: RecordOptions) {
    const { words } = trace;
    const replayer = new Replayer(options, "kept");
    const checkpoints = new Checkpoints(options.mostCopyBytes ?? MOST_COPY_BYTES);
    let distance = checkpoints.add(replayer, 0);
    let at = 0;
    while (true) {
      at = replayer.run(words, at, words.length, distance);
      if (at >= words.length || replayer.end !== null) break;
      distance = checkpoints.add(replayer, at);
    }
    this.trace = trace;
    this.counts = replayer.counts;
    this.steps = replayer.counts.operations;
    this.end = replayer.end;
    this.#checkpoints = checkpoints;
    this.#recorded = replayer;
    this.#cursor = new Replayer(options, "kept");
  }

  /** The memory that going back takes, in bytes: operations, frames of the handles, copies. */
  get residentBytes(): number {
    const { words } = this.trace;
    return words.byteLength + this.#recorded.handleBytes + this.#checkpoints.bytes;
  }

  /**
   * The areas after a number of operations.
   *
   * @param step 0 for the state before the first operation, up to {@linkcode Recording.steps}
   * @returns the areas, by ascending slot
   * @throws {RangeError} if there is no such step
   */
  stateAt(step: number): AreaView[] {
    return this.seek(step).areas();
  }

  /**
   * Goes to the state after a number of operations.
   *
   * @param step 0 for the state before the first operation, up to {@linkcode Recording.steps}
   * @returns the replay at that state, until the next seek; nothing is to be run on it
   * @throws {RangeError} if there is no such step
   */
  seek(step: number): Replayer {
    if (!Number.isInteger(step) || step < 0 || step > this.steps) {
      throw new RangeError(`Cannot go to step ${step}: it must be 0 to ${this.steps}`);
    }
    const cursor = this.#cursor;
    const start = this.#checkpoints.before(step);
    const reached = this.#at === Infinity ? -1 : cursor.counts.operations;
    if (start !== undefined && (reached > step || reached < start.step)) {
      cursor.restore(start.copy, this.#recorded);
      this.#at = start.at;
    }
    const { words } = this.trace;
    this.#at = cursor.run(words, this.#at, words.length, step - cursor.counts.operations);
    return cursor;
  }

  /**
   * The operation that leads to a step.
   *
   * @param step 1 to the number of operations
   * @returns the operation; null before the first
   */
  operationOf(step: number): TraceOperation | null {
    if (step <= 0 || step > this.trace.operations) return null;
    const { words } = this.trace;
    const start = this.#checkpoints.before(step - 1);
    let at = start?.at ?? 0;
    for (let number = start?.step ?? 0; number < step - 1; number++) {
      at += WORDS_OF_KIND[(words[at] ?? 0) & KIND_MASK] ?? 1;
    }
    return operationAt(words, at);
  }
}

/**
 * Runs a trace and records it.
 *
 * @param trace the trace
 * @param options on which machine, and how
 * @returns the recording
 * @throws {RangeError} if the machine cannot be made
 */
export function recordTrace(trace: Trace, options: RecordOptions): Recording {
  return new Recording(trace, options);
}
