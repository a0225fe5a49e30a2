/**
 * How fragmented free memory is: the indices of each order, and where free memory is, as bars.
 *
 * @module
 */

import { areaNameOf } from "../arch.ts";
import { areaTableOf } from "../edition.ts";
import {
  freeCountsOf,
  freePagesOf,
  hugePageOrder,
  indexText,
  indicesOf,
  largestOrderOf,
  shareInBlocks,
  writeBuddyInfo,
} from "../fragmentation/mod.ts";
import type { FreeCounts } from "../fragmentation/mod.ts";
import { zoneOf } from "../page_allocator.ts";
import type { AreaView } from "../page_allocator.ts";
import { textOf } from "./columns.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { grouped, sizeWords } from "./size_words.ts";
import { areaTitle, type PagedSubject } from "./subject.ts";

/** How fragmentation is written. */
export interface FragmentationOptions extends PaintOptions {
  /** With what bars are drawn: eighths of blocks, or `#` (the default). */
  readonly glyphs?: "blocks" | "ascii";
}

/** The free blocks of a zone, an area, or several of them. */
export interface FreeMemoryOfZone {
  /** What it is, such as `node 0  zone Normal`. */
  readonly title: string;
  /** The base-2 logarithm of the page size. */
  readonly pageShift: number;
  /** Free blocks by order. */
  readonly counts: FreeCounts;
  /** The orders whose counts are lower bounds; none by default. */
  readonly atLeast?: readonly number[];
}

/** The width of a bar that stands for all free memory. */
const BAR_CELLS = 30;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

const sizeOfOrder = (order: number, pageShift: number): string =>
  sizeWords(1n << BigInt(order + pageShift));

/** A part of the whole as a bar: what is not nothing is seen. */
function barOf(part: bigint, whole: bigint, glyphs: "blocks" | "ascii"): string {
  if (part === 0n || whole === 0n) return "";
  const eighths = Math.max(1, Number(part * BigInt(8 * BAR_CELLS) / whole));
  if (glyphs === "ascii") return "#".repeat(Math.max(1, Math.round(eighths / 8)));
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

function percent(share: number): string {
  return `${Math.floor(share / 10)}.${share % 10} %`;
}

/** What is free, in sentences. */
function summaryLines({ counts, pageShift, atLeast = [] }: FreeMemoryOfZone): string[] {
  const pages = freePagesOf(counts);
  const largest = largestOrderOf(counts);
  const huge = hugePageOrder(pageShift);
  const size = `${grouped(pages)} pages, ${sizeWords(pages << BigInt(pageShift))}`;
  const block = largest === null ? "none" : `order ${largest}, ${sizeOfOrder(largest, pageShift)}`;
  return [
    `free           ${atLeast.length === 0 ? "" : "at least "}${size}`,
    `largest block  ${block}`,
    ...(pages === 0n ? [] : [
      `huge pages     ${percent(shareInBlocks(counts, huge))} of it is in blocks of ` +
      `${sizeOfOrder(huge, pageShift)} and above`,
    ]),
    ...(atLeast.length === 0
      ? []
      : ["               > marks counts that are more than that: so are the indices not exact"]),
  ];
}

function rowsOf(zone: FreeMemoryOfZone, glyphs: "blocks" | "ascii", paint: Paint): string[] {
  const { counts, pageShift, atLeast = [] } = zone;
  const pages = freePagesOf(counts);
  const blocksOf = (order: number): string =>
    `${atLeast.includes(order) ? ">" : ""}${grouped(counts[order] ?? 0)}`;
  const width = Math.max(6, ...counts.map((_, order) => blocksOf(order).length));
  const cells = (texts: readonly string[]): string => {
    const [order = "", size = "", blocks = "", ...indices] = texts;
    return `${order.padStart(5)}  ${size.padStart(8)}  ${blocks.padStart(width)}  ` +
      indices.map((text) => text.padStart(8)).join("  ");
  };
  const head = cells(["order", "size", "blocks", "extfrag", "unusable", "usable"]);
  return [
    paint.dim(`${head}   share of free memory`),
    ...indicesOf(counts).map(({ order, external, unusable, share }) => {
      const part = BigInt(counts[order] ?? 0) << BigInt(order);
      const texts = [external, unusable, share].map(indexText);
      const row = cells([
        String(order),
        sizeOfOrder(order, pageShift),
        blocksOf(order),
        ...texts,
      ]);
      return `${row}   ${paint.free(barOf(part, pages, glyphs))}`;
    }),
  ];
}

/**
 * The fragmentation of a zone or an area, as lines: what is free, and for each order the blocks, the
 * external fragmentation index, the unusable free space index, the share of free memory in blocks from this
 * order on, and a bar for what the order itself holds.
 *
 * @param zone the zone
 * @param options colours, and how bars are drawn
 * @returns the lines
 */
export function fragmentationLines(
  zone: FreeMemoryOfZone,
  options: FragmentationOptions = {},
): string[] {
  const { paint = PLAIN_PAINT, glyphs = "ascii" } = options;
  return [
    paint.bold(zone.title),
    ...summaryLines(zone),
    "",
    ...rowsOf(zone, glyphs, paint),
  ].map((line) => line.trimEnd());
}

/**
 * Writes how fragmented the free memory of each area is.
 *
 * @param subject the architecture, the edition and the page size; a machine is one
 * @param areas the areas
 * @param options colours, and how bars are drawn
 * @returns the text; "no areas" if there are none
 */
export function printFragmentation(
  subject: PagedSubject,
  areas: readonly AreaView[],
  options: FragmentationOptions = {},
): string {
  if (areas.length === 0) return "no areas\n";
  const { pageShift } = subject;
  return textOf(areas.flatMap((view, index) => [
    ...(index === 0 ? [] : [""]),
    ...fragmentationLines(
      { title: areaTitle(subject, view), pageShift, counts: freeCountsOf([view]) },
      options,
    ),
  ]));
}

/**
 * Writes the free blocks of each area as `/proc/buddyinfo` has them: an area is a zone of node 0, and
 * several areas of a zone are one row.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas the areas
 * @returns the text; empty if there are no areas
 */
export function printBuddyInfo(subject: PagedSubject, areas: readonly AreaView[]): string {
  const table = areaTableOf(subject.arch, subject.edition);
  const zones = [...new Set(areas.map(zoneOf))];
  const rows = zones.map((zone) => {
    const name = areaNameOf(table, zone);
    const counts = freeCountsOf(areas.filter((view) => zoneOf(view) === zone));
    return { node: 0, zone: name === "" ? `area${zone}` : name, counts };
  });
  const orders = Math.max(0, ...rows.map(({ counts }) => counts.length));
  return writeBuddyInfo({
    kind: "buddyinfo",
    rows: rows.map((row) => ({
      ...row,
      counts: Array.from({ length: orders }, (_, order) => row.counts[order] ?? 0),
    })),
  });
}
