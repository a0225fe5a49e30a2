/**
 * Progress of anything that takes more than a second.
 *
 * @module
 */

import { format } from "@std/fmt/duration";
import type { Io } from "./io.ts";

/** Nothing is shown before this time, in milliseconds. */
const QUIET_TIME = 1000;
/** The least time between two rewritten lines on a terminal, in milliseconds. */
const REWRITE_TIME = 100;
/** The least time between two lines elsewhere, in milliseconds. */
const LINE_TIME = 10_000;

/** Carriage return, and the code that clears the rest of the line. */
const CLEAR_LINE = "\r\x1b[K";

/**
 * A time in words, rounded up to seconds.
 *
 * @param ms the time in milliseconds
 * @returns such as `1m 5s`
 */
export function secondsText(ms: number): string {
  return format(Math.max(1, Math.ceil(ms / 1000)) * 1000, { ignoreZero: true });
}

/** Shows how far a piece of work is: one rewritten line on a terminal, a line per 10 s elsewhere. */
export class Progress {
  readonly #io: Io;
  readonly #total: number;
  readonly #noun: string;
  readonly #start: number;
  #shownAt: number;
  #isLineShown = false;

  /**
   * Begins; the clock starts.
   *
   * @param io the host
   * @param total how many things there are
   * @param noun what they are, such as `files`
   */
  constructor(io: Io, total: number, noun: string) {
    this.#io = io;
    this.#total = total;
    this.#noun = noun;
    this.#start = io.now();
    this.#shownAt = this.#start;
  }

  /**
   * Says how many things are done.
   *
   * @param done the number
   */
  update(done: number): void {
    if (done < this.#total) this.tell((elapsed) => this.#line(done, elapsed));
  }

  /**
   * Shows a line of the caller's own, if it is time for one.
   *
   * @param lineOf makes the line out of the time that has passed, in milliseconds
   */
  tell(lineOf: (elapsed: number) => string): void {
    const now = this.#io.now();
    const { stderr } = this.#io;
    const wait = stderr.isTerminal ? REWRITE_TIME : LINE_TIME;
    if (now - this.#start < QUIET_TIME || now - this.#shownAt < wait) return;
    this.#shownAt = now;
    const line = lineOf(now - this.#start);
    if (!stderr.isTerminal) {
      stderr.write(`${line}\n`);
      return;
    }
    stderr.write(CLEAR_LINE + line.slice(0, Math.max(1, this.#io.columns - 1)));
    this.#isLineShown = true;
  }

  #line(done: number, elapsed: number): string {
    const each = elapsed / Math.max(1, done);
    const left = done === 0 ? "" : `, ${secondsText(each * (this.#total - done))} left`;
    const pace = each <= 1000 ? `${Math.round(1000 / each)} a second` : `${secondsText(each)} each`;
    return `${done} of ${this.#total} ${this.#noun}, ${pace}${left}`;
  }

  /** Takes the line away, before something else is written and at the end. */
  clear(): void {
    if (this.#isLineShown) this.#io.stderr.write(CLEAR_LINE);
    this.#isLineShown = false;
  }
}
