// deno-coverage-ignore-file
/**
 * Stand-in for `@std/fmt/duration`; see `tools/std/README.md`.
 *
 * @module
 */

/** How {@linkcode format} words a duration. */
export interface FormatOptions {
  /** `narrow`: `1m 39s`; `digital`: `01:39`; `full`: `1 minutes, 39 seconds`. */
  style?: "narrow" | "digital" | "full";
  /** Leaves out units that are zero. */
  ignoreZero?: boolean;
}

interface Part {
  readonly value: number;
  readonly narrow: string;
  readonly full: string;
  readonly digits: number;
}

/** A duration in milliseconds, cut into units, the largest first. */
function partsOf(ms: number): Part[] {
  const size = Math.abs(ms);
  const milliseconds = size.toFixed(7).slice(0, -7);
  const fraction = size.toFixed(7).slice(-7);
  const whole = Number(milliseconds);
  return [
    { value: Math.floor(whole / 86_400_000), narrow: "d", full: "days", digits: 2 },
    { value: Math.floor(whole / 3_600_000) % 24, narrow: "h", full: "hours", digits: 2 },
    { value: Math.floor(whole / 60_000) % 60, narrow: "m", full: "minutes", digits: 2 },
    { value: Math.floor(whole / 1000) % 60, narrow: "s", full: "seconds", digits: 2 },
    { value: whole % 1000, narrow: "ms", full: "milliseconds", digits: 3 },
    { value: Number(fraction.slice(0, 3)), narrow: "µs", full: "microseconds", digits: 3 },
    { value: Number(fraction.slice(3, 6)), narrow: "ns", full: "nanoseconds", digits: 3 },
  ];
}

/** Without the zeros at both ends. */
function trimmed(parts: readonly Part[]): Part[] {
  const first = parts.findIndex((part) => part.value > 0);
  const last = parts.findLastIndex((part) => part.value > 0);
  return first < 0 ? [] : parts.slice(first, last + 1);
}

/** Words a duration of milliseconds for humans: `0d 0h 1m 39s 674ms 0µs 0ns`. */
export function format(ms: number, options: FormatOptions = {}): string {
  const { style = "narrow", ignoreZero = false } = options;
  const parts = partsOf(ms);
  const worded = ignoreZero ? parts.filter((part) => part.value > 0) : parts;
  switch (style) {
    case "narrow":
      return worded.map((part) => `${part.value}${part.narrow}`).join(" ");
    case "full":
      return worded.map((part) => `${part.value} ${part.full}`).join(", ");
    case "digital":
      return (ignoreZero ? trimmed(parts) : parts)
        .map((part) => String(part.value).padStart(part.digits, "0")).join(":");
    default:
      throw new TypeError(`style must be "narrow", "full", or "digital"`);
  }
}
