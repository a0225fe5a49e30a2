/**
 * Doing several things of which some may go wrong.
 *
 * @module
 */

import type { Context } from "./command.ts";
import { UsageError, verdictOn } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { ClosedOutputError } from "./io.ts";

/**
 * Does something; what goes wrong is told, and the rest can go on.
 *
 * @param context the host and the arguments
 * @param path the file that is worked on
 * @param codes takes the exit code of what went wrong
 * @param action what is done
 * @throws {UsageError} if the command was used wrongly
 * @throws {ClosedOutputError} if nobody reads the output
 */
export async function attempt(
  context: Context,
  path: string,
  codes: ExitCode[],
  action: () => Promise<void> | void,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ClosedOutputError || error instanceof UsageError) throw error;
    const { code, message } = verdictOn(error, { args: context.typed, file: path });
    context.io.stderr.write(`${message}\n`);
    codes.push(code);
  }
}
