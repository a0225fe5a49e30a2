/**
 * Allocators side by side on one trace, watched while they run.
 *
 * @module
 */

import { hugePageOrder } from "../fragmentation/mod.ts";
import type { FreeCounts } from "../fragmentation/mod.ts";
import type { MoveCounts, TraceArea } from "../replay/mod.ts";
import { COARSE, FINE, Series } from "./series.ts";
import type { Point } from "./series.ts";
import type { LabCounts, LabEnd, LabSubject } from "./subject.ts";

/** Tells where an operation stands in the file, by its place among those that are run at once. */
export type PlaceOf = (index: number) => string;

/** A subject and what was seen of it. */
export interface LabRun extends LabCounts {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly kind: LabSubject["kind"];
  /** Why it ended before the trace did; null if it did not. */
  readonly end: (LabEnd & { readonly place: string | null }) | null;
  /** Where the first failed request stands in the file; null if there is none. */
  readonly firstFailedPlace: string | null;
  /** Free blocks by order over time; the last point is the end. */
  readonly points: readonly Point<FreeCounts>[];
  /** How often blocks were split and joined, by order; null where that cannot be told. */
  readonly moves: MoveCounts | null;
}

/** What the lab found. */
export interface LabResult {
  /** The name of the trace. */
  readonly trace: string;
  /** The name of the architecture. */
  readonly arch: string;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** What the allocators were given. */
  readonly areas: readonly TraceArea[];
  /** The order whose requests the indices are about: a huge page's. */
  readonly order: number;
  /** The subjects. */
  readonly runs: readonly LabRun[];
}

/** The machine of a trace, as reports name it. */
export type LabMachine = Pick<LabResult, "arch" | "pageShift" | "areas">;

/** A subject while it runs. */
interface Watched {
  readonly subject: LabSubject;
  readonly series: Series<FreeCounts>;
  endPlace: string | null;
  firstFailedPlace: string | null;
}

/** Runs a trace, part by part, on several subjects. */
export class Lab {
  readonly #machine: LabMachine;
  readonly #watched: readonly Watched[];

  /**
   * Takes a first look at each subject.
   *
   * @param machine the machine of the trace
   * @param subjects the subjects, which have run nothing yet
   */
  constructor(machine: LabMachine, subjects: readonly LabSubject[]) {
    this.#machine = machine;
    this.#watched = subjects.map((subject) => ({
      subject,
      series: new Series(subject.freeCounts(), subject.look === "dear" ? COARSE : FINE),
      endPlace: null,
      firstFailedPlace: null,
    }));
  }

  /** The number of operations that were run where most of them were. */
  get operations(): number {
    return Math.max(0, ...this.#watched.map(({ subject }) => subject.counts.operations));
  }

  /** Whether none of the subjects goes on. */
  get areDone(): boolean {
    return this.#watched.every(({ subject }) => subject.end !== null);
  }

  /**
   * Runs operations on all subjects that go on.
   *
   * @param words whole operations
   * @param length how many words
   * @param placeOf tells where an operation stands in the file
   */
  run(words: Uint32Array, length: number, placeOf: PlaceOf): void {
    for (const watched of this.#watched) this.#runOne(watched, words, length, placeOf);
  }

  /** Runs a subject from one wanted moment to the next. */
  #runOne(watched: Watched, words: Uint32Array, length: number, placeOf: PlaceOf): void {
    const { subject, series } = watched;
    const isOver = (): boolean => subject.end !== null;
    if (isOver()) return;
    const before = subject.counts.operations;
    const placeAt = (operation: number | null): string | null =>
      operation === null || operation <= before ? null : placeOf(operation - before - 1);
    let at = 0;
    while (at < length && !isOver()) {
      at = subject.run(words, at, length, series.next - subject.counts.operations);
      if (subject.counts.operations === series.next) series.add(subject.freeCounts());
    }
    watched.firstFailedPlace ??= placeAt(subject.counts.firstFailedRequest);
    watched.endPlace ??= placeAt(subject.end?.operation ?? null);
  }

  /**
   * What was found so far.
   *
   * @param trace the name of the trace
   * @returns the result
   */
  result(trace: string): LabResult {
    const runs = this.#watched.map(({ subject, series, endPlace, firstFailedPlace }): LabRun => {
      const { name, kind, counts, end } = subject;
      return {
        name,
        kind,
        ...counts,
        end: end === null ? null : { ...end, place: endPlace },
        firstFailedPlace,
        points: series.pointsTo(counts.operations, () => subject.freeCounts()),
        moves: subject.moves(),
      };
    });
    return { trace, ...this.#machine, order: hugePageOrder(this.#machine.pageShift), runs };
  }
}
