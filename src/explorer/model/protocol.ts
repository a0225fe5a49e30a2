/**
 * What the explorer's page asks its worker, and what that answers: plain data both ways.
 *
 * @module
 */

import type { Arch } from "../../arch.ts";
import { chromeTrace, freeListsSvg, metadataSvg, runToJson } from "../../report/mod.ts";
import { type ExplorerSession, openSession } from "./session.ts";
import type { DifferenceSearch, ProblemView, SessionInput } from "./session.ts";
import type { RunView, StateView } from "./state_view.ts";

/** What can be saved of a moment. */
export type ExportKind = "metadata.svg" | "lists.svg" | "run.json" | "trace.json";

/** A question. Each has a number, which its answer repeats. */
export type ExplorerRequest =
  | { readonly id: number; readonly kind: "open"; readonly input: SessionInput }
  | { readonly id: number; readonly kind: "views"; readonly step: number }
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

/** An answer. */
export type ExplorerAnswer =
  | { readonly id: number; readonly kind: "opened"; readonly runs: readonly RunView[] }
  | { readonly id: number; readonly kind: "problems"; readonly problems: readonly ProblemView[] }
  | { readonly id: number; readonly kind: "views"; readonly views: readonly StateView[] }
  | { readonly id: number; readonly kind: "difference"; readonly search: DifferenceSearch }
  | { readonly id: number; readonly kind: "text"; readonly text: string }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };

/** Answers questions, one after the other. */
export type ExplorerHandler = (request: ExplorerRequest) => ExplorerAnswer;

function exported(
  session: ExplorerSession,
  what: ExportKind,
  place: { readonly side: number; readonly step: number },
): string {
  const side = session.sides[place.side];
  if (side === undefined) throw new RangeError(`Cannot save run ${place.side}: there is none`);
  if (what === "run.json") return `${JSON.stringify(runToJson(side.run), null, 2)}\n`;
  if (what === "trace.json") return `${JSON.stringify(chromeTrace(side.run))}\n`;
  const machine = side.machineAt(place.step);
  const moment = place.step < 0 ? "at the start" : `after step ${place.step}`;
  const draw = what === "metadata.svg" ? metadataSvg : freeListsSvg;
  return draw(machine, machine.pages.areas(), { moment });
}

/**
 * Makes what answers the page. It holds one session at a time.
 *
 * @param archs the architectures there are
 * @returns the handler; it never throws
 */
export function createHandler(archs: readonly Arch[]): ExplorerHandler {
  const held: { session: ExplorerSession | null } = { session: null };
  const answer = (request: ExplorerRequest): ExplorerAnswer => {
    const { id } = request;
    if (request.kind === "open") {
      const opened = openSession(request.input, archs);
      if (opened.kind === "problems") return { id, ...opened };
      held.session = opened.session;
      return { id, kind: "opened", runs: opened.session.runViews() };
    }
    const { session } = held;
    if (session === null) throw new RangeError("Cannot show anything: open a scenario first");
    switch (request.kind) {
      case "views":
        return { id, kind: "views", views: session.views(request.step) };
      case "difference":
        return {
          id,
          kind: request.kind,
          search: session.searchDifference(request.from, request.most),
        };
      case "export":
        return { id, kind: "text", text: exported(session, request.what, request) };
    }
  };
  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { id: request.id, kind: "failed", message };
    }
  };
}
