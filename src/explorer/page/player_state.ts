/**
 * What is on the page while runs are stepped through.
 *
 * @module
 */

import type { FirstDifference, RunView, StateView, StepRow } from "../model/mod.ts";
import type { PageClock, PageDocument, PageElement } from "./dom.ts";

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
  /** The block that is pointed at: the first frame of its cell; null for none. */
  pointed: number | null;
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
    pointed: null,
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

/** Puts elements where an id says, if the page has such a place. */
export function place(
  { page }: Player,
  id: string,
  children: readonly (PageElement | string)[],
): void {
  page.getElementById(id)?.replaceChildren(...children);
}
