/**
 * Measuring what runs traces.
 *
 * @module
 */

// bits: words of 32 bits are mixed.

import { X86_64 } from "../../arch/mod.ts";
import { DEFAULT_EDITION, type Edition } from "../../mod.ts";
import {
  makeWorkload,
  Replayer,
  type ReplayOptions,
  type Trace,
  WORKLOADS,
} from "../../src/replay/mod.ts";
import type { Measurement, Prepare, Prepared } from "./measure.ts";

/** Most runs have so many operations. */
export const MILLION = 1_000_000;
/** The literal engine gets so many operations. */
const FEW = 4_000;

/** Keeps what was computed, so that nothing is left out as useless. */
let kept = 0;

/** A load of so many operations. */
export function traceOf(name: string, operations: number): Trace {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  return makeWorkload(workload, operations);
}

/** On what a load is replayed. */
export function optionsOf(
  { header: { areas, pageShift } }: Trace,
  edition: Edition,
): ReplayOptions {
  return { arch: X86_64, edition, areas, pageShift, failures: "count" };
}

/**
 * The floor reads so many words at once. A function that is called often is compiled for good; one long
 * loop would be compiled while it runs, and be four times as fast or as slow by chance.
 */
export const READ_AT_ONCE = 4096;

function mixWords(words: Uint32Array, from: number, end: number): number {
  let mixed = 0;
  for (let index = from; index < end; index++) mixed ^= words[index] ?? 0;
  return mixed;
}

/** The floor of whatever reads a trace in memory: all of its words are read. */
export function readWords(words: Uint32Array): void {
  for (let at = 0; at < words.length; at += READ_AT_ONCE) {
    kept ^= mixWords(words, at, Math.min(words.length, at + READ_AT_ONCE));
  }
}

/** Operations are timed so many at once: all that are replayed here have one word. */
const REPLAYED_AT_ONCE = 16_384;

function partsOf(replayer: Replayer, words: Uint32Array, from: number, end: number): Prepared[] {
  const parts: Prepared[] = [];
  for (let at = from; at < end; at += REPLAYED_AT_ONCE) {
    parts.push(() => void replayer.run(words, at, Math.min(end, at + REPLAYED_AT_ONCE)));
  }
  return parts;
}

/** A load on both engines; the floor is a loop over the same words. */
export function replayed(
  what: string,
  name: string,
  options: (trace: Trace) => ReplayOptions,
): Measurement {
  const trace = traceOf(name, MILLION);
  const few = traceOf(name, FEW);
  let last: Replayer | null = null;
  const prepareOn = (some: Trace, engine: "fast" | "literal"): Prepare => () => {
    const replayer = last = new Replayer({ ...options(some), engine });
    return partsOf(replayer, some.words, 0, some.words.length);
  };
  return {
    what,
    operations: MILLION,
    prepare: prepareOn(trace, "fast"),
    memory: () => last?.residentBytes ?? 0,
    literal: { operations: FEW, prepare: prepareOn(few, "literal") },
    floor: () => readWords(trace.words),
  };
}

const PAGES_OF_1_GIB = 2 ** 18;

/** Taking 1 GiB page by page in a machine that was untouched, or giving all of it back in random order. */
export function halfOfPages(
  what: string,
  edition: Edition,
  half: "requests" | "releases",
): Measurement {
  const trace = traceOf("pages", 2 * PAGES_OF_1_GIB);
  const few = traceOf("pages", FEW);
  let last: Replayer | null = null;
  const prepareOn = (some: Trace, engine: "fast" | "literal"): Prepare => () => {
    const replayer = last = new Replayer({ ...optionsOf(some, edition), engine });
    const middle = some.words.length / 2;
    if (half === "requests") return partsOf(replayer, some.words, 0, middle);
    replayer.run(some.words, 0, middle);
    return partsOf(replayer, some.words, middle, some.words.length);
  };
  return {
    what,
    operations: PAGES_OF_1_GIB,
    prepare: prepareOn(trace, "fast"),
    memory: () => last?.residentBytes ?? 0,
    literal: { operations: FEW / 2, prepare: prepareOn(few, "literal") },
    floor: () => readWords(trace.words.subarray(0, PAGES_OF_1_GIB)),
  };
}

/**
 * Runs a million operations of churn, not warm.
 *
 * @returns how long an operation took, in nanoseconds, from the first one to the last
 */
export function runOnce(): number {
  const trace = traceOf("churn", MILLION);
  const replayer = new Replayer(optionsOf(trace, DEFAULT_EDITION));
  const start = performance.now();
  replayer.run(trace.words, 0, trace.words.length);
  return (performance.now() - start) * 1e6 / MILLION;
}
