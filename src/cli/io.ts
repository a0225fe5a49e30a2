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

/** The host: files, streams, the terminal, a clock. */
export interface Io {
  /** Reads a whole text; `-` is standard input. Throws a {@linkcode FileError} if it cannot. */
  readText(path: string): Promise<string>;
  /** Lists a folder; null if the path is no folder. Throws a {@linkcode FileError} if it cannot. */
  readDir(path: string): Promise<readonly FolderEntry[] | null>;
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

/** A file or folder that cannot be read. */
export class FileError extends Error {
  /** The error's name. */
  override name = "FileError";
}

/** Nobody reads what is written: the other end of the pipe was closed. */
export class ClosedOutputError extends Error {
  /** The error's name. */
  override name = "ClosedOutputError";
}
