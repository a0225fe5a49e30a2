/**
 * Text from outside, made fit for a terminal.
 *
 * @module
 */

/** Control and invisible characters, and halves of surrogate pairs. A plain space is neither. */
const NOT_SHOWN = /(?! )[\p{C}\p{Z}]/gu;

/**
 * A text by somebody else on one line: control and invisible characters become `\u{…}`.
 *
 * @param text any text: a path, a member of a recording, an argument
 * @returns the text, harmless in a terminal
 */
export function shown(text: string): string {
  return text.replace(NOT_SHOWN, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * A text of several lines by somebody else: the ends of lines stay, the rest as {@linkcode shown}.
 *
 * @param text any text
 * @returns the lines, harmless in a terminal
 */
export function shownLines(text: string): string {
  return text.split("\n").map(shown).join("\n");
}

const LONGEST_WORD = 60;

/**
 * An argument in quotation marks, cut if it is long.
 *
 * @param word the argument
 * @returns such as `"rnu"`
 */
export function quoted(word: string): string {
  return `"${shown(word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word)}"`;
}
