/**
 * Replay of traces: operations of a page allocator, read from files or made here, run on any edition.
 *
 * @example A page given back, on two editions
 * ```ts
 * import { DEFAULT_EDITION, editionNamed } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { freeSummaryOf, readTrace, Replayer } from "@buddyscope/sim/replay";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "buddyscope-trace 1\narch x86_64\narea any 0x1000ff 0x100140\na 0\nf 0\n";
 * const { header, words } = readTrace(new TextEncoder().encode(text));
 * const largestOrders = [editionNamed("head") ?? DEFAULT_EDITION, DEFAULT_EDITION].map((edition) => {
 *   const { areas, pageShift } = header;
 *   const replayer = new Replayer({ arch: X86_64, edition, areas, pageShift });
 *   replayer.run(words, 0, words.length);
 *   return freeSummaryOf(replayer.areas()).largestOrder;
 * });
 * assertEquals(largestOrders, [5, 6]);
 * ```
 *
 * @module
 */

// Order: operations, header, reader, text_reader, packed_writer, packed_reader, kernel, strangers,
// print, input, handles, ledger, frames_in_use, literal_side, state_copy, moves, replay_options,
// plain_run, fast_side, replayer, record, summary, workloads, mod

export {
  FLAG_AREAS,
  FLAG_DONT_ZERO,
  FLAG_FRESH,
  operationAt,
  TraceBuilder,
  WORDS_OF_KIND,
  wordsAt,
  writeOperation,
} from "./operations.ts";
export type { Trace, TraceArea, TraceHeader, TraceOperation } from "./operations.ts";
export { BATCH_WORDS, DETECTED_BYTES } from "./reader.ts";
export type { OperationSink, ReaderCount, TraceFormat, TraceReader } from "./reader.ts";
export { TEXT_FORMAT } from "./text_reader.ts";
export { PACKED_FORMAT } from "./packed_reader.ts";
export { PackedWriter, packTrace } from "./packed_writer.ts";
export { printOperation, printTraceText } from "./print.ts";
export { KERNEL_MACHINE, kernelFormats } from "./kernel/mod.ts";
export type { KernelMachine } from "./kernel/mod.ts";
export { readTrace, TRACE_FORMATS, traceFormats, TraceInput } from "./input.ts";
export type { FailurePolicy, ReplayCounts, ReplayEnd } from "./ledger.ts";
export type { ReplayMachine } from "./literal_side.ts";
export { Replayer } from "./replayer.ts";
export type { ReplayOptions } from "./replay_options.ts";
export type { MoveCounts } from "../alloc_page_fast/mod.ts";
export { Recording, recordTrace } from "./record.ts";
export type { RecordOptions } from "./record.ts";
export { freeSummaryOf, writePageStates } from "./summary.ts";
export type { BlocksOfOrder, FreeSummary } from "./summary.ts";
export { makeWorkload, MOST_WORKLOAD_OPERATIONS, WORKLOADS } from "./workloads.ts";
export type { Random, Workload } from "./workloads.ts";
