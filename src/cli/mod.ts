/**
 * The command line.
 *
 * ```sh
 * deno run --allow-read jsr:@buddyscope/sim/cli help
 * ```
 *
 * Exit codes: 0 all held; 1 an expectation, an invariant or a recording failed, or two editions differ;
 * 2 wrong use or input that cannot be read; 3 the model itself is wrong.
 *
 * @example The command line inside a program
 * ```ts
 * import { main } from "@buddyscope/sim/cli";
 * import type { Io } from "@buddyscope/sim/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const written: string[] = [];
 * const io: Io = {
 *   readText: () => Promise.reject(new Error("no files here")),
 *   readBytes: () => Promise.reject(new Error("no files here")),
 *   readDir: () => Promise.resolve(null),
 *   writeText: () => Promise.reject(new Error("no files here")),
 *   createBytes: () => {
 *     throw new Error("no files here");
 *   },
 *   openFile: () => {
 *     throw new Error("no files here");
 *   },
 *   writeSparse: () => {
 *     throw new Error("no files here");
 *   },
 *   serve: () => Promise.reject(new Error("no network here")),
 *   sourceFolder: null,
 *   withoutTypes: (module) => module,
 *   stdout: { write: (text) => void written.push(text), isTerminal: false },
 *   stderr: { write: (text) => void written.push(text), isTerminal: false },
 *   columns: 80,
 *   noColor: true,
 *   now: () => 0,
 * };
 * assertEquals(await main(["--version"], io), 0);
 * assertEquals(written.join("").split(" ")[0], "buddyscope");
 * ```
 *
 * @module
 */

// Order: version, words, escape, io, exit, paint, table, progress, excerpt, json_text, options,
// boot_memory, boot_options, command, attempt, edition_option, views, run_text, check_text,
// scenario_file, replay_run, replay_pack, replay_text, replay_trace, trace_source, replay_lab, explorer_modules, designs_hazards, designs_text, designs_json, designs_page, dump_out,
// xray_text, xray_json, commands, main, dump_host, host, mod

import { denoIo } from "./host.ts";
import { main } from "./main.ts";

export { ClosedOutputError, FileError } from "./io.ts";
export type {
  ByteSource,
  ByteTarget,
  FilePiece,
  FolderEntry,
  Io,
  OpenFile,
  OutputStream,
  ServedFile,
  Serving,
} from "./io.ts";
export { main } from "./main.ts";

if (import.meta.main) Deno.exitCode = await main(Deno.args, denoIo());
