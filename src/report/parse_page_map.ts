/**
 * Page maps as input: the notation of {@linkcode printPageMap}, read back.
 *
 * @module
 */

import type { PageStateFormat } from "../edition.ts";
import type { AreaView, StateRun } from "../page_allocator.ts";
import { areaNumber, order, pfn, PFN_LIMIT } from "../units.ts";
import type { AreaNumber, Order, Pfn } from "../units.ts";
import { bareHex } from "./columns.ts";
import { LABEL_GAP } from "./map_lines.ts";
import { addRun, MapReader, type StateNote } from "./map_reader.ts";
import { OUTSIDE, ROW_FRAMES } from "./map_rows.ts";
import { RULER } from "./page_map.ts";
import { parseStateText } from "./state_text.ts";
import { formatOf, type Subject } from "./subject.ts";

/** What a page map says of an area: everything but its lists. */
export interface PageMap {
  /** The slot; null if the map does not say. */
  readonly area: AreaNumber | null;
  /** The frame at which the metadata begins. */
  readonly metadata: Pfn;
  /** The first usable frame. */
  readonly base: Pfn;
  /** The first frame after. */
  readonly top: Pfn;
  /** The largest order worth searching; null if the map does not say. */
  readonly maxOrder: Order | null;
  /** The page states of `[base, top)`; neighbours differ. */
  readonly states: readonly StateRun[];
}

/** How a page map is read. */
export interface ParsePageMapOptions {
  /** The frame of the first cell, for a map of bare cells. */
  readonly first?: number;
}

/**
 * What the page map of an area says.
 *
 * @param view the area
 * @returns the same without lists
 */
export function pageMapOf(view: AreaView): PageMap {
  const { area, metadata, base, top, maxOrder } = view;
  const states: StateRun[] = [];
  for (const run of view.states) addRun(states, run.state, run.count);
  return { area, metadata, base, top, maxOrder, states };
}

/** What the line with the area's limits says. */
interface Heading {
  readonly area: AreaNumber;
  readonly base: Pfn;
  readonly top: Pfn;
  readonly maxOrder: Order | null;
  readonly metadata: Pfn | null;
}

/** A line that counts: its number, from 1, and its text without spaces at its end. */
interface Line {
  readonly number: number;
  readonly text: string;
}

const HEADING =
  /^area (\d+)(?: {2}\S+)? {2}base ([0-9a-f]+) {2}top ([0-9a-f]+)(?: {2}max order (\d+))?(?: {2}metadata ([0-9a-f]+))?$/;
const NOTE = /^state ([0-9a-f]+)(?:\.\.([0-9a-f]+))? +([^\s,]+)/;
const ROW = new RegExp(`^ *([0-9a-f]+) {${LABEL_GAP}}(.*)$`);
const LIKE_IT = /^… (\d+) rows like it$/;
const INNER = /^… \d+ rows: (\d+) frames of (?:one block|(\d+) blocks), order (\d+)$/;
/** Of a row that has several states, at most so many copies are read. */
const MOST_ROWS = 2 ** 22;

const NOTHING = /^$|^legend |^page map |^no page states$/;

function refuse(line: Line | null, what: string): never {
  const where = line === null ? "" : `line ${line.number}: `;
  throw new SyntaxError(`Cannot read the page map: ${where}${what}`);
}

function hexPfn(line: Line, text: string): Pfn {
  const value = parseInt(text, 16);
  if (value >= PFN_LIMIT) refuse(line, `the pfn ${text} must be below 2^52`);
  return pfn(value);
}

/**
 * Reads the page map of one area.
 *
 * It reads what {@linkcode printPageMap} writes, with the legend or without, folded or not, as long as
 * no rows are left out. It also reads bare cells, `## .0 .1 -- f2 -- -- --`, if it is told the first
 * frame. `!!` needs a line such as `state 100005  A2`.
 *
 * @param subject the architecture and the edition, whose encoding the states get; a machine is one
 * @param text the map
 * @param options the frame of the first bare cell
 * @returns the area; parsing what was printed gives {@linkcode pageMapOf} the same area
 * @throws {SyntaxError} if a line is none of a page map, or a cell cannot stand where it does
 *
 * @example Bare cells
 * ```ts
 * import { DEFAULT_EDITION } from "@buddyscope/sim";
 * import { X86_64 } from "@buddyscope/sim/arch";
 * import { parsePageMap } from "@buddyscope/sim/report";
 * import { assertEquals } from "@std/assert";
 *
 * const subject = { arch: X86_64, edition: DEFAULT_EDITION };
 * const map = parsePageMap(subject, "## .0 A1 -- f2 -- -- --", { first: 0x100000 });
 * assertEquals(map.base, 0x100001);
 * assertEquals(map.states.map(({ state }) => state), [0x00, 0x81, 0x42]);
 * ```
 */
export function parsePageMap(
  subject: Subject,
  text: string,
  options: ParsePageMapOptions = {},
): PageMap {
  const format = formatOf(subject);
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, text: line.trimEnd() }))
    .filter((line) => !NOTHING.test(line.text.trim()) && line.text.trim() !== RULER.trim());
  const headings = lines.filter((line) => line.text.trim().startsWith("area "));
  const [first, second] = headings;
  if (second !== undefined) refuse(second, "one area must stand alone");
  const heading = first === undefined ? null : readHeading(first);
  const notes = lines.filter(isNote).map((line) => readNote(line, format));
  const rows = lines.filter((line) => !isNote(line) && line !== first);
  return withHeading(heading, readRows(rows, format, notes, options.first ?? null));
}

function isNote(line: Line): boolean {
  return line.text.trim().startsWith("state ");
}

function readHeading(line: Line): Heading {
  const match = HEADING.exec(line.text.trim());
  if (match === null) refuse(line, `it must say "area N  base PFN  top PFN"`);
  const [, area = "", base = "", top = "", maxOrder, metadata] = match;
  if (Number(area) > 31) refuse(line, `the area ${area} must lie between 0 and 31`);
  if (Number(maxOrder ?? 0) > 255) refuse(line, `the order ${maxOrder} must be at most 255`);
  return {
    area: areaNumber(Number(area)),
    base: hexPfn(line, base),
    top: hexPfn(line, top),
    maxOrder: maxOrder === undefined ? null : order(Number(maxOrder)),
    metadata: metadata === undefined ? null : hexPfn(line, metadata),
  };
}

function readNote(line: Line, format: PageStateFormat): StateNote {
  const [, first = "", last = first, text = ""] = NOTE.exec(line.text.trim()) ?? [];
  const state = parseStateText(format, text);
  if (state === null) refuse(line, "it must name frames and a state, and none may be left out");
  return { first: hexPfn(line, first), last: hexPfn(line, last), state };
}

/** A row: its cells, and the frame of the first one if the row says so. */
interface Row {
  readonly first: number | null;
  readonly cells: readonly string[];
}

function readRow(line: Line): Row {
  const [, label, rest] = ROW.exec(line.text) ?? [];
  if (label === undefined || rest === undefined) {
    return { first: null, cells: line.text.trim().split(/ +/) };
  }
  if (!/^(?:.. )*..$/.test(rest) || rest.length >= 3 * ROW_FRAMES) {
    refuse(line, "it must have at most 16 cells of two characters, a space apart");
  }
  const cells = Array.from({ length: Math.ceil(rest.length / 3) }, (_, column) => {
    return rest.slice(3 * column, 3 * column + 2);
  });
  return { first: hexPfn(line, label), cells };
}

function readRows(
  lines: readonly Line[],
  format: PageStateFormat,
  notes: readonly StateNote[],
  first: number | null,
): MapReader | null {
  let reader: MapReader | null = null;
  let above: readonly string[] = [];
  let current: Line | null = null;
  const complain: (what: string) => never = (what) => refuse(current, what);
  for (const line of lines) {
    current = line;
    const fold = line.text.trim();
    if (fold.includes("…") && reader !== null) {
      readFold(reader, fold, above, complain);
      continue;
    }
    const row = readRow(line);
    const leading = row.cells.findIndex((cell) => cell !== OUTSIDE);
    if (reader === null) {
      const start = row.first === null ? first : row.first + leading;
      if (start === null) {
        complain("the row must begin with a pfn, or the first frame must be given");
      }
      reader = new MapReader(start, format, notes, complain);
    } else if (row.first !== null && row.first !== reader.next) {
      complain(`the row must begin at frame ${bareHex(reader.next)}`);
    }
    above = row.cells.slice(leading);
    for (const cell of above) reader.cells(cell, 1);
  }
  return reader;
}

/** Reads a line that stands for rows. */
function readFold(
  reader: MapReader,
  text: string,
  above: readonly string[],
  complain: (what: string) => never,
): void {
  const [, rows] = LIKE_IT.exec(text) ?? [];
  const [, frames, blocks = "1", blockOrder] = INNER.exec(text) ?? [];
  if (frames !== undefined && blockOrder !== undefined) {
    reader.moreBlocks(Number(frames), Number(blocks), Number(blockOrder));
  } else if (rows === undefined || above.length !== ROW_FRAMES) {
    complain("rows must not be left out");
  } else if (above.every((cell) => cell === above[0])) {
    reader.cells(above[0] ?? OUTSIDE, Number(rows) * ROW_FRAMES);
  } else if (Number(rows) > MOST_ROWS) {
    complain(`at most ${MOST_ROWS} rows of several states must be told in a line`);
  } else {
    for (let row = 0; row < Number(rows); row++) {
      for (const cell of above) reader.cells(cell, 1);
    }
  }
}

function withHeading(heading: Heading | null, reader: MapReader | null): PageMap {
  if (reader === null) {
    if (heading === null) refuse(null, "there must be a row of cells");
    return { ...heading, metadata: heading.metadata ?? heading.base, states: [] };
  }
  const { base, states } = reader.finish();
  const metadata = pfn(reader.first);
  const limits = { base: pfn(base), top: pfn(reader.next) };
  if (heading === null) return { area: null, metadata, ...limits, maxOrder: null, states };
  for (const name of ["base", "top"] as const) {
    if (states.length > 0 && heading[name] !== limits[name]) {
      refuse(
        null,
        `the ${name} ${bareHex(heading[name])} must be that of its rows, ${bareHex(limits[name])}`,
      );
    }
  }
  return { ...heading, metadata: heading.metadata ?? metadata, states };
}
