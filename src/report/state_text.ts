/**
 * A page state in two characters: a letter for the status, a digit for the order.
 *
 * @module
 */

import { decodePageState, encodePageState } from "../alloc_page/mod.ts";
import type { PageStateFormat, PageStatus } from "../edition.ts";
import { order } from "../units.ts";

/** The statuses, in the order of the documentation. */
export const STATUSES: readonly PageStatus[] = ["fresh", "free", "allocated", "special"];

const LETTERS: Readonly<Record<PageStatus, string>> = {
  fresh: ".",
  free: "f",
  allocated: "A",
  special: "S",
};

/** The digits of orders: base 36, and capitals for what no machine has reached yet. */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A status and an order that an encoding has; null for a byte that it never writes. */
function meaningOf(
  format: PageStateFormat,
  state: number,
): { status: PageStatus; order: number } | null {
  const meaning = decodePageState(format, state);
  if (format[meaning.status] === null) return null;
  return encodePageState(format, meaning.status, meaning.order) === state ? meaning : null;
}

/**
 * Tells whether a byte is one that the encoding writes.
 *
 * @param format the encoding
 * @param state the byte
 * @returns false where no status has these bits
 */
export function isKnownState(format: PageStateFormat, state: number): boolean {
  return meaningOf(format, state) !== null;
}

/**
 * Writes a page state in two characters.
 *
 * @param format the encoding
 * @param state the byte
 * @returns such as `.0`, `f2`, `A0` or `Sa`; such as `0xc3` where two characters cannot say it
 */
export function stateText(format: PageStateFormat, state: number): string {
  const meaning = meaningOf(format, state);
  const digit = meaning === null ? undefined : DIGITS[meaning.order];
  if (meaning === null || digit === undefined) return `0x${state.toString(16).padStart(2, "0")}`;
  return LETTERS[meaning.status] + digit;
}

/**
 * Reads a page state as {@linkcode stateText} writes it.
 *
 * @param format the encoding
 * @param text two characters, or 0x and two digits
 * @returns the byte; null if the text is none, or the encoding has no such status
 */
export function parseStateText(format: PageStateFormat, text: string): number | null {
  if (/^0x[0-9a-f]{2}$/.test(text)) return parseInt(text.slice(2), 16);
  const status = STATUSES.find((candidate) => LETTERS[candidate] === text[0]);
  const blockOrder = text.length === 2 ? DIGITS.indexOf(text[1] ?? "") : -1;
  if (status === undefined || blockOrder < 0 || format[status] === null) return null;
  return encodePageState(format, status, order(blockOrder));
}

/**
 * The status that a cell's letter stands for.
 *
 * @param cell two characters
 * @returns the status; null for a cell that is no page state
 */
export function statusOfCell(cell: string): PageStatus | null {
  return STATUSES.find((status) => LETTERS[status] === cell[0]) ?? null;
}
