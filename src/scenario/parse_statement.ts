/**
 * Statements from the words of a line.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { HOST_WORD, isHostCall, isPlace, OPTION_NAMES, wordsOf } from "./call_row.ts";
import type { CallRow, OptionName } from "./call_row.ts";
import { callNamed, CALLS, usageOf } from "./calls.ts";
import { refuse } from "./errors.ts";
import { EXPECTATION_WORDS, parseExpectation, readAreaName } from "./expectations.ts";
import type { Cursor, Token } from "./lexer.ts";
import { parseMachine } from "./machine_statement.ts";
import { isNameSpelling, readOperand, readQuantity } from "./quantities.ts";
import { NO_OPTIONS, VIEWS } from "./types.ts";
import type { CallOptions, CallStatement, Operand, Statement } from "./types.ts";
import { alternatives, nearestWord, quotedWord } from "./words.ts";

/** What the parser knows at a line. */
export interface Scope {
  /** The names bound so far. */
  readonly bound: Map<string, Operand>;
  /** The architectures there are. */
  readonly archs: readonly Arch[] | null;
  /** Whether a statement stands before. */
  isFirst: boolean;
}

const STATEMENT_WORDS: readonly string[] = ["machine", "expect", "show", "try"];

const FIRST_WORDS: readonly string[] = [
  ...new Set([...STATEMENT_WORDS, ...CALLS.flatMap((row) => wordsOf(row).slice(0, 1))]),
];

const HOST_CALLS: readonly CallRow[] = CALLS.filter(({ name }) => isHostCall(name));

const KEYWORDS: ReadonlySet<string> = new Set([
  ...FIRST_WORDS,
  ...OPTION_NAMES,
  ...EXPECTATION_WORDS,
]);

/**
 * Tells whether a word can be the name of a result.
 *
 * @param word any text
 * @returns true if it is spelt like a name and is no word of the language
 */
export function isName(word: string): boolean {
  return isNameSpelling(word) && !KEYWORDS.has(word);
}

/**
 * Reads a statement.
 *
 * @param cursor the words of its line
 * @param scope what is known before; the name that it binds is added
 * @returns the statement
 * @throws {LineError} if the words are none
 */
export function parseStatement(cursor: Cursor, scope: Scope): Statement {
  const first = cursor.peek();
  if (cursor.take("machine")) {
    if (!scope.isFirst) refuse(first, "a machine statement must be the first statement");
    return parseMachine(cursor, scope.archs);
  }
  if (cursor.take("expect")) {
    const expectation = parseExpectation(cursor, scope.bound);
    cursor.expectEnd("the expectation");
    return { kind: "expect", expectation };
  }
  if (cursor.take("show")) {
    const view = cursor.oneOf(VIEWS, "the word after show");
    cursor.expectEnd(`show ${view}`);
    return { kind: "show", view };
  }
  return parseCall(cursor, scope);
}

function parseCall(cursor: Cursor, scope: Scope): CallStatement {
  const mode = cursor.take("try") ? "try" : "run";
  const isBinding = cursor.peek(1).text === "=" && cursor.peek(1).kind === "sign";
  const nameToken = isBinding ? cursor.next() : null;
  if (nameToken !== null) cursor.expect("=");
  try {
    if (nameToken !== null && !scope.bound.has(nameToken.text)) checkName(nameToken);
    const { call, inName } = parseCallName(cursor, scope);
    if (nameToken !== null && call.result === "nothing") {
      refuse(nameToken, `${call.name} gives nothing back that a name could be bound to`);
    }
    const { args, options } = parseArguments(cursor, call, scope, inName);
    return { kind: "call", mode, result: nameToken?.text ?? null, call: call.name, args, options };
  } finally {
    // Bound even if the line is wrong, so that later lines do not complain about the name.
    if (nameToken !== null) bind(scope, nameToken.text);
  }
}

function bind(scope: Scope, name: string): void {
  if (scope.bound.has(name) || !isName(name)) return;
  scope.bound.set(name, { kind: "name", name, offset: 0n });
}

function checkName(token: Token): void {
  if (token.kind !== "word" || !isNameSpelling(token.text)) {
    refuse(token, "a name must be letters, digits and _, and must not begin with a digit");
  }
  if (KEYWORDS.has(token.text)) refuse(token, "a name must not be a word of the language");
}

/** A call that was named, and the arguments that stand inside of its name. */
interface NamedCall {
  readonly call: CallRow;
  readonly inName: readonly Operand[];
}

function parseCallName(cursor: Cursor, scope: Scope): NamedCall {
  const token = cursor.next();
  if (token.kind === "word" && token.text === HOST_WORD) return parseHostCall(cursor, scope);
  const call = token.kind === "word" ? callNamed(token.text) : null;
  if (call !== null) return { call, inName: [] };
  if (token.text === "try") refuse(token, "try must stand once, before the name");
  if (STATEMENT_WORDS.includes(token.text)) refuse(token, "only a call can stand here");
  return refuse(
    token,
    "a statement or a call must stand here",
    nearestWord(token.text, FIRST_WORDS),
  );
}

/** Reads the words behind `host` as far as they name a call. */
function parseHostCall(cursor: Cursor, scope: Scope): NamedCall {
  let fitting = HOST_CALLS;
  const inName: Operand[] = [];
  for (let at = 1;; at++) {
    const longer = fitting.filter((row) => wordsOf(row).length > at);
    const [call] = fitting.filter((row) => wordsOf(row).length === at);
    const token = cursor.peek();
    const words = longer.map((row) => wordsOf(row)[at] ?? "");
    const isHere = (word: string): boolean => isPlace(word) || word === token.text;
    if (call !== undefined && !words.some(isHere)) return { call, inName };
    if (!words.some(isHere)) {
      const choices = [...new Set(words)];
      const rule = `what the host does must be ${alternatives(choices)}`;
      refuse(token, rule, nearestWord(token.text, choices));
    }
    cursor.next();
    fitting = longer.filter((row) => isHere(wordsOf(row)[at] ?? ""));
    const quantity = fitting[0]?.parameters[inName.length]?.quantity;
    if (words.some(isPlace) && quantity !== undefined) {
      inName.push(readOperand(token, quantity, scope.bound));
    }
  }
}

function parseArguments(
  cursor: Cursor,
  call: CallRow,
  scope: Scope,
  inName: readonly Operand[],
): { args: Operand[]; options: CallOptions } {
  const args: Operand[] = [...inName];
  let options = NO_OPTIONS;
  const met = new Set<OptionName>();
  while (cursor.peek().kind !== "end") {
    const option = OPTION_NAMES.find((name) => name === cursor.peek().text);
    if (option !== undefined) {
      options = { ...options, ...parseOption(cursor, call, option, met) };
      continue;
    }
    const parameter = call.parameters[args.length];
    const token = cursor.next();
    if (parameter === undefined) {
      refuse(
        token,
        `nothing more may follow ${quotedWord(usageOf(call))}`,
        nearestWord(token.text, call.options),
      );
    }
    args.push(readOperand(token, parameter.quantity, scope.bound));
  }
  const missing = call.parameters[args.length];
  if (missing?.presence === "required") {
    refuse(cursor.peek(), `${missing.name} must stand here, as in ${quotedWord(usageOf(call))}`);
  }
  return { args, options };
}

function parseOption(
  cursor: Cursor,
  call: CallRow,
  name: OptionName,
  met: Set<OptionName>,
): Partial<CallOptions> {
  const token = cursor.next();
  if (!call.options.includes(name)) refuse(token, `${call.name} has no such option`);
  if (met.has(name)) refuse(token, "an option must stand once only");
  met.add(name);
  if (met.has("flags") && met.size > 1) refuse(token, "flags must be the only option");
  switch (name) {
    case "fresh":
      return { fresh: true };
    case "dontzero":
      return { dontzero: true };
    case "flags":
      cursor.expect("=");
      return { flags: Number(readQuantity(cursor.next(), "flags")) };
    case "area": {
      cursor.expect("=");
      const areas = [readAreaName(cursor.next())];
      while (cursor.take("|")) areas.push(readAreaName(cursor.next()));
      return { areas };
    }
  }
}
