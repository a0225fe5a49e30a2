/**
 * Verdicts on memory maps as text: one edition, or several side by side.
 *
 * @module
 */

import { formatSource } from "../outcome.ts";
import { boundedRows } from "./boot_ranges.ts";
import { pictureLines } from "./boot_picture.ts";
import type { Glyphs } from "./boot_picture.ts";
import { bytesOf, lossesOf } from "./boot_report.ts";
import type { BootVerdict } from "./boot_report.ts";
import { verdictText } from "./boot_words.ts";
import { COLUMNS, counted, hexAddress, padRight, textOf, widthOf, wrapProse } from "./columns.ts";
import { escapeText } from "./escape.ts";
import type { Paint, PaintOptions } from "./paint.ts";
import { PLAIN_PAINT } from "./paint.ts";
import { sizeWords } from "./size_words.ts";

/** How verdicts are printed. */
export interface BootTextOptions extends PaintOptions {
  /** With what the picture is drawn; ASCII by default. */
  readonly glyphs?: Glyphs;
}

/**
 * Prints verdicts on one memory map: first each in a line, then what they rest on. Editions on which all
 * is the same share a part.
 *
 * @param verdicts the verdicts, one for each edition, at least one
 * @param options colours, and with what the picture is drawn
 * @returns the text
 */
export function printBootVerdicts(
  verdicts: readonly BootVerdict[],
  options: BootTextOptions = {},
): string {
  const { paint = PLAIN_PAINT, glyphs = "ascii" } = options;
  const [first] = verdicts;
  if (first === undefined) return "";
  const isAlone = verdicts.length === 1;
  const width = Math.max(...verdicts.map(({ edition }) => edition.name.length)) + 2;
  const heads = verdicts.flatMap((verdict) => [
    ...headLines(verdict, isAlone ? "" : padRight(verdict.edition.name, width), paint),
  ]);
  const bodies = Map.groupBy(verdicts, (verdict) => bodyOf(verdict, glyphs, paint).join("\n"));
  const sections = [...bodies].flatMap(([body, sharing]) => {
    const names = sharing.map(({ edition }) => edition.name).join(", ");
    return [...(isAlone ? [] : ["", ...wrapProse(names, "").map(paint.bold)]), "", body];
  });
  return textOf([
    ...heads,
    ...subjectLines(first, isAlone),
    ...(isAlone ? [] : ["", ...sideBySide(verdicts, paint)]),
    ...sections,
    ...noteLines(verdicts, paint),
  ]);
}

/** The verdict, and what stopped the boot. */
function headLines(verdict: BootVerdict, label: string, paint: Paint): string[] {
  const { stopped, cause, map } = verdict;
  const lines = wrapProse(verdictText(verdict), label);
  if (stopped === null || cause === null) return lines;
  const indent = " ".repeat(label === "" ? 2 : widthOf(label) + 2);
  const source = map.ranges[cause.range ?? -1];
  const quote = source === undefined || source.text === "" ? "" : escapeText(source.text);
  return [
    ...lines.map(paint.bad),
    ...wrapProse(cause.text, indent),
    ...(quote === "" ? [] : wrapProse(quote, `${indent}  `)),
  ];
}

function subjectLines(verdict: BootVerdict, isAlone: boolean): string[] {
  const { arch, edition, pageShift, firmware, imageEnd, map } = verdict;
  return wrapProse(
    [
      arch.name,
      ...(isAlone ? [edition.name] : []),
      `pages of ${sizeWords(BigInt(2 ** pageShift))}`,
      firmware,
      ...(isAlone ? [`image up to ${hexAddress(imageEnd)}`] : []),
      escapeText(map.name),
    ].join(", "),
    "",
  );
}

/** A row of the comparison of editions. */
const COMPARED: readonly { name: string; value: (verdict: BootVerdict) => string }[] = [
  { name: "end", value: ({ stopped }) => stopped === null ? "boots" : "stops" },
  { name: "image up to", value: ({ imageEnd }) => hexAddress(imageEnd) },
  { name: "areas", value: ({ areas }) => String(areas.length) },
  { name: "handed out", value: (verdict) => amount(bytesAs(verdict, "usable")) },
  { name: "page states", value: (verdict) => amount(bytesAs(verdict, "page-states")) },
  { name: "pages for boot", value: ({ allocations }) => String(sumOf(allocations)) },
  { name: "lost", value: (verdict) => amount(bytesAs(verdict, "lost")) },
  { name: "at risk", value: ({ risks }) => amount(bytesOf(risks)) },
];

function amount(bytes: bigint): string {
  return bytes === 0n ? "none" : sizeWords(bytes);
}

function bytesAs({ parts }: BootVerdict, wanted: string): bigint {
  return bytesOf(parts.filter(({ use }) => use === wanted));
}

function sumOf(allocations: BootVerdict["allocations"]): number {
  return allocations.reduce((sum, { frames }) => sum + frames, 0);
}

/** A column of the comparison: an edition, and its width. */
interface ComparedColumn {
  readonly verdict: BootVerdict;
  readonly width: number;
}

/** Columns in groups that fit beside each other. */
function columnGroups(verdicts: readonly BootVerdict[], room: number): ComparedColumn[][] {
  const groups: ComparedColumn[][] = [];
  let left = 0;
  for (const verdict of verdicts) {
    const texts = [verdict.edition.name, ...COMPARED.map(({ value }) => value(verdict))];
    const width = Math.max(...texts.map(widthOf)) + 2;
    if (groups.length === 0 || width > left) [groups[groups.length], left] = [[], room];
    groups.at(-1)?.push({ verdict, width });
    left -= width;
  }
  return groups;
}

/** Editions as columns; as many below each other as do not fit beside. */
function sideBySide(verdicts: readonly BootVerdict[], paint: Paint): string[] {
  const label = Math.max(...COMPARED.map(({ name }) => name.length)) + 2;
  return columnGroups(verdicts, COLUMNS - label).flatMap((group, index) => {
    const cells = (value: (verdict: BootVerdict) => string): string =>
      group.map(({ verdict, width }) => padRight(value(verdict), width)).join("");
    return [
      ...(index === 0 ? [] : [""]),
      paint.bold(padRight("", label) + cells(({ edition }) => edition.name)),
      ...COMPARED.map(({ name, value }) => padRight(name, label) + cells(value)),
    ];
  });
}

/** All that a verdict rests on, without the name of its edition. */
function bodyOf(verdict: BootVerdict, glyphs: Glyphs, paint: Paint): string[] {
  const parts = [
    pictureLines(verdict, glyphs, paint),
    boundedRows(verdict, paint),
    areaLines(verdict, paint),
    allocationLines(verdict, paint),
    lossLines(verdict, paint),
  ].filter((lines) => lines.length > 0);
  return parts.flatMap((lines, index) => index === 0 ? lines : ["", ...lines]);
}

/** The upper end of vmalloc's addresses. */
function topText({ wordBits }: BootVerdict["arch"], top: bigint): string {
  return top === 2n ** BigInt(wordBits) ? "the end of the address space" : hexAddress(top);
}

function areaLines(verdict: BootVerdict, paint: Paint): string[] {
  const { arch, areas, pageRoot, virtualTop } = verdict;
  const where = [
    ...(pageRoot === null ? [] : [`page tables at ${hexAddress(pageRoot)}`]),
    ...(virtualTop === null ? [] : [`vmalloc below ${topText(arch, virtualTop)}`]),
  ];
  const tail = where.length === 0 ? [] : [`  ${where.join(", ")}`];
  if (areas.length === 0) return [paint.bold("areas"), "  none", ...tail];
  const rows = areas.map(({ area, name, metadata, base, top, frames }) => [
    String(area),
    name === "" ? "-" : name,
    hexAddress(metadata),
    hexAddress(base),
    hexAddress(top),
    String(frames),
  ]);
  const titles = ["area", "name", "page states at", "base", "top", "frames"];
  return [paint.bold("areas"), ...tableOf([titles, ...rows]), ...tail];
}

/** Cells in columns, indented. */
function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? "")))
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => padRight(cell, widths[column] ?? 0)).join("  ")}`.trimEnd()
  );
}

function allocationLines({ allocations }: BootVerdict, paint: Paint): string[] {
  if (allocations.length === 0) return [];
  const rows = allocations.map(({ when, purpose, calls, failed, frames, by }) => [
    String(frames),
    `${counted(calls, "call")}${failed === 0 ? "" : `, ${failed} got nothing`}`,
    purpose,
    when,
    by.line === null ? by.file : formatSource(by),
  ]);
  return [
    `${paint.bold("pages that boot took")}  ${sumOf(allocations)}`,
    ...tableOf(rows),
  ];
}

const SIZE_WIDTH = 10;

function lossLines(verdict: BootVerdict, paint: Paint): string[] {
  const { map, risks } = verdict;
  const losses = lossesOf(verdict).flatMap(({ bytes, text, ranges }) => {
    const lines = ranges.map((range) => map.ranges[range]?.line ?? 0);
    const noun = lines.length === 1 ? map.numbers : `${map.numbers}s`;
    const head = `  ${sizeWords(bytes).padStart(SIZE_WIDTH)}  `;
    return wrapProse(`${noun} ${listOf(lines)}: ${text}`, head);
  });
  const dangers = risks.flatMap(({ first, end, risk }) => {
    const head = `  ${sizeWords(end - first).padStart(SIZE_WIDTH)}  `;
    const text = risk === "not-mapped"
      ? "handed out, but no page table maps it: to touch it is a fault"
      : "handed out, but vmalloc gives the same addresses to other pages";
    return wrapProse(`${hexAddress(first)} to ${hexAddress(end)}: ${text}`, head);
  });
  return [
    ...(losses.length === 0 ? [] : [paint.bold("lost"), ...losses]),
    ...(losses.length > 0 && dangers.length > 0 ? [""] : []),
    ...(dangers.length === 0 ? [] : [paint.bold("at risk"), ...dangers]),
  ];
}

const MOST_NUMBERS = 8;

/** Numbers, the first of them if they are many. */
function listOf(numbers: readonly number[]): string {
  if (numbers.length <= MOST_NUMBERS) return numbers.join(", ");
  return `${numbers.slice(0, MOST_NUMBERS).join(", ")} and ${numbers.length - MOST_NUMBERS} more`;
}

function noteLines(verdicts: readonly BootVerdict[], paint: Paint): string[] {
  const map = verdicts[0]?.map;
  if (map === undefined) return [];
  const ofMap = map.notes.map(({ line, text }) => `${map.numbers} ${line}: ${text}`);
  const notes = [...new Set([...verdicts.flatMap((verdict) => verdict.notes), ...ofMap])];
  if (notes.length === 0) return [];
  return ["", paint.bold("notes"), ...notes.flatMap((note) => wrapProse(note, "  "))];
}
