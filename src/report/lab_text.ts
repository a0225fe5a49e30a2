/**
 * What the lab found, as text: how each run ended, curves as sparklines, moves by order.
 *
 * @module
 */

import { INDEX_SCALE, indexText, WOULD_SUCCEED } from "../fragmentation/mod.ts";
import { groupsOf, type LabGroup, type LabMeasure, type LabResult, measureOf } from "../lab/mod.ts";
import { padRight, textOf, wrapProse } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { labMachineWords, outcomeWords } from "./lab_words.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { grouped, sizeWords } from "./size_words.ts";

/** How the lab's result is written. */
export interface LabTextOptions extends PaintOptions {
  /** With what curves are drawn: blocks, or ASCII (the default). */
  readonly glyphs?: "blocks" | "ascii";
}

const LEVELS = { blocks: "▁▂▃▄▅▆▇█", ascii: "_.-:=+*#" } as const;
/** What stands for a request that would succeed, and for no free block. */
const NOTHING = { blocks: "·", ascii: " " } as const;
const SPARK_CELLS = 60;
/** A group's label is cut to this; its whole name stands below the title. */
const LABEL = 18;
const SIDE_BY_SIDE = 3;
/** The width of a column of numbers. */
const NUMBER = 11;

/** Why a design has no numbers of splits and joins. */
const UNTOLD = ["- the trace reserves frames, for which a design does not count splits and joins"];

/** Runs that look the same, with a short name. */
interface Labelled extends LabGroup {
  readonly label: string;
}

function labelled(groups: readonly LabGroup[]): Labelled[] {
  return groups.map((group) => {
    const [first = "", ...more] = group.name.split(", ");
    return { ...group, label: more.length === 0 ? first : `${first} +${more.length}` };
  });
}

/** A curve in so many cells: the value at the beginning of each, among a least and a greatest. */
function sparkline(
  values: readonly number[],
  least: number,
  greatest: number,
  glyphs: "blocks" | "ascii",
): string {
  const levels = LEVELS[glyphs];
  return values.map((value) => {
    if (value < least) return NOTHING[glyphs];
    const level = (value - least) / Math.max(1, greatest - least) * (levels.length - 1);
    return levels[Math.round(level)] ?? "";
  }).join("");
}

/** The values of a measure at equal distances up to the end of the longest run. */
function valuesOf({ run }: LabGroup, measure: LabMeasure, order: number, most: number): number[] {
  const values: number[] = [];
  let at = 0;
  for (let cell = 0; cell < SPARK_CELLS; cell++) {
    const operation = cell / (SPARK_CELLS - 1) * most;
    if (operation > run.operations) break;
    while ((run.points[at + 1]?.operation ?? Infinity) <= operation) at++;
    values.push(measureOf(measure, run.points[at]?.value ?? [], order));
  }
  return values;
}

/** A measure in words. */
interface MeasureWords {
  readonly measure: LabMeasure;
  readonly title: string;
  /** The scale, where it is not that of the values. */
  readonly scale: readonly [number, number] | null;
  readonly words: (value: number) => string;
}

function measuresOf({ order, pageShift }: LabResult): MeasureWords[] {
  const size = (blockOrder: number): string => sizeWords(1n << BigInt(blockOrder + pageShift));
  const requests = `of requests of order ${order}, ${size(order)}`;
  const fraction = [0, INDEX_SCALE] as const;
  return [
    {
      measure: "largest",
      title: "largest free block",
      scale: null,
      words: (value) => value < 0 ? "none" : `order ${value}, ${size(value)}`,
    },
    {
      measure: "external",
      title: `external fragmentation index ${requests}; empty where they would succeed`,
      scale: fraction,
      words: (value) => value === WOULD_SUCCEED ? "would succeed" : indexText(value),
    },
    {
      measure: "unusable",
      title: `unusable free space index ${requests}`,
      scale: fraction,
      words: indexText,
    },
    {
      measure: "share",
      title: `share of free memory in blocks of ${size(order)} and above`,
      scale: fraction,
      words: indexText,
    },
    { measure: "blocks", title: "length of all free lists", scale: null, words: grouped },
  ];
}

function measureLines(
  result: LabResult,
  groups: readonly Labelled[],
  { measure, title, scale, words }: MeasureWords,
  { paint = PLAIN_PAINT, glyphs = "ascii" }: LabTextOptions,
): string[] {
  const most = Math.max(...groups.map(({ run }) => run.operations));
  const rows = groups.map((group) => valuesOf(group, measure, result.order, most));
  const [least, greatest] = scale ?? [0, Math.max(1, ...rows.flat())];
  return [
    paint.bold(title),
    ...groups.map(({ label, run }, index) => {
      const spark = padRight(sparkline(rows[index] ?? [], least, greatest, glyphs), SPARK_CELLS);
      const end = measureOf(measure, run.points.at(-1)?.value ?? [], result.order);
      return `${padRight(label, LABEL)} ${paint.free(spark)} ${words(end)}`;
    }),
    "",
  ];
}

/** Splits, joins and lists by order: three columns for each run. */
function moveLines(groups: readonly Labelled[], paint: Paint): string[] {
  const cells = (texts: readonly string[]): string =>
    texts.map((text) => text.padStart(NUMBER)).join("");
  const orders = Math.max(...groups.map(({ run: { moves, points } }) =>
    Math.max(
      moves?.splits.length ?? 0,
      moves?.joins.length ?? 0,
      1 + (points.at(-1)?.value.findLastIndex((count) => count > 0) ?? -1),
    )
  ));
  const cellsOf = ({ run: { moves, points } }: LabGroup, order: number): string[] => [
    moves === null ? "-" : grouped(moves.splits[order] ?? 0),
    moves === null ? "-" : grouped(moves.joins[order] ?? 0),
    grouped(points.at(-1)?.value[order] ?? 0),
  ];
  return [
    paint.bold(
      `${" ".repeat(5)}${groups.map(({ label }) => label.padStart(3 * NUMBER)).join("")}`,
    ),
    `order${groups.map(() => cells(["split", "joined to", "free"])).join("")}`,
    ...Array.from(
      { length: orders },
      (_, order) =>
        `${String(order).padStart(5)}${
          groups.map((group) => cells(cellsOf(group, order))).join("")
        }`,
    ),
    ...(groups.some(({ run: { moves } }) => moves === null) ? UNTOLD : []),
    "",
  ];
}

/**
 * Writes what the lab found. Allocators that do not differ in anything are one line.
 *
 * @param result the result
 * @param options colours, and how curves are drawn
 * @returns the text
 */
export function printLab(result: LabResult, options: LabTextOptions = {}): string {
  const { paint = PLAIN_PAINT } = options;
  const groups = labelled(groupsOf(result));
  const chunks = Array.from(
    { length: Math.ceil(groups.length / SIDE_BY_SIDE) },
    (_, at) => groups.slice(at * SIDE_BY_SIDE, (at + 1) * SIDE_BY_SIDE),
  );
  return textOf([
    paint.bold(`${escapeText(result.trace)}  ${labMachineWords(result)}`),
    "",
    ...groups.flatMap(({ label, run }) =>
      wrapProse(escapeText(outcomeWords(run)), padRight(label, LABEL + 1))
    ),
    ...groups.filter(({ run, name }) => run.name !== name).flatMap(({ label, name }) =>
      wrapProse(`${label} stands for ${name}: they do not differ here`, "  ")
    ),
    "",
    ...measuresOf(result).flatMap((measure) => measureLines(result, groups, measure, options)),
    ...chunks.flatMap((chunk) => moveLines(chunk, paint)),
  ].slice(0, -1));
}
