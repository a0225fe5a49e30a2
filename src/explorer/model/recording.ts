/**
 * A recorded run: the first view, and what changes from each step to the next.
 *
 * @module
 */

import { deltaOf } from "./delta.ts";
import type { Delta, Plain } from "./delta.ts";
import type { ExplorerSession, FirstDifference } from "./session.ts";
import type { RunView } from "./state_view.ts";

/** Everything that a page needs to show each step of a run. */
export interface Recording {
  /** The name of the scenario's file. */
  readonly file: string;
  /** What is the same at every step, for each run. */
  readonly runs: readonly RunView[];
  /** The first step at which two runs differ; null if there is one run only, or no difference. */
  readonly difference: FirstDifference | null;
  /** The views of the start, one for each run. */
  readonly start: Plain;
  /** What each step changes in the views. */
  readonly deltas: readonly Delta[];
}

/** What JSON keeps of a value. */
function plain(value: unknown): Plain {
  return JSON.parse(JSON.stringify(value));
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
  let last = start;
  for (let step = 0; step < session.stepCount; step++) {
    const views = plain(session.views(step));
    deltas.push(deltaOf(last, views));
    last = views;
  }
  const { found } = session.searchDifference(0, session.stepCount);
  return { file, runs: session.runViews(), difference: found, start, deltas };
}
