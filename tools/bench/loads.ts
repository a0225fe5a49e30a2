/**
 * What the table of speeds measures.
 *
 * @module
 */

// bits: sums and a hash of 32 bits, that may wrap.

import { archNamed, ARCHS, ARM64, X86_64 } from "../../arch/mod.ts";
import {
  type AreaView,
  boot,
  cloneMachine,
  DEFAULT_EDITION,
  type Edition,
  editionNamed,
  free,
  malloc,
  pfn,
} from "../../mod.ts";
import { replayRecording } from "../../src/check/mod.ts";
import {
  makeWorkload,
  packTrace,
  printTraceText,
  recordTrace,
  Replayer,
  type ReplayOptions,
  type Trace,
  TraceInput,
  WORKLOADS,
} from "../../src/replay/mod.ts";
import type { Measurement, Prepared } from "./measure.ts";

const MILLION = 1_000_000;
/** The literal engine gets so many operations. */
const FEW = 4_000;

/** Keeps what was computed, so that nothing is left out as useless. */
let kept = 0;

function traceOf(name: string, operations: number): Trace {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`there is no workload ${name}`);
  return makeWorkload(workload, operations);
}

function optionsOf({ header: { areas, pageShift } }: Trace, edition: Edition): ReplayOptions {
  return { arch: X86_64, edition, areas, pageShift, failures: "count" };
}

function addUp(numbers: Uint8Array | Uint32Array): void {
  let sum = 0;
  for (let index = 0; index < numbers.length; index++) sum = (sum + (numbers[index] ?? 0)) | 0;
  kept = (kept + sum) | 0;
}

/** A trace on both engines; the floor is a loop over the same words. */
function replayed(
  what: string,
  name: string,
  options: (trace: Trace) => ReplayOptions,
): Measurement {
  const trace = traceOf(name, MILLION);
  const few = traceOf(name, FEW);
  let last: Replayer | null = null;
  const prepareOn = (some: Trace, engine: "fast" | "literal") => (): Prepared => {
    const replayer = last = new Replayer({ ...options(some), engine });
    return () => void replayer.run(some.words, 0, some.words.length);
  };
  return {
    what,
    operations: MILLION,
    prepare: prepareOn(trace, "fast"),
    memory: () => last?.residentBytes ?? 0,
    literal: { operations: FEW, prepare: prepareOn(few, "literal") },
    floor: () => addUp(trace.words),
  };
}

/** An area of 2^order frames, whose first usable frame is aligned to all of it, or three pages behind. */
function areaOf(order: number, place: "aligned" | "not-aligned"): ReplayOptions["areas"] {
  const base = 2 ** Math.max(order, 20);
  const metadata = 2 ** (order - 12);
  const shift = place === "aligned" ? 0 : 3;
  return [{ area: 255, first: pfn(base - metadata + shift), top: pfn(base + 2 ** order) }];
}

const SIZES = [["16 MiB", 12], ["1 GiB", 18], ["64 GiB", 24], ["1 TiB", 28], [
  "64 TiB",
  34,
]] as const;

/** The editions: what upstream has, and what its authors describe. */
function editionsShown(): Edition[] {
  return [editionNamed("head") ?? DEFAULT_EDITION, DEFAULT_EDITION];
}

type Size = (typeof SIZES)[number];
type Place = "aligned" | "not-aligned";

function onePageIn(edition: Edition, [size, order]: Size, place: Place): Measurement {
  const block = place === "aligned" ? "one block of " : "";
  return replayed(
    `one page allocated or freed, ${block}${size}, ${edition.name}`,
    "splits",
    (trace) => ({ ...optionsOf(trace, edition), arch: ARM64, areas: areaOf(order, place) }),
  );
}

function onePage(): Measurement[] {
  return editionsShown().flatMap((edition) =>
    SIZES.flatMap((size) => [
      onePageIn(edition, size, "not-aligned"),
      onePageIn(edition, size, "aligned"),
    ])
  );
}

/**
 * One page allocated or freed, in areas of several sizes, as upstream does it.
 *
 * @returns each size with its measurement
 */
export function bySize(): [string, Measurement][] {
  const [edition = DEFAULT_EDITION] = editionsShown();
  return SIZES.map((size) => [size[0], onePageIn(edition, size, "not-aligned")]);
}

function loads(): Measurement[] {
  return editionsShown().flatMap((edition) => [
    replayed(
      `churn, orders 0 to 8, 4 GiB half full, ${edition.name}`,
      "churn",
      (trace) => optionsOf(trace, edition),
    ),
    replayed(
      `page by page over 1 GiB, freed at random, ${edition.name}`,
      "pages",
      (trace) => optionsOf(trace, edition),
    ),
  ]);
}

function setUps(): Measurement[] {
  return [["4 GiB", 20] as const, ...SIZES.slice(2)].map(([size, order]) => {
    const areas = areaOf(order, "not-aligned");
    const options = { arch: ARM64, edition: DEFAULT_EDITION, pageShift: 12, areas };
    return {
      what: `an area of ${size} set up, machine included`,
      operations: 1,
      prepare: () => () => void new Replayer(options),
      memory: () => new Replayer(options).residentBytes,
    };
  });
}

function hash(bytes: Uint8Array): void {
  let value = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) {
    value = Math.imul(value ^ (bytes[index] ?? 0), 0x01000193);
  }
  kept = (kept + value) | 0;
}

function statesOf(areas: readonly AreaView[], into: Uint8Array): void {
  let at = 0;
  for (const { states } of areas) {
    for (const { state, count } of states) {
      const end = at + count;
      if (count > 32) into.fill(state, at, end);
      else while (at < end) into[at++] = state;
      at = end;
    }
  }
}

function views(): Measurement[] {
  const trace = traceOf("churn", MILLION);
  const options = optionsOf(trace, DEFAULT_EDITION);
  const replayer = new Replayer(options);
  replayer.run(trace.words, 0, trace.words.length);
  const bytes = new Uint8Array(2 ** 20);
  const recording = recordTrace(trace, options);
  let step = 1;
  return [
    {
      what: "a million metadata bytes, after churn, with all lists, and hashed",
      operations: 1,
      prepare: () => () => {
        statesOf(replayer.areas(), bytes);
        hash(bytes);
      },
      floor: () => hash(bytes),
    },
    {
      what: "an operation of churn recorded",
      operations: MILLION,
      prepare: () => () => void recordTrace(trace, options),
      floor: () => addUp(trace.words),
      memory: () => recording.residentBytes,
    },
    {
      what: "any step of a million of churn",
      operations: 1,
      prepare: () => () => {
        step = (step * 48271) % (MILLION + 1);
        recording.seek(step);
      },
    },
  ];
}

function readings(): Measurement[] {
  const trace = traceOf("churn", MILLION);
  const files = [
    ["as text", new TextEncoder().encode(printTraceText(trace))],
    ["packed", packTrace(trace)],
  ] as const;
  return files.map(([form, bytes]) => ({
    what: `an operation of a trace read, ${form}`,
    operations: MILLION,
    prepare: () => () => {
      const input = new TraceInput();
      const sink = (_: Uint32Array, length: number): void => void (kept += length);
      for (let at = 0; at < bytes.length; at += 2 ** 18) {
        input.read(bytes.subarray(at, at + 2 ** 18), sink);
      }
      input.end(sink);
    },
    floor: () => addUp(bytes),
  }));
}

function boots(): Measurement[] {
  return ARCHS.map((arch) => ({
    what: `boot of the recorded guest of ${arch.name}`,
    operations: 1,
    prepare: () => () => void boot({ arch, edition: DEFAULT_EDITION }),
  }));
}

function mallocs(): Measurement[] {
  const { machine } = boot({ arch: X86_64, edition: DEFAULT_EDITION });
  return [1n, 100n, 5_000n, 70_000n].map((size) => ({
    what: `malloc(${size}) and free, x86_64`,
    operations: 200,
    prepare: () => {
      const worker = cloneMachine(machine);
      return () => {
        for (let pair = 0; pair < 200; pair++) free(worker, malloc(worker, size));
      };
    },
  }));
}

function conforms(): Measurement[] {
  const file = new URL("../../tests/vectors/4a54e8a3-x86-1.json", import.meta.url);
  const recording = Deno.readTextFileSync(file);
  return [{
    what: "a recording of 207 steps compared",
    operations: 1,
    prepare: () => () => void replayRecording(recording, { archNamed }),
  }];
}

/** What is measured, part by part: made when it is its turn, so that each has memory for itself. */
export const PARTS: readonly (() => Measurement[])[] = [
  onePage,
  loads,
  setUps,
  views,
  readings,
  boots,
  mallocs,
  conforms,
];

/**
 * Runs a million operations of churn, not warm.
 *
 * @returns how long an operation took, in nanoseconds
 */
export function runOnce(): number {
  const trace = traceOf("churn", MILLION);
  const start = performance.now();
  new Replayer(optionsOf(trace, DEFAULT_EDITION)).run(trace.words, 0, trace.words.length);
  return (performance.now() - start) * 1e6 / MILLION;
}
