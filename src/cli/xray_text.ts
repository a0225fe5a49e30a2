/**
 * What was found in a dump, as text.
 *
 * @module
 */

import { formatViolation } from "../check/mod.ts";
import { hexAddress } from "../report/columns.ts";
import {
  escapeText,
  printBlockTable,
  printFreeLists,
  printPageMap,
  printStates,
  sizeWords,
} from "../report/mod.ts";
import { byteCount } from "../units.ts";
import type { CorruptByte, DescriptorOrigin, FrameRun, VmallocBlock, Xray } from "../xray/mod.ts";
import type { Paint } from "./paint.ts";
import { counted, wrapped } from "./words.ts";

/** The views of a dump. */
export const XRAY_VIEWS = ["map", "lists", "blocks", "states", "vmalloc"] as const;

/** One of {@linkcode XRAY_VIEWS}. */
export type XrayView = typeof XRAY_VIEWS[number];

/** More of a kind are counted, not listed. */
const MOST_LISTED = 12;
/** More runs of frames of a block are not named. */
const MOST_RUNS = 6;

const TITLES: Readonly<Record<XrayView, string>> = {
  map: "page map",
  lists: "free lists",
  blocks: "blocks",
  states: "page states",
  vmalloc: "vmalloc",
};

const ORIGINS: Readonly<Record<DescriptorOrigin, string>> = {
  given: "where you said",
  "given, damaged": "where you said; its members do not fit each other",
  found: "found by its contents",
  mended: "damaged; found by the list nodes",
  "worked out": "not in the dump; worked out from the list nodes",
};

function byteText(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

/** The first of some lines, and how many more there are. */
function cut(lines: readonly string[], noun: string): string[] {
  const more = lines.length - MOST_LISTED;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, MOST_LISTED), `  … ${counted(more, `more ${noun}`)}`];
}

function headLines(path: string, found: Xray, paint: Paint): string[] {
  const { form, memory, subject, byteOrder, otherArchs, editions } = found;
  const size = memory.reduce((sum, range) => sum + range.size, 0n);
  const ranges = memory.map((range) =>
    `  ${hexAddress(range.first)}..${hexAddress(range.first + range.size - 1n)}`
  );
  const kind = form === "elf" ? "an ELF core" : "raw memory";
  const others = otherArchs.length === 0
    ? ""
    : `; ${otherArchs.join(", ")} would fit as well: --arch chooses`;
  const pages = `pages of ${sizeWords(byteCount(2n ** BigInt(subject.pageShift)))}`;
  return [
    paint.bold(
      `${escapeText(path)}  ${kind}, ${sizeWords(byteCount(size))} in ${
        counted(memory.length, "range")
      }`,
    ),
    ...cut(ranges, "range"),
    ...wrapped(`${subject.arch.name}, ${byteOrder} endian, ${pages}${others}`, 2),
    ...wrapped(
      `read as ${subject.edition.name}; what fits: ${editions.map(({ name }) => name).join(", ")}`,
      2,
    ),
    ...found.areas.map(({ view, descriptor, origin }) =>
      `area ${view.area}: descriptor at ${hexAddress(descriptor)}, ${ORIGINS[origin]}`
    ),
  ];
}

/** Frames in words: the first runs of them. */
function framesText(runs: readonly FrameRun[]): string {
  const texts = runs.slice(0, MOST_RUNS).map(([first, count]) =>
    count === 1 ? first.toString(16) : `${first.toString(16)}..${(first + count - 1).toString(16)}`
  );
  const more = runs.length > MOST_RUNS ? " …" : "";
  return `${runs.length === 1 && runs[0]?.[1] === 1 ? "frame" : "frames"} ${
    texts.join(" ")
  }${more}`;
}

function blockLine(block: VmallocBlock): string {
  const { frame, magic, form, pages, offset, size, virtual, frames } = block;
  const isWhole = form === "whole pages";
  const doubt = size === "plausible" ? "" : "; not all of these pages are in use";
  if (virtual !== null) {
    const where = frames.length === 0 ? "" : `, ${framesText(frames)}`;
    const what = isWhole ? counted(Number(pages), "page") : "within a page";
    const mark = isWhole ? `, number and magic in frame ${frame.toString(16)}` : "";
    return `  ${hexAddress(virtual)}  ${what}${where}${mark}${doubt}`;
  }
  const what = isWhole
    ? `block of ${pages} pages, mapped behind the page of this frame`
    : `block within the page, from ${byteText(offset)} on`;
  return `  frame ${frame.toString(16)}: magic at ${hexAddress(magic)}, ${what}${doubt}`;
}

function blockLines({ vmalloc, pageTables }: Xray): string[] {
  if (vmalloc.length === 0) return ["no marks of vmalloc in pages that are in use"];
  const where = pageTables === null
    ? "; the page tables that map them were not found"
    : `; page tables at ${hexAddress(pageTables.root)}, by ${pageTables.by}`;
  const title = wrapped(`${counted(vmalloc.length, "block")}${where}`, 2);
  const lines = vmalloc.slice(0, MOST_LISTED).flatMap((block) => wrapped(blockLine(block), 4));
  const more = vmalloc.length - MOST_LISTED;
  return [...title, ...lines, ...(more > 0 ? [`  … ${counted(more, "more block")}`] : [])];
}

function viewLines(found: Xray, view: XrayView, paint: Paint): string[] {
  const { subject } = found;
  const views = found.areas.map((area) => area.view);
  switch (view) {
    case "map":
      return [printPageMap(subject, views, { paint }).trimEnd()];
    case "lists":
      return [printFreeLists(subject, views, { paint }).trimEnd()];
    case "blocks":
      return [printBlockTable(subject, views, { paint }).trimEnd()];
    case "states":
      return [printStates(subject, views, { paint }).trimEnd()];
    case "vmalloc":
      return blockLines(found);
  }
}

function expectedText({ expected }: CorruptByte): string {
  if (expected.length === 0) return "what it should be cannot be told";
  return `it should be ${expected.map(byteText).join(" or ")}`;
}

/** The first corrupt byte in words, and the others in a line each. */
function corruptLines({ corrupt }: Xray, paint: Paint): string[] {
  const [first, ...others] = corrupt;
  if (first === undefined) return [];
  const { address, found, what, causes } = first;
  const more = others.flatMap((one) => {
    const place = `  ${hexAddress(one.address)}  ${byteText(one.found)}`;
    return wrapped(`${place}, ${expectedText(one)}: ${one.what}`, 4);
  });
  return [
    "",
    paint.bad(`first corrupt byte  ${hexAddress(address)}`),
    ...wrapped(`  it is ${byteText(found)}, ${expectedText(first)}`, 2),
    ...wrapped(`  it belongs to ${what}`, 2),
    ...causes.flatMap((cause, index) =>
      wrapped(`  ${index === 0 ? "left by" : "or by  "} ${cause}`, 10)
    ),
    ...(more.length === 0 ? [] : ["", paint.bold("also corrupt"), ...cut(more, "line")]),
  ];
}

function ruleLines({ violations }: Xray, paint: Paint): string[] {
  if (violations.length === 0) return [paint.good("no rule is broken")];
  const lines = violations.flatMap((violation) => wrapped(`  ${formatViolation(violation)}`, 4));
  return [paint.bad(`${counted(violations.length, "broken rule")}`), ...cut(lines, "line")];
}

/**
 * What was found in a dump.
 *
 * @param path the file
 * @param found what was found in it
 * @param views what is shown of the areas
 * @param paint the colours
 * @returns the lines
 */
export function xrayLines(
  path: string,
  found: Xray,
  views: readonly XrayView[],
  paint: Paint,
): string[] {
  return [
    ...headLines(path, found, paint),
    ...views.flatMap((
      view,
    ) => ["", paint.bold(TITLES[view]), "", ...viewLines(found, view, paint)]),
    "",
    ...ruleLines(found, paint),
    ...corruptLines(found, paint),
  ];
}
