/**
 * The panels of a lab's picture: curves over operations, and bars by order.
 *
 * @module
 */

import { INDEX_SCALE, WOULD_SUCCEED } from "../../fragmentation/mod.ts";
import { type LabGroup, type LabMeasure, type LabResult, measureOf } from "../../lab/mod.ts";
import { grouped, sizeWords } from "../size_words.ts";
import { MARGIN } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { compact, element, rectOf, textAt } from "./xml.ts";

/** Elements, and how far down they reach. */
export interface Panel {
  /** The elements, from y = 0 downwards. */
  readonly parts: readonly string[];
  /** The height that they take. */
  readonly height: number;
}

/** The room to the left of a plot, for its numbers. */
const LEFT = MARGIN + 12 * CHARACTER;
/** The height of a plot. */
const PLOT = 96;
/** The height of the band below 0, for requests that would succeed. */
const BAND = 14;
/** The height of a panel around its plot: title above, numbers below. */
const ABOVE = LINE + 6;

/** Where a value is drawn, from 0 at the top of the plot to its height. */
type ScaleOf = (value: number) => number;

/** A panel of curves: its title, its scale, and what stands beside its axis. */
interface CurveTopic {
  readonly measure: LabMeasure;
  readonly title: string;
  readonly scale: ScaleOf;
  /** Numbers beside the axis: where, and what. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Values between points: those before, or a straight line. */
  readonly between: "steps" | "lines";
}

function linear(least: number, greatest: number, height = PLOT): ScaleOf {
  const range = Math.max(1, greatest - least);
  return (value) => height - (Math.max(least, value) - least) / range * height;
}

const FRACTIONS = [0, 500, INDEX_SCALE];

/** The greatest value of a measure over all runs. */
function greatestOf(measure: LabMeasure, groups: readonly LabGroup[], order: number): number {
  let greatest = 1;
  for (const { run } of groups) {
    for (const { value } of run.points) {
      greatest = Math.max(greatest, measureOf(measure, value, order));
    }
  }
  return greatest;
}

function topicsOf({ order, pageShift }: LabResult, groups: readonly LabGroup[]): CurveTopic[] {
  const size = (blockOrder: number): string => sizeWords(1n << BigInt(blockOrder + pageShift));
  const requests = `requests of order ${order}, ${size(order)}`;
  const largest = greatestOf("largest", groups, order);
  const blocks = greatestOf("blocks", groups, order);
  const fraction = (measure: LabMeasure, title: string): CurveTopic => {
    const scale = linear(0, INDEX_SCALE);
    const ticks = FRACTIONS.map((at) => ({ at: scale(at), text: String(at / INDEX_SCALE) }));
    return { measure, title, scale, ticks, between: "lines" };
  };
  const upper = linear(0, INDEX_SCALE, PLOT - BAND);
  const largestScale = linear(-1, largest);
  const blocksScale = linear(0, blocks);
  return [
    {
      measure: "largest",
      title: "largest free block",
      scale: largestScale,
      ticks: [
        { at: largestScale(largest), text: size(largest) },
        { at: largestScale(0), text: size(0) },
      ],
      between: "steps",
    },
    {
      measure: "external",
      title: `external fragmentation index of ${requests}`,
      scale: (value) => value === WOULD_SUCCEED ? PLOT - BAND / 2 : upper(value),
      ticks: [
        ...FRACTIONS.map((at) => ({ at: upper(at), text: String(at / INDEX_SCALE) })).slice(1),
        { at: PLOT - BAND / 2, text: "succeeds" },
      ],
      between: "steps",
    },
    fraction("unusable", `unusable free space index of ${requests}`),
    fraction("share", `share of free memory in blocks of ${size(order)} and above`),
    {
      measure: "blocks",
      title: "length of all free lists",
      scale: blocksScale,
      ticks: [{ at: blocksScale(blocks), text: grouped(blocks) }, { at: PLOT, text: "0" }],
      between: "lines",
    },
  ];
}

/** The path of a curve. */
function pathOf(
  { measure, scale, between }: CurveTopic,
  { run }: LabGroup,
  order: number,
  xOf: (operation: number) => number,
): string {
  let last = NaN;
  return run.points.map(({ operation, value }, index) => {
    const [x, y] = [
      compact(xOf(operation)),
      compact(ABOVE + scale(measureOf(measure, value, order))),
    ];
    const isSame = Number(y) === last;
    last = Number(y);
    if (index === 0) return `M${x} ${y}`;
    if (isSame) return `H${x}`;
    return between === "steps" ? `H${x}V${y}` : `L${x} ${y}`;
  }).join("").replace(/(?:H[\d.]+)+(?=H)/g, "");
}

function plotFrame(width: number): string[] {
  return [
    element("path", { class: "rule", d: `M${LEFT} ${ABOVE}V${ABOVE + PLOT}H${width - MARGIN}` }),
  ];
}

/**
 * Draws each measure over operations.
 *
 * @param result the result
 * @param groups its runs, those that look the same together
 * @param width the width of the picture, in pixels
 * @returns a panel for each measure
 */
export function curvePanels(
  result: LabResult,
  groups: readonly LabGroup[],
  width: number,
): Panel[] {
  const most = Math.max(1, ...groups.map(({ run }) => run.operations));
  const xOf = (operation: number): number => LEFT + operation / most * (width - MARGIN - LEFT);
  return topicsOf(result, groups).map((topic, panel, all) => {
    const isLast = panel === all.length - 1;
    const below = isLast ? LINE + 2 : 0;
    const axis = [
      textAt(LEFT, ABOVE + PLOT + 14, "0"),
      textAt(width - MARGIN, ABOVE + PLOT + 14, `${grouped(most)} operations`, { class: "end" }),
    ];
    return {
      parts: [
        textAt(LEFT, 13, topic.title, { class: "strong" }),
        ...plotFrame(width),
        ...topic.ticks.map(({ at, text }) =>
          textAt(LEFT - 6, ABOVE + at + 4, text, { class: "end" })
        ),
        ...groups.map((group, index) =>
          element("path", { class: `c${index}`, d: pathOf(topic, group, result.order, xOf) }, [
            element("title", {}, [group.name]),
          ])
        ),
        ...(isLast ? axis : []),
      ],
      height: ABOVE + PLOT + below + 8,
    };
  });
}

/** Bars up for splits and down for joins; heights are logarithms. */
const BAR = 56;

/**
 * Draws how often blocks of each order were split and joined.
 *
 * @param groups the runs, those that look the same together; those that do not tell are left out
 * @param width the width of the picture, in pixels
 * @returns the panel
 */
export function movesPanel(groups: readonly LabGroup[], width: number): Panel {
  const all = groups.flatMap(({ run: { moves } }) =>
    moves === null ? [] : [...moves.splits, ...moves.joins]
  );
  const greatest = Math.max(1, ...all);
  const orders = Math.max(
    1,
    ...groups.map(({ run: { moves } }) =>
      Math.max(moves?.splits.length ?? 0, moves?.joins.length ?? 0)
    ),
  );
  const middle = ABOVE + BAR;
  const column = (width - MARGIN - LEFT) / orders;
  const bar = Math.min(16, column * 0.8 / Math.max(1, groups.length));
  const heightOf = (count: number): number => Math.log(1 + count) / Math.log(1 + greatest) * BAR;
  const bars = groups.flatMap(({ name, run: { moves } }, index) =>
    Array.from({ length: moves === null ? 0 : orders }, (_, order) => {
      const x = LEFT + order * column + column * 0.1 + index * bar;
      const [split, joined] = [moves?.splits[order] ?? 0, moves?.joins[order] ?? 0];
      const rect = (count: number, y: number, what: string): string[] =>
        count === 0 ? [] : [rectOf(
          { x, y, width: bar * 0.9, height: heightOf(count) },
          `b${index}`,
          `${name}: ${grouped(count)} ${what} order ${order}`,
        )];
      return [
        ...rect(split, middle - heightOf(split), "splits of"),
        ...rect(joined, middle, "joins to"),
      ];
    }).flat()
  );
  const labels = Array.from(
    { length: orders },
    (_, order) =>
      textAt(LEFT + (order + 0.5) * column, middle + BAR + 14, String(order), { class: "middle" }),
  );
  const isUntold = groups.some(({ run: { moves } }) => moves === null);
  const heading = "blocks split (up) and joined (down), by order; heights are logarithms" +
    (isUntold ? "; not of designs: frames are reserved" : "");
  return {
    parts: [
      textAt(LEFT, 13, heading, { class: "strong" }),
      textAt(LEFT - 6, middle + BAR + 14, "order", { class: "end" }),
      element("path", { class: "rule", d: `M${LEFT} ${middle}H${width - MARGIN}` }),
      textAt(LEFT - 6, ABOVE + 10, grouped(greatest), { class: "end" }),
      textAt(LEFT - 6, middle + 4, "0", { class: "end" }),
      textAt(LEFT - 6, middle + BAR, grouped(greatest), { class: "end" }),
      ...bars,
      ...labels,
    ],
    height: middle + BAR + LINE + 8,
  };
}
