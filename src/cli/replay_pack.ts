/**
 * Writing a trace in its packed form while it is read.
 *
 * @module
 */

import { PackedWriter } from "../replay/mod.ts";
import type { TraceHeader } from "../replay/mod.ts";
import { FileError } from "./io.ts";
import type { ByteTarget, Io } from "./io.ts";
import type { TraceTaker } from "./replay_run.ts";

/** A packed trace that is being written. The file is made once the header of the trace was read. */
export class TracePacking implements TraceTaker {
  /** All of a trace is packed. */
  readonly areDone = false;
  readonly #io: Io;
  readonly #path: string;
  readonly #source: string | null;
  #file: { readonly target: ByteTarget; readonly writer: PackedWriter } | null = null;
  #bytes = 0;

  /**
   * Prepares to write.
   *
   * @param io the host
   * @param path the file that is to be written
   * @param source the file that is read, which must be another one; null if there is none
   */
  constructor(io: Io, path: string, source: string | null) {
    this.#io = io;
    this.#path = path;
    this.#source = source;
  }

  /** How many operations were written. */
  get operations(): number {
    return this.#file?.writer.operations ?? 0;
  }

  /** How many bytes were written. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Makes the file.
   *
   * @param header the header of the trace
   * @throws {FileError} if the file cannot be written, or is the one that is read
   */
  begin(header: TraceHeader): void {
    const writer = new PackedWriter(header);
    this.#file = { target: this.#io.createBytes(this.#path, this.#source), writer };
    this.#write(writer.head);
  }

  /**
   * Writes operations.
   *
   * @param words the operations
   * @param length how many words
   * @throws {FileError} if they cannot be written
   */
  run(words: Uint32Array, length: number): void {
    if (this.#file !== null) this.#write(this.#file.writer.pack(words, length));
  }

  #write(bytes: Uint8Array): void {
    this.#file?.target.write(bytes);
    this.#bytes += bytes.length;
  }

  /**
   * Writes how many operations there are, which the file begins with, and closes it.
   *
   * @throws {FileError} if that cannot be done
   */
  finish(): void {
    if (this.#file === null) return;
    const { target, writer } = this.#file;
    target.rewriteStart(writer.head);
    target.close();
  }

  /** Takes the file away, if there is one: the trace could not be read to its end. */
  discard(): void {
    try {
      this.#file?.target.discard();
    } catch (error) {
      // What went wrong before is what is told.
      if (!(error instanceof FileError)) throw error;
    }
  }
}
