/**
 * `help`: what the command line can do, made from the table of commands.
 *
 * @module
 */

import { LANGUAGE, nearestWord } from "../../scenario/mod.ts";
import { writeLines } from "../command.ts";
import type { Command, Context } from "../command.ts";
import { EXIT, EXIT_CODES, refuseWord } from "../exit.ts";
import type { ExitCode } from "../exit.ts";
import { COMMON_OPTIONS } from "../options.ts";
import type { OptionRow } from "../options.ts";
import { tableLines } from "../table.ts";

/** The first line of the general help. */
const WHAT_IT_IS = "buddyscope: the memory stack of kvm-unit-tests, modelled byte for byte";

/** What can be asked for besides commands: the language of scenarios. */
const SCENARIO_TOPIC = "scenario";

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
    paint.bold("More"),
    ...tableLines([
      ["buddyscope help COMMAND", "tells more about a command"],
      [`buddyscope help ${SCENARIO_TOPIC}`, "tells what can stand in a scenario"],
    ], layout),
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

/** The help on scenarios: what can stand in one. */
function scenarioHelp({ paint, io: { columns } }: Context): string[] {
  return [
    "A scenario is a text of statements, one a line; its file is named .buddy.",
    ...LANGUAGE.flatMap(({ title, entries }) => [
      "",
      paint.bold(title.charAt(0).toUpperCase() + title.slice(1)),
      ...tableLines(entries.map(({ usage, help }) => [usage, help]), { columns }),
    ]),
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

function helpOn(name: string, context: Context): string[] {
  if (name === SCENARIO_TOPIC) return scenarioHelp(context);
  return commandHelp(commandNamed(context.commands, name), context);
}

function run(context: Context): Promise<ExitCode> {
  const [name, extra] = context.args.words;
  if (extra !== undefined) context.args.refuse("help takes one command at most");
  writeLines(context, name === undefined ? generalHelp(context) : helpOn(name, context));
  return Promise.resolve(EXIT.held);
}

/** The command. */
export const HELP: Command = {
  name: "help",
  summary: "tells what the commands do, and what can stand in a scenario",
  usage: "[COMMAND]",
  options: [],
  notes: ["help scenario tells what can stand in a scenario."],
  examples: ["help run"],
  run,
};
