/**
 * Numbers in scenarios: decimal or 0x, with K, M, G, T for powers of 1024.
 *
 * @module
 */

const NUMBER = /^(-?)(0[xX][0-9a-fA-F]+|[0-9]+)([KMGT]?)$/;

/** A number that a double holds, as most are. */
const SHORT_DECIMAL = /^[0-9]{1,15}$/;

const SUFFIXES = ["", "K", "M", "G", "T"] as const;

/**
 * Reads a number.
 *
 * @param text such as `4096`, `-1`, `0x1000` or `2G`
 * @returns its value, or null if it is no number
 */
export function parseNumber(text: string): bigint | null {
  if (SHORT_DECIMAL.test(text)) return BigInt(Number(text));
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const [, sign, digits, suffix] = match;
  const scale = SUFFIXES.findIndex((candidate) => candidate === suffix);
  const value = BigInt(digits ?? "0") << BigInt(10 * scale);
  return sign === "-" ? -value : value;
}

/**
 * Tells whether a number was written with a suffix.
 *
 * @param text a number that {@linkcode parseNumber} reads
 * @returns true for `2G`
 */
export function hasSuffix(text: string): boolean {
  return /[KMGT]$/.test(text);
}

/**
 * Writes a number in base 16.
 *
 * @param value any integer
 * @returns such as `0x1000` or `-0x8`
 */
export function hex(value: bigint | number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/**
 * Writes a size with the largest suffix that fits exactly.
 *
 * @param value in bytes
 * @returns such as `64K`, `5000` or `0xffffffffffffffff`
 */
export function sizeText(value: bigint): string {
  let scaled = value;
  let scale = 0;
  while (scale < SUFFIXES.length - 1 && scaled !== 0n && scaled % 1024n === 0n) {
    scaled /= 1024n;
    scale++;
  }
  // Nobody reads twenty digits: what is that long lies near the end of the address space.
  if (scaled >= 1n << 32n) return `0x${value.toString(16)}`;
  return `${scaled}${SUFFIXES[scale] ?? ""}`;
}
