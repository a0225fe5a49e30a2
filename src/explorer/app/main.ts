/**
 * The explorer's entry in the page.
 *
 * @module
 */

import { ARCHS } from "../../../arch/mod.ts";
import { control, makePlayer } from "../page/mod.ts";
import type { PageClock, PageDocument, PageElement } from "../page/mod.ts";
import {
  type App,
  changeMap,
  changeSetting,
  fillMenus,
  momentOf,
  open,
  openMoment,
  readSettings,
  save,
  showMoment,
  startOf,
} from "./app.ts";
import { type AppWorker, Client } from "./client.ts";
import type { ExampleText } from "./html.ts";
import type { Canvas, LoadedImage } from "./png.ts";
import { parseMoment, printMoment } from "./moment.ts";
import type { Moment } from "./moment.ts";

/** The part of the window that is used. */
interface AppWindow extends PageClock {
  readonly setTimeout: (action: () => void, milliseconds: number) => number;
  readonly clearTimeout: (handle: number) => void;
  readonly addEventListener: (name: "hashchange" | "resize", listener: () => void) => void;
  readonly location: { readonly hash: string };
  readonly history: {
    readonly pushState: (state: null, title: string, address: string) => void;
    readonly replaceState: (state: null, title: string, address: string) => void;
  };
  readonly Image: new () => LoadedImage;
  readonly Worker: new (address: string, options: { readonly type: "module" }) => AppWorker;
}

/** The document, which makes surfaces too. */
interface AppDocument extends PageDocument {
  readonly createElement: {
    (name: "canvas"): PageElement & Canvas;
    (name: string): PageElement;
  };
}

declare const window: AppWindow;
declare const document: AppDocument;

/** A pause in typing, or in stepping, after which something is done. */
const PAUSE = 350;

/** Does something when there was a pause. */
function afterPause(action: () => void): () => void {
  let handle: number | null = null;
  return () => {
    if (handle !== null) window.clearTimeout(handle);
    handle = window.setTimeout(action, PAUSE);
  };
}

/** Hands a file to the reader. */
function offer(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.setAttribute("href", address);
  link.setAttribute("download", name);
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The moment that the address holds, and the hash that says so. */
const written: { hash: string; moment: Moment | null } = { hash: "", moment: null };

/** Whether a moment is worth a place of its own in the browser's history: more than one step farther. */
function isFar(from: Moment, to: Moment): boolean {
  return from.text !== to.text || from.mapText !== to.mapText || from.view !== to.view ||
    from.editions.join() !== to.editions.join() || Math.abs(from.step - to.step) > 1;
}

const noteMoment = afterPause(() => {
  if (app.longText !== null) return; // No address is long enough.
  const moment = momentOf(app);
  void printMoment(moment).then((text) => {
    const hash = `#${text}`;
    const last = written.moment;
    Object.assign(written, { hash, moment });
    if (hash === window.location.hash) return;
    const { history } = window;
    if (last !== null && isFar(last, moment)) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  });
});

const examples: readonly ExampleText[] = JSON.parse(
  document.getElementById("examples")?.textContent ?? "[]",
);

const app: App = {
  page: document,
  client: new Client(() => new window.Worker("worker.js", { type: "module" })),
  player: makePlayer(document, window, noteMoment),
  offer,
  painter: {
    newImage: () => new window.Image(),
    newCanvas: () => document.createElement("canvas"),
  },
  examples,
  longText: null,
  opened: 0,
};

/** Listens to an element of the form. */
function on(id: string, name: string, listener: (element: PageElement) => void): void {
  const found = document.getElementById(id);
  found?.addEventListener(name, () => listener(found));
}

function listen(): void {
  const run = (): void => void open(app, app.player.step);
  const runLater = afterPause(run);
  const text = document.getElementById("text");
  const underlay = document.getElementById("underlay");
  on("text", "input", () => {
    readSettings(app);
    runLater();
  });
  on("text", "scroll", () => {
    if (text !== null && underlay !== null) underlay.scrollTop = text.scrollTop;
  });
  for (const id of ["edition", "other"]) on(id, "change", run);
  const settings = [
    ["arch", "arch", ""],
    ["ram", "ram", ""],
    ["seed", "power-on", "garbage:"],
  ] as const;
  for (const [id, name, prefix] of settings) {
    on(id, "change", ({ value }) => {
      changeSetting(app, name, value === "" ? "" : prefix + value);
      run();
    });
  }
  on("map", "change", () => {
    changeMap(app);
    readSettings(app);
    run();
  });
  on("example", "change", ({ value }) => {
    const example = examples.find(({ name }) => name === value);
    if (example === undefined) return;
    const file = document.getElementById("file");
    if (file !== null) file.value = "";
    const moment = startOf(example.text);
    showMoment(app, moment);
    void open(app, moment.step);
  });
  on("file", "change", ({ files }) => void openFile(files?.[0] ?? null));
  document.addEventListener("click", ({ target }) => {
    const name = target?.closest("[data-save]")?.getAttribute("data-save") ?? null;
    if (name !== null) void save(app, name);
  });
  window.addEventListener("hashchange", () => {
    if (window.location.hash !== written.hash) void openLink();
  });
}

/** Opens a scenario from a file of the reader's. */
async function openFile(file: { readonly text: () => Promise<string> } | null): Promise<void> {
  if (file === null) return;
  const moment = startOf(await file.text());
  showMoment(app, moment);
  await open(app, moment.step);
}

/** Opens the moment that the address holds, or the first example. */
async function openLink(): Promise<void> {
  const [first] = examples;
  const { hash } = window.location;
  const moment = await parseMoment(hash.slice(1)) ?? startOf(first?.text ?? "");
  Object.assign(written, { hash, moment });
  await openMoment(app, moment);
}

fillMenus(app, ARCHS.map(({ name }) => name), examples);
control(app.player);
listen();
await openLink();
