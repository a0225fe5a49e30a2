// deno-coverage-ignore-file
/**
 * Stand-in for `@std/fmt/bytes`; see `tools/std/README.md`.
 *
 * @module
 */

/** How {@linkcode format} words a count. */
export interface FormatOptions {
  /** Counts bits instead of bytes. */
  bits?: boolean;
  /** Counts in powers of 1024 instead of 1000. */
  binary?: boolean;
  /** Gives positive numbers a plus sign. */
  signed?: boolean;
  /** Words the number in a language: `true` for the user's own. */
  locale?: boolean | string | string[];
  /** Digits after the point, at least. */
  minimumFractionDigits?: number;
  /** Digits after the point, at most. */
  maximumFractionDigits?: number;
}

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

function unitName(exponent: number, { bits = false, binary = false }: FormatOptions): string {
  const prefix = PREFIXES[exponent] ?? "";
  const unit = bits ? exponent === 0 ? "b" : "bit" : "B";
  if (exponent === 0 || !binary) return `${prefix}${unit}`;
  // The real package writes the decimal kilo small, and the binary one small for bits only.
  return `${bits ? prefix : prefix.toUpperCase()}i${unit}`;
}

function numberText(value: number, options: FormatOptions): string {
  const { locale = false, minimumFractionDigits, maximumFractionDigits } = options;
  const digits = {
    ...(minimumFractionDigits === undefined ? {} : { minimumFractionDigits }),
    ...(maximumFractionDigits === undefined ? {} : { maximumFractionDigits }),
  };
  const hasDigits = Object.keys(digits).length > 0;
  if (locale === false && !hasDigits) return String(Number(value.toPrecision(3)));
  const language = locale === false ? "en-US" : locale === true ? undefined : locale;
  const shown = hasDigits ? value : Number(value.toPrecision(3));
  return shown.toLocaleString(language, digits);
}

/** Words a count of bytes for humans: `format(1337)` is `1.34 kB`. */
export function format(num: number, options: FormatOptions = {}): string {
  if (!Number.isFinite(num)) {
    throw new TypeError(`Expected a finite number, got ${typeof num}: ${num}`);
  }
  if (options.signed && num === 0) return ` 0 ${unitName(0, options)}`;
  const sign = num < 0 ? "-" : options.signed ? "+" : "";
  const size = Math.abs(num);
  const base = options.binary ? 1024 : 1000;
  let exponent = 0;
  let value = size;
  while (value >= base && exponent < PREFIXES.length - 1) {
    value /= base;
    exponent += 1;
  }
  return `${sign}${numberText(value, options)} ${unitName(exponent, options)}`;
}
