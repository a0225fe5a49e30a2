/**
 * The forms of `expect`: reading and writing them.
 *
 * @module
 */

import type { PageStatus } from "../edition.ts";
import { refuse } from "./errors.ts";
import type { Cursor, Token } from "./lexer.ts";
import { hex, parseNumber, sizeText } from "./numbers.ts";
import {
  isNameSpelling,
  NULL_WORDS,
  printOperand,
  readOperand,
  readQuantity,
} from "./quantities.ts";
import type { BoundNames } from "./quantities.ts";
import type { Comparison, Expectation, Operand } from "./types.ts";
import { nearestWord } from "./words.ts";

const STATUSES: readonly PageStatus[] = ["fresh", "free", "allocated", "special"];
const COMPARISONS: readonly Comparison[] = ["==", "!=", "below", "at", "above"];

/** The words that can follow a subject. */
const RELATIONS: readonly string[] = [...COMPARISONS, "is", "aligned", "in", "has"];

function parseSubject(cursor: Cursor, bound: BoundNames): Operand {
  const token = cursor.next();
  if (token.kind !== "word") {
    refuse(token, "an address, a name, last, free, bytes, no or nothing must stand here");
  }
  return readOperand(token, "value", bound);
}

/**
 * Reads what follows `expect`.
 *
 * @param cursor behind the word `expect`
 * @param bound the names that are bound here
 * @returns the expectation
 * @throws {LineError} if it is none
 */
export function parseExpectation(cursor: Cursor, bound: BoundNames): Expectation {
  if (cursor.take("last")) return parseLast(cursor, bound);
  if (cursor.take("free")) return parseFree(cursor);
  if (cursor.take("bytes")) return parseBytes(cursor, bound);
  if (cursor.take("no")) {
    cursor.oneOf(["violations"], "the word after no");
    return { form: "no-violations" };
  }
  if (cursor.take("nothing")) {
    cursor.expect("lost");
    return { form: "nothing-lost" };
  }
  const subject = parseSubject(cursor, bound);
  const token = cursor.next();
  const comparison = COMPARISONS.find((word) => word === token.text);
  if (comparison !== undefined && token.kind !== "quoted") {
    return {
      form: "compares",
      subject,
      comparison,
      to: readOperand(cursor.next(), "value", bound),
    };
  }
  switch (token.kind === "word" ? token.text : "") {
    case "is":
      cursor.expect("null");
      return { form: "is-null", subject };
    case "aligned":
      cursor.expect("to");
      return { form: "is-aligned", subject, alignment: parseAlignment(cursor.next()) };
    case "in":
      return { form: "in-area", subject, area: parseArea(cursor) };
    case "has":
      return parseHas(cursor, subject);
    default:
      return refuse(
        token,
        "==, !=, below, at, above, is null, aligned to, in area or has must stand here",
        nearestWord(token.text, RELATIONS),
      );
  }
}

function parseAlignment(token: Token): bigint {
  const alignment = readQuantity(token, "size", "the alignment");
  if (alignment === 0n) refuse(token, "the alignment must be 1 or more");
  return alignment;
}

/** Reads the name of an area: a zone's, an alias, or `areaN`. */
export function readAreaName(token: Token): string {
  if (token.kind === "word" && isNameSpelling(token.text)) return token.text;
  return refuse(token, "the area must be a name, such as LOW, or areaN");
}

function parseArea(cursor: Cursor): string {
  cursor.expect("area");
  return readAreaName(cursor.next());
}

function parseAreaIfAny(cursor: Cursor): string | null {
  return cursor.take("in") ? parseArea(cursor) : null;
}

function parseOrder(cursor: Cursor): number {
  return Number(readQuantity(cursor.next(), "order"));
}

function parseHas(cursor: Cursor, subject: Operand): Expectation {
  if (cursor.oneOf(["order", "status"], "the word after has") === "order") {
    return { form: "has-order", subject, order: parseOrder(cursor) };
  }
  return { form: "has-status", subject, status: cursor.oneOf(STATUSES, "the status") };
}

function parseLast(cursor: Cursor, bound: BoundNames): Expectation {
  switch (cursor.oneOf(["returns", "asserts", "faults", "is"], "the word after last")) {
    case "returns":
      if (cursor.take("nothing")) return { form: "last-returns", value: null };
      return { form: "last-returns", value: readOperand(cursor.next(), "value", bound) };
    case "asserts": {
      const token = cursor.next();
      if (token.kind !== "quoted") refuse(token, 'the text must stand in quotation marks: "…"');
      return { form: "last-asserts", text: token.value };
    }
    case "faults": {
      if (!cursor.take("at")) return { form: "last-faults", at: null };
      return { form: "last-faults", at: readOperand(cursor.next(), "value", bound) };
    }
    case "is":
      cursor.expect("undefined");
      return { form: "last-is-undefined" };
  }
}

function parseCount(cursor: Cursor): number {
  cursor.expect("==");
  return Number(readQuantity(cursor.next(), "count"));
}

function parseFree(cursor: Cursor): Expectation {
  if (cursor.oneOf(["pages", "blocks"], "the word after free") === "pages") {
    return { form: "free-pages", count: parseCount(cursor), area: parseAreaIfAny(cursor) };
  }
  const count = parseCount(cursor);
  cursor.expect("of");
  cursor.expect("order");
  const order = parseOrder(cursor);
  return { form: "free-blocks", count, order, area: parseAreaIfAny(cursor) };
}

function parseBytes(cursor: Cursor, bound: BoundNames): Expectation {
  const address = readOperand(cursor.next(), "address", bound);
  cursor.expect("are");
  const bytes: number[] = [];
  do {
    const token = cursor.next();
    if (token.kind !== "word" || !/^[0-9a-fA-F]{2}$/.test(token.text)) {
      refuse(token, "a byte must be two digits of base 16, such as 0f");
    }
    bytes.push(Number(parseNumber(`0x${token.text}`)));
  } while (cursor.peek().kind !== "end");
  return { form: "bytes", address, bytes };
}

function value(operand: Operand): string {
  return printOperand(operand, "value");
}

function inArea(area: string | null): string {
  return area === null ? "" : ` in area ${area}`;
}

/**
 * Writes an expectation.
 *
 * @param expectation the expectation
 * @returns the text behind `expect`
 */
export function printExpectation(expectation: Expectation): string {
  switch (expectation.form) {
    case "compares":
      return `${value(expectation.subject)} ${expectation.comparison} ${value(expectation.to)}`;
    case "is-null":
      return `${value(expectation.subject)} is null`;
    case "is-aligned":
      return `${value(expectation.subject)} aligned to ${sizeText(expectation.alignment)}`;
    case "in-area":
      return `${value(expectation.subject)} in area ${expectation.area}`;
    case "has-order":
      return `${value(expectation.subject)} has order ${expectation.order}`;
    case "has-status":
      return `${value(expectation.subject)} has status ${expectation.status}`;
    case "last-returns":
      return `last returns ${expectation.value === null ? "nothing" : value(expectation.value)}`;
    case "last-asserts":
      return `last asserts ${quotedText(expectation.text)}`;
    case "last-faults":
      return `last faults${expectation.at === null ? "" : ` at ${value(expectation.at)}`}`;
    case "last-is-undefined":
      return "last is undefined";
    case "free-pages":
      return `free pages == ${expectation.count}${inArea(expectation.area)}`;
    case "free-blocks": {
      const { count, order, area } = expectation;
      return `free blocks == ${count} of order ${order}${inArea(area)}`;
    }
    case "no-violations":
      return "no violations";
    case "nothing-lost":
      return "nothing lost";
    case "bytes": {
      const address = printOperand(expectation.address, "address");
      const bytes = expectation.bytes.map((byte) => hex(byte).slice(2).padStart(2, "0"));
      return `bytes ${address} are ${bytes.join(" ")}`;
    }
  }
}

function quotedText(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Words of the language that cannot be names of results. */
export const EXPECTATION_WORDS: readonly string[] = [
  "last",
  "free",
  "bytes",
  "no",
  "nothing",
  ...NULL_WORDS,
];
