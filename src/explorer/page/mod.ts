/**
 * The pages: views of a step as elements, a player that steps through them, and pages as HTML.
 *
 * @module
 */

// Order: dom, elements, metadata, panels, player, controls, recorded, style, html, mod

export type { PageClock, PageDocument, PageElement, PageEvent } from "./dom.ts";
export { countText, make } from "./elements.ts";
export { control } from "./controls.ts";
export { goTo, load, makePlayer, setDifference } from "./player.ts";
export type { Player, ViewSource } from "./player.ts";
export { applyDelta, recordedSource } from "./recorded.ts";
export { PAGE_STYLE } from "./style.ts";
export { packedRecording, playerHtml, recordedPageHtml, recordedPageParts } from "./html.ts";
export type { PageParts, RecordedPage } from "./html.ts";
