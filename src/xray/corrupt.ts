/**
 * A byte of a dump that is not what it should be.
 *
 * @module
 */

/** A corrupt byte, and what can be said of it. */
export interface CorruptByte {
  /** Its physical address. */
  readonly address: bigint;
  /** What stands there. */
  readonly found: number;
  /** What should: one of these; empty where that cannot be told. */
  readonly expected: readonly number[];
  /** What it belongs to, such as `the page state of 0x1043`. */
  readonly what: string;
  /** The area. */
  readonly area: number;
  /** What could have left it, the likeliest first. */
  readonly causes: readonly string[];
}

/** A frame's number in words, such as `0x1043`. */
export function hexOf(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
