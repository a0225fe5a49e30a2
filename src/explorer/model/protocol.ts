/**
 * What the explorer's page asks its worker, and what that answers: plain data both ways.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { chromeTrace, freeListsSvg, metadataSvg, runToJson } from "../../report/mod.ts";
import { parseScenario, runScenario } from "../../scenario/mod.ts";
import type { Run } from "../../scenario/mod.ts";
import { beginSession, environmentFor, problemsOf } from "./open_session.ts";
import type { ProblemView, SessionInput } from "./open_session.ts";
import type { DifferenceSearch, ExplorerSession } from "./session.ts";
import type { BlockSpan, Progress, RunView, Since, StateView, StepRow } from "./state_view.ts";

/** What can be saved of a moment. */
export type ExportKind = "metadata.svg" | "lists.svg" | "run.json" | "trace.json";

/** A question. Each has a number, which its answers repeat. */
export type ExplorerRequest =
  | { readonly id: number; readonly kind: "open"; readonly input: SessionInput }
  | { readonly id: number; readonly kind: "views"; readonly step: number }
  | {
    readonly id: number;
    readonly kind: "since";
    readonly side: number;
    readonly step: number;
    readonly block: BlockSpan;
  }
  | {
    readonly id: number;
    readonly kind: "difference";
    readonly from: number;
    readonly most: number;
  }
  | {
    readonly id: number;
    readonly kind: "export";
    readonly what: ExportKind;
    readonly side: number;
    readonly step: number;
  };

/** The views of a step, and the steps around it. */
export interface ShownStep {
  /** A view for each run. */
  readonly views: readonly StateView[];
  /** The steps around, ascending. */
  readonly rows: readonly StepRow[];
}

/**
 * An answer. To `open` there are several: `opened` or `problems`, then, while a long scenario runs,
 * `progress`, and, if something is wrong further down, `problems`.
 */
export type ExplorerAnswer =
  | {
    readonly id: number;
    readonly kind: "opened";
    readonly runs: readonly RunView[];
    readonly progress: Progress;
  }
  | { readonly id: number; readonly kind: "progress"; readonly progress: Progress }
  | { readonly id: number; readonly kind: "problems"; readonly problems: readonly ProblemView[] }
  | { readonly id: number; readonly kind: "views"; readonly shown: ShownStep }
  | { readonly id: number; readonly kind: "since"; readonly since: Since | null }
  | { readonly id: number; readonly kind: "difference"; readonly search: DifferenceSearch }
  | { readonly id: number; readonly kind: "text"; readonly text: string }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };

/** Where answers go, and how work is put off. */
export interface HandlerHost {
  /** Sends an answer. */
  readonly post: (answer: ExplorerAnswer) => void;
  /** Does something after the questions that wait already. */
  readonly later: (action: () => void) => void;
}

/** So many steps before and after the one that is shown are told with it. */
const ROWS_AROUND = 12;

/** So many lines are run before questions are answered again: checked against the rules, or not. */
const SLICES = { violations: 25, off: 2000 } as const;

/** A file of more steps would have hundreds of megabytes. */
const MOST_SAVED = 20_000;

/** A session and what it was opened with. */
interface Held {
  readonly session: ExplorerSession;
  readonly input: SessionInput;
}

/** A run with all that reports want of it. */
function wholeRun({ session, input }: Held, index: number, archs: readonly Arch[]): Run {
  if (session.stepCount > MOST_SAVED) {
    throw new RangeError(
      `Cannot save a run of ${session.stepCount} steps from here: at most ${MOST_SAVED} are saved, ` +
        "use `buddyscope run FILE --json` or `--trace-out`",
    );
  }
  const parsed = parseScenario(input.text, { file: input.file, archs });
  const edition = session.sides[index]?.run.edition;
  return runScenario(parsed.scenario, {
    ...environmentFor(input, archs),
    source: parsed,
    ...(edition === undefined ? {} : { edition }),
  });
}

function exported(
  held: Held,
  what: ExportKind,
  place: { readonly side: number; readonly step: number },
  archs: readonly Arch[],
): string {
  const side = held.session.sides[place.side];
  if (side === undefined) throw new RangeError(`Cannot save run ${place.side}: there is none`);
  if (what === "run.json") {
    return `${JSON.stringify(runToJson(wholeRun(held, place.side, archs)), null, 2)}\n`;
  }
  if (what === "trace.json") {
    return `${JSON.stringify(chromeTrace(wholeRun(held, place.side, archs)))}\n`;
  }
  const machine = side.machineAt(place.step);
  const moment = place.step < 0 ? "at the start" : `after step ${place.step}`;
  const draw = what === "metadata.svg" ? metadataSvg : freeListsSvg;
  return draw(machine, machine.pages.areas(), { moment });
}

/** The answer to any question but `open`. */
function answerTo(
  held: Held,
  request: Exclude<ExplorerRequest, { kind: "open" }>,
  archs: readonly Arch[],
): ExplorerAnswer {
  const { session } = held;
  const { id } = request;
  switch (request.kind) {
    case "views": {
      const { step } = request;
      const rows = session.rows(step - ROWS_AROUND, step + ROWS_AROUND + 1);
      return { id, kind: "views", shown: { views: session.views(step), rows } };
    }
    case "since":
      return {
        id,
        kind: "since",
        since: session.sides[request.side]?.since(request.step, request.block) ?? null,
      };
    case "difference": {
      const search = session.searchDifference(request.from, request.most);
      return { id, kind: "difference", search };
    }
    case "export":
      return { id, kind: "text", text: exported(held, request.what, request, archs) };
  }
}

/**
 * Makes what answers the page. It holds one session at a time. While a long scenario runs, other
 * questions are answered between its steps.
 *
 * @param archs the architectures there are
 * @param host where answers go
 * @returns what takes a question; it never throws
 */
export function createHandler(
  archs: readonly Arch[],
  { post, later }: HandlerHost,
): (request: ExplorerRequest) => void {
  const state: { held: Held | null } = { held: null };
  const guarded = (id: number, action: () => void): void => {
    try {
      action();
    } catch (error) {
      post({ id, kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  };
  /** Runs some lines; false if something is wrong in them. */
  const advance = (id: number, session: ExplorerSession): boolean => {
    try {
      session.advance(SLICES[session.sides[0]?.run.watched ?? "off"]);
      return true;
    } catch (error) {
      post({ id, kind: "problems", problems: problemsOf(error) });
      return false;
    }
  };
  const goOn = (id: number, session: ExplorerSession, troubles: number): void => {
    guarded(id, () => {
      if (state.held?.session !== session || !advance(id, session)) return;
      const progress = session.progress(troubles);
      post({ id, kind: "progress", progress });
      const known = troubles + progress.troubles.length;
      if (progress.state === "running") later(() => goOn(id, session, known));
    });
  };
  const open = (id: number, input: SessionInput): void => {
    const opened = beginSession(input, archs);
    if (opened.kind === "problems") {
      post({ id, ...opened });
      return;
    }
    const { session } = opened;
    if (!advance(id, session)) return;
    state.held = { session, input };
    const progress = session.progress();
    post({ id, kind: "opened", runs: session.runViews(), progress });
    if (progress.state === "running") later(() => goOn(id, session, progress.troubles.length));
  };
  return (request) => {
    guarded(request.id, () => {
      if (request.kind === "open") open(request.id, request.input);
      else if (state.held !== null) post(answerTo(state.held, request, archs));
      else throw new RangeError("Cannot show anything: open a scenario first");
    });
  };
}
