/**
 * Which pages the guest touched, as the host sees it.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { TouchedRun } from "../memory/mod.ts";
import { counted, hexAddress, padRight, textOf } from "./columns.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";

/** At most so many runs of pages are shown. */
const MOST_RUNS = 48;

/** The size of a host page in bytes. */
const HOST_PAGE = 4096n;

/**
 * Writes which host pages were touched, and which were taken away since.
 *
 * @param machine the machine
 * @param options colours
 * @returns the text: a line for each run of pages, by ascending address, and a sum
 */
export function printTouched(machine: Pick<Machine, "ram">, options: PaintOptions = {}): string {
  const { paint = PLAIN_PAINT } = options;
  const runs = [...machine.ram.touchedPages()];
  const shown = runs.slice(0, MOST_RUNS);
  const places = shown.map(placeText);
  const width = Math.max(0, ...places.map((place) => place.length));
  const digits = Math.max(0, ...shown.map(({ count }) => counted(count, "page").length));
  const lines = shown.map(({ count, backing }, index) => {
    const text = `${padRight(places[index] ?? "", width)}  ${
      counted(count, "page").padStart(digits)
    }`;
    return backing === "touched" ? `${text}  touched` : paint.bad(`${text}  discarded by the host`);
  });
  const left = runs.slice(MOST_RUNS);
  return textOf([
    ...lines,
    ...(left.length === 0 ? [] : [paint.dim(`… ${counted(left.length, "run")} not shown`)]),
    `${counted(pagesOf(runs, "touched"), "page")} of 4 KiB touched, ` +
    `${pagesOf(runs, "discarded")} discarded`,
  ]);
}

function placeText({ first, count }: TouchedRun): string {
  return `${hexAddress(first)}..${hexAddress(first + BigInt(count) * HOST_PAGE - 1n)}`;
}

function pagesOf(runs: readonly TouchedRun[], backing: TouchedRun["backing"]): number {
  return runs.filter((run) => run.backing === backing).reduce((sum, { count }) => sum + count, 0);
}
