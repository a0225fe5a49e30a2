/**
 * The cells of a heat map: a class for each row and column.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { piecesOf } from "../block_runs.ts";
import type { ColumnState, HeatOf } from "./heat_columns.ts";
import { type Band, marksOfRows, ordersOfRows } from "./heat_rows.ts";
import type { LegendEntry } from "./picture.ts";
import { statusLegend } from "./marks.ts";
import { RAMP } from "./style.ts";

/** What stands in a cell: a class, or null for nothing. */
export type HeatCell = string | null;

const STEPS = RAMP.length;

/** The step of the ramp for an order: the largest order is the lightest. */
function stepOfOrder(order: number, mostOrder: number): number {
  return mostOrder === 0 ? 0 : Math.round(order * (STEPS - 1) / Math.max(mostOrder, STEPS - 1));
}

/** The step of the ramp for an age: the youngest is the lightest, each further step is twice as old. */
function stepOfAge(age: number): number {
  const doublings = age === 0 ? 0 : Math.floor(Math.log2(age)) + 1;
  return Math.max(0, STEPS - 1 - doublings);
}

/** How old the rows of bands are: at which step each changed last. */
export class Ages {
  readonly #changedAt = new Map<Band, (number | null)[]>();

  /** Takes note of what changed, and tells the age of each row of a band. */
  note(band: Band, { last, changed }: ColumnState): HeatCell[] {
    const rows = this.#changedAt.get(band) ?? band.limits.slice(1).map(() => null);
    const marked = rows.map((known, row) => {
      const [first, end] = [band.limits[row] ?? 0, band.limits[row + 1] ?? 0];
      return changed.some((range) => range.first < end && range.end > first) ? last : known;
    });
    this.#changedAt.set(band, marked);
    return marked.map((at) => at === null ? "hole" : `r${stepOfAge(last - at)}`);
  }
}

/** What cells are made from. */
export interface CellSource {
  /** What the heat map shows. */
  readonly of: HeatOf;
  /** The encoding of page states. */
  readonly format: PageStateFormat;
  /** The largest order there is. */
  readonly mostOrder: number;
  /** How old the rows are. */
  readonly ages: Ages;
}

/**
 * The cells of a band in one column.
 *
 * @param source what cells are made from
 * @param band the rows
 * @param column the state
 * @returns a class for each row
 */
export function cellsOfBand(source: CellSource, band: Band, column: ColumnState): HeatCell[] {
  const { of, format, mostOrder, ages } = source;
  const view = column.areas.find(({ area, top }) => area === band.area && top > band.first);
  if (view === undefined || view.states.length === 0) return band.limits.slice(1).map(() => null);
  switch (of) {
    case "state":
      return marksOfRows(view, format, band.limits);
    case "order":
      return ordersOfRows(piecesOf(view, format), band.limits)
        .map((order) => order === null ? "wrong" : `r${stepOfOrder(order, mostOrder)}`);
    case "age":
      return ages.note(band, column);
  }
}

/**
 * The largest order of any block.
 *
 * @param areas the areas
 * @param format the encoding of their page states
 * @returns the order; 0 if there are no blocks
 */
export function mostOrderOf(areas: readonly AreaView[], format: PageStateFormat): number {
  let most = 0;
  for (const view of areas) {
    for (const piece of piecesOf(view, format)) {
      if (piece.kind === "blocks") most = Math.max(most, piece.order);
    }
  }
  return most;
}

function spanText(noun: string, first: number, last: number): string {
  return first === last ? `${noun} ${first}` : `${noun}s ${first} to ${last}`;
}

/** The steps of the ramp for orders, each with the orders it stands for. */
function orderLegend(mostOrder: number): LegendEntry[] {
  const spans = new Map<number, { first: number; last: number }>();
  for (let order = 0; order <= mostOrder; order++) {
    const step = stepOfOrder(order, mostOrder);
    spans.set(step, { first: spans.get(step)?.first ?? order, last: order });
  }
  return [...spans].map(([step, { first, last }]) => ({
    mark: `r${step}`,
    text: spanText("order", first, last),
  }));
}

/** The steps of the ramp for ages, youngest first. */
function ageLegend(): LegendEntry[] {
  const ramp = RAMP.map((_, index): LegendEntry => {
    const first = index === 0 ? 0 : 2 ** (index - 1);
    const last = index === 0 ? 0 : 2 ** index - 1;
    const isLast = index === STEPS - 1;
    const text = isLast ? `${first} or more` : first === last ? `${first}` : `${first} to ${last}`;
    return { mark: `r${STEPS - 1 - index}`, text: index === 0 ? "0 steps ago" : text };
  });
  return [...ramp, { mark: "hole", text: "not yet changed" }];
}

/**
 * The legend of a heat map.
 *
 * @param source what its cells are made from
 * @returns each class that a cell can have, with what it means
 */
export function heatLegend({ of, format, mostOrder }: CellSource): LegendEntry[] {
  const wrong = { mark: "wrong", text: "! no block's state" };
  switch (of) {
    case "state":
      return [...statusLegend(format), wrong];
    case "order":
      return [...orderLegend(mostOrder), wrong];
    case "age":
      return ageLegend();
  }
}
