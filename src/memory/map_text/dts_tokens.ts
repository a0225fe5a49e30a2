/**
 * The words of a device tree source.
 *
 * @module
 */

import { lineError, type SourceLine } from "./source_line.ts";
import { MAX_MAP_LINE_LENGTH } from "./text_range.ts";

/** A place in a text. */
export interface DtsPlace {
  /** The number of characters before it. */
  readonly offset: number;
  /** Its line, from 1 on. */
  readonly line: number;
}

/** A word, a string or a sign of a device tree source, and where it begins. */
export interface DtsToken extends DtsPlace {
  /** What it is: a string in quotes, one of the signs `{};=<>[]()&:`, or anything else. */
  readonly kind: "string" | "sign" | "word";
  /** Its characters; those of a string without the quotes. */
  readonly text: string;
}

/** Gives the words of a device tree source one by one. */
export interface DtsTokens {
  /** The next word, or null behind the last. */
  next(): DtsToken | null;
  /** The line around a place. */
  lineOf(place: DtsPlace): SourceLine;
}

const WORD = /[\w,.+*#?@%$!~^|'\\-]+|\/[a-z0-9-]+\/|[^]/y;
const SIGNS = "{};=<>[]()&:";
/** Lines for the C preprocessor, and comments with `#`, which copies of sources have. */
const HASH_LINE = /#(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|pragma|line|[\s!]|$)/my;

/** The line around an offset, as far as a line of a map may reach to either side. */
function lineAround(text: string, offset: number, number: number): SourceLine {
  const first = Math.max(0, offset - MAX_MAP_LINE_LENGTH);
  const before = text.slice(first, offset);
  const after = text.slice(offset, offset + MAX_MAP_LINE_LENGTH);
  const feed = after.indexOf("\n");
  const shown = before.slice(before.lastIndexOf("\n") + 1) +
    after.slice(0, feed < 0 ? after.length : feed);
  return { number, text: shown.slice(0, MAX_MAP_LINE_LENGTH), length: shown.length };
}

function endOfLine(text: string, offset: number): number {
  const feed = text.indexOf("\n", offset);
  return feed < 0 ? text.length : feed + 1;
}

/**
 * Reads a device tree source word by word, in time proportional to its length.
 *
 * @param text the source
 * @returns the words; asking for one throws a `SyntaxError` where a string or a comment never ends
 */
export function dtsTokens(text: string): DtsTokens {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  /** The line of the last word, to know whether a line has begun with something. */
  let wordLine = 0;
  /** Moves on, counting the lines. */
  const moveTo = (offset: number): void => {
    for (; at < offset; at++) if (text.charCodeAt(at) === 10) line++;
  };
  const here = (): SourceLine => lineAround(text, at, line);
  const endOf = (mark: string, what: string): number => {
    const found = text.indexOf(mark, at + mark.length);
    if (found >= 0) return found + mark.length;
    throw lineError(here(), `begins ${what} that never ends`, `expected ${mark}`);
  };
  const isHashLine = (): boolean => {
    HASH_LINE.lastIndex = at;
    return text[at] === "#" && wordLine !== line && HASH_LINE.test(text);
  };
  const skip = (): void => {
    for (;;) {
      const character = text[at];
      if (character === undefined) return;
      if (character <= " ") moveTo(at + 1);
      else if (text.startsWith("//", at) || isHashLine()) moveTo(endOfLine(text, at));
      else if (text.startsWith("/*", at)) moveTo(endOf("*/", "a comment"));
      else return;
    }
  };
  const stringEnd = (): number => {
    for (let end = at + 1; end < text.length; end++) {
      if (text[end] === "\\") end++;
      else if (text[end] === '"') return end + 1;
    }
    throw lineError(here(), "begins a string that never ends", 'expected "');
  };
  return {
    next(): DtsToken | null {
      skip();
      if (at >= text.length) return null;
      const offset = at;
      wordLine = line;
      if (text[at] === '"') {
        moveTo(stringEnd());
        return { kind: "string", text: text.slice(offset + 1, at - 1), offset, line: wordLine };
      }
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0] ?? "";
      at += word.length;
      return { kind: SIGNS.includes(word) ? "sign" : "word", text: word, offset, line };
    },
    lineOf: (place: DtsPlace): SourceLine => lineAround(text, place.offset, place.line),
  };
}
