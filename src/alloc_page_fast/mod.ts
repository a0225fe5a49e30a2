/**
 * The fast page allocator: the same algorithm on integers, for scale.
 *
 * @module
 */

// Order: constants, moves, rules, pool, state, wipe, take, give, reserve, request, view, materialise, adopt, own, mapping, runner, auto, mod

export { DONE, LEAVE, NONE } from "./constants.ts";
export { canRunFast, fastRulesOf } from "./rules.ts";
export type { FastRules } from "./rules.ts";
export { moveCountsOf, newMoves, noteMoves } from "./moves.ts";
export type { MoveCounts, Moves } from "./moves.ts";
export { residentBytesOf } from "./pool.ts";
export { addArea, carveArea, newFastState } from "./state.ts";
export type { FastArea, FastState, Wiper } from "./state.ts";
export { takeFreshFromArea, takeFromArea } from "./take.ts";
export { finishRelease, freeBlock, freeFrame, freeNode } from "./give.ts";
export { orderOfBytes, takeBlock, takeNode, wishesOf } from "./request.ts";
export type { Wishes } from "./request.ts";
export { listedBlocks, viewOf } from "./view.ts";
export { materialise } from "./materialise.ts";
export type { Target } from "./materialise.ts";
export { adoptAreas } from "./adopt.ts";
export { AutoPageAllocator } from "./auto.ts";
export type { AutoOptions } from "./auto.ts";
