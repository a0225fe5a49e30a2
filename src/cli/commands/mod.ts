/**
 * The commands: one file each, one row each.
 *
 * @module
 */

// Order: conform, help, mod

import type { Command } from "../command.ts";
import { CONFORM } from "./conform.ts";
import { HELP } from "./help.ts";

export { commandHelp, commandNamed, generalHelp } from "./help.ts";

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [CONFORM, HELP];
