/**
 * The explorer as a page in which the model runs in a worker.
 *
 * @module
 */

// Order: moment, png, client, worker, editor, html, app, main, mod

export { explorerHtml, explorerStyle } from "./html.ts";
export type { ExampleText } from "./html.ts";
export { parseMoment, printMoment } from "./moment.ts";
export type { Moment } from "./moment.ts";
export { spanOf } from "./editor.ts";
export type { Span } from "./editor.ts";
