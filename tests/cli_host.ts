/**
 * A host for the command line that lives in memory.
 *
 * @module
 */

import { FileError, main } from "../src/cli/mod.ts";
import type { FolderEntry, Io } from "../src/cli/mod.ts";

/** What differs from a plain host. */
export interface HostSettings {
  /** Files by path; `-` is standard input. A folder is what stands before a slash. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether both streams are terminals. */
  readonly terminal?: "yes" | "no";
  readonly columns?: number;
  readonly noColor?: boolean;
  /** How many milliseconds pass between two looks at the clock. */
  readonly tick?: number;
}

/** What the command line did. */
export interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
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

/** Runs the command line on a host in memory. */
export async function runCli(
  args: readonly string[],
  settings: HostSettings = {},
): Promise<Ending> {
  const { files = {}, terminal = "no", columns = 80, noColor = false, tick = 0 } = settings;
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
    readDir: (path) => {
      const entries = entriesOf(Object.keys(files), path);
      if (entries === null && files[path] === undefined) return Promise.reject(missing(path));
      return Promise.resolve(entries);
    },
    stdout: { write: (text) => void (texts.out += text), isTerminal },
    stderr: { write: (text) => void (texts.err += text), isTerminal },
    columns,
    noColor,
    now: () => clock += tick,
  };
  const code = await main(args, io);
  return { code, ...texts };
}
