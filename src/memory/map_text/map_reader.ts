/**
 * What the readers of the formats have in common: a reader takes the lines of its format and collects
 * ranges, notes and the first thing that was wrong.
 *
 * @module
 */

import { lineError, quoteText, type SourceLine } from "./source_line.ts";
import type { AddressSpan } from "./span.ts";
import {
  type EfiType,
  type MapFormat,
  type MapNote,
  MAX_MAP_RANGES,
  type RangeKind,
  type TextRange,
} from "./text_range.ts";

/** A map that a reader found. */
export interface FoundMap {
  /** The format. */
  readonly format: MapFormat;
  /** What it is, in words, such as "the EFI memory map". */
  readonly name: string;
  /** The ranges, in the order of the text. */
  readonly ranges: readonly TextRange[];
  /** The notes of the reader. */
  readonly notes: readonly MapNote[];
  /** The first thing that was wrong; null if all could be read. */
  readonly problem: SyntaxError | null;
  /** The first line of the map. */
  readonly line: number;
}

/** Takes the lines of one format out of a text. */
export interface MapReader {
  /** Looks at a line; the line is of its format if it returns true. */
  read(source: SourceLine): boolean;
  /** The map that the lines make up; null if no line was of its format. */
  found(): FoundMap | null;
}

/** A map that is being read. */
export interface MapDraft {
  /** The first line of the map. */
  readonly line: number;
  /** The ranges so far. */
  readonly ranges: TextRange[];
  /** The notes so far. */
  readonly notes: MapNote[];
  /** The first thing that was wrong. */
  problem: SyntaxError | null;
}

/**
 * Begins a map.
 *
 * @param source its first line
 * @returns the draft, without ranges
 */
export function newDraft(source: SourceLine): MapDraft {
  return { line: source.number, ranges: [], notes: [], problem: null };
}

/** What a range is, apart from where it lies. */
export interface RangeFacts {
  /** The kind. */
  readonly kind: RangeKind;
  /** The type of its EFI descriptor. */
  readonly efiType?: EfiType;
  /** The attributes of its EFI descriptor. */
  readonly attributes?: readonly string[];
}

/**
 * Makes a range that came from a line.
 *
 * @param source the line
 * @param span where it lies
 * @param facts what it is
 * @returns the range
 */
export function rangeOfLine(source: SourceLine, span: AddressSpan, facts: RangeFacts): TextRange {
  return {
    first: span.first,
    size: span.size,
    ...facts,
    line: source.number,
    text: source.text.trim(),
  };
}

/**
 * Makes a note about a line, with the line quoted.
 *
 * @param source the line
 * @param severity how serious it is
 * @param text a sentence without its period
 * @returns the note
 */
export function noteOfLine(
  source: SourceLine,
  severity: MapNote["severity"],
  text: string,
): MapNote {
  return { line: source.number, severity, text: `${text}: ${quoteText(source.text)}` };
}

/**
 * Adds the range of a line to a map; an empty one is left out with a note.
 *
 * @param draft the map
 * @param source the line
 * @param span where the range lies; null if it is empty
 * @param facts what it is
 * @throws {SyntaxError} if the map has too many ranges
 */
export function addRange(
  draft: MapDraft,
  source: SourceLine,
  span: AddressSpan | null,
  facts: RangeFacts,
): void {
  if (span === null) {
    addNote(draft, noteOfLine(source, "warning", "the range is empty and left out"));
    return;
  }
  if (draft.ranges.length >= MAX_MAP_RANGES) {
    throw lineError(
      source,
      `is one range more than the ${MAX_MAP_RANGES} that a map may have`,
      "leave out what is not needed, or join neighbours",
    );
  }
  draft.ranges.push(rangeOfLine(source, span, facts));
}

/** The most notes of one sort about a map; one more says that there are more. */
export const MAX_NOTES = 64;

/**
 * Adds a note to a map, unless it has a great many already.
 *
 * @param draft the map
 * @param note the note
 */
export function addNote(draft: Pick<MapDraft, "notes">, note: MapNote): void {
  if (draft.notes.length < MAX_NOTES) draft.notes.push(note);
  else if (draft.notes.length === MAX_NOTES) {
    draft.notes.push({ ...note, text: "there is more to say about this and later lines" });
  }
}

/**
 * Keeps the first error of reading a line in the map, so that a map that is not used in the end does no
 * harm.
 *
 * @param draft the map
 * @param read what reads the line
 */
export function keepProblem(draft: MapDraft, read: () => void): void {
  if (draft.problem !== null) return;
  try {
    read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    draft.problem = error;
  }
}

/**
 * Makes the found map of a draft.
 *
 * @param draft the map
 * @param format its format
 * @param name what it is, in words
 * @returns the found map
 */
export function foundOf(draft: MapDraft, format: MapFormat, name: string): FoundMap {
  const { ranges, notes, problem, line } = draft;
  return { format, name, ranges, notes, problem, line };
}
