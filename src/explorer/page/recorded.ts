/**
 * Views out of a recording.
 *
 * @module
 */

import type {
  BlockSpan,
  Delta,
  Plain,
  PlainObject,
  Progress,
  Recording,
  RunView,
  ShownStep,
  Since,
  StateView,
  StepMarks,
} from "../model/mod.ts";
import { control } from "./controls.ts";
import type { PageClock, PageDocument } from "./dom.ts";
import { load, setDifference } from "./player.ts";
import { makePlayer, type ViewSource } from "./player_state.ts";

/**
 * Changes plain data as a delta says.
 *
 * @param value plain data
 * @param delta what changes
 * @returns the changed data; what did not change is shared with the old
 */
export function applyDelta(value: Plain, delta: Delta): Plain {
  if (delta === null) return value;
  if (delta[0] === "=") return delta[1];
  if (delta[0] === "s") {
    const items = Array.isArray(value) ? [...value] : [];
    items.splice(delta[1], delta[2], ...delta[3]);
    return items;
  }
  if (delta[0] === "a") {
    const items: Plain[] = Array.isArray(value) ? [...value] : [];
    for (const [index, change] of Object.entries(delta[1])) {
      items[Number(index)] = applyDelta(items[Number(index)] ?? null, change);
    }
    return items;
  }
  const old: PlainObject = typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as PlainObject
    : {};
  const members: Record<string, Plain> = { ...old };
  for (const [name, change] of Object.entries(delta[1])) {
    members[name] = applyDelta(members[name] ?? null, change);
  }
  for (const name of delta[2]) delete members[name];
  return members;
}

/**
 * Makes a source of views of a recording. It keeps the views of every 64th step that it has seen, and
 * those that it made last.
 *
 * @param recording the recording
 * @returns the source
 */
export function recordedSource(recording: Recording): ViewSource {
  const { rows, troubles, marks } = recording;
  const distance = 64;
  const around = 12;
  const kept = new Map<number, Plain>([[-1, recording.start]]);
  let last: { step: number; views: Plain } = { step: -1, views: recording.start };
  const viewsAt = (step: number): Promise<ShownStep> => {
    let from = last.step <= step ? last : { step: -1, views: recording.start };
    for (const [at, views] of kept) {
      if (at <= step && at > from.step) from = { step: at, views };
    }
    let views = from.views;
    for (let at = from.step + 1; at <= step; at++) {
      views = applyDelta(views, recording.deltas[at] ?? null);
      if (at % distance === 0) kept.set(at, views);
    }
    last = { step, views };
    return Promise.resolve({
      // What was recorded were views.
      views: views as unknown as readonly StateView[],
      rows: rows.slice(Math.max(0, step - around), step + around + 1),
    });
  };
  const sinceOf = (side: number, step: number, block: BlockSpan): Promise<Since | null> => {
    for (let at = step; at >= 0; at--) {
      if (isMarked(marks[at]?.[side], block.first)) {
        return Promise.resolve({ kind: "at", step: at });
      }
    }
    return Promise.resolve(null);
  };
  const runs: readonly RunView[] = recording.runs;
  const progress: Progress = { steps: rows.length, most: rows.length, troubles, state: "done" };
  return { runs, progress, viewsAt, sinceOf };
}

/** Whether a step marked or linked a block. */
export function isMarked(marks: StepMarks | undefined, frame: number): boolean {
  if (marks === undefined) return false;
  return marks.frames.includes(frame) ||
    marks.wide.some(([first, end]) => first <= frame && frame < end);
}

/**
 * Reads the recording that a page carries: JSON, deflated, in base 64.
 *
 * @param text the text in base 64
 * @returns the recording
 */
export async function readRecording(text: string): Promise<Recording> {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * Starts a page that carries a recording.
 *
 * @param page the document
 * @param clock the clock
 */
export async function startRecorded(page: PageDocument, clock: PageClock): Promise<void> {
  const player = makePlayer(page, clock, () => {});
  control(player);
  const text = page.getElementById("recording")?.textContent ?? "";
  const recording = await readRecording(text);
  // The first step behind set-up, so that there is something to see.
  const first = recording.rows.findIndex(({ statement }) => {
    return !/^(?:machine|area|page_alloc_init_area|boot|setup_vm)(?: |$)/.test(statement);
  });
  await load(player, recordedSource(recording), Math.max(0, first));
  setDifference(player, recording.difference);
}
