/**
 * Collecting violations: the rules asked for, without the frames excluded, up to a limit.
 *
 * @module
 */

import type { AreaNumber, Pfn } from "../../units.ts";
import { overlap } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import type { RuleName, Violation } from "./rules.ts";

/** What to check. What is left out has a default. */
export interface CheckOptions {
  /** The rules to check; all by default. */
  readonly rules?: readonly RuleName[];
  /**
   * Frames about which nothing is reported, nor about a block that holds one: those that an operation
   * under way has in hand. None by default.
   */
  readonly except?: readonly FrameRange[];
  /** The number of violations after which no more are collected; 100 by default. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;

/**
 * Tells whether what is wanted is no more than what one looks for by default.
 *
 * @param options what is wanted
 * @returns true if there are no frames to leave out, and the limit is not higher
 */
export function isWithinDefault({ except = [], limit = DEFAULT_LIMIT }: CheckOptions): boolean {
  return except.length === 0 && limit <= DEFAULT_LIMIT;
}

/** A violation before it is known whether anybody wants it. */
export interface Finding {
  /** The rule. */
  readonly rule: RuleName;
  /** The area; null where it is no matter of one. */
  readonly area: AreaNumber | null;
  /** The frames that it is about; null where it is no matter of frames. */
  readonly frames: FrameRange | null;
  /** What is the case instead. */
  readonly sentence: string;
}

/** The violations found so far. */
export class Findings {
  /** The violations, in the order in which they were found. */
  readonly violations: Violation[] = [];
  /** The frames about which nothing is reported. */
  readonly except: readonly FrameRange[];
  readonly #rules: ReadonlySet<RuleName> | null;
  readonly #limit: number;

  /** Makes an empty collection. */
  constructor(options: CheckOptions) {
    this.except = options.except ?? [];
    this.#rules = options.rules === undefined ? null : new Set(options.rules);
    this.#limit = options.limit ?? DEFAULT_LIMIT;
  }

  /** Tells whether one of these rules is to be checked, and there is room for a violation. */
  wants(...rules: readonly RuleName[]): boolean {
    if (this.isFull) return false;
    return rules.some((rule) => this.#rules === null || this.#rules.has(rule));
  }

  /** Whether there is no room for another violation. */
  get isFull(): boolean {
    return this.violations.length >= this.#limit;
  }

  /** Adds what was found before without frames to leave out, as far as it is wanted. */
  addKnown(violations: readonly Violation[]): void {
    for (const one of violations) if (this.wants(one.rule)) this.violations.push(one);
  }

  /** Adds a violation, unless nobody wants it. */
  add(finding: Finding): void {
    const { rule, area, frames, sentence } = finding;
    if (!this.wants(rule)) return;
    if (frames !== null && this.except.some((range) => overlap(range, frames))) return;
    this.violations.push({
      rule,
      area,
      pfn: frames === null ? null : frames.first as Pfn,
      sentence,
    });
  }
}

/**
 * A frame's number in words.
 *
 * @param frame the number
 * @returns such as `0x1000`
 */
export function hexFrame(frame: number): string {
  return `0x${frame.toString(16)}`;
}
