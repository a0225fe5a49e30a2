/**
 * Mutants of source text: small mechanical changes, each of which should make a test fail.
 *
 * @module
 */

import { codeOf, lineAt } from "../../tests/source_text.ts";

/** One change of one file. */
export interface Mutant {
  /** The file, from the project's folder. */
  readonly path: string;
  /** The line at which it begins, from 1. */
  readonly line: number;
  /** Which kind of change it is. */
  readonly operator: string;
  /** What stood there, in one line. */
  readonly before: string;
  /** What stands there instead, in one line. */
  readonly after: string;
  /** The whole text of the changed file. */
  readonly text: string;
}

/** A kind of change: where it applies, in code without comments and texts, and what it makes of it. */
interface Operator {
  readonly name: string;
  readonly pattern: RegExp;
  readonly replace: (found: string) => string;
}

const FLIPPED: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
};

const OPERATORS: readonly Operator[] = [
  {
    name: "flip a comparison",
    pattern: / (?:===|!==|<=|>=|<|>) (?=[\w(!"-])/g,
    replace: (found) => ` ${FLIPPED[found.trim()] ?? found.trim()} `,
  },
  { name: "and becomes or", pattern: / && /g, replace: () => " || " },
  { name: "or becomes and", pattern: / \|\| /g, replace: () => " && " },
  { name: "plus becomes minus", pattern: / \+ (?=[\w(])/g, replace: () => " - " },
  { name: "minus becomes plus", pattern: / - (?=[\w(])/g, replace: () => " + " },
  { name: "one more", pattern: /(?<= [+-] )1(?![\w.])/g, replace: () => "2" },
  { name: "one less", pattern: /(?<= [+-] )1(?![\w.])/g, replace: () => "0" },
  { name: "one step more", pattern: /\+\+|--/g, replace: (found) => ` ${found[0]}= 2` },
  { name: "max becomes min", pattern: /\bMath\.max\b/g, replace: () => "Math.min" },
  { name: "drop a break", pattern: /\bbreak;/g, replace: () => ";" },
  { name: "continue becomes break", pattern: /\bcontinue;/g, replace: () => "break;" },
  { name: "drop a negation", pattern: /(?<=[(\s])!(?=[a-zA-Z(])/g, replace: () => "" },
  { name: "front becomes back", pattern: /\baddToFront\b(?=\()/g, replace: () => "addToBack" },
  { name: "back becomes front", pattern: /\baddToBack\b(?=\()/g, replace: () => "addToFront" },
];

/** Texts that mean an end of a list; they are blanked in code and looked for in the text itself. */
const END_WORDS: readonly (readonly [string, string])[] = [
  ['"front"', '"back"'],
  ['"back"', '"front"'],
];

/** The start of a statement that is nothing but a call. */
const CALL_STATEMENT =
  /^([ ]+(?:(?:if|else) (?:\([^\n]*\) )?)?)([a-zA-Z][\w.]*)\((?=[^\n]*(?:\);|[(,{[])$|$)/gm;

/** The index behind the bracket that closes the one at an index. */
function behindBracket(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ("([{".includes(code[at] ?? " ")) depth++;
    else if (")]}".includes(code[at] ?? " ") && --depth === 0) return at + 1;
  }
  return code.length;
}

/** Calls that are dropped: asserts under their own name, the rest as statements. */
function droppedCalls(code: string): { from: number; to: number; operator: string }[] {
  return [...code.matchAll(CALL_STATEMENT)].flatMap((match) => {
    const from = match.index + (match[1] ?? "").length;
    const name = match[2] ?? "";
    const to = behindBracket(code, from + name.length);
    if (code[to] !== ";" || ["if", "for", "while", "switch", "return"].includes(name)) return [];
    const isAssert = /assert/i.test(name);
    return [{ from, to, operator: isAssert ? "drop an assertion" : "drop a call" }];
  });
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Lines of imports, types and fixed tables have nothing that runs. */
function isIdle(line: string): boolean {
  return /^\s*(?:import|export type|export interface|readonly|\*|\/)/.test(line);
}

function lineOfText(text: string, at: number): string {
  const from = text.lastIndexOf("\n", at - 1) + 1;
  const to = text.indexOf("\n", at);
  return text.slice(from, to < 0 ? text.length : to);
}

/**
 * Makes all mutants of a file.
 *
 * @param path the file's path, for reports
 * @param text its text, as `deno fmt` writes it
 * @returns the mutants, by their place in the file
 */
export function mutantsOf(path: string, text: string): Mutant[] {
  const code = codeOf(text);
  const found: (Mutant & { at: number })[] = [];
  const add = (from: number, to: number, after: string, operator: string): void => {
    const line = lineOfText(text, from);
    if (isIdle(line)) return;
    const changed = text.slice(0, from) + after + text.slice(to);
    const isDropped = operator === "drop a call" || operator === "drop an assertion";
    const before = isDropped ? text.slice(from, to) : line;
    const shown = isDropped ? after : lineOfText(changed, from);
    found.push({
      at: from,
      path,
      line: lineAt(text, from),
      operator,
      before: inOneLine(before),
      after: inOneLine(shown),
      text: changed,
    });
  };
  for (const { name, pattern, replace } of OPERATORS) {
    for (const match of code.matchAll(pattern)) {
      add(match.index, match.index + match[0].length, replace(match[0]), name);
    }
  }
  for (const [word, other] of END_WORDS) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      // A quote of code is still there when texts are blanked; one of a comment is not. A type has both.
      const isType = /\|/.test(lineOfText(text, at));
      if (code[at] === '"' && !isType) {
        add(at, at + word.length, other, `${word.slice(1, -1)} becomes ${other.slice(1, -1)}`);
      }
    }
  }
  for (const { from, to, operator } of droppedCalls(code)) add(from, to, "", operator);
  return found.toSorted((one, other) => one.at - other.at).map(({ at: _, ...mutant }) => mutant);
}
