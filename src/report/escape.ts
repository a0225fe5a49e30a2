/**
 * Text from outside: names and messages that somebody else wrote, made harmless.
 *
 * @module
 */

/** Control, format and private characters, halves of pairs, and every space but the plain one. */
const NOT_SHOWN = /(?! )[\p{C}\p{Z}]/gu;

/**
 * A text by somebody else, fit for a terminal and for a line of a report: control and invisible
 * characters, and those that turn the direction of writing, become `\u{…}`.
 *
 * @param text any text: a name, a path, a message
 * @returns the text on one line
 *
 * @example Usage
 * ```ts
 * import { escapeText } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeText("a\u001b[31mb\n.txt"), "a\\u{1b}[31mb\\u{a}.txt");
 * ```
 */
export function escapeText(text: string): string {
  return text.replace(NOT_SHOWN, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
