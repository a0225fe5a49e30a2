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

/**
 * The digit of an order.
 *
 * @param blockOrder the order
 * @returns one character: 0 to 9, then a for 10; `?` beyond 61
 */
export function orderDigit(blockOrder: number): string {
  return DIGITS[blockOrder] ?? "?";
}

/** What a byte means in an encoding, and how it is written. */
export interface StateMeaning {
  /** The status. */
  readonly status: PageStatus;
  /** The order. */
  readonly order: number;
  /** The two characters; 0x and two digits for an order that has no digit. */
  readonly text: string;
}

function rawText(state: number): string {
  return `0x${state.toString(16).padStart(2, "0")}`;
}

/**
 * What a byte means in an encoding.
 *
 * @param format the encoding
 * @param state the byte
 * @returns its meaning; null if it is none that the encoding writes
 */
export function stateMeaning(format: PageStateFormat, state: number): StateMeaning | null {
  const { status, order: blockOrder } = decodePageState(format, state);
  if (format[status] === null || encodePageState(format, status, blockOrder) !== state) return null;
  const digit = DIGITS[blockOrder];
  return { status, order: blockOrder, text: digit ? LETTERS[status] + digit : rawText(state) };
}

/**
 * What each byte means in an encoding.
 *
 * @param format the encoding
 * @returns 256 meanings; null for a byte that the encoding never writes
 */
export function stateMeanings(format: PageStateFormat): ReadonlyArray<StateMeaning | null> {
  return Array.from({ length: 256 }, (_, state) => stateMeaning(format, state));
}

/**
 * Writes a page state in two characters.
 *
 * @param format the encoding
 * @param state the byte
 * @returns such as `.0`, `f2`, `A0` or `Sa`; such as `0xc3` where two characters cannot say it
 */
export function stateText(format: PageStateFormat, state: number): string {
  return stateMeaning(format, state)?.text ?? rawText(state);
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
