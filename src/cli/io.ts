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
