/**
 * Views out of a recording.
 *
 * @module
 */

import type { Delta, Plain, PlainObject, Recording, RunView, StateView } from "../model/mod.ts";
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
  const distance = 64;
  const kept = new Map<number, Plain>([[-1, recording.start]]);
  let last: { step: number; views: Plain } = { step: -1, views: recording.start };
  const viewsAt = (step: number): Promise<readonly StateView[]> => {
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
    // What was recorded were views.
    return Promise.resolve(views as unknown as readonly StateView[]);
  };
  const runs: readonly RunView[] = recording.runs;
  return { runs, viewsAt };
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
  await load(player, recordedSource(recording), 0);
  setDifference(player, recording.difference);
}
