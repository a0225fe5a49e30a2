/**
 * Buttons, keys and the pointer.
 *
 * @module
 */

import type { PageElement, PageEvent } from "./dom.ts";
import { pointAt, scrollTrace, showView } from "./drawing.ts";
import { goTo, nextTrouble, togglePlaying } from "./player.ts";
import { lastStep, place, type Player, rowAt } from "./player_state.ts";

/** Steps forward; when predicting, asks first where the block will be. */
export async function forward(player: Player): Promise<void> {
  const next = rowAt(player, player.step + 1);
  const asks = /(?:^|\s)(?:alloc_page|memalign|free|reserve|malloc|calloc)\w*(?:\s|$)/;
  const isCall = next !== null && asks.test(next.statement);
  if (player.predicting === "no" || player.asking === "yes" || !isCall) {
    const { asking, guess } = player;
    player.asking = "no";
    player.guess = null;
    await goTo(player, player.step + 1);
    if (asking === "yes") judgeGuess(player, guess);
    return;
  }
  player.asking = "yes";
  place(player, "question", [
    `Next: ${next.statement}. Which block will it be about? Choose one, or step again to see.`,
  ]);
}

/** Says whether a guess was right. */
export function judgeGuess(player: Player, guess: readonly [number, number] | null): void {
  const focus = player.views[0]?.focus ?? null;
  const answer = focus === null ? "it is about no block" : `it is ${focus.toString(16)}`;
  const isRight = guess !== null && focus !== null && focus >= guess[0] && focus < guess[1];
  const verdict = guess === null ? "Shown" : isRight ? "Right" : "Not so";
  place(player, "question", [`${verdict}: ${answer}.`]);
}

/** Does what a button or a key stands for. */
export function act(player: Player, action: string): void {
  if (action === "first") void goTo(player, -1);
  if (action === "back") void goTo(player, (player.wanted ?? player.step) - 1);
  if (action === "forward") void forward(player);
  if (action === "last") void goTo(player, lastStep(player));
  if (action === "play") togglePlaying(player);
  if (action === "trouble") nextTrouble(player);
  if (action === "help") toggleHelp(player);
  if (action === "differs" && player.difference !== null) {
    void goTo(player, player.difference.step);
  }
  if (action === "predict") {
    player.predicting = player.predicting === "yes" ? "no" : "yes";
    player.asking = "no";
    const text = player.predicting === "yes" ? "Predict mode: step forward to be asked." : "";
    place(player, "question", [text]);
    player.page.getElementById("predict")
      ?.setAttribute("aria-pressed", player.predicting === "yes" ? "true" : "false");
  }
}

/** Shows all keys, or hides them. */
export function toggleHelp({ page }: Player): void {
  const help = page.getElementById("help");
  if (help === null) return;
  if (help.getAttribute("open") === null) {
    help.setAttribute("open", "");
    help.querySelector("summary")?.focus();
  } else help.removeAttribute("open");
}

/** What a key stands for; empty for nothing. */
export function actionOfKey(key: string): string {
  const actions: Record<string, string> = {
    "ArrowRight": "forward",
    "ArrowLeft": "back",
    "Home": "first",
    "End": "last",
    " ": "play",
    "n": "trouble",
    "d": "differs",
    "p": "predict",
    "?": "help",
  };
  return actions[key] ?? "";
}

/** Whether an element needs the keys itself. */
export function ownsKeys(target: PageElement | null, key: string): boolean {
  if (target === null) return false;
  if (target.closest("input, textarea, select") !== null) return true;
  return (key === " " || key === "Enter") && target.closest("button, a, summary") !== null;
}

/** Moves from cell to cell with the keys of a grid; true if the key was for that. */
export function moveInGrid(event: PageEvent): boolean {
  const grid = event.target?.closest("[role=grid]") ?? null;
  if (grid === null) return false;
  const cells = [...grid.querySelectorAll("[data-pfn]:not(.more)")];
  const at = cells.findIndex((cell) => cell === event.target);
  const moves: Record<string, number> = {
    "ArrowRight": at + 1,
    "ArrowLeft": at - 1,
    "ArrowDown": at + 8,
    "ArrowUp": at - 8,
    "Home": 0,
    "End": cells.length - 1,
  };
  const to = moves[event.key];
  if (to === undefined) return false;
  const target = cells[Math.max(0, Math.min(cells.length - 1, to))];
  cells[at]?.setAttribute("tabindex", "-1");
  target?.setAttribute("tabindex", "0");
  target?.focus();
  return true;
}

/** The block at which something happened; null if it was elsewhere. */
export function frameAt(event: PageEvent): number | null {
  const text = event.target?.closest("[data-pfn]")?.getAttribute("data-pfn") ?? null;
  return text === null ? null : Number(text);
}

/** A block was chosen: a guess, if one is awaited. */
export function choose(player: Player, frame: number): void {
  pointAt(player, frame);
  if (player.asking === "no") return;
  const areas = player.views[0]?.areas ?? [];
  const cell = areas.map(({ cells }) => cells[frame]).find((one) => one !== undefined);
  player.guess = [frame, frame + (cell?.frames ?? 1)];
  void forward(player);
}

/** A key was pressed. */
export function onKey(player: Player, event: PageEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (moveInGrid(event)) {
    event.preventDefault();
    return;
  }
  if (ownsKeys(event.target, event.key)) return;
  const frame = event.key === "Enter" ? frameAt(event) : null;
  if (frame !== null) choose(player, frame);
  const action = actionOfKey(event.key);
  if (action === "") return;
  event.preventDefault();
  act(player, action);
}

/** Something was clicked. */
export function onClick(player: Player, event: PageEvent): void {
  const action = event.target?.closest("[data-action]")?.getAttribute("data-action") ?? null;
  if (action !== null) act(player, action);
  const step = event.target?.closest("[data-step]")?.getAttribute("data-step") ?? null;
  if (step !== null) void goTo(player, Number(step));
  const frame = frameAt(event);
  if (frame !== null) choose(player, frame);
}

/**
 * Listens to keys, buttons and the pointer.
 *
 * @param player the player
 */
export function control(player: Player): void {
  const { page } = player;
  page.addEventListener("keydown", (event) => onKey(player, event));
  page.addEventListener("click", (event) => onClick(player, event));
  for (const name of ["pointerover", "focusin"]) {
    page.addEventListener(name, (event) => {
      const frame = frameAt(event);
      if (frame !== null) pointAt(player, frame);
    });
  }
  const view = page.getElementById("view");
  view?.addEventListener("change", () => {
    showView(player, view.value);
    player.onStep(player.step);
  });
  const range = page.getElementById("range");
  range?.addEventListener("input", () => void goTo(player, Number(range.value)));
  player.clock.addEventListener?.("resize", () => scrollTrace(page));
}
