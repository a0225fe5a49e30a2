/**
 * Designs of metadata as tables and as a picture.
 *
 * @module
 */

import { DESIGNS, RAM_SIZES, REPORTING_ORDERS } from "../metadata_design/mod.ts";
import type {
  Comparison,
  DesignFigures,
  OperationCost,
  SizeFigures,
} from "../metadata_design/mod.ts";
import { sizeWords } from "../report/mod.ts";
import { hazardLines } from "./designs_hazards.ts";
import { tableLines } from "./table.ts";
import { wrapped } from "./words.ts";

/** A comparison, and how fast each design was. */
export interface TimedComparison extends Comparison {
  /** Operations a second, by design; null where it was not measured. */
  readonly speeds: readonly (number | null)[];
}

const COLUMNS = 100;
const PAGE_BYTES = 4096;
const NONE = "-";
/** The order from which on Linux reports free pages, unless it is told another. */
const LINUX_ORDER = 9;

function grouped(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count, or a dash for 0. */
function cell(value: number): string {
  return value === 0 ? NONE : grouped(value);
}

/** A part of a whole, in percent with three decimals. */
function share(part: number, whole: number): string {
  return `${(100 * part / whole).toFixed(3)} %`;
}

/** A count in at most five characters. */
function short(value: number): string {
  if (value < 1e5) return value === 0 ? NONE : `${value}`;
  if (value < 1e6) return `${Math.round(value / 1e3)}k`;
  return value < 999.5e6 ? `${(value / 1e6).toPrecision(3)}M` : `${(value / 1e9).toPrecision(3)}G`;
}

/** Rows with the numbers flush right. */
function numberTable(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widthOf(column)) : text.padStart(widthOf(column))
    );
    return cells.join("  ").trimEnd();
  });
}

/** What the designs are: a line or some for each. */
export function designLines(): string[] {
  const rows = DESIGNS.map(({ name, title }) => [name, title]);
  return tableLines(rows, { indent: 0, columns: COLUMNS });
}

/** The rows of designs on machines of each size: a title, and a cell for each size. */
function sizeRows(
  sizes: readonly SizeFigures[],
  title: string,
  of: (one: SizeFigures) => string,
): string[][] {
  const names = [...new Set(sizes.map(({ design }) => design))];
  const cellsOf = (name: string): string[] =>
    RAM_SIZES.flatMap((ram) =>
      sizes.filter((one) => one.design === name && one.ram === ram).map(of)
    );
  const head = [title, ...RAM_SIZES.map((ram) => sizeWords(BigInt(ram)))];
  return [head, ...names.map((name) => [name, ...cellsOf(name)])];
}

/** What each design takes of RAM, and what an operation costs, on 64 bits with pages of 4 KiB. */
export function sizeLines(sizes: readonly SizeFigures[]): string[] {
  const bytes = sizeRows(
    sizes,
    "metadata",
    ({ metadataBytes }) => sizeWords(BigInt(metadataBytes)),
  );
  const worst = sizes.filter((one) => one.worstBytes > one.metadataBytes)
    .map((one) => ({ ...one, design: `${one.design} at most` }));
  const [, ...worstRows] = sizeRows(worst, "", (one) => sizeWords(BigInt(one.worstBytes)));
  const shares = sizeRows(sizes, "share of RAM", (one) => share(one.metadataBytes, one.ram));
  const [, ...worstShares] = sizeRows(worst, "", (one) => share(one.worstBytes, one.ram));
  return [
    ...numberTable([...bytes, ...worstRows]),
    "",
    ...numberTable([...shares, ...worstShares]),
    "",
    ...numberTable(sizeRows(sizes, "pages written", (one) => cell(one.metadataPages))),
    "",
    ...numberTable(sizeRows(sizes, "lines an allocation", (one) => meanOf(one.allocations))),
    "",
    ...numberTable(sizeRows(sizes, "lines a release", (one) => meanOf(one.releases))),
  ];
}

function meanOf({ count, lines }: OperationCost): string {
  return count === 0 ? NONE : (lines / count).toFixed(2);
}

function speedText(speed: number | null): string {
  return speed === null ? NONE : (speed / 1e6).toFixed(1);
}

/** The numbers of each design that do not depend on the reporting order. */
function costRows(comparison: TimedComparison): string[][] {
  const { designs, frames, pageShift, speeds } = comparison;
  const row = (title: string, of: (one: DesignFigures) => string): string[] => [
    title,
    ...designs.map(of),
  ];
  const ramBytes = frames * 2 ** pageShift;
  const isMeasured = speeds.some((speed) => speed !== null);
  return [
    row("", ({ design }) => design),
    row("metadata", ({ metadataBytes }) => sizeWords(BigInt(metadataBytes))),
    row("  share of RAM", ({ metadataBytes }) => share(metadataBytes, ramBytes)),
    row("  pages of it written", ({ metadataPages }) => cell(metadataPages)),
    row("frames dirtied with links", ({ linkedFrames }) => cell(linkedFrames)),
    row("  of these, free in the end", ({ framesWithLinks }) => cell(framesWithLinks)),
    row("lines an allocation, mean", ({ allocations }) => meanOf(allocations)),
    row("  at most", ({ allocations }) => cell(allocations.mostLines)),
    ...(comparison.releases === 0 ? [] : [
      row("lines a release, mean", ({ releases }) => meanOf(releases)),
      row("  at most", ({ releases }) => cell(releases.mostLines)),
    ]),
    ...(isMeasured ? [["million operations / s", ...speeds.map(speedText)]] : []),
    row("nodes lost, marked unused", ({ kept }) => cell(kept[0] ?? 0)),
    row(
      `nodes lost, order ${LINUX_ORDER} in place`,
      ({ kept }) => cell(kept[LINUX_ORDER] ?? 0),
    ),
    row("frames with broken poison", ({ brokenPoison }) => cell(brokenPoison)),
    ...(designs.some(({ failedRequests }) => failedRequests > 0)
      ? [row("requests that failed", ({ failedRequests }) => cell(failedRequests))]
      : []),
  ];
}

/** Numbers by reporting order: a row for all designs that have the same, none where there is nothing. */
function orderRows(
  { designs }: Comparison,
  title: string,
  of: (one: DesignFigures) => readonly number[],
): string[][] {
  const groups = new Map<string, string[]>();
  for (const one of designs) {
    const values = of(one);
    if (values.every((value) => value === 0)) continue;
    const key = values.map(short).join(" ");
    groups.set(key, [...groups.get(key) ?? [], one.design]);
  }
  return [...groups].map(([key, names]) => {
    const who = names.length === designs.length ? "all" : names.join(" ");
    return [`${title}: ${who}`, ...key.split(" ")];
  });
}

function reportingLines(comparison: Comparison): string[] {
  const head = ["from order", ...Array.from({ length: REPORTING_ORDERS }, (_, at) => `${at}`)];
  const rows = [
    ...orderRows(comparison, "free", ({ reportable }) => reportable),
    ...orderRows(comparison, "kept", ({ kept }) => kept),
    ...orderRows(comparison, "refaults", ({ refaults }) => refaults),
  ];
  return numberTable([head, ...rows]);
}

const BAR_COLUMNS = 70;

/** Frames that are resident because of the allocator, as bars. */
function pictureLines({ designs, pageShift }: Comparison): string[] {
  const perFrame = 2 ** pageShift / PAGE_BYTES;
  const bars = designs.map(({ design, metadataPages, framesWithLinks }) => {
    return { design, metadata: metadataPages, links: framesWithLinks * perFrame };
  });
  const most = Math.max(1, ...bars.map(({ metadata, links }) => metadata + links));
  const scale = Math.min(1, BAR_COLUMNS / most);
  const drawn = (value: number, mark: string): string => mark.repeat(Math.ceil(value * scale));
  return [
    "pages resident for the allocator's sake in the end: # metadata, o free frames with links",
    ...bars.map(({ design, metadata, links }) =>
      `${design.padEnd(4)}${drawn(metadata, "#")}${drawn(links, "o")} ${grouped(metadata + links)}`
    ),
  ];
}

/**
 * The tables of a trace.
 *
 * @param comparison the numbers
 * @returns the lines
 */
export function comparisonLines(comparison: TimedComparison): string[] {
  const { name, summary, arch, frames, pageShift, requests, releases, refused } = comparison;
  const ram = sizeWords(BigInt(frames) << BigInt(pageShift)); // bits: bigints.
  const counts = [
    `${grouped(requests)} request${requests === 1 ? "" : "s"}`,
    ...(releases === 0 ? [] : [`${grouped(releases)} release${releases === 1 ? "" : "s"}`]),
    ...(refused === 0 ? [] : [`${grouped(refused)} refused`]),
  ];
  const title = `${name}  ${arch}, ${ram} in frames of ${2 ** (pageShift - 10)} KiB, ` +
    counts.join(", ");
  return [
    ...wrapped(title, 2),
    ...wrapped(summary, 2),
    "",
    ...numberTable(costRows(comparison)),
    "",
    ...reportingLines(comparison),
    "",
    ...hazardLines(comparison.hazards),
    "",
    ...pictureLines(comparison),
  ];
}

/** What the rows of the tables say. */
export const LEGEND: readonly string[] = [
  "lines       different cache lines of 64 bytes that one operation reads or writes",
  "nodes lost  list nodes in free pages that the host takes: all pages that the guest marks as unused;",
  "            blocks that are reported while they are on their lists",
  "poison      frames handed out that do not hold the poison that free pages are filled with",
  "free        frames of free blocks of at least that order in the end, which the guest can report",
  "kept        of these, frames that hold links: the host must keep them, or the nodes are lost",
  "refaults    links written to frames that the host had taken, if each block is reported when freed",
];
