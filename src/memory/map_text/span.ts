/**
 * Addresses and spans of addresses, checked against the line that they stand in.
 *
 * @module
 */

import { type ByteCount, byteCount, type PhysAddr, physAddr } from "../../units.ts";
import { lineError, type SourceLine } from "./source_line.ts";
import { hexText } from "./text_range.ts";

/** A range of addresses without a kind, `[first, first + size)`, in bytes. */
export interface AddressSpan {
  /** The first byte. */
  readonly first: PhysAddr;
  /** The size in bytes, at least 1. */
  readonly size: ByteCount;
}

/** What the second number of a range means: its last byte, the first byte after it, or its size. */
export type SecondNumber = "last-byte" | "first-byte-after" | "size";

const ADDRESS_LIMIT = 1n << 64n;
const LIMIT_DIGITS = /^10{16}$/;

/**
 * Reads a number in hex.
 *
 * @param source the line that it stands in
 * @param digits the digits, with or without `0x` before them
 * @returns the number, 0 to 2^64; 2^64 itself can only be the end of a range
 * @throws {SyntaxError} if it has more than 64 bits
 */
export function hexNumber(source: SourceLine, digits: string): bigint {
  const significant = digits.replace(/^(?:0x)?0*/i, "");
  if (significant.length > 16 && !LIMIT_DIGITS.test(significant)) {
    throw lineError(
      source,
      "holds a number of more than 64 bits",
      "physical addresses end at 0xffffffffffffffff",
    );
  }
  return BigInt(`0x0${significant}`);
}

function endOf(first: bigint, second: bigint, meaning: SecondNumber): bigint {
  switch (meaning) {
    case "last-byte":
      return second + 1n;
    case "first-byte-after":
      return second;
    case "size":
      return first + second;
  }
}

/**
 * Makes a span of the two numbers of a range.
 *
 * @param source the line that they stand in
 * @param first the first byte
 * @param second the second number
 * @param meaning what the second number means
 * @returns the span, or null if it is empty: firmware has such ranges, and consumers skip them
 * @throws {SyntaxError} if the range ends before it begins, or beyond 2^64
 */
export function spanOf(
  source: SourceLine,
  first: bigint,
  second: bigint,
  meaning: SecondNumber,
): AddressSpan | null {
  const end = endOf(first, second, meaning);
  if (end < first) {
    const least = meaning === "last-byte" ? "last byte" : "end";
    throw lineError(
      source,
      "ends before it begins",
      `its ${least} must not lie below ${hexText(first)}`,
    );
  }
  if (end > ADDRESS_LIMIT || first === ADDRESS_LIMIT) {
    throw lineError(
      source,
      "describes a range that wraps round",
      "a range must end at or below 2^64; check its size",
    );
  }
  if (end === first) return null;
  return { first: physAddr(first), size: byteCount(end - first) };
}

/**
 * Makes a span of two numbers in hex.
 *
 * @param source the line that they stand in
 * @param first the digits of the first byte
 * @param second the digits of the second number
 * @param meaning what the second number means
 * @returns the span, or null if it is empty
 * @throws {SyntaxError} if a number has more than 64 bits, or the range is not a range
 */
export function hexSpan(
  source: SourceLine,
  first: string,
  second: string,
  meaning: SecondNumber,
): AddressSpan | null {
  return spanOf(source, hexNumber(source, first), hexNumber(source, second), meaning);
}

/**
 * A span as text.
 *
 * @param span the span
 * @returns its first byte and the first byte after, such as `0x9f000-0xa0000`
 */
export function formatSpan(span: AddressSpan): string {
  return `${hexText(span.first)}-${hexText(span.first + span.size)}`;
}
