/**
 * What the authors of the modelled code promise, and the page about it.
 *
 * @module
 */

// Order: kept_promise, page_promises, vmalloc_promises, boot_promises, show_promise,
// print_promises, mod

import { BOOT_PROMISES } from "./boot_promises.ts";
import type { PromiseGroup } from "./kept_promise.ts";
import { PAGE_PROMISES } from "./page_promises.ts";
import { VMALLOC_PROMISES } from "./vmalloc_promises.ts";

export type { KeptPromise, PromiseGroup } from "./kept_promise.ts";
export { brokenSince, newestBroken, showPromise } from "./show_promise.ts";
export type { PromiseShown } from "./show_promise.ts";
export { printPromises } from "./print_promises.ts";

/** The promises that the repaired edition keeps and its predecessor breaks, by part of the code. */
export const PROMISE_GROUPS: readonly PromiseGroup[] = [
  { title: "The page allocator", promises: PAGE_PROMISES },
  { title: "vmalloc and malloc", promises: VMALLOC_PROMISES },
  { title: "Boot", promises: BOOT_PROMISES },
];
