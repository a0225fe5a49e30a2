/**
 * Lines of a text, and errors that name them.
 *
 * @module
 */

import { MAX_MAP_LINE_LENGTH } from "./text_range.ts";

/** A line of the text. */
export interface SourceLine {
  /** Its number, from 1 on. */
  readonly number: number;
  /** Its characters, without the line end; cut off behind the longest line that a map may have. */
  readonly text: string;
  /** Its length in characters before it was cut off. */
  readonly length: number;
}

const QUOTED_LENGTH = 80;

/** What could act on a terminal or a page, or cannot be seen: controls, formats, lone surrogates, markup. */
const UNSAFE = /["\\<>&]|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/**
 * Quotes text for a message: shortened, and safe on a terminal and in a page.
 *
 * @param text the text
 * @returns the text in double quotes, at most some 80 characters of it
 */
export function quoteText(text: string): string {
  const trimmed = text.slice(0, MAX_MAP_LINE_LENGTH).trim();
  let shown = "";
  for (const character of trimmed) {
    if (shown.length >= QUOTED_LENGTH) return `"${shown}…"`;
    shown += character.replace(UNSAFE, escapeCharacter);
  }
  return `"${shown}"`;
}

/**
 * Makes the error of a line.
 *
 * @param source the line
 * @param problem what is wrong, after "line 7 …"
 * @param advice what was expected, or what to do
 * @returns the error, to be thrown
 */
export function lineError(source: SourceLine, problem: string, advice: string): SyntaxError {
  const place = `line ${source.number} ${problem}: ${quoteText(source.text)}`;
  return new SyntaxError(`Cannot read the memory map: ${place}; ${advice}`);
}

/**
 * Makes the error of a line that is longer than a line of a map may be.
 *
 * @param source the line
 * @returns the error, to be thrown
 */
export function longLineError(source: SourceLine): SyntaxError {
  return lineError(
    source,
    `has ${source.length} characters`,
    `a line of a memory map has at most ${MAX_MAP_LINE_LENGTH}, so give each range a line of its own`,
  );
}

/**
 * Calls a function for each line of a text; a line ends with a line feed, with or without a carriage
 * return before it.
 *
 * @param text the text
 * @param visit what to do with a line
 */
export function forEachLine(text: string, visit: (source: SourceLine) => void): void {
  let start = text.startsWith("\ufeff") ? 1 : 0;
  for (let number = 1; start <= text.length; number++) {
    const feed = text.indexOf("\n", start);
    const next = feed < 0 ? text.length + 1 : feed + 1;
    let end = next - 1;
    if (end > start && text[end - 1] === "\r") end--;
    const cut = Math.min(end, start + MAX_MAP_LINE_LENGTH);
    visit({ number, text: text.slice(start, cut), length: end - start });
    start = next;
  }
}

/**
 * Tells whether a line was cut off.
 *
 * @param source the line
 * @returns true if it is longer than a line of a map may be
 */
export function isTooLong(source: SourceLine): boolean {
  return source.length > MAX_MAP_LINE_LENGTH;
}

/** The marks of quoted mail before a line. */
const MAIL_QUOTES = /^(?:> ?)+/;

/**
 * A line without the marks of quoted mail before it.
 *
 * @param source the line
 * @returns its text; the blanks after the marks stay
 */
export function withoutMailQuotes(source: SourceLine): string {
  return source.text.startsWith(">") ? source.text.replace(MAIL_QUOTES, "") : source.text;
}
