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

/** How a piece, or a gap between pieces, looks. */
export interface PieceLook {
  /** Its classes. */
  readonly classes: string;
  /** Its name; empty for a gap. */
  readonly label: string;
  /** What is written in it. */
  readonly text: string;
  /** The first frame of its cell; empty for none. */
  readonly frame: string;
  /** Its share of the row's width, in frames. */
  readonly grow: number;
  /** Its background, where the classes do not say it. */
  readonly background: string;
}

/** How a piece looks. */
export function lookOf(
  { first, frames, head, cell, rows }: RowPiece,
  focus: number | null,
): PieceLook {
  const words = first === head ? cell?.text ?? "##" : "";
  const classes = [
    "cell",
    cell === null ? "metadata" : cell.status,
    ...(first === head ? [] : ["more"]),
    ...(head === focus && cell !== null ? ["focus"] : []),
  ];
  return {
    classes: classes.join(" "),
    label: cellWords(head, cell),
    text: rows === 1 ? words : `${words}  ${rows} rows`,
    frame: cell === null ? "" : String(head),
    grow: frames,
    background: cell === null || cell.counts === null ? "" : sharesBackground(cell),
  };
}

/** How each row of an area looks, gaps included, by its first frame. */
export function looksOfRows(area: AreaStateView, focus: number | null): Map<number, PieceLook[]> {
  const rows = new Map<number, PieceLook[]>();
  const { rowFrames } = area;
  const gap = { classes: "gap", label: "", text: "", frame: "", background: "" };
  let [row, at] = [-1, 0];
  const fill = (end: number): void => {
    if (end > at) rows.get(row)?.push({ ...gap, grow: end - at });
  };
  for (const piece of piecesOfArea(area)) {
    const first = piece.first - piece.first % rowFrames;
    if (first !== row) {
      fill(row + rowFrames);
      rows.set(first, []);
      [row, at] = [first, first];
    }
    fill(piece.first);
    rows.get(row)?.push(lookOf(piece, focus));
    at = piece.first + Math.min(piece.frames, rowFrames);
  }
  fill(row + rowFrames);
  return rows;
}

/** A piece that is on the page. */
export interface DrawnPiece {
  /** How it looks. */
  look: PieceLook;
  /** The element. */
  readonly element: PageElement;
}

/** Makes an element look as it should: only what is another than before is touched. */
export function applyLook(element: PageElement, look: PieceLook, old: PieceLook | null): void {
  const { classes, label, text, frame, grow, background } = look;
  if (classes !== old?.classes) element.setAttribute("class", classes);
  if (label !== old?.label) {
    if (label === "") {
      element.setAttribute("aria-hidden", "true");
      for (const name of ["role", "aria-label", "tabindex"]) element.removeAttribute(name);
    } else {
      element.removeAttribute("aria-hidden");
      element.setAttribute("role", "gridcell");
      element.setAttribute("aria-label", label);
      if (element.getAttribute("tabindex") === null) element.setAttribute("tabindex", "-1");
    }
  }
  if (text !== (old?.text ?? "")) element.textContent = text;
  if (frame !== (old?.frame ?? "")) {
    if (frame === "") element.removeAttribute("data-pfn");
    else element.setAttribute("data-pfn", frame);
  }
  if (grow !== old?.grow) element.style.setProperty("flex-grow", String(grow));
  if (background !== (old?.background ?? "")) element.style.setProperty("background", background);
}

/** A row that is on the page. */
export interface DrawnRow {
  /** Its first frame. */
  first: number;
  /** The whole row. */
  readonly element: PageElement;
  /** What names the first frame. */
  readonly label: PageElement;
  /** What holds the pieces. */
  readonly cells: PageElement;
  /** The pieces and gaps. */
  pieces: DrawnPiece[];
}

/** Makes a row that holds nothing yet. */
export function makeRow(page: PageDocument, first: number): DrawnRow {
  const label = make(page, "span", { "role": "rowheader", "class": "row" }, [frameText(first)]);
  const cells = make(page, "div", { "class": "cells", "role": "presentation" });
  const element = make(page, "div", { "role": "row", "class": "line" }, [label, cells]);
  return { first, element, label, cells, pieces: [] };
}

/** Makes a row look as it should. */
export function applyRow(page: PageDocument, row: DrawnRow, looks: readonly PieceLook[]): void {
  const pieces = looks.map((look, index) => {
    const known = row.pieces[index];
    const element = known?.element ?? page.createElement("span");
    applyLook(element, look, known?.look ?? null);
    return { look, element };
  });
  if (pieces.length !== row.pieces.length) {
    row.cells.replaceChildren(...pieces.map(({ element }) => element));
  }
  row.pieces = pieces;
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

/** The metadata array of an area, as it is on the page. */
export interface DrawnGrid {
  /** The area's heading and grid. */
  readonly element: PageElement;
  /** The heading. */
  readonly heading: PageElement;
  /** The grid. */
  readonly grid: PageElement;
  /** Its rows. */
  readonly rows: readonly DrawnRow[];
}

/** Makes the place for the metadata array of an area. */
export function makeGrid(page: PageDocument, area: AreaStateView): DrawnGrid {
  const heading = make(page, "h4");
  const grid = make(page, "div", {
    "role": "grid",
    "class": "grid",
    "aria-label": `page states of ${area.title}`,
    "data-area": String(area.area),
  });
  const element = make(page, "div", { "class": "area" }, [heading, grid]);
  return { element, heading, grid, rows: [] };
}

/**
 * Draws the metadata array of an area. Rows and pieces that are there stay there, and only what changed
 * is touched: to lay out a thousand new elements takes longer than all the rest of a step.
 *
 * @param page the document
 * @param area the area
 * @param focus the block that the step is about
 * @param old what is on the page; null for nothing
 * @returns a grid, row by row
 */
export function drawMetadata(
  page: PageDocument,
  area: AreaStateView,
  focus: number | null,
  old: DrawnGrid | null,
): DrawnGrid {
  const drawn = old ?? makeGrid(page, area);
  const { heading, grid } = drawn;
  const line = areaLine(area);
  if (heading.textContent !== line) heading.textContent = line;
  const rows = [...looksOfRows(area, focus)].map(([first, looks], index) => {
    const row = drawn.rows[index] ?? makeRow(page, first);
    if (row.first !== first) row.label.textContent = frameText(first);
    row.first = first;
    applyRow(page, row, looks);
    return row;
  });
  if (rows.length !== drawn.rows.length) {
    grid.replaceChildren(...rows.map(({ element }) => element));
  }
  if (grid.querySelector('[data-pfn][tabindex="0"]') === null) {
    grid.querySelector("[data-pfn]")?.setAttribute("tabindex", "0");
  }
  return { ...drawn, rows };
}
