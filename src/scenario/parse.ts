/**
 * Scenarios from text.
 *
 * @module
 */

import type { Arch } from "../arch.ts";
import { LineError, refuse, ScenarioError } from "./errors.ts";
import type { ScenarioProblem } from "./errors.ts";
import { Cursor, tokensOf } from "./lexer.ts";
import { isName, parseStatement } from "./parse_statement.ts";
import type { Scope } from "./parse_statement.ts";
import type { Scenario, Statement } from "./types.ts";

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

/** Reads the lines of a text one by one. */
export class LineParser {
  readonly #file: string;
  readonly #scope: Scope;
  readonly #problems: ScenarioProblem[] = [];
  #count = 0;

  /**
   * Begins before the first line.
   *
   * @param options the name of the file, the architectures there are
   */
  constructor(options: ParseOptions) {
    this.#file = options.file ?? "scenario";
    this.#scope = { bound: new Map(), archs: options.archs ?? null, isFirst: true };
  }

  /** Whether a line was wrong. */
  get state(): "fine" | "wrong" {
    return this.#problems.length === 0 ? "fine" : "wrong";
  }

  /**
   * Reads a line.
   *
   * @param text the line, without its end
   * @param line its number, from 1
   * @returns the statement; null if there is none, or what is there is wrong
   * @throws {ScenarioError} if there are too many problems, or too many statements
   */
  read(text: string, line: number): Statement | null {
    try {
      return this.#readStatement(text, line);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      const { place, message } = error;
      this.#problems.push({ line, column: place.column + 1, word: place.text, message, text });
      this.#scope.isFirst = false;
      if (this.#problems.length >= PROBLEM_LIMIT) this.#fail("There may be more problems below");
      return null;
    }
  }

  #readStatement(text: string, line: number): Statement | null {
    if (text.length > LINE_LENGTH_LIMIT) {
      const place = { column: LINE_LENGTH_LIMIT, text: text.slice(LINE_LENGTH_LIMIT) };
      refuse(place, `a line must have at most ${LINE_LENGTH_LIMIT} characters`);
    }
    const cursor = new Cursor(tokensOf(text));
    if (cursor.peek().kind === "end") return null;
    const statement = parseStatement(cursor, this.#scope);
    this.#scope.isFirst = false;
    if (this.#count++ >= STATEMENT_LIMIT) {
      const message = `Cannot read on: a scenario must have at most ${STATEMENT_LIMIT} statements`;
      this.#problems.push({ line, column: null, word: "", message, text });
      this.#fail("");
    }
    return statement;
  }

  #fail(more: string): never {
    throw new ScenarioError(this.#file, this.#problems, more);
  }

  /**
   * Says that there are no more lines.
   *
   * @throws {ScenarioError} if a line was wrong; it has all problems, up to 20
   */
  finish(): void {
    if (this.#problems.length > 0) this.#fail("");
  }
}

/**
 * Reads a line once more. All its names are taken to be bound, as they were when the whole text was read.
 *
 * @param text the line, without its end, in which nothing is wrong
 * @returns the statement
 */
export function parseLineAgain(text: string): Statement {
  const bound = new Map(
    (text.match(/\w+/g) ?? []).filter(isName).map((name) => {
      return [name, { kind: "name", name, offset: 0n }] as const;
    }),
  );
  return parseStatement(new Cursor(tokensOf(text)), { bound, archs: null, isFirst: true });
}

/** Reads lines that come with their numbers. */
function parseNumbered(lines: Iterable<NumberedLine>, options: ParseOptions): ParsedScenario {
  const parser = new LineParser(options);
  const statements: Statement[] = [];
  const numbers: number[] = [];
  for (const { text, line } of lines) {
    const statement = parser.read(text, line);
    if (statement === null) continue;
    statements.push(statement);
    numbers.push(line);
  }
  parser.finish();
  return { scenario: { statements }, lines: numbers, file: options.file ?? "scenario" };
}

/** A line of a text. */
export interface NumberedLine {
  /** The line, without its end. */
  readonly text: string;
  /** Its number, from 1. */
  readonly line: number;
  /** Where it begins in the text, in UTF-16 units. */
  readonly start: number;
}

/**
 * Cuts a text into its lines, which end in a newline, with or without a carriage return.
 *
 * @param text the text; a byte order mark at its beginning is left out
 * @returns the lines, one by one
 */
export function* linesOf(text: string): Generator<NumberedLine> {
  let start = text.startsWith("\ufeff") ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const hasReturn = text[end - 1] === "\r" && end > start;
    yield { text: text.slice(start, hasReturn ? end - 1 : end), line, start };
    start = end + 1;
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
  return parseNumbered(linesOf(text), options);
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
  return parseNumbered(lines.map((text, index) => ({ text, line: index + 1, start: 0 })), options);
}
