/**
 * Memory maps from text of any of the formats, recognised by what its lines look like.
 *
 * @module
 */

import { notesOnRanges } from "./check.ts";
import { isDeviceTree, readDeviceTree } from "./device_tree.ts";
import { e820Reader } from "./e820.ts";
import { efiReader } from "./efi.ts";
import { iomemReader } from "./iomem.ts";
import type { FoundMap, MapReader } from "./map_reader.ts";
import { nodeRangesReader } from "./node_ranges.ts";
import { plainReader } from "./plain.ts";
import {
  forEachLine,
  isTooLong,
  lineError,
  longLineError,
  type SourceLine,
} from "./source_line.ts";
import {
  type MapFormat,
  type MapNote,
  MAX_MAP_TEXT_LENGTH,
  type ParsedMap,
  type TextRange,
} from "./text_range.ts";

/** The readers of a format that go by lines; the device tree has another one, for its source. */
function readersOf(format: MapFormat | "any"): MapReader[] {
  switch (format) {
    case "any":
      return [e820Reader(), efiReader(), iomemReader(), nodeRangesReader()];
    case "e820":
      return [e820Reader()];
    case "efi":
      return [efiReader()];
    case "iomem":
      return [iomemReader()];
    case "device-tree":
      return [nodeRangesReader()];
    case "plain":
      return [];
  }
}

const HEX_RANGE = /^\s{0,64}(?:0x)?[0-9a-f]{1,64}\s?-/i;

/** Whether a line that was cut off looks like a part of a map, and not like a long line of a log. */
function isPartOfMap(source: SourceLine): boolean {
  const { text } = source;
  return text.includes("[mem ") || text.includes("BIOS-e820") || text.includes("range=[") ||
    HEX_RANGE.test(text);
}

/** The colours that `dmesg` and `journalctl` put on a terminal. */
const COLOURS = /\p{Cc}\[[0-9;]{0,32}m/gu;

function withoutColours(source: SourceLine): SourceLine {
  const { text } = source;
  return text.includes("\u001b[") ? { ...source, text: text.replace(COLOURS, "") } : source;
}

/** The shortest line of any format but the plain one. */
const SHORTEST_LINE = "0-0 : ram".length;

/** Gives each line to the first reader that takes it. */
function readLines(text: string, readers: readonly MapReader[]): void {
  forEachLine(text, (source) => {
    if (source.length < SHORTEST_LINE) return;
    if (isTooLong(source)) {
      if (isPartOfMap(source)) throw longLineError(source);
      return;
    }
    const plainSource = withoutColours(source);
    readers.some((reader) => reader.read(plainSource));
  });
}

function readPlain(text: string): FoundMap[] {
  const reader = plainReader();
  forEachLine(text, (source) => reader.read(source));
  const found = reader.found();
  return found === null ? [] : [found];
}

/**
 * The maps of a text, the one to use first: e820, EFI, `/proc/iomem`, node ranges. A device tree source
 * is nothing else, and a plain list is only looked for where there is none of these.
 */
function findMaps(text: string, format: MapFormat | "any"): FoundMap[] {
  const readers = readersOf(format);
  // In a device tree source, lines of its comments and strings are no map.
  if ((format === "any" || format === "device-tree") && isDeviceTree(text)) {
    return [readDeviceTree(text)];
  }
  if (readers.length > 0) readLines(text, readers);
  const found = readers.map((reader) => reader.found()).filter((map) => map !== null);
  return found.length === 0 && (format === "any" || format === "plain") ? readPlain(text) : found;
}

function sourceOf(range: TextRange): SourceLine {
  return { number: range.line, text: range.text, length: range.text.length };
}

function noteOnOther(other: FoundMap, used: FoundMap): MapNote {
  return {
    line: other.line,
    severity: "note",
    text:
      `${other.name} begins here and is left out; ${used.name} at line ${used.line} goes first, ` +
      `unless the format ${other.format} is asked for`,
  };
}

function checkedMap(maps: readonly FoundMap[], format: MapFormat | "any"): FoundMap {
  const [used] = maps;
  if (used === undefined) {
    const what = format === "any" ? "memory map" : `memory map of the format ${format}`;
    throw new SyntaxError(
      `Cannot read the memory map: the text holds no ${what} from line 1 on; expected e820 lines of a ` +
        "kernel log, /proc/iomem, an EFI memory map, a device tree, or lines START-END TYPE",
    );
  }
  if (used.problem !== null) throw used.problem;
  const [first] = used.ranges;
  if (first === undefined) {
    throw new SyntaxError(
      `Cannot read the memory map: ${used.name} from line ${used.line} on has no ranges; ` +
        "expected at least one range of RAM",
    );
  }
  if (!used.ranges.some((range) => range.kind === "ram")) {
    const last = used.ranges.at(-1)?.line ?? first.line;
    throw lineError(
      sourceOf(first),
      `begins a map without RAM, which ends at line ${last}`,
      "expected at least one range of RAM",
    );
  }
  return used;
}

/**
 * Reads a memory map from text. The format is recognised: e820 entries in the messages of a kernel or a
 * firmware in all their spellings, EFI memory maps, `/proc/iomem`, the memory nodes of a device tree
 * source, the node ranges that a kernel reports, and plain lists `START-END TYPE`.
 *
 * Time stamps, host names, comments and all other lines of a log do not matter. Of several maps in a text
 * the first of this list is used, and a note names the others. The ranges stay in the order of the text,
 * unaligned and overlapping as they are, because the guests' boot code walks them so; the notes say what
 * is odd about them. {@linkcode normalizeRanges} puts them in order.
 *
 * @param text the text, at most 64 Mi characters
 * @param format the format to read; recognised if not given
 * @returns the map, with at least one range of RAM
 * @throws {SyntaxError} if there is no map, it has no RAM, one of its lines cannot be read, or it is too
 * large; the message names the line
 *
 * @example The map of a small virtual machine
 * ```ts
 * import { parseMemoryMapText } from "@buddyscope/sim";
 * import { assertEquals } from "@std/assert";
 *
 * const map = parseMemoryMapText(`
 * [    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
 * [    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved
 * `);
 * assertEquals(map.format, "e820");
 * assertEquals(map.ranges.map((range) => range.kind), ["ram", "reserved"]);
 * ```
 */
export function parseMemoryMapText(text: string, format?: MapFormat): ParsedMap {
  if (text.length > MAX_MAP_TEXT_LENGTH) {
    throw new SyntaxError(
      `Cannot read the memory map: the text from line 1 on has ${text.length} characters; ` +
        `expected at most ${MAX_MAP_TEXT_LENGTH}`,
    );
  }
  const maps = findMaps(text, format ?? "any");
  const used = checkedMap(maps, format ?? "any");
  const notes = [
    ...used.notes,
    ...maps.filter((map) => map !== used).map((other) => noteOnOther(other, used)),
    ...notesOnRanges(used.ranges),
  ];
  notes.sort((one, other) => one.line - other.line);
  return { format: used.format, ranges: used.ranges, notes };
}
