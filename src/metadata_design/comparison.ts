/**
 * All designs on a trace.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { bootTrace, churnTrace, seedsTrace } from "./built_in.ts";
import { DESIGNS } from "./designs.ts";
import { DesignRun, runTrace } from "./design_run.ts";
import { figuresOf } from "./figures.ts";
import type { DesignFigures } from "./figures.ts";
import { framesOf } from "./ranges.ts";
import { rangesOfTrace } from "./trace.ts";
import type { DesignMachine, DesignTrace, TraceMachine } from "./trace.ts";

/** The designs on a trace, side by side. */
export interface Comparison extends DesignMachine {
  /** The name of the trace. */
  readonly name: string;
  /** What it is. */
  readonly summary: string;
  /** The frames that were handed over. */
  readonly frames: number;
  /** The requests of the trace. */
  readonly requests: number;
  /** Blocks and reserved frames that the first design got back. */
  readonly releases: number;
  /** Releases, reservations and their ends that the first design refused. */
  readonly refused: number;
  /** The numbers, in the order of {@linkcode DESIGNS}. */
  readonly designs: readonly DesignFigures[];
}

function comparisonOf(
  name: string,
  summary: string,
  { ranges, ...machine }: TraceMachine,
  runs: readonly DesignRun[],
): Comparison {
  const [first] = runs;
  return {
    name,
    summary,
    ...machine,
    frames: framesOf(ranges),
    requests: first?.counts.requests ?? 0,
    releases: first?.counts.releases ?? 0,
    refused: first?.counts.refused ?? 0,
    designs: runs.map((run) => figuresOf(run, ranges)),
  };
}

/**
 * Runs all designs on a trace.
 *
 * @param trace the trace
 * @returns the numbers
 * @throws {RangeError} if there are too many frames
 */
export function compareOn(trace: DesignTrace): Comparison {
  const { name, summary, arch, wordBytes, pageShift } = trace;
  const machine = { arch, wordBytes, pageShift, ranges: rangesOfTrace(trace) };
  return comparisonOf(name, summary, machine, DESIGNS.map((design) => runTrace(trace, design)));
}

/** Runs all designs on a trace that comes in parts. */
export class StreamedComparison {
  readonly #machine: TraceMachine;
  readonly #runs: readonly DesignRun[];
  /** The words that were run so far. */
  words = 0;

  /**
   * Hands the frames over.
   *
   * @param machine the machine
   * @throws {RangeError} if there are too many frames
   */
  constructor(machine: TraceMachine) {
    this.#machine = machine;
    this.#runs = DESIGNS.map((design) =>
      new DesignRun({ design, purpose: "counting", ...machine })
    );
    for (const run of this.#runs) run.handOver(machine.ranges.length);
  }

  /**
   * Runs operations on all designs.
   *
   * @param words whole operations
   * @param length how many words
   */
  run(words: Uint32Array, length: number): void {
    for (const run of this.#runs) run.run(words, length);
    this.words += length;
  }

  /**
   * The numbers so far.
   *
   * @param name the name of the trace
   * @param summary what it is
   * @returns the numbers
   */
  result(name: string, summary: string): Comparison {
    return comparisonOf(name, summary, this.#machine, this.#runs);
  }
}

const CHURN_OPERATIONS = 100_000;

/**
 * The traces that are compared if nobody names others: the boot of each architecture with the memory of
 * the recorded guest, random churn, and the seeds of the differential tests.
 *
 * @param archs the architectures; the seeds run on the first
 * @returns makes each of them
 */
export function builtInTraces(archs: readonly Arch[]): (() => DesignTrace)[] {
  const [first] = archs;
  return [
    ...archs.map((arch) => () => bootTrace({ arch })),
    () => churnTrace(CHURN_OPERATIONS),
    ...(first === undefined ? [] : [() => seedsTrace(first)]),
  ];
}
