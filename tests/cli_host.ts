/**
 * A host for the command line that lives in memory.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { FileError, main } from "../src/cli/mod.ts";
import { bytesSource } from "../src/xray/mod.ts";
import type { ByteTarget, FolderEntry, Io, Serving } from "../src/cli/mod.ts";

/** What differs from a plain host. */
export interface HostSettings {
  /** Files by path; `-` is standard input. A folder is what stands before a slash. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files by path that are no text. */
  readonly bytes?: Readonly<Record<string, Uint8Array>>;
  /** The folder of the project; null by default. */
  readonly sourceFolder?: string;
  /** Given what is served; nobody asks for anything by default. */
  readonly served?: (serving: Serving) => void;
  /** Whether both streams are terminals. */
  readonly terminal?: "yes" | "no";
  readonly columns?: number;
  readonly noColor?: boolean;
  /** How many milliseconds pass between two looks at the clock. */
  readonly tick?: number;
}

/** The host gives files out in pieces of so many bytes. */
const PIECE_BYTES = 1000;

/** What the command line did. */
export interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the command line did, with the files that it wrote. */
export interface WrittenEnding extends Ending {
  readonly written: Readonly<Record<string, string>>;
  /** The files that were written piece by piece, as far as they were not taken away. */
  readonly packed: Readonly<Record<string, Uint8Array>>;
}

/** The entries of a folder; null if no file lies in it. */
function entriesOf(paths: readonly string[], folder: string): FolderEntry[] | null {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  const inside = paths.filter((path) => path.startsWith(prefix));
  const entries = new Map<string, FolderEntry>();
  for (const path of inside) {
    const [name = "", ...deeper] = path.slice(prefix.length).split("/");
    entries.set(name, { name, kind: deeper.length > 0 ? "folder" : "file" });
  }
  return entries.size === 0 ? null : [...entries.values()];
}

/** Bytes in small pieces. */
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield await Promise.resolve(bytes.slice(at, at + PIECE_BYTES));
  }
}

/** A file in memory that is written piece by piece. */
function targetIn(packed: Record<string, Uint8Array>, path: string): ByteTarget {
  packed[path] = new Uint8Array();
  return {
    write: (bytes) => void (packed[path] = new Uint8Array([...packed[path] ?? [], ...bytes])),
    rewriteStart: (bytes) => void packed[path]?.set(bytes),
    close: () => {},
    discard: () => void delete packed[path],
  };
}

/** Runs the command line on a host in memory. */
export async function runCli(
  args: readonly string[],
  settings: HostSettings = {},
): Promise<Ending> {
  const { code, out, err } = await runCliWriting(args, settings);
  return { code, out, err };
}

/** Runs the command line on a host in memory, and tells which files it wrote. */
export async function runCliWriting(
  args: readonly string[],
  settings: HostSettings = {},
): Promise<WrittenEnding> {
  const written: Record<string, string> = {};
  const packed: Record<string, Uint8Array> = {};
  const { files = {}, bytes = {}, terminal = "no", columns = 80, noColor = false, tick = 0 } =
    settings;
  const { served = () => {}, sourceFolder = null } = settings;
  const texts = { out: "", err: "" };
  let clock = 0;
  const isTerminal = terminal === "yes";
  const missing = (path: string): FileError =>
    new FileError(`Cannot read ${path}: there is no such file or folder`);
  const io: Io = {
    readText: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(missing(path)) : Promise.resolve(text);
    },
    readBytes: (path) => {
      const text = files[path];
      const content = bytes[path] ?? (text === undefined ? null : new TextEncoder().encode(text));
      if (content === null) return Promise.reject(missing(path));
      const size = path === "-" ? null : content.length;
      return Promise.resolve({ size, chunks: piecesOf(content) });
    },
    readDir: (path) => {
      const entries = entriesOf(Object.keys(files), path);
      if (entries === null && files[path] === undefined) return Promise.reject(missing(path));
      return Promise.resolve(entries);
    },
    writeText: (path, text) => {
      if (path.endsWith("/")) {
        return Promise.reject(
          new FileError(`Cannot write ${path}: it is a folder, and must be a file`),
        );
      }
      written[path] = text;
      return Promise.resolve();
    },
    createBytes: (path, source) => {
      if (path !== source) return targetIn(packed, path);
      throw new FileError(`Cannot write ${path}: it is what is read, choose another name`);
    },
    openFile: (path) => {
      const content = bytes[path];
      if (content === undefined) throw missing(path);
      return { ...bytesSource(content), close: () => {} };
    },
    writeSparse: (path, sources, size, pieces) => {
      if (sources.includes(path)) throw new FileError(`Cannot write ${path}: it is what is read`);
      const file = new Uint8Array(size);
      for (const piece of pieces) file.set(piece.bytes, piece.offset);
      packed[path] = file;
    },
    serve: (serving) => {
      serving.onListen("http://127.0.0.1:8000/");
      served(serving);
      return Promise.resolve();
    },
    sourceFolder,
    withoutTypes: (module) => stripTypeScriptTypes(module),
    stdout: { write: (text) => void (texts.out += text), isTerminal },
    stderr: { write: (text) => void (texts.err += text), isTerminal },
    columns,
    noColor,
    now: () => clock += tick,
  };
  const code = await main(args, io);
  return { code, ...texts, written, packed };
}
