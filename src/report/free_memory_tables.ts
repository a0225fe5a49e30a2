/**
 * Linux's files about free memory, judged: each zone with its indices.
 *
 * @module
 */

import {
  freePagesOf,
  INDEX_SCALE,
  indexText,
  isIndexTable,
  largestOrderOf,
  WOULD_SUCCEED,
  zoneCountsOf,
} from "../fragmentation/mod.ts";
import type {
  FreeMemoryTable,
  IndexComparison,
  IndexRow,
  IndexTable,
  PageTypeInfo,
  ZonePlace,
} from "../fragmentation/mod.ts";
import { counted, textOf } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { fragmentationLines } from "./fragmentation.ts";
import type { FragmentationOptions } from "./fragmentation.ts";
import { type Paint, PLAIN_PAINT } from "./paint.ts";
import { grouped } from "./size_words.ts";

/** How the tables are written. */
export interface FreeMemoryTableOptions extends FragmentationOptions {
  /** The base-2 logarithm of the page size; 12 by default. */
  readonly pageShift?: number;
}

const INDEX_CELLS = 30;

function titleOf(table: FreeMemoryTable, { node, zone }: ZonePlace, reading: number): string {
  const which = reading === 0 ? "" : `  reading ${reading + 1}`;
  return `node ${node}  zone ${escapeText(zone)}  ${table.kind}${which}`;
}

/** Migrate types of a zone: what is free of each, and how many page blocks are of it. */
function typeLines(table: PageTypeInfo, { node, zone }: ZonePlace): string[] {
  const isHere = (place: ZonePlace): boolean => place.node === node && place.zone === zone;
  const blocks = table.blocks?.rows.find(isHere)?.blocks ?? [];
  const rows = table.rows.filter(isHere);
  const types = rows.map(({ type }) => type);
  const width = Math.max(12, ...types.map((type) => escapeText(type).length));
  const heading = table.blockOrder === null
    ? ""
    : `  page blocks of ${counted(2 ** table.blockOrder, "page")}`;
  return [
    "",
    `${"migrate type".padEnd(width)}  ${"free pages".padStart(14)}  largest order${heading}`,
    ...rows.map(({ type, counts, atLeast }) => {
      const pages = `${atLeast.length === 0 ? "" : ">"}${grouped(freePagesOf(counts))}`;
      const ofType = blocks[table.blocks?.types.indexOf(type) ?? -1];
      const count = ofType === undefined ? "" : grouped(ofType);
      const largest = String(largestOrderOf(counts) ?? "none");
      const cells = `${escapeText(type).padEnd(width)}  ${pages.padStart(14)}  ${
        largest.padStart(13)
      }`;
      return `${cells}  ${count.padStart(11)}`;
    }),
  ];
}

/** What an index says, in words. */
function meaningOf(kind: IndexTable["kind"], index: number): string {
  if (kind === "unusable_index") return "";
  if (index === WOULD_SUCCEED) return "would succeed";
  return index > INDEX_SCALE / 2 ? "fails: memory is in pieces" : "fails: memory is short";
}

function indexLines({ kind }: IndexTable, { indices }: IndexRow, paint: Paint): string[] {
  return [
    paint.dim("order   index"),
    ...indices.map((index, order) => {
      const cells = "#".repeat(Math.round(Math.max(0, index) * INDEX_CELLS / INDEX_SCALE));
      const words = meaningOf(kind, index);
      const space = words !== "" && cells !== "" ? "  " : "";
      return `${String(order).padStart(5)}  ${indexText(index).padStart(6)}   ` +
        `${paint.bad(cells)}${space}${words}`;
    }),
  ];
}

function tableLines(
  table: FreeMemoryTable,
  reading: (place: ZonePlace) => number,
  options: FreeMemoryTableOptions,
): string[] {
  const { paint = PLAIN_PAINT, pageShift = 12 } = options;
  if (isIndexTable(table)) {
    return table.rows.flatMap((row) => [
      paint.bold(titleOf(table, row, reading(row))),
      ...indexLines(table, row, paint),
      "",
    ]);
  }
  const types = table.kind === "pagetypeinfo" ? table : null;
  return zoneCountsOf(table).flatMap((row) => [
    ...fragmentationLines({ ...row, title: titleOf(table, row, reading(row)), pageShift }, options),
    ...(types === null ? [] : typeLines(types, row)),
    "",
  ]);
}

/**
 * Writes tables about free memory, zone by zone, with the indices that their counts give.
 *
 * @param tables the tables
 * @param options the page size, colours, and how bars are drawn
 * @returns the text
 */
export function printFreeMemory(
  tables: readonly FreeMemoryTable[],
  options: FreeMemoryTableOptions = {},
): string {
  const seen = new Map<string, number>();
  const lines = tables.flatMap((table) => {
    const readingOf = ({ node, zone }: ZonePlace): number => {
      const key = `${table.kind} ${node} ${zone}`;
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      return count;
    };
    return tableLines(table, readingOf, options);
  });
  return textOf(lines.slice(0, -1));
}

/** Of more differences than this, only the first are told. */
const MOST_DIFFERENCES = 12;

/**
 * Writes how printed indices compare with those that the counts give.
 *
 * @param comparison what was compared
 * @returns the text; empty if nothing could be compared
 */
export function printIndexComparison({ compared, differences }: IndexComparison): string {
  if (compared === 0) return "";
  if (differences.length === 0) {
    return `printed indices: all ${compared} are what the counts give\n`;
  }
  const shown = differences.slice(0, MOST_DIFFERENCES);
  return textOf([
    `${differences.length} of ${compared} printed indices are not what the counts give: were both ` +
    "read at the same time?",
    ...shown.map(({ node, zone, kind, order, printed, computed }) =>
      `  node ${node} zone ${escapeText(zone)}, ${kind}, order ${order}: ` +
      `${indexText(printed)} is printed, the counts give ${indexText(computed)}`
    ),
    ...(differences.length > shown.length ? [`  … ${differences.length - shown.length} more`] : []),
  ]);
}
