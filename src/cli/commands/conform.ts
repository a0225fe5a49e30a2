/**
 * `conform`: replays recordings of the real code.
 *
 * @module
 */

import { archNamed } from "../../../arch/mod.ts";
import { replayRecording } from "../../check/mod.ts";
import type { ConformResult, Mismatch } from "../../check/mod.ts";
import { JSON_OPTION, writeJson, writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { escapeText } from "../../report/mod.ts";
import { excerptOf } from "../excerpt.ts";
import { EXIT, verdictOn, worstOf } from "../exit.ts";
import type { ExitCode, Verdict } from "../exit.ts";
import { ClosedOutputError, FileError, STANDARD_INPUT } from "../io.ts";
import type { Io } from "../io.ts";
import { Progress } from "../progress.ts";
import { counted } from "../words.ts";

/** What became of a recording. */
interface FileReport {
  readonly path: string;
  /** The result; null if the recording could not be replayed. */
  readonly result: ConformResult | null;
  /** Why it could not be replayed; null if it was. */
  readonly trouble: Verdict | null;
}

/** Names in the order in which people count: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

function joined(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** The recordings in a folder and below, or null if the path is no folder. */
async function recordingsIn(io: Io, path: string): Promise<string[] | null> {
  const entries = path === STANDARD_INPUT ? null : await io.readDir(path);
  if (entries === null) return null;
  const found: string[] = [];
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  for (const { name, kind } of visible.toSorted((a, b) => BY_NAME.compare(a.name, b.name))) {
    const inner = joined(path, name);
    if (kind === "file" && name.endsWith(".json")) found.push(inner);
    if (kind === "folder") found.push(...(await recordingsIn(io, inner) ?? []));
  }
  return found;
}

/** The files that a path stands for: itself, or the recordings in it. */
async function filesOf(io: Io, path: string): Promise<string[]> {
  const found = await recordingsIn(io, path);
  if (found === null) return [path];
  if (found.length > 0) return found;
  throw new FileError(
    `Cannot find a recording in ${escapeText(path)}: the folder must hold .json files`,
  );
}

function troubleWith(context: Context, path: string, error: unknown): FileReport {
  if (error instanceof ClosedOutputError) throw error;
  return { path, result: null, trouble: verdictOn(error, { args: context.typed, file: path }) };
}

async function replayFile(
  context: Context,
  path: string,
  engine: "auto" | "literal",
): Promise<FileReport> {
  try {
    const text = await context.io.readText(path);
    return { path, result: replayRecording(text, { archNamed, engine }), trouble: null };
  } catch (error) {
    return troubleWith(context, path, error);
  }
}

const LABEL_WIDTH = 14;

function mismatchLines(context: Context, path: string, title: string, found: Mismatch): string[] {
  const { paint, io } = context;
  const { left, right, marker, at } = excerptOf(
    found.recorded,
    found.modelled,
    io.columns - LABEL_WIDTH,
  );
  const label = (text: string): string => text.padEnd(LABEL_WIDTH);
  return [
    `${paint.failed} ${paint.bold(escapeText(path))}  ${escapeText(title)}`,
    `    step ${found.step}: ${escapeText(found.operation)}`,
    `    ${escapeText(found.what)} differs from character ${at} on`,
    label("    recorded") + paint.good(left),
    label("    modelled") + paint.bad(right),
    label("") + marker,
  ];
}

/** Says what is wrong with a recording; nothing if it holds. */
function tell(context: Context, { path, result, trouble }: FileReport): void {
  if (trouble !== null) context.io.stderr.write(`${trouble.message}\n`);
  const mismatch = result?.mismatch ?? null;
  if (result === null || mismatch === null || context.args.has("json")) return;
  writeLines(context, mismatchLines(context, path, result.title, mismatch));
}

function codeOf({ result, trouble }: FileReport): ExitCode {
  if (trouble !== null) return trouble.code;
  return result?.mismatch === null ? EXIT.held : EXIT.failed;
}

function summarize(context: Context, reports: readonly FileReport[]): void {
  const results = reports.flatMap(({ result }) => result === null ? [] : [result]);
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  const mismatches = results.filter(({ mismatch }) => mismatch !== null).length;
  if (context.args.has("json")) {
    const files = reports.map(({ path, result, trouble }) => ({
      path,
      ...(result ?? { error: trouble?.message ?? "" }),
    }));
    const unreadable = reports.length - results.length;
    writeJson(context, { files, totals: { files: results.length, steps, mismatches, unreadable } });
    return;
  }
  const files = `${counted(results.length, "file")}, ${counted(steps, "step")}`;
  writeLines(context, [`${files}, ${mismatches} mismatch${mismatches === 1 ? "" : "es"}`]);
}

/** All files of all paths, and reports on the paths that cannot be read. */
async function gather(context: Context): Promise<{ paths: string[]; reports: FileReport[] }> {
  const paths: string[] = [];
  const reports: FileReport[] = [];
  for (const path of context.args.words) {
    try {
      paths.push(...await filesOf(context.io, path));
    } catch (error) {
      const report = troubleWith(context, path, error);
      reports.push(report);
      tell(context, report);
    }
  }
  return { paths, reports };
}

async function run(context: Context): Promise<ExitCode> {
  const { io, args } = context;
  if (args.words.length === 0) {
    args.refuse("conform needs a recording, a folder of recordings, or - for standard input");
  }
  const engine = args.value("engine") === "literal" ? "literal" : "auto";
  const { paths, reports } = await gather(context);
  const progress = new Progress(io, paths.length, "files");
  for (const [index, path] of paths.entries()) {
    const report = await replayFile(context, path, engine);
    reports.push(report);
    if (codeOf(report) !== EXIT.held) progress.clear();
    tell(context, report);
    progress.update(index + 1);
  }
  progress.clear();
  summarize(context, reports);
  return worstOf(reports.map(codeOf));
}

/** The command. */
export const CONFORM: Command = {
  name: "conform",
  summary: "replays recordings of the real code and compares every result",
  usage: "PATH…",
  options: [
    {
      name: "engine",
      value: "WHICH",
      choices: ["auto", "literal"],
      help: "auto (the default; the fast engine as far as it goes) or literal",
    },
    JSON_OPTION,
  ],
  notes: [
    "A PATH is a recording, a folder of recordings, or - for standard input. What a recording",
    "holds is told by its content. In a folder only .json files are read, in folders below too.",
    "The first mismatch of each recording is shown; the last line counts.",
  ],
  examples: ["conform tests/vectors"],
  run,
};
