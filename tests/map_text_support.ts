/**
 * What the tests of memory maps from text have in common.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type MapFormat,
  type ParsedMap,
  parseMemoryMapText,
  type TextRange,
} from "../src/memory/map_text/mod.ts";

/** A range as text: `0x0-0x9fc00 ram`, and for EFI maps its type and attributes. */
export function tellRange(range: Pick<TextRange, "first" | "size" | "kind">): string {
  const end = range.first + range.size;
  return `0x${range.first.toString(16)}-0x${end.toString(16)} ${range.kind}`;
}

/** The ranges of a text, after a check of its format. */
export function rangesOf(format: MapFormat, text: string): string[] {
  const map = parseMemoryMapText(text);
  assertEquals(map.format, format);
  return map.ranges.map(tellRange);
}

/** The notes of a map, as `line severity: text`. */
export function tellNotes(map: Pick<ParsedMap, "notes">): string[] {
  return map.notes.map(({ line, severity, text }) => `${line} ${severity}: ${text}`);
}

/** The lines of a text whose notes hold a word. */
export function linesWithNote(text: string, word: string): number[] {
  const notes = parseMemoryMapText(text).notes.filter((note) => note.text.includes(word));
  return notes.map(({ line }) => line);
}

/** Checks that a text cannot be read, and that the message holds some words. */
export function assertUnreadable(text: string, ...words: readonly string[]): void {
  const { message } = assertThrows(() => parseMemoryMapText(text), SyntaxError);
  assert(message.startsWith("Cannot read the memory map: "), message);
  assert(/\blines? \d/.test(message), `no line in: ${message}`);
  assert(!/[\p{Cc}<>]/u.test(message), `not escaped: ${message}`);
  for (const word of words) assert(message.includes(word), `no "${word}" in: ${message}`);
}
