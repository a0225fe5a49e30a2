/**
 * A line of a scenario taken apart into words, signs and quoted texts.
 *
 * @module
 */

import { refuse } from "./errors.ts";
import type { Place } from "./errors.ts";
import { alternatives, nearestWord, quotedWord } from "./words.ts";

/** A piece of a line. */
export interface Token extends Place {
  /** A word, one of the signs `=`, `==`, `!=` and `|`, a quoted text, or the end of the line. */
  readonly kind: "word" | "sign" | "quoted" | "end";
  /** What a quoted text says; for the others the same as the text. */
  readonly value: string;
}

const TAB = 0x09;
const SPACE = 0x20;
const EXCLAMATION_MARK = 0x21;
const QUOTATION_MARK = 0x22;
const HASH = 0x23;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const BAR = 0x7c;

function endOfWord(line: string, start: number): number {
  let at = start;
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code <= SPACE || code === HASH || code === QUOTATION_MARK) break;
    if (code === EQUALS || code === BAR) break;
    if (code === EXCLAMATION_MARK && line.charCodeAt(at + 1) === EQUALS) break;
  }
  return at;
}

function quoted(line: string, start: number): Token {
  let value = "";
  let at = start + 1;
  for (; at < line.length && line.charCodeAt(at) !== QUOTATION_MARK; at++) {
    if (line.charCodeAt(at) === BACKSLASH) {
      at++;
      const next = line.charCodeAt(at);
      if (next !== QUOTATION_MARK && next !== BACKSLASH) {
        const text = line.slice(at - 1, at + 1);
        refuse({ column: at - 1, text }, 'a backslash must stand before \\ or "');
      }
    }
    value += line[at] ?? "";
  }
  if (at >= line.length) {
    refuse({ column: start, text: line.slice(start) }, 'a quoted text must end in "');
  }
  return { kind: "quoted", text: line.slice(start, at + 1), column: start, value };
}

function sign(line: string, start: number): Token {
  const isPair = line.charCodeAt(start) !== BAR && line.charCodeAt(start + 1) === EQUALS;
  const text = line.slice(start, start + (isPair ? 2 : 1));
  return { kind: "sign", text, column: start, value: text };
}

/** Finds what no line may hold: control characters other than a tab, and halves of surrogate pairs. */
function refuseControls(line: string): void {
  // deno-lint-ignore no-control-regex -- finding these is its purpose
  const at = line.search(/[\x00-\x08\x0a-\x1f\x7f-\x9f]|\p{Cs}/u);
  if (at < 0) return;
  refuse({ column: at, text: line[at] ?? "" }, "a line must not hold control characters");
}

/**
 * Takes a line apart. A comment begins at `#`, outside of quoted texts.
 *
 * @param line the line, without its end
 * @returns the tokens; the last one is the end
 * @throws {LineError} if a quoted text does not end, or the line holds control characters
 */
export function tokensOf(line: string): Token[] {
  refuseControls(line);
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === SPACE || code === TAB) {
      at++;
      continue;
    }
    if (code === HASH) break;
    let token: Token;
    if (code === QUOTATION_MARK) {
      token = quoted(line, at);
    } else {
      const end = endOfWord(line, at);
      const text = line.slice(at, end);
      token = end === at ? sign(line, at) : { kind: "word", text, column: at, value: text };
    }
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", text: "", column: at, value: "" });
  return tokens;
}

/** Reads the tokens of a line from left to right. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  /**
   * Begins at the first token.
   *
   * @param tokens the tokens of a line; the last one is the end
   */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The token some places further on, or the end. */
  peek(ahead = 0): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#at + ahead, last)] ?? END;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** Tells whether the next token is a word or a sign, and takes it if so. */
  take(text: string): boolean {
    const token = this.peek();
    if (token.kind === "quoted" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  /** Takes a word or a sign that has to stand here. */
  expect(text: string): void {
    const token = this.peek();
    if (!this.take(text)) refuse(token, `${quotedWord(text)} must stand here`);
  }

  /** Takes one of a few words. */
  oneOf<Word extends string>(words: readonly Word[], what: string): Word {
    const token = this.next();
    const found = token.kind === "quoted" ? undefined : words.find((word) => word === token.text);
    if (found !== undefined) return found;
    return refuse(token, `${what} must be ${alternatives(words)}`, nearestWord(token.text, words));
  }

  /** Makes sure that nothing follows. */
  expectEnd(after: string): void {
    const token = this.peek();
    if (token.kind !== "end") refuse(token, `nothing may follow ${after}`);
  }
}

const END: Token = { kind: "end", text: "", column: 0, value: "" };
