/**
 * Replay of traces: operations of a page allocator, read from files or made here, run on any edition.
 *
 * @module
 */

// Order: operations, header, reader, text_reader, packed_reader, print, input, handles, ledger,
// literal_side, state_copy, replayer, record, summary, workloads, mod

export {
  FLAG_AREAS,
  FLAG_DONT_ZERO,
  FLAG_FRESH,
  operationAt,
  TraceBuilder,
  WORDS_OF_KIND,
  writeOperation,
} from "./operations.ts";
export type { Trace, TraceArea, TraceHeader, TraceOperation } from "./operations.ts";
export { BATCH_WORDS, DETECTED_BYTES } from "./reader.ts";
export type { OperationSink, TraceFormat, TraceReader } from "./reader.ts";
export { TEXT_FORMAT } from "./text_reader.ts";
export { PACKED_FORMAT, packTrace } from "./packed_reader.ts";
export { printOperation, printTraceText } from "./print.ts";
export { readTrace, TRACE_FORMATS, TraceInput } from "./input.ts";
export type { FailurePolicy, ReplayCounts, ReplayEnd } from "./ledger.ts";
export type { ReplayMachine } from "./literal_side.ts";
export { Replayer } from "./replayer.ts";
export type { ReplayCopy, ReplayOptions } from "./replayer.ts";
export { Recording, recordTrace } from "./record.ts";
export type { RecordOptions } from "./record.ts";
export { freeSummaryOf } from "./summary.ts";
export type { BlocksOfOrder, FreeSummary } from "./summary.ts";
export { makeWorkload, MOST_WORKLOAD_OPERATIONS, WORKLOADS } from "./workloads.ts";
export type { Workload } from "./workloads.ts";
