/**
 * What the rules look at: the page tables, the areas, and the addresses of vmalloc, all in pages.
 *
 * @module
 */

import { isUsable, pageStateFormatOf } from "../../alloc_page/mod.ts";
import { virtualTopOf } from "../../boot/mod.ts";
import type { Machine } from "../../machine.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import type { LiveBlock } from "./stack_call.ts";
import { surveyTables } from "./table_survey.ts";
import type { MappedPages, PageRange, TableSurvey } from "./table_survey.ts";

/** The frames of all areas. */
export interface AreaFrames {
  /** All of them, metadata included. */
  readonly all: FrameSet;
  /** Those that may be handed out. */
  readonly usable: FrameSet;
  /** Those that are in use, metadata not included. */
  readonly inUse: FrameSet;
}

/** What the rules look at. */
export interface StackView {
  /** The machine. */
  readonly machine: Machine;
  /** Its page tables; null if there are none. */
  readonly tables: TableSurvey | null;
  /** Its areas. */
  readonly frames: AreaFrames;
  /** The virtual pages that vmalloc gave out; null before it was set up. */
  readonly given: PageRange | null;
  /** Those that it has given out or may give out, as far as there is a limit; null before it was set up. */
  readonly window: PageRange | null;
  /** What is given out and in use; null if nobody kept count. */
  readonly live: readonly LiveBlock[] | null;
  /** The virtual pages that the caller mapped by himself, with no call that gives them out. */
  readonly ownPages: readonly PageRange[];
}

/** What is known besides the machine's own state. */
export interface StackKnowledge {
  /** What is given out and in use; null by default, which means that nobody kept count. */
  readonly live?: readonly LiveBlock[] | null;
  /** The virtual pages that the caller mapped by himself; none by default. */
  readonly ownPages?: readonly PageRange[];
  /** A look at the page tables as they are; by default they are read. */
  readonly tables?: TableSurvey | null;
}

/**
 * The frames of a machine's areas, by use. The cost follows the runs of equal page states.
 *
 * @param machine the machine
 * @returns the frames
 */
export function areaFramesOf(machine: Machine): AreaFrames {
  const [all, usable, inUse] = [new FrameSet(), new FrameSet(), new FrameSet()];
  const format = pageStateFormatOf(machine.edition);
  for (const { metadata, base, top, states, freeLists } of machine.pages.areas()) {
    all.add({ first: Math.min(metadata, base), top });
    if (states.length === 0) {
      inUse.add({ first: base, top });
      for (const { order, forward } of freeLists) {
        for (const first of forward.pfns) {
          usable.add({ first, top: first + 2 ** order });
          inUse.remove({ first, top: first + 2 ** order });
        }
      }
    }
    let at: number = base;
    for (const { state, count } of states) {
      (isUsable(format, state) ? usable : inUse).add({ first: at, top: at + count });
      at += count;
    }
  }
  return { all, usable, inUse };
}

/**
 * The virtual pages that vmalloc has given out, with those above the lowest that came back.
 *
 * @param machine the machine
 * @returns the range; null before vmalloc was set up
 */
export function givenPagesOf(machine: Machine): PageRange | null {
  const { arch, edition, vmalloc, pageShift } = machine;
  if (vmalloc.pageRoot === 0n && machine.mmu.state === "off") return null;
  const end = 2 ** (arch.wordBits - pageShift);
  const pageOf = (address: bigint): number =>
    address === 0n ? end : Number(address >> BigInt(pageShift));
  const [first, top] = [pageOf(vmalloc.vfreeTop), pageOf(virtualTopOf(arch, edition))];
  return { first: Math.min(first, top), top };
}

/** The virtual pages down to the limit of vmalloc's, where an edition has one. */
function windowOf({ vmalloc, pageShift }: Machine, given: PageRange): PageRange {
  const bottom = Number(vmalloc.bottom >> BigInt(pageShift));
  return bottom === 0 ? given : { first: Math.min(bottom, given.first), top: given.top };
}

/**
 * Looks at a machine.
 *
 * @param machine the machine
 * @param knowledge what is known besides
 * @returns what the rules look at
 */
export function viewOf(machine: Machine, knowledge: StackKnowledge = {}): StackView {
  const given = givenPagesOf(machine);
  return {
    machine,
    tables: knowledge.tables ?? surveyTables(machine),
    frames: areaFramesOf(machine),
    given,
    window: given === null ? null : windowOf(machine, given),
    live: knowledge.live ?? null,
    ownPages: knowledge.ownPages ?? [],
  };
}

/**
 * The part of mapped pages that lies in a range.
 *
 * @param mapped the pages, ascending
 * @param range the range
 * @returns the part, ascending
 */
export function mappedIn(mapped: readonly MappedPages[], range: PageRange): MappedPages[] {
  let low = 0;
  let high = mapped.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const pages = mapped[middle];
    if (pages !== undefined && pages.virtual + pages.count <= range.first) low = middle + 1;
    else high = middle;
  }
  const found: MappedPages[] = [];
  for (let index = low; index < mapped.length; index++) {
    const pages = mapped[index];
    if (pages === undefined || pages.virtual >= range.top) break;
    const first = Math.max(pages.virtual, range.first);
    const top = Math.min(pages.virtual + pages.count, range.top);
    const frame = pages.frame + first - pages.virtual;
    found.push({ ...pages, virtual: first, frame, count: top - first });
  }
  return found;
}

/**
 * The virtual pages of a block.
 *
 * @param machine the machine
 * @param block the block
 * @returns the range
 */
export function pagesOfBlock(machine: Machine, block: LiveBlock): PageRange {
  const bytes = 1n << BigInt(machine.pageShift);
  return { first: Number(block.first / bytes), top: Number((block.end + bytes - 1n) / bytes) };
}

/**
 * The frames that mapped pages lead to.
 *
 * @param pages the pages
 * @returns the range
 */
export function framesBehind({ frame, count }: MappedPages): FrameRange {
  return { first: frame, top: frame + count };
}
