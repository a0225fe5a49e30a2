/**
 * Block tables: one line for each block, so that a change shows in as many lines as it has blocks.
 *
 * @module
 */

import type { AreaView } from "../page_allocator.ts";
import { type BlockLine, blockLinesOf, listingsOf } from "./block_lines.ts";
import { bareHex, counted, padRight, textOf, wrapProse } from "./columns.ts";
import type { Folding } from "./map_rows.ts";
import { type Paint, paintOfStatus, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { areaHeading, formatOf, type Subject } from "./subject.ts";

/** How block tables are written. */
export interface BlockTableOptions extends PaintOptions {
  /**
   * Whether blocks that are alike are told in one line where there are more than 48 (the default), or
   * every block has its own.
   */
  readonly folding?: Folding;
}

/** Tables with no more blocks are not folded. */
const SMALL_TABLE = 48;
/** Of a folded table: the groups of blocks from its bottom. */
const HEAD_GROUPS = 24;
/** Of a folded table: the groups at its top. */
const TAIL_GROUPS = 6;
/** Of a folded table: the blocks between with something wrong. */
const REMARKED = 8;

/** Neighbouring blocks that are alike. */
interface Group {
  readonly first: BlockLine;
  readonly last: BlockLine;
  readonly count: number;
}

/**
 * Writes the block table of each area.
 *
 * ```text
 *    pfn  frames  order  status     free list
 * 100001       1      0  fresh      0[1]
 * 100010       1      0  special    0[3]      listed but special
 * ```
 *
 * `2[0]` is the first place on the free list of order 2. What is wrong with a block stands behind it:
 * that it is listed twice or not at all, listed but in use, or that some of its states disagree.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas all areas, as lists can be linked across
 * @param options colours and folding
 * @returns the text; "no areas" if there are none
 */
export function printBlockTable(
  subject: Subject,
  areas: readonly AreaView[],
  options: BlockTableOptions = {},
): string {
  if (areas.length === 0) return "no areas\n";
  const { paint = PLAIN_PAINT, folding = "folded" } = options;
  const format = formatOf(subject);
  const listings = listingsOf(areas);
  return textOf(areas.flatMap((view, index) => {
    const columns = {
      pfn: Math.max(6, bareHex(view.top).length),
      frames: framesWidth(view),
      paint,
    };
    const lines = blockLinesOf(view, format, listings);
    const body = view.states.length === 0
      ? ["no page states"]
      : [headerLine(columns), ...tableLines(lines, folding, columns)];
    return [...(index === 0 ? [] : [""]), paint.bold(areaHeading(subject, view)), "", ...body];
  }));
}

interface Columns {
  readonly pfn: number;
  readonly frames: number;
  readonly paint: Paint;
}

function framesWidth({ base, top }: AreaView): number {
  return Math.max(6, String(Math.max(0, top - base)).length);
}

function headerLine({ pfn, frames, paint }: Columns): string {
  const words = ["pfn".padStart(pfn), "frames".padStart(frames), "order", "status     free list"];
  return paint.dim(words.join("  "));
}

/** The lines of blocks; too many are folded. */
function tableLines(lines: Iterable<BlockLine>, folding: Folding, columns: Columns): string[] {
  const first: BlockLine[] = [];
  const groups: Group[] = [];
  for (const line of lines) {
    if (folding === "none" || first.length <= SMALL_TABLE) first.push(line);
    if (folding === "none") continue;
    const group = groups.at(-1);
    if (group !== undefined && isAlike(group.last, line)) {
      groups[groups.length - 1] = { ...group, last: line, count: group.count + 1 };
    } else groups.push({ first: line, last: line, count: 1 });
  }
  const isWhole = folding === "none" || first.length <= SMALL_TABLE;
  return isWhole ? first.flatMap((line) => lineOf(line, columns)) : foldedLines(groups, columns);
}

function isAlike(line: BlockLine, next: BlockLine): boolean {
  return line.remarks.length === 0 && next.remarks.length === 0 &&
    line.order === next.order && line.status === next.status &&
    line.listed.length === next.listed.length && next.first === line.first + line.frames;
}

function foldedLines(groups: readonly Group[], columns: Columns): string[] {
  const lines = (some: readonly Group[]): string[] =>
    some.flatMap((group) => linesOfGroup(group, columns));
  if (groups.length <= HEAD_GROUPS + TAIL_GROUPS + 1) return lines(groups);
  const between = groups.slice(HEAD_GROUPS, -TAIL_GROUPS);
  const remarked = between.filter(({ first }) => first.remarks.length > 0);
  return [
    ...lines(groups.slice(0, HEAD_GROUPS)),
    ...lines(remarked.slice(0, REMARKED)),
    ...leftOut(between, remarked.length, columns),
    ...lines(groups.slice(-TAIL_GROUPS)),
  ];
}

function leftOut(groups: readonly Group[], remarked: number, columns: Columns): string[] {
  const counts = new Map<string, number>();
  for (const { first, count } of groups) {
    const status = first.status ?? "of no status";
    counts.set(status, (counts.get(status) ?? 0) + count);
  }
  const blocks = groups.reduce((sum, { count }) => sum + count, 0) - Math.min(remarked, REMARKED);
  const words = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  const hidden = Math.max(0, remarked - REMARKED);
  const wrong = hidden === 0 ? "" : `; something is wrong with ${hidden} of them`;
  const text = `… ${counted(blocks, "block")} not shown; in this part ${words}${wrong}`;
  return wrapProse(text, " ".repeat(columns.pfn + 2)).map(columns.paint.dim);
}

function linesOfGroup({ first, last, count }: Group, columns: Columns): string[] {
  const { pfn, paint } = columns;
  if (count === 1) return lineOf(first, columns);
  if (count === 2) return [...lineOf(first, columns), ...lineOf(last, columns)];
  const text = `… ${count - 1} more like it, up to the block at ${bareHex(last.first)}`;
  return [...lineOf(first, columns), paint.dim(" ".repeat(pfn + 2) + text)];
}

function lineOf(line: BlockLine, { pfn, frames, paint }: Columns): string[] {
  const status = padRight(line.status ?? "-", 9);
  const painted = line.status === null ? status : paintOfStatus(paint, line.status)(status);
  const listed = line.listed.length === 0 ? "-" : line.listed.join(" ");
  const start = [
    bareHex(line.first).padStart(pfn),
    String(line.frames).padStart(frames),
    String(line.order ?? "-").padStart(5),
    "",
  ].join("  ");
  if (line.remarks.length === 0) return [`${start}${painted}  ${listed}`];
  const before = `${padRight(listed, 8)}  `;
  const indent = " ".repeat(start.length + 11 + before.length);
  const [remark = "", ...rest] = wrapProse(line.remarks.join("; "), indent);
  return [
    `${start}${painted}  ${before}${paint.bad(remark.trimStart())}`,
    ...rest.map(paint.bad),
  ];
}
