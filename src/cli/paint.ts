/**
 * Colours, and what stands in their place where there are none.
 *
 * @module
 */

import { bold, cyan, dim, green, red } from "@std/fmt/colors";

/** Colours a text, or leaves it as it is. */
export type Painter = (text: string) => string;

/** What colours mean here. */
export interface Paint {
  /** Something held. */
  readonly good: Painter;
  /** Something failed. */
  readonly bad: Painter;
  /** A heading. */
  readonly strong: Painter;
  /** A name to type. */
  readonly name: Painter;
  /** Something less important. */
  readonly faint: Painter;
  /** The mark of what held: a tick, or a word where there are no colours. */
  readonly held: string;
  /** The mark of what failed: a cross, or a word where there are no colours. */
  readonly failed: string;
}

const PLAIN: Painter = (text) => text;

/** Without colours, words say what held. */
export const NO_PAINT: Paint = {
  good: PLAIN,
  bad: PLAIN,
  strong: PLAIN,
  name: PLAIN,
  faint: PLAIN,
  held: "ok    ",
  failed: "FAILED",
};

const COLOURED: Paint = {
  good: green,
  bad: red,
  strong: bold,
  name: cyan,
  faint: dim,
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
  return wanted && !noColor ? COLOURED : NO_PAINT;
}
