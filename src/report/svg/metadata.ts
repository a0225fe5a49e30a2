/**
 * The metadata array as a picture: one cell for each frame, or for each run that has to share one.
 *
 * @module
 */

import type { PageStateFormat } from "../../edition.ts";
import type { AreaView } from "../../page_allocator.ts";
import { countFrames, piecesOf } from "../block_runs.ts";
import { bareHex, counted } from "../columns.ts";
import { countsText } from "../map_lines.ts";
import { stateMeaning, stateText } from "../state_text.ts";
import { areaHeading, areaTitle, formatOf, type Subject } from "../subject.ts";
import { type AreaCells, cellsOf, type FoldedCell, STATUS_KEYS } from "./area_cells.ts";
import { markOf, statusLegend } from "./marks.ts";
import { overviewOf } from "./overview.ts";
import { MARGIN, pictureOf, type PictureOptions, widthOfPicture, wrapped } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { type Box, element, rectOf, textAt } from "./xml.ts";

/** No cell is narrower, in pixels: two characters fit. */
const LEAST_CELL = 13;
/** The height of a row, in pixels, and of a cell in it. */
const ROW = 21;
const CELL_HEIGHT = 18;
/** The cells of all areas together, about: what a picture can hold without growing heavy. */
const MOST_CELLS = 1024;

/** Where frames lie in the picture of an area. */
interface Layout {
  readonly cells: AreaCells;
  readonly left: number;
  readonly top: number;
  readonly rowWidth: number;
  /** The place of each row, by its first frame. */
  readonly places: ReadonlyMap<number, number>;
}

/** Where frames lie that are in one row, or fill rows. */
function boxOf({ cells, left, top, rowWidth, places }: Layout, first: number, frames: number): Box {
  const { rowFrames } = cells;
  const offset = first % rowFrames;
  return {
    x: left + offset / rowFrames * rowWidth,
    y: top + (places.get(first - offset) ?? 0) * ROW,
    width: Math.min(1, frames / rowFrames) * rowWidth,
    height: CELL_HEIGHT,
  };
}

/** Frames row by row; in rows that are not drawn there is nothing. */
function inRows(cells: AreaCells, first: number, end: number): { first: number; frames: number }[] {
  return cells.rows.flatMap((row) => {
    const [from, to] = [Math.max(first, row.first), Math.min(end, row.first + cells.rowFrames)];
    return from < to ? [{ first: from, frames: to - from }] : [];
  });
}

/** What stands in a block; one that is larger than its row says how large. */
function blockText(
  { cells }: Layout,
  format: PageStateFormat,
  { frames, state }: { readonly frames: number; readonly state: number },
): string {
  const text = stateText(format, state);
  const rows = frames / cells.rowFrames;
  return rows > 1 ? `${text}, ${counted(rows, "row")} in one` : text;
}

function blockParts(layout: Layout, format: PageStateFormat): string[] {
  return layout.cells.blocks.flatMap(({ first, frames, state }) => {
    const meaning = stateMeaning(format, state);
    if (meaning === null) return [];
    const box = boxOf(layout, first, frames);
    const title = `${bareHex(first)}, order ${meaning.order}, ${meaning.status}`;
    return [
      rectOf(box, `${meaning.status} edge`, title, { "data-pfn": bareHex(first) }),
      textAt(box.x + box.width / 2, box.y + 13, blockText(layout, format, { frames, state }), {
        class: "cell",
      }),
    ];
  });
}

/** A folded cell: the shares of the statuses, one on the other; equal marks of a row are one path. */
function foldedParts(layout: Layout): string[] {
  const paths = new Map<string, string[]>();
  for (const cell of layout.cells.folded) {
    const box = boxOf(layout, cell.first, cell.frames);
    let y = box.y;
    for (const key of STATUS_KEYS) {
      if (cell.counts[key] === 0) continue;
      const height = box.height * cell.counts[key] / cell.frames;
      const corner = `M${box.x.toFixed(1)} ${y.toFixed(1)}`;
      const path = `${corner}h${box.width.toFixed(1)}v${height.toFixed(1)}h-${
        box.width.toFixed(1)
      }z`;
      paths.set(key, [...paths.get(key) ?? [], path]);
      y += height;
    }
  }
  return STATUS_KEYS.flatMap((key) => {
    const path = paths.get(key);
    return path === undefined ? [] : [element("path", { class: markOf(key), d: path.join("") })];
  });
}

/** The edges of folded cells, in one path. */
function foldedEdges(layout: Layout, folded: readonly FoldedCell[]): string[] {
  if (folded.length === 0) return [];
  const path = folded.map(({ first, frames }) => {
    const { x, y, width, height } = boxOf(layout, first, frames);
    return `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${height}h-${width.toFixed(1)}z`;
  });
  return [element("path", { class: "rule", d: path.join("") })];
}

function rowLabels({ cells, top, left }: Layout): string[] {
  return cells.rows.map(({ first }, row) =>
    textAt(left - 8, top + row * ROW + 13, bareHex(first), { class: "end" })
  );
}

function frameParts(layout: Layout, view: AreaView, format: PageStateFormat): string[] {
  const { cells } = layout;
  const states = view.metadata < view.base ? inRows(cells, view.metadata, view.base) : [];
  const unknown = view.states.length === 0 ? inRows(cells, view.base, view.top) : [];
  const boxes = (pieces: typeof states): Box[] =>
    pieces.map(({ first, frames }) => boxOf(layout, first, frames));
  return [
    ...rowLabels(layout),
    ...boxes(states).map((box) => rectOf(box, "metadata edge", "page states")),
    ...boxes(unknown).map((box) => rectOf(box, "hole edge", "no page states")),
    ...foldedParts(layout),
    ...foldedEdges(layout, cells.folded),
    ...blockParts(layout, format),
    ...cells.disagreeing.map((first) => {
      const box = boxOf(layout, first, cells.cellFrames);
      return rectOf(box, "wrong edge", `state disagrees at or behind ${bareHex(first)}`);
    }),
  ];
}

/** How an area is laid out. */
function layoutOf(
  view: AreaView,
  format: PageStateFormat,
  width: number,
  { top, areas }: { readonly top: number; readonly areas: number },
): Layout {
  const left = MARGIN + bareHex(Math.max(view.top, view.base)).length * CHARACTER + 12;
  const room = width - MARGIN - left;
  const rowCells = 2 ** Math.floor(Math.log2(room / LEAST_CELL));
  const mostRows = Math.max(2, Math.floor(MOST_CELLS / rowCells / areas));
  const cells = cellsOf(view, format, { rowCells, mostRows });
  const places = new Map(cells.rows.map(({ first }, row) => [first, row]));
  return { cells, left, top, rowWidth: room, places };
}

function describe(subject: Subject, view: AreaView): string {
  const { base, top, states } = view;
  const [counts] = countFrames(piecesOf(view, formatOf(subject)), [base, Math.max(base, top)]);
  const frames = counts === undefined || states.length === 0
    ? "no page states"
    : countsText(counts);
  return `${areaTitle(subject, view)}, ${bareHex(base)} to ${bareHex(top)}: ${frames}.`;
}

function scaleText({ cellFrames, rowFrames }: AreaCells): string {
  const row = `${counted(rowFrames, "frame")} a row`;
  return cellFrames === 1 ? `one cell a frame, ${row}` : `${cellFrames} frames a cell, ${row}`;
}

/**
 * Draws the metadata array: all areas to one scale with their zones and the holes between them, and
 * each area block by block. A large area is folded: where a cell stands for several frames, it shows the
 * shares of what they are.
 *
 * Each block is a `rect` with its first frame as `data-pfn`, and its words as `title`.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas the areas
 * @param options the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 *
 * @example Usage
 * ```ts
 * import { createMachine, declareRam, DEFAULT_EDITION, pfn } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { metadataSvg } from "@buddyscope/sim/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const machine = createMachine({ arch: X86_64, edition: DEFAULT_EDITION });
 * declareRam(machine, pfn(0x100), pfn(0x110));
 * machine.pages.initArea(0, pfn(0x100), pfn(0x110));
 * const svg = metadataSvg(machine, machine.pages.areas(), { moment: "at the start" });
 * assertStringIncludes(svg, "<title>108, order 3, fresh</title>");
 * ```
 */
export function metadataSvg(
  subject: Subject,
  areas: readonly AreaView[],
  options: PictureOptions = {},
): string {
  const width = widthOfPicture(options);
  const format = formatOf(subject);
  const overview = areas.length === 0 ? null : overviewOf(subject, areas, width);
  const parts = [...overview?.parts ?? [textAt(MARGIN, 14, "no areas")]];
  let height = overview?.height ?? LINE;
  for (const view of areas) {
    const lines = wrapped(
      areaHeading(subject, view).replaceAll("  ", " \u00b7 "),
      width - 2 * MARGIN,
    );
    const top = height + (lines.length + 1) * LINE + 6;
    const layout = layoutOf(view, format, width, { top, areas: areas.length });
    parts.push(
      "\n",
      ...lines.map((text, row) =>
        textAt(MARGIN, height + 13 + row * LINE, text, { class: "strong" })
      ),
      textAt(MARGIN, top - 9, scaleText(layout.cells)),
      ...frameParts(layout, view, format),
    );
    height = top + layout.cells.rows.length * ROW + 10;
  }
  const legend = [
    ...statusLegend(format),
    { mark: "metadata", text: "# holds page states" },
    { mark: "wrong", text: "! no block's state" },
    ...overview?.legend ?? [],
  ];
  const description = areas.map((view) => describe(subject, view)).join(" ");
  const topic = { kind: "metadata", what: "page states", subject, description, options };
  return pictureOf(topic, { parts, height, legend });
}
