/**
 * What the lab found, as a page: the picture and the numbers, one file without scripts.
 *
 * @module
 */

import type { LabResult } from "../lab/mod.ts";
import { labMachineWords } from "./lab_words.ts";
import { printLab } from "./lab_text.ts";
import { labSvg } from "./svg/lab_chart.ts";
import { escapeXml } from "./svg/xml.ts";

const STYLE = "body{font:14px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;" +
  "padding:0 1rem;color:#111;background:#fff}h1{font-size:1.2rem}svg{max-width:100%;height:auto}" +
  "pre{font:12px/1.3 ui-monospace,DejaVu Sans Mono,Menlo,Consolas,monospace;overflow-x:auto}" +
  "@media screen and (prefers-color-scheme:dark){body{color:#eee;background:#14171b}}";

/**
 * Makes a page of what the lab found. It opens with a double click and asks for nothing outside.
 *
 * @param result the result
 * @returns the HTML document
 * @throws {RangeError} if there are more runs that differ than can be drawn
 */
export function labPage(result: LabResult): string {
  const title = escapeXml(`${result.trace}: free memory over time`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>${escapeXml(labMachineWords(result))}</p>
${labSvg(result)}<pre>
${escapeLines(printLab(result, { glyphs: "blocks" }))}</pre>
</body>
</html>
`;
}

/** Several lines, fit for an element. */
function escapeLines(text: string): string {
  return text.split("\n").map(escapeXml).join("\n");
}
