/**
 * The lines of Linux's files about free memory, one by one.
 *
 * @module
 */

import { INDEX_SCALE } from "./indices.ts";
import type { ZonePlace } from "./tables.ts";

/** A line of a file. */
export interface ProcLine {
  /** Its number, from 1. */
  readonly number: number;
  /** Its text, without spaces at its ends. */
  readonly text: string;
}

/** A line that names a zone, and the words behind. */
export interface ProcRow extends ZonePlace {
  /** The migrate type, where the line names one. */
  readonly type: string | null;
  /** The words behind. */
  readonly words: readonly string[];
}

/** More lists than orders of a 64-bit machine are no lists of blocks. */
const MOST_ORDERS = 64;
const ROW = /^Node\s+(\d{1,6}),\s*zone\s+([^\s,]{1,32})(,\s*type\s+(\S{1,32}))?(\s.*)?$/;

/**
 * Words what is wrong with a line.
 *
 * @param line the line
 * @param rule what must be the case, and what is
 * @returns the error
 */
export function lineError({ number }: ProcLine, rule: string): SyntaxError {
  return new SyntaxError(`Cannot read line ${number}: ${rule}`);
}

/**
 * Quotes what was found, cut where it is long.
 *
 * @param text the text
 * @returns the text in quotation marks
 */
export function found(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * The words of a text.
 *
 * @param text the text
 * @returns what stands between spaces
 */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/**
 * Reads a line that names a zone.
 *
 * @param line the line
 * @returns its parts; null if it names none
 * @throws {SyntaxError} if nothing stands behind the zone, or too much
 */
export function rowOf(line: ProcLine): ProcRow | null {
  const match = ROW.exec(line.text);
  if (match === null) return null;
  const [, node = "", zone = "", , type = null, rest = ""] = match;
  // The kernel pads behind the mark of a lower bound.
  const words = wordsOf(rest.replace(/>\s+/g, ">"));
  if (words.length === 0 || words.length > MOST_ORDERS) {
    throw lineError(
      line,
      `behind the zone there must be 1 to ${MOST_ORDERS} numbers, there are ${words.length}`,
    );
  }
  return { node: Number(node), zone, type, words };
}

/**
 * Reads counts, each perhaps behind `>` where that can be.
 *
 * @param line the line
 * @param words the counts
 * @param bounds whether the kernel can have stopped to count
 * @returns the counts, and the positions of those that are lower bounds
 * @throws {SyntaxError} if a word is no count
 */
export function countsOf(
  line: ProcLine,
  words: readonly string[],
  bounds: "exact" | "lower-bounds",
): { readonly counts: number[]; readonly atLeast: number[] } {
  const pattern = bounds === "exact" ? /^\d{1,15}$/ : /^>?\d{1,15}$/;
  const wrong = words.find((word) => !pattern.test(word));
  if (wrong !== undefined) {
    throw lineError(line, `a count must be a whole number below 10^15, it is ${found(wrong)}`);
  }
  const counts = words.map((word) => Number(word.replace(">", "")));
  return { counts, atLeast: counts.flatMap((_, at) => words[at]?.startsWith(">") ? [at] : []) };
}

/**
 * Tells whether a word has a point, as an index has.
 *
 * @param word the word
 * @returns whether it is an index, if it is anything
 */
export function looksLikeIndex(word: string): boolean {
  return word.includes(".");
}

/**
 * Reads indices: quotient and rest of the number of thousandths, both with their sign.
 *
 * @param line the line
 * @param words the indices, such as `-1.000` or `0.-07`
 * @returns the numbers of thousandths, from -1000 to 1000
 * @throws {SyntaxError} if a word is no index
 */
export function indicesOfWords(line: ProcLine, words: readonly string[]): number[] {
  return words.map((word) => {
    const [, sign = "", whole = "", rest = ""] = /^(-?)(\d)\.(\d{3}|-\d{2,3})$/.exec(word) ?? [];
    const size = Number(whole) * INDEX_SCALE;
    const index = rest === "" ? NaN : (sign === "" ? size : -size) + Number(rest);
    if (Math.abs(index) <= INDEX_SCALE) return index;
    throw lineError(line, `an index must be from -1.000 to 1.000, it is ${found(word)}`);
  });
}
