/**
 * Text from outside, made fit for a terminal.
 *
 * @module
 */

import { escapeText } from "../report/mod.ts";

/**
 * A text of several lines by somebody else: the ends of lines stay, the rest as {@linkcode escapeText} has it.
 *
 * @param text any text
 * @returns the lines, harmless in a terminal
 */
export function shownLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

const LONGEST_WORD = 60;

/**
 * An argument in quotation marks, cut if it is long.
 *
 * @param word the argument
 * @returns such as `"rnu"`
 */
export function quoted(word: string): string {
  return `"${escapeText(word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word)}"`;
}
