/**
 * A session of the explorer: a scenario on one edition or two, and the views of its steps.
 *
 * @module
 */

import type { AreaDifference } from "../../report/area_difference.ts";
import { counted } from "../../report/columns.ts";
import { RunComparison } from "../../report/difference.ts";
import type { RunDifference } from "../../report/difference.ts";
import { linesOf } from "../../scenario/mod.ts";
import type { LineParser, NumberedLine } from "../../scenario/mod.ts";
import type { LongRun } from "./long_run.ts";
import { markOf, RunSide } from "./run_side.ts";
import type { Progress, RunView, StateView, StepRow } from "./state_view.ts";
import type { StatementText } from "./statement_text.ts";

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

/** A run, or runs side by side. */
export class ExplorerSession {
  /** The runs, left and right. */
  readonly sides: readonly RunSide[];
  readonly #text: StatementText;
  readonly #lines: Iterator<NumberedLine>;
  /** What reads the text; null at the end, so that the names that it knows need no room. */
  #parser: LineParser | null;
  /** The steps that broke a rule, failed or stopped a machine, ascending. */
  readonly #troubles: number[] = [];
  /** The search for the first difference, as far as it came; null while none is under way. */
  #search: { readonly comparison: RunComparison; next: number } | null = null;
  #line = 0;
  #state: Progress["state"] = "running";

  /**
   * Begins with runs of which no statement was run yet.
   *
   * @param text the scenario
   * @param runs one run or two
   * @param parser what reads the text
   */
  constructor(text: StatementText, runs: readonly LongRun[], parser: LineParser) {
    this.sides = runs.map((run) => new RunSide(run));
    this.#text = text;
    this.#lines = linesOf(text.text);
    this.#parser = parser;
  }

  /** How many steps there are so far. */
  get stepCount(): number {
    return Math.min(...this.sides.map(({ run }) => run.stepCount));
  }

  /** The scenario. */
  get text(): string {
    return this.#text.text;
  }

  /**
   * How far the runs came.
   *
   * @param known how many troubles the asker knows already; they are left out
   * @returns plain data
   */
  progress(known = 0): Progress {
    const { stepCount: steps } = this;
    const most = steps + this.#text.lineCount - this.#line;
    const state = this.#state;
    return {
      steps,
      most: state === "done" ? steps : most,
      troubles: this.#troubles.slice(known),
      state,
    };
  }

  /**
   * Reads and runs on.
   *
   * @param most how many lines at most
   * @throws {ScenarioError} if a line is wrong, or uses the model wrongly
   */
  advance(most: number): void {
    for (let left = most; left > 0 && this.#state === "running"; left--) {
      const { value: line, done } = this.#lines.next();
      if (done === true) this.#finish();
      else this.#read(line);
    }
  }

  #read(line: NumberedLine): void {
    this.#line = line.line;
    const statement = this.#parser?.read(line.text, line.line) ?? null;
    // Behind a wrong line nothing runs any more, but the other wrong ones are found.
    if (statement === null || this.#parser?.state === "wrong") return;
    this.#text.add(line);
    const index = this.#text.count - 1;
    const marks = this.sides.map(({ run }) => {
      const step = run.next(statement);
      return step === null ? "not-run" : markOf(step, run.failureOf(index));
    });
    if (marks.some((mark) => mark !== "fine" && mark !== "not-run")) this.#troubles.push(index);
  }

  #finish(): void {
    this.#parser?.finish();
    this.#parser = null;
    this.#state = "done";
    for (const { run } of this.sides) run.finish();
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
   * Steps for a list: of runs that differ, both ends are told.
   *
   * @param first the first step
   * @param end the first step after
   * @returns the rows
   */
  rows(first: number, end: number): StepRow[] {
    const [from, to] = [Math.max(0, first), Math.min(end, this.stepCount)];
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => {
      const rows = this.sides.map((side) => side.rowAt(from + index));
      const [row = NO_ROW] = rows;
      const mark = rows.find((one) => one.mark !== "fine")?.mark ?? "fine";
      const outcome = [...new Set(rows.map((one) => one.outcome))].join(" / ");
      return { ...row, mark, outcome };
    });
  }

  /**
   * Looks for the first step at which the two runs differ, a number of steps at a time.
   *
   * @param from the step to begin with; going on where the last search ended costs least
   * @param most how many steps are compared at most; fewer are, where much has to be compared
   * @returns what was found, and where to go on
   */
  searchDifference(from: number, most: number): DifferenceSearch {
    const [left, right] = this.sides.map(({ run }) => run);
    if (left === undefined || right === undefined) return { found: null, next: null };
    const known = this.#search?.next === from ? this.#search : null;
    const search = known ?? { comparison: new RunComparison(left, right, from), next: from };
    this.#search = search;
    const end = Math.min(this.stepCount, from + most);
    for (let whole = 0; whole < MOST_WHOLE && search.next < end;) {
      const index = search.next++;
      const steps = [left.recordedStep(index), right.recordedStep(index)] as const;
      const { found, looked } = search.comparison.next(...steps);
      if (found !== null) {
        this.#search = null;
        return { found: inWords(found), next: null };
      }
      if (looked === "all") whole++;
    }
    if (search.next < this.stepCount) return { found: null, next: search.next };
    this.#search = null;
    return { found: null, next: null };
  }
}

/** So often are two whole machines compared before questions are answered again. */
const MOST_WHOLE = 4;

/** Stands for a step that no run has. */
const NO_ROW: StepRow = { step: 0, line: 1, statement: "", outcome: "", mark: "not-run" };

function inWords({ step, left, right, areas, bytes, touched }: RunDifference): FirstDifference {
  const ends = [left.outcome, right.outcome];
  return {
    step,
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
