/**
 * The metadata array of an area as a grid of cells.
 *
 * @module
 */

import type { AreaStateView, CellView } from "../model/mod.ts";
import type { PageDocument, PageElement } from "./dom.ts";
import { countText, frameText, make } from "./elements.ts";

/** A part of a cell, or of the page states themselves, that lies in one row. */
export interface RowPiece {
  /** The first frame of the piece. */
  readonly first: number;
  /** How many frames. */
  readonly frames: number;
  /** The first frame of the cell. */
  readonly head: number;
  /** The cell; null for frames that hold the page states. */
  readonly cell: CellView | null;
  /** How many rows it stands for: more than one if it fills them all. */
  readonly rows: number;
}

/** Cuts a cell at the ends of rows. Rows that it fills are one. */
export function cutIntoRows(
  head: number,
  frames: number,
  rowFrames: number,
  cell: CellView | null,
): RowPiece[] {
  const pieces: RowPiece[] = [];
  const last = head + frames;
  for (let first = head; first < last;) {
    const whole = first % rowFrames === 0 ? Math.floor((last - first) / rowFrames) : 0;
    const rowEnd = first - first % rowFrames + rowFrames * Math.max(1, whole);
    const end = Math.min(last, rowEnd);
    pieces.push({ first, frames: end - first, head, cell, rows: Math.max(1, whole) });
    first = end;
  }
  return pieces;
}

/** The pieces of an area, by ascending frame. */
export function piecesOfArea({ cells, metadata, base, rowFrames }: AreaStateView): RowPiece[] {
  const heads = Object.keys(cells).map(Number).sort((one, other) => one - other);
  const pieces = heads.flatMap((head) => {
    const cell = cells[head] ?? null;
    return cutIntoRows(head, cell?.frames ?? 1, rowFrames, cell);
  });
  if (metadata >= base) return pieces;
  return [...cutIntoRows(metadata, base - metadata, rowFrames, null), ...pieces];
}

/** A cell in words. */
export function cellWords(head: number, cell: CellView | null): string {
  if (cell === null) return "page states";
  const { status, order, frames, counts } = cell;
  if (counts === null) return `${frameText(head)}, order ${order ?? "unknown"}, ${status}`;
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  return `${countText(frames, "frame")} from ${frameText(head)}: ${parts.join(", ")}`;
}

/** The shares of the statuses in a cell of several blocks, as a background. */
export function sharesBackground({ counts, frames }: CellView): string {
  let at = 0;
  const stops = Object.entries(counts ?? {}).filter(([, count]) => count > 0)
    .map(([name, count]) => {
      const from = at;
      at += count / frames * 100;
      return `var(--${name}) ${from.toFixed(1)}% ${at.toFixed(1)}%`;
    });
  return `linear-gradient(to top, ${stops.join(", ")})`;
}

/** A piece as an element. */
export function makePiece(page: PageDocument, piece: RowPiece, focus: number | null): PageElement {
  const { first, frames, head, cell, rows } = piece;
  const words = first === head ? cell?.text ?? "##" : "";
  const status = cell === null ? "metadata" : cell.status;
  const classes = [
    "cell",
    status,
    ...(first === head ? [] : ["more"]),
    ...(head === focus && cell !== null ? ["focus"] : []),
  ];
  const element = make(page, "span", {
    "role": "gridcell",
    "class": classes.join(" "),
    "tabindex": "-1",
    "aria-label": cellWords(head, cell),
    ...(cell === null ? {} : { "data-pfn": String(head) }),
  }, [rows === 1 ? words : `${words}  ${rows} rows`]);
  element.style.setProperty("flex-grow", String(frames));
  if (cell !== null && cell.counts !== null) {
    element.style.setProperty("background", sharesBackground(cell));
  }
  return element;
}

/** The line that names an area and its limits. */
export function areaLine({ title, base, top, maxOrder, cellFrames }: AreaStateView): string {
  return [
    title,
    `base ${frameText(base)}`,
    `top ${frameText(top)}`,
    ...(maxOrder === null ? [] : [`max order ${maxOrder}`]),
    ...(cellFrames === 1 ? [] : [`a cell is ${countText(cellFrames, "frame")}`]),
  ].join("  ");
}

/**
 * Draws the metadata array of an area.
 *
 * @param page the document
 * @param area the area
 * @param focus the block that the step is about
 * @returns a grid, row by row
 */
export function drawMetadata(
  page: PageDocument,
  area: AreaStateView,
  focus: number | null,
): PageElement {
  const rows = new Map<number, RowPiece[]>();
  for (const piece of piecesOfArea(area)) {
    const row = piece.first - piece.first % area.rowFrames;
    const known = rows.get(row);
    if (known === undefined) rows.set(row, [piece]);
    else known.push(piece);
  }
  const grid = make(page, "div", {
    "role": "grid",
    "class": "grid",
    "aria-label": `page states of ${area.title}`,
    "data-area": String(area.area),
  });
  for (const [row, pieces] of rows) {
    const cells = make(page, "div", { "class": "cells", "role": "presentation" });
    let at = row;
    const fill = (end: number): void => {
      if (end <= at) return;
      const gap = make(page, "span", { "class": "gap", "aria-hidden": "true" });
      gap.style.setProperty("flex-grow", String(end - at));
      cells.append(gap);
    };
    for (const piece of pieces) {
      fill(piece.first);
      cells.append(makePiece(page, piece, focus));
      at = piece.first + piece.frames;
    }
    fill(row + area.rowFrames);
    const label = make(page, "span", { "role": "rowheader", "class": "row" }, [frameText(row)]);
    grid.append(make(page, "div", { "role": "row", "class": "line" }, [label, cells]));
  }
  const first = grid.querySelector("[data-pfn]");
  first?.setAttribute("tabindex", "0");
  return make(page, "div", { "class": "area" }, [
    make(page, "h4", {}, [areaLine(area)]),
    grid,
  ]);
}
