/**
 * The address space of a machine as bars: what each part of memory became.
 *
 * @module
 */

import { bytesOf } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";
import type { Stretch } from "../boot/mod.ts";
import { sizeWords } from "./size_words.ts";
import { hexAddress } from "./columns.ts";
import type { Paint, PaintText } from "./paint.ts";

/** With what the cells of a bar are drawn. */
export type Glyphs = "blocks" | "ascii";

/** What a cell can show, by falling importance where two have the same share. */
export type CellUse =
  | "not-mapped"
  | "under-vmalloc"
  | "lost"
  | "usable"
  | "page-states"
  | "image"
  | "early"
  | "reserved";

/** How a use is drawn and named. */
interface CellRow {
  readonly use: CellUse;
  readonly blocks: string;
  readonly ascii: string;
  readonly name: string;
  readonly paint: (paint: Paint) => PaintText;
}

const CELL_ROWS: readonly CellRow[] = [
  { use: "not-mapped", blocks: "▚", ascii: "!", name: "handed out, not mapped", paint: bad },
  { use: "under-vmalloc", blocks: "▞", ascii: "v", name: "handed out, under vmalloc", paint: bad },
  { use: "lost", blocks: "░", ascii: "x", name: "lost", paint: bad },
  { use: "usable", blocks: "█", ascii: "#", name: "handed out", paint: (paint) => paint.fresh },
  { use: "page-states", blocks: "▓", ascii: "s", name: "page states", paint: allocated },
  { use: "image", blocks: "▒", ascii: "i", name: "image and below", paint: allocated },
  { use: "early", blocks: "▄", ascii: "e", name: "early allocator", paint: allocated },
  { use: "reserved", blocks: "·", ascii: "-", name: "no RAM", paint: (paint) => paint.dim },
];

function bad(paint: Paint): PaintText {
  return paint.bad;
}

function allocated(paint: Paint): PaintText {
  return paint.allocated;
}

/** A stretch of addresses and what it became. */
export interface Layer extends Stretch {
  /** What it became. */
  readonly use: CellUse;
}

/** The widest bar, in cells. */
const MOST_CELLS = 64;

/** A hole this part of all RAM or larger starts a new bar. */
const HOLE_SHARE = 4n;

/**
 * What is drawn: risks above what they are risks of, RAM, and the rest of the map.
 *
 * @param verdict the verdict
 * @returns the stretches, the topmost first
 */
export function layersOf({ parts, risks, map }: BootVerdict): Layer[] {
  return [
    ...risks.map(({ first, end, risk }) => ({ first, end, use: risk })),
    ...parts.map(({ first, end, use }) => ({ first, end, use })),
    ...map.ranges.filter(({ kind }) => kind !== "ram").map(({ first, size }) => ({
      first,
      end: first + size,
      use: "reserved" as const,
    })),
  ];
}

/**
 * The stretches to be drawn: RAM without its large holes.
 *
 * @param parts the RAM, by ascending address
 * @returns the stretches, by ascending address
 */
export function barsOf(parts: readonly Stretch[]): Stretch[] {
  const widest = bytesOf(parts) / HOLE_SHARE;
  const bars: Stretch[] = [];
  for (const { first, end } of parts) {
    const last = bars.at(-1);
    if (last === undefined || first - last.end > widest) bars.push({ first, end });
    else bars[bars.length - 1] = { first: last.first, end };
  }
  return bars;
}

/** The size of a cell: a power of two, with which the longest bar fits. */
function cellBytesOf(bars: readonly Stretch[]): bigint {
  const longest = bars.reduce(
    (most, { first, end }) => end - first > most ? end - first : most,
    1n,
  );
  let bytes = 0x1000n;
  while (bytes * BigInt(MOST_CELLS - 1) < longest) bytes *= 2n;
  return bytes;
}

/** What most of a cell became; null for a hole. */
function useOf(layers: readonly Layer[], cell: Stretch): CellUse | null {
  const shares = new Map<CellUse, bigint>();
  for (const { first, end, use } of layers) {
    const from = first > cell.first ? first : cell.first;
    const to = end < cell.end ? end : cell.end;
    if (from < to) shares.set(use, (shares.get(use) ?? 0n) + to - from);
  }
  let best: CellUse | null = null;
  let most = 0n;
  for (const { use } of CELL_ROWS) {
    const share = shares.get(use) ?? 0n;
    if (share > most) [best, most] = [use, share];
  }
  return best;
}

function usesOf(layers: readonly Layer[], bar: Stretch, cellBytes: bigint): (CellUse | null)[] {
  const uses: (CellUse | null)[] = [];
  for (let first = bar.first - bar.first % cellBytes; first < bar.end; first += cellBytes) {
    uses.push(useOf(layers, { first, end: first + cellBytes }));
  }
  return uses;
}

/** Cells in a row with the same use are painted together. */
function barText(uses: readonly (CellUse | null)[], glyphs: Glyphs, paint: Paint): string {
  let text = "";
  for (let at = 0; at < uses.length;) {
    let to = at;
    while (to < uses.length && uses[to] === uses[at]) to++;
    const row = CELL_ROWS.find(({ use }) => use === uses[at]);
    text += row === undefined ? " ".repeat(to - at) : row.paint(paint)(
      row[glyphs].repeat(to - at),
    );
    at = to;
  }
  return text;
}

/**
 * Draws the address space: a bar for each stretch of RAM without a large hole, all to the same scale. A
 * cell shows what most of it became.
 *
 * @param verdict the verdict
 * @param glyphs blocks, or ASCII
 * @param paint the colours
 * @returns the lines: the scale, the bars, the legend
 */
export function pictureLines(verdict: BootVerdict, glyphs: Glyphs, paint: Paint): string[] {
  const bars = barsOf(verdict.parts);
  const layers = layersOf(verdict);
  const cellBytes = cellBytesOf(bars);
  const width = Math.max(0, ...bars.map(({ first }) => hexAddress(first).length));
  const drawn = bars.map((bar) => ({ bar, uses: usesOf(layers, bar, cellBytes) }));
  const used = new Set(drawn.flatMap(({ uses }) => uses));
  const legend = CELL_ROWS.filter(({ use }) => used.has(use))
    .map((row) => `${row.paint(paint)(row[glyphs])} ${row.name}`);
  return [
    `${paint.bold("address space")}  ${sizeWords(cellBytes)} a cell`,
    ...drawn.map(({ bar, uses }) =>
      `  ${hexAddress(bar.first).padStart(width)}  ${barText(uses, glyphs, paint)}  ${
        hexAddress(bar.end)
      }`
    ),
    `  ${" ".repeat(width)}  ${legend.join("   ")}`,
  ];
}
