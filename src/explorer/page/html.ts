/**
 * Pages as HTML.
 *
 * @module
 */

import { escapeXml } from "../../report/svg/xml.ts";
import type { Recording } from "../model/mod.ts";
import * as controls from "./controls.ts";
import * as drawing from "./drawing.ts";
import * as elements from "./elements.ts";
import * as metadata from "./metadata.ts";
import * as panels from "./panels.ts";
import * as player from "./player.ts";
import * as playerState from "./player_state.ts";
import * as recorded from "./recorded.ts";
import { PAGE_STYLE } from "./style.ts";

/** The buttons: what each does, its text, its key, and whether the key is written on it. */
const BUTTONS: readonly (readonly [string, string, string, "written" | "told"])[] = [
  ["first", "Start", "Home", "told"],
  ["back", "Back", "←", "written"],
  ["play", "Play", "Space", "told"],
  ["forward", "Forward", "→", "written"],
  ["last", "End", "End", "told"],
  ["trouble", "Next violation", "n", "written"],
  ["differs", "First difference", "d", "written"],
  ["predict", "Predict", "p", "written"],
];

function buttonHtml([action, text, key, writing]: typeof BUTTONS[number]): string {
  const pressed = action === "predict" ? ' aria-pressed="false"' : "";
  const written = writing === "told" ? "" : ` <kbd aria-hidden="true">${key}</kbd>`;
  const label = action === "play" ? `<span id="playing">${text}</span>` : text;
  return `<button type="button" data-action="${action}" id="${action}" title="key: ${key}" ` +
    `aria-keyshortcuts="${SHORTCUTS[key] ?? key}"${pressed}>${label}${written}</button>`;
}

/** The names of keys as browsers have them. */
const SHORTCUTS: Readonly<Record<string, string>> = { "←": "ArrowLeft", "→": "ArrowRight" };

/** All keys, for those who ask. */
const KEYS: readonly (readonly [string, string])[] = [
  ["→ ←", "a step forward, a step back"],
  ["Home End", "to the start, to the last step"],
  ["Space", "plays and pauses"],
  ["n", "to the next step that breaks a rule, fails, or stops the machine"],
  ["d", "to the first step at which two editions differ"],
  ["p", "predict: says what comes next and asks which block it will be about"],
  ["arrows", "in a grid of blocks: from block to block; Enter chooses one"],
  ["?", "shows these keys"],
];

function helpHtml(): string {
  const rows = KEYS.map(([key, text]) => `<div><dt>${key}</dt><dd>${text}</dd></div>`);
  return `<details id="help"><summary>Keys <kbd aria-hidden="true">?</kbd></summary>
<dl>${rows.join("\n")}</dl></details>`;
}

function viewOptions(): string {
  return Object.entries(drawing.viewNames())
    .map(([value, text]) => `<option value="${value}">${text}</option>`).join("");
}

/**
 * The part of a page that a player works on.
 *
 * @returns HTML
 */
export function playerHtml(): string {
  return `<section class="deck" aria-label="Time line">
<p id="where"></p>
<p id="live" class="silent" role="status" aria-live="polite"></p>
<div class="timeline"><div id="marks" aria-hidden="true"></div>
<input id="range" type="range" min="-1" max="0" value="-1" aria-label="Step"></div>
<div class="controls" role="group" aria-label="Steps">
${BUTTONS.map(buttonHtml).join("\n")}
<label class="show">Show <select id="view">${viewOptions()}</select></label>
${helpHtml()}
</div>
<p id="question" role="status"></p>
<p id="difference"></p>
</section>
<section aria-label="Steps"><ol id="trace" class="trace"></ol></section>
<p class="legend" aria-hidden="true"><span class="fresh">. fresh</span>
<span class="free">f free</span><span class="allocated">A allocated</span>
<span class="special">S special</span><span class="metadata">## page states</span>
<span class="disagreeing">disagreeing</span></p>
<div id="runs"></div>
<div id="facts" role="status"></div>`;
}

/** The functions that a recorded page runs, as text. A name stands for itself in all of them. */
function recordedScript(): string {
  const modules = [elements, metadata, panels, playerState, drawing, player, controls, recorded];
  const functions = modules.flatMap((module) => Object.values(module))
    .filter((value) => typeof value === "function").map(String);
  return `"use strict";\n${functions.join("\n")}\nstartRecorded(document, window);\n`;
}

/** What surrounds the recording: what to hash, and what to write. */
export interface PageParts {
  /** The style sheet. */
  readonly style: string;
  /** The script. */
  readonly script: string;
}

/**
 * The style sheet and the script of a recorded page, whose hashes its security policy names.
 *
 * @returns both
 */
export function recordedPageParts(): PageParts {
  return { style: `${PAGE_STYLE}\n`, script: recordedScript() };
}

/**
 * Deflates a recording and writes it in base 64.
 *
 * @param recording the recording
 * @returns the text
 */
export async function packedRecording(recording: Recording): Promise<string> {
  const stream = new Blob([JSON.stringify(recording)]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const chunk = 0x8000;
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    texts.push(String.fromCharCode(...bytes.subarray(at, at + chunk)));
  }
  return btoa(texts.join(""));
}

/** What a recorded page is made of. */
export interface RecordedPage {
  /** The title: any text. */
  readonly title: string;
  /** The style sheet and the script. */
  readonly parts: PageParts;
  /** The hashes of both, as a security policy names them: `sha256-` and base 64. */
  readonly hashes: PageParts;
  /** The recording, as {@linkcode packedRecording} writes it. */
  readonly recording: string;
}

/**
 * Writes a page that carries a recording. It asks nothing of any server, and its security policy forbids
 * that it could.
 *
 * @param page what it is made of
 * @returns the HTML document
 */
export function recordedPageHtml({ title, parts, hashes, recording }: RecordedPage): string {
  const policy =
    `default-src 'none'; script-src '${hashes.script}'; style-src '${hashes.style}'; ` +
    "base-uri 'none'; form-action 'none'";
  const name = escapeXml(title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>${parts.style}</style>
</head>
<body>
<header><h1>${name}</h1></header>
<main>
${playerHtml()}
</main>
<script type="application/octet-stream" id="recording">${recording}</script>
<script>${parts.script}</script>
</body>
</html>
`;
}
