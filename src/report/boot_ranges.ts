/**
 * The lines of a memory map, and what became of each.
 *
 * @module
 */

import { bytesOf } from "./boot_report.ts";
import type { BootVerdict, RamPart } from "./boot_report.ts";
import { sizeWords } from "./size_words.ts";
import { hexAddress, padRight, widthOf } from "./columns.ts";
import type { Paint } from "./paint.ts";

/** No longer table is read. */
const MOST_ROWS = 64;

/** What RAM became, in a few words. */
function wordsFor({ areas }: BootVerdict, { use, area }: RamPart): string {
  const name = areas.find((one) => one.area === area)?.name ?? "";
  const title = `area ${area}${name === "" ? "" : ` ${name}`}`;
  switch (use) {
    case "usable":
      return title;
    case "page-states":
      return `page states of ${title}`;
    case "image":
      return "image and below";
    case "early":
      return "early allocator";
    case "lost":
      return "lost";
  }
}

/**
 * What became of a range: sizes with words, in the order of the addresses; equal ones are one.
 *
 * @param verdict the verdict
 * @param parts the RAM of the range
 * @returns such as `1 MiB lost`
 */
export function fatesOfRange(verdict: BootVerdict, parts: readonly RamPart[]): string[] {
  const sizes = new Map<string, bigint>();
  for (const part of parts) {
    const words = wordsFor(verdict, part);
    sizes.set(words, (sizes.get(words) ?? 0n) + bytesOf([part]));
  }
  return [...sizes].map(([words, bytes]) =>
    sizes.size === 1 ? words : `${sizeWords(bytes)} ${words}`
  );
}

/**
 * A table of the map: each range with its line, and below each other what its parts became. Of a long map
 * the ranges with RAM go first.
 *
 * @param verdict the verdict
 * @param paint the colours
 * @returns the lines
 */
export function boundedRows(verdict: BootVerdict, paint: Paint): string[] {
  const { map, parts } = verdict;
  const byRange = Map.groupBy(parts, ({ range }) => range);
  const all = map.ranges.map((range, index) => ({ range, index }));
  const ram = all.filter(({ range }) => range.kind === "ram");
  const shown = all.length <= MOST_ROWS ? all : ram.slice(0, MOST_ROWS);
  const rows = shown.flatMap(({ range, index }) => {
    const fates = fatesOfRange(verdict, byRange.get(index) ?? []);
    const [first = "-", ...more] = fates;
    const end = range.first + range.size;
    const head = [
      String(range.line),
      hexAddress(range.first),
      hexAddress(end),
      sizeWords(range.size),
      range.efiType ?? range.kind,
    ];
    return [[...head, first], ...more.map((fate) => ["", "", "", "", "", fate])];
  });
  const left = all.length - shown.length;
  return [
    paint.bold("memory map"),
    ...columns([[map.numbers, "from", "to", "size", "type", "became"], ...rows]),
    ...(left === 0 ? [] : [`  and ${left} ${map.numbers}s more`]),
  ];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? "")), 0)
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 4 ? cell.padStart(width) : padRight(cell, width);
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
}
