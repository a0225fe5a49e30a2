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

const waiting: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = (): void => waiting.shift()?.();

const handle = createHandler(ARCHS, {
  post: (answer) => self.postMessage(answer),
  // A message to itself comes after those that are there already, and, unlike a timer, without a pause.
  later: (action) => {
    waiting.push(action);
    port2.postMessage(null);
  },
});

self.addEventListener("message", ({ data }) => handle(data));
