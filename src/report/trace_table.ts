/**
 * The columns of a trace: calls, results, and the blocks on the free lists of each order.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import { COLUMNS, padRight, widthOf, wrapWords } from "./columns.ts";
import { isSound } from "./free_lists.ts";
import type { Paint, PaintText } from "./paint.ts";
import { orderDigit } from "./state_text.ts";

/** A line of a trace with what stands below it. */
export interface TraceRow {
  /** The number of the step. */
  readonly index: number;
  /** The call. */
  readonly call: string;
  /** What came of it, in a word. */
  readonly result: string;
  /** How the result is coloured. */
  readonly resultPaint: PaintText;
  /** The blocks on the list of each order; null for what is no call that ran. */
  readonly listed: ListedBlocks | null;
  /** What stands below, coloured, without an indentation. */
  readonly details: readonly string[];
}

/** The number of blocks on the lists of each order, all areas together. */
export interface ListedBlocks {
  /** By order, from 0; orders without blocks may be missing at the end. */
  readonly counts: readonly number[];
  /** The orders of which a list is damaged. */
  readonly damaged: ReadonlySet<number>;
}

/**
 * Counts the blocks on the free lists.
 *
 * @param areas the areas
 * @returns the counts
 */
export function listedBlocksOf(areas: readonly AreaView[]): ListedBlocks {
  const counts: number[] = [];
  const damaged = new Set<number>();
  for (const list of areas.flatMap(({ freeLists }) => freeLists)) {
    while (counts.length <= list.order) counts.push(0);
    counts[list.order] = (counts[list.order] ?? 0) + list.forward.pfns.length;
    if (!isSound(list)) damaged.add(list.order);
  }
  return { counts, damaged };
}

/** How far the lines below a call are indented. */
export const DETAIL_INDENT = "      ";

/** Calls that are wider stand on a line of their own. */
const WIDEST_CALL = 40;
const NARROWEST_CALL = 16;

/** The column of a detail's text; the first two are the step's number. */
const BEFORE_CALL = 6;

/** What stands before the digits of the orders: the first one that fits, or nothing. */
const LISTED_HEADERS = ["listed blocks by order", "listed by order", "by order"];

const DIGITS_NOTE =
  "on the right: listed blocks by order; a is order 10, b is 11, and so on, as in a page map";
const DAMAGE_NOTE = "! a list of this order is damaged; only what it still leads to is counted";

/** Where the columns are. */
interface Layout {
  readonly indexWidth: number;
  readonly callWidth: number;
  readonly resultWidth: number;
  readonly listedHeader: string;
  /** The width of each order's column; null if the counts do not fit side by side. */
  readonly orderWidths: readonly number[] | null;
}

/**
 * Lays a trace out.
 *
 * @param entries the rows, and lines between them as they are
 * @param paint the colours
 * @returns the lines
 */
export function traceLines(entries: ReadonlyArray<TraceRow | string>, paint: Paint): string[] {
  const rows = entries.filter((entry) => typeof entry !== "string");
  const layout = layoutOf(rows);
  const isDamaged = rows.some(({ listed }) => (listed?.damaged.size ?? 0) > 0);
  return [
    paint.dim(headerLine(layout)),
    ...entries.flatMap((entry) =>
      typeof entry === "string" ? [paint.dim(DETAIL_INDENT + entry)] : rowLines(entry, layout)
    ),
    ...((layout.orderWidths?.length ?? 0) > 10 ? [paint.dim(DIGITS_NOTE)] : []),
    ...(isDamaged ? [paint.dim(DAMAGE_NOTE)] : []),
  ];
}

function layoutOf(rows: readonly TraceRow[]): Layout {
  const indexWidth = Math.max(2, ...rows.map(({ index }) => String(index).length));
  const fitting = rows.map(({ call }) => widthOf(call)).filter((width) => width <= WIDEST_CALL);
  const widest = Math.max(NARROWEST_CALL, ...fitting);
  const resultWidth = Math.max(6, ...rows.map(({ result }) => widthOf(result)));
  const orderWidths = orderWidthsOf(rows);
  const wanted = orderWidths.reduce((sum, width) => sum + width + 1, 0) - 1;
  const forCalls = COLUMNS - (indexWidth + BEFORE_CALL - 2) - resultWidth - 4 - wanted;
  const common = { indexWidth, resultWidth };
  if (forCalls < NARROWEST_CALL) {
    const listedHeader = "listed blocks, order:count";
    return { ...common, callWidth: widest, listedHeader, orderWidths: null };
  }
  const callWidth = Math.min(widest, forCalls);
  const listedHeader = LISTED_HEADERS.find((text) => widthOf(text) < forCalls - callWidth) ?? "";
  return { ...common, callWidth, listedHeader, orderWidths };
}

function orderWidthsOf(rows: readonly TraceRow[]): number[] {
  const widths: number[] = [];
  for (const { listed } of rows) {
    for (const [order, count] of (listed?.counts ?? []).entries()) {
      const width = countText(listed, order, count).length;
      widths[order] = Math.max(widths[order] ?? 0, width);
    }
  }
  return widths;
}

function countText(listed: ListedBlocks | null, order: number, count: number): string {
  return `${count}${listed?.damaged.has(order) ? "!" : ""}`;
}

function headerLine(
  { indexWidth, callWidth, resultWidth, listedHeader, orderWidths }: Layout,
): string {
  const before = " ".repeat(indexWidth + BEFORE_CALL - 2);
  const orders = (orderWidths ?? []).map((width, order) => orderDigit(order).padStart(width));
  const listed = [listedHeader, ...orders].filter((text) => text !== "").join(" ");
  return `${before}${padRight("call", callWidth)}  ${padRight("result", resultWidth)}  ${listed}`;
}

function rowLines(row: TraceRow, layout: Layout): string[] {
  const { indexWidth, callWidth, resultWidth } = layout;
  const before = `${String(row.index).padStart(indexWidth)}${" ".repeat(BEFORE_CALL - 2)}`;
  const result = row.resultPaint(padRight(row.result, resultWidth));
  const details = row.details.map((detail) => DETAIL_INDENT + detail);
  const [counts = "", ...moreCounts] = countLines(row.listed, layout, before.length);
  if (widthOf(row.call) <= callWidth) {
    const line = `${before}${padRight(row.call, callWidth)}  ${result}  ${counts}`;
    return [line, ...moreCounts, ...details];
  }
  const call = wrapWords(row.call.split(" "), before);
  return [
    ...call,
    `${" ".repeat(before.length + callWidth)}  ${result}  ${counts}`,
    ...moreCounts,
    ...details,
  ];
}

/** The counts of a row: the first line continues the row's. */
function countLines(listed: ListedBlocks | null, layout: Layout, before: number): string[] {
  if (listed === null) return [];
  const { callWidth, resultWidth, orderWidths, listedHeader } = layout;
  const start = before + callWidth + resultWidth + 4;
  const counts = listed.counts.map((count, order) => countText(listed, order, count));
  if (orderWidths === null) {
    const words = counts.map((text, order) => `${order}:${text}`)
      .filter((_, order) => listed.counts[order] !== 0 || listed.damaged.has(order));
    const [first = "", ...rest] = wrapWords(words, " ".repeat(start));
    return [first.trimStart(), ...rest];
  }
  const gap = listedHeader === "" ? "" : " ".repeat(widthOf(listedHeader) + 1);
  const cells = orderWidths.map((width, order) => (counts[order] ?? "0").padStart(width));
  return [gap + cells.join(" ")];
}
