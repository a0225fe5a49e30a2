/**
 * A session of the explorer: a scenario on one edition or two, and the views of its steps.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { editionNamed } from "../../edition.ts";
import type { Edition } from "../../edition.ts";
import type { AreaDifference } from "../../report/area_difference.ts";
import { counted } from "../../report/columns.ts";
import { differenceAt, stepEndText } from "../../report/difference.ts";
import { parseScenario, runScenario, ScenarioError } from "../../scenario/mod.ts";
import type { ParsedScenario, Run } from "../../scenario/mod.ts";
import { RunSide } from "./run_side.ts";
import type { RunView, StateView } from "./state_view.ts";

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

/** A step at which two editions differ. */
export interface FirstDifference {
  /** The step. */
  readonly step: number;
  /** What differs, in a sentence each. */
  readonly sentences: readonly string[];
}

/** How far the search for the first difference came. */
export interface DifferenceSearch {
  /** The difference; null if none was found so far. */
  readonly found: FirstDifference | null;
  /** The step at which the search has to go on; null if it is over. */
  readonly next: number | null;
}

/** A scenario of more statements is watched only if it asks for it. */
export const MOST_WATCHED = 300;

/** A run, or runs side by side. */
export class ExplorerSession {
  /** The runs, left and right. */
  readonly sides: readonly RunSide[];

  /**
   * Begins with finished runs of one scenario.
   *
   * @param parsed the scenario
   * @param runs one run or two
   */
  constructor(parsed: Pick<ParsedScenario, "lines">, runs: readonly Run[]) {
    this.sides = runs.map((run) => new RunSide(run, parsed.lines));
  }

  /** How many steps there are. */
  get stepCount(): number {
    return this.sides[0]?.run.steps.length ?? 0;
  }

  /** What is the same at every step, for each run. */
  runViews(): RunView[] {
    return this.sides.map((side) => side.runView());
  }

  /**
   * Makes the views of a step.
   *
   * @param step the step; -1 for the start
   * @returns a view for each run
   * @throws {RangeError} if there is no such step
   */
  views(step: number): StateView[] {
    return this.sides.map((side) => side.view(step));
  }

  /**
   * Looks for the first step at which the two runs differ, a number of steps at a time.
   *
   * @param from the step to begin with
   * @param most how many steps are compared at most
   * @returns what was found, and where to go on
   */
  searchDifference(from: number, most: number): DifferenceSearch {
    const [left, right] = this.sides.map(({ run }) => run);
    if (left === undefined || right === undefined) return { found: null, next: null };
    const end = Math.min(this.stepCount, from + most);
    for (let index = from; index < end; index++) {
      const found = differenceOf(left, right, index);
      if (found !== null) return { found, next: null };
    }
    return { found: null, next: end < this.stepCount ? end : null };
  }
}

function differenceOf(left: Run, right: Run, index: number): FirstDifference | null {
  const [step, other] = [left.steps[index], right.steps[index]];
  if (step === undefined || other === undefined || step.statement.kind !== "call") return null;
  const difference = differenceAt(left, right, step, other);
  if (difference === null) return null;
  const ends = [stepEndText(step), stepEndText(other)];
  const { areas, bytes, touched } = difference;
  return {
    step: index,
    sentences: [
      ...(ends[0] === ends[1] ? [] : [`left ${ends[0]}, right ${ends[1]}`]),
      ...areas.map(areaSentence),
      ...(bytes.length === 0 ? [] : [`other bytes differ in ${counted(bytes.length, "place")}`]),
      ...(touched.length === 0 ? [] : ["the hosts saw other pages touched"]),
    ],
  };
}

/** What differs in an area, in words. */
function areaSentence({ area, left, right, states, lists, members }: AreaDifference): string {
  if (left === null || right === null) return `area ${area} is on one side only`;
  const frames = states.reduce((sum, { count }) => sum + count, 0);
  const parts = [
    ...members.map(({ name }) => name),
    ...(frames === 0 ? [] : [`page states of ${counted(frames, "frame")}`]),
    ...(lists.length === 0 ? [] : [counted(lists.length, "free list")]),
  ];
  return `area ${area} differs in ${parts.join(", ")}`;
}

/** A problem of the whole text. */
function wholeProblem(message: string): ProblemView {
  return { line: 1, column: null, length: 0, message };
}

function problemsOf(error: unknown): ProblemView[] {
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

/** The run of one edition. */
function runOf(
  input: SessionInput,
  parsed: ParsedScenario,
  edition: Edition | null,
  archs: readonly Arch[],
): Run {
  const [first] = parsed.scenario.statements;
  const map = first?.kind === "machine" ? first.map : undefined;
  const mapTexts = map === undefined || input.mapText === null
    ? new Map<string, string>()
    : new Map([[map, input.mapText]]);
  const isShort = parsed.scenario.statements.length <= MOST_WATCHED;
  const watch = input.watch === "auto" && isShort ? "violations" : input.watch;
  return runScenario(parsed.scenario, {
    archs,
    source: parsed,
    mapTexts,
    ...(edition === null ? {} : { edition }),
    ...(watch === "auto" ? {} : { watch }),
  });
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
    const parsed = parseScenario(input.text, { file: input.file, archs });
    const runs = editionsOf(input).map((edition) => runOf(input, parsed, edition, archs));
    return { kind: "session", session: new ExplorerSession(parsed, runs) };
  } catch (error) {
    return { kind: "problems", problems: problemsOf(error) };
  }
}
