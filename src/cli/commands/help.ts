/**
 * `help`: what the command line can do, made from the table of commands.
 *
 * @module
 */

import { nearestWord } from "../../scenario/mod.ts";
import { writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EXIT, EXIT_CODES, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { COMMON_OPTIONS } from "../options.ts";
import type { OptionRow } from "../options.ts";
import { tableLines } from "../table.ts";

/** The first line of the general help. */
const WHAT_IT_IS = "buddyscope: the memory stack of kvm-unit-tests, modelled byte for byte";

function optionRows(options: readonly OptionRow[]): string[][] {
  return options.map(({ name, value, help }) => [
    value === null ? `--${name}` : `--${name} ${value}`,
    help,
  ]);
}

/**
 * The general help.
 *
 * @param context the commands, the colours and the width
 * @returns the lines
 */
export function generalHelp({ commands, paint, io: { columns } }: Context): string[] {
  const layout = { columns };
  return [
    WHAT_IT_IS,
    "",
    paint.bold("Usage"),
    "  buddyscope COMMAND [ARGUMENTS]",
    "  buddyscope --version",
    "",
    paint.bold("Commands"),
    ...tableLines(commands.map(({ name, summary }) => [name, summary]), layout),
    "",
    paint.bold("Options of all commands"),
    ...tableLines(optionRows(COMMON_OPTIONS), layout),
    "",
    paint.bold("Exit codes"),
    ...tableLines(EXIT_CODES.map((meaning, code) => [String(code), meaning]), layout),
    "",
    "  buddyscope help COMMAND  tells more about a command.",
  ];
}

/**
 * The help of a command.
 *
 * @param command the command
 * @param context the colours and the width
 * @returns the lines
 */
export function commandHelp(command: Command, { paint, io: { columns } }: Context): string[] {
  const { name, usage, summary, notes, options, examples } = command;
  return [
    `buddyscope ${name}: ${summary}`,
    "",
    paint.bold("Usage"),
    `  buddyscope ${name} ${usage}`.trimEnd(),
    "",
    ...(notes.length === 0 ? [] : [...notes.map((note) => `  ${note}`.trimEnd()), ""]),
    paint.bold("Options"),
    ...tableLines(optionRows([...options, ...COMMON_OPTIONS]), { columns }),
    "",
    paint.bold(examples.length === 1 ? "Example" : "Examples"),
    ...examples.map((example) => `  buddyscope ${example}`),
  ];
}

/**
 * Finds a command.
 *
 * @param commands the commands
 * @param name its name
 * @returns the command
 * @throws {UsageError} if there is none; it names the nearest
 */
export function commandNamed(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  return found ??
    refuseWord("command", name, nearestWord(name, commands.map((command) => command.name)));
}

function run(context: Context): Promise<ExitCode> {
  const { args, commands } = context;
  const [name, extra] = args.words;
  if (extra !== undefined) args.refuse("help takes one command at most");
  const lines = name === undefined
    ? generalHelp(context)
    : commandHelp(commandNamed(commands, name), context);
  writeLines(context, lines);
  return Promise.resolve(EXIT.held);
}

/** The command. */
export const HELP: Command = {
  name: "help",
  summary: "tells what the commands do",
  usage: "[COMMAND]",
  options: [],
  notes: [],
  examples: ["help run"],
  run,
};
