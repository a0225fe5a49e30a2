/**
 * Reading a trace of any format.
 *
 * @module
 */

import { found } from "./header.ts";
import { TraceBuilder } from "./operations.ts";
import type { Trace, TraceHeader } from "./operations.ts";
import { PACKED_FORMAT } from "./packed_reader.ts";
import { DETECTED_BYTES } from "./reader.ts";
import type { OperationSink, TraceFormat, TraceReader } from "./reader.ts";
import { TEXT_FORMAT } from "./text_reader.ts";

/** The formats that are known. */
export const TRACE_FORMATS: readonly TraceFormat[] = [TEXT_FORMAT, PACKED_FORMAT];

/** Reads a trace whose format is told by how it begins. */
export class TraceInput implements TraceReader {
  readonly #formats: readonly TraceFormat[];
  #first = new Uint8Array(0);
  #reader: TraceReader | null = null;

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
    const first = new Uint8Array(this.#first.length + chunk.length);
    first.set(this.#first);
    first.set(chunk, this.#first.length);
    this.#first = first;
    if (first.length >= DETECTED_BYTES) this.#open(sink);
  }

  #open(sink: OperationSink): TraceReader {
    const first = this.#first.subarray(0, DETECTED_BYTES);
    const format = this.#formats.find((one) => one.detects(first));
    if (format === undefined) {
      const beginnings = this.#formats.map(({ beginning }) => `"${beginning}"`).join(" or ");
      const line = new TextDecoder().decode(first).split(/[\r\n]/)[0] ?? "";
      throw new SyntaxError(
        `Cannot read the trace: its first line must be ${beginnings}, it is ${found(line)}`,
      );
    }
    const reader = this.#reader = format.open();
    reader.read(this.#first, sink);
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
