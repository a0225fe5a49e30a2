/**
 * Page states as bytes: runs of equal ones, and the bytes as they lie in memory.
 *
 * @module
 */

import { physAddrOfPfn } from "../units.ts";
import type { AreaView, StateRun } from "../page_allocator.ts";
import { bareHex, counted, hexAddress, textOf, wrapWords } from "./columns.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { areaTitle, type PagedSubject } from "./subject.ts";

/** Of an area, at most so many runs are shown. */
const MOST_RUNS = 200;
/** Of an area, at most so many lines of bytes are shown. */
const MOST_LINES = 16;
/** The bytes of a line. */
const LINE_BYTES = 16;

/**
 * Writes page states as runs: `82*4 0*1` stands for four bytes 0x82 and one of 0.
 *
 * @param states the runs
 * @returns a word for each run
 */
export function stateRunWords(states: readonly StateRun[]): string[] {
  return states.map(({ state, count }) => `${bareHex(state)}*${count}`);
}

/**
 * Writes the page states of each area: runs of equal bytes, then the bytes where they lie.
 *
 * @param subject the architecture, the edition and the page size; a machine is one
 * @param areas the areas
 * @param options colours
 * @returns the text; "no areas" if there are none
 */
export function printStates(
  subject: PagedSubject,
  areas: readonly AreaView[],
  options: PaintOptions = {},
): string {
  if (areas.length === 0) return "no areas\n";
  const { paint = PLAIN_PAINT } = options;
  return textOf(areas.flatMap((view, index) => {
    const first = physAddrOfPfn(view.metadata, subject.pageShift);
    const frames = view.states.reduce((sum, { count }) => sum + count, 0);
    const heading = `${areaTitle(subject, view)}  ${counted(frames, "page state")}`;
    const words = stateRunWords(view.states.slice(0, MOST_RUNS));
    const more = view.states.length - words.length;
    return [
      ...(index === 0 ? [] : [""]),
      paint.bold(frames === 0 ? heading : `${heading} at ${hexAddress(first)}`),
      ...(words.length === 0 ? [] : wrapWords(words, "runs  ")),
      ...(more > 0 ? [paint.dim(`      … ${counted(more, "run")} not shown`)] : []),
      ...byteLines(view.states, first, paint),
    ];
  }));
}

/** The next bytes of some runs, without making them all. */
class ByteCursor {
  readonly #states: readonly StateRun[];
  #index = 0;
  #used = 0;

  constructor(states: readonly StateRun[]) {
    this.#states = states;
  }

  /** How many bytes are equal to the next one, itself included; 0 at the end. */
  get equal(): number {
    return (this.#states[this.#index]?.count ?? 0) - this.#used;
  }

  take(count: number): number[] {
    const bytes: number[] = [];
    while (bytes.length < count && this.equal > 0) {
      const taken = Math.min(count - bytes.length, this.equal);
      bytes.push(...Array(taken).fill(this.#states[this.#index]?.state ?? 0));
      this.skip(taken);
    }
    return bytes;
  }

  /** Goes on, over at most the bytes that are equal. */
  skip(count: number): void {
    this.#used += count;
    if (this.equal > 0) return;
    this.#index++;
    this.#used = 0;
  }
}

function byteLines(states: readonly StateRun[], first: bigint, paint: Paint): string[] {
  const cursor = new ByteCursor(states);
  const total = states.reduce((sum, { count }) => sum + count, 0);
  const width = hexAddress(first + BigInt(total)).length;
  const lines: string[] = [];
  for (let at = 0; at < total;) {
    if (lines.length >= MOST_LINES) {
      lines.push(paint.dim(`${" ".repeat(width + 2)}… ${counted(total - at, "byte")} not shown`));
      return lines;
    }
    const alike = Math.floor(cursor.equal / LINE_BYTES) - 1;
    const bytes = cursor.take(LINE_BYTES).map((byte) => bareHex(byte).padStart(2, "0"));
    lines.push(`${paint.dim(hexAddress(first + BigInt(at)).padEnd(width))}  ${bytes.join(" ")}`);
    at += bytes.length;
    if (alike < 2) continue;
    cursor.skip(alike * LINE_BYTES);
    at += alike * LINE_BYTES;
    lines.push(paint.dim(`${" ".repeat(width + 2)}… ${alike} lines like it`));
  }
  return lines;
}
