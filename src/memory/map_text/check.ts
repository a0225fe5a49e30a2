/**
 * What is odd about the ranges of a map: their order, overlaps, and edges inside a page.
 *
 * @module
 */

import { addNote } from "./map_reader.ts";
import { endOfTextRange, hexText, type MapNote, type TextRange } from "./text_range.ts";

/** The smallest page of all architectures, in bytes. */
const SMALLEST_PAGE = 0x1000n;

interface Notes {
  readonly notes: MapNote[];
}

function noteOrder(into: Notes, ranges: readonly TextRange[]): void {
  let below = 0;
  let firstLine = 0;
  for (const [index, range] of ranges.entries()) {
    const previous = ranges[index - 1];
    if (previous === undefined || range.first >= previous.first) continue;
    if (below === 0) firstLine = range.line;
    below++;
  }
  if (below === 0) return;
  const times = below === 1 ? "one range lies" : `${below} ranges lie`;
  addNote(into, {
    line: firstLine,
    severity: "note",
    text: `${times} below the one before; the order of the text is kept, as the firmware's own`,
  });
}

function byAddress(one: TextRange, other: TextRange): number {
  if (one.first !== other.first) return one.first < other.first ? -1 : 1;
  return one.line - other.line;
}

function noteOverlaps(into: Notes, ranges: readonly TextRange[]): void {
  let widest: TextRange | undefined;
  for (const range of [...ranges].sort(byAddress)) {
    if (widest !== undefined && range.first < endOfTextRange(widest)) {
      const lower = endOfTextRange(range) < endOfTextRange(widest) ? range : widest;
      addNote(into, {
        line: range.line,
        severity: "warning",
        text: `the range, ${range.kind}, overlaps line ${widest.line}, ${widest.kind}, ` +
          `from ${hexText(range.first)} to ${hexText(endOfTextRange(lower))}`,
      });
    }
    if (widest === undefined || endOfTextRange(range) > endOfTextRange(widest)) widest = range;
  }
}

function noteEdges(into: Notes, ranges: readonly TextRange[]): void {
  for (const range of ranges) {
    const end = endOfTextRange(range);
    if (range.kind !== "ram") continue;
    if (range.first % SMALLEST_PAGE === 0n && end % SMALLEST_PAGE === 0n) continue;
    addNote(into, {
      line: range.line,
      severity: "note",
      text: `RAM from ${hexText(range.first)} to ${hexText(end)} has an edge inside a page; ` +
        "a page allocator uses whole pages only",
    });
  }
}

/**
 * Finds what is odd about the ranges of a map.
 *
 * @param ranges the ranges, in the order of the text
 * @returns the notes
 */
export function notesOnRanges(ranges: readonly TextRange[]): MapNote[] {
  return [noteOrder, noteOverlaps, noteEdges].flatMap((find) => {
    const into: Notes = { notes: [] };
    find(into, ranges);
    return into.notes;
  });
}
