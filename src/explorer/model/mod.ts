/**
 * The model behind the explorer: a session runs scenarios and gives out views, which are plain data.
 *
 * @module
 */

// Order: state_view, ages, area_view, story, changes, vmalloc_state, run_side, session, delta,
// recording, machine_line, protocol, mod

export type {
  AreaStateView,
  CellCounts,
  CellStatus,
  CellView,
  ChangeView,
  ListView,
  RunView,
  StateView,
  StepMark,
  StepRow,
  StoryLine,
  ViolationView,
  VirtualRunView,
  VmallocView,
  ZoneView,
} from "./state_view.ts";
export { RunSide } from "./run_side.ts";
export { ExplorerSession, MOST_WATCHED, openSession } from "./session.ts";
export type {
  DifferenceSearch,
  FirstDifference,
  OpenedSession,
  ProblemView,
  SessionInput,
} from "./session.ts";
export { deltaOf } from "./delta.ts";
export type { Delta, Plain, PlainObject } from "./delta.ts";
export { recordingOf } from "./recording.ts";
export type { Recording } from "./recording.ts";
export { machineSetting, withMachineSetting } from "./machine_line.ts";
export { createHandler } from "./protocol.ts";
export type { ExplorerAnswer, ExplorerHandler, ExplorerRequest, ExportKind } from "./protocol.ts";
