/**
 * The pages: views of a step as elements, a player that steps through them, and pages as HTML.
 *
 * @module
 */

// Order: dom, elements, metadata, panels, player_state, drawing, player, controls, recorded, style, html, mod

export type { PageClock, PageDocument, PageElement, PageEvent } from "./dom.ts";
export { countText, make } from "./elements.ts";
export { control } from "./controls.ts";
export { pointAt, showView } from "./drawing.ts";
export { goTo, load, setDifference, setProgress } from "./player.ts";
export { makePlayer } from "./player_state.ts";
export type { Player, ViewSource } from "./player_state.ts";
export { applyDelta, recordedSource } from "./recorded.ts";
export { PAGE_STYLE } from "./style.ts";
export { packedRecording, playerHtml, recordedPageHtml, recordedPageParts } from "./html.ts";
export type { PageParts, RecordedPage } from "./html.ts";
