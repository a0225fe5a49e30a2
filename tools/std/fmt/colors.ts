// deno-coverage-ignore-file
// deno-lint-ignore-file no-control-regex -- the escape character is what is looked for.
/**
 * Stand-in for `@std/fmt/colors`; see `tools/std/README.md`.
 *
 * @module
 */

/** A colour as its three parts, each 0 to 255. */
export interface Rgb {
  /** Red, 0 to 255. */
  r: number;
  /** Green, 0 to 255. */
  g: number;
  /** Blue, 0 to 255. */
  b: number;
}

let enabled = !globalThis.Deno?.noColor;

/** Switches all functions of this module on or off. */
export function setColorEnabled(value: boolean): void {
  if (globalThis.Deno?.noColor) return;
  enabled = value;
}

/** Whether the functions of this module do anything. */
export function getColorEnabled(): boolean {
  return enabled;
}

/** Text between two escape codes; an inner closing code opens the outer one again. */
function wrap(text: string, open: string, close: number): string {
  if (!enabled) return text;
  const opening = `\x1b[${open}m`;
  const closing = `\x1b[${close}m`;
  return `${opening}${text.replaceAll(closing, opening)}${closing}`;
}

/** A part of a colour as a whole number of 0 to 255. */
function byte(value: number): number {
  return Math.trunc(Math.max(0, Math.min(255, value)));
}

/** The escape code's arguments of a colour, whole or in parts. */
function rgb(color: number | Rgb): string {
  const parts = typeof color === "number"
    ? [Math.floor(color / 65536) % 256, Math.floor(color / 256) % 256, color % 256]
    : [byte(color.r), byte(color.g), byte(color.b)];
  return parts.join(";");
}

/** Undoes every colour and style. */
export function reset(str: string): string {
  return wrap(str, "0", 0);
}

/** Bold text. */
export function bold(str: string): string {
  return wrap(str, "1", 22);
}

/** Dim text. */
export function dim(str: string): string {
  return wrap(str, "2", 22);
}

/** Italic text. */
export function italic(str: string): string {
  return wrap(str, "3", 23);
}

/** Underlined text. */
export function underline(str: string): string {
  return wrap(str, "4", 24);
}

/** Text with its two colours exchanged. */
export function inverse(str: string): string {
  return wrap(str, "7", 27);
}

/** Text in black. */
export function black(str: string): string {
  return wrap(str, "30", 39);
}

/** Text in red. */
export function red(str: string): string {
  return wrap(str, "31", 39);
}

/** Text in green. */
export function green(str: string): string {
  return wrap(str, "32", 39);
}

/** Text in yellow. */
export function yellow(str: string): string {
  return wrap(str, "33", 39);
}

/** Text in blue. */
export function blue(str: string): string {
  return wrap(str, "34", 39);
}

/** Text in magenta. */
export function magenta(str: string): string {
  return wrap(str, "35", 39);
}

/** Text in cyan. */
export function cyan(str: string): string {
  return wrap(str, "36", 39);
}

/** Text in white. */
export function white(str: string): string {
  return wrap(str, "37", 39);
}

/** Text in gray. */
export function gray(str: string): string {
  return wrap(str, "90", 39);
}

/** Text on red. */
export function bgRed(str: string): string {
  return wrap(str, "41", 49);
}

/** Text on green. */
export function bgGreen(str: string): string {
  return wrap(str, "42", 49);
}

/** Text on yellow. */
export function bgYellow(str: string): string {
  return wrap(str, "43", 49);
}

/** Text on blue. */
export function bgBlue(str: string): string {
  return wrap(str, "44", 49);
}

/** Text on magenta. */
export function bgMagenta(str: string): string {
  return wrap(str, "45", 49);
}

/** Text on cyan. */
export function bgCyan(str: string): string {
  return wrap(str, "46", 49);
}

/** Text on white. */
export function bgWhite(str: string): string {
  return wrap(str, "47", 49);
}

/** Text in one of 256 palette colours. */
export function rgb8(str: string, color: number): string {
  return wrap(str, `38;5;${byte(color)}`, 39);
}

/** Text on one of 256 palette colours. */
export function bgRgb8(str: string, color: number): string {
  return wrap(str, `48;5;${byte(color)}`, 49);
}

/** Text in any colour: a number such as 0xff8000, or its three parts. */
export function rgb24(str: string, color: number | Rgb): string {
  return wrap(str, `38;2;${rgb(color)}`, 39);
}

/** Text on any colour: a number such as 0xff8000, or its three parts. */
export function bgRgb24(str: string, color: number | Rgb): string {
  return wrap(str, `48;2;${rgb(color)}`, 49);
}

/** Text without its escape codes. */
export function stripAnsiCode(string: string): string {
  return string.replace(
    /[\x1b\x9b][[\]()#;?]*(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]/g,
    "",
  );
}
