/**
 * An area for views: a bounded number of cells, and the free lists.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { listEndText } from "../../report/free_lists.ts";
import { bytesText } from "../../report/memory_bytes.ts";
import { stateMeaning, stateText } from "../../report/state_text.ts";
import { areaTitle, formatOf } from "../../report/subject.ts";
import { cellsOf, type FoldedCell, onlyStatusOf } from "../../report/svg/area_cells.ts";
import { wordBytes } from "../../word.ts";
import type { AreaStateView, CellView, ListView } from "./state_view.ts";

/**
 * As in a page map: 16 cells a row. Where cells are shared anyway, fewer rows fit on a screen beside the
 * lists, and are drawn in half the time.
 */
const LIMITS = { rowCells: 16, mostRows: 64, mostFoldedRows: 32 } as const;

/** Of a longer list, so many blocks are told. */
const MOST_LISTED = 1024;

/**
 * Two words of memory as bytes: a list node, or a list head.
 *
 * @param machine the machine
 * @param address the physical address of the first
 * @returns the bytes of each word, with ` | ` between them
 */
export function twoWords(machine: Machine, address: bigint): string {
  const word = wordBytes(machine.arch.wordBits);
  const words = [address, address + BigInt(word)].map((at) => bytesText(machine, at, word));
  return words.join(" | ");
}

/**
 * The list node of a block as bytes.
 *
 * @param machine the machine
 * @param frame the first frame of the block
 * @returns previous and next
 */
export function nodeBytes(machine: Machine, frame: number): string {
  // bits: a bigint.
  return twoWords(machine, BigInt(frame) << BigInt(machine.pageShift));
}

function foldedCell({ frames, counts }: FoldedCell): CellView {
  const only = onlyStatusOf(counts);
  const shared = { frames, text: "", order: null, byte: null, node: null };
  return { ...shared, status: only ?? "mixed", counts: { ...counts } };
}

function cellsIn(view: AreaView, machine: Machine): Pick<
  AreaStateView,
  "cells" | "cellFrames" | "rowFrames"
> {
  const format = formatOf(machine);
  const found = cellsOf(view, format, LIMITS);
  const listed = new Set(view.freeLists.flatMap(({ forward }) => forward.pfns.map(Number)));
  const deviating = found.disagreeing;
  const cells: Record<string, CellView> = {};
  for (const { first, frames, state } of found.blocks) {
    const meaning = stateMeaning(format, state);
    cells[first] = {
      frames,
      status: deviating.some((at) => at >= first && at < first + frames)
        ? "disagreeing"
        : meaning?.status ?? "disagreeing",
      text: stateText(format, state),
      order: meaning?.order ?? null,
      byte: state,
      node: listed.has(first) ? nodeBytes(machine, first) : null,
      counts: null,
    };
  }
  for (const cell of found.folded) cells[cell.first] = foldedCell(cell);
  return { cells, cellFrames: found.cellFrames, rowFrames: found.rowFrames };
}

function listView({ order, forward, backward }: AreaView["freeLists"][number]): ListView {
  const { pfns, end } = forward;
  const mirror = backward === null ? null : "the links back are no mirror of the links forward";
  return {
    order,
    pfns: pfns.slice(0, MOST_LISTED).map(Number),
    count: pfns.length,
    fault: listEndText(end) ?? mirror,
  };
}

/**
 * Makes an area fit for views.
 *
 * @param view the area
 * @param machine the machine
 * @returns plain data; the number of cells is bounded, whatever the area holds
 */
export function areaStateView(view: AreaView, machine: Machine): AreaStateView {
  const { area, metadata, base, top, maxOrder } = view;
  return {
    area,
    title: areaTitle(machine, view),
    metadata,
    base,
    top,
    maxOrder,
    ...cellsIn(view, machine),
    lists: view.freeLists.map(listView),
  };
}
