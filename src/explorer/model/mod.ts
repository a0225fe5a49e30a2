/**
 * The model behind the explorer: a session runs scenarios and gives out views, which are plain data.
 *
 * @module
 */

// Order: state_view, statement_text, step_log, long_run, ages, area_view, writes, writers, malloc_story,
// story, change_places, changes, vmalloc_state, run_side, session, open_session, delta, recording, machine_line, protocol, mod

export type {
  AreaStateView,
  BlockSpan,
  CellCounts,
  CellStatus,
  CellView,
  ChangeView,
  ListView,
  Progress,
  RunView,
  Since,
  StateView,
  StepMark,
  StepMarks,
  StepRow,
  StoryLine,
  ViolationView,
  VirtualRunView,
  VmallocView,
  ZoneView,
} from "./state_view.ts";
export { StepLog } from "./step_log.ts";
export type { LongRun, MadeCall } from "./long_run.ts";
export { RunSide } from "./run_side.ts";
export { ExplorerSession } from "./session.ts";
export type { DifferenceSearch, FirstDifference } from "./session.ts";
export { beginSession, MOST_WATCHED, openSession, runSession } from "./open_session.ts";
export type { OpenedSession, ProblemView, SessionInput } from "./open_session.ts";
export { deltaOf } from "./delta.ts";
export type { Delta, Plain, PlainObject } from "./delta.ts";
export { recordingOf } from "./recording.ts";
export type { Recording } from "./recording.ts";
export { machineSetting, withMachineSetting } from "./machine_line.ts";
export { createHandler } from "./protocol.ts";
export type {
  ExplorerAnswer,
  ExplorerRequest,
  ExportKind,
  HandlerHost,
  ShownStep,
} from "./protocol.ts";
