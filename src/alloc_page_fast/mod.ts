/**
 * The fast page allocator: the same algorithm on integers, for scale.
 *
 * @module
 */

// Order: constants, rules, pool, state, wipe, take, give, reserve, request, view, materialise, adopt, own, runner, auto, mod

export { DONE, LEAVE, NONE } from "./constants.ts";
export { canRunFast, fastRulesOf } from "./rules.ts";
export type { FastRules } from "./rules.ts";
export { residentBytesOf } from "./pool.ts";
export { addArea, carveArea, newFastState } from "./state.ts";
export type { FastArea, FastState, Wiper } from "./state.ts";
export { takeFreshFromArea, takeFromArea } from "./take.ts";
export { freeBlock, freeFrame } from "./give.ts";
export { orderOfBytes, takeBlock, takeNode, wishesOf } from "./request.ts";
export type { Wishes } from "./request.ts";
export { viewOf } from "./view.ts";
export { materialise } from "./materialise.ts";
export type { Target } from "./materialise.ts";
export { adoptAreas } from "./adopt.ts";
export { AutoPageAllocator } from "./auto.ts";
export type { AutoOptions } from "./auto.ts";
