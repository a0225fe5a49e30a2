/**
 * Colours, and what stands in their place where there are none.
 *
 * @module
 */

import { blue, bold, dim, green, magenta, red, yellow } from "@std/fmt/colors";
import { PLAIN_PAINT } from "../report/mod.ts";
import type { Paint as ReportPaint, PaintText } from "../report/mod.ts";

/** What colours mean here: what they mean in reports, and marks for what held and what failed. */
export interface Paint extends ReportPaint {
  /** What is right. */
  readonly good: PaintText;
  /** The mark of what held: a tick, or a word where there are no colours. */
  readonly held: string;
  /** The mark of what failed: a cross, or a word where there are no colours. */
  readonly failed: string;
}

/** Without colours, words say what held. */
const PLAIN: Paint = {
  ...PLAIN_PAINT,
  good: (text) => text,
  held: "ok    ",
  failed: "FAILED",
};

const COLOURED: Paint = {
  fresh: green,
  free: blue,
  allocated: yellow,
  special: magenta,
  dim,
  bold,
  good: green,
  bad: red,
  held: green("✓"),
  failed: red("✗"),
};

/** When to colour: on a terminal, always, never. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** One of {@linkcode COLOR_CHOICES}. */
export type ColorChoice = typeof COLOR_CHOICES[number];

/**
 * The colours for a stream.
 *
 * @param choice what the user chose; NO_COLOR wins over all but never
 * @param isTerminal whether the stream is a terminal
 * @param noColor whether NO_COLOR is set
 * @returns colours, or none
 */
export function paintFor(choice: ColorChoice, isTerminal: boolean, noColor: boolean): Paint {
  const wanted = choice === "always" || (choice === "auto" && isTerminal);
  return wanted && !noColor ? COLOURED : PLAIN;
}
