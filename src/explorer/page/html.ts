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

/** The buttons: what each does, its text, its key, and the id of what can change in it. */
const BUTTONS: readonly (readonly [string, string, string])[] = [
  ["first", "Start", "Home"],
  ["back", "Back", "←"],
  ["play", "Play", "Space"],
  ["forward", "Forward", "→"],
  ["last", "End", "End"],
  ["trouble", "Next violation", "n"],
  ["differs", "First difference", "d"],
  ["predict", "Predict", "p"],
];

function buttonHtml([action, text, key]: readonly [string, string, string]): string {
  const id = action === "play" || action === "predict" ? ` id="${action}"` : "";
  const pressed = action === "predict" ? ' aria-pressed="false"' : "";
  return `<button type="button" data-action="${action}" title="key: ${key}"${id}${pressed}>` +
    `${text}</button>`;
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
  return `<section aria-label="Time line">
<p id="where"></p>
<p id="live" class="silent" role="status" aria-live="polite"></p>
<div class="timeline"><div id="marks" aria-hidden="true"></div>
<input id="range" type="range" min="-1" max="0" value="-1" aria-label="Step"></div>
<div class="controls" role="group" aria-label="Steps">
${BUTTONS.map(buttonHtml).join("\n")}
<label>Show <select id="view">${viewOptions()}</select></label>
</div>
<p id="question" role="status"></p>
<p id="difference"></p>
</section>
<p class="legend" aria-hidden="true"><span class="fresh">. fresh</span>
<span class="free">f free</span><span class="allocated">A allocated</span>
<span class="special">S special</span><span class="metadata">## page states</span>
<span class="disagreeing">disagreeing</span></p>
<div id="runs"></div>
<div id="facts" role="status"></div>
<section aria-label="Steps"><h2>Steps</h2><ol id="trace" class="trace"></ol></section>
<p>Keys: → and ← step, Home and End, Space plays, n next violation, d first difference, p predict.
In a grid the arrow keys move from block to block, and Enter chooses one.</p>`;
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
