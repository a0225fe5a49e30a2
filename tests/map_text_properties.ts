/**
 * What must hold of memory maps from text, whatever the text.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  memoryMapOfText,
  normalizeRanges,
  type ParsedMap,
  parseMemoryMapText,
  type RangeKind,
} from "../src/memory/map_text/mod.ts";
import type { PrintedMap } from "./map_text_arbitrary.ts";

/** Ascending e820 types; written down once more, to have a second opinion. */
const RANKS: readonly RangeKind[] = [
  "ram",
  "reserved",
  "mmio",
  "acpi",
  "nvs",
  "unusable",
  "persistent",
  "soft-reserved",
];

/** A printed map is read back exactly. */
export function checkPrintedMap({ format, ranges, text }: PrintedMap): void {
  const map = parseMemoryMapText(text);
  assertEquals(map.format, format);
  const found = map.ranges.map(({ first, size, kind }) => ({ first, end: first + size, kind }));
  assertEquals(found, [...ranges]);
}

/** The kind of an address by looking at every range: the highest of those that hold it. */
function kindAt(map: Pick<ParsedMap, "ranges">, address: bigint): RangeKind | undefined {
  const kinds = map.ranges
    .filter(({ first, size }) => first <= address && address < first + size)
    .map(({ kind }) => RANKS.indexOf(kind));
  return kinds.length === 0 ? undefined : RANKS[Math.max(...kinds)];
}

/** A normalized map is in order, and agrees at every edge with a look at all ranges. */
export function checkNormalized(map: ParsedMap): void {
  const { ranges } = normalizeRanges(map);
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next === undefined) continue;
    const end = range.first + range.size;
    assert(end < next.first || (end === next.first && range.kind !== next.kind), "out of order");
  }
  const edges = map.ranges.flatMap(({ first, size }) => [first, first + size]);
  for (const edge of edges) {
    for (const address of [edge - 1n, edge]) {
      const found = ranges.find(({ first, size }) => first <= address && address < first + size);
      assertEquals(found?.kind, kindAt(map, address), `at ${address.toString(16)}`);
    }
  }
  assertEquals(memoryMapOfText(map).ranges.length, ranges.length);
}

function lineNumbersIn(message: string): number[] {
  return [...message.matchAll(/\blines? (\d+)/g)].map((match) => Number(match[1]));
}

function checkMap(map: ParsedMap, lineCount: number): void {
  assert(map.ranges.some(({ kind }) => kind === "ram"), "no RAM");
  for (const { first, size, line } of map.ranges) {
    assert(first >= 0n && size > 0n && first + size <= 2n ** 64n, "a range outside 64 bits");
    assert(line >= 1 && line <= lineCount, `no line ${line}`);
  }
  for (const { line, text } of map.notes) {
    assert(line >= 1 && line <= lineCount, `no line ${line}`);
    assert(!/[\p{Cc}\p{Cs}<>]/u.test(text), `not escaped: ${text}`);
  }
  checkNormalized(map);
}

/**
 * Any text gives a sound map, or a `SyntaxError` that names a line of it.
 *
 * @returns whether it was a map
 */
export function checkAnyText(text: string): boolean {
  const lineCount = text.split("\n").length;
  let map: ParsedMap;
  try {
    map = parseMemoryMapText(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    assert(error.message.startsWith("Cannot read the memory map: "), error.message);
    assert(!/[\p{Cc}\p{Cs}<>]/u.test(error.message), `not escaped: ${error.message}`);
    // Quoted text may speak of lines as well; the first one is ours.
    const [line] = lineNumbersIn(error.message);
    assert(line !== undefined && line >= 1 && line <= lineCount, `no such line: ${error.message}`);
    return false;
  }
  checkMap(map, lineCount);
  return true;
}
