/**
 * Free lists: which blocks stand on them, front to back, and where a damaged one leads.
 *
 * @module
 */

import type { AreaView, FreeListView, ListEnd, ListWalk } from "../page_allocator.ts";
import { bareHex, counted, hexAddress, textOf, wrapWords } from "./columns.ts";
import { type Paint, type PaintOptions, PLAIN_PAINT } from "./paint.ts";
import { areaTitle, type Subject } from "./subject.ts";

/** How free lists are written. */
export interface FreeListOptions extends PaintOptions {
  /** A longer list is shown by its ends only; 24 blocks by default. */
  readonly mostBlocks?: number;
}

const MOST_BLOCKS = 24;

/** Of a list that is too long, so many blocks are shown from its end. */
const LAST_BLOCKS = 4;

/**
 * How a walk along a list ended, in words.
 *
 * @param end the end
 * @returns such as `then null`; null if the walk came back to its own head, as it should
 */
export function listEndText(end: ListEnd): string | null {
  switch (end.kind) {
    case "own-head":
      return null;
    case "null":
      return "then null";
    case "cycle":
      return `then ${bareHex(end.pfn)} again: a cycle`;
    case "other-head":
      return `then the head of order ${end.order} of area ${end.area}`;
    case "wild":
      return `then ${
        hexAddress(end.address)
      }, which is no frame of an area and no head: a wild link`;
  }
}

/**
 * Tells whether a list is as it should be: both walks meet the same blocks and come back to its head.
 *
 * @param list the list
 * @returns false for a damaged one
 */
export function isSound(list: FreeListView): boolean {
  return list.forward.end.kind === "own-head" && list.backward === null;
}

/**
 * Writes the free lists of each area, front to back.
 *
 * A list that does not come back to its own head says in words where it leads. If the walk along the
 * previous links is no mirror of the walk along the next links, it is shown below, back to front.
 *
 * @param subject the architecture and the edition; a machine is one
 * @param areas the areas
 * @param options colours, and how many blocks of a list are shown
 * @returns the text; "no areas" if there are none
 */
export function printFreeLists(
  subject: Subject,
  areas: readonly AreaView[],
  options: FreeListOptions = {},
): string {
  if (areas.length === 0) return "no areas\n";
  const { paint = PLAIN_PAINT, mostBlocks = MOST_BLOCKS } = options;
  return textOf(areas.flatMap((view, index) => {
    const orders = Math.max(1, ...view.freeLists.map(({ order }) => String(order).length));
    const blocks = view.freeLists.map(({ forward }) => String(forward.pfns.length).length);
    const widths: Widths = { order: orders, count: Math.max(1, ...blocks) };
    const lines = view.freeLists.flatMap((list) => listLines(list, widths, mostBlocks, paint));
    return [
      ...(index === 0 ? [] : [""]),
      paint.bold(`${areaTitle(subject, view)}  listed blocks, front to back`),
      ...(lines.length === 0 ? ["none"] : lines),
    ];
  }));
}

interface Widths {
  readonly order: number;
  readonly count: number;
}

function listLines(list: FreeListView, widths: Widths, most: number, paint: Paint): string[] {
  const { order, forward, backward } = list;
  const label = `order ${String(order).padStart(widths.order)}`;
  const count = String(forward.pfns.length).padStart(widths.count);
  const head = `${label}  ${count}  `;
  const damage = " ".repeat(head.length);
  const end = listEndText(forward.end);
  return [
    ...wrapWords(blockWords(forward, most), head),
    ...(end === null ? [] : [paint.bad(damage + end)]),
    ...(backward === null ? [] : backwardLines(backward, damage, most).map(paint.bad)),
  ];
}

function backwardLines(walk: ListWalk, indent: string, most: number): string[] {
  const end = listEndText(walk.end);
  const words = walk.pfns.length === 0 ? ["nothing"] : blockWords(walk, most);
  return [
    ...wrapWords(words, `${indent}backwards ${walk.pfns.length}  `),
    `${indent}${end ?? "then its own head, but this is no mirror of the walk forwards"}`,
  ];
}

/**
 * The blocks of a walk; of a long one, those at its ends.
 *
 * @param walk the walk
 * @param most how many blocks are shown at most
 * @returns a word for each block
 */
export function blockWords({ pfns }: ListWalk, most: number): string[] {
  if (pfns.length <= most) return pfns.map(bareHex);
  const last = Math.min(LAST_BLOCKS, Math.floor(most / 2));
  const first = most - last;
  return [
    ...pfns.slice(0, first).map(bareHex),
    `… ${counted(pfns.length - most, "block")} not shown …`,
    ...pfns.slice(pfns.length - last).map(bareHex),
  ];
}
