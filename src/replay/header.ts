/**
 * The header of a trace: lines of words that say which machine it ran on.
 *
 * @module
 */

import { PFN_LIMIT } from "../units.ts";
import type { Pfn } from "../units.ts";
import type { TraceArea, TraceHeader } from "./operations.ts";

/** The number of the area that stands for any. */
const ANY = 255;
const ANY_WORD = "any";
const MOST_AREAS = 256;

/**
 * Reads a number of a trace.
 *
 * @param word decimal digits, or 0x and hex digits
 * @returns the number; NaN if the word is none, or is 2^52 or more
 */
export function numberOf(word: string): number {
  if (!/^(?:\d{1,16}|0[xX][0-9a-fA-F]{1,13})$/.test(word)) return NaN;
  const value = Number(word);
  return value < PFN_LIMIT ? value : NaN;
}

/**
 * Words an error in a trace.
 *
 * @param place such as `line 12`
 * @param rule what must be the case, and what is
 * @returns the error
 */
export function traceError(place: string, rule: string): SyntaxError {
  return new SyntaxError(`Cannot read ${place} of the trace: ${rule}`);
}

/**
 * Quotes what was found in a trace, cut where it is long.
 *
 * @param word the word
 * @returns the word in quotation marks
 */
export function found(word: string): string {
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
}

/** The lines of a header while they are read. */
export class HeaderReader {
  #arch: string | null = null;
  #edition: string | null = null;
  #pageShift: number | null = null;
  readonly #areas: TraceArea[] = [];

  /**
   * Reads a line.
   *
   * @param line the line
   * @param place where it stands, for errors
   * @returns whether it belongs to the header
   * @throws {SyntaxError} if it does and is not well formed
   */
  read(line: string, place: string): "header" | "other" {
    const [word = "", ...values] = line.split(/[ \t]+/).filter((one) => one !== "");
    const [value = ""] = values;
    if (!["arch", "edition", "page-size", "area"].includes(word)) return "other";
    if (values.length !== (word === "area" ? 3 : 1)) {
      const wanted = word === "area" ? "an area, its first frame and the frame after" : "one word";
      throw traceError(place, `behind ${found(word)} there must be ${wanted}`);
    }
    if (word === "arch") this.#arch = value;
    else if (word === "edition") this.#edition = value;
    else if (word === "page-size") this.#pageShift = shiftOf(value, place);
    else this.#areas.push(areaOf(values, place));
    if (this.#areas.length > MOST_AREAS) {
      throw traceError(place, `there must be at most ${MOST_AREAS} areas`);
    }
    return "header";
  }

  /**
   * The header, once all of its lines are read.
   *
   * @param place where it ends, for errors
   * @returns the header
   * @throws {SyntaxError} if something is missing
   */
  finish(place: string): TraceHeader {
    if (this.#arch === null) throw traceError(place, 'the header must have a line "arch NAME"');
    if (this.#areas.length === 0) {
      throw traceError(place, 'the header must have a line "area any FIRST TOP"');
    }
    return {
      arch: this.#arch,
      edition: this.#edition,
      pageShift: this.#pageShift,
      areas: this.#areas,
    };
  }
}

function shiftOf(word: string, place: string): number {
  const shift = Math.log2(numberOf(word));
  if (Number.isInteger(shift) && shift >= 12) return shift;
  throw traceError(
    place,
    `a page size must be a power of two of 4096 or more, it is ${found(word)}`,
  );
}

function areaOf([area = "", first = "", top = ""]: readonly string[], place: string): TraceArea {
  const number = area === ANY_WORD ? ANY : numberOf(area);
  if (!(number <= ANY)) {
    throw traceError(place, `an area must be any or a number up to 255, it is ${found(area)}`);
  }
  const frames = { first: numberOf(first), top: numberOf(top) };
  for (const [frame, word] of [[frames.first, first], [frames.top, top]] as const) {
    if (Number.isNaN(frame)) {
      throw traceError(place, `a frame must be a number below 2^52, it is ${found(word)}`);
    }
  }
  if (frames.top <= frames.first) {
    throw traceError(place, `an area must hold a frame, it is from ${first} to ${top}`);
  }
  return { area: number, first: frames.first as Pfn, top: frames.top as Pfn };
}

/**
 * Writes a header as lines.
 *
 * @param header the header
 * @returns the lines, each with a newline
 */
export function printHeader({ arch, edition, pageShift, areas }: TraceHeader): string {
  const hex = (frame: number): string => `0x${frame.toString(16)}`;
  const lines = [
    `arch ${arch}`,
    ...(edition === null ? [] : [`edition ${edition}`]),
    ...(pageShift === null ? [] : [`page-size ${2 ** pageShift}`]),
    ...areas.map(({ area, first, top }) =>
      `area ${area === ANY ? ANY_WORD : area} ${hex(first)} ${hex(top)}`
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
