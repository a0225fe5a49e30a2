/**
 * What a number in a scenario can stand for: its range, its spelling, and whether a name may stand in
 * its place.
 *
 * @module
 */

import { ANY_AREA } from "../alloc_page/mod.ts";
import { refuse } from "./errors.ts";
import type { Token } from "./lexer.ts";
import { hasSuffix, hex, parseNumber, sizeText } from "./numbers.ts";
import type { Operand } from "./types.ts";
import { alternatives, nearestWord } from "./words.ts";

/** What a number stands for. */
export interface Quantity {
  /** What it is called in messages. */
  readonly noun: string;
  /** The least value. */
  readonly least: bigint;
  /** The greatest value. */
  readonly greatest: bigint;
  /** The range in words, after "must". */
  readonly range: string;
  /** Whether K, M, G and T may follow. */
  readonly suffixes: "allowed" | "refused";
  /** Whether `NULL`, a name, or a name with an offset can stand in its place. */
  readonly names: "allowed" | "refused";
  /** Whether a machine of 32 bits cannot hold what needs more. */
  readonly width: "word" | "any";
  /** Words that stand for values. */
  readonly words?: Readonly<Record<string, bigint>>;
  /** How it is written. */
  readonly print: (value: bigint) => string;
}

const decimal = (value: bigint): string => value.toString();
const smallOrHex = (value: bigint): string => value < 10n ? value.toString() : hex(value);

const WORD_LIMIT = 1n << 64n;
const PFN_COUNT = 1n << 52n;

const ADDRESS: Quantity = {
  noun: "the address",
  least: 0n,
  greatest: WORD_LIMIT - 1n,
  range: "fit 64 bits",
  suffixes: "allowed",
  names: "allowed",
  width: "word",
  print: hex,
};

const COUNT: Quantity = {
  noun: "the count",
  least: 0n,
  greatest: PFN_COUNT,
  range: "lie between 0 and 2^52",
  suffixes: "refused",
  names: "refused",
  width: "any",
  print: decimal,
};

/** The name of a quantity. */
export type QuantityName =
  | "address"
  | "physical address"
  | "pfn"
  | "count"
  | "order argument"
  | "order"
  | "area"
  | "size"
  | "byte"
  | "value"
  | "width"
  | "flags"
  | "stage"
  | "in place"
  | "late"
  | "faults";

/** What a word says by standing there or not; no number can stand for it. */
function wordOnly(noun: string, word: string): Quantity {
  const words = { [word]: 0n };
  return { ...COUNT, noun, least: 1n, greatest: 0n, range: `be ${word}`, words, print: () => word };
}

/** The quantities, by name. */
export const QUANTITIES: Readonly<Record<QuantityName, Quantity>> = {
  /** A virtual address in bytes, or NULL. */
  address: ADDRESS,
  /** A physical address in bytes: 64 bits on every architecture. */
  "physical address": { ...ADDRESS, noun: "the physical address", width: "any" },
  /** A frame number. */
  pfn: {
    ...COUNT,
    noun: "the pfn",
    greatest: PFN_COUNT - 1n,
    range: "lie between 0 and 2^52 - 1",
    print: hex,
  },
  /** A number of frames, or of blocks. */
  count: COUNT,
  /** The order that a call takes: an `unsigned int`. */
  "order argument": {
    ...COUNT,
    noun: "the order",
    greatest: (1n << 32n) - 1n,
    range: "fit 32 bits",
  },
  /** The order of a block. */
  order: { ...COUNT, noun: "the order", greatest: 63n, range: "lie between 0 and 63" },
  /** The slot of an area, or `any`. */
  area: {
    ...COUNT,
    noun: "the area",
    greatest: BigInt(ANY_AREA),
    range: "be any or lie between 0 and 254",
    words: { any: BigInt(ANY_AREA) },
    print: (value) => value === BigInt(ANY_AREA) ? "any" : decimal(value),
  },
  /** A size or an alignment in bytes: a word. */
  size: { ...ADDRESS, noun: "the size", names: "refused", print: sizeText },
  /** A byte. */
  byte: {
    ...COUNT,
    noun: "the byte",
    greatest: 255n,
    range: "lie between 0 and 0xff",
    print: hex,
  },
  /** A value to be stored or compared; it may be negative. */
  value: {
    ...ADDRESS,
    noun: "the value",
    least: -(1n << 63n),
    width: "any",
    print: smallOrHex,
  },
  /** The width of an access in bytes. */
  width: { ...COUNT, noun: "the number of bytes", greatest: 8n, range: "be 1, 2, 4 or 8" },
  /** Request flags: an unsigned number of 32 bits. */
  flags: {
    ...COUNT,
    noun: "the flags",
    greatest: (1n << 32n) - 1n,
    range: "fit 32 bits",
    print: hex,
  },
  /** How far to boot. */
  stage: wordOnly("the stage", "early"),
  /** How free blocks are reported. */
  "in place": wordOnly("the form", "in-place"),
  /** Where a hook stands. */
  late: wordOnly("the place", "late"),
  /** How a host answers an access to what it took. */
  faults: wordOnly("the answer to an access", "faults"),
};

/**
 * Tells whether a value lies in a quantity's range.
 *
 * @param quantity the quantity's name
 * @param value any integer
 * @returns true if the quantity can be that
 */
export function isInRange(quantity: QuantityName, value: bigint): boolean {
  const { least, greatest } = QUANTITIES[quantity];
  if (quantity === "width" && ![1n, 2n, 4n, 8n].includes(value)) return false;
  return value >= least && value <= greatest;
}

const EXAMPLES = "such as 4096 or 0x1000";

/** What can stand for a quantity, in words. */
function valueText({ words, least, greatest }: Quantity, alternative: string): string {
  if (words === undefined) return `a number, ${EXAMPLES}${alternative}`;
  const number = least <= greatest ? ["a number"] : [];
  return alternatives([...Object.keys(words), ...number]);
}

/**
 * Reads a number where no name can stand.
 *
 * @param token the word
 * @param name the quantity's name
 * @param noun what it is called in messages
 * @param alternative what could stand here instead, for messages
 * @returns the number
 * @throws {LineError} if it is no number, or out of range
 */
export function readQuantity(
  token: Token,
  name: QuantityName,
  noun: string = QUANTITIES[name].noun,
  alternative = "",
): bigint {
  const quantity = QUANTITIES[name];
  const words = Object.entries(quantity.words ?? {});
  const word = token.kind === "word" ? words.find(([text]) => text === token.text) : undefined;
  if (word !== undefined) return word[1];
  const value = token.kind === "word" ? parseNumber(token.text) : null;
  if (value === null) {
    const known = words.map(([text]) => text);
    refuse(
      token,
      `${noun} must be ${valueText(quantity, alternative)}`,
      nearestWord(token.text, known),
    );
  }
  if (quantity.suffixes === "refused" && hasSuffix(token.text)) {
    refuse(token, `${noun} must have no suffix, it is no size`);
  }
  if (!isInRange(name, value)) refuse(token, `${noun} must ${quantity.range}`);
  return value;
}

const NAME_OPERAND = /^([A-Za-z_][A-Za-z0-9_]*)(?:([+-])([^+-].*))?$/;

/** The names that are bound at a line, each with the operand that stands for it. */
export type BoundNames = ReadonlyMap<string, Operand>;

/** Names beyond this many are not compared with a misspelt one; the newest are. */
const MOST_COMPARED = 1000;

function newest(names: BoundNames): string[] {
  return [...names.keys()].slice(-MOST_COMPARED).reverse();
}

/** Operands that stand in most scenarios many times: one object each. */
const SMALL_NUMBERS: readonly Operand[] = Array.from(
  { length: 64 },
  (_, value) => ({ kind: "number", value: BigInt(value) }),
);

function numberOperand(value: bigint): Operand {
  return SMALL_NUMBERS[Number(value)] ?? { kind: "number", value };
}

/**
 * Reads an argument: a number, `NULL`, a name, or a name with an offset.
 *
 * @param token the word
 * @param name the quantity's name
 * @param bound the names that are bound here
 * @returns the operand
 * @throws {LineError} if it is none of these, out of range, or a name that is not bound
 */
export function readOperand(
  token: Token,
  name: QuantityName,
  bound: BoundNames,
): Operand {
  const quantity = QUANTITIES[name];
  const isNamed = quantity.names === "allowed" && token.kind === "word";
  const whole = isNamed ? bound.get(token.text) : undefined;
  if (whole !== undefined) return whole;
  const match = isNamed ? NAME_OPERAND.exec(token.text) : null;
  if (match === null) {
    const alternative = quantity.names === "allowed" ? ", or a name" : "";
    return numberOperand(readQuantity(token, name, quantity.noun, alternative));
  }
  const [, word = "", sign, offsetText] = match;
  if (sign === undefined && isNull(word)) return { kind: "null" };
  const operand = bound.get(word);
  if (operand === undefined) {
    const place = { column: token.column, text: word };
    refuse(place, "no result is bound to this name", nearestWord(word, newest(bound)));
  }
  if (sign === undefined) return operand;
  const offset = parseNumber(offsetText ?? "");
  const column = token.column + word.length + 1;
  if (offset === null || !isInRange("address", offset)) {
    refuse(
      { column, text: offsetText ?? "" },
      `the offset must be a number that fits 64 bits, ${EXAMPLES}`,
    );
  }
  return { kind: "name", name: word, offset: sign === "-" ? -offset : offset };
}

/** The two spellings of the null pointer. */
export const NULL_WORDS: readonly string[] = ["NULL", "null"];

/** Tells whether a word is the null pointer. */
function isNull(word: string): boolean {
  return NULL_WORDS.includes(word);
}

/**
 * Writes an argument.
 *
 * @param operand the operand
 * @param name the quantity's name
 * @returns the text that {@linkcode readOperand} reads
 */
export function printOperand(operand: Operand, name: QuantityName): string {
  switch (operand.kind) {
    case "number":
      return QUANTITIES[name].print(operand.value);
    case "null":
      return "NULL";
    case "name": {
      const { offset } = operand;
      if (offset === 0n) return operand.name;
      return `${operand.name}${offset < 0n ? "-" : "+"}${hex(offset < 0n ? -offset : offset)}`;
    }
  }
}

/**
 * Tells whether a word is spelt like a name.
 *
 * @param word any text
 * @returns true for a letter or `_`, followed by letters, digits and `_`
 */
export function isNameSpelling(word: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(word);
}
