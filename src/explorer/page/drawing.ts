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
  drawFacts,
  drawLists,
  drawStory,
  drawVmalloc,
} from "./panels.ts";
import { lastStep, place, type Player } from "./player_state.ts";

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
    const all = (source?.runs ?? []).flatMap(({ steps }) => steps[row.step] ?? []);
    const mark = all.find((one) => one.mark !== "fine")?.mark ?? "fine";
    const outcomes = [...new Set(all.map(({ outcome }) => outcome))];
    return make(page, "li", {
      "class": mark,
      "data-step": String(row.step),
      ...(row.step === step ? { "aria-current": "step" } : {}),
    }, [
      make(page, "button", { "type": "button", "tabindex": "-1" }, [
        `${row.step}  ${row.statement}`,
      ]),
      make(page, "span", {}, [outcomes.join(" / ")]),
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
  player.pointed = frame;
  for (const element of player.page.querySelectorAll(".pointed")) {
    element.classList.remove("pointed");
  }
  for (const element of player.page.querySelectorAll(`[data-pfn="${frame}"]`)) {
    element.classList.add("pointed");
  }
  const facts = drawFactsOf(player, frame);
  const gone = make(player.page, "p", {}, [`No block begins at ${frameText(frame)}.`]);
  place(player, "facts", facts.length > 0 ? facts : [gone]);
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
  holdBlock(player, held);
  if (player.pointed !== null) pointAt(player, player.pointed);
  player.onStep(step);
}
