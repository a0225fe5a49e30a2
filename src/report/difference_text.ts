/**
 * Where two runs differ, as text: both sides, one below the other.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import type { Run } from "../scenario/mod.ts";
import type { Pfn } from "../units.ts";
import type { AreaDifference, ListDifference, StateDifference } from "./area_difference.ts";
import { bareHex, counted, hexAddress, padRight, textOf, wrapProse, wrapWords } from "./columns.ts";
import type { RunDifference } from "./difference.ts";
import { escapeText } from "./escape.ts";
import { blockWords, listEndText } from "./free_lists.ts";
import { OUTSIDE, ROW_FRAMES, rowsAt } from "./map_rows.ts";
import type { ByteContent, ByteDifference, TouchedDifference } from "./memory_difference.ts";
import { RULER } from "./page_map.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { areaTitle, formatOf } from "./subject.ts";

/** At most so many rows of an area are shown. */
const MOST_ROWS = 6;
/** At most so many blocks of a list are shown. */
const MOST_BLOCKS = 12;
/** At most so many runs of bytes and of pages are shown. */
const MOST_RUNS = 12;

/** At most so many lists are shown. */
const MOST_LISTS = 6;
/** So many bytes side by side stand in a line. */
const CHUNK_BYTES = 8;

/** The names of the sides, as they stand in front of lines. */
const LEFT = "  left   ";
const RIGHT = "  right  ";

/** The two runs, and how their difference is written. */
interface Sides {
  readonly left: Run;
  readonly right: Run;
  readonly pageShift: number;
  readonly paint: Paint;
}

/**
 * Writes the first difference of two runs: the step, how it ended on both sides, and what differs after
 * it: rows of page maps with a mark below each frame that differs, members of descriptors, free lists,
 * bytes, touched pages.
 *
 * @param difference what `diffRuns` found
 * @param left the left run
 * @param right the right run
 * @param options colours
 * @returns the text
 */
export function printRunDifference(
  difference: RunDifference | null,
  left: Run,
  right: Run,
  options: PaintOptions = {},
): string {
  const { paint = PLAIN_PAINT } = options;
  const names = [
    `${LEFT}${left.arch.name}  ${left.edition.name}`,
    `${RIGHT}${right.arch.name}  ${right.edition.name}`,
  ];
  if (difference === null) {
    return textOf([paint.bold(`no difference in ${counted(left.steps.length, "step")}`), ...names]);
  }
  const { step, statement, pageShift, bytes, touched, areas } = difference;
  const sides: Sides = { left, right, pageShift, paint };
  return textOf([
    paint.bold(`first difference after step ${step}`),
    ...wrapProse(escapeText(statement), "  step   "),
    ...names,
    "",
    ...outcomeLines(difference, paint),
    ...areas.flatMap((area) => areaLines(area, sides)),
    ...byteLines(bytes, paint),
    ...touchedLines(touched, paint),
  ]);
}

function outcomeLines({ left, right }: RunDifference, paint: Paint): string[] {
  const [one, other] = [left.outcome, right.outcome].map(escapeText);
  if (one === other) return wrapProse(`both  ${one}`, "  ");
  return [
    paint.bold("outcome"),
    ...wrapProse(one ?? "", LEFT),
    ...wrapProse(other ?? "", RIGHT),
  ];
}

function areaLines(difference: AreaDifference, sides: Sides): string[] {
  const { left, right, members, states, lists } = difference;
  const title = areaTitle(sides.left, left ?? right ?? { area: difference.area });
  const missing = left === null ? "left" : right === null ? "right" : null;
  return [
    "",
    sides.paint.bold(title),
    ...(missing === null ? [] : [`  there is no such area on the ${missing}`]),
    ...members.map(({ name, left, right }) => `  ${name}  left ${left}  right ${right}`),
    ...(left === null || right === null ? [] : stateLines(states, left, right, sides)),
    ...listLines(lists, sides.paint),
  ];
}

/** Pieces of rows, one side below the other. */
function stateLines(
  states: readonly StateDifference[],
  left: AreaView,
  right: AreaView,
  sides: Sides,
): string[] {
  if (states.length === 0) return [];
  const frames = states.reduce((sum, { count }) => sum + count, 0);
  const firsts = rowsOf(states);
  const shown = firsts.slice(0, MOST_ROWS);
  const [one, other] = [
    rowsAt(left, formatOf(sides.left), shown),
    rowsAt(right, formatOf(sides.right), shown),
  ];
  const width = Math.max(6, ...shown.map((first) => bareHex(first).length));
  const ruler = " ".repeat(LEFT.length + width + 3) + RULER;
  return [
    `  the states of ${counted(frames, "frame")} differ`,
    sides.paint.dim(ruler),
    ...shown.flatMap((first, index) => {
      const label = `${bareHex(first).padStart(width)}   `;
      const marks = marksOf(first, states);
      return [
        `${LEFT}${label}${(one[index] ?? []).join(" ").trimEnd()}`,
        `${RIGHT}${label}${(other[index] ?? []).join(" ").trimEnd()}`,
        sides.paint.bad(" ".repeat(LEFT.length + label.length) + marks),
      ];
    }),
    ...(firsts.length > shown.length ? [sides.paint.dim("  … more rows differ")] : []),
    ...stateByteLines(states, left, right, sides),
  ];
}

/** The bytes of the states that differ, where they lie: in one place, or in two. */
function stateByteLines(
  states: readonly StateDifference[],
  left: AreaView,
  right: AreaView,
  { pageShift, paint }: Sides,
): string[] {
  const addressIn = (view: AreaView, frame: Pfn): string => {
    const index = BigInt(frame) - BigInt(view.base);
    return hexAddress((BigInt(view.metadata) << BigInt(pageShift)) + index);
  };
  const shown = states.slice(0, MOST_RUNS).map(({ first, count, ...bytes }) => {
    const [one, other] = [addressIn(left, first), addressIn(right, first)];
    const place = one === other ? one : `${one} and ${other}`;
    return { place, size: counted(count, "byte"), left: bytes.left, right: bytes.right };
  });
  const width = Math.max(...shown.map(({ place }) => place.length));
  const digits = Math.max(...shown.map(({ size }) => size.length));
  return [
    ...shown.map(({ place, size, left, right }) => {
      const sides = `left ${contentText(left ?? "-")}  right ${contentText(right ?? "-")}`;
      return `  ${padRight(place, width)}  ${size.padStart(digits)}  ${sides}`;
    }),
    ...moreLine(states.length - shown.length, "run", paint),
  ];
}

/** The first rows that hold a frame that differs; one more than are shown. */
function rowsOf(states: readonly StateDifference[]): number[] {
  const rows: number[] = [];
  for (const { first, count } of states) {
    for (let row = first - first % ROW_FRAMES; row < first + count; row += ROW_FRAMES) {
      if (rows.at(-1) !== row) rows.push(row);
      if (rows.length > MOST_ROWS) return rows;
    }
  }
  return rows;
}

/** `^^` below each frame of a row that differs. */
function marksOf(first: number, states: readonly StateDifference[]): string {
  return Array.from({ length: ROW_FRAMES }, (_, column) => {
    const frame = first + column;
    const differs = states.some((run) => frame >= run.first && frame < run.first + run.count);
    return differs ? "^^" : OUTSIDE;
  }).join(" ").trimEnd();
}

function listLines(lists: readonly ListDifference[], paint: Paint): string[] {
  const more = lists.length - MOST_LISTS;
  return [
    ...lists.slice(0, MOST_LISTS).flatMap(({ order, left, right }) => [
      `  the lists of order ${order} differ`,
      ...sideOfList(LEFT, left, paint),
      ...sideOfList(RIGHT, right, paint),
    ]),
    ...(more > 0 ? [paint.dim(`  … the lists of ${counted(more, "further order")} differ`)] : []),
  ];
}

function sideOfList(side: string, list: ListDifference["left"], paint: Paint): string[] {
  if (list === null) return [`${side}0`];
  const head = `${side}${list.forward.pfns.length}  `;
  const end = listEndText(list.forward.end);
  const back = list.backward;
  const backHead = `${" ".repeat(side.length)}backwards  `;
  return [
    ...wrapWords(blockWords(list.forward, MOST_BLOCKS), head),
    ...(end === null ? [] : [paint.bad(" ".repeat(head.length) + end)]),
    ...(back === null ? [] : wrapWords(blockWords(back, MOST_BLOCKS), backHead).map(paint.bad)),
  ];
}

function byteLines(bytes: readonly ByteDifference[], paint: Paint): string[] {
  if (bytes.length === 0) return [];
  const all = bytes.reduce((sum, { count }) => sum + count, 0);
  const runs = differingRunsOf(bytes);
  const shown = runs.slice(0, MOST_RUNS);
  const width = Math.max(...shown.map(({ address }) => hexAddress(address).length));
  const digits = Math.max(...shown.map(({ count }) => counted(count, "byte").length));
  const lefts = Math.max(...shown.map(({ left }) => left.length));
  return [
    "",
    paint.bold(`${counted(all, "byte")} of memory differ, besides page states and links`),
    ...shown.map(({ address, count, left, right }) => {
      const place = `  ${padRight(hexAddress(address), width)}`;
      const size = counted(count, "byte").padStart(digits);
      return `${place}  ${size}  left ${padRight(left, lefts)}  right ${right}`;
    }),
    ...moreLine(runs.length - shown.length, "place", paint),
  ];
}

/** Neighbouring bytes as they are shown in a line. */
interface DifferingRun {
  readonly address: bigint;
  readonly count: number;
  readonly left: string;
  readonly right: string;
}

/** Lines of up to 8 neighbouring bytes; more equal ones in a row are one line. */
function differingRunsOf(bytes: readonly ByteDifference[]): DifferingRun[] {
  const runs: DifferingRun[] = [];
  for (const { address, count, left, right } of bytes) {
    const last = runs.at(-1);
    if (count > CHUNK_BYTES) {
      const sides = { left: `all ${contentText(left)}`, right: `all ${contentText(right)}` };
      runs.push({ address, count, ...sides });
      continue;
    }
    const sides = { left: repeated(left, count), right: repeated(right, count) };
    const isNext = last !== undefined && last.address + BigInt(last.count) === address &&
      last.count + count <= CHUNK_BYTES;
    if (!isNext) runs.push({ address, count, ...sides });
    else {
      runs[runs.length - 1] = {
        address: last.address,
        count: last.count + count,
        left: `${last.left} ${sides.left}`,
        right: `${last.right} ${sides.right}`,
      };
    }
  }
  return runs;
}

function repeated(content: ByteContent, count: number): string {
  return Array(count).fill(contentText(content)).join(" ");
}

function contentText(content: ByteContent | "-"): string {
  return typeof content === "number" ? bareHex(content).padStart(2, "0") : content;
}

function touchedLines(touched: readonly TouchedDifference[], paint: Paint): string[] {
  if (touched.length === 0) return [];
  const all = touched.reduce((sum, { count }) => sum + count, 0);
  const shown = touched.slice(0, MOST_RUNS);
  const width = Math.max(...shown.map(({ address }) => hexAddress(address).length));
  const digits = Math.max(...shown.map(({ count }) => counted(count, "page").length));
  return [
    "",
    paint.bold(`the host sees ${counted(all, "page")} of 4 KiB in another way`),
    ...shown.map(({ address, count, left, right }) => {
      const place = `  ${padRight(hexAddress(address), width)}`;
      const size = counted(count, "page").padStart(digits);
      return `${place}  ${size}  left ${padRight(left, 9)}  right ${right}`;
    }),
    ...moreLine(touched.length - shown.length, "run", paint),
  ];
}

function moreLine(count: number, noun: string, paint: Paint): string[] {
  return count === 0 ? [] : [paint.dim(`  … ${counted(count, noun)} not shown`)];
}
