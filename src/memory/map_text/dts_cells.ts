/**
 * Values of properties of a device tree source that are cells.
 *
 * @module
 */

import type { DtsToken, DtsTokens } from "./dts_tokens.ts";
import { lineError } from "./source_line.ts";
import { MAX_MAP_RANGES } from "./text_range.ts";

/** The 32-bit cells of a property, side by side: what they are and where they stand. */
export interface DtsCells {
  /** The values, 0 to 2^32 - 1. */
  readonly values: number[];
  /** Where each stands in the text. */
  readonly offsets: number[];
  /** The line of each, from 1 on. */
  readonly lines: number[];
}

/**
 * Makes an empty list of cells.
 *
 * @returns the list
 */
export function newCells(): DtsCells {
  return { values: [], offsets: [], lines: [] };
}

/** The most cells that are read: four for each range that a map may have. */
export const MAX_CELLS: number = 4 * MAX_MAP_RANGES;

/** A number with the ending of a C constant; a leading 0 makes it octal. */
const NUMBER = /^(?:(0[0-7]{1,22})|(0x[0-9a-f]{1,16}|[0-9]{1,20}))(?:u|l|ul|ull|ll)?$/i;
const CELL_LIMIT = 2n ** 32n;

function valueOf(tokens: DtsTokens, token: DtsToken, limit: bigint): bigint {
  const [match, octal, digits = ""] = NUMBER.exec(token.text) ?? [];
  if (match === undefined) {
    throw lineError(
      tokens.lineOf(token),
      "has something else than a number in a list of cells",
      "write numbers such as 0x80000000 in place of names and expressions",
    );
  }
  const value = BigInt(octal === undefined ? digits : `0o${octal}`);
  if (value < limit) return value;
  throw lineError(
    tokens.lineOf(token),
    `has a cell of more than ${limit === CELL_LIMIT ? 32 : 64} bits`,
    "split the number over as many cells as the bus has",
  );
}

function addCell(tokens: DtsTokens, cells: DtsCells, value: bigint, token: DtsToken): void {
  if (cells.values.length >= MAX_CELLS) {
    throw lineError(
      tokens.lineOf(token),
      `lists more than the ${MAX_MAP_RANGES} ranges that a map may have`,
      "leave out what is not needed",
    );
  }
  cells.values.push(Number(value));
  cells.offsets.push(token.offset);
  cells.lines.push(token.line);
}

/** The cells of `<…>`; one of 64 bits counts as two. */
function readAngles(tokens: DtsTokens, bits: 32 | 64, cells: DtsCells): void {
  const limit = bits === 32 ? CELL_LIMIT : CELL_LIMIT * CELL_LIMIT;
  for (let token = tokens.next(); token !== null && token.text !== ">"; token = tokens.next()) {
    const value = valueOf(tokens, token, limit);
    if (bits === 64) addCell(tokens, cells, value / CELL_LIMIT, token);
    addCell(tokens, cells, value % CELL_LIMIT, token);
  }
}

/** The cells of `[…]`, which holds bytes. */
function readBytes(tokens: DtsTokens, first: DtsToken, cells: DtsCells): void {
  const words: string[] = [];
  for (let token = tokens.next(); token !== null && token.text !== "]"; token = tokens.next()) {
    words.push(token.text);
  }
  const digits = words.join("");
  if (digits.length % 8 !== 0 || /[^0-9a-f]/i.test(digits)) {
    throw lineError(
      tokens.lineOf(first),
      "has bytes that make up no cells",
      "expected four bytes for each cell",
    );
  }
  for (let at = 0; at < digits.length; at += 8) {
    addCell(tokens, cells, BigInt(`0x${digits.slice(at, at + 8)}`), first);
  }
}

function readBits(tokens: DtsTokens, token: DtsToken): 32 | 64 {
  const width = tokens.next()?.text;
  if (width === "32") return 32;
  if (width === "64") return 64;
  throw lineError(
    tokens.lineOf(token),
    "has cells of an odd width",
    "expected /bits/ 32 or /bits/ 64",
  );
}

/**
 * Reads the value of a property up to its semicolon, as cells.
 *
 * @param tokens the words, the last one read being the `=`
 * @returns the cells
 * @throws {SyntaxError} if the value is something else, or has too many of them
 */
export function readCells(tokens: DtsTokens): DtsCells {
  const cells = newCells();
  let bits: 32 | 64 = 32;
  for (let token = tokens.next(); token !== null && token.text !== ";"; token = tokens.next()) {
    if (token.text === "<") readAngles(tokens, bits, cells);
    else if (token.text === "[") readBytes(tokens, token, cells);
    else if (token.text === "/bits/") bits = readBits(tokens, token);
    else if (token.text !== ",") {
      throw lineError(
        tokens.lineOf(token),
        "has a value that is no list of cells",
        "expected cells in angle brackets",
      );
    }
  }
  return cells;
}
