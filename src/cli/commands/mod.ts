/**
 * The commands: one file each, one row each.
 *
 * @module
 */

// Order: run, boot, diff, conform, archs, editions, help, mod

import type { Command } from "../command.ts";
import { ARCHS_COMMAND } from "./archs.ts";
import { BOOT_COMMAND } from "./boot.ts";
import { CONFORM } from "./conform.ts";
import { DIFF } from "./diff.ts";
import { EDITIONS_COMMAND } from "./editions.ts";
import { HELP } from "./help.ts";
import { RUN } from "./run.ts";

export { commandHelp, commandNamed, generalHelp } from "./help.ts";

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  RUN,
  BOOT_COMMAND,
  DIFF,
  CONFORM,
  ARCHS_COMMAND,
  EDITIONS_COMMAND,
  HELP,
];
