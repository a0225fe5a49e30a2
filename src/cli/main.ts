/**
 * The command line from arguments to exit code.
 *
 * @module
 */

import type { Command, Context } from "./command.ts";
import { commandHelp, commandNamed, COMMANDS, generalHelp } from "./commands/mod.ts";
import { writeLines } from "./command.ts";
import { EXIT, verdictOn } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { ClosedOutputError } from "./io.ts";
import type { Io } from "./io.ts";
import { Arguments, COMMON_OPTIONS } from "./options.ts";
import type { OptionRow } from "./options.ts";
import { COLOR_CHOICES, paintFor } from "./paint.ts";
import { VERSION } from "./version.ts";

/** The options that can stand without a command. */
const TOP_OPTIONS: readonly OptionRow[] = [
  ...COMMON_OPTIONS,
  { name: "version", value: null, help: "shows the version" },
];

function contextOf(typed: readonly string[], args: Arguments, io: Io): Context {
  const word = args.value("color") ?? "auto";
  const choice = COLOR_CHOICES.find((color) => color === word) ?? "auto";
  const paint = paintFor(choice, io.stdout.isTerminal, io.noColor);
  return { io, paint, args, typed, commands: COMMANDS };
}

/** What happens without a command. */
function runTop(typed: readonly string[], io: Io): ExitCode {
  const args = new Arguments(typed, TOP_OPTIONS, null);
  const context = contextOf(typed, args, io);
  if (args.has("version")) {
    writeLines(context, [`buddyscope ${VERSION}`]);
    return EXIT.held;
  }
  if (args.has("help")) {
    writeLines(context, generalHelp(context));
    return EXIT.held;
  }
  io.stderr.write(`${generalHelp(context).join("\n")}\n`);
  return EXIT.wrongUse;
}

async function runCommand(
  command: Command,
  rest: readonly string[],
  typed: readonly string[],
  io: Io,
): Promise<ExitCode> {
  const args = new Arguments(rest, [...command.options, ...COMMON_OPTIONS], command.name);
  const context = contextOf(typed, args, io);
  if (args.has("help")) {
    writeLines(context, commandHelp(command, context));
    return EXIT.held;
  }
  return await command.run(context);
}

/**
 * Runs the command line.
 *
 * @param args the arguments: a command and what belongs to it
 * @param io the host
 * @returns the exit code: 0 all held; 1 an expectation, an invariant or a recording failed, or two
 * editions differ; 2 wrong use or input that cannot be read; 3 the model itself is wrong
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    // Options may stand before the command: it is the first word that is none.
    const at = args.findIndex((arg) => !arg.startsWith("-"));
    if (at < 0) return runTop(args, io);
    const command = commandNamed(COMMANDS, args[at] ?? "");
    return await runCommand(command, args.toSpliced(at, 1), args, io);
  } catch (error) {
    return tell(error, args, io);
  }
}

function tell(error: unknown, args: readonly string[], io: Io): ExitCode {
  const { code, message } = verdictOn(error, { args, file: null });
  try {
    if (message !== "") io.stderr.write(`${message}\n`);
  } catch (second) {
    if (!(second instanceof ClosedOutputError)) throw second;
  }
  return code;
}
