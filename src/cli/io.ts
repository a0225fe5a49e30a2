/**
 * What the command line needs from its host. Everything is injected, so that it runs within tests.
 *
 * @module
 */

/** Where text goes. */
export interface OutputStream {
  /** Writes a text as it is. */
  write(text: string): void;
  /** Whether a person sees it at once. */
  readonly isTerminal: boolean;
}

/** Something in a folder. */
export interface FolderEntry {
  /** Its name, without the folder. */
  readonly name: string;
  /** What it is. A link to a file is a file; a link to a folder is not followed. */
  readonly kind: "file" | "folder" | "other";
}

/** The bytes of a file, piece by piece. */
export interface ByteSource {
  /** How many bytes there are; null where nobody knows before the end. */
  readonly size: number | null;
  /** The pieces, in order; each is valid until the next one is taken. Throws {@linkcode FileError}s. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A file that is being written. What fails throws a {@linkcode FileError}. */
export interface ByteTarget {
  /** Writes bytes behind those before. */
  write(bytes: Uint8Array): void;
  /** Writes bytes again with which the file begins. */
  rewriteStart(bytes: Uint8Array): void;
  /** Closes the file: it is complete. */
  close(): void;
  /** Closes the file and takes it away: it will not be complete. */
  discard(): void;
}

/** A file that is open for reading at any place. */
export interface OpenFile {
  /** The size in bytes. */
  readonly size: number;
  /** Reads bytes from an offset on; how many, 0 at the end. Throws a {@linkcode FileError} if it cannot. */
  read(offset: number, into: Uint8Array): number;
  /** Closes the file. */
  close(): void;
}

/** Some bytes of a file, and where they begin in it. */
export interface FilePiece {
  /** The offset of the first byte. */
  readonly offset: number;
  /** The bytes; valid until the next piece is taken. */
  readonly bytes: Uint8Array;
}

/** A file as a browser gets it. */
export interface ServedFile {
  /** Its media type. */
  readonly type: string;
  /** Its text. */
  readonly text: string;
}

/** What is served, and where. */
export interface Serving {
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** The file of a path such as `/main.js`; null if there is none. */
  readonly fileAt: (path: string) => ServedFile | null;
  /** Told of the address, once requests are answered. */
  readonly onListen: (address: string) => void;
}

/** The host: files, streams, the terminal, a clock. */
export interface Io {
  /** Reads a whole text; `-` is standard input. Throws a {@linkcode FileError} if it cannot. */
  readText(path: string): Promise<string>;
  /** Opens a file of any size; `-` is standard input. Throws a {@linkcode FileError} if it cannot. */
  readBytes(path: string): Promise<ByteSource>;
  /** Lists a folder; null if the path is no folder. Throws a {@linkcode FileError} if it cannot. */
  readDir(path: string): Promise<readonly FolderEntry[] | null>;
  /** Writes a whole text to a file, in place of what was there. Throws a {@linkcode FileError} if it cannot. */
  writeText(path: string, text: string): Promise<void>;
  /**
   * Opens a file to be written piece by piece, in place of what was there. Throws a {@linkcode FileError}
   * if it cannot, or if that is the file from which the bytes come, by whatever name.
   */
  createBytes(path: string, source: string | null): ByteTarget;
  /** Opens a file to be read at any place. Throws a {@linkcode FileError} if it cannot. */
  openFile(path: string): OpenFile;
  /**
   * Writes a file of some size, in place of what was there; what no piece covers is 0. Throws a
   * {@linkcode FileError} if it cannot, or if that is one of the files `sources`, by whatever name.
   */
  writeSparse(
    path: string,
    sources: readonly string[],
    size: number,
    pieces: Iterable<FilePiece>,
  ): void;
  /**
   * Answers a browser on this machine, and nobody else, until the program is ended. Throws a
   * {@linkcode FileError} if it cannot.
   */
  serve(serving: Serving): Promise<void>;
  /** The folder of the project, if this program runs from its sources; null if it came from elsewhere. */
  readonly sourceFolder: string | null;
  /** A module in TypeScript as JavaScript: its types become spaces. */
  withoutTypes(module: string): string;
  /** Results. */
  readonly stdout: OutputStream;
  /** Errors and progress. */
  readonly stderr: OutputStream;
  /** The width of the terminal, or 80. */
  readonly columns: number;
  /** Whether the user wants no colours: the variable NO_COLOR is set. */
  readonly noColor: boolean;
  /** Milliseconds since some moment; never goes back. */
  now(): number;
}

/** The name that stands for standard input. */
export const STANDARD_INPUT = "-";

/** A file or folder that cannot be read or written. */
export class FileError extends Error {
  /** The error's name. */
  override name = "FileError";
}

/** Nobody reads what is written: the other end of the pipe was closed. */
export class ClosedOutputError extends Error {
  /** The error's name. */
  override name = "ClosedOutputError";
}
