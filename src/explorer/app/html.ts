/**
 * The explorer's page and its style sheet.
 *
 * @module
 */

import { PAGE_STYLE, playerHtml } from "../page/mod.ts";

const APP_STYLE = `main{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}
@media (min-width:900px){main{grid-template-columns:minmax(18rem,26rem) minmax(0,1fr)}
main>form{grid-column:1;grid-row:1}}
header p{margin:.2em 0 .5em}@media (max-width:600px){header p{font-size:12px}}
.start{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center}
.start label{display:flex;gap:.5em;align-items:center;min-width:0}
.start select{min-width:0;max-width:36rem;width:100%}
#status{margin:0;font-weight:bold}#file{max-width:16rem}
form{display:grid;gap:.5rem;align-content:start}form label{display:grid;gap:.15rem}
.pair{display:grid;gap:.5rem;grid-template-columns:1fr 1fr;align-items:end}
form select,form input,form textarea{width:100%}form select,form input{height:2.2em}
.editor{display:grid}.editor>*{grid-area:1/1;margin:0;padding:.5em;min-height:20em;
font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre;
border:1px solid var(--line);border-radius:4px;overflow:auto}
#underlay{color:transparent;background:var(--soft);overflow:hidden}
#underlay mark{color:transparent;background:#d0342c55;border-bottom:2px solid var(--bad)}
#text{background:transparent;resize:vertical}
#problems{margin:0;padding:0;list-style:none;color:var(--bad)}
#problems button{display:block;background:none;border:0;padding:0;text-align:left;color:inherit}
#map{min-height:6em;width:100%}`;

/**
 * The explorer's style sheet.
 *
 * @returns CSS
 */
export function explorerStyle(): string {
  return `${PAGE_STYLE}\n${APP_STYLE}\n`;
}

/** An example for the menu. */
export interface ExampleText {
  /** Its name. */
  readonly name: string;
  /** The scenario. */
  readonly text: string;
}

/** JSON that can stand inside HTML. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function savesHtml(): string {
  const saves = [
    ["scenario.buddy", "scenario"],
    ["metadata.svg", "metadata, SVG"],
    ["metadata.png", "metadata, PNG"],
    ["lists.svg", "free lists, SVG"],
    ["lists.png", "free lists, PNG"],
    ["run.json", "run, JSON"],
    ["trace.json", "run, trace"],
  ];
  return saves.map(([what, text]) => {
    return `<button type="button" data-save="${what}">${text}</button>`;
  }).join("\n");
}

/**
 * The explorer's page. It loads its script, its worker and its style from beside it, and nothing else;
 * its security policy forbids all other requests.
 *
 * @param examples the examples of the menu
 * @returns the HTML document
 */
export function explorerHtml(examples: readonly ExampleText[]): string {
  const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; " +
    "img-src blob:; base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>buddyscope</title>
<link rel="stylesheet" href="explorer.css">
</head>
<body>
<header><h1>buddyscope: the memory of kvm-unit-tests, step by step</h1>
<p>A scenario runs in this page, on a model of the page allocator that is exact to the byte. Step with
<kbd>→</kbd> and <kbd>←</kbd>, point at a block to see all that is known of it, and put a second edition
beside the first to see where they part.</p>
<div class="start">
<label>Example<select id="example"><option value="">choose one</option></select></label>
<label>or a file<input id="file" type="file" accept=".buddy,text/plain"></label>
<p id="status" role="status"></p>
</div></header>
<main>
<div>
${playerHtml()}
</div>
<form id="form" aria-label="Scenario">
<label for="text">Scenario</label>
<div class="editor"><pre id="underlay" aria-hidden="true"></pre>
<textarea id="text" spellcheck="false" autocomplete="off" aria-describedby="problems"></textarea></div>
<ul id="problems" role="status"></ul>
<div class="pair">
<label>Architecture<select id="arch"></select></label>
<label>RAM<input id="ram" placeholder="such as 4G" autocomplete="off"></label>
<label>Edition<select id="edition"></select></label>
<label>Second edition beside it<select id="other"></select></label>
<label>Seed of power-on garbage<input id="seed" inputmode="numeric" placeholder="none: zeroes"
 autocomplete="off"></label>
</div>
<details><summary>Memory map</summary>
<label>dmesg, /proc/iomem, an EFI map or a device tree<textarea id="map" spellcheck="false"
 autocomplete="off"></textarea></label></details>
<div class="controls" role="group" aria-label="Save">Save
${savesHtml()}
</div>
</form>
</main>
<script type="application/json" id="examples">${embedded(examples)}</script>
<script type="module" src="main.js"></script>
</body>
</html>
`;
}
