/**
 * Arithmetic of the modelled machine's words: 32 or 64 bits, wrapping round.
 *
 * Upstream computes addresses and sizes in `unsigned long`, which has 32 bits on i386, arm and
 * riscv32 and 64 bits elsewhere. These functions are that arithmetic, so that one text of the model
 * serves both.
 *
 * @module
 */

/** The width of a `long`, a `size_t` and a pointer, in bits. */
export type WordBits = 32 | 64;

/** Which byte of a word lies at the lowest address. */
export type ByteOrder = "little" | "big";

/** What a shift by the width of its operand or more gives on a target. C leaves it undefined. */
export type WideShift = "count-modulo-width" | "gives-zero";

/**
 * Wraps a value round to a word.
 *
 * @param wordBits the width in bits
 * @param value any integer, negative ones included
 * @returns the value modulo 2^wordBits
 */
export function wrapToWord(wordBits: WordBits, value: bigint): bigint {
  return BigInt.asUintN(wordBits, value);
}

/**
 * The number of bytes of a word.
 *
 * @param wordBits the width in bits
 * @returns 4 or 8
 */
export function wordBytes(wordBits: WordBits): 4 | 8 {
  return wordBits === 64 ? 8 : 4;
}

/**
 * Rounds a value up to a multiple of an alignment, wrapping round as C does.
 *
 * Source: `lib/libcflat.h`, `ALIGN()`, 4a54e8a3.
 *
 * @param wordBits the width in bits
 * @param value the value, 0 to 2^wordBits - 1
 * @param alignment a power of two
 * @returns the rounded value; small after a wrap
 */
export function alignUpWrapped(wordBits: WordBits, value: bigint, alignment: bigint): bigint {
  const mask = alignment - 1n;
  return wrapToWord(wordBits, wrapToWord(wordBits, value + mask) & ~mask);
}

/**
 * Tells whether a value is a power of two; 0 is none.
 *
 * Source: `lib/bitops.h`, `is_power_of_2()`, 4a54e8a3.
 *
 * @param value a value of 0 or more
 * @returns true for 1, 2, 4, 8 …
 */
export function isPowerOfTwo(value: bigint): boolean {
  return value > 0n && (value & (value - 1n)) === 0n;
}

/**
 * Shifts a value left as a target does, a count of the width or more included.
 *
 * @param wordBits the width in bits
 * @param value the value
 * @param count in bits, 0 or more
 * @param wideShift what the target does when the count reaches the width
 * @returns the shifted value
 */
export function shiftLeft(
  wordBits: WordBits,
  value: bigint,
  count: number,
  wideShift: WideShift,
): bigint {
  if (count >= wordBits && wideShift === "gives-zero") return 0n;
  return wrapToWord(wordBits, value << BigInt(count % wordBits));
}
