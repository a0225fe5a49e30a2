/**
 * Free lists as a picture: one line for each order, its blocks front to back.
 *
 * @module
 */

import type { PageStateFormat, PageStatus } from "../../edition.ts";
import type { AreaView, FreeListView } from "../../page_allocator.ts";
import { piecesOf } from "../block_runs.ts";
import { bareHex, counted } from "../columns.ts";
import { isSound, listEndText } from "../free_lists.ts";
import { areaTitle, formatOf, type Subject } from "../subject.ts";
import { statusLegend } from "./marks.ts";
import { MARGIN, pictureOf, type PictureOptions, widthOfPicture, wrapped } from "./picture.ts";
import { CHARACTER, LINE } from "./style.ts";
import { rectOf, textAt } from "./xml.ts";

/** How free lists are drawn. */
export interface FreeListsSvgOptions extends PictureOptions {
  /** Of a longer list only the ends are drawn; 24 blocks by default, at least 2. */
  readonly mostBlocks?: number;
}

const MOST_BLOCKS = 24;
/** Of a list that is too long, so many blocks are drawn from its end. */
const LAST_BLOCKS = 6;
/** The height of a line of blocks, in pixels, and of a block. */
const ROW = 29;
const BOX_HEIGHT = 19;
const GAP = 6;

/** What is at the frames that lists lead to: the status of the block that begins there. */
type Heads = ReadonlyMap<number, PageStatus>;

/** What every list needs. */
interface Context {
  readonly heads: Heads;
  readonly format: PageStateFormat;
  readonly width: number;
  readonly left: number;
  readonly most: number;
}

/** Elements, and how far down they reach. */
interface Rows {
  readonly parts: readonly string[];
  readonly bottom: number;
}

function headsOf(areas: readonly AreaView[], format: PageStateFormat): Heads {
  const listed = new Set<number>(
    areas.flatMap(({ freeLists }) => freeLists.flatMap(({ forward }) => forward.pfns)),
  );
  const heads = new Map<number, PageStatus>();
  for (const view of areas) {
    for (const piece of piecesOf(view, format)) {
      if (piece.kind === "strays") continue;
      for (let block = 0; block < piece.count; block++) {
        const first = piece.first + block * 2 ** piece.order;
        if (listed.has(first)) heads.set(first, piece.status);
      }
    }
  }
  return heads;
}

/** How many blocks at the back are fresh; null if the encoding knows no fresh blocks. */
function freshTail({ forward }: FreeListView, { heads, format }: Context): number | null {
  if (format.fresh === format.free) return null;
  const last = forward.pfns.findLastIndex((pfn) => heads.get(pfn) !== "fresh");
  return forward.pfns.length - 1 - last;
}

/** A place on a list: a block, or a gap for those that are not drawn. */
interface Place {
  readonly text: string;
  readonly title: string;
  readonly mark: string | null;
  readonly pfn: string | null;
  readonly isFreshTail: boolean;
}

const LETTERS: Readonly<Record<PageStatus, string>> = {
  fresh: ".",
  free: "f",
  allocated: "A",
  special: "S",
};

function placesOf(list: FreeListView, context: Context): Place[] {
  const { forward: { pfns } } = list;
  const { heads, most } = context;
  const tail = freshTail(list, context) ?? 0;
  const placeAt = (position: number): Place => {
    const pfn = pfns[position] ?? 0;
    const status = heads.get(pfn);
    const what = status ?? "no block begins there";
    return {
      text: `${status === undefined ? "!" : LETTERS[status]} ${bareHex(pfn)}`,
      title: `${bareHex(pfn)}, place ${position} of order ${list.order}, ${what}`,
      mark: status ?? "wrong",
      pfn: bareHex(pfn),
      isFreshTail: position >= pfns.length - tail,
    };
  };
  const positions = (from: number, to: number): Place[] =>
    Array.from({ length: to - from }, (_, index) => placeAt(from + index));
  if (pfns.length <= most) return positions(0, pfns.length);
  const last = Math.min(LAST_BLOCKS, Math.floor(most / 2));
  const text = `… ${counted(pfns.length - most, "block")} not drawn …`;
  const isFreshTail = tail > last;
  const gap: Place = { text, title: "", mark: null, pfn: null, isFreshTail };
  return [...positions(0, most - last), gap, ...positions(pfns.length - last, pfns.length)];
}

/** Draws places from left to right, in as many lines as it takes; the fresh tail is underlined. */
function placeRows(places: readonly Place[], { left, width }: Context, top: number): Rows {
  const parts: string[] = [];
  let [x, y] = [left, top];
  for (const { text, title, mark, pfn, isFreshTail } of places) {
    const taken = text.length * CHARACTER + 10;
    if (x > left && x + taken > width - MARGIN) [x, y] = [left, y + ROW];
    const box = { x, y, width: taken, height: BOX_HEIGHT };
    if (mark !== null && pfn !== null) {
      parts.push(rectOf(box, `${mark} edge`, title, { "data-pfn": pfn }));
    }
    parts.push(
      textAt(x + taken / 2, y + 14, text, { class: mark === null ? "middle" : "cell large" }),
    );
    if (isFreshTail) {
      parts.push(rectOf({ x, y: y + BOX_HEIGHT + 2, width: taken + GAP - 2, height: 3 }, "tail"));
    }
    x += taken + GAP;
  }
  return { parts, bottom: y + ROW };
}

/** What is wrong with a list, for the lines below its blocks. */
function remarksOf(list: FreeListView): string[] {
  if (isSound(list)) return [];
  const end = listEndText(list.forward.end);
  const { backward } = list;
  return [
    ...(end === null ? [] : [end]),
    ...(backward === null ? [] : [
      `backwards ${counted(backward.pfns.length, "block")}, ${
        listEndText(backward.end) ?? "then its own head"
      }: no mirror of the way forwards`,
    ]),
  ].map((text) => `! ${text}`);
}

function listRows(list: FreeListView, context: Context, top: number): Rows {
  const { left, width } = context;
  const count = list.forward.pfns.length;
  const label = textAt(MARGIN, top + 14, `order ${list.order}`, { class: "strong" });
  const number = textAt(left - 12, top + 14, String(count), { class: "end" });
  const rows = placeRows(placesOf(list, context), context, top);
  const remarks = remarksOf(list).flatMap((text) => wrapped(text, width - MARGIN - left));
  const base = rows.bottom - 4;
  return {
    parts: [
      label,
      number,
      ...rows.parts,
      ...remarks.map((text, line) => textAt(left, base + 10 + line * LINE, text, { class: "bad" })),
    ],
    bottom: base + remarks.length * LINE + 4,
  };
}

/**
 * Draws the free lists of each area: one line for each order that has blocks, front to back. A list's
 * fresh tail is underlined; a list that does not come back to its head says where it leads.
 *
 * Each block is a `rect` with its first frame as `data-pfn`.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas all areas, as lists can be linked across
 * @param options how many blocks are drawn, the width, the moment and the id
 * @returns an SVG document
 * @throws {RangeError} if the options ask for a width or an id that no picture can have
 */
export function freeListsSvg(
  subject: Subject,
  areas: readonly AreaView[],
  options: FreeListsSvgOptions = {},
): string {
  const width = widthOfPicture(options);
  const format = formatOf(subject);
  const counts = areas.flatMap(({ freeLists }) =>
    freeLists.map(({ forward }) => forward.pfns.length)
  );
  const digits = String(Math.max(0, ...counts)).length;
  const context: Context = {
    heads: headsOf(areas, format),
    format,
    width,
    left: MARGIN + (11 + digits) * CHARACTER,
    most: Math.max(2, options.mostBlocks ?? MOST_BLOCKS),
  };
  const parts: string[] = areas.length === 0 ? [textAt(MARGIN, 14, "no areas")] : [];
  let y = areas.length === 0 ? LINE : 4;
  for (const view of areas) {
    const title = `${areaTitle(subject, view).replace("  ", " ")}: order, blocks, front to back`;
    for (const line of wrapped(title, width - 2 * MARGIN)) {
      parts.push("\n", textAt(MARGIN, y + 13, line, { class: "strong" }));
      y += LINE;
    }
    y += 5;
    if (view.freeLists.length === 0) {
      parts.push(textAt(MARGIN, y + 13, "no block is listed"));
      y += LINE;
    }
    for (const list of view.freeLists) {
      const rows = listRows(list, context, y);
      parts.push(...rows.parts);
      y = rows.bottom;
    }
    y += 12;
  }
  const description = areas.map((view) => describe(subject, view)).join(" ");
  const isTold = format.fresh !== format.free;
  const tail = isTold ? [{ mark: "tail", text: "_ fresh at the tail" }] : [];
  const legend = [...statusLegend(format), { mark: "wrong", text: "! no block" }, ...tail];
  const topic = { kind: "lists", what: "free lists", subject, description, options };
  return pictureOf(topic, { parts, height: y, legend });
}

function describe(subject: Subject, view: AreaView): string {
  const lists = view.freeLists.map(({ order, forward }) =>
    `${counted(forward.pfns.length, "block")} of order ${order}`
  );
  return `${areaTitle(subject, view)}: ${lists.length === 0 ? "none" : lists.join(", ")}.`;
}
