/**
 * What the table of speeds measures.
 *
 * @module
 */

// bits: words and hashes of 32 bits, which may wrap.

import { archNamed, ARCHS, ARM64, X86_64 } from "../../arch/mod.ts";
import {
  boot,
  cloneMachine,
  DEFAULT_EDITION,
  type Edition,
  editionNamed,
  type Engine,
  free,
  malloc,
  pfn,
} from "../../mod.ts";
import { replayRecording } from "../../src/check/mod.ts";
import {
  packTrace,
  printTraceText,
  recordTrace,
  Replayer,
  type ReplayOptions,
  TraceInput,
  writePageStates,
} from "../../src/replay/mod.ts";
import { kernelText } from "./kernel_text.ts";
import type { Measurement, Prepared } from "./measure.ts";
import {
  halfOfPages,
  MILLION,
  optionsOf,
  READ_AT_ONCE,
  readWords,
  replayed,
  traceOf,
} from "./replays.ts";

/** Steps that are gone to at a time: some lie near a kept copy, some far from any. */
const SEEKS = 64;

/** Keeps what was computed, so that nothing is left out as useless. */
let kept = 0;

function mixBytes(bytes: Uint8Array, from: number, end: number): number {
  let mixed = 0;
  for (let index = from; index < end; index++) mixed ^= bytes[index] ?? 0;
  return mixed;
}

/** The floor of whatever reads a file: all of its bytes are read. */
function readBytes(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += READ_AT_ONCE) {
    kept ^= mixBytes(bytes, at, Math.min(bytes.length, at + READ_AT_ONCE));
  }
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
    halfOfPages(`page by page over 1 GiB, ${edition.name}`, edition, "requests"),
    halfOfPages(`pages of 1 GiB freed in random order, ${edition.name}`, edition, "releases"),
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
      literal: {
        operations: 1,
        prepare: () => () => void new Replayer({ ...options, engine: "literal" }),
      },
      memory: () => new Replayer(options).residentBytes,
    };
  });
}

/** A hash of 32 bits, of two halves that do not wait for each other. */
function hash(words: Int32Array): void {
  let even = 0x811c9dc5 | 0;
  let odd = even;
  for (let index = 0; index < words.length; index += 2) {
    even = Math.imul(even ^ (words[index] ?? 0), 0x01000193);
    odd = Math.imul(odd ^ (words[index + 1] ?? 0), 0x01000193);
  }
  kept ^= even ^ (odd >>> 1);
}

function views(): Measurement[] {
  const trace = traceOf("churn", MILLION);
  const options = optionsOf(trace, DEFAULT_EDITION);
  const replayer = new Replayer(options);
  replayer.run(trace.words, 0, trace.words.length);
  const bytes = new Uint8Array(2 ** 20);
  const words = new Int32Array(bytes.buffer);
  const recording = recordTrace(trace, options);
  let step = 1;
  return [
    {
      what: "a million metadata bytes, after churn, with all lists, and hashed",
      operations: 1,
      prepare: () => () => {
        writePageStates(replayer.areas(), bytes);
        hash(words);
      },
      floor: () => hash(words),
    },
    {
      what: "an operation of churn recorded",
      operations: MILLION,
      prepare: () => () => void recordTrace(trace, options),
      floor: () => readWords(trace.words),
      memory: () => recording.residentBytes,
    },
    {
      what: "any step of a million of churn, mean of 64",
      operations: SEEKS,
      prepare: () => () => {
        for (let seek = 0; seek < SEEKS; seek++) {
          step = (step * 48271) % (MILLION + 1);
          recording.seek(step);
        }
      },
    },
  ];
}

function readings(): Measurement[] {
  const trace = traceOf("churn", MILLION);
  const files = [
    ["as text", new TextEncoder().encode(printTraceText(trace))],
    ["packed", packTrace(trace)],
    ["as text of a kernel", new TextEncoder().encode(kernelText(trace))],
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
    floor: () => readBytes(bytes),
  }));
}

function boots(): Measurement[] {
  return ARCHS.map((arch) => {
    const bootedOn = (engine: Engine) => (): Prepared => () =>
      void boot({ arch, edition: DEFAULT_EDITION, engine });
    return {
      what: `boot of the recorded guest of ${arch.name}`,
      operations: 1,
      prepare: bootedOn("auto"),
      literal: { operations: 1, prepare: bootedOn("literal") },
    };
  });
}

const PAIRS = 200;

function mallocs(): Measurement[] {
  const pairsOn = (engine: Engine, size: bigint): () => Prepared => {
    const { machine } = boot({ arch: X86_64, edition: DEFAULT_EDITION, engine });
    return () => {
      const worker = cloneMachine(machine);
      return () => {
        for (let pair = 0; pair < PAIRS; pair++) free(worker, malloc(worker, size));
      };
    };
  };
  return [1n, 100n, 5_000n, 70_000n].map((size) => ({
    what: `malloc(${size}) and free, x86_64`,
    operations: PAIRS,
    prepare: pairsOn("auto", size),
    literal: { operations: PAIRS, prepare: pairsOn("literal", size) },
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
