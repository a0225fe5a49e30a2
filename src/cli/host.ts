/**
 * The host of the command line: Deno.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { escapeText } from "../report/mod.ts";
import { openFile, writeSparse } from "./dump_host.ts";
import { ClosedOutputError, FileError, STANDARD_INPUT } from "./io.ts";
import type { ByteSource, ByteTarget, FolderEntry, Io, OutputStream, Serving } from "./io.ts";

const DEFAULT_COLUMNS = 80;

/** The part of `Deno.stdout` and `Deno.stderr` that is used. */
interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

function outputTo(writer: SyncWriter): OutputStream {
  const encoder = new TextEncoder();
  return {
    isTerminal: writer.isTerminal(),
    write(text): void {
      let rest = encoder.encode(text);
      while (rest.length > 0) {
        try {
          rest = rest.subarray(writer.writeSync(rest));
        } catch (error) {
          if (error instanceof Deno.errors.BrokenPipe) {
            throw new ClosedOutputError("Cannot write: nobody reads on");
          }
          // A pipe that a parent process has made non-blocking: its reader will make room.
          if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        }
      }
    },
  };
}

/** Words an error of the file system that kept a text from being written. */
function writeError(path: string, error: unknown): FileError {
  const name = escapeText(path);
  if (error instanceof Deno.errors.NotFound) {
    return new FileError(`Cannot write ${name}: its folder must exist`);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new FileError(
      `Cannot write ${name}: Deno must be allowed to, add --allow-write=${name} behind "deno run"`,
    );
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return new FileError(`Cannot write ${name}: it is a folder, and must be a file`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new FileError(`Cannot write ${name}: the system must permit it, see the file's owner`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`Cannot write ${name}: ${escapeText(reason)}`);
}

async function writeText(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    throw writeError(path, error);
  }
}

/** What there is at a path; null for nothing. */
function statOrNothing(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const name = escapeText(path);
    throw new FileError(
      `Cannot write ${name}: Deno must be allowed to look whether it is what is read, ` +
        `add --allow-read=${name} behind "deno run"`,
    );
  }
}

/** Refuses to write to what cannot be written again from its start, and to the source itself. */
function checkTarget(path: string, source: string | null): void {
  const target = statOrNothing(path);
  if (target === null || target.isDirectory) return;
  const name = escapeText(path);
  if (!target.isFile) throw new FileError(`Cannot write ${name}: it must be a file`);
  const read = source === null || source === STANDARD_INPUT ? null : statOrNothing(source);
  if (read?.isFile !== true) return;
  const isSame = read.ino === null
    ? Deno.realPathSync(path) === Deno.realPathSync(source ?? "")
    : read.ino === target.ino && read.dev === target.dev;
  if (isSame) throw new FileError(`Cannot write ${name}: it is what is read, choose another name`);
}

/** A file that is open for writing. */
function targetOf(path: string, file: Deno.FsFile): ByteTarget {
  const writing = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  const writeAll = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  return {
    write: (bytes) => writing(() => writeAll(bytes)),
    rewriteStart: (bytes) =>
      writing(() => {
        file.seekSync(0, Deno.SeekMode.Start);
        writeAll(bytes);
        file.seekSync(0, Deno.SeekMode.End);
      }),
    close: () => writing(() => file.close()),
    discard: () =>
      writing(() => {
        file.close();
        Deno.removeSync(path);
      }),
  };
}

function createBytes(path: string, source: string | null): ByteTarget {
  try {
    checkTarget(path, source);
    return targetOf(path, Deno.openSync(path, { write: true, create: true, truncate: true }));
  } catch (error) {
    throw error instanceof FileError ? error : writeError(path, error);
  }
}

/** Words an error of the file system. */
function fileError(path: string, error: unknown): FileError {
  const name = path === STANDARD_INPUT ? "standard input" : escapeText(path);
  if (error instanceof Deno.errors.NotFound) {
    return new FileError(`Cannot read ${name}: there is no such file or folder`);
  }
  if (error instanceof Deno.errors.NotCapable && error.message.includes("--allow-all")) {
    return new FileError(
      `Cannot read ${name}: Deno opens files of the system itself only with --allow-all, ` +
        `let the shell do it: put - in place of the file, and < ${name} behind it`,
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    const folder = /^(?:.*\/)?/.exec(path)?.[0] ?? "";
    const flag = `--allow-read${folder === "" ? "" : `=${escapeText(folder)}`}`;
    return new FileError(
      `Cannot read ${name}: Deno must be allowed to, add ${flag} behind "deno run"`,
    );
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return new FileError(`Cannot read ${name}: it is a folder, and must be a file`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new FileError(`Cannot read ${name}: the system must permit it, see the file's owner`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`Cannot read ${name}: ${escapeText(reason)}`);
}

/** The text of bytes. Throws a TypeError if they are none. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TypeError("it must be text in UTF-8, and not longer than half a gigabyte");
  }
}

async function readText(path: string): Promise<string> {
  try {
    if (path !== STANDARD_INPUT) return decoded(await Deno.readFile(path));
    return decoded(await new Response(Deno.stdin.readable).bytes());
  } catch (error) {
    throw fileError(path, error);
  }
}

const ERRORS = { read: fileError, write: writeError };

function checkSparseTarget(path: string, sources: readonly string[]): void {
  try {
    checkTarget(path, null);
    for (const source of sources) checkTarget(path, source);
  } catch (error) {
    throw error instanceof FileError ? error : writeError(path, error);
  }
}

/** So many bytes of a file are read at once. */
const CHUNK_BYTES = 2 ** 18;

/** The bytes of a file that is open; it is closed when nobody takes more of them. */
async function* chunksOf(path: string, file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
      yield buffer.subarray(0, read);
    }
  } catch (error) {
    throw fileError(path, error);
  } finally {
    file.close();
  }
}

async function readBytes(path: string): Promise<ByteSource> {
  if (path === STANDARD_INPUT) return { size: null, chunks: Deno.stdin.readable };
  try {
    const { isFile, size } = await Deno.stat(path);
    const file = await Deno.open(path, { read: true });
    return { size: isFile ? size : null, chunks: chunksOf(path, file) };
  } catch (error) {
    throw fileError(path, error);
  }
}

/** What an entry of a folder is, with links to files followed. */
async function kindOf(folder: string, entry: Deno.DirEntry): Promise<FolderEntry["kind"]> {
  if (entry.isFile) return "file";
  if (entry.isDirectory) return "folder";
  if (!entry.isSymlink) return "other";
  try {
    return (await Deno.stat(`${folder}/${entry.name}`)).isFile ? "file" : "other";
  } catch {
    return "other"; // A link that leads nowhere.
  }
}

async function readDir(path: string): Promise<readonly FolderEntry[] | null> {
  try {
    if (!(await Deno.stat(path)).isDirectory) return null;
    const entries: FolderEntry[] = [];
    for await (const entry of Deno.readDir(path)) {
      entries.push({ name: entry.name, kind: await kindOf(path, entry) });
    }
    return entries;
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Who is served: programs on this machine. */
const LOOPBACK = "127.0.0.1";

/** Words an error of the network that kept a port from being opened. */
function listenError(port: number, error: unknown): FileError {
  const what = `Cannot listen on port ${port}`;
  if (error instanceof Deno.errors.NotCapable) {
    return new FileError(
      `${what}: Deno must be allowed to, add --allow-net=${LOOPBACK} behind "deno run"`,
    );
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return new FileError(`${what}: another program does, choose a port with --port`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`${what}: ${escapeText(reason)}`);
}

async function serve({ port, fileAt, onListen }: Serving): Promise<void> {
  const handler = ({ method, url }: Request): Response => {
    const file = method === "GET" || method === "HEAD" ? fileAt(new URL(url).pathname) : null;
    if (file === null) return new Response("There is no such file.\n", { status: 404 });
    return new Response(file.text, {
      headers: {
        "content-type": `${file.type}; charset=utf-8`,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
      },
    });
  };
  const options = {
    hostname: LOOPBACK,
    port,
    onListen: (address: Deno.NetAddr): void => onListen(`http://${LOOPBACK}:${address.port}/`),
  };
  try {
    await Deno.serve(options, handler).finished;
  } catch (error) {
    throw listenError(port, error);
  }
}

/** The folder of the project: this file is two folders down. */
function sourceFolder(): string | null {
  return import.meta.dirname?.replace(/[\\/]src[\\/]cli$/, "") ?? null;
}

function columnsOfTerminal(): number {
  try {
    const { columns } = Deno.consoleSize();
    return columns > 0 ? columns : DEFAULT_COLUMNS;
  } catch {
    return DEFAULT_COLUMNS; // No terminal.
  }
}

/**
 * The host when the command line runs on Deno. It reads the files that it is given, writes the one
 * that it is told to write, serves only if it is told to, and asks for no permission but that.
 *
 * @returns files, streams, terminal and clock
 */
export function denoIo(): Io {
  return {
    readText,
    readBytes,
    readDir,
    writeText,
    createBytes,
    openFile: (path) => openFile(path, ERRORS),
    writeSparse: (path, sources, size, pieces) => {
      checkSparseTarget(path, sources);
      writeSparse(path, size, pieces, ERRORS);
    },
    serve,
    sourceFolder: sourceFolder(),
    withoutTypes: (module) => stripTypeScriptTypes(module),
    stdout: outputTo(Deno.stdout),
    stderr: outputTo(Deno.stderr),
    columns: columnsOfTerminal(),
    noColor: Deno.noColor,
    now: () => performance.now(),
  };
}
