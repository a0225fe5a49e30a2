/**
 * Files that are read at any place, and files with holes: what dumps of memory need of Deno.
 *
 * @module
 */

import { escapeText } from "../report/mod.ts";
import { FileError, STANDARD_INPUT } from "./io.ts";
import type { FilePiece, OpenFile } from "./io.ts";

/** How the host words what goes wrong. */
export interface FileErrors {
  /** An error of reading. */
  readonly read: (path: string, error: unknown) => FileError;
  /** An error of writing. */
  readonly write: (path: string, error: unknown) => FileError;
}

/** Opens a file to be read at any place. */
export function openFile(path: string, errors: FileErrors): OpenFile {
  if (path === STANDARD_INPUT) {
    throw new FileError("Cannot read standard input at any place: it must be a file");
  }
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw error instanceof FileError ? error : errors.read(path, error);
    }
  };
  const { isFile, isDirectory, size } = guarded(() => Deno.statSync(path));
  if (!isFile) {
    const what = isDirectory ? "it is a folder, and must be a file" : "it must be a file";
    throw new FileError(`Cannot read ${escapeText(path)}: ${what}`);
  }
  const file = guarded(() => Deno.openSync(path, { read: true }));
  return {
    size,
    read: (offset, into) =>
      guarded(() => {
        file.seekSync(offset, Deno.SeekMode.Start);
        return file.readSync(into) ?? 0;
      }),
    close: () => file.close(),
  };
}

/** Writes a file of some size; what no piece covers becomes a hole, where the file system has them. */
export function writeSparse(
  path: string,
  size: number,
  pieces: Iterable<FilePiece>,
  errors: FileErrors,
): void {
  if (path === STANDARD_INPUT) {
    throw new FileError("Cannot write standard output at any place: it must be a file");
  }
  try {
    using file = Deno.openSync(path, { write: true, create: true, truncate: true });
    file.truncateSync(size);
    for (const { offset, bytes } of pieces) {
      file.seekSync(offset, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    }
  } catch (error) {
    throw error instanceof FileError ? error : errors.write(path, error);
  }
}
