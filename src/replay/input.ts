/**
 * Reading a trace of any format.
 *
 * @module
 */

import { alternatives } from "../scenario/words.ts";
import { found } from "./header.ts";
import { KERNEL_MACHINE, kernelFormats } from "./kernel/mod.ts";
import type { KernelMachine } from "./kernel/mod.ts";
import { TraceBuilder } from "./operations.ts";
import type { Trace, TraceHeader } from "./operations.ts";
import { PACKED_FORMAT } from "./packed_reader.ts";
import { DETECTED_BYTES } from "./reader.ts";
import type { OperationSink, ReaderCount, TraceFormat, TraceReader } from "./reader.ts";
import { STRANGER_FORMATS } from "./strangers.ts";
import { TEXT_FORMAT } from "./text_reader.ts";

/**
 * The formats that are known.
 *
 * @param machine what traces run on that are of no machine of ours
 * @returns the formats, in the order in which they are asked
 */
export function traceFormats(machine: KernelMachine): readonly TraceFormat[] {
  return [TEXT_FORMAT, PACKED_FORMAT, ...STRANGER_FORMATS, ...kernelFormats(machine)];
}

/** The formats that are known, for a machine with 1 GiB. */
export const TRACE_FORMATS: readonly TraceFormat[] = traceFormats(KERNEL_MACHINE);

/** So much of a file is looked at for its first line. */
const SHOWN_BYTES = 200;

/** Words the error that no format knows a file. */
function unknownFormat(formats: readonly TraceFormat[], first: Uint8Array): SyntaxError {
  const beginnings = alternatives(formats.flatMap(({ beginning }) => beginning ?? []));
  const text = new TextDecoder().decode(first.subarray(0, SHOWN_BYTES));
  const is = first.length === 0 ? "the file is empty" : `it is ${found(firstLineOf(text))}`;
  return new SyntaxError(`Cannot read the trace: its first line must be ${beginnings}, ${is}`);
}

function firstLineOf(text: string): string {
  return text.split(/[\r\n]/)[0] ?? "";
}

/** Reads a trace whose format is told by how it begins. */
export class TraceInput implements TraceReader {
  readonly #formats: readonly TraceFormat[];
  /** The bytes that the file begins with, while its format is not known. */
  #first = new Uint8Array(DETECTED_BYTES);
  #firstLength = 0;
  #reader: TraceReader | null = null;
  #format: string | null = null;

  /**
   * Makes an input.
   *
   * @param formats the formats that it may be of, in the order in which they are asked
   */
  constructor(formats: readonly TraceFormat[] = TRACE_FORMATS) {
    this.#formats = formats;
  }

  /** The machine; null until all of the header is read. */
  get header(): TraceHeader | null {
    return this.#reader?.header ?? null;
  }

  /** The name of the format; null until it is known. */
  get format(): string | null {
    return this.#format;
  }

  /** What was counted up to here of a trace of something else. */
  counts(): readonly ReaderCount[] {
    return this.#reader?.counts() ?? [];
  }

  /** Where an operation stands, while the sink has it. */
  placeOf(index: number): string {
    return this.#reader?.placeOf(index) ?? `operation ${index + 1}`;
  }

  /**
   * Reads a part of the file.
   *
   * @param chunk the bytes that follow those before
   * @param sink takes the operations
   * @throws {SyntaxError} if no format knows the file, or the trace is not well formed
   */
  read(chunk: Uint8Array, sink: OperationSink): void {
    if (this.#reader !== null) {
      this.#reader.read(chunk, sink);
      return;
    }
    const taken = chunk.subarray(0, DETECTED_BYTES - this.#firstLength);
    this.#first.set(taken, this.#firstLength);
    this.#firstLength += taken.length;
    if (this.#firstLength < DETECTED_BYTES) return;
    this.#open(sink).read(chunk.subarray(taken.length), sink);
  }

  #open(sink: OperationSink): TraceReader {
    const first = this.#first.subarray(0, this.#firstLength);
    const format = this.#formats.find((one) => one.detects(first));
    if (format === undefined) throw unknownFormat(this.#formats, first);
    const reader = this.#reader = format.open();
    this.#format = format.name;
    reader.read(first, sink);
    this.#first = new Uint8Array(0);
    return reader;
  }

  /**
   * Says that the file is at its end.
   *
   * @param sink takes the last operations
   * @throws {SyntaxError} if something is missing
   */
  end(sink: OperationSink): void {
    (this.#reader ?? this.#open(sink)).end(sink);
  }
}

/**
 * Reads a whole trace that is in memory.
 *
 * @param bytes the file
 * @param formats the formats that it may be of
 * @returns the trace
 * @throws {SyntaxError} if it is not well formed; it names the place
 */
export function readTrace(
  bytes: Uint8Array,
  formats: readonly TraceFormat[] = TRACE_FORMATS,
): Trace {
  const input = new TraceInput(formats);
  const builder = new TraceBuilder();
  const sink: OperationSink = (words, length) => builder.addWords(words, length);
  input.read(bytes, sink);
  input.end(sink);
  const { header } = input;
  if (header === null) throw new SyntaxError("Cannot read the trace: it must have a header");
  return builder.build(header);
}
