/**
 * What is wrong with a scenario, and where.
 *
 * @module
 */

import { quotedWord, shownText } from "./words.ts";

/** One thing that is wrong with a scenario. */
export interface ScenarioProblem {
  /** The line, from 1. */
  readonly line: number;
  /** The column of the word, from 1; null where the whole line is meant. */
  readonly column: number | null;
  /** The word; empty at the end of a line, or where the whole line is meant. */
  readonly word: string;
  /** What is wrong and what was expected, in a sentence without a period. */
  readonly message: string;
  /** The line's text. */
  readonly text: string;
}

const COLUMNS_BEFORE = 50;
const COLUMNS_SHOWN = 90;

/** The part of a line around a column, and the carets below the word. */
function excerpt(problem: ScenarioProblem): string[] {
  const column = problem.column ?? 1;
  const first = Math.max(0, column - 1 - COLUMNS_BEFORE);
  const last = Math.min(problem.text.length, first + COLUMNS_SHOWN);
  const before = (first > 0 ? "…" : "") + shownText(problem.text.slice(first, column - 1));
  const rest = shownText(problem.text.slice(column - 1, last));
  const line = `  ${before}${rest}${last < problem.text.length ? "…" : ""}`.trimEnd();
  if (problem.column === null) return [line];
  const marked = shownText(problem.text.slice(column - 1, column - 1 + problem.word.length));
  const width = Math.max(1, Math.min([...marked].length, [...rest].length));
  return [line, `  ${" ".repeat([...before].length)}${"^".repeat(width)}`];
}

/**
 * A problem as a compiler words it: place, sentence, the line, carets.
 *
 * @param file the name of the file
 * @param problem the problem
 * @returns the lines, joined
 */
export function formatProblem(file: string, problem: ScenarioProblem): string {
  const column = problem.column === null ? "" : `:${problem.column}`;
  const head = `${shownText(file)}:${problem.line}${column}: ${problem.message}`;
  return [head, ...excerpt(problem)].join("\n");
}

/** A scenario that cannot be read, or that uses the model wrongly. */
export class ScenarioError extends SyntaxError {
  /** The name of the file. */
  readonly file: string;
  /** Everything that is wrong, by line; never empty. */
  readonly problems: readonly ScenarioProblem[];

  /**
   * Makes the error of some problems.
   *
   * @param file the name of the file
   * @param problems what is wrong, by line
   * @param more what to say after the last one; empty for nothing
   */
  constructor(file: string, problems: readonly ScenarioProblem[], more = "") {
    const parts = problems.map((problem) => formatProblem(file, problem));
    super([...parts, ...(more === "" ? [] : [more])].join("\n"));
    this.name = "ScenarioError";
    this.file = file;
    this.problems = problems;
  }

  /** The line of the first problem, from 1. */
  get line(): number {
    return this.problems[0]?.line ?? 1;
  }

  /** The column of the first problem, from 1; null where the whole line is meant. */
  get column(): number | null {
    return this.problems[0]?.column ?? null;
  }
}

/** A place in a line: where a word begins, from 0, and the word. */
export interface Place {
  /** The column, from 0. */
  readonly column: number;
  /** The word; empty at the end of the line. */
  readonly text: string;
}

/** What is wrong in one line; the parser adds the line's number. */
export class LineError extends Error {
  /** Where. */
  readonly place: Place;

  /**
   * Makes the error of a place.
   *
   * @param place where
   * @param message what is wrong and what was expected
   */
  constructor(place: Place, message: string) {
    super(message);
    this.place = place;
  }
}

/**
 * Says that a word is not what was expected.
 *
 * @param place the word
 * @param expected what it has to be, such as `it must be a call`
 * @param nearest the nearest valid word, or null
 * @returns never
 */
export function refuse(place: Place, expected: string, nearest: string | null = null): never {
  const word = place.text === "" ? "the end of the line" : quotedWord(place.text);
  const hint = nearest === null ? "" : `; the nearest is ${quotedWord(nearest)}`;
  throw new LineError(place, `Cannot read ${word}: ${expected}${hint}`);
}
