/**
 * What every format of traces offers: it recognises its files, and reads them chunk by chunk.
 *
 * @module
 */

import type { TraceHeader } from "./operations.ts";

/**
 * Takes operations: whole ones, in words of which the first `length` count. The array is used again
 * afterwards.
 */
export type OperationSink = (words: Uint32Array, length: number) => void;

/** Something that a reader counts beside the operations. */
export interface ReaderCount {
  /** Its name, for programs. */
  readonly name: string;
  /** What it is, in words. */
  readonly title: string;
  /** How many. */
  readonly value: number;
}

/** Reads one trace. Memory does not grow with the trace. */
export interface TraceReader {
  /** The machine; null until all of the header is read, which is before the first operation. */
  readonly header: TraceHeader | null;

  /**
   * Reads a part of the file.
   *
   * @param chunk the bytes that follow those before; any number of them
   * @param sink takes the operations
   * @throws {SyntaxError} if the trace is not well formed; it names the place
   */
  read(chunk: Uint8Array, sink: OperationSink): void;

  /**
   * Says that the file is at its end.
   *
   * @param sink takes the last operations
   * @throws {SyntaxError} if something is missing
   */
  end(sink: OperationSink): void;

  /**
   * Tells where an operation stands in the file, while the sink has it.
   *
   * @param index its index among those that the sink was given
   * @returns such as `line 12`
   */
  placeOf(index: number): string;

  /**
   * What was counted up to here of a trace of something else, which is mapped; nothing of a trace of
   * operations, which means what it says.
   */
  counts(): readonly ReaderCount[];
}

/** A format of traces. */
export interface TraceFormat {
  /** Its name. */
  readonly name: string;
  /** How its files begin, in words, for the error that there is no such format; null if nobody wants it. */
  readonly beginning: string | null;

  /**
   * Tells whether a file is of this format.
   *
   * @param first the bytes it begins with: {@linkcode DETECTED_BYTES}, or all there are
   * @returns whether it is
   */
  detects(first: Uint8Array): boolean;

  /**
   * Makes a reader for one trace.
   *
   * @throws {SyntaxError} if such files are known, but not read; it says what leads to a trace
   */
  open(): TraceReader;
}

/** A format is told by so many bytes: kernels' traces have long heads. */
export const DETECTED_BYTES = 65536;

/** The words that are handed over at once. */
export const BATCH_WORDS = 16384;

const NEWLINE = 10;

/**
 * Tells whether bytes begin with a line.
 *
 * @param bytes the bytes
 * @param line the line, in ASCII; a carriage return may follow
 * @returns whether they do
 */
export function beginsWithLine(bytes: Uint8Array, line: string): boolean {
  const length = bytes.indexOf(NEWLINE);
  if (length < 0) return false;
  return new TextDecoder().decode(bytes.subarray(0, length)).trimEnd() === line;
}
