/**
 * A recorded run: the first view, and what changes from each step to the next.
 *
 * @module
 */

import { deltaOf } from "./delta.ts";
import type { Delta, Plain } from "./delta.ts";
import type { ExplorerSession, FirstDifference } from "./session.ts";
import type { RunView, StateView, StepMarks, StepRow } from "./state_view.ts";

/** Everything that a page needs to show each step of a run. */
export interface Recording {
  /** The name of the scenario's file. */
  readonly file: string;
  /** What is the same at every step, for each run. */
  readonly runs: readonly RunView[];
  /** The steps. */
  readonly rows: readonly StepRow[];
  /** The steps that broke a rule, failed or stopped the machine, ascending. */
  readonly troubles: readonly number[];
  /** The first step at which two runs differ; null if there is one run only, or no difference. */
  readonly difference: FirstDifference | null;
  /** The views of the start, one for each run. */
  readonly start: Plain;
  /** What each step changes in the views. */
  readonly deltas: readonly Delta[];
  /** The blocks that each step marked or linked, for each run. */
  readonly marks: readonly (readonly StepMarks[])[];
}

/** Views as the plain data that they are. */
function plain(views: readonly StateView[]): Plain {
  return views as unknown as Plain;
}

/**
 * Records all views of a session.
 *
 * @param session the session
 * @param file the name of the scenario's file
 * @returns plain data
 */
export function recordingOf(session: ExplorerSession, file: string): Recording {
  const start = plain(session.views(-1));
  const deltas: Delta[] = [];
  const marks: StepMarks[][] = [];
  let last = start;
  for (let step = 0; step < session.stepCount; step++) {
    const views = plain(session.views(step));
    marks.push(session.sides.map((side) => side.marksAt(step)));
    deltas.push(deltaOf(last, views));
    last = views;
  }
  const { found } = session.searchDifference(0, session.stepCount);
  const rows = session.rows(0, session.stepCount);
  const { troubles } = session.progress();
  return {
    file,
    runs: session.runViews(),
    rows,
    troubles,
    difference: found,
    start,
    deltas,
    marks,
  };
}
