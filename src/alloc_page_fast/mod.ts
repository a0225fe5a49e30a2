/**
 * The fast page allocator: the same algorithm on integers, for scale.
 *
 * @module
 */

// Order: rules, pool, state, wipe, take, give, reserve, request, view, materialise, adopt, own, runner, auto, mod

export { canRunFast, fastRulesOf } from "./rules.ts";
export type { FastRules } from "./rules.ts";
export { residentBytesOf } from "./pool.ts";
export { addArea, carveArea, LEAVE, newFastState, NONE } from "./state.ts";
export type { FastArea, FastState, Wiper } from "./state.ts";
export { takeFreshFromArea, takeFromArea } from "./take.ts";
export { DONE, freeFrame } from "./give.ts";
export { orderOfBytes, takeBlock, wishesOf } from "./request.ts";
export type { Wishes } from "./request.ts";
export { viewOf } from "./view.ts";
export { materialise } from "./materialise.ts";
export type { Target } from "./materialise.ts";
export { adoptAreas } from "./adopt.ts";
export { AutoPageAllocator } from "./auto.ts";
export type { AutoOptions } from "./auto.ts";
