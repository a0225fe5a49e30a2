/**
 * Page maps: where things are. One cell for each frame, 16 to a row, so that alignment can be seen.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AreaView } from "../page_allocator.ts";
import { bareHex, textOf } from "./columns.ts";
import { LABEL_GAP, mapLinesOf } from "./map_lines.ts";
import { type Folding, ROW_FRAMES } from "./map_rows.ts";
import { type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { stateMeanings } from "./state_text.ts";
import { areaHeading, formatOf, type Subject } from "./subject.ts";

/** How page maps are written. */
export interface PageMapOptions extends PaintOptions {
  /**
   * Whether large areas are folded into at most some 60 lines (the default), or every row stands there.
   * Areas of up to 40 rows are never folded.
   */
  readonly folding?: Folding;
}

const LEGEND =
  "legend  . fresh   f free   A allocated   S special   digit: order   -- same block   ## metadata";
const LEGEND_DIGITS = "legend  digits above 9: a is order 10, b is 11, up to z, 35; then A is 36";
const LEGEND_DISAGREES =
  "legend  !! a state that disagrees with its block's head, or can be no head's";

/** The line of digits above the rows, without what stands before it. */
export const RULER: string = Array.from(
  { length: ROW_FRAMES },
  (_, column) => ` ${bareHex(column)}`,
)
  .join(" ");

/**
 * Writes the page map of each area.
 *
 * ```text
 * area 0  normal  base 100001  top 100021  max order 3
 *
 *           0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
 * 100000   ## .0 .1 -- f2 -- -- -- .0 A0 .1 -- .2 -- -- --
 * ```
 *
 * A frame whose state disagrees with its block's head is `!!`, and a line below the rows says what the
 * state is. In large areas rows inside a block and equal rows are told in one line each; where even
 * that is too long, the middle is told by counts, which {@linkcode parsePageMap} cannot read.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas the areas
 * @param options colours and folding
 * @returns the text, with a legend; "no areas" if there are none
 *
 * @example Usage
 * ```ts
 * import { createMachine, declareRam, DEFAULT_EDITION, pfn } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { printPageMap } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const machine = createMachine({ arch: X86_64, edition: DEFAULT_EDITION });
 * declareRam(machine, pfn(0x100), pfn(0x110));
 * machine.pages.initArea(0, pfn(0x100), pfn(0x110));
 * const lines = printPageMap(machine, machine.pages.areas()).split("\n");
 * assertEquals(lines.at(-2), "   100   ## .0 .1 -- .2 -- -- -- .3 -- -- -- -- -- -- --");
 * ```
 */
export function printPageMap(
  subject: Subject,
  areas: readonly AreaView[],
  options: PageMapOptions = {},
): string {
  if (areas.length === 0) return "no areas\n";
  const { paint = PLAIN_PAINT, folding = "folded" } = options;
  const format = formatOf(subject);
  const maps = areas.map((view) => {
    const title = paint.bold(areaHeading(subject, view));
    if (view.states.length === 0) {
      return { lines: ["", title, "", "no page states"], hasNotes: false };
    }
    const { lines, labelWidth, hasNotes } = mapLinesOf(view, format, folding, paint);
    const ruler = paint.dim(" ".repeat(labelWidth + LABEL_GAP) + RULER);
    return { lines: ["", title, "", ruler, ...lines], hasNotes };
  });
  const legend = [
    LEGEND,
    ...(areas.some((view) => hasHighOrders(view, format)) ? [LEGEND_DIGITS] : []),
    ...(maps.some(({ hasNotes }) => hasNotes) ? [LEGEND_DISAGREES] : []),
  ];
  return textOf([...legend.map(paint.dim), ...maps.flatMap(({ lines }) => lines)]);
}

function hasHighOrders(view: AreaView, format: PageStateFormat): boolean {
  const isHigh = stateMeanings(format)
    .map((meaning) => meaning !== null && meaning.order > 9 && meaning.text.length === 2);
  return view.states.some(({ state }) => isHigh[state]);
}
