/**
 * The commands: one file each, one row each.
 *
 * @module
 */

// Order: run, boot, diff, picture, view, serve, check, conform, defects, explore, fuzz, replay, frag, xray, designs, archs,
// editions, help, mod

import type { Command } from "../command.ts";
import { ARCHS_COMMAND } from "./archs.ts";
import { BOOT_COMMAND } from "./boot.ts";
import { CHECK } from "./check.ts";
import { CONFORM } from "./conform.ts";
import { DEFECTS_COMMAND } from "./defects.ts";
import { DESIGNS_COMMAND } from "./designs.ts";
import { DIFF } from "./diff.ts";
import { EDITIONS_COMMAND } from "./editions.ts";
import { EXPLORE } from "./explore.ts";
import { FRAG } from "./frag.ts";
import { FUZZ } from "./fuzz.ts";
import { HELP } from "./help.ts";
import { PICTURE } from "./picture.ts";
import { REPLAY } from "./replay.ts";
import { RUN } from "./run.ts";
import { SERVE } from "./serve.ts";
import { VIEW } from "./view.ts";
import { XRAY } from "./xray.ts";

export { commandHelp, commandNamed, generalHelp } from "./help.ts";

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  RUN,
  BOOT_COMMAND,
  DIFF,
  PICTURE,
  VIEW,
  SERVE,
  CHECK,
  CONFORM,
  DEFECTS_COMMAND,
  EXPLORE,
  FUZZ,
  REPLAY,
  FRAG,
  XRAY,
  DESIGNS_COMMAND,
  ARCHS_COMMAND,
  EDITIONS_COMMAND,
  HELP,
];
