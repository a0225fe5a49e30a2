/**
 * Scenarios from text.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { HOST_WORD, isHostCall, isPlace, OPTION_NAMES, wordsOf } from "./call_row.ts";
import type { CallRow, OptionName } from "./call_row.ts";
import { callNamed, CALLS, usageOf } from "./calls.ts";
import { LineError, refuse, ScenarioError } from "./errors.ts";
import type { ScenarioProblem } from "./errors.ts";
import { EXPECTATION_WORDS, parseExpectation, readAreaName } from "./expectations.ts";
import { Cursor, tokensOf } from "./lexer.ts";
import type { Token } from "./lexer.ts";
import { parseMachine } from "./machine_statement.ts";
import { isNameSpelling, readOperand, readQuantity } from "./quantities.ts";
import { NO_OPTIONS, VIEWS } from "./types.ts";
import type { CallOptions, CallStatement, Operand, Scenario, Statement } from "./types.ts";
import { alternatives, nearestWord, quotedWord } from "./words.ts";

/** What a text is read with. */
export interface ParseOptions {
  /** The name of the file, for messages; `scenario` by default. */
  readonly file?: string;
  /** The architectures there are; without them, a run finds out whether the machine exists. */
  readonly archs?: readonly Arch[];
}

/** A scenario and where its statements stand. */
export interface ParsedScenario {
  /** The scenario. */
  readonly scenario: Scenario;
  /** The line of each statement, from 1. */
  readonly lines: readonly number[];
  /** The name of the file. */
  readonly file: string;
}

/** The longest line, in UTF-16 units. */
export const LINE_LENGTH_LIMIT = 10_000;

/** The greatest number of statements. */
export const STATEMENT_LIMIT = 2_000_000;

/** The greatest number of problems that are reported at once. */
export const PROBLEM_LIMIT = 20;

/** What the parser knows at a line. */
interface Scope {
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

function parseStatement(cursor: Cursor, scope: Scope): Statement {
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

/** Reads the lines of a text one by one. */
class Parser {
  readonly #file: string;
  readonly #scope: Scope;
  readonly #statements: Statement[] = [];
  readonly #lines: number[] = [];
  readonly #problems: ScenarioProblem[] = [];

  constructor(options: ParseOptions) {
    this.#file = options.file ?? "scenario";
    this.#scope = { bound: new Map(), archs: options.archs ?? null, isFirst: true };
  }

  /** Reads a line. */
  read(text: string, line: number): void {
    try {
      this.#readStatement(text, line);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      const { place, message } = error;
      this.#problems.push({ line, column: place.column + 1, word: place.text, message, text });
      this.#scope.isFirst = false;
      if (this.#problems.length >= PROBLEM_LIMIT) this.#fail("There may be more problems below");
    }
  }

  #readStatement(text: string, line: number): void {
    if (text.length > LINE_LENGTH_LIMIT) {
      const place = { column: LINE_LENGTH_LIMIT, text: text.slice(LINE_LENGTH_LIMIT) };
      refuse(place, `a line must have at most ${LINE_LENGTH_LIMIT} characters`);
    }
    const cursor = new Cursor(tokensOf(text));
    if (cursor.peek().kind === "end") return;
    const statement = parseStatement(cursor, this.#scope);
    this.#scope.isFirst = false;
    if (this.#statements.length >= STATEMENT_LIMIT) {
      const message = `Cannot read on: a scenario must have at most ${STATEMENT_LIMIT} statements`;
      this.#problems.push({ line, column: null, word: "", message, text });
      this.#fail("");
    }
    this.#statements.push(statement);
    this.#lines.push(line);
  }

  #fail(more: string): never {
    throw new ScenarioError(this.#file, this.#problems, more);
  }

  /** What was read. */
  finish(): ParsedScenario {
    if (this.#problems.length > 0) this.#fail("");
    return { scenario: { statements: this.#statements }, lines: this.#lines, file: this.#file };
  }
}

/**
 * Reads a scenario. A line holds a statement or nothing; `#` begins a comment.
 *
 * @param text the text; lines end in a newline, with or without a carriage return
 * @param options the name of the file, the architectures there are
 * @returns the scenario, and the line of each statement
 * @throws {ScenarioError} if the text is no scenario; it has all problems, up to 20
 *
 * @example Usage
 * ```ts
 * import { parseScenario } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const { scenario, lines } = parseScenario("area any 0x100 0x200\n\np = alloc_pages 3\n");
 * assertEquals(scenario.statements.length, 2);
 * assertEquals(lines, [1, 3]);
 * ```
 */
export function parseScenario(text: string, options: ParseOptions = {}): ParsedScenario {
  const parser = new Parser(options);
  let start = text.startsWith("\ufeff") ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const hasReturn = text[end - 1] === "\r" && end > start;
    parser.read(text.slice(start, hasReturn ? end - 1 : end), line);
    start = end + 1;
  }
  return parser.finish();
}

/**
 * Reads lines that were written one by one.
 *
 * @param lines the lines, without their ends
 * @param options the name of the file, the architectures there are
 * @returns the scenario, and the line of each statement
 * @throws {ScenarioError} if the lines are no scenario
 */
export function parseLines(
  lines: readonly string[],
  options: ParseOptions = {},
): ParsedScenario {
  const parser = new Parser(options);
  for (const [index, line] of lines.entries()) parser.read(line, index + 1);
  return parser.finish();
}
