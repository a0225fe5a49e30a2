/**
 * The worker of the explorer: the model itself, beside the page.
 *
 * @module
 */

import { ARCHS } from "../../../arch/mod.ts";
import { createHandler } from "../model/mod.ts";
import type { ExplorerAnswer, ExplorerRequest } from "../model/mod.ts";

/** The part of a worker's scope that is used. */
interface WorkerScope {
  readonly addEventListener: (
    name: "message",
    listener: (event: { readonly data: ExplorerRequest }) => void,
  ) => void;
  readonly postMessage: (answer: ExplorerAnswer) => void;
}

declare const self: WorkerScope;

const handler = createHandler(ARCHS);

self.addEventListener("message", ({ data }) => self.postMessage(handler(data)));
