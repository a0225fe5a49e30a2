/**
 * Lines of a kernel's trace that have no event: some of them tell of events that were lost.
 *
 * @module
 */

/**
 * What says that events were lost, each with the number of them: `trace` and `trace_pipe`, `trace-cmd
 * report`, `perf script --show-lost-events`.
 */
const LOSSES: readonly RegExp[] = [
  /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]/,
  /^CPU:\d+ \[(?:(\d+) )?EVENTS DROPPED\]/,
  / PERF_RECORD_LOST(?:_SAMPLES)?\s+lost\s+(\d+)/,
];

/** The head of `trace`: what the buffer still holds, and what was written to it. */
const ENTRIES = /^#\s+entries-in-buffer\/entries-written:\s*(\d+)\/(\d+)/;

/**
 * How many events a line says were lost.
 *
 * @param line the line
 * @returns how many; 1 where it does not say how many, 0 where it says nothing of the kind
 */
export function lostEventsOf(line: string): number {
  const entries = ENTRIES.exec(line);
  if (entries !== null) return Math.max(0, Number(entries[2]) - Number(entries[1]));
  for (const loss of LOSSES) {
    const match = loss.exec(line);
    if (match !== null) return match[1] === undefined ? 1 : Number(match[1]);
  }
  return 0;
}
