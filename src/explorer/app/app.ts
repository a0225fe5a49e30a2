/**
 * The explorer in the page: what is typed and chosen becomes runs, and runs become views.
 *
 * @module
 */

import { DEFAULT_ARCH_NAME } from "../../scenario/machine_statement.ts";
import { EDITIONS } from "../../edition.ts";
import { machineSetting, withMachineSetting } from "../model/mod.ts";
import type { ExportKind, SessionInput } from "../model/mod.ts";
import { goTo, load, make, setDifference, setProgress, showView } from "../page/mod.ts";
import type { PageDocument, PageElement, Player, ViewSource } from "../page/mod.ts";
import type { Client, Continuation } from "./client.ts";
import { showProblems } from "./editor.ts";
import type { ExampleText } from "./html.ts";
import type { Moment } from "./moment.ts";
import { type Painter, pngOf } from "./png.ts";

/** The name that `map=` gives to what was pasted. */
export const PASTED_MAP = "pasted.txt";

/** So few steps are compared at once that views are not kept waiting. */
const COMPARED_AT_ONCE = 200;

/** A longer scenario is kept beside the editor: browsers take seconds to lay out such a text. */
const MOST_EDITED = 200_000;

/** What the page consists of. */
export interface App {
  /** The document. */
  readonly page: PageDocument;
  /** The worker. */
  readonly client: Client;
  /** What shows the runs. */
  readonly player: Player;
  /** Hands a file to the reader. */
  readonly offer: (name: string, content: Blob) => void;
  /** Draws pictures. */
  readonly painter: Painter;
  /** A scenario that is too long for the editor; null while the editor has it all. */
  longText: string | null;
  /** The examples of the menu. */
  readonly examples: readonly ExampleText[];
  /** Counts what was opened, so that what belongs to an earlier one is dropped. */
  opened: number;
}

/** An element that the page has. */
function element({ page }: App, id: string): PageElement {
  const found = page.getElementById(id);
  if (found === null) throw new Error(`Model error: the page has no element "${id}"`);
  return found;
}

/** Says something below the form. */
function say(app: App, text: string): void {
  element(app, "status").replaceChildren(text);
}

/** The scenario. */
export function scenarioText(app: App): string {
  return app.longText ?? element(app, "text").value;
}

/**
 * Puts a scenario into the editor, or, if it is too long for that, a note in its place.
 *
 * @param app the page
 * @param text the scenario
 */
export function setScenarioText(app: App, text: string): void {
  const editor = element(app, "text");
  const isLong = text.length > MOST_EDITED;
  app.longText = isLong ? text : null;
  editor.disabled = isLong;
  editor.value = isLong
    ? `# ${text.split("\n").length} lines: too many to edit here.\n${text.slice(0, 2000)}\n# …\n`
    : text;
  showProblems(app.page, editor.value, []);
}

/** Fills the menus. */
export function fillMenus(
  app: App,
  archs: readonly string[],
  examples: readonly ExampleText[],
): void {
  const { page } = app;
  const options = (rows: readonly (readonly [string, string])[]): PageElement[] =>
    rows.map(([value, text]) => make(page, "option", { value }, [text]));
  const editions = EDITIONS.map(({ name, aliases }): [string, string] => {
    return [name, [name, ...aliases.map((alias) => `(${alias})`)].join(" ")];
  });
  element(app, "arch").replaceChildren(...options(archs.map((name) => [name, name])));
  element(app, "edition").replaceChildren(...options([["", "the scenario's"], ...editions]));
  element(app, "other").replaceChildren(...options([["", "none"], ...editions]));
  const names = examples.map(({ name, text }): [string, string] => {
    const about = /^#\s*(\S.*)$/m.exec(text)?.[1] ?? "";
    return [name, about === "" ? name : `${name}: ${about}`];
  });
  element(app, "example").replaceChildren(...options([["", "choose one"], ...names]));
}

/** Shows in the controls what the text says. */
export function readSettings(app: App): void {
  const text = scenarioText(app);
  element(app, "arch").value = machineSetting(text, "arch") ?? DEFAULT_ARCH_NAME;
  element(app, "ram").value = machineSetting(text, "ram") ?? "";
  element(app, "seed").value = machineSetting(text, "power-on")?.split(":")[1] ?? "";
  const example = app.examples.find((one) => one.text === text);
  element(app, "example").value = example?.name ?? "";
}

/** A statement that sets the machine up; what comes behind is worth looking at. */
const SET_UP = /^\s*(?:machine|area|page_alloc_init_area|boot|setup_vm|#|$)/;

/**
 * The start of a scenario: the first step behind set-up, so that there is something to see.
 *
 * @param text the scenario
 * @returns the moment
 */
export function startOf(text: string): Moment {
  const statements = text.slice(0, MOST_EDITED).split("\n").filter((line) =>
    !/^\s*(?:#|$)/.test(line)
  );
  const first = statements.findIndex((line) => !SET_UP.test(line));
  const step = first < 0 ? Math.max(0, statements.length - 1) : first;
  return { text, editions: [null], mapText: "", step, view: "all", frame: null };
}

/** What is chosen, as the page holds it. */
export function momentOf(app: App): Moment {
  const edition = element(app, "edition").value;
  const other = element(app, "other").value;
  return {
    text: scenarioText(app),
    editions: [edition === "" ? null : edition, ...(other === "" ? [] : [other])],
    mapText: element(app, "map").value,
    step: app.player.step,
    view: app.page.getElementById("runs")?.getAttribute("data-view") ?? "all",
    frame: app.player.pointed,
  };
}

/** Shows a moment in the form. */
export function showMoment(app: App, moment: Moment): void {
  const { text, editions, mapText, view, frame } = moment;
  setScenarioText(app, text);
  element(app, "edition").value = editions[0] ?? "";
  element(app, "other").value = editions[1] ?? "";
  element(app, "map").value = mapText;
  showView(app.player, view);
  app.player.pointed = frame;
  readSettings(app);
}

/** What is said of finished runs. */
function endText({ player }: App): string {
  const { source } = player;
  const watched = source?.runs[0]?.watched === "off" ? "; the rules are not checked" : "";
  return `${source?.progress.steps ?? 0} steps${watched}`;
}

/** What is opened: its number, and the step to show. */
interface Opened {
  readonly number: number;
  readonly step: number;
  /** The step that is shown until the runs come to that one. */
  shown: number;
}

/** Follows runs that go on while their first steps are shown already. */
async function follow(app: App, opened: Opened, continuation: Continuation): Promise<void> {
  if (opened.number !== app.opened) return;
  const { player } = app;
  if (continuation.kind === "problems") {
    showProblems(app.page, app.longText === null ? scenarioText(app) : "", continuation.problems);
    say(app, "The scenario cannot run further: what is shown stands before the first problem.");
    return;
  }
  if (continuation.kind === "failed") {
    say(app, continuation.message);
    return;
  }
  const { progress } = continuation;
  setProgress(player, progress);
  const { shown, step } = opened;
  if (shown < step && (step < progress.steps || progress.state === "done")) {
    opened.shown = step;
    if (player.step === shown) void goTo(player, step);
  }
  if (progress.state === "running") {
    say(app, `Running … ${progress.steps} of ${progress.most} steps`);
    return;
  }
  say(app, endText(app));
  await findDifference(app, opened.number);
}

/**
 * Runs what the form says, and shows a step of it. Of a long scenario the first steps are shown while the
 * others still run.
 *
 * @param app the page
 * @param step the step
 */
export async function open(app: App, step: number): Promise<void> {
  const { text, editions, mapText } = momentOf(app);
  const number = ++app.opened;
  const input: SessionInput = {
    text,
    editions,
    file: "scenario",
    mapText: mapText === "" ? null : mapText,
    watch: "auto",
  };
  const opened: Opened = { number, step, shown: -1 };
  say(app, "Running …");
  const { client } = app;
  try {
    const opening = await client.open(input, (more) => void follow(app, opened, more));
    if (number !== app.opened) return;
    const problems = opening.kind === "problems" ? opening.problems : [];
    showProblems(app.page, app.longText === null ? text : "", problems);
    if (opening.kind === "problems") {
      say(app, "The scenario cannot run: what is shown is the last one that could.");
      return;
    }
    const { runs, progress } = opening;
    opened.shown = Math.min(step, progress.steps - 1);
    const source: ViewSource = {
      runs,
      progress,
      viewsAt: (at) => client.views(at),
      sinceOf: (side, at, block) => client.since(side, at, block),
    };
    await load(app.player, source, opened.shown);
    if (number !== app.opened || source.progress.state === "running") return;
    say(app, endText(app));
    if (progress.state === "done") await findDifference(app, number);
  } catch (error) {
    if (number === app.opened) say(app, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Shows another moment: runs its scenario, or, if that is the one that is shown, goes to its step.
 *
 * @param app the page
 * @param moment the moment
 */
export async function openMoment(app: App, moment: Moment): Promise<void> {
  const now = momentOf(app);
  const isSame = now.text === moment.text && now.mapText === moment.mapText &&
    now.editions.join() === moment.editions.join() && app.player.source !== null;
  showMoment(app, moment);
  if (isSame) await goTo(app.player, moment.step);
  else await open(app, moment.step);
}

/** Looks for the first difference, some steps at a time. */
async function findDifference(app: App, number: number): Promise<void> {
  if ((app.player.source?.runs.length ?? 0) < 2) return;
  let next: number | null = 0;
  while (next !== null && number === app.opened) {
    const search = await app.client.difference(next, COMPARED_AT_ONCE);
    if (number !== app.opened) return;
    if (search.found !== null) setDifference(app.player, search.found);
    next = search.next;
  }
}

/** Writes a control's value into the text. */
export function changeSetting(app: App, name: string, value: string): void {
  setScenarioText(app, withMachineSetting(scenarioText(app), name, value === "" ? null : value));
}

/** Writes into the text that the memory map is the one that was pasted. */
export function changeMap(app: App): void {
  const hasMap = element(app, "map").value.trim() !== "";
  changeSetting(app, "map", hasMap ? PASTED_MAP : "");
  if (hasMap) changeSetting(app, "ram", "");
}

const TYPES: Readonly<Record<string, string>> = {
  buddy: "text/plain",
  svg: "image/svg+xml",
  json: "application/json",
};

/** What the worker can make a file of. */
const EXPORTS: readonly ExportKind[] = ["metadata.svg", "lists.svg", "run.json", "trace.json"];

/** A file of the moment that is shown. */
async function fileOf(app: App, name: string): Promise<Blob> {
  if (name.endsWith(".png")) {
    const svg = await fileOf(app, name.replace(/png$/, "svg"));
    return await pngOf(app.painter, await svg.text());
  }
  const type = TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain";
  const kind = EXPORTS.find((one) => one === name);
  const text = kind === undefined
    ? scenarioText(app)
    : await app.client.save(kind, 0, app.player.step);
  return new Blob([text], { type });
}

/**
 * Hands a file to the reader.
 *
 * @param app the page
 * @param name the file
 */
export async function save(app: App, name: string): Promise<void> {
  try {
    app.offer(name, await fileOf(app, name));
  } catch (error) {
    say(app, error instanceof Error ? error.message : String(error));
  }
}
