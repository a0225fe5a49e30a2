/**
 * Opening a session: from what was given to runs that can begin.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { editionNamed } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import { LineParser, ScenarioError } from "../../scenario/mod.ts";
import type { Scenario, ScenarioEnvironment, Statement } from "../../scenario/mod.ts";
import { LongRun } from "./long_run.ts";
import { ExplorerSession } from "./session.ts";
import { StatementText } from "./statement_text.ts";

/** What a session is opened with. */
export interface SessionInput {
  /** The scenario. */
  readonly text: string;
  /** The name of its file, for messages. */
  readonly file: string;
  /** One or two editions; null stands for the one that the scenario names. */
  readonly editions: readonly (string | null)[];
  /** The text of the memory map that the scenario names; null if there is none. */
  readonly mapText: string | null;
  /**
   * Whether the rules are checked after each step. `auto` checks them where the scenario is short enough
   * for that to take no time, or asks for it.
   */
  readonly watch: "violations" | "off" | "auto";
}

/** Something that is wrong with what was given. */
export interface ProblemView {
  /** The line of the scenario, from 1. */
  readonly line: number;
  /** The column, from 1; null where the whole line is meant. */
  readonly column: number | null;
  /** How many characters are meant. */
  readonly length: number;
  /** What is wrong, in a sentence without a period. */
  readonly message: string;
}

/** What came of opening a session. */
export type OpenedSession =
  | { readonly kind: "session"; readonly session: ExplorerSession }
  | { readonly kind: "problems"; readonly problems: readonly ProblemView[] };

/** A scenario of more statements is watched only if it asks for it. */
export const MOST_WATCHED = 300;

/** A problem of the whole text. */
function wholeProblem(message: string): ProblemView {
  return { line: 1, column: null, length: 0, message };
}

/**
 * What is wrong, as an error tells it.
 *
 * @param error what was thrown
 * @returns the problems
 * @throws the error, if it tells of no problem of a scenario
 */
export function problemsOf(error: unknown): ProblemView[] {
  if (error instanceof ScenarioError) {
    return error.problems.map(({ line, column, word, message }) => {
      return { line, column, length: word.length, message };
    });
  }
  const isRefusal = (error instanceof RangeError || error instanceof SyntaxError) &&
    error.message.startsWith("Cannot ");
  if (isRefusal) return [wholeProblem(error.message)];
  throw error;
}

function editionsOf(input: SessionInput): (Edition | null)[] {
  return input.editions.map((name) => {
    if (name === null) return null;
    const edition = editionNamed(name);
    if (edition !== null) return edition;
    throw new RangeError(
      `Cannot run edition "${name}": it must be one that \`buddyscope editions\` lists`,
    );
  });
}

/** The statements among some lines; what is wrong is told when the whole text is read. */
function statementsIn(lines: Iterable<string>, archs: readonly Arch[]): Statement[] {
  const statements: Statement[] = [];
  for (const line of lines) {
    const statement = new LineParser({ archs }).read(line, 1);
    if (statement !== null) statements.push(statement);
  }
  return statements;
}

/** What a scenario says about the whole of it, before it is read. */
interface Outline {
  /** The machine statement, `boot`, and what asks for rules to be checked. */
  readonly scenario: Scenario;
  /** Whether it has few statements. */
  readonly length: "short" | "long";
}

const STATEMENT_LINE = /^[ \t]*[^\s#].*$/gm;
const TELLING_WORD = /\b(?:boot|violations|lost)\b/g;

/** The line around a place in a text. */
function lineAround(text: string, at: number): string {
  const end = text.indexOf("\n", at);
  const line = text.slice(text.lastIndexOf("\n", at) + 1, end < 0 ? text.length : end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function outlineOf(text: string, archs: readonly Arch[]): Outline {
  const first: string[] = [];
  let count = 0;
  for (const [line] of text.matchAll(STATEMENT_LINE)) {
    if (count === 0) first.push(line);
    if (++count > MOST_WATCHED) break;
  }
  const machine = statementsIn(first, archs).filter(({ kind }) => kind === "machine");
  const lines = Array.from(text.matchAll(TELLING_WORD), ({ index }) => lineAround(text, index));
  const told = statementsIn(lines, archs).filter(({ kind }) => kind !== "machine");
  const scenario = { statements: [...machine, ...told] };
  return { scenario, length: count > MOST_WATCHED ? "long" : "short" };
}

/** What a run of one edition runs in. */
function environmentOf(
  input: SessionInput,
  { scenario, length }: Outline,
  edition: Edition | null,
  archs: readonly Arch[],
): ScenarioEnvironment {
  const [first] = scenario.statements;
  const map = first?.kind === "machine" ? first.map : undefined;
  const mapTexts = map === undefined || input.mapText === null
    ? new Map<string, string>()
    : new Map([[map, input.mapText]]);
  const watch = input.watch === "auto" && length === "short" ? "violations" : input.watch;
  return {
    archs,
    mapTexts,
    ...(edition === null ? {} : { edition }),
    ...(watch === "auto" ? {} : { watch }),
  };
}

/**
 * What a run of a scenario runs in, as it was opened, but for its edition.
 *
 * @param input the scenario, the memory map
 * @param archs the architectures there are
 * @returns the environment
 */
export function environmentFor(input: SessionInput, archs: readonly Arch[]): ScenarioEnvironment {
  return environmentOf(input, outlineOf(input.text, archs), null, archs);
}

function startSession(input: SessionInput, archs: readonly Arch[]): ExplorerSession {
  const { file } = input;
  const text = new StatementText(input.text.replace(/^\ufeff/, ""));
  const outline = outlineOf(text.text, archs);
  const source = { file, lines: text.lines };
  const runs = editionsOf(input).map((edition) => {
    const environment = environmentOf(input, outline, edition, archs);
    return new LongRun(text, outline.scenario, { ...environment, source });
  });
  return new ExplorerSession(text, runs, new LineParser({ file, archs }));
}

/**
 * Begins a session: makes the machines. No statement was run yet.
 *
 * @param input the scenario, the editions, the memory map
 * @param archs the architectures there are
 * @returns the session, or what is wrong with what was given
 */
export function beginSession(input: SessionInput, archs: readonly Arch[]): OpenedSession {
  try {
    return { kind: "session", session: startSession(input, archs) };
  } catch (error) {
    return { kind: "problems", problems: problemsOf(error) };
  }
}

/**
 * Reads a scenario and runs it.
 *
 * @param input the scenario, the editions, the memory map
 * @param archs the architectures there are
 * @returns the session at its end
 * @throws {ScenarioError} if the text is no scenario, or uses the model wrongly
 * @throws {RangeError} if there is no such edition
 */
export function runSession(input: SessionInput, archs: readonly Arch[]): ExplorerSession {
  const session = startSession(input, archs);
  session.advance(Infinity);
  return session;
}

/**
 * Opens a session: reads the scenario and runs it.
 *
 * @param input the scenario, the editions, the memory map
 * @param archs the architectures there are
 * @returns the session, or what is wrong with what was given
 */
export function openSession(input: SessionInput, archs: readonly Arch[]): OpenedSession {
  try {
    return { kind: "session", session: runSession(input, archs) };
  } catch (error) {
    return { kind: "problems", problems: problemsOf(error) };
  }
}
