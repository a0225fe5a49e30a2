/**
 * What is on the page while runs are stepped through.
 *
 * @module
 */

import type {
  BlockSpan,
  FirstDifference,
  Progress,
  RunView,
  ShownStep,
  Since,
  StateView,
  StepRow,
} from "../model/mod.ts";
import type { PageClock, PageDocument, PageElement } from "./dom.ts";
import type { DrawnGrid } from "./metadata.ts";

/** Where views come from: a recording, or the model in a worker. */
export interface ViewSource {
  /** What is the same at every step, for each run. */
  readonly runs: readonly RunView[];
  /** How far the runs came; it changes while they run. */
  progress: Progress;
  /** The views of a step, one for each run, and the steps around it; -1 is the start. */
  readonly viewsAt: (step: number) => Promise<ShownStep>;
  /** Since when a block of a run is what it is at a step; null if no step made it so. */
  readonly sinceOf: (side: number, step: number, block: BlockSpan) => Promise<Since | null>;
}

/** The views of a run, as they are on the page. */
export interface DrawnSide {
  /** The run. */
  readonly run: RunView;
  /** All of it. */
  readonly section: PageElement;
  /** The places for its views. */
  readonly places: Readonly<
    Record<"map" | "bar" | "story" | "lists" | "vmalloc" | "changes", PageElement>
  >;
  /** The metadata arrays, by area. */
  grids: readonly { readonly area: number; readonly grid: DrawnGrid }[];
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
  /** The runs, as they are on the page. */
  sides: readonly DrawnSide[];
  /** The steps around it. */
  rows: readonly StepRow[];
  /** The step that is wanted, while its views are fetched; null if none is. */
  wanted: number | null;
  /** The clock's handle while it plays; null while it does not. */
  playing: number | null;
  /** The first step at which two runs differ; null if none is known. */
  difference: FirstDifference | null;
  /** The block that is pointed at: the first frame of its cell; null for none. */
  pointed: number | null;
  /** The block whose age is asked for; null if no question is under way. */
  ageing: number | null;
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
    sides: [],
    rows: [],
    wanted: null,
    playing: null,
    difference: null,
    pointed: null,
    ageing: null,
    predicting: "no",
    asking: "no",
    guess: null,
  };
}

/** The number of the last step; -1 if there is none. */
export function lastStep(player: Player): number {
  return (player.source?.progress.steps ?? 0) - 1;
}

/** The row of a step near the one that is shown. */
export function rowAt(player: Player, step: number): StepRow | null {
  return player.rows.find((row) => row.step === step) ?? null;
}

/** Puts elements where an id says, if the page has such a place. */
export function place(
  { page }: Player,
  id: string,
  children: readonly (PageElement | string)[],
): void {
  page.getElementById(id)?.replaceChildren(...children);
}
