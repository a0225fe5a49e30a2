/**
 * Where the bytes of a dump come from: a file, or bytes in memory. Only what is asked for is read.
 *
 * @module
 */

import { DumpError } from "./errors.ts";

/** A file of any size, read at any place. */
export interface DumpSource {
  /** The size in bytes. */
  readonly size: number;
  /** Reads bytes from an offset on into a buffer; the number of bytes read, 0 at the end. */
  read(offset: number, into: Uint8Array): number;
}

/**
 * Bytes in memory as the source of a dump.
 *
 * @param bytes the whole file
 * @returns the source
 */
export function bytesSource(bytes: Uint8Array): DumpSource {
  return {
    size: bytes.length,
    read: (offset, into) => {
      const piece = bytes.subarray(offset, offset + into.length);
      into.set(piece);
      return piece.length;
    },
  };
}

/**
 * Fills a buffer from a source.
 *
 * @param source the file
 * @param offset of the first byte
 * @param into the buffer
 * @throws {DumpError} if the file ends before the buffer is full
 */
export function readExactly(source: DumpSource, offset: number, into: Uint8Array): void {
  for (let at = 0; at < into.length;) {
    const count = source.read(offset + at, into.subarray(at));
    if (count === 0) {
      throw new DumpError(
        `Cannot read ${into.length} bytes at offset 0x${offset.toString(16)} of the dump: ` +
          `the file must not end at 0x${(offset + at).toString(16)}`,
      );
    }
    at += count;
  }
}
