/**
 * The explorer: scenarios to look at step by step, as a file that opens with a double click, and as a page
 * in which the model itself runs.
 *
 * @module
 */

// Order: model, page, app, mod

export {
  ExplorerSession,
  MOST_WATCHED,
  openSession,
  recordingOf,
  runSession,
} from "./model/mod.ts";
export type { OpenedSession, Recording, SessionInput } from "./model/mod.ts";
export { packedRecording, recordedPageHtml, recordedPageParts } from "./page/mod.ts";
export type { PageParts, RecordedPage } from "./page/mod.ts";
export { explorerHtml, explorerStyle } from "./app/mod.ts";
export type { ExampleText } from "./app/mod.ts";
