/**
 * Stepping through runs: what is on the page follows the step.
 *
 * @module
 */

import type { FirstDifference, Progress } from "../model/mod.ts";
import { differenceWords, drawMarks, render } from "./drawing.ts";
import { lastStep, place, type Player, type ViewSource } from "./player_state.ts";

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
      const { views, rows } = await source.viewsAt(target);
      if (player.source !== source) return;
      player.step = target;
      player.views = views;
      player.rows = rows;
      render(player);
    } catch (error) {
      place(player, "live", [error instanceof Error ? error.message : String(error)]);
      player.wanted = null;
      return;
    }
    if (player.wanted === target) player.wanted = null;
  }
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
  place(player, "facts", []);
  offerJumps(player);
  await goTo(player, step);
}

/**
 * Tells a player that its runs came further.
 *
 * @param player the player
 * @param progress how far; of troubles those that are new
 */
export function setProgress(player: Player, progress: Progress): void {
  const { page, source } = player;
  if (source === null) return;
  const hadTroubles = source.progress.troubles;
  const troubles = progress.troubles.length === 0
    ? hadTroubles
    : [...hadTroubles, ...progress.troubles];
  source.progress = { ...progress, troubles };
  page.getElementById("range")?.setAttribute("max", String(lastStep(player)));
  place(player, "marks", drawMarks(player));
  offerJumps(player);
}

/** Offers to jump only where there is something to jump to. */
export function offerJumps({ page, source, difference }: Player): void {
  const trouble = page.getElementById("trouble");
  if (trouble !== null) trouble.disabled = (source?.progress.troubles.length ?? 0) === 0;
  const differs = page.getElementById("differs");
  if (differs === null) return;
  differs.hidden = (source?.runs.length ?? 0) < 2;
  differs.disabled = difference === null;
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
  offerJumps(player);
}

/** Stops playing. */
export function stopPlaying(player: Player): void {
  if (player.playing !== null) player.clock.clearInterval(player.playing);
  player.playing = null;
  place(player, "playing", ["Play"]);
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
  place(player, "playing", ["Pause"]);
}

/** Goes to the next step that broke a rule, failed or stopped the machine; round and round. */
export function nextTrouble(player: Player): void {
  const troubles = player.source?.progress.troubles ?? [];
  const next = troubles.find((step) => step > player.step) ?? troubles[0];
  if (next === undefined) place(player, "live", ["No step breaks a rule."]);
  else void goTo(player, next);
}
