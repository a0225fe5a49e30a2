/**
 * Designs on a trace, side by side.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { operationAt, TraceBuilder } from "../replay/mod.ts";
import { bootTrace, churnTrace, seedsTrace } from "./built_in.ts";
import type { MetadataDesign } from "./design.ts";
import { DESIGNS } from "./designs.ts";
import { DesignRun, runTrace } from "./design_run.ts";
import { figuresOf } from "./figures.ts";
import type { DesignFigures } from "./figures.ts";
import { HAZARD_OPERATIONS, hazardsOf } from "./hazards.ts";
import type { HazardOutcome } from "./hazards.ts";
import { framesOf } from "./ranges.ts";
import { rangesOfTrace, wordsAt } from "./trace.ts";
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
  /** The numbers, in the order of the designs. */
  readonly designs: readonly DesignFigures[];
  /** What becomes of each design under each policy of a host, on the first operations or an excerpt. */
  readonly hazards: readonly HazardOutcome[];
}

function comparisonOf(
  name: string,
  summary: string,
  { ranges, ...machine }: TraceMachine,
  runs: readonly DesignRun[],
  hazards: readonly HazardOutcome[],
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
    hazards,
  };
}

/**
 * Runs designs on a trace.
 *
 * @param trace the trace
 * @param designs the designs; {@linkcode DESIGNS} by default
 * @returns the numbers
 * @throws {RangeError} if there are too many frames
 */
export function compareOn(
  trace: DesignTrace,
  designs: readonly MetadataDesign[] = DESIGNS,
): Comparison {
  const { name, summary, arch, wordBytes, pageShift } = trace;
  const machine = { arch, wordBytes, pageShift, ranges: rangesOfTrace(trace) };
  const runs = designs.map((design) => runTrace(trace, design));
  return comparisonOf(name, summary, machine, runs, hazardsOf(trace, designs));
}

/** Runs designs on a trace that comes in parts. */
export class StreamedComparison {
  readonly #machine: TraceMachine;
  readonly #runs: readonly DesignRun[];
  /** The first operations, which are run again under a host. */
  readonly #first = new TraceBuilder();
  /** The words that were run so far. */
  words = 0;

  /**
   * Hands the frames over.
   *
   * @param machine the machine
   * @param designs the designs; {@linkcode DESIGNS} by default
   * @throws {RangeError} if there are too many frames
   */
  constructor(machine: TraceMachine, designs: readonly MetadataDesign[] = DESIGNS) {
    this.#machine = machine;
    this.#runs = designs.map((design) =>
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
    for (let at = 0; at < length && this.#first.operations < HAZARD_OPERATIONS;) {
      this.#first.add(operationAt(words, at));
      at += wordsAt(words, at);
    }
  }

  /**
   * The numbers so far.
   *
   * @param name the name of the trace
   * @param summary what it is
   * @returns the numbers
   */
  result(name: string, summary: string): Comparison {
    const { ranges, ...machine } = this.#machine;
    const { words } = this.#first.build({
      arch: machine.arch,
      edition: null,
      pageShift: machine.pageShift,
      areas: [],
    });
    const trace = { name, summary, ...machine, parts: [{ ranges, words }] };
    const hazards = hazardsOf(trace, this.#runs.map(({ design }) => design));
    return comparisonOf(name, summary, this.#machine, this.#runs, hazards);
  }
}

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
    () => churnTrace(),
    ...(first === undefined ? [] : [() => seedsTrace(first)]),
  ];
}
