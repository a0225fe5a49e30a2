/**
 * Ranges of frames and sets of them, for the rules.
 *
 * @module
 */

export { FrameSet, overlap, unitsWithout } from "../../frame_ranges.ts";
export type { FrameRange } from "../../frame_ranges.ts";
