/**
 * The rules about what vmalloc gave out: blocks that live, and addresses that came back.
 *
 * @module
 */

import { physAddr } from "../../units.ts";
import { keepsMetadata } from "../../vmalloc/memalign.ts";
import { VM_MAGIC } from "../../vmalloc/mod.ts";
import { wordBytes } from "../../word.ts";
import { hexFrame } from "../invariants/findings.ts";
import type { Findings } from "../invariants/findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { LiveBlock } from "./stack_call.ts";
import { framesBehind, mappedIn, pagesOfBlock } from "./stack_view.ts";
import type { StackView } from "./stack_view.ts";
import type { PageRange } from "./table_survey.ts";

/** An address in words. */
function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** A frame as findings have it. */
function oneFrame(frame: number): { first: number; top: number } {
  return { first: frame, top: frame + 1 };
}

/** The physical address behind a virtual one; null if it is not mapped. */
function physicalOf(view: StackView, address: bigint): bigint | null {
  const bytes = 1n << BigInt(view.machine.pageShift);
  const page = Number(address / bytes);
  if (view.machine.mmu.state === "off") return address;
  const pages = mappedIn(view.tables?.mapped ?? [], { first: page, top: page + 1 })[0];
  return pages === undefined ? null : BigInt(pages.frame) * bytes + address % bytes;
}

/** Why the words in front of a block are not what vmalloc wrote; null if they are. */
function brokenMark(view: StackView, { whole }: LiveBlock): string | null {
  const { machine } = view;
  const { address, size } = whole;
  if (!keepsMetadata(machine.edition)) return null;
  const word = wordBytes(machine.arch.wordBits);
  const wordAt = (at: bigint): bigint | null => {
    const physical = physicalOf(view, at);
    return physical === null ? null : machine.ram.peek(physAddr(physical), word);
  };
  const magic = wordAt(address - BigInt(word));
  if (magic !== VM_MAGIC) return `the word in front is ${magic === null ? "gone" : hex(magic)}`;
  const bytes = 1n << BigInt(machine.pageShift);
  if (address % bytes !== 0n) return null;
  const [count, wanted] = [wordAt(address - 2n * BigInt(word)), (size + bytes - 1n) / bytes];
  return count === wanted ? null : `it has ${wanted} pages, and ${count} stand in front of it`;
}

/** Why a page of a block is not as it should be; null if all are. */
function brokenPage(view: StackView, range: PageRange): { frame: number; why: string } | null {
  let next = range.first;
  for (const pages of mappedIn(view.tables?.mapped ?? [], range)) {
    if (pages.virtual > next) break;
    next = pages.virtual + pages.count;
    const free = view.frames.inUse.firstMissing(framesBehind(pages));
    if (pages.access === "read-only") return { frame: pages.frame, why: "cannot be written" };
    if (free === null || free === 0) continue;
    return { frame: free, why: `leads to frame ${hexFrame(free)}, which is not allocated` };
  }
  return next >= range.top ? null : { frame: 0, why: `${hexFrame(next)} is not mapped` };
}

/**
 * *a live block keeps its pages and its marks*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkLiveBlocks(view: StackView, findings: Findings): void {
  const rule = "a live block keeps its pages and its marks";
  if (!findings.wants(rule)) return;
  for (const block of view.live ?? []) {
    if (block.kind !== "malloc" || block.from !== "vmalloc") continue;
    const page = brokenPage(view, pagesOfBlock(view.machine, block));
    const sentence = page === null ? brokenMark(view, block) : `a page of it ${page.why}`;
    if (sentence === null) continue;
    const frames = page === null || page.frame === 0 ? null : oneFrame(page.frame);
    findings.add({ rule, area: null, frames, sentence: `of ${hex(block.address)}: ${sentence}` });
  }
}

/**
 * *live blocks do not overlap* and *no frame lies behind two live blocks*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkOverlaps(view: StackView, findings: Findings): void {
  const rule = "live blocks do not overlap";
  const blocks = (view.live ?? []).toSorted((a, b) => a.first < b.first ? -1 : 1);
  let before: LiveBlock | null = null;
  for (const block of blocks) {
    if (before !== null && before.end > block.first) {
      const sentence =
        `${hex(block.first)} belongs to the block at ${hex(before.address)} and to ` +
        `the block at ${hex(block.address)}`;
      findings.add({ rule, area: null, frames: null, sentence });
    }
    if (before === null || block.end > before.end) before = block;
  }
  checkSharedFrames(view, blocks, findings);
}

function checkSharedFrames(
  view: StackView,
  blocks: readonly LiveBlock[],
  findings: Findings,
): void {
  const rule = "no frame lies behind two live blocks";
  const taken = new FrameSet();
  for (const block of blocks) {
    if (block.kind !== "malloc" || block.from === "early") continue;
    for (const pages of mappedIn(view.tables?.mapped ?? [], pagesOfBlock(view.machine, block))) {
      const shared = taken.firstIn(framesBehind(pages));
      if (shared !== null && shared !== 0) {
        const page = pages.virtual + shared - pages.frame;
        const sentence =
          `frame ${hexFrame(shared)} lies behind the page ${hexFrame(page)} of the ` +
          `block at ${hex(block.address)}, and behind another`;
        findings.add({ rule, area: null, frames: oneFrame(shared), sentence });
      }
      taken.add(framesBehind(pages));
    }
  }
}

/** The parts of a range that no live block has, and that no caller mapped by himself. */
function withoutLive(view: StackView, range: PageRange): readonly PageRange[] {
  const left = new FrameSet();
  left.add(range);
  for (const block of view.live ?? []) left.remove(pagesOfBlock(view.machine, block));
  for (const pages of view.ownPages) left.remove(pages);
  return left.ranges;
}

/**
 * *what was given back is not mapped*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkGivenBack(view: StackView, findings: Findings): void {
  const rule = "what was given back is not mapped";
  const { window, tables, frames } = view;
  if (!findings.wants(rule) || window === null || tables === null) return;
  for (const range of withoutLive(view, window)) {
    for (const pages of mappedIn(tables.mapped, range)) {
      const usable = frames.usable.firstIn(framesBehind(pages));
      const frame = view.live === null ? usable : usable ?? pages.frame;
      if (frame === null || frame === 0) continue;
      const page = hexFrame(pages.virtual + frame - pages.frame);
      const whose = usable === null ? "" : ", which is free";
      const sentence = `the page ${page} still leads to frame ${hexFrame(frame)}${whose}`;
      findings.add({ rule, area: null, frames: oneFrame(frame), sentence });
    }
  }
}

/**
 * *nothing is mapped at frame 0 that nobody owns*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkFrame0(view: StackView, findings: Findings): void {
  const rule = "nothing is mapped at frame 0 that nobody owns";
  const { given, tables, frames, machine } = view;
  if (!findings.wants(rule) || given === null || tables === null) return;
  if (frames.inUse.firstIn(oneFrame(0)) !== null) return;
  const asked = new FrameSet();
  for (const pages of view.ownPages) asked.add(pages);
  for (const block of view.live ?? []) {
    if (block.kind !== "malloc") asked.add(pagesOfBlock(machine, block));
  }
  for (const pages of mappedIn(tables.mapped, given)) {
    if (pages.frame !== 0 || asked.firstMissing(oneFrame(pages.virtual)) === null) continue;
    const sentence = `the page ${hexFrame(pages.virtual)} leads to frame 0`;
    findings.add({ rule, area: null, frames: oneFrame(0), sentence });
  }
}
