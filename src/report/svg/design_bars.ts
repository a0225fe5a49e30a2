/**
 * Bars for the picture of designs: cache lines of an operation, and frames by reporting order.
 *
 * @module
 */

import type { Comparison, DesignFigures, OperationCost } from "../../metadata_design/mod.ts";
import { MARGIN } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { element, rectOf, textAt } from "./xml.ts";

/** A panel of a picture, from y = 0 downwards. */
export interface Panel {
  /** Its elements. */
  readonly parts: readonly string[];
  /** The height that it takes. */
  readonly height: number;
}

/** Where the bars begin: behind the names of designs. */
const LEFT = MARGIN + 14 * CHARACTER;
const BAR = 12;
const BARS_HEIGHT = 110;

function heading(text: string): string {
  return textAt(MARGIN, 14, text, { class: "strong" });
}

function meanOf({ lines, count }: OperationCost): number {
  return count === 0 ? 0 : lines / count;
}

/**
 * Two bars for each design: the mean lines of an allocation and of a release.
 *
 * @param comparison the numbers
 * @param width the width of the picture
 * @returns the panel
 */
export function linePanel({ designs, releases }: Comparison, width: number): Panel {
  const most = Math.max(
    1,
    ...designs.flatMap((one) => [
      meanOf(one.allocations),
      meanOf(one.releases),
    ]),
  );
  const scale = (width - LEFT - MARGIN - 6 * CHARACTER) / most;
  let y = LINE + 8;
  const bar = (mark: string, value: number, title: string): string[] => {
    const box = { x: LEFT, y, width: Math.max(1, value * scale), height: BAR };
    const parts = [
      rectOf(box, `${mark} edge`, `${title}: ${value.toFixed(2)} lines`),
      textAt(LEFT + box.width + 6, y + 10, value.toFixed(2)),
    ];
    y += BAR + 2;
    return parts;
  };
  const parts = designs.flatMap((one) => {
    const name = textAt(LEFT - 8, y + 10, one.design, { class: "end" });
    const bars = [
      ...bar("allocated", meanOf(one.allocations), `${one.design}, an allocation`),
      ...(releases === 0 ? [] : bar("free", meanOf(one.releases), `${one.design}, a release`)),
    ];
    y += 5;
    return [name, ...bars];
  });
  return {
    parts: [heading("cache lines that an operation touches, mean"), ...parts],
    height: y + 8,
  };
}

/** Designs with the same numbers, which are not all 0. */
function groupsOf(
  designs: readonly DesignFigures[],
  of: (one: DesignFigures) => readonly number[],
): { readonly names: string; readonly values: readonly number[] }[] {
  const groups = new Map<string, { names: string; values: readonly number[] }>();
  for (const one of designs) {
    const values = of(one);
    if (values.every((value) => value === 0)) continue;
    const known = groups.get(values.join(" "));
    const names = known === undefined ? one.design : `${known.names} ${one.design}`;
    groups.set(values.join(" "), { names, values });
  }
  return [...groups.values()];
}

/**
 * Columns by reporting order, on a logarithmic scale: frames that the host cannot have, and refaults.
 *
 * @param comparison the numbers
 * @param width the width of the picture
 * @returns the panel
 */
export function orderPanel({ designs }: Comparison, width: number): Panel {
  const kept = groupsOf(designs, (one) => one.kept);
  const refaults = groupsOf(designs, (one) => one.refaults);
  const series = [
    ...kept.map((one) => ({ ...one, mark: "metadata", what: "frames kept" })),
    ...refaults.map((one) => ({ ...one, mark: "special", what: "refaults" })),
  ];
  const named = new Set(series.flatMap(({ names }) => names.split(" ")));
  const none = designs.map(({ design }) => design).filter((name) => !named.has(name));
  const orders = designs[0]?.kept.length ?? 0;
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const each = (width - LEFT - MARGIN) / Math.max(1, orders);
  const base = LINE + 12 + BARS_HEIGHT + 14;
  const column = Math.max(2, Math.min(26, (each - 8) / Math.max(1, series.length)));
  const parts = series.flatMap(({ values, mark, what, names }, at) =>
    values.flatMap((value, order) => {
      if (value === 0) return [];
      const height = Math.max(2, Math.log10(value + 1) / Math.log10(most + 1) * BARS_HEIGHT);
      const x = LEFT + order * each + at * column;
      const title = `${what} by ${names} from order ${order}: ${value}`;
      return [
        rectOf({ x, y: base - height, width: column - 2, height }, `${mark} edge`, title),
        ...(column < 20 ? [] : [
          textAt(x + (column - 2) / 2, base - height - 3, shortCount(value), {
            class: "cell",
          }),
        ]),
      ];
    })
  );
  const ticks = Array.from(
    { length: orders },
    (_, order) =>
      textAt(LEFT + order * each + each / 2 - 6, base + 15, `${order}`, { class: "middle" }),
  );
  const by = series.length === 0 ? "" : ` by ${series[0]?.names}`;
  return {
    parts: [
      heading(
        `frames kept from the host${by}, and refaults, by reporting order; logarithmic; none by: ` +
          (none.join(" ") || "-"),
      ),
      element("path", { class: "rule", d: `M${LEFT} ${base}H${width - MARGIN}` }),
      textAt(LEFT - 8, base + 15, "order", { class: "end" }),
      ...parts,
      ...ticks,
    ],
    height: base + 28,
  };
}

function shortCount(value: number): string {
  if (value < 1000) return `${value}`;
  if (value < 1e6) return `${Math.round(value / 1e3)}k`;
  return `${Math.round(value / 1e6)}M`;
}
