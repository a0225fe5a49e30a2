/**
 * What a command is: a row of data, from which its help is made, and what it does.
 *
 * @module
 */

import type { ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { jsonPieces } from "./json_text.ts";
import type { Arguments, OptionRow } from "./options.ts";
import type { Paint } from "./paint.ts";

/** What a command is given. */
export interface Context {
  /** The host. */
  readonly io: Io;
  /** The colours of standard output. */
  readonly paint: Paint;
  /** The arguments, without the command. */
  readonly args: Arguments;
  /** The arguments as they were typed, for reports of defects. */
  readonly typed: readonly string[];
  /** All commands, for the help. */
  readonly commands: readonly Command[];
}

/** A command. */
export interface Command {
  /** Its name. */
  readonly name: string;
  /** What it does, in a line that begins with a verb. */
  readonly summary: string;
  /** What stands behind the name, in capitals. */
  readonly usage: string;
  /** Its own options. */
  readonly options: readonly OptionRow[];
  /** What its user has to know, in a few lines. */
  readonly notes: readonly string[];
  /** Commands that can be typed, without `buddyscope`. */
  readonly examples: readonly string[];
  /** Does it. */
  readonly run: (context: Context) => Promise<ExitCode>;
}

/** The option that makes a command print JSON only. */
export const JSON_OPTION: OptionRow = {
  name: "json",
  value: null,
  help: "prints JSON and nothing else",
};

/**
 * Writes lines to standard output.
 *
 * @param context what the command was given
 * @param lines the lines; each gets a newline
 */
export function writeLines({ io }: Context, lines: readonly string[]): void {
  if (lines.length > 0) io.stdout.write(`${lines.join("\n")}\n`);
}

/** Pieces are written together, in texts of about this length. */
const WRITE_LENGTH = 65_536;

/**
 * Writes a value to standard output as JSON; bigints become texts, 0x and hex digits.
 *
 * @param context what the command was given
 * @param value plain data
 */
export function writeJson({ io }: Context, value: unknown): void {
  let text = "";
  for (const piece of jsonPieces(value)) {
    text += piece;
    if (text.length < WRITE_LENGTH) continue;
    io.stdout.write(text);
    text = "";
  }
  io.stdout.write(`${text}\n`);
}
