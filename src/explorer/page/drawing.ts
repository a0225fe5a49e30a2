/**
 * The page at a step: all runs, the list of steps, the time line, the block that is pointed at.
 *
 * @module
 */

import type { RunView, StateView } from "../model/mod.ts";
import type { PageDocument, PageElement } from "./dom.ts";
import { frameText, make } from "./elements.ts";
import { drawMetadata } from "./metadata.ts";
import {
  blockFacts,
  drawAddressBar,
  drawChanges,
  drawFacts,
  drawLists,
  drawStory,
  drawVmalloc,
} from "./panels.ts";
import { type DrawnSide, lastStep, place, type Player } from "./player_state.ts";

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

/** The places for the views of a run, with nothing in them. */
export function makeSide(page: PageDocument, run: RunView, side: number): DrawnSide {
  const places = {
    map: make(page, "div"),
    bar: make(page, "div"),
    story: make(page, "div"),
    lists: make(page, "div"),
    vmalloc: make(page, "div"),
    changes: make(page, "div", { "class": "wide" }),
  };
  const { map, bar, story, lists, vmalloc, changes } = places;
  const section = make(page, "section", {
    "data-side": String(side),
    "aria-label": `${run.arch}, ${run.edition}`,
  }, [
    make(page, "h3", {}, [`${run.arch}  ${run.edition}`]),
    make(page, "div", { "class": "body" }, [
      make(page, "div", {}, [bar, map]),
      make(page, "div", {}, [story, lists, vmalloc]),
      changes,
    ]),
  ]);
  return { run, section, places, grids: [] };
}

/** Draws a run at a step: all views of it. */
export function drawSide(page: PageDocument, drawn: DrawnSide, state: StateView): void {
  const { run, section, places } = drawn;
  const { areas, focus, vmalloc, changes } = state;
  section.setAttribute("class", `side ${state.mark}`);
  const none = make(page, "p", { "class": "area" }, [
    "There are no areas yet: nothing was handed to the page allocator. Step forward.",
  ]);
  places.bar.replaceChildren(areas.length === 0 ? none : drawAddressBar(page, run, areas));
  const slots = areas.map(({ area }) => area).join();
  const known = drawn.grids.map(({ area }) => area).join() === slots ? drawn.grids : [];
  const grids = areas.map((area, index) => {
    return { area: area.area, grid: drawMetadata(page, area, focus, known[index]?.grid ?? null) };
  });
  if (known !== drawn.grids) places.map.replaceChildren(...grids.map(({ grid }) => grid.element));
  drawn.grids = grids;
  places.story.replaceChildren(drawStory(page, state));
  places.lists.replaceChildren(...(areas.length === 0 ? [] : [drawLists(page, areas)]));
  places.vmalloc.replaceChildren(...(vmalloc === null ? [] : [drawVmalloc(page, vmalloc)]));
  places.changes.replaceChildren(...(changes.length === 0 ? [] : [drawChanges(page, changes)]));
}

/** Draws all runs at a step. */
export function drawSides(player: Player): void {
  const { page, source, views } = player;
  const runs = source?.runs ?? [];
  const areThere = runs.length === player.sides.length &&
    player.sides.every(({ run }, side) => run === runs[side]);
  if (!areThere) {
    player.sides = runs.map((run, side) => makeSide(page, run, side));
    place(player, "runs", player.sides.map(({ section }) => section));
  }
  for (const [side, drawn] of player.sides.entries()) {
    const state = views[side];
    if (state !== undefined) drawSide(page, drawn, state);
  }
}

/** The steps around the one that is shown, as a list. */
export function drawTrace(player: Player): PageElement[] {
  const { page, rows, step } = player;
  return rows.map((row) => {
    return make(page, "li", {
      "class": row.mark,
      "data-step": String(row.step),
      ...(row.step === step ? { "aria-current": "step" } : {}),
    }, [
      make(page, "button", { "type": "button", "tabindex": "-1" }, [
        make(page, "span", { "class": "number" }, [String(row.step)]),
        ` ${row.statement}`,
      ]),
      make(page, "span", {}, [row.outcome]),
    ]);
  });
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

/** Marks the steps that broke a rule, failed or stopped the machine above the slider. */
export function drawMarks(player: Player): PageElement[] {
  const { page, source, difference } = player;
  const last = Math.max(1, lastStep(player) + 1);
  const most = 400;
  const troubles = source?.progress.troubles ?? [];
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

/** What is known of a block in each run; since when it is what it is, as far as that is known by now. */
export function drawFactsOf(
  player: Player,
  frame: number,
  ages: readonly string[],
): PageElement[] {
  const { page, source, views } = player;
  return (source?.runs ?? []).flatMap((run, side) => {
    const areas = views[side]?.areas ?? [];
    const area = areas.find(({ cells }) => cells[frame] !== undefined);
    if (area === undefined) return [];
    const title = `${frameText(frame)} in ${run.edition}`;
    return [drawFacts(page, title, blockFacts(run, area, frame, ages[side] ?? "…"))];
  });
}

/**
 * Marks a block wherever it is on the page, and tells what is known about it.
 *
 * @param player the player
 * @param frame the first frame of the block
 * @param age when it is asked since when it is what it is: the answer takes as long as a step
 */
export function pointAt(
  player: Player,
  frame: number,
  age: "now" | "after-a-pause" = "now",
): void {
  player.pointed = frame;
  for (const element of player.page.querySelectorAll(".pointed")) {
    element.classList.remove("pointed");
  }
  for (const element of player.page.querySelectorAll(`[data-pfn="${frame}"]`)) {
    element.classList.add("pointed");
  }
  const facts = drawFactsOf(player, frame, []);
  const gone = make(player.page, "p", {}, [`No block begins at ${frameText(frame)}.`]);
  place(player, "facts", facts.length > 0 ? facts : [gone]);
  if (facts.length === 0) return;
  if (age === "now") void tellAge(player, frame);
  else askAfterPause(player, frame);
}

/** Asks for a block's age once nobody has stepped on for a while. */
export function askAfterPause(player: Player, frame: number): void {
  const { step, source } = player;
  const pause = 150;
  player.clock.setTimeout(() => {
    const isShown = player.pointed === frame && player.step === step && player.source === source;
    if (isShown && player.wanted === null) void tellAge(player, frame);
  }, pause);
}

/** Since when the block is what it is, in words; empty for never. */
export async function ageOf(player: Player, side: number, first: number): Promise<string> {
  const { source, step, views } = player;
  const cell = views[side]?.areas.map(({ cells }) => cells[first]).find((one) => one !== undefined);
  if (source === null || cell === undefined || cell.counts !== null) return "";
  const since = await source.sinceOf(side, step, { first, frames: cell.frames });
  if (since === null) return "";
  return since.kind === "at" ? `step ${since.step}` : `before step ${since.step}`;
}

/** Adds to the facts since when the block is what it is. One question is under way at a time. */
export async function tellAge(player: Player, frame: number): Promise<void> {
  const isBusy = player.ageing !== null;
  player.ageing = frame;
  if (isBusy) return;
  while (player.ageing !== null) {
    const target: number = player.ageing;
    const { source, step } = player;
    const sides = (source?.runs ?? []).map((_, side) => ageOf(player, side, target));
    const ages = await Promise.all(sides).catch(() => []);
    if (player.ageing === target) player.ageing = null;
    const isShown = player.pointed === target && player.step === step && player.source === source;
    if (isShown) place(player, "facts", drawFactsOf(player, target, ages));
    else if (player.ageing === null && player.source === source) player.ageing = player.pointed;
  }
}

/** The views that can stand alone, and their names. */
export function viewNames(): Record<string, string> {
  return { all: "all views", map: "metadata", lists: "free lists", story: "what happened" };
}

/**
 * Shows all views of a run, or one.
 *
 * @param player the player
 * @param view one of {@linkcode viewNames}; all for anything else
 */
export function showView(player: Player, view: string): void {
  const name = Object.hasOwn(viewNames(), view) ? view : "all";
  player.page.getElementById("runs")?.setAttribute("data-view", name);
  const choice = player.page.getElementById("view");
  if (choice !== null) choice.value = name;
}

/** The block of a grid that has the keyboard; null if something else has it. */
export function heldBlock({ page }: Player): string | null {
  return page.activeElement?.closest("#runs [role=gridcell]")?.getAttribute("data-pfn") ?? null;
}

/** Gives the keyboard back to a block, after the grid was drawn anew. */
export function holdBlock({ page }: Player, frame: string | null): void {
  if (frame === null) return;
  const [cell] = page.querySelectorAll(`#runs [role=gridcell][data-pfn="${frame}"]`);
  cell?.focus();
}

/** Shows the views of a step. */
export function render(player: Player): void {
  const { page, source, views, step } = player;
  if (source === null) return;
  const held = heldBlock(player);
  drawSides(player);
  place(player, "trace", drawTrace(player));
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
  holdBlock(player, held);
  if (player.pointed !== null) pointAt(player, player.pointed, "after-a-pause");
  // Last of all: it asks where things are, so that the page is laid out, once.
  scrollTrace(page);
  player.onStep(step);
}
