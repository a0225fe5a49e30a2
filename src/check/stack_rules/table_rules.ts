/**
 * The rules about page tables and the memory map.
 *
 * @module
 */

import type { Machine } from "../../machine.ts";
import { hexFrame } from "../invariants/findings.ts";
import type { Findings } from "../invariants/findings.ts";
import { FrameSet } from "../../frame_ranges.ts";
import type { FrameRange } from "../../frame_ranges.ts";
import { framesBehind, mappedIn, pagesOfBlock } from "./stack_view.ts";
import type { StackView } from "./stack_view.ts";
import type { MappedPages } from "./table_survey.ts";

/** The whole frames that bytes `[first, end)` touch. */
function framesOfBytes(machine: Machine, first: bigint, end: bigint): FrameRange {
  const bytes = 1n << BigInt(machine.pageShift);
  return { first: Number(first / bytes), top: Number((end + bytes - 1n) / bytes) };
}

/** The frames of the memory map: RAM, what is reserved, and devices. */
function framesOfMap(machine: Machine): FrameSet {
  const frames = new FrameSet();
  for (const { first, size } of machine.ram.map.ranges) {
    frames.add(framesOfBytes(machine, first, first + size));
  }
  return frames;
}

/**
 * The frames beyond memory that boot maps onto themselves: what the architecture's `setup_mmu` maps whatever
 * is there, and the devices.
 */
function framesOfBoot(machine: Machine): FrameSet {
  const { arch, platform, ram } = machine;
  const frames = new FrameSet();
  const add = (first: bigint, end: bigint): void => {
    if (first < end) frames.add(framesOfBytes(machine, first, end));
  };
  const last = ram.map.ranges.filter(({ kind }) => kind === "ram").at(-1);
  const top = last === undefined ? 0n : last.first + last.size;
  for (const step of arch.boot.mmuSteps) {
    if (step.step !== "map") continue;
    let end = step.end === "top" ? top : step.end;
    if (step.atLeast !== undefined && end < step.atLeast) end = step.atLeast;
    // A range whose end is 0 ends with the address space.
    add(step.first === "page" ? 0n : step.first, end === 0n ? 1n << 64n : end);
  }
  for (const { first, end } of arch.boot.deviceRegions) add(first, end);
  for (const { start, end } of platform?.regions ?? []) add(start, end);
  const { serialPort = null, virtio = null } = platform?.inputs ?? {};
  if (serialPort !== null) add(serialPort, serialPort + 1n);
  if (virtio !== null) {
    add(virtio.first, virtio.first + BigInt(virtio.count) * virtio.slotBytes);
  }
  return frames;
}

/** The virtual pages that callers of vmap asked for, or mapped by themselves. */
function pagesOfCallers({ machine, live, ownPages }: StackView): FrameSet {
  const pages = new FrameSet();
  for (const range of ownPages) pages.add(range);
  for (const block of live ?? []) {
    if (block.kind !== "malloc") pages.add(pagesOfBlock(machine, block));
  }
  return pages;
}

/**
 * *nothing outside memory is mapped*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkMappedIsMemory(view: StackView, findings: Findings): void {
  const rule = "nothing outside memory is mapped";
  if (!findings.wants(rule) || view.tables === null) return;
  const { machine } = view;
  const known = framesOfMap(machine);
  const [ofBoot, ofCallers] = [framesOfBoot(machine), pagesOfCallers(view)];
  const word = 2 ** (machine.arch.wordBits - machine.pageShift);
  for (const pages of view.tables.mapped) {
    const { virtual, frame, count } = pages;
    for (let at = frame; at < frame + count;) {
      const stranger = known.firstMissing({ first: at, top: frame + count });
      if (stranger === null) break;
      const page = virtual + (stranger - frame);
      const end = known.firstIn({ first: stranger, top: frame + count }) ?? frame + count;
      const isOnItself = page === stranger % word;
      const range = { first: stranger, top: end };
      const excused = new FrameSet();
      excused.copyFrom(ofCallers);
      for (const { first, top } of isOnItself ? ofBoot.within(range) : []) {
        excused.add({ first: page + (first - stranger), top: page + (top - stranger) });
      }
      const wildPage = excused.firstMissing({ first: page, top: page + (end - stranger) });
      if (wildPage !== null) {
        const wild = stranger + (wildPage - page);
        const sentence = `the virtual page ${hexFrame(wildPage)} leads to frame ` +
          `${hexFrame(wild)}, where the map has nothing`;
        findings.add({ rule, area: null, frames: { first: wild, top: wild + 1 }, sentence });
      }
      at = end;
    }
  }
}

/** The frames that can be written at the address with their number. */
function framesOnThemselves(mapped: readonly MappedPages[]): FrameSet {
  const frames = new FrameSet();
  for (const pages of mapped) {
    if (pages.virtual === pages.frame && pages.access === "writable") {
      frames.add(framesBehind(pages));
    }
  }
  return frames;
}

/**
 * *every frame handed over is mapped onto itself*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkHandedOverIsMapped(view: StackView, findings: Findings): void {
  const rule = "every frame handed over is mapped onto itself";
  const { machine, tables } = view;
  if (!findings.wants(rule) || tables === null || machine.mmu.state === "off") return;
  const there = framesOnThemselves(tables.mapped);
  for (const { area, metadata, base, top } of machine.pages.areas()) {
    const frame = there.firstMissing({ first: Math.min(metadata, base), top });
    if (frame === null) continue;
    const pages = mappedIn(tables.mapped, { first: frame, top: frame + 1 })[0];
    const instead = pages === undefined
      ? "nothing is mapped at its address"
      : pages.frame === frame
      ? "it is read-only at its address"
      : `its address leads to frame ${hexFrame(pages.frame)}`;
    const sentence = `${hexFrame(frame)} was handed over, and ${instead}`;
    findings.add({ rule, area, frames: { first: frame, top: frame + 1 }, sentence });
  }
}

/**
 * *virtual pages given out are nobody's memory*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkGivenIsNoMemory(view: StackView, findings: Findings): void {
  const rule = "virtual pages given out are nobody's memory";
  if (!findings.wants(rule) || view.given === null) return;
  for (const { area, metadata, base, top } of view.machine.pages.areas()) {
    const first = Math.max(Math.min(metadata, base), view.given.first);
    if (first >= Math.min(top, view.given.top)) continue;
    const sentence =
      `vmalloc gave out addresses from page ${hexFrame(view.given.first)} on, where ` +
      `frame ${hexFrame(first)} of area ${area} is used`;
    findings.add({ rule, area, frames: { first, top: first + 1 }, sentence });
  }
}

/**
 * *page tables lie in frames of their own*.
 *
 * @param view the machine
 * @param findings where to report
 */
export function checkTablePlaces(view: StackView, findings: Findings): void {
  const rule = "page tables lie in frames of their own";
  if (!findings.wants(rule) || view.tables === null) return;
  const { machine, tables, frames } = view;
  const report = (frame: number, sentence: string): void =>
    findings.add({ rule, area: null, frames: { first: frame, top: frame + 1 }, sentence });
  const met = new Set<number>();
  const ofTables = new FrameSet();
  for (const place of tables.places) {
    const stranger = frames.inUse.firstMissing(place);
    if (stranger !== null) {
      const where = `lies in frame ${hexFrame(stranger)}, which is not allocated`;
      report(stranger, `the table at ${hexFrame(place.address)} ${where}`);
    } else if (met.has(place.address)) {
      report(place.first, `the table at ${hexFrame(place.address)} is linked twice`);
    }
    met.add(place.address);
    ofTables.add(place);
  }
  for (const block of view.live ?? []) {
    if (block.kind !== "malloc" || block.from === "early") continue;
    for (const pages of mappedIn(tables.mapped, pagesOfBlock(machine, block))) {
      const frame = ofTables.firstIn(framesBehind(pages));
      if (frame === null) continue;
      const sentence = `frame ${hexFrame(frame)} holds a table, and the block at 0x${
        block.address.toString(16)
      }`;
      report(frame, sentence);
    }
  }
}
