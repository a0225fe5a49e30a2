/**
 * The bytes that a step changed, and why.
 *
 * @module
 */

// bits: addresses are bigints.

import { descriptorLayout } from "../../alloc_page/mod.ts";
import type { Machine } from "../../machine.ts";
import type { AreaView } from "../../page_allocator.ts";
import { type AreaDifference, differencesOfAreas } from "../../report/area_difference.ts";
import { bareHex, counted, hexAddress } from "../../report/columns.ts";
import { bytesText } from "../../report/memory_bytes.ts";
import { stateText } from "../../report/state_text.ts";
import { formatOf } from "../../report/subject.ts";
import type { Step } from "../../scenario/mod.ts";
import { wordBytes } from "../../word.ts";
import { nodeBytes, twoWords } from "./area_view.ts";
import type { ChangeView } from "./state_view.ts";

/** A machine before and after a step, with the areas as they were seen. */
export interface Moments {
  /** Before. */
  readonly before: Machine;
  /** Its areas. */
  readonly areasBefore: readonly AreaView[];
  /** After. */
  readonly after: Machine;
  /** Its areas. */
  readonly areasAfter: readonly AreaView[];
}

/** So many changes are told. */
const MOST_CHANGES = 100;

/** Of a list, so many blocks are compared. */
const MOST_COMPARED = 512;

function byteText(byte: number | null): string {
  return byte === null ? "none" : bareHex(byte).padStart(2, "0");
}

/** The page states that differ. */
function stateChanges({ after }: Moments, { right, states }: AreaDifference): ChangeView[] {
  if (right === null) return [];
  const format = formatOf(after);
  const first = BigInt(right.metadata) << BigInt(after.pageShift);
  return states.map(({ first: frame, count, left, right: now }) => ({
    what: `page states of ${bareHex(frame)}, ${counted(count, "frame")}`,
    address: hexAddress(first + BigInt(frame - right.base)),
    count,
    before: byteText(left),
    after: byteText(now),
    why: `${left === null ? "no frame" : stateText(format, left)} becomes ${
      now === null ? "no frame" : stateText(format, now)
    }`,
  }));
}

/** The frames whose list nodes a step may have written: those that moved, and their neighbours. */
function movedFrames({ lists }: AreaDifference): Map<number, number> {
  const frames = new Map<number, number>();
  for (const { order, left, right } of lists) {
    const [before, after] = [left, right].map((list) => {
      return new Set((list?.forward.pfns ?? []).slice(0, MOST_COMPARED).map(Number));
    });
    for (const frame of before ?? []) frames.set(frame, order);
    for (const frame of after ?? []) frames.set(frame, order);
  }
  return frames;
}

function nodeChanges({ before, after }: Moments, difference: AreaDifference): ChangeView[] {
  return [...movedFrames(difference)].flatMap(([frame, order]) => {
    const [was, is] = [nodeBytes(before, frame), nodeBytes(after, frame)];
    if (was === is) return [];
    const address = hexAddress(BigInt(frame) << BigInt(after.pageShift));
    const why = `its links, previous and next, on the list of order ${order}`;
    const count = 2 * wordBytes(after.arch.wordBits);
    return [{
      what: `list node of ${bareHex(frame)}`,
      address,
      count,
      before: was,
      after: is,
      why,
    }];
  });
}

/** The address of bytes in an area's descriptor. */
function descriptorAddress({ arch, edition, pageShift, options }: Machine, area: number): bigint {
  const { sizeBytes } = descriptorLayout(arch, edition, pageShift);
  return options.areasAddress + BigInt(area * sizeBytes);
}

/** The heads of the lists that differ. */
function headChanges({ before, after }: Moments, { area, lists }: AreaDifference): ChangeView[] {
  const { arch, edition, pageShift } = after;
  const layout = descriptorLayout(arch, edition, pageShift);
  return lists.flatMap(({ order }) => {
    const offset = layout.freeLists + order * layout.listHeadBytes;
    const at = descriptorAddress(after, area) + BigInt(offset);
    const [was, is] = [twoWords(before, at), twoWords(after, at)];
    const what = `head of the list of order ${order}, area ${area}`;
    const shared = { what, address: hexAddress(at), count: layout.listHeadBytes };
    const why = "the last and the first block of the list";
    return was === is ? [] : [{ ...shared, before: was, after: is, why }];
  });
}

function maxOrderChanges({ before, after }: Moments, difference: AreaDifference): ChangeView[] {
  const { arch, edition, pageShift } = after;
  const { maxOrder } = descriptorLayout(arch, edition, pageShift);
  if (maxOrder === null || difference.left === null) return [];
  const at = descriptorAddress(after, difference.area) + BigInt(maxOrder);
  const [was, is] = [bytesText(before, at, 1), bytesText(after, at, 1)];
  if (was === is) return [];
  const what = `max_order of area ${difference.area}`;
  const why = "the largest order worth searching";
  return [{ what, address: hexAddress(at), count: 1, before: was, after: is, why }];
}

/** Frames that were zeroed, and bytes that the scenario itself wrote. */
function contentChanges({ after }: Moments, { events }: Step): ChangeView[] {
  return events.flatMap((event) => {
    if (event.kind !== "zero") return [];
    const { pfn, count } = event;
    return [{
      what: `contents of ${bareHex(pfn)}, ${counted(count, "frame")}`,
      address: hexAddress(BigInt(pfn) << BigInt(after.pageShift)),
      count: count * 2 ** after.pageShift,
      before: "any",
      after: "00",
      why: "the block is zeroed before it is handed out",
    }];
  });
}

/**
 * Finds the bytes of the allocator that a step changed: page states, list nodes, list heads, `max_order`,
 * and frames that were zeroed.
 *
 * @param moments before and after
 * @param step the step
 * @returns the changes; at most 100
 */
export function changesOf(moments: Moments, step: Step): ChangeView[] {
  const format = formatOf(moments.after);
  const formats = { left: format, right: format };
  const differences = differencesOfAreas(moments.areasBefore, moments.areasAfter, formats);
  return [
    ...differences.flatMap((difference) => [
      ...stateChanges(moments, difference),
      ...nodeChanges(moments, difference),
      ...maxOrderChanges(moments, difference),
      ...headChanges(moments, difference),
    ]),
    ...contentChanges(moments, step),
  ].slice(0, MOST_CHANGES);
}
