/**
 * The rules about a block that was handed out.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import type { MemoryMap, WriteJournal } from "../../memory/mod.ts";
import type { AskedFor } from "./calls.ts";
import { hexFrame } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import { HOST_PAGE_SHIFT, touchedFrames } from "./fresh_rule.ts";
import { firstNonZero } from "./memory_compare.ts";
import type { Ownership } from "./ownership.ts";
import type { CallRuleName } from "./rules.ts";
import { blocksAt, hasPageStates } from "./survey.ts";
import type { Survey } from "./survey.ts";

/** What is known when a request was served. */
export interface Served {
  /** The machine, after the call. */
  readonly machine: Machine;
  /** Its areas, after the call. */
  readonly surveys: readonly Survey[];
  /** Who owns what, before the call. */
  readonly ownership: Ownership;
  /** What the call has written, as it was before; null if nobody kept it. */
  readonly journal: WriteJournal | null;
  /** What was asked for. */
  readonly asked: AskedFor;
  /** The address that came out. */
  readonly address: bigint;
}

/** The area that holds a frame. */
function surveyAt(surveys: readonly Survey[], frame: number): Survey | null {
  return surveys.find(({ view }) => frame >= view.base && frame < view.top) ?? null;
}

/**
 * The frames that a request was given, cut at the top of the area in which they begin: a request for
 * more frames than exist owns no more than there are.
 *
 * @param served the request
 * @returns the frames
 */
export function framesOf({ machine, surveys, asked, address }: Served): FrameRange {
  const first = Number(address >> BigInt(machine.pageShift));
  const end = surveyAt(surveys, first)?.view.top ?? first + 1;
  return { first, top: Math.min(first + 2 ** asked.sizeOrder, end) };
}

/** Why a block is not what was asked for; null if it is. */
function misfit({ machine, surveys, asked, address }: Served, first: number): string | null {
  const block = hexFrame(first);
  const pageBytes = 1n << BigInt(machine.pageShift);
  if (address % pageBytes !== 0n) {
    return `0x${address.toString(16)} is no multiple of the page size`;
  }
  const misplaced = wrongSize(surveyAt(surveys, first), first, asked.sizeOrder);
  if (misplaced !== null) return `${block} ${misplaced}`;
  return first % 2 ** asked.alignOrder === 0
    ? null
    : `${block} is not aligned to order ${asked.alignOrder}`;
}

/** Why the page states do not have a block of an order at a frame; null if they have, or are not kept. */
function wrongSize(survey: Survey | null, first: number, sizeOrder: number): string | null {
  if (survey === null || !hasPageStates(survey.view)) return null;
  const blocks = blocksAt(survey, first);
  if (blocks === null || blocks.status !== "allocated") return "is not allocated";
  const inside = (first - blocks.first) % blocks.size;
  if (inside !== 0) return `lies inside the block at ${hexFrame(first - inside)}`;
  return blocks.order === sizeOrder ? null : `has order ${blocks.order} for order ${sizeOrder}`;
}

/** The frames of a map that are RAM as a whole, for the page size for which they were asked last. */
const RAM_FRAMES = new WeakMap<
  MemoryMap,
  { readonly pageShift: number; readonly frames: FrameSet }
>();

/**
 * The frames of a machine that are RAM as a whole.
 *
 * @param machine the machine
 * @returns the frames
 */
export function ramFrames({ ram, pageShift }: Machine): FrameSet {
  const known = RAM_FRAMES.get(ram.map);
  if (known?.pageShift === pageShift) return known.frames;
  const shift = BigInt(pageShift);
  const frames = new FrameSet();
  for (const { kind, first, size } of ram.map.ranges) {
    if (kind !== "ram") continue;
    const up = (1n << shift) - 1n;
    frames.add({ first: Number((first + up) >> shift), top: Number((first + size) >> shift) });
  }
  RAM_FRAMES.set(ram.map, { pageShift, frames });
  return frames;
}

/** What is wrong with a block that was handed out: a rule, a frame, and a sentence. */
type Report = (rule: CallRuleName, frame: number, sentence: string) => void;

/**
 * Checks a block that was handed out.
 *
 * @param served the request and what came out
 * @param findings where to report
 */
export function checkHandedOut(served: Served, findings: Findings): void {
  const { machine, surveys, ownership, asked } = served;
  const frames = framesOf(served);
  const survey = surveyAt(surveys, frames.first);
  const area = survey?.view.area ?? null;
  const report: Report = (rule, frame, sentence) => {
    findings.add({ rule, area, frames: { first: frame, top: frame + 1 }, sentence });
  };
  const handed = (frame: number): string => `${hexFrame(frame)} is handed out, but`;

  const wrong = misfit(served, frames.first);
  const sizeRule = "a block handed out has the size and alignment asked for";
  if (wrong !== null) report(sizeRule, frames.first, wrong);
  const noRam = ramFrames(machine).firstMissing(frames);
  // They are cut at the top of the area in which they begin, so that they leave none.
  const stranger = noRam ?? (survey === null ? frames.first : null);
  if (stranger !== null) {
    const why = noRam === null ? "no usable frame of an area" : "no RAM";
    report("nothing outside RAM is handed out", stranger, `${handed(stranger)} is ${why}`);
  }
  const special = ownership.reserved.firstIn(frames);
  if (special !== null) {
    report("special pages are never handed out", special, `${handed(special)} is reserved`);
  }
  const owned = ownership.live.firstIn(frames);
  if (owned !== null) {
    const rule = "no two live allocations overlap";
    report(rule, owned, `${handed(owned)} belongs to somebody already`);
  }
  const outside = surveys.some(({ view }) => hasPageStates(view))
    ? ownership.firstOutside(frames, asked.zones)
    : null;
  if (outside !== null) {
    const { frame, zone } = outside;
    const rule = "a block handed out lies in a zone asked for";
    report(rule, frame, `${handed(frame)} belongs to zone ${zone}`);
  }
  checkContents(served, frames, report);
}

function checkContents(
  { machine, journal, asked }: Served,
  frames: FrameRange,
  report: Report,
): void {
  const shift = BigInt(machine.pageShift);
  if (asked.contents === "zero") {
    const size = BigInt(frames.top - frames.first) << shift;
    const dirty = firstNonZero(machine.ram, BigInt(frames.first) << shift, size);
    if (dirty !== null) {
      const sentence = `the byte at 0x${dirty.toString(16)} is not 0`;
      report("zeroed memory is zero", Number(dirty >> shift), sentence);
    }
  }
  if (asked.fresh === "no") return;
  // Zeroes touch the block; what is left as it was must be untouched after the call as well.
  const frame = asked.contents === "zero"
    ? touchedBefore(machine, journal, frames)
    : touchedSince(machine, frames);
  if (frame === null) return;
  const sentence = `${hexFrame(frame)} had been touched before it was handed out as fresh`;
  report("a block asked for as fresh was never touched", frame, sentence);
}

/** The first of some frames that was touched before a call; null if none was, or nobody knows. */
function touchedBefore(
  { pageShift }: Machine,
  journal: WriteJournal | null,
  { first, top }: FrameRange,
): number | null {
  const perFrame = 2 ** (pageShift - HOST_PAGE_SHIFT);
  const page = journal?.firstTouchedBefore(first * perFrame, top * perFrame) ?? null;
  return page === null ? null : Math.floor(page / perFrame);
}

/** The first of some frames that is touched; null if none is. */
function touchedSince(machine: Machine, frames: FrameRange): number | null {
  const [touched] = touchedFrames(machine, frames);
  return touched === undefined ? null : Math.max(touched.first, frames.first);
}
