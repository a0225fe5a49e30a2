/**
 * Stepping through runs: what is on the page follows the step.
 *
 * @module
 */

import type { FirstDifference, RunView, StateView, StepRow } from "../model/mod.ts";
import type { PageClock, PageDocument, PageElement } from "./dom.ts";
import { frameText, make } from "./elements.ts";
import { drawMetadata } from "./metadata.ts";
import {
  blockFacts,
  drawAddressBar,
  drawFacts,
  drawLists,
  drawStory,
  drawVmalloc,
} from "./panels.ts";

/** Where views come from: a recording, or the model in a worker. */
export interface ViewSource {
  /** What is the same at every step, for each run. */
  readonly runs: readonly RunView[];
  /** The views of a step, one for each run; -1 is the start. */
  readonly viewsAt: (step: number) => Promise<readonly StateView[]>;
}

/** What is on the page. */
export interface Player {
  /** The document. */
  readonly page: PageDocument;
  /** The clock, for playing. */
  readonly clock: PageClock;
  /** Told of each step that is shown. */
  readonly onStep: (step: number) => void;
  /** Where views come from; null before anything was loaded. */
  source: ViewSource | null;
  /** The step that is shown. */
  step: number;
  /** Its views. */
  views: readonly StateView[];
  /** The step that is wanted, while its views are fetched; null if none is. */
  wanted: number | null;
  /** The clock's handle while it plays; null while it does not. */
  playing: number | null;
  /** The first step at which two runs differ; null if none is known. */
  difference: FirstDifference | null;
  /** Whether the next step is hidden until its block was guessed. */
  predicting: "yes" | "no";
  /** Whether a guess is awaited. */
  asking: "yes" | "no";
  /** The first frame, and the frame behind the last, that was guessed; null without a guess. */
  guess: readonly [number, number] | null;
}

/**
 * Makes a player that shows nothing yet.
 *
 * @param page the document, which holds the elements of `playerHtml`
 * @param clock the clock
 * @param onStep told of each step that is shown
 * @returns the player
 */
export function makePlayer(
  page: PageDocument,
  clock: PageClock,
  onStep: (step: number) => void,
): Player {
  return {
    page,
    clock,
    onStep,
    source: null,
    step: -1,
    views: [],
    wanted: null,
    playing: null,
    difference: null,
    predicting: "no",
    asking: "no",
    guess: null,
  };
}

/** The number of the last step; -1 if there is none. */
export function lastStep(player: Player): number {
  return (player.source?.runs[0]?.steps.length ?? 0) - 1;
}

/** The row of a step in the list of the first run. */
export function rowAt(player: Player, step: number): StepRow | null {
  return player.source?.runs[0]?.steps[step] ?? null;
}

/** The step in one sentence, for the heading and for those who listen. */
export function stepWords(player: Player): string {
  const { step, views } = player;
  if (step < 0) return `Start of ${lastStep(player) + 1} steps`;
  const ends = views.map(({ outcome }) => outcome).filter((text) => text !== "");
  const isSame = ends.every((text) => text === ends[0]);
  const outcome = isSame ? ends.slice(0, 1) : ends.map((text, at) => `run ${at + 1} ${text}`);
  return [`Step ${step} of ${lastStep(player)}: ${views[0]?.statement ?? ""}`, ...outcome]
    .join("; ");
}

/** One run at a step: all views of it. */
export function drawSide(
  page: PageDocument,
  run: RunView,
  state: StateView,
  side: number,
): PageElement {
  const section = make(page, "section", {
    "class": `side ${state.mark}`,
    "data-side": String(side),
    "aria-label": `${run.arch}, ${run.edition}`,
  }, [make(page, "h3", {}, [`${run.arch}  ${run.edition}`])]);
  const none = make(page, "p", {}, ["There are no areas yet."]);
  section.append(
    ...(state.areas.length === 0 ? [none] : [drawAddressBar(page, run, state.areas)]),
    ...state.areas.map((area) => drawMetadata(page, area, state.focus)),
    drawLists(page, state.areas),
    drawStory(page, state),
    ...(state.vmalloc === null ? [] : [drawVmalloc(page, state.vmalloc)]),
  );
  return section;
}

/** The steps around the one that is shown, as a list. */
export function drawTrace(player: Player): PageElement[] {
  const { page, source, step } = player;
  const around = 60;
  const from = Math.max(0, step - around);
  const rows = source?.runs[0]?.steps.slice(from, step + around + 1) ?? [];
  return rows.map((row) => {
    const marks = (source?.runs ?? []).map(({ steps }) => steps[row.step]?.mark ?? "fine");
    const mark = marks.find((one) => one !== "fine") ?? "fine";
    return make(page, "li", {
      "class": mark,
      "data-step": String(row.step),
      ...(row.step === step ? { "aria-current": "step" } : {}),
    }, [
      make(page, "button", { "type": "button", "tabindex": "-1" }, [
        `${row.step}  ${row.statement}`,
      ]),
      make(page, "span", {}, [row.outcome]),
    ]);
  });
}

/** Puts elements where an id says, if the page has such a place. */
export function place(
  { page }: Player,
  id: string,
  children: readonly (PageElement | string)[],
): void {
  page.getElementById(id)?.replaceChildren(...children);
}

/** What stands in the line below the heading: the first difference, if two runs are shown. */
export function differenceWords({ difference, source, step }: Player): string {
  if ((source?.runs.length ?? 0) < 2) return "";
  if (difference === null) return "No difference is known.";
  const where = difference.step === step ? "This is the first difference" : "First difference";
  return `${where}: step ${difference.step}: ${difference.sentences.join("; ")}`;
}

/** Scrolls the list of steps, and nothing else, to the step that is shown. */
export function scrollTrace(page: PageDocument): void {
  const list = page.getElementById("trace");
  const current = list?.querySelector("[aria-current]") ?? null;
  if (list === null || current === null) return;
  list.scrollTop = current.offsetTop - list.clientHeight / 2;
}

/** Shows the views of a step. */
export function render(player: Player): void {
  const { page, source, views, step } = player;
  if (source === null) return;
  const sides = source.runs.flatMap((run, side) => {
    const state = views[side];
    return state === undefined ? [] : [drawSide(page, run, state, side)];
  });
  place(player, "runs", sides);
  place(player, "trace", drawTrace(player));
  scrollTrace(page);
  const words = stepWords(player);
  place(player, "where", [words]);
  const story = views[0]?.story[0]?.text ?? "";
  const broken = views.flatMap(({ violations }) => violations.map(({ rule }) => rule));
  const alarm = broken.length === 0 ? "" : `. Violates: ${broken.join(", ")}`;
  place(player, "live", [`${words}. ${story}${alarm}`]);
  place(player, "difference", [differenceWords(player)]);
  const range = page.getElementById("range");
  if (range !== null) {
    range.setAttribute("max", String(lastStep(player)));
    range.setAttribute("aria-valuetext", words);
    range.value = String(step);
  }
  player.onStep(step);
}

/**
 * Goes to a step. While views are fetched, only the step that was asked for last is kept in mind.
 *
 * @param player the player
 * @param step the step; it is cut to those that are there
 */
export async function goTo(player: Player, step: number): Promise<void> {
  const { source } = player;
  if (source === null) return;
  const isBusy = player.wanted !== null;
  player.wanted = Math.max(-1, Math.min(lastStep(player), step));
  if (isBusy) return;
  while (player.wanted !== null && player.source === source) {
    const target: number = player.wanted;
    try {
      const views = await source.viewsAt(target);
      if (player.source !== source) return;
      player.step = target;
      player.views = views;
      render(player);
    } catch (error) {
      place(player, "live", [error instanceof Error ? error.message : String(error)]);
      player.wanted = null;
      return;
    }
    if (player.wanted === target) player.wanted = null;
  }
}

/** Marks the steps that broke a rule, failed or stopped the machine above the slider. */
export function drawMarks(player: Player): PageElement[] {
  const { page, source, difference } = player;
  const last = Math.max(1, lastStep(player) + 1);
  const most = 400;
  const troubles = source?.runs.flatMap((run) => run.troubles) ?? [];
  const every = Math.max(1, Math.ceil(troubles.length / most));
  const steps = troubles.filter((_, index) => index % every === 0)
    .map((step) => ({ step, kind: "trouble" }));
  const more = difference === null ? [] : [{ step: difference.step, kind: "differs" }];
  return [...steps, ...more].map(({ step, kind }) => {
    const mark = make(page, "span", { "class": kind });
    mark.style.setProperty("left", `${(step + 1) / last * 100}%`);
    return mark;
  });
}

/**
 * Loads runs and shows a step of them.
 *
 * @param player the player
 * @param source where views come from
 * @param step the step to begin with
 */
export async function load(player: Player, source: ViewSource, step: number): Promise<void> {
  stopPlaying(player);
  player.source = source;
  player.wanted = null;
  player.difference = null;
  place(player, "marks", drawMarks(player));
  await goTo(player, step);
}

/**
 * Tells a player the first difference of its runs.
 *
 * @param player the player
 * @param difference the difference; null for none
 */
export function setDifference(player: Player, difference: FirstDifference | null): void {
  player.difference = difference;
  place(player, "difference", [differenceWords(player)]);
  place(player, "marks", drawMarks(player));
}

/** Stops playing. */
export function stopPlaying(player: Player): void {
  if (player.playing !== null) player.clock.clearInterval(player.playing);
  player.playing = null;
  place(player, "play", ["Play"]);
}

/** Plays, or stops playing. */
export function togglePlaying(player: Player): void {
  if (player.playing !== null) {
    stopPlaying(player);
    return;
  }
  const pause = 700;
  player.playing = player.clock.setInterval(() => {
    if (player.step >= lastStep(player)) stopPlaying(player);
    else void goTo(player, player.step + 1);
  }, pause);
  place(player, "play", ["Pause"]);
}

/** Goes to the next step that broke a rule, failed or stopped the machine; round and round. */
export function nextTrouble(player: Player): void {
  const troubles = (player.source?.runs.flatMap((run) => run.troubles) ?? [])
    .sort((one, other) => one - other);
  const next = troubles.find((step) => step > player.step) ?? troubles[0];
  if (next === undefined) place(player, "live", ["No step breaks a rule."]);
  else void goTo(player, next);
}

/** What is known of a block in each run. */
export function drawFactsOf(player: Player, frame: number): PageElement[] {
  const { page, source, views } = player;
  return (source?.runs ?? []).flatMap((run, side) => {
    const areas = views[side]?.areas ?? [];
    const area = areas.find(({ cells }) => cells[frame] !== undefined);
    if (area === undefined) return [];
    const title = `${frameText(frame)} in ${run.edition}`;
    return [drawFacts(page, title, blockFacts(run, area, frame))];
  });
}

/** Marks a block wherever it is on the page, and tells what is known about it. */
export function pointAt(player: Player, frame: number): void {
  for (const element of player.page.querySelectorAll(".pointed")) {
    element.classList.remove("pointed");
  }
  for (const element of player.page.querySelectorAll(`[data-pfn="${frame}"]`)) {
    element.classList.add("pointed");
  }
  const facts = drawFactsOf(player, frame);
  if (facts.length > 0) place(player, "facts", facts);
}
