/**
 * Replaying with samples for a trace that Perfetto shows.
 *
 * @module
 */

import type { TraceHeader } from "../replay/mod.ts";
import { ReplayTrace } from "../report/mod.ts";
import type { EditionReplay, ReplayRuns, TraceTaker } from "./replay_run.ts";
import { whyEnded } from "./replay_text.ts";

/** A replay on one edition, looked at on the way. */
export class TracedRuns implements TraceTaker {
  readonly #runs: ReplayRuns;
  readonly #step: number | null;
  #traced: { readonly run: EditionReplay; readonly trace: ReplayTrace } | null = null;

  /**
   * Makes no replay yet.
   *
   * @param runs what makes it, for one edition
   * @param step after how many operations to stop; null for the end of the trace
   */
  constructor(runs: ReplayRuns, step: number | null) {
    this.#runs = runs;
    this.#step = step;
  }

  /** Makes the replay. */
  begin(header: TraceHeader): void {
    this.#runs.begin(header);
    const [run] = this.#runs.runs;
    if (run !== undefined) this.#traced = { run, trace: new ReplayTrace(run, run.replayer) };
  }

  /** How many operations were run. */
  get operations(): number {
    return this.#runs.operations;
  }

  /** Whether the replay goes no further. */
  get areDone(): boolean {
    return this.#runs.areDone;
  }

  /** Runs operations, from one sample to the next. */
  run(words: Uint32Array, length: number, placeOf: (index: number) => string): void {
    if (this.#traced === null) return;
    const { run, trace } = this.#traced;
    const { replayer } = run;
    const before = replayer.counts.operations;
    for (let at = 0; at < length && !this.areDone;) {
      const left = this.#step === null ? Infinity : this.#step - replayer.counts.operations;
      at = replayer.run(words, at, length, Math.min(trace.operationsToGo, left));
      trace.look();
    }
    const last = replayer.end?.operation ?? replayer.counts.operations;
    if (last > before) run.place = placeOf(last - before - 1);
  }

  /** The trace as text. */
  toText(): string {
    if (this.#traced === null) return "";
    const { run, trace } = this.#traced;
    return `${JSON.stringify(trace.toJson(whyEnded(run)))}\n`;
  }
}
