/**
 * Replays as a table, and as JSON.
 *
 * @module
 */

import {
  freeCountsOf,
  hugePageOrder,
  indexText,
  indicesAt,
  unusableIndex,
} from "../fragmentation/mod.ts";
import { formatStopped } from "../outcome.ts";
import {
  areasToJson,
  escapeText,
  printBlockTable,
  printBuddyInfo,
  printFragmentation,
  printFreeLists,
  printPageMap,
  printStates,
  sizeWords,
} from "../report/mod.ts";
import { freeSummaryOf } from "../replay/mod.ts";
import type { FreeSummary, ReplayCounts } from "../replay/mod.ts";
import type { Paint } from "./paint.ts";
import type { EditionReplay } from "./replay_run.ts";
import { tableLines } from "./table.ts";
import { wrapped } from "./words.ts";

/** The views of a state that a replay can show. */
export const REPLAY_VIEWS = [
  "map",
  "blocks",
  "lists",
  "states",
  "fragmentation",
  "buddyinfo",
] as const;

/** One of {@linkcode REPLAY_VIEWS}. */
export type ReplayView = typeof REPLAY_VIEWS[number];

/** The format of the JSON. */
const FORMAT = "buddyscope-replay-1";

const COLUMNS = 100;
/** So many replays fit the width. */
const SIDE_BY_SIDE = 4;

/** A large number in groups of three digits. */
export function grouped(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Counts that stand in the table only where one of them is not 0. */
const RARE: readonly (readonly [keyof ReplayCounts, string])[] = [
  ["failedRequests", "requests that failed"],
  ["releasesOfNothing", "their releases, left out"],
  ["failedReservations", "reservations that failed"],
  ["wrongReleases", "releases of nothing in use"],
  ["literalOperations", "run by the literal engine"],
];

/** Why a replay ended before its trace; null if it did not. */
export function whyEnded({ replayer }: EditionReplay): string | null {
  const { end } = replayer;
  if (end === null) return null;
  return end.kind === "stopped" ? formatStopped(end.outcome) : end.why;
}

function endCell({ replayer }: EditionReplay): string {
  const { end } = replayer;
  if (end === null) return "at the end";
  return end.operation === 0 ? "before the first" : `at operation ${grouped(end.operation)}`;
}

function largestCell({ largestOrder }: FreeSummary, pageShift: number): string {
  if (largestOrder === null) return "none";
  return `order ${largestOrder}, ${sizeWords(1n << BigInt(largestOrder + pageShift))}`;
}

/** The size of a huge page where the replays ran. */
function hugeWords([run]: readonly EditionReplay[]): string {
  const pageShift = run?.replayer.pageShift ?? 12;
  return sizeWords(1n << BigInt(hugePageOrder(pageShift) + pageShift));
}

/** The part of free memory in blocks that are too small for a huge page. */
function unusableCell({ replayer }: EditionReplay): string {
  const counts = freeCountsOf(replayer.areas());
  return indexText(unusableIndex(counts, hugePageOrder(replayer.pageShift)));
}

/**
 * The table of several replays of a trace: how far they came, and what is free then.
 *
 * @param runs the replays
 * @param paint the colours
 * @returns the lines
 */
export function replayTable(runs: readonly EditionReplay[], paint: Paint): string[] {
  const groups: string[][] = [];
  for (let first = 0; first < runs.length; first += SIDE_BY_SIDE) {
    groups.push([...columnsOf(runs.slice(first, first + SIDE_BY_SIDE)), ""]);
  }
  return [...groups.flat().slice(0, -1), ...runs.flatMap((run) => endLines(run, paint))];
}

/** The table of a few replays: a column each. */
function columnsOf(runs: readonly EditionReplay[]): string[] {
  const summaries = runs.map(({ replayer }) => freeSummaryOf(replayer.areas()));
  const counts = (name: keyof ReplayCounts): number[] =>
    runs.map(({ replayer }) => replayer.counts[name]);
  const orders = summaries.flatMap(({ blocks }) => blocks.map(({ order }) => order));
  const blocksOf = (order: number): string[] =>
    summaries.map(({ blocks }) => grouped(blocks.find((one) => one.order === order)?.blocks ?? 0));
  const rows = [
    ["", ...runs.map(({ edition }) => edition.name)],
    ["ended", ...runs.map(endCell)],
    ["operations", ...counts("operations").map(grouped)],
    ["requests", ...counts("requests").map(grouped)],
    ...RARE.flatMap(([name, title]) => {
      const values = counts(name);
      return values.some((value) => value > 0) ? [[title, ...values.map(grouped)]] : [];
    }),
    ["free pages", ...summaries.map(({ freeFrames }) => grouped(freeFrames))],
    [
      "largest free block",
      ...summaries.map((summary, index) =>
        largestCell(summary, runs[index]?.replayer.pageShift ?? 0)
      ),
    ],
    [`unusable for ${hugeWords(runs)}`, ...runs.map(unusableCell)],
    ...[...new Set(orders)].toSorted((one, other) => one - other)
      .map((order) => [`free blocks of order ${order}`, ...blocksOf(order)]),
  ];
  return tableLines(rows, { indent: 0, columns: COLUMNS });
}

function endLines(run: EditionReplay, paint: Paint): string[] {
  const why = whyEnded(run);
  if (why === null) return [];
  const where = run.place === null ? "" : ` at ${run.place}`;
  const text = `${run.edition.name} ended${where}: ${escapeText(why)}`;
  return ["", ...wrapped(text, 2).map((line) => paint.bad(line))];
}

/**
 * Views of the state that a replay is in.
 *
 * @param run the replay
 * @param views which ones
 * @param paint the colours
 * @returns the text
 */
export function replayViews(
  { arch, edition, replayer, place }: EditionReplay,
  views: readonly ReplayView[],
  paint: Paint,
): string {
  const subject = { arch, edition, pageShift: replayer.pageShift };
  const areas = replayer.areas();
  const printed = {
    map: () => printPageMap(subject, areas, { paint }),
    blocks: () => printBlockTable(subject, areas, { paint }),
    lists: () => printFreeLists(subject, areas, { paint }),
    states: () => printStates(subject, areas, { paint }),
    fragmentation: () => printFragmentation(subject, areas, { paint }),
    buddyinfo: () => printBuddyInfo(subject, areas),
  };
  const titles: Readonly<Record<ReplayView, string>> = {
    map: "page map",
    blocks: "blocks",
    lists: "free lists",
    states: "page states",
    fragmentation: "fragmentation",
    buddyinfo: "buddyinfo",
  };
  const count = grouped(replayer.counts.operations);
  const where = place === null || replayer.end !== null ? "" : `, ${place}`;
  return views.map((view) => {
    const title = `${titles[view]}  ${edition.name}  after operation ${count}${where}`;
    return `${paint.bold(title)}\n\n${printed[view]()}`;
  }).join("\n");
}

/**
 * Replays as plain data.
 *
 * @param trace the name of the trace
 * @param runs the replays
 * @param areas whether the areas at the end are part of it
 * @returns plain data
 */
export function replayToJson(
  trace: string,
  runs: readonly EditionReplay[],
  areas: "with-areas" | "left-out",
): Readonly<Record<string, unknown>> {
  return {
    format: FORMAT,
    trace,
    runs: runs.map((run) => {
      const { arch, edition, replayer, place } = run;
      const { end, counts } = replayer;
      const subject = { arch, edition, pages: replayer };
      const why = whyEnded(run);
      return {
        arch: arch.name,
        edition: { name: edition.name, commit: edition.commit },
        pageSize: 2 ** replayer.pageShift,
        ...counts,
        end: end === null ? null : { kind: end.kind, operation: end.operation, place, why },
        ...freeSummaryOf(replayer.areas()),
        fragmentation: indicesAt(
          freeCountsOf(replayer.areas()),
          hugePageOrder(replayer.pageShift),
        ),
        ...(areas === "with-areas" ? { areas: areasToJson(subject) } : {}),
      };
    }),
  };
}
