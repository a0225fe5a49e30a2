/**
 * Traces: reading them, running them, and going to any step of a recorded one.
 */

// bits: sums of 32 bits, that may wrap.

import {
  indicesOf,
  isIndexTable,
  readFreeMemory,
  zoneCountsOf,
} from "../../src/fragmentation/mod.ts";
import { DesignSubject, EditionSubject, Lab } from "../../src/lab/mod.ts";
import type { LabSubject } from "../../src/lab/mod.ts";
import { DESIGNS, machineOfHeader } from "../../src/metadata_design/mod.ts";
import {
  makeWorkload,
  packTrace,
  printTraceText,
  recordTrace,
  Replayer,
  TraceInput,
  WORKLOADS,
} from "../../src/replay/mod.ts";
import { kernelText } from "../../tools/bench/kernel_text.ts";
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
const ofKernel = new TextEncoder().encode(kernelText(trace));

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

/** So many readings of the same three zones, one behind the other. */
function readings(count: number): string {
  const row = (zone: string): string =>
    `Node 0, zone ${zone.padStart(8)}${" 216    55".repeat(5)}\n`;
  return ["DMA", "DMA32", "Normal"].map(row).join("").repeat(count);
}

function inLab(subjects: readonly LabSubject[]): void {
  const { header, words } = trace;
  const lab = new Lab({ arch: header.arch, pageShift: 12, areas: header.areas }, subjects);
  lab.run(words, words.length, (index) => `operation ${index + 1}`);
  kept += lab.result("churn").runs.length;
}

const reading = "a million operations read";
Deno.bench({ name: "the bytes of the text added up", group: reading, baseline: true }, () => {
  addUp(text);
});
Deno.bench({ name: "text", group: reading }, () => readAll(text));
Deno.bench({ name: "packed", group: reading }, () => readAll(packed));
Deno.bench({ name: "text of a kernel", group: reading }, () => readAll(ofKernel));

const shown = new TextEncoder().encode(readings(10_000));
const free = "10,000 readings of three zones";
Deno.bench({ name: "the bytes of the text added up", group: free, baseline: true }, () => {
  addUp(shown);
});
Deno.bench({ name: "buddyinfo read", group: free }, () => {
  kept += readFreeMemory(new TextDecoder().decode(shown)).length;
});
Deno.bench({ name: "read, and its indices reckoned", group: free }, () => {
  for (const table of readFreeMemory(new TextDecoder().decode(shown))) {
    if (isIndexTable(table)) continue;
    for (const { counts } of zoneCountsOf(table)) kept += indicesOf(counts).length;
  }
});

const running = "a million operations of churn run";
Deno.bench({ name: "the words added up", group: running, baseline: true }, () => {
  addUp(trace.words);
});
Deno.bench({ name: "run", group: running }, () => {
  new Replayer(options).run(trace.words, 0, trace.words.length);
});
Deno.bench({ name: "watched by the lab", group: running }, () => {
  const subject = new EditionSubject(options.edition, trace.header, options.arch);
  inLab([subject]);
});
Deno.bench({ name: "watched by the lab, on a design", group: running }, () => {
  const machine = machineOfHeader(trace.header, options.arch);
  inLab(DESIGNS.slice(0, 1).map((design) => new DesignSubject(design, machine)));
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
