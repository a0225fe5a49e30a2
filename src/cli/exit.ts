/**
 * How the command line ends: exit codes, and what is said of an error.
 *
 * @module
 */

import { RecordingError } from "../check/mod.ts";
import { ScenarioError } from "../scenario/mod.ts";
import { quoted, shownLines } from "./escape.ts";
import { escapeText } from "../report/mod.ts";
import { ClosedOutputError, FileError } from "./io.ts";
import { VERSION } from "./version.ts";

/** The exit codes. Where several things happened, the largest counts. */
export const EXIT = {
  /** All held. */
  held: 0,
  /** An expectation, an invariant or a recording failed. */
  failed: 1,
  /** Wrong use, or input that cannot be read. */
  wrongUse: 2,
  /** The model itself is wrong. */
  modelError: 3,
} as const;

/** One of {@linkcode EXIT}. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** The exit codes in words, by ascending code. */
export const EXIT_CODES: readonly string[] = [
  "all held",
  "an expectation, an invariant or a recording failed, or two editions differ",
  "wrong use, or input that cannot be read",
  "the model itself is wrong",
];

/**
 * The exit code of several things together.
 *
 * @param codes the codes
 * @returns the largest; 0 for none
 */
export function worstOf(codes: Iterable<ExitCode>): ExitCode {
  let worst: ExitCode = EXIT.held;
  for (const code of codes) if (code > worst) worst = code;
  return worst;
}

/** The command line was used wrongly. */
export class UsageError extends Error {
  /** The error's name. */
  override name = "UsageError";
  /** Where help is to be found: a command's name, or null for the general help. */
  readonly command: string | null;

  /**
   * Makes the error.
   *
   * @param message what is wrong and what was expected, in a sentence without a period
   * @param command the command that was used wrongly
   */
  constructor(message: string, command: string | null = null) {
    super(message);
    this.command = command;
  }
}

/**
 * Refuses a word of the command line.
 *
 * @param what what it is, such as `command`
 * @param word the word
 * @param nearest the nearest valid word, or null
 * @param command the command whose help tells more, or null
 * @returns never
 * @throws {UsageError} always
 */
export function refuseWord(
  what: string,
  word: string,
  nearest: string | null,
  command: string | null = null,
): never {
  const hint = nearest !== null
    ? `; the nearest is ${quoted(nearest)}`
    : LISTED_BY[what] === undefined
    ? ""
    : `; \`buddyscope ${LISTED_BY[what]}\` lists all`;
  throw new UsageError(`Unknown ${what} ${quoted(word)}${hint}`, command);
}

/** The command that lists all words of a kind. */
const LISTED_BY: Readonly<Record<string, string>> = {
  architecture: "archs",
  edition: "editions",
  rule: "help check",
};

/** What the user did when something went wrong. */
export interface Attempt {
  /** The arguments. */
  readonly args: readonly string[];
  /** The file that was worked on; null for none. */
  readonly file: string | null;
}

/** An error in words, and the exit code that it leads to. */
export interface Verdict {
  /** The exit code. */
  readonly code: ExitCode;
  /** The lines, without a newline at the end; empty where there is nobody to tell. */
  readonly message: string;
}

/** Numbers that no machine can hold reach the model from files; the model words them "Cannot …". */
function isRefusedNumber(error: unknown): error is Error {
  return (error instanceof RangeError || error instanceof SyntaxError) &&
    error.message.startsWith("Cannot ");
}

const STACK_LINES = 12;

function wordDefect(error: unknown, { args, file }: Attempt): string {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  return [
    shownLines(error instanceof Error ? error.message : String(error)),
    "",
    "This is a defect of buddyscope itself, not of what you gave it: the result cannot be trusted.",
    "Please report it as an issue of buddyscope, with these lines and the file:",
    `  command  buddyscope ${args.map(escapeText).join(" ")}`,
    ...(file === null ? [] : [`  file     ${escapeText(file)}`]),
    `  version  ${VERSION}`,
    ...stack.split("\n").slice(0, STACK_LINES).map((line) => `  ${escapeText(line)}`),
  ].join("\n");
}

/**
 * Judges an error that ended something.
 *
 * @param error what was thrown
 * @param attempt what the user did
 * @returns the exit code and the message
 */
export function verdictOn(error: unknown, attempt: Attempt): Verdict {
  const place = attempt.file === null ? "" : `${escapeText(attempt.file)}: `;
  // Whoever read the output had enough of it: nothing is wrong.
  if (error instanceof ClosedOutputError) return { code: EXIT.held, message: "" };
  if (error instanceof UsageError) {
    const help = error.command === null ? "help" : `help ${error.command}`;
    const message = `${error.message}\nSee: buddyscope ${help}`;
    return { code: EXIT.wrongUse, message };
  }
  if (error instanceof FileError) return { code: EXIT.wrongUse, message: error.message };
  if (error instanceof ScenarioError) {
    return { code: EXIT.wrongUse, message: shownLines(error.message) };
  }
  if (error instanceof RecordingError || (attempt.file !== null && isRefusedNumber(error))) {
    return { code: EXIT.wrongUse, message: `${place}${escapeText(error.message)}` };
  }
  return { code: EXIT.modelError, message: wordDefect(error, attempt) };
}
