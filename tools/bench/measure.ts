/**
 * Measuring: times of warm runs, and the table that they make.
 *
 * @module
 */

/** A piece of work, made ready before the clock starts. */
export type Prepared = () => void;

/**
 * Makes a run ready: in one piece, or in parts that do the same in each run. The times of the parts are picked
 * part by part and added up, so that a long run need not find the machine idle all the time.
 */
export type Prepare = () => Prepared | readonly Prepared[];

/** What is measured. */
export interface Measurement {
  /** What it is, in words. */
  readonly what: string;
  /** How many operations one run is. */
  readonly operations: number;
  /** Makes a run ready. */
  readonly prepare: Prepare;
  /** The same on the literal engine, of perhaps fewer operations. */
  readonly literal?: { readonly operations: number; readonly prepare: Prepare };
  /** The least that one could do with the same input. */
  readonly floor?: Prepared;
  /** The memory that the state takes after a run, in bytes. */
  readonly memory?: () => number;
}

/** A run is repeated for this time, in milliseconds. */
const TIME = 1000;
const LEAST_RUNS = 5;
const MOST_RUNS = 1000;

/** Which of the times counts: the one in the middle; or the least, where other work runs beside. */
export type Pick = "median" | "least";

/**
 * The time of a run that is repeated.
 *
 * @param prepare makes a run ready
 * @param time for how long, in milliseconds
 * @param pick which of the times counts
 * @returns the time, in nanoseconds
 */
export function timeOf(prepare: Prepare, time: number, pick: Pick): number {
  for (const part of [prepare()].flat()) part(); // The first run is not warm.
  const times: number[][] = [];
  let spent = 0;
  for (let runs = 0; (spent < time || runs < LEAST_RUNS) && runs < MOST_RUNS; runs++) {
    for (const [index, part] of [prepare()].flat().entries()) {
      const start = performance.now();
      part();
      const took = performance.now() - start;
      (times[index] ??= []).push(took * 1e6);
      spent += took;
    }
  }
  return times.reduce((sum, ofPart) => sum + picked(ofPart, pick), 0);
}

/**
 * The time that counts.
 *
 * @param times of some runs
 * @param pick which of them counts
 * @returns one of them
 */
export function picked(times: readonly number[], pick: Pick): number {
  const position = pick === "least" ? 0 : Math.floor(times.length / 2);
  return times.toSorted((one, other) => one - other)[position] ?? NaN;
}

/** Nanoseconds, with three digits that count. */
function timeText(ns: number): string {
  const [value, unit] = ns < 1e3
    ? [ns, "ns"]
    : ns < 1e6
    ? [ns / 1e3, "µs"]
    : ns < 1e9
    ? [ns / 1e6, "ms"]
    : [ns / 1e9, "s"];
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A ratio, with two digits that count. */
function ratioText(ratio: number): string {
  return ratio < 1e-3 ? ratio.toExponential(1) : Number(ratio.toPrecision(2)).toString();
}

/** The head of the table. */
export const TABLE_HEAD: readonly string[] = [
  "| What | Per operation | Against the floor | Against the literal engine | Memory |",
  "| --- | --- | --- | --- | --- |",
];

/**
 * Measures.
 *
 * @param measurement what
 * @param pick which of the times counts
 * @returns a row of the table
 */
export function measuredRow(measurement: Measurement, pick: Pick): string {
  const { what, operations, prepare, literal, floor, memory } = measurement;
  const each = timeOf(prepare, TIME, pick) / operations;
  const held = memory?.();
  const floorEach = floor === undefined ? null : timeOf(() => floor, TIME / 4, pick) / operations;
  const literalEach = literal === undefined
    ? null
    : timeOf(literal.prepare, TIME / 2, pick) / literal.operations;
  const cells = [
    what,
    timeText(each),
    floorEach === null ? "" : `${ratioText(each / floorEach)} × ${timeText(floorEach)}`,
    literalEach === null ? "" : `${ratioText(each / literalEach)} × ${timeText(literalEach)}`,
    held === undefined ? "" : bytesText(held),
  ];
  return `| ${cells.join(" | ")} |`;
}
