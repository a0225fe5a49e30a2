/**
 * Traces: reading them, running them, and going to any step of a recorded one.
 */

// bits: sums of 32 bits, that may wrap.

import {
  makeWorkload,
  packTrace,
  printTraceText,
  recordTrace,
  Replayer,
  TraceInput,
  WORKLOADS,
} from "../../src/replay/mod.ts";
import { arch, edition } from "../support.ts";

const OPERATIONS = 1_000_000;
const CHUNK_BYTES = 2 ** 18;

const [churn] = WORKLOADS;
if (churn === undefined) throw new Error("there is a workload");
const trace = makeWorkload(churn, OPERATIONS);
const { areas, pageShift } = trace.header;
const options = { arch: arch("x86_64"), edition: edition("repaired"), areas, pageShift };
const text = new TextEncoder().encode(printTraceText(trace));
const packed = packTrace(trace);

/** Keeps what was computed, so that nothing is left out as useless. */
let kept = 0;

function readAll(bytes: Uint8Array): void {
  const input = new TraceInput();
  const sink = (_: Uint32Array, length: number): void => void (kept += length);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    input.read(bytes.subarray(at, at + CHUNK_BYTES), sink);
  }
  input.end(sink);
}

function addUp(bytes: Uint8Array | Uint32Array): void {
  let sum = 0;
  for (let index = 0; index < bytes.length; index++) sum = (sum + (bytes[index] ?? 0)) | 0;
  kept = (kept + sum) | 0;
}

const reading = "a million operations read";
Deno.bench({ name: "the bytes of the text added up", group: reading, baseline: true }, () => {
  addUp(text);
});
Deno.bench({ name: "text", group: reading }, () => readAll(text));
Deno.bench({ name: "packed", group: reading }, () => readAll(packed));

const running = "a million operations of churn run";
Deno.bench({ name: "the words added up", group: running, baseline: true }, () => {
  addUp(trace.words);
});
Deno.bench({ name: "run", group: running }, () => {
  new Replayer(options).run(trace.words, 0, trace.words.length);
});
Deno.bench({ name: "recorded", group: running }, () => {
  recordTrace(trace, options);
});

const recording = recordTrace(trace, options);
const seeking = "a step of a million";
let step = 1;
Deno.bench({ name: "any step", group: seeking, baseline: true }, () => {
  step = (step * 48271) % (OPERATIONS + 1);
  recording.seek(step);
});
Deno.bench({ name: "any step, with all areas viewed", group: seeking }, () => {
  step = (step * 48271) % (OPERATIONS + 1);
  recording.stateAt(step);
});
Deno.bench({ name: "the next step", group: seeking }, () => {
  step = step < OPERATIONS ? step + 1 : 0;
  recording.seek(step);
});

const literalTrace = makeWorkload(churn, 10_000);
Deno.bench({ name: "10,000 operations on the literal engine", group: "literal" }, () => {
  new Replayer({ ...options, engine: "literal" })
    .run(literalTrace.words, 0, literalTrace.words.length);
});
