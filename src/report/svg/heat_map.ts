/**
 * Time and address: what each frame was after each step of a run.
 *
 * @module
 */

import type { AreaView } from "../../page_allocator.ts";
import type { Run } from "../../scenario/mod.ts";
import { bareHex, counted } from "../columns.ts";
import { stateMeanings } from "../state_text.ts";
import { areaTitle, formatOf } from "../subject.ts";
import { Ages, cellsOfBand, type CellSource, type HeatCell } from "./heat_cells.ts";
import { heatLegend, mostOrderOf } from "./heat_cells.ts";
import { type Columns, columnsOf, type FrameRange, type HeatOf } from "./heat_columns.ts";
import { statesOf, united } from "./heat_columns.ts";
import { type Band, type HeatRows, rowsOf } from "./heat_rows.ts";
import { MARGIN, pictureOf, type PictureOptions, widthOfPicture, wrapped } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { element, textAt } from "./xml.ts";

/** How a heat map is drawn. */
export interface HeatMapOptions extends PictureOptions {
  /** What is shown of a frame; its state by default. */
  readonly of?: HeatOf;
}

const MOST_COLUMNS = 400;
const MOST_ROWS = 64;
/** The rows take about this height together, in pixels. */
const ROWS_HEIGHT = 480;
const WIDEST_COLUMN = 72;
/** The most digits of a frame's number. */
const MOST_LABEL = 13;
/** The distance of two numbers below the columns, in pixels. */
const TICK = 72;
const MOST_LETTERS = 300;

const WORDS: Readonly<Record<HeatOf, string>> = {
  state: "states over time",
  order: "orders over time",
  age: "age of each state over time",
};

const LETTERS: Readonly<Record<string, string>> = {
  fresh: ".",
  free: "f",
  allocated: "A",
  special: "S",
  wrong: "!",
};

/** Where the cells lie. */
interface Grid {
  readonly left: number;
  readonly column: number;
  readonly row: number;
}

/** What is shown: the rows, and what most frames of them were, column by column. */
interface Heat {
  readonly columns: Columns;
  readonly rows: HeatRows;
  readonly source: CellSource;
  /** For each band, for each row, the cells from left to right. */
  readonly cells: readonly (readonly HeatCell[][])[];
}

/** Goes through the run twice: for the frames that change, then for what they were. */
function heatOf(run: Run, of: HeatOf, mostColumns: number): Heat {
  const format = formatOf(run);
  const meanings = stateMeanings(format);
  const columns = columnsOf(run.steps.length, mostColumns);
  let changed: FrameRange[] = [];
  let areas: readonly AreaView[] = [];
  let mostOrder = 0;
  for (const state of statesOf(run, columns, of, meanings)) {
    changed = united([...changed, ...state.changed]);
    areas = state.areas;
    if (of === "order") mostOrder = Math.max(mostOrder, mostOrderOf(areas, format));
  }
  const rows = rowsOf(changed, areas, MOST_ROWS);
  const source: CellSource = { of, format, mostOrder, ages: new Ages() };
  const cells = rows.bands.map(({ limits }) => limits.slice(1).map((): HeatCell[] => []));
  for (const state of statesOf(run, columns, of, meanings)) {
    for (const [index, band] of rows.bands.entries()) {
      const found = cellsOfBand(source, band, state);
      for (const [row, cell] of found.entries()) cells[index]?.[row]?.push(cell);
    }
  }
  return { columns, rows, source, cells };
}

/** Equal cells of a row, as long as they last. */
function* segmentsOf(
  cells: readonly HeatCell[],
): Generator<{ cell: string; at: number; count: number }> {
  for (let at = 0; at < cells.length;) {
    const cell = cells[at] ?? null;
    let end = at + 1;
    while (end < cells.length && cells[end] === cell) end++;
    if (cell !== null) yield { cell, at, count: end - at };
    at = end;
  }
}

/** Collects the cells of all rows: one path for each class, of lines as thick as a row. */
class Cells {
  readonly #paths = new Map<string, string[]>();
  readonly #letters: string[] = [];
  readonly #grid: Grid;

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  /** Adds a row whose upper edge is at `y`. */
  add(cells: readonly HeatCell[], y: number): void {
    const { left, column, row } = this.#grid;
    const ends = new Map<string, number>();
    for (const { cell, at, count } of segmentsOf(cells)) {
      const path = this.#paths.get(cell) ?? [];
      const before = ends.get(cell);
      const move = before === undefined
        ? `M${left + at * column} ${y + row / 2}`
        : `m${(at - before) * column} 0`;
      path.push(`${move}h${count * column}`);
      this.#paths.set(cell, path);
      ends.set(cell, at + count);
      const letter = LETTERS[cell];
      const hasRoom = count * column >= 14 && row >= 12 && this.#letters.length < MOST_LETTERS;
      if (letter === undefined || !hasRoom) continue;
      const middle = left + (at + count / 2) * column;
      this.#letters.push(textAt(middle, y + row / 2 + 4, letter, { class: "cell" }));
    }
  }

  /** The elements. */
  parts(): string[] {
    const paths = [...this.#paths].toSorted(([one], [other]) => one < other ? -1 : 1)
      .map(([cell, path]) => element("path", { class: cell, d: path.join("") }));
    return [
      element("g", { class: "heat", "stroke-width": this.#grid.row }, paths),
      ...this.#letters,
    ];
  }
}

/** What stands above a band: the area, or what is left out between two of one area. */
function bandTitle(run: Run, band: Band, before: Band | undefined): string {
  if (before?.area !== band.area) {
    return areaTitle(run, { area: band.area as AreaView["area"] });
  }
  return `${counted(band.first - before.end, "frame")} without a change`;
}

function bandLabels(band: Band, grid: Grid, top: number): string[] {
  const every = Math.ceil(14 / grid.row);
  return band.limits.slice(0, -1).flatMap((first, row) => {
    if (row % every !== 0) return [];
    const y = top + row * grid.row + Math.min(grid.row, 14) / 2 + 4;
    return [textAt(grid.left - 8, y, bareHex(first), { class: "end" })];
  });
}

function tickParts({ lasts }: Columns, grid: Grid, top: number): string[] {
  const every = Math.max(1, Math.ceil(TICK / grid.column));
  return lasts.flatMap((last, column) => {
    if (column % every !== 0) return [];
    const x = grid.left + (column + 0.5) * grid.column;
    return [
      element("path", { class: "rule", d: `M${x} ${top}v4` }),
      textAt(x, top + 17, String(last), { class: "middle" }),
    ];
  });
}

/** Lines at what a reader looks for: where a rule broke first, and where the machine stopped. */
function eventParts(run: Run, columns: Columns, grid: Grid, height: number): string[] {
  const events = [
    { step: run.firstViolation?.step, text: "first broken rule" },
    { step: run.stoppedAt?.step, text: "stopped" },
  ];
  return events.flatMap(({ step, text }) => {
    if (step === undefined) return [];
    const column = columns.lasts.findIndex((last) => last >= step);
    const x = grid.left + (column + 0.5) * grid.column;
    const title = element("title", {}, [`${text}, step ${step}`]);
    return [element("path", { class: "way", d: `M${x} 0v${height}` }, [title])];
  });
}

function notesOf(run: Run, { columns, rows, source }: Heat): string[] {
  const { stepsEach } = columns;
  const { rowFrames } = rows;
  const most = source.of === "age" ? "the youngest change in them" : "what most of them are";
  const { firstViolation, stoppedAt } = run;
  return [
    "Left to right: steps. Downwards: frames that change, and a row around them.",
    ...(stepsEach === 1
      ? []
      : [`A column is ${stepsEach} steps, and shows what is after the last of them.`]),
    ...(rowFrames === 1 ? [] : [`A row is ${rowFrames} frames, and shows ${most}.`]),
    ...(firstViolation === null ? [] : [`Step ${firstViolation.step} breaks the first rule.`]),
    ...(stoppedAt === null ? [] : [`The machine stops at step ${stoppedAt.step}.`]),
  ];
}

/**
 * Draws a run: time from left to right, frames downwards. Only frames that ever change are shown, with
 * a row on each side; a run of many steps is folded into at most 400 columns.
 *
 * @param run the run
 * @param options what is shown of a frame, the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 *
 * @example Usage
 * ```ts
 * import { parseScenario, runScenario } from "@buddyscope/sim";
 * import { ARCHS } from "@buddyscope/sim/arch";
 * import { heatMapSvg } from "@buddyscope/sim/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const text = "machine x86_64\narea any 0x1000 0x1100\na = alloc_page\nfree_page a\n";
 * const { scenario } = parseScenario(text, { file: "a.buddy", archs: ARCHS });
 * const svg = heatMapSvg(runScenario(scenario, { archs: ARCHS }), { of: "state" });
 * assertStringIncludes(svg, "steps 0 to 3");
 * ```
 */
export function heatMapSvg(run: Run, options: HeatMapOptions = {}): string {
  const width = widthOfPicture(options);
  const { of = "state", moment } = options;
  const mostColumns = Math.min(MOST_COLUMNS, width - 2 * MARGIN - MOST_LABEL * CHARACTER);
  const heat = heatOf(run, of, Math.floor(mostColumns));
  const { columns, rows, cells } = heat;
  const rowCount = cells.reduce((sum, band) => sum + band.length, 0);
  const highest = heat.rows.bands.at(-1)?.end ?? 0;
  const gutter = bareHex(highest).length * CHARACTER + 8;
  const grid: Grid = {
    left: Math.round(MARGIN + gutter),
    column: Math.min(
      WIDEST_COLUMN,
      Math.max(1, Math.floor((width - 2 * MARGIN - gutter) / columns.lasts.length)),
    ),
    row: Math.min(18, Math.max(6, 2 * Math.floor(ROWS_HEIGHT / 2 / Math.max(1, rowCount)))),
  };
  const collected = new Cells(grid);
  const labels: string[] = [];
  let y = 0;
  for (const [index, band] of rows.bands.entries()) {
    labels.push(textAt(MARGIN, y + 13, bandTitle(run, band, rows.bands[index - 1])));
    y += LINE + 3;
    labels.push(...bandLabels(band, grid, y));
    for (const row of cells[index] ?? []) {
      collected.add(row, y);
      y += grid.row;
    }
    y += 4;
  }
  const notes = notesOf(run, heat).flatMap((note) => wrapped(note, width - 2 * MARGIN));
  const parts = [
    ...(rows.bands.length === 0 ? [textAt(MARGIN, 13, "no areas")] : []),
    ...labels,
    ...collected.parts(),
    ...tickParts(columns, grid, y),
    ...eventParts(run, columns, grid, y),
    ...notes.map((note, row) => textAt(MARGIN, y + 40 + row * LINE, note)),
  ];
  const time = run.steps.length === 0 ? "no steps" : `steps 0 to ${run.steps.length - 1}`;
  const topic = {
    kind: "heat",
    what: WORDS[of],
    subject: run,
    description: notesOf(run, heat).join(" "),
    options: { ...options, moment: moment ?? time },
  };
  return pictureOf(topic, {
    parts,
    height: y + 40 + notes.length * LINE,
    legend: heatLegend(heat.source),
  });
}
