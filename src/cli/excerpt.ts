/**
 * Two long texts that differ: what stands around the first difference, with a marker below.
 *
 * @module
 */

import { escapeText } from "../report/mod.ts";

/** Two texts around their first difference. */
export interface Excerpt {
  /** A part of the first text. */
  readonly left: string;
  /** A part of the second text. */
  readonly right: string;
  /** Spaces and a caret: stands below the first character that differs. */
  readonly marker: string;
  /** Where that character is, from 0. */
  readonly at: number;
}

/** How much of the width stands before the difference. */
const SHARE_BEFORE = 0.6;
const LEAST_WIDTH = 20;

/** The part `[first, first + width)` of a text; dots stand where something is left out. */
function cut(characters: readonly string[], first: number, width: number): string {
  const before = first > 0 ? "…" : "";
  const isWhole = characters.length - first <= width;
  const part = characters.slice(first + before.length, isWhole ? undefined : first + width - 1);
  return before + part.join("") + (isWhole ? "" : "…");
}

/**
 * Cuts two texts around the first character in which they differ.
 *
 * @param left a text, by whomever
 * @param right another
 * @param width the greatest width of a part; 20 or more
 * @returns the two parts, aligned, and the marker
 */
export function excerptOf(left: string, right: string, width: number): Excerpt {
  const room = Math.max(LEAST_WIDTH, width);
  const [one, other] = [[...escapeText(left)], [...escapeText(right)]];
  const longest = Math.max(one.length, other.length);
  const different = one.findIndex((character, index) => character !== other[index]);
  const at = different < 0 ? Math.min(one.length, other.length) : different;
  const latestStart = Math.max(0, longest - room);
  const first = Math.min(latestStart, Math.max(0, at - Math.floor(room * SHARE_BEFORE)));
  return {
    left: cut(one, first, room),
    right: cut(other, first, room),
    marker: `${" ".repeat(at - first)}^`,
    at,
  };
}
